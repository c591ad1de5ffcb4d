"""Whole sessions of vehicles that speak ISO 15118: what the CSMS is told and what the vehicle is told agree."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from v2x_architecture.iso15118.values import number, quotient
from v2x_architecture.ocpp.station import EvseConfig

from .site import AC, BATTERY, DC

pytestmark = pytest.mark.anyio

EXPORT = "Energy.Active.Import.Register,Energy.Active.Export.Register,Power.Active.Export"
EDITIONS = {
    "ISO 15118-2 AC": (AC, "iso2"),
    "ISO 15118-2 DC": (DC, "iso2"),
    "DIN SPEC 70121": (DC, "din"),
    "ISO 15118-20 AC": (AC, "iso20-ac"),
    "ISO 15118-20 DC": (DC, "iso20-dc"),
}


def register(event: dict[str, Any], measurand: str = "Energy.Active.Import.Register") -> float:
    """Return the last value of a register in a TransactionEvent or MeterValues (Wh)."""
    samples = [each for value in event["meterValue"] for each in value["sampledValue"] if each["measurand"] == measurand]
    wh: float = samples[-1]["value"]
    return wh


@pytest.mark.parametrize(("evse", "protocol"), EDITIONS.values(), ids=EDITIONS)
async def test_a_session_from_plug_to_plug(open_at: Any, evse: EvseConfig, protocol: str) -> None:
    site = await open_at(evse)
    await site.station.plug_in(vehicle={"soc": 79.5}, evcc={"protocols": [protocol]})
    await asyncio.sleep(10)
    # Plugged in: both know, and the vehicle waits for its customer.
    assert site.calls("StatusNotification")[-1]["connectorStatus"] == "Occupied"
    (started,) = site.events
    assert started["triggerReason"] == "CablePluggedIn"
    asked = site.bodies("ContractAuthenticationRes" if protocol == "din" else "AuthorizationRes")
    assert {each.EVSEProcessing.partition("_")[0] for each in asked} == {"Ongoing"}
    # Somebody is authorized, and energy flows until the vehicle has enough.
    await site.station.present_token("GOOD")
    await site.until(lambda: site.events[-1]["eventType"] == "Ended", within=3_600)
    assert site.bodies("ContractAuthenticationRes" if protocol == "din" else "AuthorizationRes")[-1].EVSEProcessing == "Finished"
    assert site.states == ["EVConnected", "Charging", "SuspendedEV", "EVConnected"]
    ended = site.events[-1]
    assert (ended["triggerReason"], ended["transactionInfo"]["stoppedReason"]) == ("StopAuthorized", "StoppedByEV")
    order = [
        "AuthorizationRes" if protocol != "din" else "ContractAuthenticationRes",
        "NotifyEVChargingNeeds",
        "PowerDeliveryRes",
    ]
    order += ["NotifyEVChargingSchedule", "SessionStopRes"]
    places = [site.course.index(name) for name in order]
    assert places == sorted(places)
    # One meter: what the vehicle was told last is what the CSMS is told in the end, but for what flowed in between.
    loops = [
        each
        for each in site.iso
        if each.name in ("ChargingStatusRes", "CurrentDemandRes", "AC_ChargeLoopRes", "DC_ChargeLoopRes")
    ]
    told = [shown for each in loops if (shown := meter_info(each.message)) is not None]
    assert register(ended) == pytest.approx(site.station.hardware.evses[1].meter.energy_wh, abs=0.01)
    assert register(ended) > 250
    if protocol != "din":
        assert told[-1] == pytest.approx(register(ended), abs=25.0)
        assert told == sorted(told)
    # Unplugged: the connector is free again.
    await site.station.unplug()
    await asyncio.sleep(1)
    assert site.calls("StatusNotification")[-1]["connectorStatus"] == "Available"


def meter_info(message: Any) -> float | None:
    """Return the import register of a response (Wh); None where it tells none."""
    body = getattr(getattr(message, "Body", None), "BodyElement", message)
    info = getattr(body, "MeterInfo", None)
    if info is None:
        return None
    reading = info.MeterReading if hasattr(info, "MeterReading") else info.ChargedEnergyReadingWh
    return float(reading)


async def test_needs_are_told_as_the_vehicle_told_them_in_ac(open_at: Any) -> None:
    site = await open_at(AC)
    await site.station.present_token("GOOD")
    await site.station.plug_in(
        vehicle={"soc": 50.0, "phases": 1, "max_power_w": 3_680.0}, evcc={"protocols": ["iso2"], "departure_s": 7_200}
    )
    await site.charging()
    told = site.bodies("ChargeParameterDiscoveryReq")[0].EVChargeParameter
    (needs,) = site.calls("NotifyEVChargingNeeds")
    assert needs["evseId"] == 1
    assert needs["chargingNeeds"]["requestedEnergyTransfer"] == "AC_three_phase"
    assert needs["chargingNeeds"]["acChargingParameters"] == {
        "energyAmount": number(told.EAmount),
        "evMinCurrent": number(told.EVMinCurrent),
        "evMaxCurrent": int(number(told.EVMaxCurrent)),
        "evMaxVoltage": int(number(told.EVMaxVoltage)),
    }
    assert needs["chargingNeeds"]["departureTime"].startswith("2025-06-01T10:00:")


async def test_needs_are_told_as_the_vehicle_told_them_in_dc(open_at: Any) -> None:
    site = await open_at(DC)
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 50.0}, evcc={"protocols": ["iso2"]})
    await site.charging()
    (needs,) = site.calls("NotifyEVChargingNeeds")
    assert needs["chargingNeeds"] == {
        "requestedEnergyTransfer": "DC",
        "dcChargingParameters": {
            "evMaxCurrent": 250,
            "evMaxVoltage": 403,
            "evMaxPower": 100_000,
            "energyAmount": 18_000,
            "evEnergyCapacity": 60_000,
            "stateOfCharge": 50,
            "fullSoC": 100,
            "bulkSoC": 80,
        },
    }


async def test_needs_of_15118_20_come_with_its_wishes(open_at: Any) -> None:
    site = await open_at(DC)
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 50.0}, evcc={"protocols": ["iso20-dc"], "departure_s": 3_600})
    await site.charging()
    (needs,) = site.calls("NotifyEVChargingNeeds")
    asked = site.bodies("ScheduleExchangeReq")[0]
    assert needs["maxScheduleTuples"] == asked.MaximumSupportingPoints
    assert needs["chargingNeeds"]["dcChargingParameters"]["energyAmount"] == quotient(
        asked.Scheduled_SEReqControlMode.EVTargetEnergyRequest
    )
    assert needs["chargingNeeds"]["departureTime"].startswith("2025-06-01T09:00:")


async def test_a_refused_token_is_a_refused_authorization(open_at: Any) -> None:
    site = await open_at(AC)
    await site.station.plug_in(vehicle={"soc": 79.5}, evcc={"protocols": ["iso2"], "retry_s": 20})
    await asyncio.sleep(3)
    await site.station.present_token("BLOCKED")
    await asyncio.sleep(3)
    assert site.bodies("AuthorizationRes")[-1].ResponseCode == "FAILED"
    assert site.station.firmware.sessions[1].authorization is None
    # The vehicle tries again, and the next one is welcome.
    await site.station.present_token("GOOD")
    await site.charging()
    assert site.bodies("AuthorizationRes")[-1].EVSEProcessing == "Finished"


async def test_15118_20_says_why_nobody_may_charge(open_at: Any) -> None:
    site = await open_at(DC)
    await site.station.plug_in(evcc={"protocols": ["iso20-dc"]})
    await asyncio.sleep(1)
    await site.station.present_token("BLOCKED")
    await site.until(lambda: site.bodies("AuthorizationRes")[-1].ResponseCode == "WARNING_EIMAuthorizationFailure")


async def test_a_remote_start_authorizes_the_vehicle_that_waits(open_at: Any) -> None:
    site = await open_at(DC)
    await site.station.plug_in(evcc={"protocols": ["din"]})
    await asyncio.sleep(3)
    token = {"idToken": "GOOD", "type": "ISO14443"}
    answer = await site.call("RequestStartTransaction", idToken=token, remoteStartId=7, evseId=1)
    assert answer["status"] == "Accepted"
    await site.charging()
    assert "RemoteStart" in [each["triggerReason"] for each in site.events]


async def test_what_is_given_back_is_on_both_meters(open_at: Any) -> None:
    site = await open_at(
        DC,
        **{
            "SampledDataCtrlr.TxUpdatedInterval": 60,
            "SampledDataCtrlr.TxUpdatedMeasurands": EXPORT,
            "SampledDataCtrlr.TxEndedMeasurands": EXPORT,
        },
    )
    await site.station.present_token("GOOD")
    evcc = {"protocols": ["iso20-dc"], "bidirectional": True, "give_w": 8_000.0, "keep_soc": 59.7, "ress": BATTERY}
    await site.station.plug_in(vehicle={"soc": 60.0}, evcc=evcc)
    await site.until(lambda: site.events and site.events[-1]["eventType"] == "Ended", within=3_600)
    told = [each.MeterInfo for each in site.bodies("DC_ChargeLoopRes") if each.MeterInfo is not None]
    ended = site.events[-1]
    exported = register(ended, "Energy.Active.Export.Register")
    assert exported == pytest.approx(180, rel=0.05)
    assert told[-1].BPT_DischargedEnergyReadingWh == pytest.approx(exported, abs=3)
    assert register(ended) == pytest.approx(told[-1].ChargedEnergyReadingWh, abs=1)
    assert register(ended) < 1
    samples = [s for e in site.events for v in e.get("meterValue", ()) for s in v["sampledValue"]]
    assert max(s["value"] for s in samples if s["measurand"] == "Power.Active.Export") == pytest.approx(8_000, rel=0.02)
    assert "Charging" in site.states


async def test_dynamic_control_follows_the_station(open_at: Any) -> None:
    site = await open_at(DC)
    await site.station.present_token("GOOD")
    evcc = {"protocols": ["iso20-dc"], "control": "Dynamic", "bidirectional": True, "ress": BATTERY}
    await site.station.plug_in(vehicle={"soc": 60.0}, evcc=evcc)
    await site.charging()
    assert (await site.observe())["power_w"] > 45_000
    await site.station.target_power(power_w=-5_000.0)
    await asyncio.sleep(5)
    assert (await site.observe())["power_w"] == pytest.approx(-5_000, rel=0.05)
    before = (await site.observe())["exported_wh"]
    await asyncio.sleep(72)
    assert (await site.observe())["exported_wh"] - before == pytest.approx(100, rel=0.05)
    await site.station.target_power()
    await asyncio.sleep(5)
    assert (await site.observe())["power_w"] > 45_000


@pytest.mark.parametrize(("evse", "protocol"), [(AC, "iso2"), (DC, "iso2"), (DC, "iso20-dc")], ids=["2 AC", "2 DC", "20 DC"])
async def test_a_vehicle_pauses_and_joins_its_session_again(open_at: Any, evse: EvseConfig, protocol: str) -> None:
    site = await open_at(evse)
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 60.0}, evcc={"protocols": [protocol]})
    await site.charging()
    await site.station.ev_suspend()
    await site.until(lambda: site.states[-1] == "SuspendedEV")
    await asyncio.sleep(600)
    assert site.events[-1]["eventType"] == "Updated"
    assert site.bodies("SessionStopReq")[-1].ChargingSession == "Pause"
    await site.station.ev_resume()
    await site.charging()
    assert [each.ResponseCode for each in site.bodies("SessionSetupRes")] == ["OK_NewSessionEstablished", "OK_OldSessionJoined"]
    assert {each["transactionInfo"]["transactionId"] for each in site.events} == {site.transaction}


async def test_a_vehicle_of_din_suspends_without_a_pause(open_at: Any) -> None:
    site = await open_at(DC)
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 60.0}, evcc={"protocols": ["din"]})
    await site.charging()
    await site.station.ev_suspend()
    await site.until(lambda: site.states[-1] == "SuspendedEV")
    await site.station.ev_resume()
    await site.charging()
    assert len(site.bodies("SessionSetupReq")) == 1


async def test_a_charge_point_of_1_6_agrees_with_its_vehicle_too(open_at: Any) -> None:
    site = await open_at(AC, version="1.6", MeterValueSampleInterval=60)
    await site.station.plug_in(vehicle={"soc": 79.0}, evcc={"protocols": ["iso2"]})
    await asyncio.sleep(5)
    assert site.calls("StatusNotification")[-1]["status"] == "Preparing"
    assert site.bodies("AuthorizationRes")[-1].EVSEProcessing.startswith("Ongoing")
    await site.station.present_token("GOOD")
    await site.until(lambda: site.calls("StatusNotification")[-1]["status"] == "Charging")
    limit = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}]}
    profile = {"chargingProfileId": 1, "stackLevel": 0, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Relative"}
    answer = await site.call("SetChargingProfile", connectorId=1, csChargingProfiles=profile | {"chargingSchedule": limit})
    assert answer == {"status": "Accepted"}
    await asyncio.sleep(10)
    assert number(site.bodies("ChargingStatusRes")[-1].EVSEMaxCurrent) == 10.0
    assert (await site.observe())["power_w"] == pytest.approx(6_900)
    offered = site.bodies("ChargeParameterDiscoveryRes")[-1].SASchedules.SAScheduleTuple[0]
    assert number(offered.PMaxSchedule.PMaxScheduleEntry[0].PMax) == 6_900
    await site.until(lambda: site.calls("StopTransaction"), within=3_600)
    (stopped,) = site.calls("StopTransaction")
    told = site.bodies("ChargingStatusRes")[-1].MeterInfo.MeterReading
    assert stopped["meterStop"] == pytest.approx(told, abs=5)
    assert not site.calls("NotifyEVChargingNeeds")
    await site.station.unplug()
    await asyncio.sleep(1)
    assert site.calls("StatusNotification")[-1]["status"] == "Available"


async def test_a_vehicle_that_does_not_speak_charges_with_ac_as_ever(open_at: Any) -> None:
    site = await open_at(AC)
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 60.0})
    await site.charging()
    assert not site.iso
    assert not site.calls("NotifyEVChargingNeeds")


async def test_there_is_no_dc_without_communication(open_at: Any) -> None:
    site = await open_at(DC)
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 60.0})
    await asyncio.sleep(600)
    assert site.states == ["EVConnected"]
    assert (await site.observe())["meter_wh"] == 0.0
