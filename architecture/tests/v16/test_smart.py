"""Smart charging at the charge point (3.13, 5.5, 5.7, 5.16; pitfalls 25 to 27)."""

import asyncio

import pytest
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.station.config import EvseConfig

pytestmark = pytest.mark.anyio

START = "2025-06-02T12:00:00Z"
ACCEPTED, REJECTED = {"status": "Accepted"}, {"status": "Rejected"}


@pytest.fixture
def profile():
    """Makes csChargingProfiles; periods are (start, limit[, phases])."""

    def make(identity, purpose, *periods, level=0, unit="A", kind="Absolute", **fields):
        fields_of_schedule = {name: fields.pop(name) for name in ("duration", "minChargingRate") if name in fields}
        start = {"startSchedule": START} if kind != "Relative" else {}
        names = ("startPeriod", "limit", "numberPhases")
        return {
            "chargingProfileId": identity,
            "stackLevel": level,
            "chargingProfilePurpose": purpose,
            "chargingProfileKind": kind,
            "chargingSchedule": {
                "chargingRateUnit": unit,
                "chargingSchedulePeriod": [dict(zip(names, each, strict=False)) for each in periods],
                **start,
                **fields_of_schedule,
            },
            **fields,
        }

    return make


@pytest.fixture
def power(charging):
    """What the vehicle draws now, in W."""

    async def now():
        return round((await charging.observe())["evses"]["1"]["power_w"])

    return now


async def set_profile(csms, profile, connector=1):
    return await csms.call("SetChargingProfile", connectorId=connector, csChargingProfiles=profile)


async def test_a_profile_limits_a_running_transaction_and_its_removal_frees_it(charging, csms, profile, power):
    assert await power() == 22_000
    assert await set_profile(csms, profile(1, "TxDefaultProfile", (0, 10))) == ACCEPTED
    assert await power() == 10 * 690
    assert await set_profile(csms, profile(2, "TxProfile", (0, 16), transactionId=1)) == ACCEPTED
    assert await power() == 16 * 690
    assert await set_profile(csms, profile(3, "ChargePointMaxProfile", (0, 8)), connector=0) == ACCEPTED
    assert await power() == 8 * 690
    assert await csms.call("ClearChargingProfile") == ACCEPTED
    assert await power() == 22_000
    assert await csms.call("ClearChargingProfile") == {"status": "Unknown"}


async def test_limits_in_watts_and_in_amperes_are_not_mistaken_for_each_other(charging, csms, profile, power):
    await set_profile(csms, profile(1, "TxDefaultProfile", (0, 6900), unit="W"))
    assert await power() == 6900
    await set_profile(csms, profile(1, "TxDefaultProfile", (0, 10, 1), unit="A"))
    assert await power() == 2300


async def test_limit_zero_stops_the_energy_and_a_later_period_resumes_it(charging, csms, profile, power):
    await set_profile(csms, profile(1, "TxDefaultProfile", (0, 16), (60, 0), (120, 16)))
    csms.forget()
    await asyncio.sleep(90)
    assert await power() == 0
    assert csms.told(1) == ["SuspendedEVSE"]
    await asyncio.sleep(60)
    assert await power() == 16 * 690
    assert csms.told(1) == ["SuspendedEVSE", "Charging"]


async def test_a_transaction_that_starts_under_limit_zero_starts_suspended(station, csms, profile):
    await set_profile(csms, profile(1, "TxDefaultProfile", (0, 0)))
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(5)
    assert csms.told(1) == ["Preparing", "SuspendedEVSE"]


async def test_a_tx_profile_needs_its_transaction(station, csms, profile):
    assert await set_profile(csms, profile(1, "TxProfile", (0, 16))) == REJECTED
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    assert await set_profile(csms, profile(1, "TxProfile", (0, 16), transactionId=2)) == REJECTED
    assert await set_profile(csms, profile(1, "TxProfile", (0, 16)), connector=0) == REJECTED
    assert await set_profile(csms, profile(1, "TxProfile", (0, 16))) == ACCEPTED


async def test_the_profile_of_a_transaction_ends_with_it(charging, csms, profile, power):
    await set_profile(csms, profile(1, "TxProfile", (0, 6), transactionId=1))
    await charging.press_stop()
    await charging.present_token("TAG2")
    await asyncio.sleep(2)
    assert await power() == 22_000


async def test_a_remote_start_brings_its_profile(station, csms, profile):
    await station.plug_in()
    answer = await csms.call(
        "RemoteStartTransaction", idTag="APP1", connectorId=1, chargingProfile=profile(1, "TxProfile", (0, 7), kind="Relative")
    )
    assert answer == ACCEPTED
    await asyncio.sleep(1)
    assert (await station.observe())["evses"]["1"]["power_w"] == pytest.approx(7 * 690)
    assert await set_profile(csms, profile(2, "TxProfile", (0, 9), transactionId=1)) == ACCEPTED
    assert (await station.observe())["evses"]["1"]["power_w"] == pytest.approx(9 * 690)
    assert [one.id for one in station.firmware.profiles.profiles] == [2]


@pytest.mark.parametrize("fields", [{"transactionId": 1}, {"purpose": "TxDefaultProfile"}, {"validFrom": "soon"}])
async def test_a_remote_start_with_a_profile_that_cannot_be_used_is_rejected(station, csms, profile, fields):
    purpose = fields.pop("purpose", "TxProfile")
    await station.plug_in()
    answer = await csms.call("RemoteStartTransaction", idTag="APP1", chargingProfile=profile(1, purpose, (0, 7), **fields))
    assert answer == REJECTED


async def test_the_profile_of_a_remote_start_is_not_for_somebody_else(station, csms, profile):
    csms.tags["APP1"] = {"status": "Blocked"}
    await station.plug_in()
    await csms.call("RemoteStartTransaction", idTag="APP1", chargingProfile=profile(1, "TxProfile", (0, 7)))
    await station.present_token("TAG1")
    await asyncio.sleep(2)
    assert (await station.observe())["evses"]["1"]["power_w"] == pytest.approx(22_000)


async def test_the_profile_of_a_remote_start_is_forgotten_with_it(start, csms, profile):
    station = await start(ConnectionTimeOut=10)
    await csms.call("RemoteStartTransaction", idTag="APP1", chargingProfile=profile(1, "TxProfile", (0, 7)))
    await asyncio.sleep(20)
    await station.plug_in()
    await station.present_token("APP1")
    await asyncio.sleep(2)
    assert (await station.observe())["evses"]["1"]["power_w"] == pytest.approx(22_000)


async def test_profiles_outlive_a_power_cycle(station, csms, profile):
    await set_profile(csms, profile(1, "TxDefaultProfile", (0, 10)))
    await station.power_cycle()
    await asyncio.sleep(2)
    answer = await csms.call("GetCompositeSchedule", connectorId=1, duration=60)
    assert answer["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 10.0, "numberPhases": 3}]


async def test_a_composite_schedule_is_the_lowest_of_all(station, csms, profile):
    await set_profile(csms, profile(1, "ChargePointMaxProfile", (0, 10), duration=86_400), connector=0)
    await set_profile(csms, profile(2, "TxDefaultProfile", (0, 6), (100, 16), duration=200), connector=0)
    answer = await csms.call("GetCompositeSchedule", connectorId=1, duration=300, chargingRateUnit="A")
    assert (answer["status"], answer["connectorId"], answer["chargingSchedule"]["duration"]) == ("Accepted", 1, 300)
    assert answer["scheduleStart"] == "2025-06-02T12:00:01.000Z"
    assert "startSchedule" not in answer["chargingSchedule"]
    periods = [(each["startPeriod"], each["limit"]) for each in answer["chargingSchedule"]["chargingSchedulePeriod"]]
    assert periods == [(0, 6), (99, 10)]


async def test_the_composite_schedule_of_the_charge_point_is_what_it_expects_to_draw(start, csms, profile):
    await start(connectors=2)
    await set_profile(csms, profile(1, "TxDefaultProfile", (0, 6)), connector=0)
    answer = await csms.call("GetCompositeSchedule", connectorId=0, duration=60, chargingRateUnit="W")
    assert answer["chargingSchedule"]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 2 * 6 * 690.0}]


@pytest.mark.parametrize(
    "request_", [{"connectorId": 9, "duration": 60}, {"connectorId": 1, "duration": 0}, {"connectorId": 1, "duration": 10**9}]
)
async def test_a_schedule_that_cannot_be_reported_is_rejected(station, csms, request_):
    assert await csms.call("GetCompositeSchedule", **request_) == REJECTED


async def test_units_that_are_not_allowed_are_rejected(start, csms, profile):
    await start(ChargingScheduleAllowedChargingRateUnit="Power")
    assert await set_profile(csms, profile(1, "TxDefaultProfile", (0, 6))) == REJECTED
    assert await csms.call("GetCompositeSchedule", connectorId=1, duration=60, chargingRateUnit="A") == REJECTED
    answer = await csms.call("GetCompositeSchedule", connectorId=1, duration=60)
    assert answer["chargingSchedule"]["chargingRateUnit"] == "W"


async def test_an_unknown_connector_is_a_property_constraint_violation(station, csms, profile):
    with pytest.raises(CallRefused, match="PropertyConstraintViolation"):
        await set_profile(csms, profile(1, "TxDefaultProfile", (0, 6)), connector=2)


async def test_a_date_that_is_none_is_a_property_constraint_violation(station, csms, profile):
    with pytest.raises(CallRefused, match="PropertyConstraintViolation"):
        await set_profile(csms, profile(1, "TxDefaultProfile", (0, 6), validFrom="soon"))


@pytest.mark.parametrize(
    ("criteria", "left"),
    [
        ({"id": 2, "stackLevel": 9}, [1, 3]),
        ({"chargingProfilePurpose": "TxDefaultProfile"}, [1]),
        ({"chargingProfilePurpose": "ChargePointMaxProfile"}, [2, 3]),
        ({"connectorId": 1}, [1, 2]),
        ({"connectorId": 0}, [3]),
        ({"stackLevel": 1}, [1, 2]),
        ({"connectorId": 7}, [1, 2, 3]),
    ],
)
async def test_profiles_are_cleared_by_what_is_named(station, csms, profile, criteria, left):
    await set_profile(csms, profile(1, "ChargePointMaxProfile", (0, 10)), connector=0)
    await set_profile(csms, profile(2, "TxDefaultProfile", (0, 10)), connector=0)
    await set_profile(csms, profile(3, "TxDefaultProfile", (0, 10), level=1), connector=1)
    answer = await csms.call("ClearChargingProfile", **criteria)
    assert answer == ({"status": "Unknown"} if len(left) == 3 else ACCEPTED)
    assert [one.id for one in station.firmware.profiles.profiles] == left


async def test_connectors_share_what_the_charge_point_may_draw(start, csms, profile):
    station = await start(evses=(EvseConfig(), EvseConfig()), AuthorizeRemoteTxRequests=False)
    await set_profile(csms, profile(1, "ChargePointMaxProfile", (0, 20)), connector=0)
    for evse in (1, 2):
        await station.plug_in(evse)
        await csms.call("RemoteStartTransaction", idTag=f"TAG{evse}", connectorId=evse)
    await asyncio.sleep(2)
    drawn = [each["power_w"] for each in (await station.observe())["evses"].values()]
    assert drawn == [pytest.approx(10 * 690)] * 2
    await station.press_stop(1)
    await asyncio.sleep(2)
    drawn = [each["power_w"] for each in (await station.observe())["evses"].values()]
    assert drawn == [0, pytest.approx(20 * 690)]


async def test_a_profile_is_followed_while_offline(charging, csms, profile, power):
    await set_profile(csms, profile(1, "TxProfile", (0, 16), (60, 8), transactionId=1))
    await csms.lose()
    await asyncio.sleep(90)
    assert await power() == 8 * 690
