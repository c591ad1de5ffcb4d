"""EVCC, SECC and CSMS in one chain: in every edition of ISO 15118 and both versions of OCPP they agree about what happens."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from v2x_architecture.iso15118.evcc import Ending
from v2x_architecture.iso15118.values import number, quotient
from v2x_architecture.ocpp.station import EvseConfig

from .site import AC, BATTERY, DC, Site, profile

pytestmark = pytest.mark.anyio

EDITIONS: dict[str, tuple[EvseConfig, dict[str, Any]]] = {
    "DIN SPEC 70121": (DC, {"protocols": ["din"]}),
    "ISO 15118-2 AC": (AC, {"protocols": ["iso2"]}),
    "ISO 15118-2 DC": (DC, {"protocols": ["iso2"]}),
    "ISO 15118-20 AC": (AC, {"protocols": ["iso20-ac"]}),
    "ISO 15118-20 DC": (DC, {"protocols": ["iso20-dc"]}),
    "ISO 15118-20 AC, dynamic": (AC, {"protocols": ["iso20-ac"], "control": "Dynamic"}),
    "ISO 15118-20 DC, dynamic": (DC, {"protocols": ["iso20-dc"], "control": "Dynamic"}),
}
every_edition = pytest.mark.parametrize(("evse", "evcc"), EDITIONS.values(), ids=EDITIONS)
VEHICLE = {"soc": 50.0, "max_power_w": 22_000.0}
ENERGY = "Energy.Active.Import.Register,Energy.Active.Export.Register,Power.Active.Import,Power.Active.Export"
LOOPS = ("ChargingStatusRes", "CurrentDemandRes", "AC_ChargeLoopRes", "DC_ChargeLoopRes")


def body(message: Any) -> Any:
    return getattr(getattr(message, "Body", None), "BodyElement", message)


def last_loop(site: Site) -> Any:
    """Return the last response of the charging loop."""
    return next(body(each.message) for each in reversed(site.iso) if each.name in LOOPS)


def told_limit(site: Site, evse: EvseConfig) -> float:
    """Return what the vehicle was told last that it may draw (W)."""
    loop = last_loop(site)
    control = getattr(loop, "CLResControlMode", None)
    if control is not None:
        for field in ("EVSEMaximumChargePower", "EVSETargetActivePower"):
            value = getattr(control, field, None)
            if value is not None:
                total = quotient(value)
                phases = [getattr(control, f"{field}_{line}", None) for line in ("L2", "L3")]
                return total + sum(quotient(each) for each in phases if each is not None)
        raise AssertionError(f"{type(control).__name__} tells no limit")
    if hasattr(loop, "EVSEMaxCurrent"):
        return number(loop.EVSEMaxCurrent) * evse.voltage_v * evse.phases
    return number(loop.EVSEMaximumPowerLimit)


async def charge(site: Site, evcc: dict[str, Any], **vehicle: Any) -> None:
    await site.station.plug_in(vehicle=VEHICLE | vehicle, evcc=evcc)
    await site.station.present_token("GOOD")
    await site.charging()


def steady(limit: float) -> dict[str, Any]:
    """Return a ChargingStationMaxProfile (W)."""
    schedule = {
        "id": 7,
        "chargingRateUnit": "W",
        "startSchedule": "2025-06-01T08:00:00Z",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    return {
        "id": 7,
        "stackLevel": 0,
        "chargingProfilePurpose": "ChargingStationMaxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [schedule],
    }


@every_edition
async def test_every_limit_reaches_the_vehicle_at_once(open_at: Any, evse: EvseConfig, evcc: dict[str, Any]) -> None:
    site = await open_at(evse)
    await charge(site, evcc)
    free = (await site.observe())["power_w"]
    assert free > 18_000

    async def follows(limit: float) -> None:
        await asyncio.sleep(3)
        assert told_limit(site, evse) == pytest.approx(limit, rel=0.01)
        assert told_limit(site, evse) <= limit + 0.5
        await asyncio.sleep(7)
        power = (await site.observe())["power_w"]
        assert 0.85 * limit < power <= limit + 1
        assert site.states[-1] == "Charging"

    answer = await site.call("SetChargingProfile", evseId=0, chargingProfile=steady(13_800.0))
    assert answer == {"status": "Accepted"}
    await follows(13_800.0)
    await site.station.external_limit(11_040.0, "W")
    await follows(11_040.0)
    own = profile(8_280.0, site.transaction)
    assert (await site.call("SetChargingProfile", evseId=1, chargingProfile=own))["status"] == "Accepted"
    await follows(8_280.0)
    # When they go, there is more again.
    await site.call("ClearChargingProfile", chargingProfileId=1)
    await asyncio.sleep(10)
    assert (await site.observe())["power_w"] == pytest.approx(11_040, rel=0.12)
    await site.station.release_limit()
    await asyncio.sleep(10)
    assert (await site.observe())["power_w"] == pytest.approx(13_800, rel=0.12)
    assert len({each["transactionInfo"]["transactionId"] for each in site.events}) == 1


@every_edition
async def test_a_csms_that_levels_the_load_gives_the_vehicle_what_it_needs_in_time(
    open_at: Any, evse: EvseConfig, evcc: dict[str, Any]
) -> None:
    site = await open_at(evse, needs="Accepted")
    await charge(site, evcc | {"departure_s": 14_400, "target_soc": 80.0})
    (needs,) = site.calls("NotifyEVChargingNeeds")
    told = needs["chargingNeeds"]
    wanted = told.get("acChargingParameters") or told["dcChargingParameters"]
    (sent,) = [each.payload for each in site.ocpp if each.action == "SetChargingProfile" and each.kind == "CALL"]
    limit = sent["chargingProfile"]["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"]
    if evcc["protocols"] == ["din"]:
        # It has no word for the departure, so that there is nothing to level.
        assert "departureTime" not in told
        assert limit == 100_000
    else:
        assert told["departureTime"].startswith("2025-06-01T12:00:0")
        # A little more than the energy over the time, so that it is there before the vehicle leaves.
        assert limit == pytest.approx(wanted["energyAmount"] / 4 * 1.1, rel=0.01)
        assert 0.8 * limit < (await site.observe())["power_w"] <= limit + 1
    for chosen in site.calls("NotifyEVChargingSchedule"):
        assert chosen["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] <= limit
    answers = [each.payload["status"] for each in site.ocpp if each.kind == "CALLRESULT" and "NotifyEV" in each.action]
    assert set(answers) == {"Accepted"}


@every_edition
async def test_a_remote_start_before_the_plug_lets_the_vehicle_go_on_at_once(
    open_at: Any, evse: EvseConfig, evcc: dict[str, Any]
) -> None:
    site = await open_at(evse)
    token = {"idToken": "GOOD", "type": "ISO14443"}
    answer = await site.call("RequestStartTransaction", idToken=token, remoteStartId=11, evseId=1)
    assert answer["status"] == "Accepted"
    await site.station.plug_in(vehicle=VEHICLE, evcc=evcc)
    await site.charging()
    asked = site.bodies("AuthorizationRes") or site.bodies("ContractAuthenticationRes")
    assert [each.EVSEProcessing for each in asked] == ["Finished"]
    assert {each["transactionInfo"]["remoteStartId"] for each in site.events if "remoteStartId" in each["transactionInfo"]} == {
        11
    }


@every_edition
async def test_a_fault_ends_it_on_both_sides(open_at: Any, evse: EvseConfig, evcc: dict[str, Any]) -> None:
    site = await open_at(evse)
    await charge(site, evcc | {"retries": 0})
    await site.station.set_fault(error_code="OverCurrentFailure")
    assert not site.plug.evse_contactor_closed
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    assert site.events[-1]["transactionInfo"]["stoppedReason"] == "OvercurrentFault"
    await asyncio.sleep(10)
    assert site.calls("StatusNotification")[-1]["connectorStatus"] == "Faulted"
    # The vehicle has heard of it, and holds no session any more.
    outcomes = site.station._visitors[1].outcomes
    assert len(outcomes) == 1
    assert (await site.observe())["iso15118"] == "End"
    assert (await site.observe())["power_w"] == 0.0
    energy = (await site.observe())["meter_wh"]
    await asyncio.sleep(10)
    assert (await site.observe())["meter_wh"] == energy


@every_edition
async def test_a_limit_of_nothing_suspends_and_a_new_one_lets_the_vehicle_go_on(
    open_at: Any, evse: EvseConfig, evcc: dict[str, Any]
) -> None:
    site = await open_at(evse)
    await charge(site, evcc)
    assert (await site.call("SetChargingProfile", evseId=0, chargingProfile=steady(0.0)))["status"] == "Accepted"
    await asyncio.sleep(10)
    assert (await site.observe())["power_w"] == 0.0
    assert site.states[-1] == "SuspendedEVSE"
    await asyncio.sleep(60)
    assert (await site.observe())["power_w"] == 0.0
    assert (await site.call("SetChargingProfile", evseId=0, chargingProfile=steady(9_660.0)))["status"] == "Accepted"
    await asyncio.sleep(30)
    assert 0.85 * 9_660 < (await site.observe())["power_w"] <= 9_661
    assert site.states[-2:] == ["SuspendedEVSE", "Charging"]
    assert {each["transactionInfo"]["transactionId"] for each in site.events} == {site.transaction}


@every_edition
async def test_a_vehicle_that_falls_silent_gets_nothing_more(open_at: Any, evse: EvseConfig, evcc: dict[str, Any]) -> None:
    site = await open_at(evse)
    await charge(site, evcc)
    assert site.plug.evse_contactor_closed
    await site.station._visitors[1].leave()
    await asyncio.sleep(1)
    # It is still plugged in; nobody speaks, so that nothing flows and the transaction waits.
    assert not site.plug.evse_contactor_closed
    assert (await site.observe())["power_w"] == 0.0
    await asyncio.sleep(10)
    assert site.states[-1] in ("SuspendedEV", "EVConnected")
    assert site.events[-1]["eventType"] == "Updated"
    await site.station.unplug()
    await site.until(lambda: site.events[-1]["eventType"] == "Ended")
    assert site.events[-1]["transactionInfo"]["stoppedReason"] == "EVDisconnected"


def iso_meter(loop: Any) -> tuple[float, float] | None:
    """Return import and export register of a response (Wh); None where it tells none."""
    info = getattr(loop, "MeterInfo", None)
    if info is None:
        return None
    if hasattr(info, "MeterReading"):
        return float(info.MeterReading), 0.0
    return float(info.ChargedEnergyReadingWh), float(info.BPT_DischargedEnergyReadingWh or 0)


def registers(event: dict[str, Any]) -> dict[str, float]:
    return {each["measurand"]: each["value"] for value in event["meterValue"] for each in value["sampledValue"]}


BOTH_WAYS = {
    "AC, scheduled": (AC, {"protocols": ["iso20-ac"], "give_w": 7_000.0, "max_discharge_w": 11_000.0}),
    "DC, scheduled": (DC, {"protocols": ["iso20-dc"], "give_w": 7_000.0}),
    "AC, dynamic": (AC, {"protocols": ["iso20-ac"], "control": "Dynamic", "max_discharge_w": 11_000.0}),
    "DC, dynamic": (DC, {"protocols": ["iso20-dc"], "control": "Dynamic"}),
}


@pytest.mark.parametrize(("evse", "evcc"), BOTH_WAYS.values(), ids=BOTH_WAYS)
async def test_the_meter_is_one_for_both_sides_when_energy_comes_back(
    open_at: Any, evse: EvseConfig, evcc: dict[str, Any]
) -> None:
    site = await open_at(evse, **{"SampledDataCtrlr.TxUpdatedInterval": 30, "SampledDataCtrlr.TxUpdatedMeasurands": ENERGY})
    await charge(site, evcc | {"bidirectional": True, "ress": BATTERY}, soc=70.0)
    if evcc.get("control") == "Dynamic":
        await site.station.target_power(power_w=-7_000.0)
    await asyncio.sleep(100)
    seen = await site.observe()
    assert seen["power_w"] == pytest.approx(-7_000, rel=0.03)
    sampled = [each for each in site.events if each["triggerReason"] == "MeterValuePeriodic"][-1]
    told = registers(sampled)
    assert told["Power.Active.Export"] == pytest.approx(7_000, rel=0.03)
    assert told["Power.Active.Import"] == 0.0
    shown = [meter for each in site.iso if each.name in LOOPS and (meter := iso_meter(body(each.message))) is not None]
    imported, exported = shown[-1]
    # The last sample is at most 30 s old, the last response a second.
    per_second = 7_000 / 3600
    assert imported == pytest.approx(told["Energy.Active.Import.Register"], abs=1)
    assert 0 <= exported - told["Energy.Active.Export.Register"] + 1 <= 31 * per_second + 1
    assert exported == pytest.approx(seen["exported_wh"], abs=2 * per_second + 1)
    assert [each for _, each in shown] == sorted(each for _, each in shown)


# -- OCPP 1.6 ------------------------------------------------------------------------------------------------------------------


@every_edition
async def test_a_charge_point_of_1_6_starts_limits_and_stops_a_vehicle(
    open_at: Any, evse: EvseConfig, evcc: dict[str, Any]
) -> None:
    site = await open_at(evse, version="1.6")
    await site.station.plug_in(vehicle=VEHICLE, evcc=evcc)
    await asyncio.sleep(3)
    asked = site.bodies("AuthorizationRes") or site.bodies("ContractAuthenticationRes")
    assert asked[-1].EVSEProcessing.startswith("Ongoing")
    assert (await site.call("RemoteStartTransaction", idTag="GOOD", connectorId=1)) == {"status": "Accepted"}
    await site.until(lambda: site.calls("StatusNotification")[-1]["status"] == "Charging")
    asked = site.bodies("AuthorizationRes") or site.bodies("ContractAuthenticationRes")
    assert asked[-1].EVSEProcessing == "Finished"
    await asyncio.sleep(10)
    limit = {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 9_660.0}]}
    top = {
        "chargingProfileId": 3,
        "stackLevel": 0,
        "chargingProfilePurpose": "ChargePointMaxProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": limit | {"startSchedule": "2025-06-01T08:00:00Z"},
    }
    assert (await site.call("SetChargingProfile", connectorId=0, csChargingProfiles=top)) == {"status": "Accepted"}
    await asyncio.sleep(10)
    assert told_limit(site, evse) == pytest.approx(9_660, rel=0.01)
    assert 0.85 * 9_660 < (await site.observe())["power_w"] <= 9_661
    started = next(each for each in site.ocpp if each.kind == "CALLRESULT" and each.action == "StartTransaction")
    stop = await site.call("RemoteStopTransaction", transactionId=started.payload["transactionId"])
    assert stop == {"status": "Accepted"}
    await site.until(lambda: site.calls("StopTransaction"))
    (stopped,) = site.calls("StopTransaction")
    assert stopped["reason"] == "Remote"
    assert stopped["meterStop"] == pytest.approx((await site.observe())["meter_wh"], abs=1)
    await asyncio.sleep(10)
    assert site.station._visitors[1].outcomes[-1].ending is Ending.FINISHED
    assert not site.calls("NotifyEVChargingNeeds")


async def test_a_charge_point_of_1_6_tells_what_is_given_back(open_at: Any) -> None:
    measured = "Energy.Active.Import.Register,Energy.Active.Export.Register,Power.Active.Export,SoC"
    site = await open_at(DC, version="1.6", MeterValueSampleInterval=30, MeterValuesSampledData=measured)
    evcc = {"protocols": ["iso20-dc"], "bidirectional": True, "give_w": 7_000.0, "ress": BATTERY}
    await site.station.plug_in(vehicle=VEHICLE, evcc=evcc)
    await site.station.present_token("GOOD")
    await site.until(lambda: len(site.calls("MeterValues")) >= 3, within=600)
    values = site.calls("MeterValues")[-1]["meterValue"][-1]["sampledValue"]
    told = {each["measurand"]: float(each["value"]) for each in values}
    assert told["Power.Active.Export"] == pytest.approx(7_000, rel=0.03)
    shown = [meter for each in site.iso if each.name in LOOPS and (meter := iso_meter(body(each.message))) is not None]
    assert shown[-1][1] == pytest.approx(told["Energy.Active.Export.Register"], abs=5)
    assert told["SoC"] == pytest.approx(50, abs=1)


@pytest.mark.parametrize(("evse", "evcc"), [EDITIONS["ISO 15118-2 DC"], EDITIONS["ISO 15118-20 AC"]], ids=["2 DC", "20 AC"])
async def test_a_charge_point_of_1_6_has_faults_and_vehicles_that_end(
    open_at: Any, evse: EvseConfig, evcc: dict[str, Any]
) -> None:
    site = await open_at(evse, version="1.6")
    await site.station.plug_in(vehicle=VEHICLE, evcc=evcc | {"target_soc": 50.2})
    await site.station.present_token("GOOD")
    await site.until(lambda: site.calls("StopTransaction"), within=600)
    (stopped,) = site.calls("StopTransaction")
    assert stopped.get("reason", "Local") in ("Local", "Other")
    assert "idTag" not in stopped
    await site.station.unplug()
    await asyncio.sleep(5)
    await site.station.plug_in(vehicle=VEHICLE, evcc=evcc | {"retries": 0})
    await site.station.present_token("GOOD")
    await site.until(lambda: site.calls("StatusNotification")[-1]["status"] == "Charging")
    await asyncio.sleep(5)
    await site.station.set_fault(error_code="GroundFailure")
    assert not site.plug.evse_contactor_closed
    await site.until(lambda: len(site.calls("StopTransaction")) == 2)
    await asyncio.sleep(10)
    assert site.calls("StatusNotification")[-1]["errorCode"] == "GroundFailure"
    assert (await site.observe())["iso15118"] == "End"
