"""Who may send what: the direction of every action, by version."""

from __future__ import annotations

from functools import cache
from typing import Final

from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.versions import Version

_BY_BOTH: Final = frozenset({"DataTransfer"})

_BY_STATION: Final[dict[Version, frozenset[str]]] = {
    "1.6": frozenset(
        "Authorize BootNotification DiagnosticsStatusNotification FirmwareStatusNotification Heartbeat LogStatusNotification "
        "MeterValues SecurityEventNotification SignCertificate SignedFirmwareStatusNotification StartTransaction StatusNotification "
        "StopTransaction".split()
    ),
    "2.0.1": frozenset(
        "Authorize BootNotification ClearedChargingLimit FirmwareStatusNotification Get15118EVCertificate GetCertificateStatus Heartbeat "
        "LogStatusNotification MeterValues NotifyChargingLimit NotifyCustomerInformation NotifyDisplayMessages NotifyEVChargingNeeds "
        "NotifyEVChargingSchedule NotifyEvent NotifyMonitoringReport NotifyReport PublishFirmwareStatusNotification "
        "ReportChargingProfiles ReservationStatusUpdate SecurityEventNotification SignCertificate StatusNotification "
        "TransactionEvent".split()
    ),
}
_NEW_IN_2_1: Final = frozenset(
    "BatterySwap ClosePeriodicEventStream GetCertificateChainStatus NotifyDERAlarm NotifyDERStartStop NotifyPeriodicEventStream "
    "NotifyPriorityCharging NotifySettlement NotifyWebPaymentStarted OpenPeriodicEventStream PullDynamicScheduleUpdate "
    "ReportDERControl VatNumberValidation".split()
)

# What a receiver of that role cannot call "not implemented": the Core profile of 1.6 (3.3), the Core certification profile of 2.0.1.
MANDATORY: Final[dict[tuple[Version, str], frozenset[str]]] = {
    ("1.6", "station"): frozenset(
        "ChangeAvailability ChangeConfiguration ClearCache DataTransfer GetConfiguration RemoteStartTransaction RemoteStopTransaction "
        "Reset UnlockConnector".split()
    ),
    ("1.6", "csms"): frozenset(
        "Authorize BootNotification DataTransfer Heartbeat MeterValues StartTransaction StatusNotification StopTransaction".split()
    ),
    ("2.0.1", "station"): frozenset(
        "ChangeAvailability GetBaseReport GetVariables RequestStartTransaction RequestStopTransaction Reset SetVariables "
        "TriggerMessage".split()
    ),
    ("2.0.1", "csms"): frozenset(
        "Authorize BootNotification Heartbeat MeterValues NotifyEvent NotifyReport SecurityEventNotification StatusNotification "
        "TransactionEvent".split()
    ),
}


@cache
def initiators(version: Version, action: str) -> frozenset[str]:
    """Return the roles that may send this CALL."""
    if action in _BY_BOTH:
        return frozenset({"station", "csms"})
    by_station = _BY_STATION["1.6"] if version == "1.6" else _BY_STATION["2.0.1"]
    if version == "2.1":
        by_station |= _NEW_IN_2_1
    return frozenset({"station"}) if action in by_station else frozenset({"csms"})


@cache
def known_elsewhere(action: str) -> tuple[Version, ...]:
    """Return the versions that have an action of this name."""
    versions: tuple[Version, ...] = ("1.6", "2.0.1", "2.1")
    return tuple(version for version in versions if action in schema.actions(version))


@cache
def close_to(version: Version, action: str) -> str:
    """Return the action that differs from this name only in case or in a ``Request``/``.req`` at its end, or nothing."""
    bare = action.lower().removesuffix("request").removesuffix(".req")
    return next((known for known in schema.actions(version) if known.lower() == bare), "")
