"""What is legal is left alone: no rule finds anything in these plays."""

from __future__ import annotations

import pytest
from defects_course import OK, availability, remote_start
from defects_meaning import sample
from play import BOOT, Play, profile_16, profile_201
from v2x_harness.events import LinkEvent
from v2x_suites.ocpp.rules import OcppJudge


def watched(version: str):
    play = Play(version)
    yield play
    assert [(f.source, f.text, f.location) for f in play.found] == []


@pytest.fixture(params=["1.6", "2.0.1"])
def play(request: pytest.FixtureRequest):
    yield from watched(request.param)


@pytest.fixture
def play_16():
    yield from watched("1.6")


@pytest.fixture
def play_201():
    yield from watched("2.0.1")


def charge(play: Play, minutes: int = 10) -> None:
    """Charge for some minutes at 11 kW."""
    for minute in range(minutes):
        energy = sample(play, 5000 + minute * 11000 / 60, context="Sample.Periodic")
        power = sample(play, 11000, "Power.Active.Import", "W", context="Sample.Periodic")
        charge_state = sample(play, 40 + minute, "SoC", "Percent", location="EV")
        voltages = [sample(play, 230, "Voltage", "V", phase=phase) for phase in ("L1-N", "L2-N", "L3-N")]
        if play.version == "1.6":
            play.meter(energy, power, charge_state, *voltages)
        else:
            value = {"timestamp": play.now(), "sampledValue": [energy, power, charge_state, *voltages]}
            play.event("Updated", minute + 2, "MeterValuePeriodic", chargingState="Charging", meterValue=[value])
        play.wait(60)


def session(play: Play) -> None:
    """Plug in, authorize, charge, stop."""
    if play.version == "1.6":
        play.status("Preparing")
        play.station("Authorize", {"idTag": "TAG1"}, {"idTagInfo": OK})
        play.start(meter=4900)
        play.status("Charging")
        charge(play)
        play.stop(meter=7000, idTag="TAG1", reason="Local")
        play.status("Finishing")
        play.status("Available")
    else:
        token = {"idToken": "04A1B2C3", "type": "ISO14443"}
        play.status("Occupied")
        play.event("Started", 0, "CablePluggedIn", chargingState="EVConnected", evse={"id": 1, "connectorId": 1})
        play.station("Authorize", {"idToken": token}, {"idTokenInfo": OK})
        play.event("Updated", 1, "Authorized", chargingState="Charging", idToken=token, answer={"idTokenInfo": OK})
        charge(play)
        play.event("Ended", 12, "StopAuthorized", idToken=token, stoppedReason="Local", answer={"idTokenInfo": OK})
        play.status("Available")


def test_a_whole_session(play: Play) -> None:
    play.ready()
    session(play)


def test_an_answer_that_comes_when_the_connection_is_closed(play: Play) -> None:
    play.ready()
    heartbeat = play.call("station", "Heartbeat", {})
    play.close()
    play.result(heartbeat, {"currentTime": play.now()})


def test_a_quiet_day(play: Play) -> None:
    play.ready()
    for _ in range(100):
        play.wait(300)
        play.heartbeat()


def test_pending_then_accepted(play: Play) -> None:
    play.boot("Pending", 30)
    play.csms("TriggerMessage", {"requestedMessage": "StatusNotification"}, OK)
    play.status("Available")
    play.wait(31)
    play.ready()


def test_rejected_then_accepted(play: Play) -> None:
    play.boot("Rejected", 30)
    play.wait(31)
    play.ready()


def test_a_triggered_boot_while_pending_comes_early(play: Play) -> None:
    play.boot("Pending", 300)
    play.csms("TriggerMessage", {"requestedMessage": "BootNotification"}, OK)
    reason = {"reason": "Triggered"} if play.version == "2.0.1" else {}
    play.boot(**reason)
    play.status("Available")


def test_an_unregistered_call_is_refused(play: Play) -> None:
    """The station is at fault then, the CSMS is not; an injected call blames nobody."""
    play.boot("Pending")
    message_id = play.call("station", "Heartbeat", {}, fate="injected")
    play.error(message_id, "SecurityError")


def test_a_reconnection_without_a_boot(play: Play) -> None:
    play.ready()
    play.close()
    play.wait(100)
    play.open()
    play.status("Available")
    play.heartbeat()


def test_a_log_that_begins_in_the_middle_of_a_transaction() -> None:
    play = Play("1.6", opened=False)
    play.meter(sample(play, 100), transaction=4711)
    play.stop(4711)
    play = Play("2.0.1", opened=False)
    play.event("Updated", 17, "MeterValuePeriodic", chargingState="Charging")
    play.event("Ended", 18, "EVDeparted", stoppedReason="EVDisconnected")
    assert play.found == []


def test_a_log_of_one_direction_only() -> None:
    play = Play("1.6", opened=False)
    play.call("station", "BootNotification", BOOT["1.6"])
    for _ in range(5):
        play.wait(100)
        play.call("station", "Heartbeat", {})
    assert play.found == []


def test_a_start_transaction_sent_again(play_16: Play) -> None:
    play_16.ready()
    told = {"connectorId": 1, "idTag": "T", "meterStart": 0, "timestamp": play_16.now()}
    play_16.call("station", "StartTransaction", told, message_id="again")
    play_16.close()
    play_16.open()
    play_16.call("station", "StartTransaction", told, message_id="again2")
    play_16.result("again2", {"transactionId": 1, "idTagInfo": OK})


def test_offline_events_are_delivered_late_and_marked(play_201: Play) -> None:
    play_201.ready()
    play_201.event("Started", 0, "CablePluggedIn", chargingState="EVConnected", evse={"id": 1, "connectorId": 1})
    play_201.close()
    play_201.wait(300)
    play_201.open()
    play_201.event("Updated", 1, "Trigger", timestamp=play_201.now(-150), offline=True)
    play_201.event("Updated", 2)


def test_a_transaction_chain_on_one_evse_after_the_other(play_201: Play) -> None:
    play_201.ready()
    for number in range(3):
        key = f"T{number}"
        play_201.event("Started", 0, evse={"id": 1, "connectorId": 1}, transactionId=key)
        play_201.event("Ended", 1, "EVDeparted", stoppedReason="EVDisconnected", transactionId=key)


def test_a_sequence_number_that_goes_on_over_transactions(play_201: Play) -> None:
    play_201.ready()
    play_201.event("Started", 40, transactionId="A")
    play_201.event("Ended", 41, "EVDeparted", stoppedReason="Other", transactionId="A")
    play_201.event("Started", 42, transactionId="B")


def test_an_event_sent_again_for_want_of_an_answer(play_201: Play) -> None:
    play_201.ready()
    now = play_201.now()
    play_201.event("Started", 0, timestamp=now)
    play_201.event("Started", 0, timestamp=now)


def test_remote_start_and_stop(play: Play) -> None:
    play.ready()
    play.csms(*remote_start(play), OK)
    if play.version == "1.6":
        play.start()
        play.csms("RemoteStopTransaction", {"transactionId": 7}, OK)
        play.stop(reason="Remote")
    else:
        play.event("Started", 0, "RemoteStart", remoteStartId=3)
        play.csms("RequestStopTransaction", {"transactionId": "T1"}, OK)
        play.event("Ended", 1, "RemoteStop", stoppedReason="Remote")


def test_an_answer_that_the_tap_dropped_is_not_missed(play: Play) -> None:
    play.ready()
    message_id = play.call("station", "Heartbeat", {})
    play.result(message_id, {"currentTime": play.now()}, fate="dropped")
    play.wait(100)
    play.heartbeat()


def test_a_call_that_the_tap_dropped_needs_no_answer(play: Play) -> None:
    play.ready()
    play.call("station", "Heartbeat", {}, fate="dropped")
    play.wait(100)
    play.heartbeat()


def test_what_the_tap_puts_in_a_frames_place_is_nobodys_fault(play: Play) -> None:
    play.ready()
    message_id = play.call("station", "Heartbeat", {})
    play.result(message_id, {"currentTime": play.now()}, fate="rewritten")
    play.result(message_id, {"currentTime": "nonsense"}, fate="injected")
    play.heartbeat()


def test_unavailable_after_the_transaction(play: Play) -> None:
    play.ready()
    if play.version == "1.6":
        play.start()
    else:
        play.event("Started", 0, evse={"id": 1, "connectorId": 1})
    play.csms(*availability(play), {"status": "Scheduled"})


def test_profiles(play: Play) -> None:
    play.ready()
    if play.version == "1.6":
        told = {"connectorId": 1, "csChargingProfiles": profile_16()}
    else:
        told = {"evseId": 1, "chargingProfile": profile_201()}
    for _ in range(2):
        play.csms("SetChargingProfile", told, OK)


def test_a_report_in_parts(play_201: Play) -> None:
    play_201.ready()
    for request in (1, 2):
        play_201.csms("GetBaseReport", {"requestId": request, "reportBase": "FullInventory"}, OK)
        for number in range(3):
            told = {"requestId": request, "generatedAt": play_201.now(), "seqNo": number, "tbc": number < 2}
            play_201.station("NotifyReport", told)
    play_201.wait(100)
    play_201.heartbeat()


def test_another_interval_for_heartbeats(play: Play) -> None:
    play.ready()
    if play.version == "1.6":
        play.csms("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "900"}, OK)
    else:
        name = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}
        asked = {"setVariableData": [{**name, "attributeValue": "900"}]}
        play.csms("SetVariables", asked, {"setVariableResult": [{**name, "attributeStatus": "Accepted"}]})
    play.wait(1000)
    play.heartbeat()


def test_a_firmware_status_that_was_asked_for(play: Play) -> None:
    play.ready()
    play.csms("TriggerMessage", {"requestedMessage": "FirmwareStatusNotification"}, OK)
    play.station("FirmwareStatusNotification", {"status": "Idle"})


def test_the_same_id_in_both_directions(play: Play) -> None:
    play.ready()
    for sender, action in (("station", "Heartbeat"), ("csms", "ClearCache")):
        answer = {"currentTime": play.now()} if action == "Heartbeat" else OK
        play.result(play.call(sender, action, {}, message_id="1"), answer)


def test_a_corrupt_message_is_refused_with_id_minus_one() -> None:
    play = Play("2.0.1")
    play.ready()
    play.raw("station", "not json", media="text", fate="injected")
    play.raw("csms", '[4,"-1","RpcFrameworkError","",{}]')
    assert play.found == []


def test_a_status_that_changed_without_a_connection(play_16: Play) -> None:
    play_16.ready()
    play_16.close()
    play_16.wait(100)
    play_16.open()
    play_16.status("Finishing")
    play_16.status("Available")


@pytest.mark.parametrize(("offered", "cited"), [("ocpp1.6", "OCPP-J-1.6-errata#3.4"), ("ocpp2.0.1", "OCPP-J-2.0.1#5.3")])
def test_a_station_that_never_got_in_is_judged_by_the_version_it_offers(offered: str, cited: str) -> None:
    judge = OcppJudge()
    detail = {"identity": "CS1", "status": 403, "subprotocols_offered": ["x", offered]}
    refusals = [LinkEvent(link=f"csms<-CS1#{n}", event="refused", detail=detail, n=n, t=n / 10) for n in range(5)]
    (found,) = [finding for refusal in refusals for finding in judge.feed(refusal)]
    assert found.requirement == cited
