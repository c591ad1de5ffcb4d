"""Order: what a request may follow, who answers it, and what an SECC says to one that has no place."""

from dataclasses import replace

import msgspec
from v2x_harness.events import LinkEvent
from v2x_suites.iso15118.rules import Iso15118Judge

from .talk import judged


def test_a_request_that_does_not_wait(good) -> None:
    talk = good["2 dc"][0].drop("CableCheckRes", 2)
    assert judged(talk) == [("sequence.pending", "evcc")]


def test_a_request_out_of_place_and_the_ok_to_it(good) -> None:
    talk = good["2 dc"][0].drop("PreChargeReq", 1, 4)
    assert "PreChargeReq" not in talk.labels()
    assert judged(talk)[:2] == [("sequence.request", "evcc"), ("sequence.accepted", "secc")]


def test_a_skipped_pre_charge_loop_of_20_while_the_ev_is_not_ready(good) -> None:
    talk = good["20 dc"][0].edit("DC_PreChargeReq", -1, EVProcessing="Ongoing")
    assert judged(talk) == [("sequence.request", "evcc"), ("sequence.accepted", "secc")]


def test_what_goes_beside_the_charge_loop_does_not_move_the_session(good) -> None:
    talk = good["20 dc"][0].copy_behind("PowerDeliveryReq", 1, "DC_ChargeLoopRes", 2)
    place = talk.place("PowerDeliveryReq", 2)
    assert judged(talk) == [("sequence.pending", "evcc")]
    talk.lines[place].octets = b"\x01\xfe\x81\x02" + talk.lines[place].octets[4:]
    assert "sequence.pending" not in {rule for rule, _ in judged(talk)}


def test_a_receipt_that_cannot_be_given_leaves_open_what_comes(good) -> None:
    talk = good["2 ac"][0].edit("ChargingStatusRes", 2, ReceiptRequired=True)
    assert judged(talk) == [("services.receipt", "secc")]


def test_a_refusal_with_another_code(good) -> None:
    talk = good["2 ac"][0].drop("AuthorizationReq", 1, 2).cut("ChargeParameterDiscoveryRes")
    refused = talk.edit("ChargeParameterDiscoveryRes", ResponseCode="FAILED_SequenceError")
    assert judged(refused) == [("sequence.request", "evcc")]
    otherwise = talk.edit("ChargeParameterDiscoveryRes", ResponseCode="FAILED")
    assert judged(otherwise) == [("sequence.request", "evcc"), ("sequence.code", "secc")]


def test_a_refusal_of_what_has_its_place(good) -> None:
    talk = good["din"][0].edit("CableCheckRes", 1, ResponseCode="FAILED_SequenceError").cut("CableCheckRes")
    assert judged(talk) == [("sequence.false_error", "secc")]


def test_what_follows_a_refusal(good) -> None:
    talk = good["2 dc"][0].edit("ChargeParameterDiscoveryRes", 1, ResponseCode="FAILED_WrongChargeParameter")
    found = judged(talk)
    assert found[0] == ("sequence.after_failed", "evcc")
    assert ("sequence.goes_on", "secc") in found
    stopped = talk.copy_behind("SessionStopReq", 1, "ChargeParameterDiscoveryRes").cut("SessionStopReq")
    assert judged(stopped) == []


def test_a_request_after_the_end(good) -> None:
    for name, request in (("2 dc", "WeldingDetectionReq"), ("20 ac", "AC_ChargeLoopReq"), ("din", "CurrentDemandReq")):
        talk = good[name][0].copy_behind(request, 1, "SessionStopRes")
        assert judged(talk) == [("sequence.after_stop", "evcc")]


def test_a_response_that_nobody_asked_for(good) -> None:
    twice = good["2 dc"][0].copy_behind("CableCheckRes", 1, "CableCheckRes", 1)
    assert judged(twice) == [("sequence.response", "secc")]
    other = good["20 dc"][0].copy_behind("DC_CableCheckRes", 1, "DC_PreChargeReq", 1)
    assert judged(other)[0] == ("sequence.response", "secc")


def test_a_wrong_request_of_the_harness_is_for_the_secc_to_refuse(good) -> None:
    wrong = good["2 ac"][0].copy_behind("ChargingStatusReq", 1, "ServiceDiscoveryRes")
    place = wrong.place("ChargingStatusReq")
    wrong.lines[place].fate = "injected"
    answered = wrong.copy_behind("ChargingStatusRes", 1, "ChargingStatusReq", 1).cut("ChargingStatusRes")
    assert judged(answered) == [("sequence.accepted", "secc")]
    assert judged(answered.edit("ChargingStatusRes", ResponseCode="FAILED_SequenceError")) == []


def test_a_capture_that_misses_something_is_not_judged_there(good) -> None:
    talk = good["2 dc"][0]
    late = talk.drop("supportedAppProtocolReq", 1, talk.place("CurrentDemandRes", 1))
    late.lines[0].octets = b"\x01\xfe\x80\x01\0\0\0\1\0"
    assert {rule for rule, _ in judged(late)} == {"exi.decode"}


def test_a_link_whose_name_was_used_before(good) -> None:
    judge, talk = Iso15118Judge(), good["2 dc"][0]
    first = talk.cut("CableCheckRes")
    later = [replace(each, t=each.t + 1000.0) for each in talk.lines]
    events = [*first.events(), *replace(talk, lines=later).events(1000)]
    bare = [msgspec.structs.replace(e, detail={}) if isinstance(e, LinkEvent) and e.event == "close" else e for e in events]
    found = [*(each for event in bare for each in judge.feed(event)), *judge.finish()]
    # It is the same session, said once more.
    assert [each.source for each in found] == ["rule:iso15118.session.id_reused"]
    assert judge.links == 2
