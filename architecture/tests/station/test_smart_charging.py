"""Smart charging of the 2.0.1 station: K01 to K13, and that limits really limit."""

from __future__ import annotations

import asyncio

import pytest
from v2x_architecture.ocpp.station import EvseConfig

pytestmark = pytest.mark.anyio


def profile(limit=10.0, id_=1, purpose="TxDefaultProfile", level=0, unit="A", kind="Relative", **more):
    periods = more.pop("periods", None) or [{"startPeriod": 0, "limit": limit}]
    schedule = {"id": 1, "chargingRateUnit": unit, "chargingSchedulePeriod": periods}
    for name in ("duration", "startSchedule"):
        if name in more:
            schedule[name] = more.pop(name)
    if kind != "Relative":
        schedule.setdefault("startSchedule", "2025-06-01T08:00:00Z")
    return {
        "id": id_,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": [schedule],
    } | more


async def install(bench, evse=1, **what):
    return await bench.peer.ask("SetChargingProfile", {"evseId": evse, "chargingProfile": profile(**what)})


def power(bench, evse=1):
    return bench.station.hardware.evses[evse].read(bench.firmware.now()).power_w


async def test_default_profile_limits_a_transaction_at_once(bench):
    await bench.charging()
    assert power(bench) == 11_040
    assert (await install(bench, limit=10))["status"] == "Accepted"
    event = await bench.peer.expect("TransactionEvent")
    assert event["triggerReason"] == "ChargingRateChanged"
    assert power(bench) == pytest.approx(10 * 230 * 3)


async def test_zero_and_what_a_pilot_cannot_say_suspend(bench):
    await bench.charging()
    for limit in (0, 5.9):
        await install(bench, limit=limit)
        event = await bench.peer.expect("TransactionEvent")
        assert event["transactionInfo"]["chargingState"] == "SuspendedEVSE"
        assert power(bench) == 0
        await bench.peer.ask("ClearChargingProfile", {"chargingProfileId": 1})
        event = await bench.peer.expect("TransactionEvent")
        assert event["transactionInfo"]["chargingState"] == "Charging"


async def test_schedule_is_followed_in_time(bench):
    await install(bench, periods=[{"startPeriod": 0, "limit": 16}, {"startPeriod": 600, "limit": 8, "numberPhases": 1}])
    await bench.charging()
    assert power(bench) == pytest.approx(16 * 230 * 3)
    await asyncio.sleep(610)
    assert power(bench) == pytest.approx(8 * 230)
    event = await bench.peer.expect("TransactionEvent", triggerReason="ChargingRateChanged")
    assert event["numberOfPhasesUsed"] == 1


async def test_tx_profile_needs_its_transaction_and_goes_with_it(bench):
    assert (await install(bench, purpose="TxProfile", transactionId="none"))["status"] == "Rejected"
    started = await bench.charging()
    id_ = started["transactionInfo"]["transactionId"]
    assert (await install(bench, purpose="TxProfile", transactionId="other"))["status"] == "Rejected"
    assert (await install(bench, purpose="TxProfile", transactionId=id_, limit=7))["status"] == "Accepted"
    await bench.peer.expect("TransactionEvent", triggerReason="ChargingRateChanged")
    assert power(bench) == pytest.approx(7 * 230 * 3)
    await bench.station.present_token("GOOD")
    await bench.peer.expect("TransactionEvent", eventType="Ended")
    assert bench.firmware.profiles.profiles == ()


async def test_profiles_survive_a_power_cycle(bench):
    await install(bench, limit=9)
    await bench.station.power_cycle()
    await bench.booted()
    await bench.charging()
    assert power(bench) == pytest.approx(9 * 230 * 3)


async def test_remote_start_brings_its_profile(bench):
    bench.peer.tokens["GOOD"] = {"status": "Accepted"}
    request = {
        "idToken": {"idToken": "GOOD", "type": "ISO14443"},
        "remoteStartId": 1,
        "evseId": 1,
        "chargingProfile": profile(purpose="TxProfile", limit=6),
    }
    assert (await bench.peer.ask("RequestStartTransaction", request))["status"] == "Accepted"
    await bench.station.plug_in()
    while (await bench.peer.expect("TransactionEvent"))["transactionInfo"]["chargingState"] != "Charging":
        pass
    assert power(bench) == pytest.approx(6 * 230 * 3)
    request["chargingProfile"] = profile(purpose="TxDefaultProfile")
    await bench.station.present_token("GOOD")
    await bench.peer.expect("TransactionEvent", eventType="Ended")
    assert (await bench.peer.ask("RequestStartTransaction", request))["status"] == "Rejected"


async def test_station_maximum_is_shared(bench_of):
    bench = await bench_of(evses=(EvseConfig(), EvseConfig()))
    assert (await install(bench, 1, purpose="ChargingStationMaxProfile", kind="Absolute"))["status"] == "Rejected"
    await install(bench, 0, purpose="ChargingStationMaxProfile", kind="Absolute", limit=20)
    await bench.charging(evse=1, max_power_w=22_080)
    assert power(bench, 1) == pytest.approx(20 * 230 * 3)
    await bench.charging(evse=2, max_power_w=22_080)
    assert power(bench, 1) == power(bench, 2) == pytest.approx(10 * 230 * 3)
    await bench.station.unplug(2)
    await asyncio.sleep(1)
    assert power(bench, 1) == pytest.approx(20 * 230 * 3)


async def test_connection_to_the_grid_is_a_limit_too(bench_of):
    bench = await bench_of(evses=(EvseConfig(), EvseConfig()), grid_current_a=16)
    await bench.charging(evse=1)
    await bench.charging(evse=2)
    assert power(bench, 1) + power(bench, 2) == pytest.approx(16 * 230 * 3)


async def test_composite_schedule(bench):
    await install(bench, 0, purpose="ChargingStationMaxProfile", kind="Absolute", limit=20)
    await install(bench, 1, id_=2, periods=[{"startPeriod": 0, "limit": 25}, {"startPeriod": 300, "limit": 10}])
    answer = await bench.peer.ask("GetCompositeSchedule", {"duration": 600, "evseId": 1, "chargingRateUnit": "A"})
    assert answer["status"] == "Accepted"
    assert answer["schedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 20, "numberPhases": 3},
        {"startPeriod": 300, "limit": 10, "numberPhases": 3},
    ]
    assert (await bench.peer.ask("GetCompositeSchedule", {"duration": 60, "evseId": 4}))["status"] == "Rejected"
    month = 31 * 86_400
    assert (await bench.peer.ask("GetCompositeSchedule", {"duration": month, "evseId": 1}))["status"] == "Accepted"
    longer = await bench.peer.ask("GetCompositeSchedule", {"duration": month + 1, "evseId": 1})
    assert (longer["status"], longer["statusInfo"]["reasonCode"]) == ("Rejected", "ValueTooHigh")
    await bench.station.configure(key="SmartChargingCtrlr.RateUnit", value="A")
    await bench.station.power_cycle()
    await bench.booted()
    request = {"duration": 60, "evseId": 1, "chargingRateUnit": "W"}
    assert (await bench.peer.ask("GetCompositeSchedule", request))["status"] == "Rejected"


async def test_profiles_are_reported_and_cleared(bench):
    await install(bench, 0, id_=1, purpose="ChargingStationMaxProfile", kind="Absolute")
    await install(bench, 0, id_=2)
    await install(bench, 1, id_=3, level=4)
    request = {"requestId": 9, "chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile"}}
    assert (await bench.peer.ask("GetChargingProfiles", request))["status"] == "Accepted"
    first, second = [await bench.peer.expect("ReportChargingProfiles") for _ in range(2)]
    assert [first["tbc"], second["tbc"]] == [True, False]
    assert [first["evseId"], second["evseId"]] == [0, 1]
    assert [each["chargingProfile"][0]["id"] for each in (first, second)] == [2, 3]
    assert {each["requestId"] for each in (first, second)} == {9}
    nothing = {"requestId": 9, "chargingProfile": {"chargingProfileId": [99]}}
    assert (await bench.peer.ask("GetChargingProfiles", nothing))["status"] == "NoProfiles"
    clear = {"chargingProfileCriteria": {"stackLevel": 4}}
    assert (await bench.peer.ask("ClearChargingProfile", clear))["status"] == "Accepted"
    assert (await bench.peer.ask("ClearChargingProfile", clear))["status"] == "Unknown"
    assert len(bench.firmware.profiles.profiles) == 2


async def test_limit_from_outside(bench):
    await bench.charging()
    await bench.station.external_limit(8)
    await bench.peer.expect("TransactionEvent", triggerReason="ChargingRateChanged")
    assert (await bench.peer.expect("NotifyChargingLimit"))["chargingLimit"]["chargingLimitSource"] == "EMS"
    assert power(bench) == pytest.approx(8 * 230 * 3)
    external = {"chargingProfileCriteria": {"chargingProfilePurpose": "ChargingStationExternalConstraints"}}
    assert (await bench.peer.ask("ClearChargingProfile", external))["status"] == "Unknown"
    request = {"requestId": 1, "chargingProfile": {"chargingLimitSource": ["EMS"]}}
    await bench.peer.ask("GetChargingProfiles", request)
    report = await bench.peer.expect("ReportChargingProfiles")
    assert report["chargingProfile"][0]["chargingProfilePurpose"] == "ChargingStationExternalConstraints"
    await bench.station.release_limit()
    assert (await bench.peer.expect("ClearedChargingLimit"))["chargingLimitSource"] == "EMS"
    await asyncio.sleep(1)
    assert power(bench) == 11_040


async def test_switched_off_it_is_not_supported(bench):
    await bench.peer.set(SmartChargingCtrlr__Enabled="false")
    assert await bench.peer.refused("GetCompositeSchedule", {"duration": 60, "evseId": 1}) == "NotSupported"


async def test_limits_hold_offline(bench):
    await install(bench, limit=9)
    bench.peer.tokens["GOOD"] = {"status": "Accepted"}
    await bench.charging()
    await bench.station.network_down()
    await asyncio.sleep(60)
    assert power(bench) == pytest.approx(9 * 230 * 3)
    await bench.station.network_up()
    await bench.peer.expect("Heartbeat", within=120)
