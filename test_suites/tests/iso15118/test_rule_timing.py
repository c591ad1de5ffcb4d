"""Timers: what is late, and who does not care."""

import copy

from v2x_harness.events import Frame, Note
from v2x_suites.iso15118.logs.log import HELD
from v2x_suites.iso15118.rules import Iso15118Judge

from .talk import findings, judged


def test_an_answer_at_which_the_evcc_has_given_up(good) -> None:
    assert judged(good["2 dc"][0].late("PreChargeRes", 2.5)) == [
        ("timing.message_timeout", "secc"),
        ("timing.performance", "secc"),
    ]
    assert judged(good["20 ac"][0].late("AC_ChargeLoopRes", 0.6))[0] == ("timing.message_timeout", "secc")
    assert judged(good["2 ac"][0].late("PowerDeliveryRes", 4.0)) == []


def test_what_the_network_held_back_is_held_against_nobody(good) -> None:
    talk, judge, found = good["2 dc"][0].late("PreChargeRes", 2.5), Iso15118Judge(), []
    late = talk.place("PreChargeRes") + 1
    for event in talk.events():
        if isinstance(event, Frame) and event.n == late:
            found += judge.feed(Note(topic=HELD, text=talk.link, n=event.n, t=event.t))
        found += judge.feed(event)
    assert [*found, *judge.finish()] == []


def test_answers_that_come_too_late_again_and_again_are_counted(good) -> None:
    talk = good["2 dc"][0]
    for nth in (1, 2, 3):
        talk = talk.late("CurrentDemandRes", 0.3, nth)
    found = [each.text for each in findings(talk) if each.source.endswith("message_timeout")]
    assert len(found) == 2
    assert "3 times of" in found[1]


def test_a_slow_answer_is_told_once(good) -> None:
    talk = good["din"][0].late("CurrentDemandRes", 0.1, 1).late("CurrentDemandRes", 0.2, 2)
    (finding,) = findings(talk)
    assert finding.source == "rule:iso15118.timing.performance"
    assert "2 times of" in finding.text
    assert finding.location.frame == talk.place("CurrentDemandRes", 2) + 1


def test_a_request_that_comes_too_late_and_is_answered(good) -> None:
    late = good["2 ac"][0].late("ChargeParameterDiscoveryReq", 70.0)
    assert judged(late) == [("timing.next_request", "evcc"), ("timing.sequence_timeout", "secc")]
    slow = good["2 ac"][0].late("ChargeParameterDiscoveryReq", 45.0)
    assert judged(slow) == [("timing.sequence_performance", "evcc")]


def test_the_charge_loop_of_20_is_waited_for_half_a_second(good) -> None:
    late = good["20 dc"][0].late("DC_ChargeLoopReq", 0.7, 3)
    assert judged(late) == [("timing.next_request", "evcc")]
    later = good["20 dc"][0].late("DC_ChargeLoopReq", 2.0, 3)
    assert judged(later) == [("timing.next_request", "evcc"), ("timing.sequence_timeout", "secc")]


def test_a_connection_that_is_kept_though_nothing_is_asked(good) -> None:
    talk = copy.deepcopy(good["20 dc"][0].cut("DC_ChargeLoopRes", 3))
    talk.closed_after = 60.0
    assert judged(talk) == [("timing.sequence_timeout", "secc")]
    talk.closed_after, talk.closed_by = 0.6, "secc"
    assert judged(talk) == []


def test_an_evcc_that_is_told_to_wait_for_ever(good) -> None:
    talk = good["2 ac"][0].edit("AuthorizationRes", EVSEProcessing="Ongoing")
    for _ in range(3):
        place = talk.place("AuthorizationRes", -1)
        talk.lines[place + 1 : place + 1] = copy.deepcopy(talk.lines[place - 1 : place + 1])
        for each in talk.lines[place + 1 :]:
            each.t += 30.0
    talk = talk.cut("AuthorizationRes", -1)
    assert judged(talk)[0] == ("timing.ongoing", "secc")
    assert judged(talk.edit("AuthorizationRes", EVSEProcessing="Ongoing_WaitingForCustomerInteraction")) == []


def test_a_cable_check_and_a_pre_charge_without_end(good) -> None:
    check = good["2 dc"][0].late("CableCheckReq", 45.0, 3)
    assert ("timing.cable_check", "secc") in judged(check)
    charge = good["din"][0].late("PreChargeReq", 8.0, 2)
    assert judged(charge) == [("timing.pre_charge", "evcc")]


def test_a_session_that_comes_about_too_late(good) -> None:
    talk = good["2 ac"][0].late("SessionSetupRes", 25.0)
    assert ("timing.setup", "secc") in judged(talk)
    assert judged(good["2 ac"][0].late("SessionSetupReq", 25.0)) == []


def test_what_the_tap_held_back_is_not_timed(good) -> None:
    talk = good["2 dc"][0].late("PreChargeRes", 2.5)
    place = talk.place("PreChargeReq")
    talk.lines[place].fate = "delayed"
    assert judged(talk) == []
