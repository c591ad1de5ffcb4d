"""The firmware of the reference charge point, OCPP 1.6J.

It is a tower of layers on the core of the station (`v2x_architecture.ocpp.station`), each in a file of its own:

    Base16           configuration, connector numbers, boot, heartbeat, authorization    base.py
    Statuses16       StatusNotification, availability                                    status.py
    Reporting16      StartTransaction, MeterValues, StopTransaction                      reporting.py
    Core16           the central system's operations of the Core profile                 core.py
    LocalList16      Local Authorization List Management                                 local_list.py
    SmartCharging16  Smart Charging                                                      smart.py
    Triggers16       Remote Trigger                                                      triggers.py
    Firmware16       what the security whitepaper adds                                   station.py

Firmware Management and Reservation are not among its feature profiles; their messages are answered NotSupported.
"""

from __future__ import annotations

import re
from typing import Final, override

import msgspec

from v2x_architecture.ocpp.station.firmware import BootCause
from v2x_architecture.ocpp.station.link import ConnectionProfile
from v2x_architecture.ocpp.v16.messages import Json, timestamp
from v2x_architecture.ocpp.v16.triggers import Triggers16

_SECURES_CONNECTION: Final = ("AuthorizationKey", "SecurityProfile")


class Firmware16(Triggers16):
    """Adds the password and profile of a secured connection, and security events (security whitepaper A01, A04, A05)."""

    # -- connection ----------------------------------------------------------------------------------------------------------

    @override
    def connection_profile(self, attempt: int) -> ConnectionProfile:
        """Return where to connect; the password is AuthorizationKey, once there is one (A01.FR.01)."""
        profile = super().connection_profile(attempt)
        key = self.configuration.text("AuthorizationKey")
        return msgspec.structs.replace(profile, password=password_of(key)) if key else profile

    @override
    def refuses_value(self, name: str, value: str) -> bool:
        """Refuse to lower the security profile, or to raise it to one that lacks what it needs (A05.FR.01, whitepaper 7.6)."""
        if name == "SecurityProfile" and value.isdigit():
            return int(value) <= self.configuration.integer(name) or not self.can_secure(int(value))
        return super().refuses_value(name, value)

    def can_secure(self, profile: int) -> bool:
        """Whether what a security profile needs is there: a password; TLS; a certificate of its own."""
        password = bool(self.configuration.text("AuthorizationKey") or self.config.password)
        secured = self.config.url.startswith("wss:")
        certificate = self.config.tls is not None and bool(self.config.tls.certificate)
        return {1: password, 2: password and secured, 3: secured and certificate}.get(profile, False)

    @override
    def configured(self, name: str) -> None:
        """Follow a changed key; one that secures the connection makes it anew, once the answer is sent."""
        super().configured(name)
        if name in _SECURES_CONNECTION:
            self.after_answer(self.reconnect)

    def reconnect(self) -> None:
        """Close the connection; it is opened again with what is configured now."""
        if self._link is not None:
            self.spawn(self._link.close())

    # -- security events -----------------------------------------------------------------------------------------------------

    @override
    def accepted(self) -> None:
        """Tell of the start, which is a critical event where the connection is secured (whitepaper chapter 8)."""
        super().accepted()
        if self.configuration.integer("SecurityProfile") > 0:
            self.security_event("StartupOfTheDevice" if self.cause is BootCause.POWER_UP else "ResetOrReboot")

    @override
    def security_event(self, kind: str, info: str = "") -> None:
        """Send SecurityEventNotification, kept until the central system has it (A04.FR.01, A04.FR.02)."""
        payload: Json = {"type": kind[:50], "timestamp": timestamp(self.now())}
        self.outbox.keep("SecurityEventNotification", payload | ({"techInfo": info[:255]} if info else {}))


def password_of(key: str) -> bytes:
    """Return the password that AuthorizationKey stands for: 16 to 20 bytes as hexadecimal digits, or text (whitepaper 7.2)."""
    return bytes.fromhex(key) if re.fullmatch("([0-9A-Fa-f]{2}){16,20}", key) else key.encode()
