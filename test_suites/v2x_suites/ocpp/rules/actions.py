"""Who may send what: the direction of every action, by version."""

from __future__ import annotations

from functools import cache
from typing import Final

from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.versions import Version


def names(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


_BY_BOTH: Final = names("DataTransfer")

_BY_STATION: Final[dict[Version, frozenset[str]]] = {
    "1.6": names("""
        Authorize BootNotification DiagnosticsStatusNotification FirmwareStatusNotification Heartbeat LogStatusNotification
        MeterValues SecurityEventNotification SignCertificate SignedFirmwareStatusNotification StartTransaction
        StatusNotification StopTransaction
    """),
    "2.0.1": names("""
        Authorize BootNotification ClearedChargingLimit FirmwareStatusNotification Get15118EVCertificate GetCertificateStatus
        Heartbeat LogStatusNotification MeterValues NotifyChargingLimit NotifyCustomerInformation NotifyDisplayMessages
        NotifyEVChargingNeeds NotifyEVChargingSchedule NotifyEvent NotifyMonitoringReport NotifyReport
        PublishFirmwareStatusNotification ReportChargingProfiles ReservationStatusUpdate SecurityEventNotification
        SignCertificate StatusNotification TransactionEvent
    """),
}
_NEW_IN_2_1: Final = names("""
    BatterySwap ClosePeriodicEventStream GetCertificateChainStatus NotifyDERAlarm NotifyDERStartStop NotifyPeriodicEventStream
    NotifyPriorityCharging NotifySettlement NotifyWebPaymentStarted OpenPeriodicEventStream PullDynamicScheduleUpdate
    ReportDERControl VatNumberValidation
""")

# What a receiver of that role cannot call "not implemented": the Core profile of 1.6 (3.3), that of certification in 2.0.1.
MANDATORY: Final[dict[tuple[Version, str], frozenset[str]]] = {
    ("1.6", "station"): names("""
        ChangeAvailability ChangeConfiguration ClearCache DataTransfer GetConfiguration RemoteStartTransaction
        RemoteStopTransaction Reset UnlockConnector
    """),
    ("1.6", "csms"): names("""
        Authorize BootNotification DataTransfer Heartbeat MeterValues StartTransaction StatusNotification StopTransaction
    """),
    ("2.0.1", "station"): names("""
        ChangeAvailability GetBaseReport GetVariables RequestStartTransaction RequestStopTransaction Reset SetVariables
        TriggerMessage
    """),
    ("2.0.1", "csms"): names("""
        Authorize BootNotification Heartbeat MeterValues NotifyEvent NotifyReport SecurityEventNotification StatusNotification
        TransactionEvent
    """),
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
