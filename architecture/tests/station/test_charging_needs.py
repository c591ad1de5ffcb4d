"""K15 to K17: what a vehicle needs, what the CSMS makes of it, what the vehicle is offered and draws."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from v2x_architecture.iso15118.values import number, quotient
from v2x_architecture.ocpp.station import CannotDo, EvseConfig

from .site import AC, DC, Site, profile

pytestmark = pytest.mark.anyio


async def accepted(site: Site, *, wait: float = 3.0, **vehicle: Any) -> None:
    """Let a vehicle arrive whose needs the CSMS accepts; then the profile is still to come."""
    await site.answer("NotifyEVChargingNeeds", status="Accepted")
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 50.0, "max_power_w": 22_000.0}, evcc=vehicle)
    await site.until(lambda: site.calls("NotifyEVChargingNeeds"))
    await asyncio.sleep(wait)


async def set_profile(site: Site, limit: float, **further: Any) -> dict[str, Any]:
    return await site.call("SetChargingProfile", evseId=1, chargingProfile=profile(limit, site.transaction, **further))


def offered(site: Site) -> list[tuple[int, list[tuple[int, float]]]]:
    """Return the schedules that the vehicle was offered last: id, and each entry's start (s) and power (W)."""
    if answers := site.bodies("ScheduleExchangeRes"):
        found = []
        for each in answers[-1].Scheduled_SEResControlMode.ScheduleTuple:
            at, entries = 0, []
            for entry in each.ChargingSchedule.PowerSchedule.PowerScheduleEntries.PowerScheduleEntry:
                entries.append((at, quotient(entry.Power)))
                at += entry.Duration
            found.append((each.ScheduleTupleID, entries))
        return found
    tuples = site.bodies("ChargeParameterDiscoveryRes")[-1].SASchedules.SAScheduleTuple

    def power(value: Any) -> float:
        return float(value) if isinstance(value, int) else number(value)

    return [
        (each.SAScheduleTupleID, [(entry.TimeInterval.start, power(entry.PMax)) for entry in each.PMaxSchedule.PMaxScheduleEntry])
        for each in tuples
    ]


CASES = {
    "ISO 15118-2 AC": (AC, "iso2", 5_520.0),
    "ISO 15118-2 DC": (DC, "iso2", 20_000.0),
    "DIN SPEC 70121": (DC, "din", 20_000.0),
    "ISO 15118-20 AC": (AC, "iso20-ac", 5_520.0),
    "ISO 15118-20 DC": (DC, "iso20-dc", 20_000.0),
}


@pytest.mark.parametrize(("evse", "protocol", "limit"), CASES.values(), ids=CASES)
async def test_the_profile_of_the_csms_is_what_the_vehicle_is_offered(
    open_at: Any, evse: EvseConfig, protocol: str, limit: float
) -> None:
    site = await open_at(evse)
    await accepted(site, protocols=[protocol])
    name = "ScheduleExchangeRes" if protocol.startswith("iso20") else "ChargeParameterDiscoveryRes"
    assert {each.EVSEProcessing for each in site.bodies(name)} == {"Ongoing"}
    chosen = profile(limit, site.transaction)
    chosen["chargingSchedule"][0]["id"] = 42
    assert (await site.call("SetChargingProfile", evseId=1, chargingProfile=chosen))["status"] == "Accepted"
    await site.charging()
    assert site.bodies(name)[-1].EVSEProcessing == "Finished"
    assert offered(site) == [(42, [(0, limit)])]
    (told,) = site.calls("NotifyEVChargingSchedule")
    assert told["evseId"] == 1
    assert told["chargingSchedule"]["id"] == 42
    assert told["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": limit}]
    power = (await site.observe())["power_w"]
    assert 0.85 * limit < power <= limit + 1


async def test_a_limit_in_amperes_is_kept_at_any_voltage_of_the_battery(open_at: Any) -> None:
    site = await open_at(DC)
    await accepted(site, protocols=["iso2"])
    await set_profile(site, 30.0, unit="A")
    await site.charging()
    demand = site.bodies("CurrentDemandRes")[-1]
    assert number(demand.EVSEMaximumCurrentLimit) == 30.0
    assert number(demand.EVSEPresentCurrent) == pytest.approx(30.0, abs=0.1)


async def test_a_vehicle_does_not_wait_for_ever(open_at: Any) -> None:
    site = await open_at(AC)
    await accepted(site, protocols=["iso2"])
    await site.charging()
    assert len(site.bodies("ChargeParameterDiscoveryRes")) == pytest.approx(100, abs=3)
    assert offered(site) == [(1, [(0, 22_080.0)])]


@pytest.mark.parametrize("refused", [False, True], ids=["Rejected", "CALLERROR"])
async def test_without_a_schedule_of_the_csms_there_is_the_evse_s(open_at: Any, refused: bool) -> None:
    site = await open_at(AC)
    if refused:
        await site.csms.set_policy("refuse", {"action": "NotifyEVChargingNeeds", "code": "NotSupported"})
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 50.0}, evcc={"protocols": ["iso2"]})
    await site.charging()
    assert offered(site) == [(1, [(0, 22_080.0)])]
    assert len(site.bodies("ChargeParameterDiscoveryRes")) <= 3


@pytest.mark.parametrize(("evse", "protocol"), [(AC, "iso2"), (DC, "iso2"), (DC, "iso20-dc")], ids=["2 AC", "2 DC", "20 DC"])
async def test_a_schedule_that_comes_later_is_negotiated_anew(open_at: Any, evse: EvseConfig, protocol: str) -> None:
    site = await open_at(evse)
    await site.answer("NotifyEVChargingNeeds", status="Processing")
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 50.0, "max_power_w": 22_000.0}, evcc={"protocols": [protocol]})
    await site.charging()
    assert len(site.calls("NotifyEVChargingSchedule")) == 1
    await asyncio.sleep(100)
    assert (await set_profile(site, 9_000.0))["status"] == "Accepted"
    await asyncio.sleep(0.5)
    # The vehicle draws no more than the new schedule at the first opportunity (K16.FR.11)…
    await asyncio.sleep(1.5)
    assert (await site.observe())["power_w"] <= 9_001
    # …and then chooses it; the CSMS, which knows the needs, is not told them again (K16.FR.09).
    await site.until(lambda: len(site.calls("NotifyEVChargingSchedule")) == 2)
    await asyncio.sleep(10)
    assert site.states[-1] == "Charging"
    assert 8_000 < (await site.observe())["power_w"] <= 9_001
    assert offered(site) == [(1, [(0, 9_000.0)])]
    assert len(site.calls("NotifyEVChargingNeeds")) == 1
    # Another one raises the limit again; it is renegotiated, too.
    assert (await set_profile(site, 15_000.0))["status"] == "Accepted"
    await site.until(lambda: len(site.calls("NotifyEVChargingSchedule")) == 3)
    await asyncio.sleep(10)
    assert 12_000 < (await site.observe())["power_w"] <= 15_001
    assert [each["eventType"] for each in site.events].count("Started") == 1


async def test_din_has_no_renegotiation_but_keeps_to_the_limit(open_at: Any) -> None:
    site = await open_at(DC)
    await accepted(site, protocols=["din"])
    await set_profile(site, 20_000.0)
    await site.charging()
    await set_profile(site, 9_000.0)
    await asyncio.sleep(5)
    assert 8_000 < (await site.observe())["power_w"] <= 9_001
    assert {each.DC_EVSEStatus.EVSENotification for each in site.bodies("CurrentDemandRes")} == {"None"}
    assert len(site.bodies("ChargeParameterDiscoveryReq")) == len(site.bodies("ChargeParameterDiscoveryRes"))
    assert site.states[-1] == "Charging"


async def test_a_vehicle_renegotiates(open_at: Any) -> None:
    site = await open_at(AC)
    await accepted(site, protocols=["iso2"])
    await set_profile(site, 5_520.0)
    await site.charging()
    await site.answer("NotifyEVChargingNeeds", status="Accepted")
    await site.station.ev_renegotiate(departure_s=3_600)
    await site.until(lambda: len(site.calls("NotifyEVChargingNeeds")) == 2)
    before, now = (each["chargingNeeds"] for each in site.calls("NotifyEVChargingNeeds"))
    assert "departureTime" not in before
    assert now["departureTime"].startswith("2025-06-01T09:00:")
    await asyncio.sleep(2)
    await set_profile(site, 8_280.0)
    await site.until(lambda: len(site.calls("NotifyEVChargingSchedule")) == 2)
    await asyncio.sleep(5)
    assert offered(site) == [(1, [(0, 8_280.0)])]
    assert (await site.observe())["power_w"] == pytest.approx(8_280)


async def test_din_cannot_renegotiate(open_at: Any) -> None:
    site = await open_at(DC)
    await accepted(site, protocols=["din"])
    await set_profile(site, 5_520.0)
    await site.charging()
    with pytest.raises(CannotDo, match="renegotiate"):
        await site.station.ev_renegotiate()
    await site.station.unplug()
    with pytest.raises(CannotDo, match="speaks ISO 15118"):
        await site.station.ev_renegotiate()


async def test_a_vehicle_chooses_among_schedules(open_at: Any) -> None:
    site = await open_at(AC)
    await accepted(site, protocols=["iso2"])

    def schedule(number: int, limit: float) -> dict[str, Any]:
        return {"id": number, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}]}

    three = [schedule(7, 5_520.0), schedule(8, 9_660.0), schedule(9, 6_900.0)]
    assert (await set_profile(site, 0.0, chargingSchedule=three))["status"] == "Accepted"
    await site.charging()
    assert offered(site) == [(7, [(0, 5_520.0)]), (8, [(0, 9_660.0)]), (9, [(0, 6_900.0)])]
    assert site.bodies("PowerDeliveryReq")[0].SAScheduleTupleID == 8
    assert site.calls("NotifyEVChargingSchedule")[0]["chargingSchedule"]["id"] == 8
    assert (await site.observe())["power_w"] == pytest.approx(9_660)
    composite = await site.call("GetCompositeSchedule", duration=60, evseId=1, chargingRateUnit="W")
    assert composite["schedule"]["chargingSchedulePeriod"][0]["limit"] == 9_660.0


async def test_a_vehicle_without_a_profile_of_its_own_is_told_to_follow_its_schedule(open_at: Any) -> None:
    site = await open_at(AC)
    await accepted(site, protocols=["iso2"], with_profile=False)
    await set_profile(site, 5_520.0)
    await site.charging()
    assert site.bodies("PowerDeliveryReq")[0].ChargingProfile is None
    (told,) = site.calls("NotifyEVChargingSchedule")
    assert told["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 5_520.0}]


async def test_a_schedule_with_steps_is_followed_step_by_step(open_at: Any) -> None:
    site = await open_at(AC)
    await accepted(site, protocols=["iso2"])
    periods = [{"startPeriod": 0, "limit": 16.0}, {"startPeriod": 120, "limit": 4.0}, {"startPeriod": 240, "limit": 10.0}]
    steps = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": periods}
    begun = asyncio.get_running_loop().time() - 3
    await set_profile(site, 0.0, chargingSchedule=[steps])
    await site.charging()
    ((_, entries),) = offered(site)
    # Below 6 A nothing can be offered over the control pilot.
    assert [power for _, power in entries] == [11_040.0, 0.0, 6_900.0]
    assert [start for start, _ in entries] == [pytest.approx(each, abs=6) for each in (0, 117, 237)]
    assert (await site.observe())["power_w"] == pytest.approx(11_040)
    await asyncio.sleep(begun + 150 - asyncio.get_running_loop().time())
    assert (await site.observe())["power_w"] == 0.0
    assert site.states[-1] == "SuspendedEVSE"
    await asyncio.sleep(begun + 260 - asyncio.get_running_loop().time())
    assert (await site.observe())["power_w"] == pytest.approx(6_900)
    assert site.states[-1] == "Charging"
    assert len(site.bodies("ChargeParameterDiscoveryReq")) == len(site.bodies("ChargeParameterDiscoveryRes"))


async def test_a_profile_that_comes_before_the_needs_is_too_early(open_at: Any) -> None:
    site = await open_at(AC)
    await site.station.plug_in(vehicle={"soc": 50.0}, evcc={"protocols": ["iso2"]})
    await asyncio.sleep(3)
    answer = await set_profile(site, 5_520.0)
    assert (answer["status"], answer["statusInfo"]["reasonCode"]) == ("Rejected", "InvalidMessageSeq")


async def test_offline_the_default_profile_is_what_is_offered(open_at: Any) -> None:
    site = await open_at(AC)
    default = {
        "id": 3,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [
            {
                "id": 1,
                "startSchedule": "2025-06-01T08:00:00Z",
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 8.0}],
            }
        ],
    }
    assert (await site.call("SetChargingProfile", evseId=1, chargingProfile=default))["status"] == "Accepted"
    await site.station.present_token("GOOD")
    await asyncio.sleep(1)
    await site.station.network_down()
    await site.station.plug_in(vehicle={"soc": 50.0}, evcc={"protocols": ["iso2"]})
    await asyncio.sleep(60)
    assert offered(site) == [(1, [(0, 5_520.0)])]
    assert (await site.observe())["power_w"] == pytest.approx(5_520)
    assert not site.calls("NotifyEVChargingNeeds")
    await site.station.network_up()
    await site.charging()


async def test_the_limit_of_the_station_is_the_limit_of_the_vehicle(open_at: Any) -> None:
    site = await open_at(AC)
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 50.0}, evcc={"protocols": ["iso2"]})
    await site.charging()
    await site.station.external_limit(7.0, "A")
    await asyncio.sleep(0.5)
    await asyncio.sleep(2)
    assert number(site.bodies("ChargingStatusRes")[-1].EVSEMaxCurrent) == 7.0
    assert (await site.observe())["power_w"] == pytest.approx(4_830)
    await site.station.release_limit()
    await asyncio.sleep(5)
    # What the vehicle was offered last was no more than the limit, so that a new offer is made.
    assert (await site.observe())["power_w"] > 10_000


async def test_a_vehicle_that_was_away_hears_of_a_new_profile_when_it_comes_back(open_at: Any) -> None:
    site = await open_at(DC)
    await accepted(site, protocols=["iso2"])
    await set_profile(site, 20_000.0)
    await site.charging()
    await site.station.ev_suspend()
    await site.until(lambda: site.states[-1] == "SuspendedEV")
    await asyncio.sleep(60)
    await set_profile(site, 30_000.0)
    await site.station.ev_resume()
    await site.charging()
    await asyncio.sleep(20)
    assert (await site.observe())["power_w"] > 25_000
    assert offered(site) == [(1, [(0, 30_000.0)])]


async def test_smart_charging_that_is_switched_off_has_no_messages(open_at: Any) -> None:
    site = await open_at(AC, **{"SmartChargingCtrlr.Enabled": False})
    await site.station.present_token("GOOD")
    await site.station.plug_in(vehicle={"soc": 50.0}, evcc={"protocols": ["iso2"]})
    await site.charging()
    assert not site.calls("NotifyEVChargingNeeds")
    assert not site.calls("NotifyEVChargingSchedule")


async def test_a_schedule_with_too_many_entries_is_offered_in_parts(open_at: Any) -> None:
    site = await open_at(AC)
    await accepted(site, protocols=["iso2"])
    many = [{"startPeriod": 30 * place, "limit": 8.0 + place % 2} for place in range(20)]
    await set_profile(site, 0.0, chargingSchedule=[{"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": many}])
    await site.charging()
    ((_, entries),) = offered(site)
    assert len(entries) == 12
    assert [power for _, power in entries] == [5_520.0, 6_210.0] * 5 + [5_520.0, 5_520.0]
    await asyncio.sleep(600)
    assert len(site.calls("NotifyEVChargingSchedule")) == 2
    assert site.states == ["EVConnected", "Charging"]
    assert (await site.observe())["power_w"] == pytest.approx(6_210)


async def test_a_schedule_lasts_until_the_vehicle_departs(open_at: Any) -> None:
    site = await open_at(AC)
    await accepted(site, protocols=["iso2"], departure_s=300)
    await set_profile(site, 5_520.0)
    await site.charging()
    (told,) = site.calls("NotifyEVChargingSchedule")
    assert told["chargingSchedule"]["duration"] == 300
    # A vehicle that is still there then gets another one.
    await asyncio.sleep(320)
    assert len(site.calls("NotifyEVChargingSchedule")) == 2
    assert site.states[-1] == "Charging"
