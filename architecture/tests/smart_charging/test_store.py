"""Setting, replacing, clearing and keeping profiles."""

import json

import pytest
from v2x_architecture.ocpp.smart_charging import ProfileStore16, ProfileStore201, Purpose, RateUnit, Session

MAX, DEFAULT, TX, EXTERNAL = Purpose.STATION_MAX, Purpose.TX_DEFAULT, Purpose.TX, Purpose.EXTERNAL


@pytest.fixture
def store_16(site):
    return ProfileStore16(site)


@pytest.fixture
def store_201(site):
    return ProfileStore201(site)


def ids(profiles):
    return [one.id for one in profiles]


def test_the_same_id_replaces_wherever_it_was(store_16, store_201, profile):
    for store in (store_16, store_201):
        store.install(profile(1, DEFAULT, (0, 6), evse=1))
        assert ids(store.install(profile(1, DEFAULT, (0, 10), evse=2, level=4))) == [1]
        assert [(one.evse, one.stack_level) for one in store.profiles] == [(2, 4)]


def test_the_same_stack_level_and_purpose_replace_in_16(store_16, profile):
    store_16.install(profile(1, DEFAULT, level=2))
    assert ids(store_16.install(profile(2, DEFAULT, level=2))) == [1]
    assert ids(store_16.install(profile(3, DEFAULT, level=3))) == []
    assert ids(store_16.install(profile(4, TX, level=2))) == []
    assert ids(store_16.profiles) == [2, 3, 4]


def test_a_connectors_default_replaces_the_general_one_there_only_in_16(store_16, profile, now):
    store_16.install(profile(1, DEFAULT, (0, 6), evse=0))
    assert store_16.install(profile(2, DEFAULT, (0, 10), evse=1)) == []
    limits = store_16.limits({}, now)
    assert [limits.rate(evse, now).amperes for evse in (1, 2)] == [10, 6]


def test_a_new_general_default_replaces_those_of_the_connectors_in_16(store_16, profile):
    store_16.install(profile(1, DEFAULT, evse=1))
    store_16.install(profile(2, DEFAULT, evse=2))
    assert ids(store_16.install(profile(3, DEFAULT, evse=0))) == [1, 2]


@pytest.mark.parametrize(
    ("criteria", "removed"),
    [
        ({}, [1, 2, 3, 4]),
        ({"profile_id": 2}, [2]),
        ({"profile_id": 2, "evse": 1, "stack_level": 7}, [2]),
        ({"profile_id": 99}, []),
        ({"evse": 0}, [1, 2]),
        ({"evse": 1}, [3, 4]),
        ({"purpose": DEFAULT}, [2, 3]),
        ({"purpose": DEFAULT, "evse": 1}, [3]),
        ({"stack_level": 1}, [3, 4]),
        ({"stack_level": 1, "purpose": TX}, [4]),
        ({"stack_level": 8}, []),
        ({"purpose": EXTERNAL}, []),
        ({"profile_id": 5}, []),
    ],
)
def test_clearing_takes_what_matches_all_and_never_external_constraints(store_201, profile, criteria, removed):
    for one in (
        profile(1, MAX),
        profile(2, DEFAULT, evse=0),
        profile(3, DEFAULT, level=1),
        profile(4, TX, level=1, transaction="t"),
        profile(5, EXTERNAL, evse=0),
    ):
        store_201.install(one)
    assert ids(store_201.clear(**criteria)) == removed
    assert ids(store_201.profiles) == [number for number in (1, 2, 3, 4, 5) if number not in removed]


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ({}, [1, 2, 3]),
        ({"evse": 0}, [1]),
        ({"evse": 1, "stack_level": 1}, [3]),
        ({"ids": [1, 3]}, [1, 3]),
        ({"purpose": DEFAULT}, [2, 3]),
        ({"sources": ["EMS"]}, []),
        ({"sources": ["CSO", "EMS"]}, [1, 2, 3]),
    ],
)
def test_telling_gives_what_matches_all(store_201, profile, criteria, found):
    for one in (profile(1, MAX), profile(2, DEFAULT), profile(3, DEFAULT, level=1)):
        store_201.install(one)
    assert ids(store_201.find(**criteria)) == found


def test_the_end_of_a_transaction_ends_its_profiles(store_16, profile):
    store_16.install(profile(1, TX))
    store_16.install(profile(2, TX, evse=2))
    store_16.install(profile(3, DEFAULT))
    assert ids(store_16.end_transaction(1)) == [1]
    assert ids(store_16.profiles) == [2, 3]


def test_a_released_external_constraint_binds_no_more(store_201, profile, now):
    store_201.install(profile(1, EXTERNAL, (0, 6), evse=0))
    assert store_201.limits({}, now).rate(1, now).amperes == 6
    store_201.release(1)
    assert store_201.limits({}, now).rate(1, now).amperes == 32


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
def test_profiles_outlive_a_power_cycle(version, site, profile, now):
    schedule = {
        "startSchedule": "2025-06-02T12:00:00Z",
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.5}],
    }
    common = {"stackLevel": 1, "chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Absolute"}
    if version == "1.6":
        kind, payload = ProfileStore16, {"chargingProfileId": 7, "chargingSchedule": schedule, **common}
    else:
        kind, payload = ProfileStore201, {"id": 7, "chargingSchedule": [{"id": 1, **schedule}], **common}
    before, after = kind(site), kind(site)
    before.install(before.read(payload, 1, now))
    before.install(profile(8, EXTERNAL))
    after.load(json.loads(json.dumps(before.dump())))
    assert after.profiles == before.profiles[:1]
    assert after.profiles[0].payload == payload
    composite = after.limits({1: Session()}, now).composite(1, 60, RateUnit.AMPERES)
    assert composite.periods_payload() == [{"startPeriod": 0, "limit": 6.5, "numberPhases": 3}]
