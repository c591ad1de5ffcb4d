"""Core profile: boot, and what a charge point may say before it is accepted."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import connected, connectors_reported, unanswered

# Clocks of products are read to the second: an interval may seem so much shorter (s).
_TOLERANCE = 1.0


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


@case(
    "TC_002_CS",
    verifies="OCPP-1.6#4.2.boot OCPP-1.6#4.2.pending-answers OCPP-1.6#4.2.pending-silent OCPP-1.6#4.2.boot-interval "
    "OCPP-1.6#4.2.status",
)
async def test_pending_boot(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator) -> None:
    """A pending charge point answers, says nothing by itself, and boots again when its interval is over."""
    interval = station.pixit.interval
    await csms.set_boot("Pending", interval)
    await operator.power_cycle()
    with requirement("OCPP-1.6#4.2.boot", hard=True):
        pending = await station.answered(await station.expect("BootNotification", within=station.pixit.reboot))
    with requirement("OCPP-1.6#4.2.pending-silent"):
        await station.stays_quiet(for_=interval / 2)
    await csms.set_boot("Accepted")
    with requirement("OCPP-1.6#4.2.pending-answers"):
        answer = await csms.call("GetConfiguration", key=["HeartbeatInterval"])
        assert answer.kind == "CALLRESULT"
        assert answer.configurationKey[0].key == "HeartbeatInterval"
    with requirement("OCPP-1.6#4.2.boot-interval", hard=True):
        again = await station.expect("BootNotification", within=interval + station.pixit.settle)
        assert again.t - pending.t >= interval - _TOLERANCE, "the interval of the pending boot was not kept"
    with requirement("OCPP-1.6#4.2.status"):
        await connectors_reported(station)


@case(
    "V2X_BOOT_REJECTED_CS",
    verifies="OCPP-1.6#4.2.boot OCPP-1.6#4.2.rejected-deaf OCPP-1.6#4.2.rejected-silent OCPP-1.6#4.2.boot-interval "
    "OCPP-1.6#4.2.status",
)
async def test_rejected_boot(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, link: Tap) -> None:
    """A rejected charge point neither answers nor says anything before its interval is over; then it boots again."""
    interval = station.pixit.interval
    await csms.set_boot("Rejected", interval)
    await operator.power_cycle()
    with requirement("OCPP-1.6#4.2.boot", hard=True):
        rejected = await station.answered(await station.expect("BootNotification", within=station.pixit.reboot))
    with requirement("OCPP-1.6#4.2.rejected-silent"):
        await station.stays_quiet(for_=interval / 4)
    with requirement("OCPP-1.6#4.2.rejected-deaf"):
        # It may have closed the connection; then there is nobody to answer.
        if connected(station):
            await link.inject("station", '[2,"v2x-rejected","GetConfiguration",{"key":["HeartbeatInterval"]}]')
        await unanswered(station, "v2x-rejected", interval / 4)
    await csms.set_boot("Accepted")
    with requirement("OCPP-1.6#4.2.boot-interval"):
        again = await station.expect("BootNotification", within=interval + station.pixit.settle)
        assert again.t - rejected.t >= interval - _TOLERANCE, "the interval of the rejected boot was not kept"
    with requirement("OCPP-1.6#4.2.status"):
        await connectors_reported(station)
