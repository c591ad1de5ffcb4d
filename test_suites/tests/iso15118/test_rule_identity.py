"""Session ids and what else tells who is who."""

import copy

import pytest

from .talk import judged

ALL = ["din", "2 dc", "20 dc"]


@pytest.mark.parametrize("name", ALL)
def test_a_new_session_with_the_id_zero(good, name) -> None:
    found = judged(good[name][0].edit("SessionSetupRes", SessionID="00" * 8))
    assert found[0] == ("session.id_zero", "secc")


def test_ids_of_another_length(good) -> None:
    assert judged(good["2 ac"][0].edit("SessionSetupRes", SessionID="0102"))[0] == ("session.id_length", "secc")
    assert judged(good["2 ac"][0].edit("SessionSetupReq", SessionID="")) == [("session.asked_length", "evcc")]
    assert judged(good["2 ac"][0].edit("SessionSetupReq", SessionID="00")) == []


@pytest.mark.parametrize("name", ALL)
def test_an_id_that_changes(good, name) -> None:
    assert judged(good[name][0].edit("ServiceDiscoveryRes", SessionID="0A" * 8)) == [("session.id_changed", "secc")]


@pytest.mark.parametrize("name", ALL)
def test_a_request_of_another_session_and_the_ok_to_it(good, name) -> None:
    talk = good[name][0].edit("ServiceDiscoveryReq", SessionID="0A" * 8)
    assert judged(talk) == [("session.id_foreign", "evcc"), ("session.id_accepted", "secc")]
    refused = talk.edit("ServiceDiscoveryRes", ResponseCode="FAILED_UnknownSession").cut("ServiceDiscoveryRes")
    assert judged(refused) == [("session.id_foreign", "evcc")]


def test_a_refusal_of_what_is_of_the_session(good) -> None:
    talk = good["20 ac"][0].edit("ServiceDiscoveryRes", ResponseCode="FAILED_UnknownSession").cut("ServiceDiscoveryRes")
    assert judged(talk) == [("session.false_unknown", "secc")]


def test_a_session_that_is_joined_without_having_been_asked_for(good) -> None:
    assert judged(good["2 ac"][0].edit("SessionSetupRes", ResponseCode="OK_OldSessionJoined")) == [("session.joined", "secc")]
    first, second = good["2 ac paused"]
    assert judged(first, second.edit("SessionSetupRes", ResponseCode="OK_NewSessionEstablished"))[0] == ("session.joined", "secc")


def test_two_sessions_with_one_id(good) -> None:
    first, second = good["2 dc"][0], copy.deepcopy(good["2 dc"][0])
    second.link = "secc<-evcc#2"
    assert judged(first, second) == [("session.id_reused", "secc")]


def test_both_sides_of_a_tap_are_one_session(good) -> None:
    first = copy.deepcopy(good["2 dc"][0])
    first.closed_after = None
    second = copy.deepcopy(first)
    second.link = "secc<-evcc#2"
    assert judged(first, second) == []


@pytest.mark.parametrize("octets", ["0000000000C0FFEE", "3132333435363738"])
def test_an_id_that_cannot_be_random(good, octets) -> None:
    talk = good["20 dc"][0]
    assert judged(talk.edit("SessionSetupRes", SessionID=octets).cut("SessionSetupRes")) == [("session.id_poor", "secc")]


def test_an_evccid_of_8_octets(good) -> None:
    assert judged(good["din"][0].edit("SessionSetupReq", EVCCID="0011223344556677")) == [("identity.evccid", "evcc")]


@pytest.mark.parametrize("name", ["2 dc", "20 ac"])
def test_an_evseid_that_is_none(good, name) -> None:
    found = judged(good[name][0].edit("SessionSetupRes", EVSEID="+49*123456").cut("SessionSetupRes"))
    assert found == [("identity.evseid", "secc")]
    assert judged(good[name][0].edit("SessionSetupRes", EVSEID="ZZ00000").cut("SessionSetupRes")) == []


def test_an_evseid_that_changes(good) -> None:
    assert judged(good["2 ac"][0].edit("ChargingStatusRes", EVSEID="DE*V2X*E0002")) == [("identity.evseid_changed", "secc")]
