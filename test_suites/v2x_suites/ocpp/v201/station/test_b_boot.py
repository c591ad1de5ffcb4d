"""Block B, provisioning: boot, pending and rejected boots, reset."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import connectors_reported, variable


@case("TC_B_01_CS", verifies="B01.FR.01 B01.FR.05 B01.FR.09")
async def test_cold_boot_accepted(station: StationUnderTest, operator: StationOperator) -> None:
    """A station that is given power announces itself, then reports every connector."""
    await operator.power_cycle()
    with requirement("B01.FR.01", hard=True):
        boot = await station.expect("BootNotification", within=station.pixit.reboot)
        assert boot.chargingStation.model
        assert boot.chargingStation.vendorName
    with requirement("B01.FR.09"):
        assert boot.reason == "PowerUp"
    with requirement("B01.FR.05"):
        await connectors_reported(station)


@case("TC_B_02_CS", verifies="B02.FR.01 B02.FR.02 B02.FR.04 B02.FR.05 B02.FR.06 B02.FR.08")
async def test_cold_boot_pending(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator) -> None:
    """A pending station answers what it is asked, starts nothing, says nothing unasked, and boots again after the interval."""
    await csms.set_boot("Pending", interval=station.pixit.interval)
    await operator.power_cycle()
    boot = await station.expect("BootNotification", within=station.pixit.reboot)
    answered = await station.answered(boot)
    with requirement("B02.FR.01"):
        read = await csms.call("GetVariables", getVariableData=[variable("OCPPCommCtrlr", "OfflineThreshold")])
        assert read.getVariableResult[0].attributeStatus == "Accepted"
    with requirement("B02.FR.05"):
        start = await csms.call(
            "RequestStartTransaction",
            override=True,
            remoteStartId=1,
            evseId=1,
            idToken={"idToken": "T1", "type": "ISO14443"},
        )
        assert start.status == "Rejected"
    with requirement("B02.FR.08", "B02.FR.04", hard=True):
        again = await station.expect("BootNotification", within=station.pixit.interval + station.pixit.settle)
        assert again.t - answered.t >= station.pixit.interval - 1.0
    with requirement("B02.FR.02"):
        unasked = [m for m in station.sent() if answered.n < m.n < again.n]
        assert not unasked, f"{unasked[0].action} was sent while pending"
    with requirement("B02.FR.06"):
        assert again.link == boot.link


@case("TC_B_03_CS", verifies="B03.FR.02 B03.FR.06")
async def test_cold_boot_rejected(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator) -> None:
    """A rejected station keeps silent until the interval has passed, then boots again and reports its connectors."""
    await csms.set_boot("Rejected", interval=station.pixit.interval)
    await operator.power_cycle()
    boot = await station.expect("BootNotification", within=station.pixit.reboot)
    answered = await station.answered(boot)
    await csms.set_boot("Accepted")
    with requirement("B03.FR.02"):
        await station.stays_quiet(for_=answered.t + station.pixit.interval - 1.0 - station.watch.now)
    with requirement("B03.FR.06"):
        await station.expect("BootNotification", within=station.pixit.settle)
        await connectors_reported(station)


@case("TC_B_30_CS", verifies="B03.FR.08")
async def test_rejected_station_refuses_calls(
    station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, link: Tap
) -> None:
    """A rejected station that stays connected answers a CALL of the CSMS with SecurityError."""
    await csms.set_boot("Rejected", interval=station.pixit.interval)
    await operator.power_cycle()
    boot = await station.expect("BootNotification", within=station.pixit.reboot)
    await station.answered(boot)
    await link.inject("station", '[2,"not-yet","GetBaseReport",{"requestId":1,"reportBase":"FullInventory"}]')
    with requirement("B03.FR.08"):
        answer = await station.answer_to_id("not-yet")
        assert answer.code == "SecurityError"


@case("TC_B_20_CS", verifies="B11.FR.01 B11.FR.03 B11.FR.04 B01.FR.03")
async def test_reset_on_idle_without_transaction(station: StationUnderTest, csms: CsmsOperator) -> None:
    """An idle station that is asked to reset reboots at once and boots as from cold."""
    with requirement("B11.FR.01"):
        reset = await csms.call("Reset", type="OnIdle")
        assert reset.status == "Accepted"
    with requirement("B11.FR.03", "B01.FR.03"):
        boot = await station.expect("BootNotification", within=station.pixit.reboot)
        assert boot.reason.is_in("RemoteReset", "ScheduledReset")
    with requirement("B11.FR.04"):
        await connectors_reported(station)
