"""The words of 1.6 for what the core of the station says in those of 2.0.1: statuses, reasons, meter values, times."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from v2x_architecture.ocpp.smart_charging import InvalidProfile, instant
from v2x_architecture.ocpp.station.metering import MeterValue, Sample
from v2x_architecture.ocpp.station.model import StopReason, TokenInfo, Trigger

type Json = dict[str, object]

UNKNOWN_TRANSACTION: Final = -1
"""transactionId of messages about a transaction whose StartTransaction was never answered (errata 3.18)."""

ID_TAG_LENGTH: Final = 20
"""Longest idTag (7.28, CiString20Type)."""

MOST_VALUES: Final = 2
"""Meter values of a StopTransaction that are never dropped: begin and end (errata 3.91)."""

TRANSITIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "Available": ("Preparing", "Reserved", "Unavailable", "Faulted"),
    "Preparing": ("Available", "Charging", "SuspendedEV", "SuspendedEVSE", "Finishing", "Faulted"),
    "Charging": ("Available", "SuspendedEV", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"),
    "SuspendedEV": ("Available", "Charging", "SuspendedEVSE", "Finishing", "Unavailable", "Faulted"),
    "SuspendedEVSE": ("Available", "Charging", "SuspendedEV", "Finishing", "Unavailable", "Faulted"),
    "Finishing": ("Available", "Preparing", "Unavailable", "Faulted"),
    "Reserved": ("Available", "Preparing", "Unavailable", "Faulted"),
    "Unavailable": ("Available", "Preparing", "Faulted"),
    "Faulted": (
        "Available",
        "Preparing",
        "Charging",
        "SuspendedEV",
        "SuspendedEVSE",
        "Finishing",
        "Reserved",
        "Unavailable",
    ),
}
"""The status transitions of a connector (4.9, with B6 of errata 3.20), without those that only a charge point without means of
authorization has (A3 to A5, H3 to H5)."""

ERROR_CODES: Final = frozenset(
    {
        "ConnectorLockFailure",
        "GroundFailure",
        "HighTemperature",
        "InternalError",
        "LocalListConflict",
        "NoError",
        "OtherError",
        "OverCurrentFailure",
        "OverVoltage",
        "PowerMeterFailure",
        "PowerSwitchFailure",
        "ReaderFailure",
        "ResetFailure",
        "UnderVoltage",
        "WeakSignal",
    }
)
"""ChargePointErrorCodes that go with the status Faulted (7.6); EVCommunicationError never does (4.9)."""

_REASONS: Final[Mapping[StopReason, str]] = {
    StopReason.DE_AUTHORIZED: "DeAuthorized",
    StopReason.EMERGENCY_STOP: "EmergencyStop",
    StopReason.EV_DISCONNECTED: "EVDisconnected",
    StopReason.LOCAL: "Local",
    StopReason.POWER_LOSS: "PowerLoss",
    StopReason.REBOOT: "Reboot",
    StopReason.REMOTE: "Remote",
}


def transition(old: str, new: str) -> list[str]:
    """Return the statuses to go through from one to another, the new one last (4.9).

    Where the table knows no way from one to the other at once, the shortest way round is taken: a vehicle that is plugged in
    while its connector is made inoperative ends its intended usage (B1) before the connector becomes unavailable (A8).
    """
    if old == new:
        return []
    ways = deque([[old]])
    seen = {old}
    while ways:
        way = ways.popleft()
        for status in TRANSITIONS.get(way[-1], (new,)):
            if status == new:
                return [*way[1:], status]
            if status not in seen:
                seen.add(status)
                ways.append([*way, status])
    raise AssertionError(f"no way leads from {old} to {new}")


def stop_reason(reason: StopReason, trigger: Trigger, reset: str) -> str:
    """Return Reason (7.36).

    Args:
        reason: in the words of 2.0.1.
        trigger: what ended the transaction.
        reset: the type of the reset that is under way.
    """
    if trigger is Trigger.UNLOCK_COMMAND:
        return "UnlockCommand"
    if trigger is Trigger.RESET_COMMAND:
        return f"{reset}Reset"
    return _REASONS.get(reason, "Other")


def timestamp(moment: datetime) -> str:
    """Return a dateTime: UTC, milliseconds (3.15)."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_of(text: object) -> datetime | None:
    """Return a dateTime that came in an answer, None when it cannot be read."""
    try:
        return instant(text) if isinstance(text, str) else None
    except InvalidProfile:
        return None


def token_info(id_tag_info: Mapping[str, object]) -> TokenInfo:
    """Read IdTagInfo (7.27)."""
    return TokenInfo(
        status=str(id_tag_info["status"]),
        group=str(id_tag_info.get("parentIdTag", "")),
        expires=moment_of(id_tag_info.get("expiryDate")),
    )


def register(energy_wh: float) -> int:
    """Return an energy register in whole Wh, as meterStart and meterStop have it."""
    return math.floor(energy_wh + 1e-9)


def meter_value(value: MeterValue, *, measurands: Sequence[str] | None = None) -> Json | None:
    """Return MeterValue (7.33); None when nothing is left of it.

    Args:
        value: samples of one moment.
        measurands: those asked for, some of one phase only (9.1.17: ``Voltage.L1``); None for all.
    """
    samples = [_sampled_value(each) for each in value.samples if measurands is None or _is_asked(each, measurands)]
    return {"timestamp": timestamp(value.at), "sampledValue": samples} if samples else None


def measurand_of(item: str) -> str:
    """Return the measurand of an item of a list: ``Voltage`` of ``Voltage.L1``."""
    name, _, phase = item.rpartition(".")
    return name if phase[:1] == "L" and phase[1:2].isdigit() else item


def thinned(values: Sequence[MeterValue], most: int) -> list[MeterValue]:
    """Return at most so many meter values: every other one in between goes first, begin and end never (errata 3.91)."""
    kept = list(values)
    while len(kept) > max(most, MOST_VALUES):
        surplus = len(kept) - max(most, MOST_VALUES)
        dropped = set(range(1, len(kept) - 1, 2)[:surplus])
        kept = [each for index, each in enumerate(kept) if index not in dropped]
    return kept


def _is_asked(sample: Sample, measurands: Sequence[str]) -> bool:
    phase = sample.phase.partition("-")[0]
    asked = {sample.measurand, f"{sample.measurand}.{sample.phase}", f"{sample.measurand}.{phase}"}
    return not asked.isdisjoint(measurands)


def _sampled_value(sample: Sample) -> Json:
    """Return SampledValue (7.43); frequencies have no unit, which means Hertz (errata 3.86)."""
    told: Json = {"value": _number(sample), "context": sample.context.value, "measurand": sample.measurand}
    if sample.phase:
        told["phase"] = sample.phase
    if sample.location:
        told["location"] = sample.location
    if sample.unit != "Hz":
        told["unit"] = sample.unit
    return told


def _number(sample: Sample) -> str:
    """Return a value as text; registers in whole Wh, so that they agree with meterStart and meterStop."""
    if sample.measurand.endswith(".Register"):
        return str(register(sample.value))
    return f"{sample.value:.3f}".rstrip("0").rstrip(".")
