"""Transactions: start, stop, reasons, the cable, invalid identifiers (3.5, 4.1, 4.8, 4.10)."""

import asyncio

import pytest
from v2x_architecture.ocpp.station.config import EvseConfig

pytestmark = pytest.mark.anyio

INVALID = {"status": "Invalid"}


def story(csms):
    """What happened on connector 1, in short."""
    short = {"StatusNotification": lambda each: each["status"], "StopTransaction": lambda each: f"Stop {each['reason']}"}
    return [
        short.get(action, lambda _, action=action: action)(payload) for _, action, payload in csms.frames if action != "connected"
    ]


async def test_plug_then_token(station, csms):
    await station.plug_in()
    await asyncio.sleep(1)
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    assert story(csms) == ["Preparing", "Authorize", "StartTransaction", "Charging"]
    start = csms.sent("StartTransaction")[0]
    assert (start["connectorId"], start["idTag"], start["meterStart"]) == (1, "TAG1", 0)
    assert start["timestamp"].startswith("2025-06-02T12:00:")


async def test_token_then_plug(station, csms):
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    await station.plug_in()
    await asyncio.sleep(1)
    assert story(csms) == ["Authorize", "Preparing", "StartTransaction", "Charging"]


async def test_a_refused_token_starts_nothing(station, csms):
    csms.tags["BAD"] = INVALID
    await station.plug_in()
    await station.present_token("BAD")
    await asyncio.sleep(1)
    assert story(csms) == ["Preparing", "Authorize"]


async def test_a_token_longer_than_an_id_tag_is_refused_without_asking(station, csms):
    await station.plug_in()
    await station.present_token("T" * 21)
    await asyncio.sleep(1)
    assert story(csms) == ["Preparing"]


async def test_nobody_plugs_in_within_the_connection_timeout(start, csms):
    station = await start(ConnectionTimeOut=20)
    csms.forget()
    await station.present_token("TAG1")
    await asyncio.sleep(30)
    assert story(csms) == ["Authorize", "Preparing", "Available"]
    first, second = (at for at, action, _ in csms.frames if action == "StatusNotification")
    assert second - first == pytest.approx(20, abs=0.1)


async def test_the_same_token_stops_without_being_asked_about(charging, csms):
    await asyncio.sleep(3600)
    await charging.present_token("tag1")
    await asyncio.sleep(1)
    await charging.unplug()
    await asyncio.sleep(1)
    assert [each for each in story(csms) if each != "MeterValues"] == ["Stop Local", "Finishing", "Available"]
    stop = csms.sent("StopTransaction")[0]
    assert stop["transactionId"] == 1
    assert stop["idTag"] == "tag1"
    assert stop["meterStop"] == pytest.approx(22_000, rel=0.01)
    assert "transactionData" not in stop


async def test_another_token_stops_only_if_it_shares_the_parent(charging, csms):
    await charging.present_token("STRANGER")
    await asyncio.sleep(1)
    assert story(csms) == ["Authorize"]


async def test_a_token_of_the_same_parent_stops(station, csms):
    csms.tags = {tag: {"status": "Accepted", "parentIdTag": "FAMILY"} for tag in ("MUM", "DAD")}
    await station.plug_in()
    await station.present_token("MUM")
    await asyncio.sleep(1)
    await station.present_token("DAD")
    await asyncio.sleep(1)
    assert story(csms)[-3:] == ["Authorize", "Stop Local", "Finishing"]
    assert csms.sent("StopTransaction")[0]["idTag"] == "DAD"


async def test_the_stop_button_stops(charging, csms):
    await charging.press_stop()
    await asyncio.sleep(1)
    assert story(csms) == ["Stop Local", "Finishing"]
    assert "idTag" not in csms.sent("StopTransaction")[0]


async def test_the_next_token_starts_a_new_transaction(charging, csms):
    await charging.press_stop()
    await asyncio.sleep(1)
    csms.forget()
    await charging.present_token("TAG2")
    await asyncio.sleep(1)
    assert story(csms) == ["Authorize", "Preparing", "StartTransaction", "Charging"]


async def test_a_vehicle_that_pauses_suspends(charging, csms):
    await charging.ev_suspend()
    await asyncio.sleep(5)
    await charging.ev_resume()
    await asyncio.sleep(5)
    assert story(csms) == ["SuspendedEV", "Charging"]


async def test_a_full_vehicle_suspends(station, csms):
    await station.plug_in(vehicle={"soc": 99.0, "capacity_wh": 20_000})
    await station.present_token("TAG1")
    await asyncio.sleep(36_000)
    assert [each for each in story(csms) if each != "MeterValues"] == [
        "Preparing",
        "Authorize",
        "StartTransaction",
        "Charging",
        "SuspendedEV",
    ]


# The vehicle leaves


async def test_the_transaction_stops_when_the_vehicle_leaves(charging, csms):
    await charging.unplug()
    await asyncio.sleep(1)
    assert sorted(story(csms)[:2]) == ["Finishing", "Stop EVDisconnected"]
    assert story(csms)[2:] == ["Available"]
    assert csms.sent("StatusNotification")[0]["info"] == "EV side disconnected"


async def test_the_cable_stays_locked_for_its_owner_when_it_is_not_to_be_unlocked(start, csms):
    station = await start(UnlockConnectorOnEVSideDisconnect=False)
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    csms.forget()
    await station.unplug()
    await asyncio.sleep(60)
    assert sorted(story(csms)) == ["Finishing", "Stop EVDisconnected"]
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    assert csms.told(1) == ["Finishing", "Available"]


async def test_an_attached_cable_needs_no_unlocking_when_its_vehicle_leaves(start, csms):
    station = await start(evses=(EvseConfig(tethered=True),))
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    await station.unplug()
    await asyncio.sleep(1)
    assert [each["reason"] for each in csms.sent("StopTransaction")] == ["EVDisconnected"]
    assert csms.told(1)[-1] == "Available"


async def test_the_transaction_goes_on_when_the_vehicle_leaves_and_comes_back(start, csms):
    station = await start(StopTransactionOnEVSideDisconnect=False, ConnectionTimeOut=10, MeterValueSampleInterval=0)
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    csms.forget()
    await station.unplug()
    await asyncio.sleep(600)
    assert story(csms) == ["SuspendedEV"]
    assert csms.sent("StatusNotification")[0]["info"] == "EV side disconnected"
    await station.plug_in()
    await asyncio.sleep(5)
    assert story(csms) == ["SuspendedEV", "Charging"]
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    assert story(csms)[2:] == ["Stop Local", "Finishing"]


# The central system changes its mind


async def test_an_invalid_answer_to_the_start_stops_the_transaction(station, csms):
    csms.answers["StartTransaction"] = {"transactionId": 5, "idTagInfo": INVALID}
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    assert story(csms)[-2:] == ["Stop DeAuthorized", "Finishing"]
    assert csms.sent("StopTransaction")[0]["transactionId"] == 5
    assert station.hardware.evses[1].connectors[1].locked


async def test_an_invalid_answer_to_the_start_only_stops_the_energy(start, csms):
    station = await start(StopTransactionOnInvalidId=False)
    csms.answers["StartTransaction"] = {"transactionId": 5, "idTagInfo": INVALID}
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(600)
    assert "StopTransaction" not in csms.actions
    assert csms.told(1)[-1] == "SuspendedEVSE"


async def test_an_invalid_identifier_gets_the_energy_it_is_granted(start, csms):
    station = await start(StopTransactionOnInvalidId=False, MaxEnergyOnInvalidId=500)
    csms.answers["StartTransaction"] = {"transactionId": 5, "idTagInfo": INVALID}
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(3600)
    assert csms.told(1)[-2:] == ["Charging", "SuspendedEVSE"]
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    assert csms.sent("StopTransaction")[0]["meterStop"] == pytest.approx(500, abs=2)


async def test_the_judgement_of_the_local_list_is_reported_when_it_is_another(start, csms):
    station = await start(LocalPreAuthorize=True)
    entries = [{"idTag": "TAG1", "idTagInfo": {"status": "Accepted"}}]
    await csms.call("SendLocalList", listVersion=1, updateType="Full", localAuthorizationList=entries)
    csms.tags["TAG1"] = {"status": "Blocked"}
    csms.forget()
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    conflicts = [each for each in csms.sent("StatusNotification") if each["errorCode"] == "LocalListConflict"]
    assert [(each["connectorId"], each["status"]) for each in conflicts] == [(0, "Available")]
    assert "Authorize" not in csms.actions
    assert csms.sent("StopTransaction")[0]["reason"] == "DeAuthorized"


# Power and faults


async def test_a_power_cut_ends_the_transaction(charging, csms):
    await asyncio.sleep(600)
    csms.forget()
    await charging.power_cycle()
    await asyncio.sleep(2)
    assert [each for each in csms.actions if each != "StatusNotification"] == ["BootNotification", "StopTransaction"]
    stop = csms.sent("StopTransaction")[0]
    assert (stop["transactionId"], stop["reason"]) == (1, "PowerLoss")
    assert stop["meterStop"] > 3000
    assert csms.told(1) == ["Finishing"]


async def test_a_fault_ends_the_transaction(charging, csms):
    await charging.set_fault(1, 1, "GroundFailure")
    await asyncio.sleep(1)
    assert sorted(story(csms)) == ["Faulted", "Stop Other"]
    assert csms.sent("StatusNotification")[0]["errorCode"] == "GroundFailure"
    await charging.clear_fault(1, 1)
    await asyncio.sleep(1)
    assert csms.told(1) == ["Faulted", "Finishing"]


async def test_a_fault_of_unknown_name_is_another_error(station, csms):
    await station.set_fault(1, 1, "TheDogAteIt")
    await asyncio.sleep(1)
    fault = csms.sent("StatusNotification")[0]
    assert (fault["status"], fault["errorCode"], fault["vendorErrorCode"]) == ("Faulted", "OtherError", "TheDogAteIt")
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    assert "StartTransaction" not in csms.actions


async def test_two_connectors_charge_side_by_side(start, csms):
    station = await start(connectors=2)
    for evse in (1, 2):
        await station.plug_in(evse)
        await station.present_token(f"TAG{evse}", evse=evse)
    await asyncio.sleep(1)
    started = {each["connectorId"]: each["idTag"] for each in csms.sent("StartTransaction")}
    assert started == {1: "TAG1", 2: "TAG2"}
    await station.press_stop(2)
    await asyncio.sleep(1)
    assert [each["reason"] for each in csms.sent("StopTransaction")] == ["Local"]
    assert csms.told(1)[-1] == "Charging"
