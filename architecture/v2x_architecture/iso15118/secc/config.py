"""How an SECC behaves, and what it remembers between connections."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Literal

import msgspec

from v2x_architecture.iso15118.charging import Schedule
from v2x_architecture.iso15118.editions import APPLICATIONS, Application
from v2x_architecture.iso15118.services20 import ControlMode, Service


class AddedService(msgspec.Struct, frozen=True, kw_only=True):
    """A value added service of ISO 15118-2 (8.4.3.3 and table 106).

    Attributes:
        id: ServiceID, from 2 on.
        category: ServiceCategory; for another than charging.
        name: ServiceName; None for none.
        free: whether it is free of charge.
        parameters: parameter sets, numbered from 1; of each the names and values.
    """

    id: int
    category: Literal["Internet", "ContractCertificate", "OtherCustom"] = "OtherCustom"
    name: str | None = None
    free: bool = True
    parameters: tuple[dict[str, bool | int | str], ...] = ()


class SeccConfig(msgspec.Struct, frozen=True, kw_only=True):
    """How an SECC behaves.

    Attributes:
        applications: what it speaks, as far as the EVSE and the connection allow it.
        iso20_needs_tls: whether 15118-20 is spoken over TLS 1.3 only ([V2G20-2356]); False to look at EVs without.
        services: value added services of ISO 15118-2.
        din_evse_id: EVSEID of DIN SPEC 70121, at most 32 octets; a zero where there is none ([V2G-DC-876]).
        price_levels: whether schedules of 15118-20 tell price levels; there are EVs that refuse schedules without prices.
        meter_info: whether it tells the meter's register while energy flows.
        standby: whether an EV of 15118-20 may stay without energy for a while ([V2G20-1700]).
        service_renegotiation: whether an EV of 15118-20 may choose its service anew.
        notification_delay_s: NotificationMaxDelay when nothing is the matter (s).
        pace_s: how long it takes for each answer (s).
        patience: by how much the time for the next request is stretched, for an EV that is too slow and is to be seen further.
        close_wait_s: how long it waits for the EV to close the connection after the end (s).
        epoch: wall time (s since 1970-01-01 UTC) at which its clock showed 0.
    """

    applications: tuple[Application, ...] = tuple(APPLICATIONS.values())
    iso20_needs_tls: bool = True
    services: tuple[AddedService, ...] = ()
    din_evse_id: bytes = b"\0"
    price_levels: bool = False
    meter_info: bool = True
    standby: bool = True
    service_renegotiation: bool = True
    notification_delay_s: int = 0
    pace_s: float = 0.0
    patience: float = 1.0
    close_wait_s: float = 5.0
    epoch: float = 0.0


class Paused(msgspec.Struct, frozen=True, kw_only=True):
    """A session that the EV has paused, to be joined again.

    Attributes:
        session_id: 8 octets.
        schedules: that were offered.
        schedule_id: that the EV had chosen.
        offered_at: when the schedules began (s of the SECC's clock).
        service: of 15118-20 that the EV had chosen, and `control`, who decides on the power.
        peer: digest of the certificate that the EV showed; empty where it showed none.
    """

    session_id: bytes
    schedules: tuple[Schedule, ...] = ()
    schedule_id: int | None = None
    offered_at: float = 0.0
    service: Service | None = None
    control: ControlMode | None = None
    peer: bytes = b""


def random_session_id() -> bytes:
    """Return a session id: 8 octets, not all zero."""
    return secrets.token_bytes(7) + bytes((secrets.randbelow(255) + 1,))


class Memory:
    """What an SECC remembers between connections: the session that was paused at it.

    Args:
        new_id: makes session ids.
    """

    def __init__(self, new_id: Callable[[], bytes] = random_session_id) -> None:
        self.new_id = new_id
        self.paused: Paused | None = None

    def join(self, session_id: bytes, peer: bytes = b"") -> Paused | None:
        """Return the paused session of this id, which is not paused any more; None when there is none.

        Args:
            session_id: that the EV asks for.
            peer: digest of the certificate that it shows: a session is its own EV's only ([V2G20-2545]).
        """
        paused, self.paused = self.paused, None
        return paused if paused is not None and (paused.session_id, paused.peer) == (session_id, peer) else None
