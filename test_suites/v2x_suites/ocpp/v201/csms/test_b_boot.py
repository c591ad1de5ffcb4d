"""Block B, provisioning: boot, variables, reports, reset."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.ocpp.connecting import boots_at_its_url
from v2x_suites.ocpp.lane import CsmsLane
from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.stamps import CLOCK, seconds_off
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v201.csms import case
from v2x_suites.ocpp.v201.csms.states import Session

_THRESHOLD: dict[str, Json] = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}
_OFFLINE: dict[str, Json] = {"component": {"name": "AuthCtrlr"}, "variable": {"name": "LocalAuthorizeOffline"}}


@case("TC_B_01_CSMS", verifies="B01.FR.02 G02.FR.03")
async def test_cold_boot_accepted(csms: CsmsUnderTest, station: StationActor) -> None:
    """A CSMS says to a station that boots whether it accepts it, tells it the time, and takes its reports."""
    await station.power_on()
    boot = await station.sends("BootNotification")
    with requirement("B01.FR.02", hard=True):
        answer = await csms.answer(boot)
        assert answer.status == "Accepted"
        assert seconds_off(answer.currentTime, answer) < CLOCK
    with requirement("B01.FR.02"):
        reported = await csms.answer(await station.sends("StatusNotification"))
        assert not reported.is_error
    with requirement("G02.FR.03"):
        beat = await station.call("Heartbeat")
        assert seconds_off(beat.currentTime, beat) < CLOCK


@case("V2X_URL_CSMS", verifies="OCPP-J-2.0.1#3.1.1")
async def test_connection_url(lane: CsmsLane, csms: CsmsUnderTest, station: StationActor) -> None:
    """A station gets in with the URL of the CSMS and its own identity as the last segment of the path."""
    with requirement("OCPP-J-2.0.1#3.1.1"):
        await boots_at_its_url(lane, csms, station)


@case("TC_B_02_CSMS", verifies="B02.FR.06 B01.FR.02", applies="C-44")
async def test_cold_boot_pending(csms: CsmsUnderTest, operator: CsmsOperator, station: StationActor) -> None:
    """A CSMS that holds a station pending keeps the connection, and accepts it when it boots again."""
    await operator.set_boot("Pending", interval=csms.pixit.interval)
    await station.power_on()
    boot = await station.sends("BootNotification")
    with requirement("B01.FR.02", hard=True):
        pending = await csms.answer(boot)
        assert pending.status == "Pending"
    await operator.set_boot("Accepted")
    again = await station.sends("BootNotification", within=csms.pixit.interval + csms.pixit.settle)
    with requirement("B02.FR.06"):
        assert again.link == boot.link, "the connection was closed while pending"
    with requirement("B01.FR.02"):
        answer = await csms.answer(again)
        assert answer.status == "Accepted"


@case("TC_B_30_CSMS", verifies="B02.FR.09", applies="C-44")
async def test_pending_station_is_refused(csms: CsmsUnderTest, operator: CsmsOperator, station: StationActor) -> None:
    """A CSMS answers what a pending station sends unasked with SecurityError."""
    await operator.set_boot("Pending", interval=csms.pixit.interval)
    await station.power_on()
    boot = await station.sends("BootNotification")
    with requirement("B02.FR.09", hard=True):
        pending = await csms.answer(boot)
        assert pending.status == "Pending"
    with requirement("B02.FR.09"):
        status = await station.call(
            "StatusNotification",
            timestamp=boot.at[:19] + "Z",
            connectorStatus="Available",
            evseId=1,
            connectorId=1,
        )
        assert status.code == "SecurityError"
    await operator.set_boot("Accepted")


@case("TC_B_06_CSMS", verifies="OCPP-2.0.1#B06")
async def test_get_one_variable(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that is asked to read one variable asks the station for that one."""
    with requirement("OCPP-2.0.1#B06"):
        asked = await operator.send("GetVariables", getVariableData=[_THRESHOLD])
        assert len(asked.getVariableData) == 1
        assert asked.getVariableData[0].component["name"] == "OCPPCommCtrlr"
        assert asked.getVariableData[0].variable["name"] == "OfflineThreshold"


@case("TC_B_07_CSMS", verifies="OCPP-2.0.1#B06")
async def test_get_two_variables(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that is asked to read two variables asks the station for both, in one message or two."""
    with requirement("OCPP-2.0.1#B06"):
        asked = await operator.send("GetVariables", getVariableData=[_THRESHOLD, _OFFLINE])
        names = [each.variable["name"].value for each in asked.getVariableData]
        if len(names) == 1:
            more = await operator.sees("GetVariables", after=asked)
            names += [each.variable["name"].value for each in more.getVariableData]
        assert sorted(str(n) for n in names) == ["LocalAuthorizeOffline", "OfflineThreshold"]


@case("TC_B_09_CSMS", verifies="OCPP-2.0.1#B05 B05.FR.13")
async def test_set_one_variable(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that is asked to set one variable sets that one to that value, once."""
    with requirement("OCPP-2.0.1#B05", hard=True):
        asked = await operator.send("SetVariables", setVariableData=[{**_THRESHOLD, "attributeValue": "300"}])
        assert asked.setVariableData[0].variable["name"] == "OfflineThreshold"
        assert asked.setVariableData[0].attributeValue == "300"
    with requirement("B05.FR.13"):
        assert len(asked.setVariableData) == 1


@case("TC_B_13_CSMS", verifies="OCPP-2.0.1#B07 OCPP-2.0.1#B07.report")
async def test_full_inventory(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS asks for the full inventory and takes every part of the report."""
    with requirement("OCPP-2.0.1#B07", hard=True):
        asked = await operator.send("GetBaseReport", requestId=4711, reportBase="FullInventory")
        assert asked.reportBase == "FullInventory"
    while True:
        part = await booted.sends("NotifyReport", where=lambda m: m.requestId.peek() == asked.requestId.peek())
        with requirement("OCPP-2.0.1#B07.report"):
            taken = await csms.answer(part)
            assert not taken.is_error
        if not part.tbc.peek():
            break


@case("TC_B_20_CSMS", verifies="OCPP-2.0.1#B11 B01.FR.02")
async def test_reset_on_idle(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that is asked to reset a station when idle sends that, and takes the station back after its reboot."""
    with requirement("OCPP-2.0.1#B11", hard=True):
        reset = await operator.send("Reset", type="OnIdle")
        assert reset.type == "OnIdle"
    boot = await booted.sends("BootNotification", within=csms.pixit.reboot)
    with requirement("B01.FR.02"):
        answer = await csms.answer(boot)
        assert answer.status == "Accepted"


@case("TC_B_25_CSMS", verifies="OCPP-2.0.1#B12 J02.FR.19")
async def test_reset_at_once(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor, charging: Session) -> None:
    """A CSMS that is asked to reset a station at once sends that, and takes the end of the transaction that it costs."""
    with requirement("OCPP-2.0.1#B12", hard=True):
        reset = await operator.send("Reset", type="Immediate")
        assert reset.type == "Immediate"
    ended = await booted.sends("TransactionEvent", within=csms.pixit.reboot, eventType="Ended")
    with requirement("J02.FR.19"):
        taken = await csms.answer(ended)
        assert not taken.is_error
        assert ended.transactionInfo.transactionId == charging.transaction_id
    await csms.answer(await booted.sends("BootNotification", within=csms.pixit.reboot))
