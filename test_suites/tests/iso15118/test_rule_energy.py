"""Meter and state of charge."""

import copy

import pytest

from .talk import judged


def stretched(talk, factor):
    """Let all take longer."""
    other = copy.deepcopy(talk)
    for each in other.lines:
        each.t *= factor
    return other


def test_a_reading_that_goes_back(good) -> None:
    assert judged(good["2 ac"][0].edit("ChargingStatusRes", -1, MeterReading=0)) == [("energy.meter_falls", "secc")]


@pytest.mark.parametrize(("name", "response"), [("2 dc limited", "CurrentDemandRes"), ("20 dc both", "DC_ChargeLoopRes")])
def test_a_meter_that_stands_still(good, name, response) -> None:
    reading = "MeterReading" if name == "2 dc limited" else "ChargedEnergyReadingWh"
    talk = stretched(good[name][0], 8).edit(response, **{reading: 7})
    found = judged(talk)
    expected = name == "2 dc limited"
    # What a battery gives back, a meter need not tell in this register.
    assert (("energy.meter_against_power", "secc") in found) is expected


def test_a_meter_that_is_asked_for_and_never_told(good) -> None:
    found = judged(good["20 ac"][0].edit("AC_ChargeLoopRes", MeterInfo=None))
    assert found == [("energy.meter_requested", "secc")]
    assert judged(good["20 ac"][0].edit("AC_ChargeLoopRes", 2, MeterInfo=None)) == []


def test_a_state_of_charge_that_falls_while_charging(good) -> None:
    talk = stretched(good["2 dc limited"][0], 3).edit("CurrentDemandReq", EVRESSSOC=79).edit("PowerDeliveryReq", EVRESSSOC=79)
    assert ("energy.soc_falls", "evcc") in judged(talk.edit("WeldingDetectionReq", EVRESSSOC=70))
    assert ("energy.soc_falls", "evcc") not in judged(talk.edit("WeldingDetectionReq", EVRESSSOC=78))


def test_a_state_of_charge_that_rises_while_discharging(good) -> None:
    talk = good["20 dc both"][0]
    assert ("energy.soc_rises", "evcc") in judged(talk.edit("DC_ChargeLoopReq", -1, PresentSOC=90))


def test_a_state_of_charge_may_fall_while_nothing_flows(good) -> None:
    talk = stretched(good["2 dc limited"][0], 10)
    count = talk.labels().count("CurrentDemandReq")
    resting = talk
    for nth in range(count // 2, count + 1):
        resting = resting.edit("CurrentDemandRes", nth, EVSEPresentCurrent={"Multiplier": 0, "Unit": "A", "Value": 0})
    for nth in range(count - 4, count + 1):
        resting, talk = (each.edit("CurrentDemandReq", nth, EVRESSSOC=40) for each in (resting, talk))
    assert ("energy.soc_falls", "evcc") in judged(talk)
    assert ("energy.soc_falls", "evcc") not in judged(resting)
