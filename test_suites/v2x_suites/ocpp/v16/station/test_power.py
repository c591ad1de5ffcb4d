"""Core profile: power failures."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import Session, connectors_reported, told


@case("TC_032_2_CS", verifies="OCPP-1.6#4.2.boot OCPP-1.6#4.10.stop OCPP-1.6#4.10.reason")
async def test_power_failure_while_charging(charging: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """A transaction that a power failure ended is told of, with that reason, before the power goes or when it is back."""
    await operator.power_cycle()
    within = station.pixit.reboot + station.pixit.settle
    with requirement("OCPP-1.6#4.2.boot", "OCPP-1.6#4.10.stop", hard=True):
        _, stop = await station.expect_all("BootNotification", "StopTransaction", within=within)
        assert stop.transactionId == charging.transaction_id
        assert stop.meterStop >= charging.meter_start
    with requirement("OCPP-1.6#4.10.reason"):
        assert stop.reason == "PowerLoss"


@case("TC_034_CS", verifies="OCPP-1.6#5.2.answer OCPP-1.6#4.2.boot OCPP-1.6#5.2.persistent OCPP-1.6#5.2.told")
async def test_power_failure_while_unavailable(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator) -> None:
    """A connector that was made unavailable still is when the power is back."""
    with requirement("OCPP-1.6#5.2.answer", hard=True):
        answer = await csms.call("ChangeAvailability", connectorId=1, type="Inoperative")
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#5.2.told"):
        await told(station, "Unavailable")
    await operator.power_cycle()
    with requirement("OCPP-1.6#4.2.boot", hard=True):
        await station.expect("BootNotification", within=station.pixit.reboot)
    with requirement("OCPP-1.6#5.2.persistent"):
        await connectors_reported(station, but={1: "Unavailable"})
    await csms.call("ChangeAvailability", connectorId=1, type="Operative")
