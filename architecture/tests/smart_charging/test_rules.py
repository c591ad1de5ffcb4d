"""Which profiles are refused (pitfalls: TxProfile without or with a wrong transaction, K01.FR.41, rate units)."""

from dataclasses import replace
from fractions import Fraction

import pytest
from v2x_architecture.ocpp.smart_charging import (
    Capabilities,
    Kind,
    ProfileStore16,
    ProfileStore201,
    Purpose,
    RateUnit,
    Recurrency,
    Session,
    Site,
    Supply,
)

MAX, DEFAULT, TX, EXTERNAL = Purpose.STATION_MAX, Purpose.TX_DEFAULT, Purpose.TX, Purpose.EXTERNAL
SESSIONS = {1: Session("t")}
CAPABILITIES = Capabilities(frozenset({RateUnit.AMPERES}), max_periods=3, max_stack_level=5, max_profiles=4)


@pytest.fixture(params=[ProfileStore16, ProfileStore201])
def store(request, site):
    return request.param(site, CAPABILITIES)


@pytest.fixture
def store_16(site):
    return ProfileStore16(site, CAPABILITIES)


@pytest.fixture
def store_201(site):
    return ProfileStore201(site, CAPABILITIES)


def clause(store, profile, sessions=SESSIONS, **kwargs):
    refusal = store.refusal(profile, sessions, **kwargs)
    return None if refusal is None else refusal.clause


@pytest.mark.parametrize(
    "good",
    [
        (1, MAX, (0, 10)),
        (1, DEFAULT, (0, 10)),
        (1, DEFAULT, (0, 0), (60, 16, 3)),
    ],
)
def test_good_profiles_are_taken(store, profile, good):
    assert clause(store, profile(*good)) is None


def test_a_tx_profile_for_the_running_transaction_is_taken(store, profile):
    assert clause(store, profile(1, TX, (0, 10), transaction="t")) is None
    assert clause(store, profile(1, TX, (0, 10), transaction="t", kind=Kind.RELATIVE)) is None


def test_each_kind_is_taken(store, profile):
    assert clause(store, profile(1, DEFAULT, kind=Kind.RELATIVE)) is None
    assert clause(store, profile(1, DEFAULT, kind=Kind.RECURRING, recurrency=Recurrency.WEEKLY)) is None


def test_the_station_maximum_is_for_the_whole_station(store, profile):
    assert clause(store, replace(profile(1, MAX), evse=1)) == "K04.FR.03"


def test_a_tx_profile_is_not_for_the_whole_station(store, profile):
    assert clause(store, profile(1, TX, evse=0, transaction="t")) == "K01.FR.16"


def test_an_unknown_evse_is_refused_in_201_and_an_rpc_error_in_16(store_16, store_201, profile):
    unknown = profile(1, DEFAULT, evse=9)
    assert store_201.refusal(unknown, {}).reason_code == "UnknownEvse"
    assert store_201.refusal(unknown, {}).call_error is None
    assert store_16.refusal(unknown, {}).call_error == "PropertyConstraintViolation"


@pytest.mark.parametrize(
    ("transaction", "sessions", "clause_16", "clause_201"),
    [
        ("t", {}, "3.13.1", "K01.FR.09"),
        (None, {}, "3.13.1", "K01.FR.09"),
        ("other", SESSIONS, "7.8", "K01.FR.33"),
        (None, SESSIONS, None, "K01.FR.03"),
        ("t", {2: Session("t")}, "3.13.1", "K01.FR.09"),
        ("t", {1: Session(None)}, "7.8", "K01.FR.33"),
    ],
)
def test_a_tx_profile_needs_its_transaction(store_16, store_201, profile, transaction, sessions, clause_16, clause_201):
    one = profile(1, TX, transaction=transaction)
    assert (clause(store_16, one, sessions), clause(store_201, one, sessions)) == (clause_16, clause_201)


def test_only_a_tx_profile_names_a_transaction(store, profile):
    assert clause(store, profile(1, DEFAULT, transaction="t")) == "ChargingProfile.transactionId"


def test_a_remote_start_brings_a_tx_profile_without_a_transaction(store, profile):
    assert clause(store, profile(1, TX), {}, starting=True) is None
    assert clause(store, profile(1, TX, transaction="t"), {}, starting=True) == "ChargingProfile.transactionId"
    assert clause(store, profile(1, DEFAULT), {}, starting=True) == "K05.FR.02"


@pytest.mark.parametrize("level", [-1, 6])
def test_the_stack_has_its_levels(store, profile, level):
    assert clause(store, profile(1, DEFAULT, level=level)) == "ProfileStackLevel"


def test_a_rate_unit_that_is_not_configured_is_refused(store, profile):
    assert clause(store, profile(1, DEFAULT, unit=RateUnit.WATTS)) == "K01.FR.26"


@pytest.mark.parametrize(
    ("periods", "expected"),
    [
        ([(1, 10)], "K01.FR.31"),
        ([(0, 10), (5, 10), (5, 8)], "K01.FR.35"),
        ([(0, 10), (9, 10), (5, 8)], "K01.FR.35"),
        ([(0, 10), (1, 10), (2, 10), (3, 10)], "PeriodsPerSchedule"),
        ([(0, -1)], "ChargingSchedulePeriod.limit"),
        ([(0, 10, 4)], "ChargingSchedulePeriod.numberPhases"),
        ([(0, 10, 0)], "ChargingSchedulePeriod.numberPhases"),
        ([(0, 10), (2**31, 10)], "ChargingSchedulePeriod.startPeriod"),
    ],
)
def test_periods_make_sense(store, profile, periods, expected):
    assert clause(store, profile(1, DEFAULT, *periods)) == expected


def test_a_schedule_has_periods(store, profile):
    empty = profile(1, DEFAULT)
    empty = replace(empty, schedules=(replace(empty.schedules[0], periods=()),))
    assert clause(store, empty) == "K01.FR.31"


@pytest.mark.parametrize("duration", [0, -5, 2**31])
def test_a_schedule_lasts_some_time(store, profile, duration):
    assert clause(store, profile(1, DEFAULT, duration=duration)) == "ChargingSchedule.duration"


def test_a_minimum_rate_is_not_negative(store, profile):
    assert clause(store, profile(1, DEFAULT, minimum=-1)) == "ChargingSchedule.minChargingRate"


def test_a_profile_is_valid_for_some_time(store, profile):
    assert clause(store, profile(1, DEFAULT, valid=(60, 60))) == "K01.FR.37"


def test_recurrence_goes_with_the_recurring_kind(store, profile):
    assert clause(store, profile(1, DEFAULT, kind=Kind.RECURRING)) == "ChargingProfile.recurrencyKind"
    assert clause(store, profile(1, DEFAULT, recurrency=Recurrency.DAILY)) == "ChargingProfile.recurrencyKind"


def test_a_start_schedule_goes_with_its_kinds_in_201(store_16, store_201, profile):
    absolute = profile(1, DEFAULT, start=None)
    assert (clause(store_16, absolute), clause(store_201, absolute)) == (None, "K01.FR.40")
    relative = replace(profile(1, DEFAULT), kind=Kind.RELATIVE)
    assert (clause(store_16, relative), clause(store_201, relative)) == (None, "K01.FR.41")


def test_the_station_maximum_is_not_relative_in_201(store_16, store_201, profile):
    relative = profile(1, MAX, kind=Kind.RELATIVE)
    assert (clause(store_16, relative), clause(store_201, relative)) == (None, "K01.FR.38")


def test_external_constraints_are_not_the_csmss(store_201, profile):
    assert clause(store_201, profile(1, EXTERNAL, evse=0)) == "K01.FR.22"
    store_201.install(profile(1, EXTERNAL, evse=0))
    assert clause(store_201, profile(1, DEFAULT)) == "K01.FR.05"


def test_several_schedules_are_for_iso_15118_only(store_201, profile):
    one = profile(1, TX, transaction="t")
    three = replace(one, schedules=one.schedules * 3)
    assert clause(store_201, three) == "K01.FR.34"
    assert clause(store_201, three, serves_iso15118=True) is None


@pytest.mark.parametrize(
    ("installed", "new", "expected"),
    [
        ((0, (None, None), 0), (1, (None, None), 0), "K01.FR.53"),
        ((1, (None, None), 0), (0, (None, None), 0), "K01.FR.52"),
        ((1, (None, None), 0), (1, (None, None), 0), "K01.FR.06"),
        ((1, (None, 60), 0), (1, (60, None), 0), None),
        ((1, (None, 61), 0), (1, (60, None), 0), "K01.FR.06"),
        ((1, (None, None), 0), (1, (None, None), 1), None),
        ((1, (None, None), 0), (2, (None, None), 0), None),
    ],
)
def test_one_default_profile_a_stack_level_and_evse_in_201(store_201, profile, installed, new, expected):
    first, second = (
        profile(n, DEFAULT, evse=evse, valid=valid, level=level) for n, (evse, valid, level) in enumerate((installed, new))
    )
    store_201.install(first)
    assert clause(store_201, second) == expected
    assert clause(store_201, replace(second, id=first.id)) is None


def test_one_tx_profile_a_stack_level_and_transaction_in_201(store_201, profile):
    store_201.install(profile(1, TX, transaction="t"))
    assert clause(store_201, profile(2, TX, transaction="t", valid=(10, 20))) == "K01.FR.39"
    assert clause(store_201, profile(2, TX, transaction="t", level=1)) is None


def test_there_is_room_for_so_many(store, profile):
    for number in range(4):
        store.install(profile(number, DEFAULT, level=number))
    assert clause(store, profile(9, DEFAULT, level=5)) == "MaxChargingProfilesInstalled"
    assert clause(store, profile(3, DEFAULT, level=5)) is None


def test_a_full_station_of_16_still_replaces_by_stack_level(store_16, profile):
    for number in range(4):
        store_16.install(profile(number, DEFAULT, level=number))
    assert clause(store_16, profile(9, DEFAULT, level=3)) is None


@pytest.mark.parametrize(
    ("period", "supply", "capabilities", "expected"),
    [
        ((0, 10, 1), Supply(Fraction(32)), Capabilities(switches_phases=False), "K01.FR.43"),
        ((0, 10, 3), Supply(Fraction(32)), Capabilities(switches_phases=False), None),
        ((0, 10, 3), Supply(Fraction(32), phases=1), Capabilities(switches_phases=False), None),
        ((0, 10, 1), Supply(Fraction(32), direct=True), Capabilities(switches_phases=False), None),
        ((0, 10, 1), Supply(Fraction(32)), Capabilities(), None),
    ],
)
def test_phases_that_cannot_be_ensured_are_refused_in_201(profile, period, supply, capabilities, expected):
    store = ProfileStore201(Site(Supply(Fraction(50)), {1: supply}), capabilities)
    assert clause(store, profile(1, DEFAULT, period)) == expected


@pytest.mark.parametrize(
    ("phases", "chooses", "expected"),
    [(3, True, "K01.FR.19"), (None, True, "K01.FR.19"), (1, False, "K01.FR.48"), (1, True, None)],
)
def test_a_phase_is_chosen_only_where_one_can_be(site, profile, phases, chooses, expected):
    one = profile(1, DEFAULT)
    period = replace(one.schedules[0].periods[0], phases=phases, phase_to_use=2)
    chosen = replace(one, schedules=(replace(one.schedules[0], periods=(period,)),))
    assert clause(ProfileStore201(site, Capabilities(chooses_phase=chooses)), chosen) == expected
