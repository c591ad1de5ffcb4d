"""Combining profiles (pitfalls: stacking, boundaries, recurring, TxProfile without its transaction, A and W, limit 0)."""

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction

import pytest
from v2x_architecture.ocpp.smart_charging import (
    ChargingLimits,
    CompositePeriod,
    Kind,
    Purpose,
    RateUnit,
    Recurrency,
    Session,
    Site,
    Supply,
)

MAX, DEFAULT, TX, EXTERNAL = Purpose.STATION_MAX, Purpose.TX_DEFAULT, Purpose.TX, Purpose.EXTERNAL
DAY = 86_400


@pytest.fixture
def composite(site, now):
    """Gives (start, limit) of a composite schedule."""

    def of(duration, *profiles, evse=1, unit=RateUnit.AMPERES, sessions=None, at=0.0, on=None):
        limits = ChargingLimits(on or site, profiles, sessions or {}, now + timedelta(seconds=at))
        schedule = limits.composite(evse, duration, unit)
        assert schedule.duration == duration
        return [(period.start, float(period.limit)) for period in schedule.periods]

    return of


def test_without_profiles_only_the_local_limit_holds(composite):
    assert composite(300) == [(0, 32)]
    assert composite(300, unit=RateUnit.WATTS) == [(0, 32 * 3 * 230)]


def test_the_connection_limits_an_outlet_that_could_do_more(composite):
    site = Site(Supply(Fraction(20)), {1: Supply(Fraction(32))})
    assert composite(300, on=site) == [(0, 20)]


def test_the_higher_stack_level_leads(composite, profile):
    low = profile(1, DEFAULT, (0, 6), (100, 8), (200, 10), duration=400, level=0)
    high = profile(2, DEFAULT, (0, 7), (100, 9), duration=150, level=1)
    assert composite(350, low, high) == [(0, 7), (100, 9), (150, 8), (200, 10)]
    assert composite(350, high, low) == [(0, 7), (100, 9), (150, 8), (200, 10)]


def test_the_higher_stack_level_leads_even_when_it_allows_more(composite, profile):
    assert composite(60, profile(1, DEFAULT, (0, 6)), profile(2, DEFAULT, (0, 20), level=3)) == [(0, 20)]


def test_a_higher_profile_that_is_not_yet_valid_leaves_the_lower_one(composite, profile):
    later = profile(2, DEFAULT, (0, 20), level=1, start=-500, valid=(30, 40))
    assert composite(60, profile(1, DEFAULT, (0, 6)), later) == [(0, 6), (30, 20), (40, 6)]


def test_purposes_combine_to_the_lowest_and_the_tx_profile_takes_the_place_of_the_default(composite, profile, now):
    profiles = (
        profile(1, MAX, (0, 10), duration=DAY),
        profile(2, DEFAULT, (0, 6), duration=300),
        profile(3, TX, (0, 8), (50, 11), (200, 6), (240, 12), duration=260, transaction="t"),
    )
    sessions = {1: Session("t", now)}
    assert composite(400, *profiles, sessions=sessions) == [(0, 8), (50, 10), (200, 6), (240, 10), (260, 6), (300, 10)]


def test_external_constraints_of_station_and_evse_bind(composite, profile):
    station = profile(1, EXTERNAL, (0, 20), evse=0)
    own = profile(2, EXTERNAL, (0, 12), evse=1, start=10)
    assert composite(60, station, own) == [(0, 20), (10, 12)]
    assert composite(60, station, own, evse=2) == [(0, 20)]


@pytest.mark.parametrize("sessions", [{}, {1: Session("other")}, {1: Session(None)}, {2: Session("t")}])
def test_a_tx_profile_binds_its_own_transaction_only(composite, profile, sessions):
    assert composite(60, profile(1, TX, (0, 6), transaction="t"), sessions=sessions) == [(0, 32)]


def test_a_tx_profile_without_a_transaction_id_binds_whatever_charges_there(composite, profile):
    assert composite(60, profile(1, TX, (0, 6)), sessions={1: Session(None)}) == [(0, 6)]


def test_a_default_profile_of_the_station_holds_on_every_evse(composite, profile):
    everywhere = profile(1, DEFAULT, (0, 6), evse=0)
    assert composite(60, everywhere, evse=1) == composite(60, everywhere, evse=2) == [(0, 6)]


def test_an_evses_own_default_profile_takes_the_place_of_the_stations_on_its_level(composite, profile):
    everywhere, own = profile(1, DEFAULT, (0, 6), evse=0), profile(2, DEFAULT, (0, 10), evse=1, duration=30)
    assert composite(60, everywhere, own, evse=1) == [(0, 10), (30, 32)]
    assert composite(60, everywhere, own, evse=2) == [(0, 6)]


def test_the_stations_default_profile_stays_below_an_evses_own_on_a_higher_level(composite, profile):
    everywhere, own = profile(1, DEFAULT, (0, 6), evse=0), profile(2, DEFAULT, (0, 10), evse=1, duration=30, level=1)
    assert composite(60, everywhere, own, evse=1) == [(0, 10), (30, 6)]


def test_relative_schedules_stay_relative_to_the_session(composite, profile, now):
    relative = profile(1, DEFAULT, (0, 6), (100, 12), kind=Kind.RELATIVE)
    assert composite(200, relative, sessions={1: Session("t", now - timedelta(seconds=40))}) == [(0, 6), (60, 12)]


def test_without_a_transaction_a_relative_schedule_is_shown_as_if_one_began_now(composite, profile):
    assert composite(200, profile(1, DEFAULT, (0, 6), (100, 12), kind=Kind.RELATIVE, received=-900)) == [(0, 6), (100, 12)]


def test_recurring_schedules_return_to_the_level_below_each_day(composite, profile):
    base = profile(1, DEFAULT, (0, 20), start=-DAY)
    peak = profile(
        2,
        DEFAULT,
        (0, 8),
        level=1,
        kind=Kind.RECURRING,
        recurrency=Recurrency.DAILY,
        start=5 * 3600,
        duration=3 * 3600,
    )
    evening, hours = 5 * 3600, 3 * 3600
    expected = [(0, 20)]
    for day in (0, DAY):
        expected += [(day + evening, 8), (day + evening + hours, 20)]
    assert composite(2 * DAY, base, peak) == expected


def test_equal_neighbours_are_one_period(composite, profile):
    assert composite(60, profile(1, DEFAULT, (0, 10), (20, 10), (40, 12))) == [(0, 10), (40, 12)]


def test_watts_and_amperes_are_compared_by_what_they_allow(composite, profile):
    in_watts = profile(1, MAX, (0, 6900, 3), unit=RateUnit.WATTS)
    in_amperes = profile(2, DEFAULT, (0, 16), (30, 6))
    assert composite(60, in_watts, in_amperes) == [(0, 10), (30, 6)]
    assert composite(60, in_watts, in_amperes, unit=RateUnit.WATTS) == [(0, 6900), (30, 4140)]


def test_the_fewest_phases_hold(site, profile, now):
    limits = ChargingLimits(site, [profile(1, MAX, (0, 20, 3)), profile(2, DEFAULT, (0, 16, 1))], {}, now)
    assert limits.composite(1, 60, RateUnit.WATTS).periods == (CompositePeriod(0, Fraction(16 * 230), 1),)
    assert limits.composite(1, 60, RateUnit.WATTS).periods_payload() == [{"startPeriod": 0, "limit": 3680.0, "numberPhases": 1}]


def test_direct_current_has_no_phases(profile, now):
    site = Site(Supply(Fraction(80)), {1: Supply(Fraction(200), Fraction(400), direct=True)})
    limits = ChargingLimits(site, [profile(1, DEFAULT, (0, 20_000, 3), unit=RateUnit.WATTS)], {}, now)
    assert limits.composite(1, 60, RateUnit.WATTS).periods_payload() == [{"startPeriod": 0, "limit": 20_000.0}]
    assert limits.composite(1, 60, RateUnit.AMPERES).periods_payload() == [{"startPeriod": 0, "limit": 50.0}]


def test_the_station_expects_to_draw_what_its_evses_may_within_its_own_limit(composite, profile):
    first, second = profile(1, DEFAULT, (0, 10), (30, 32)), profile(2, DEFAULT, (0, 6), evse=2)
    assert composite(60, first, second, evse=0) == [(0, 16), (30, 38)]
    assert composite(60, first, second, profile(3, MAX, (0, 20)), evse=0) == [(0, 16), (30, 20)]
    assert composite(60, first, second, evse=0, unit=RateUnit.WATTS) == [(0, 16 * 690), (30, 38 * 690)]


def test_limit_zero_stops(composite, amperes, profile):
    stop = profile(1, DEFAULT, (0, 16), (30, 0), (60, 16))
    assert composite(90, stop) == [(0, 16), (30, 0), (60, 16)]
    assert [amperes(at, stop) for at in (29.9, 30, 59.9, 60)] == [16, 0, 0, 16]


def test_a_change_within_a_second_gives_the_whole_second_the_lower_limit(composite, profile):
    falls, rises = profile(1, DEFAULT, (0, 16), (30, 8), start=-0.5), profile(1, DEFAULT, (0, 8), (30, 16), start=-0.5)
    assert composite(60, falls) == [(0, 16), (29, 8)]
    assert composite(60, rises) == [(0, 8), (30, 16)]


def test_several_changes_within_a_second_give_it_the_lowest(composite, profile, now):
    profiles = [profile(n, DEFAULT, (0, limit), level=n, start=0.2 * n) for n, limit in ((1, 20), (2, 6), (3, 12))]
    assert composite(10, *profiles) == [(0, 6), (1, 12)]


def test_a_schedule_asked_for_between_two_seconds_starts_with_the_second_before(site, profile, now):
    limits = ChargingLimits(site, [profile(1, DEFAULT, (0, 16), (10, 8))], {}, now + timedelta(seconds=3.7))
    schedule = limits.composite(1, 20, RateUnit.AMPERES)
    assert schedule.start == now + timedelta(seconds=3)
    assert [(one.start, one.limit) for one in schedule.periods] == [(0, 16), (7, 8)]


def test_an_unknown_evse_is_a_key_error(composite):
    with pytest.raises(KeyError):
        composite(60, evse=9)


def test_the_limit_says_when_it_changes_next(site, profile, now):
    limits = ChargingLimits(site, [profile(1, DEFAULT, (0, 16), (30, 16), (60, 8))], {}, now)
    assert limits.limit(1).rate.amperes == 16
    assert limits.limit(1).until == now + timedelta(seconds=60)
    assert limits.limit(1, now + timedelta(seconds=60)).until is None


def test_a_limit_that_never_changes_over_a_recurrence_is_looked_at_again(site, profile, now):
    daily = profile(1, DEFAULT, (0, 16), kind=Kind.RECURRING, recurrency=Recurrency.DAILY)
    assert ChargingLimits(site, [daily], {}, now).limit(1).until == now + timedelta(days=8)


def test_an_overshadowed_change_is_no_change(site, profile, now):
    profiles = [profile(1, DEFAULT, (0, 20), (30, 25)), profile(2, MAX, (0, 10), duration=600)]
    assert ChargingLimits(site, profiles, {}, now).limit(1).until == now + timedelta(seconds=600)


def test_the_minimum_is_that_of_the_leading_schedule(site, profile, now):
    leading = profile(1, TX, (0, 16), minimum=6, duration=60)
    limits = ChargingLimits(site, [leading, profile(2, DEFAULT, (0, 8), minimum=7)], {1: Session(None, now)}, now)
    assert limits.minimum(1, now).amperes == 6
    assert limits.minimum(1, now + timedelta(seconds=60)).amperes == 7
    assert limits.minimum(2, now) is None


def test_the_ev_chooses_among_the_schedules_of_iso_15118(site, profile, now):
    one = profile(1, TX, (0, 6), transaction="t")
    two = profile(2, TX, (0, 12), transaction="t")
    both = replace(one, schedules=one.schedules + two.schedules)
    for choice, limit in ((0, 6), (1, 12), (2, 12)):
        limits = ChargingLimits(site, [both], {1: Session("t", now, choice)}, now)
        assert limits.rate(1, now).amperes == limit
