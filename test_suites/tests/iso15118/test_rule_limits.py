"""Limits against what is asked for and what flows, one way and both."""

import pytest

from .talk import judged

ASKED = {
    "target current": ("2 dc", "CurrentDemandReq", {"EVTargetCurrent": 400.0}, "limits.target_current"),
    "own current": ("din", "CurrentDemandReq", {"EVMaximumCurrentLimit": 1.0}, "limits.own_current"),
    "target voltage": ("20 dc", "DC_ChargeLoopReq", {"EVTargetVoltage": 2000.0}, "limits.target_voltage"),
    "own voltage": ("2 dc", "PreChargeReq", {"EVTargetVoltage": 900.0}, "limits.own_voltage"),
}


@pytest.mark.parametrize(("name", "message", "values", "rule"), ASKED.values(), ids=ASKED)
def test_an_ev_that_asks_for_more_than_there_is(good, name, message, values, rule) -> None:
    assert (rule, "evcc") in judged(good[name][0].edit(message, **values))


GIVEN = {
    "present current": ("2 dc limited", "CurrentDemandRes", {"EVSEPresentCurrent": 60.0}, "limits.present_current"),
    "limit of the EVSE": ("2 dc limited", "CurrentDemandRes", {"EVSEPresentCurrent": 60.0}, "limits.present_limit"),
    "voltage": ("20 dc", "DC_ChargeLoopRes", {"EVSEPresentVoltage": 900.0}, "limits.present_voltage"),
    "power": ("2 dc limited", "CurrentDemandRes", {"EVSEPresentVoltage": 900.0}, "limits.power"),
    "raised": ("2 ac", "ChargingStatusRes", {"EVSEMaxCurrent": 300.0}, "limits.raised"),
    "reached": (
        "2 dc limited",
        "CurrentDemandRes",
        {"EVSEPresentCurrent": 1.0, "EVSECurrentLimitAchieved": True},
        "limits.reached",
    ),
}


@pytest.mark.parametrize(("name", "message", "values", "rule"), GIVEN.values(), ids=GIVEN)
def test_an_evse_that_gives_more_than_it_may(good, name, message, values, rule) -> None:
    assert (rule, "secc") in judged(good[name][0].edit(message, **values))


def test_an_ev_that_asks_for_nothing_keeps_to_any_limit(good) -> None:
    talk = good["2 dc"][0].edit("CurrentDemandRes", EVSEMaximumCurrentLimit=-5.0).edit("CurrentDemandReq", EVTargetCurrent=0.0)
    assert ("limits.target_current", "evcc") not in judged(talk)


def test_a_stretch_is_told_once(good) -> None:
    found = judged(good["2 dc"][0].edit("CurrentDemandReq", EVTargetCurrent=400.0))
    assert found.count(("limits.target_current", "evcc")) == 1


def test_what_is_measured_follows_with_some_delay(good) -> None:
    talk = good["2 dc limited"][0]
    assert judged(talk.edit("CurrentDemandReq", 200, EVTargetCurrent=1.0)) == []
    assert ("limits.present_current", "secc") in judged(talk.edit("CurrentDemandReq", EVTargetCurrent=1.0))


def test_a_least_value_above_the_greatest(good) -> None:
    talk = good["20 dc"][0].edit("DC_ChargeParameterDiscoveryRes", EVSEMinimumVoltage=3000.0)
    assert ("limits.order", "secc") in judged(talk)
    talk = good["20 ac"][0].edit("AC_ChargeParameterDiscoveryReq", EVMinimumChargePower=99_000.0)
    assert ("limits.order", "evcc") in judged(talk)


def test_an_ev_that_draws_more_ac_power_than_it_may(good) -> None:
    assert judged(good["20 ac"][0].edit("AC_ChargeLoopReq", EVPresentActivePower=40_000.0)) == [("limits.ac_power", "evcc")]


@pytest.mark.parametrize("name", ["din", "2 dc", "20 dc"])
def test_energy_does_not_flow_back_in_a_session_of_one_way(good, name) -> None:
    request, response = ("DC_ChargeLoopReq", "DC_ChargeLoopRes") if name == "20 dc" else ("CurrentDemandReq", "CurrentDemandRes")
    assert ("bpt.target_sign", "evcc") in judged(good[name][0].edit(request, EVTargetCurrent=-20.0))
    assert ("bpt.present_sign", "secc") in judged(good[name][0].edit(response, EVSEPresentCurrent=-20.0))


def test_what_flows_back_has_its_limits(good) -> None:
    talk = good["20 dc both"][0]
    assert ("bpt.target_limit", "evcc") in judged(talk.edit("DC_ChargeLoopReq", EVTargetCurrent=-80.0))
    assert ("bpt.present_limit", "secc") in judged(talk.edit("DC_ChargeLoopRes", EVSEPresentCurrent=-80.0))


def test_a_charge_loop_of_another_mode(good) -> None:
    talk = good["20 dc both"][0].edit("ServiceSelectionReq", ServiceID=2)
    found = judged(talk)
    assert ("bpt.mode", "evcc") in found
    assert ("bpt.mode", "secc") in found


def test_an_ev_that_does_not_follow_what_is_set(good) -> None:
    talk = good["20 ac both dynamic"][0].edit("AC_ChargeLoopReq", EVPresentActivePower=8_000.0)
    assert ("bpt.followed", "evcc") in judged(talk)


def test_asking_for_nothing_is_within_a_limit_below_zero(good) -> None:
    talk = good["2 dc"][0].edit("CurrentDemandReq", EVTargetCurrent=0.0)
    for name in ("ChargeParameterDiscoveryRes", "CurrentDemandRes"):
        talk = talk.edit(name, EVSEMaximumCurrentLimit=-200.0)
    assert ("limits.target_current", "evcc") not in judged(talk)
