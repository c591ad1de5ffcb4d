"""Core profile: boot, and what a charge point may say before it is accepted."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import StationOperator, StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import connectors_reported


@case("TC_001_CS", verifies="OCPP-1.6#4.2.boot OCPP-1.6#4.2.status")
async def test_cold_boot(station: StationUnderTest, operator: StationOperator) -> None:
    """A charge point that is given power announces itself, then reports itself and every connector."""
    await operator.power_cycle()
    with requirement("OCPP-1.6#4.2.boot", hard=True):
        boot = await station.expect("BootNotification", within=station.pixit.reboot)
        assert boot.chargePointModel
        assert boot.chargePointVendor
    with requirement("OCPP-1.6#4.2.status"):
        await connectors_reported(station)
