"""The standard configuration keys of 1.6 (chapter 9, errata 3.80 to 3.91, security whitepaper chapter 7), as a table.

Values are text on the wire; a kind says which texts are values.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

MAX_INTEGER: Final = 2**31 - 1
MAX_LENGTH: Final = 500  # CiString500Type (7.19)


class Access(StrEnum):
    """Who may do what over the wire (chapter 9, "Accessibility")."""

    READ = "R"
    WRITE = "W"
    READ_WRITE = "RW"


@dataclass(frozen=True, slots=True)
class Boolean:
    """``true`` or ``false``."""

    def problem(self, text: str) -> str:
        """Return why a text is no value, nothing when it is one."""
        return "" if text.lower() in ("true", "false") else "is neither true nor false"

    def normal(self, text: str) -> str:
        """Return a value as it is kept."""
        return text.lower()


@dataclass(frozen=True, slots=True)
class Integer:
    """A whole number within bounds."""

    minimum: int = 0
    maximum: int = MAX_INTEGER

    def problem(self, text: str) -> str:
        """Return why a text is no value, nothing when it is one."""
        if not re.fullmatch(r"[+-]?[0-9]{1,10}", text):
            return "is no integer"
        return "" if self.minimum <= int(text) <= self.maximum else f"is not from {self.minimum} to {self.maximum}"

    def normal(self, text: str) -> str:
        """Return a value as it is kept."""
        return str(int(text))


@dataclass(frozen=True, slots=True)
class List:
    """A comma separated list; empty when there is nothing in it.

    Args:
        allowed: pattern of one item.
        most: how many items there may be (the key ``…MaxLength``).
    """

    allowed: str
    most: int

    def problem(self, text: str) -> str:
        """Return why a text is no value, nothing when it is one."""
        items = split(text)
        if len(items) > self.most:
            return f"has more than {self.most} items"
        wrong = [item for item in items if not re.fullmatch(self.allowed, item)]
        if wrong:
            return f"has items that are not supported: {', '.join(wrong)}"
        return "names an item twice" if len(set(items)) < len(items) else ""

    def normal(self, text: str) -> str:
        """Return a value as it is kept."""
        return ",".join(split(text))


@dataclass(frozen=True, slots=True)
class Text:
    """Any text.

    Args:
        pattern: what it must look like.
    """

    pattern: str = r"[\s\S]*"

    def problem(self, text: str) -> str:
        """Return why a text is no value, nothing when it is one."""
        return "" if re.fullmatch(self.pattern, text) else "does not have the expected form"

    def normal(self, text: str) -> str:
        """Return a value as it is kept."""
        return text


type Kind = Boolean | Integer | List | Text


@dataclass(frozen=True, slots=True)
class Key:
    """A configuration key.

    Args:
        name: as the specification spells it; compared without regard to case (7.17).
        kind: which texts are values.
        default: of a new charge point.
        access: over the wire.
        reboot: whether a change takes effect with the next boot only (5.3: RebootRequired).
    """

    name: str
    kind: Kind
    default: str
    access: Access = Access.READ_WRITE
    reboot: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a charge point its keys depend on.

    Args:
        connectors: how many it has.
        phases: of its grid connection.
        tethered: its cables are fixed (errata 3.84, 3.85).
        measurands: what its meters measure.
        profiles: SupportedFeatureProfiles.
        list_size, list_message_size: identifiers that fit in the local list and in one message.
        stack_levels, schedule_periods, charging_profiles: limits of smart charging (9.4).
        stop_values: meter values that fit in a StopTransaction (errata 3.91).
        security_profile: in use.
    """

    connectors: int
    phases: int
    tethered: bool
    measurands: tuple[str, ...]
    profiles: tuple[str, ...]
    list_size: int = 1000
    list_message_size: int = 200
    stack_levels: int = 99
    schedule_periods: int = 1024
    charging_profiles: int = 100
    stop_values: int = 500
    security_profile: int = 0


_ROTATIONS: Final = "NotApplicable|Unknown|RST|RTS|SRT|STR|TRS|TSR"
_ENERGY: Final = "Energy.Active.Import.Register"
_PHASED: Final = ("Current.Import", "Voltage")


def split(text: str) -> tuple[str, ...]:
    """Return the items of a comma separated list."""
    return tuple(item.strip() for item in text.split(",") if item.strip())


@cache
def standard_keys(facts: Facts) -> tuple[Key, ...]:
    """Return the keys of a charge point, in the order of chapter 9."""
    read, write = Access.READ, Access.WRITE
    measurands = _measurands(facts)
    numbers = "|".join(map(str, range(facts.connectors + 1)))
    rotations = List(rf"({numbers})\.({_ROTATIONS})", facts.connectors + 1)
    rotation = "RST" if facts.phases == 3 else "NotApplicable"
    unlock = Access.READ if facts.tethered else Access.READ_WRITE
    return (
        # 9.1 Core
        Key("AllowOfflineTxForUnknownId", Boolean(), "false"),
        Key("AuthorizationCacheEnabled", Boolean(), "true"),
        Key("AuthorizeRemoteTxRequests", Boolean(), "true"),
        Key("ClockAlignedDataInterval", Integer(0, 86_400), "0"),
        Key("ConnectionTimeOut", Integer(), "60"),
        Key("ConnectorPhaseRotation", rotations, ",".join(f"{number}.{rotation}" for number in range(1, facts.connectors + 1))),
        Key("ConnectorPhaseRotationMaxLength", Integer(), str(facts.connectors + 1), read),
        Key("GetConfigurationMaxKeys", Integer(1), "100", read),
        Key("HeartbeatInterval", Integer(1), "86400"),
        Key("LocalAuthorizeOffline", Boolean(), "true"),
        Key("LocalPreAuthorize", Boolean(), "false"),
        Key("MaxEnergyOnInvalidId", Integer(), "0"),
        Key("MessageTimeout", Integer(1), "30"),
        *_sampled("MeterValuesAlignedData", measurands, _ENERGY),
        *_sampled("MeterValuesSampledData", measurands, _ENERGY),
        Key("MeterValueSampleInterval", Integer(), "60"),
        Key("MinimumStatusDuration", Integer(), "0"),
        Key("NumberOfConnectors", Integer(1), str(facts.connectors), read),
        Key("ResetRetries", Integer(), "1"),
        Key("StopTransactionMaxMeterValues", Integer(2), str(facts.stop_values), read),
        Key("StopTransactionOnEVSideDisconnect", Boolean(), "true"),
        Key("StopTransactionOnInvalidId", Boolean(), "true"),
        *_sampled("StopTxnAlignedData", measurands, ""),
        *_sampled("StopTxnSampledData", measurands, ""),
        Key("SupportedFeatureProfiles", List(r"\w+", 6), ",".join(facts.profiles), read),
        Key("TransactionMessageAttempts", Integer(1), "3"),
        Key("TransactionMessageRetryInterval", Integer(), "60"),
        Key("UnlockConnectorOnEVSideDisconnect", Boolean(), "false" if facts.tethered else "true", unlock),
        Key("WebSocketPingInterval", Integer(), "0", reboot=True),
        # 9.2 Local Auth List Management
        Key("LocalAuthListEnabled", Boolean(), "true"),
        Key("LocalAuthListMaxLength", Integer(), str(facts.list_size), read),
        Key("SendLocalListMaxLength", Integer(), str(facts.list_message_size), read),
        # 9.4 Smart Charging
        Key("ChargeProfileMaxStackLevel", Integer(), str(facts.stack_levels), read),
        Key("ChargingScheduleAllowedChargingRateUnit", List("Current|Power", 2), "Current,Power", read),
        Key("ChargingScheduleMaxPeriods", Integer(1), str(facts.schedule_periods), read),
        Key("ConnectorSwitch3to1PhaseSupported", Boolean(), "true" if facts.phases == 3 else "false", read),
        Key("MaxChargingProfilesInstalled", Integer(1), str(facts.charging_profiles), read),
        # Security whitepaper, chapter 7
        Key("AuthorizationKey", Text("([0-9A-Fa-f]{2}){16,20}|.{16,40}"), "", write),
        Key("CpoName", Text(), ""),
        Key("SecurityProfile", Integer(0, 3), str(facts.security_profile)),
    )


def _measurands(facts: Facts) -> List:
    """Measurands, each phase of some by itself, too (9.1.17: ``Voltage.L1``)."""
    names = "|".join(re.escape(name) for name in facts.measurands)
    phased = "|".join(re.escape(name) for name in _PHASED if name in facts.measurands)
    by_phase = rf"|({phased})\.L[1-{facts.phases}](-N)?" if phased else ""
    return List(f"{names}{by_phase}", 20)


def _sampled(name: str, kind: List, default: str) -> tuple[Key, Key]:
    return Key(name, kind, default), Key(f"{name}MaxLength", Integer(), str(kind.most), Access.READ)
