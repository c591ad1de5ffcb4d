"""When a schedule's periods run (pitfall: boundaries and recurrence of composite schedules)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.ocpp.smart_charging import Kind, Profile, Purpose, RateUnit, Recurrency, Schedule
from v2x_architecture.ocpp.smart_charging.profile import Period
from v2x_architecture.ocpp.smart_charging.timetable import timetable

DAY = 86_400


@pytest.fixture
def running(profile, now):
    """Gives the limit of a profile's running period at seconds from noon."""

    def at(seconds, *args, session=None, **kwargs):
        period = timetable(profile(1, Purpose.TX_DEFAULT, *args, **kwargs), session).period(now + timedelta(seconds=seconds))
        return None if period is None else float(period.limit)

    return at


@pytest.fixture
def changes(profile, now):
    """Gives all instants, in seconds from noon, at which a profile may change."""

    def of(until, *args, session=None, **kwargs):
        table = timetable(profile(1, Purpose.TX_DEFAULT, *args, **kwargs), session)
        found, at = [], now
        while (at := table.next_change(at)) is not None and at < now + timedelta(seconds=until):
            found.append((at - now).total_seconds())
        return found

    return of


@pytest.mark.parametrize(("seconds", "limit"), [(-1, None), (0, 16), (99, 16), (100, 8), (199, 8), (200, None)])
def test_a_period_lasts_until_the_next_begins_or_the_duration_is_over(running, seconds, limit):
    assert running(seconds, (0, 16), (100, 8), duration=200) == limit


def test_the_last_period_goes_on_when_there_is_no_duration(running):
    assert running(10**9, (0, 16), (100, 8)) == 8


def test_a_period_beyond_the_duration_is_not_executed(running, changes):
    assert running(150, (0, 16), (200, 8), duration=100) is None
    assert changes(1000, (0, 16), (200, 8), duration=100) == [100]


def test_nothing_runs_before_the_start_of_the_schedule(running):
    assert running(59, (0, 16), start=60) is None
    assert running(60, (0, 16), start=60) == 16


def test_validity_includes_valid_from_and_excludes_valid_to(running, changes):
    assert [running(at, (0, 16), start=-50, valid=(10, 20)) for at in (9, 10, 19, 20)] == [None, 16, 16, None]
    assert changes(100, (0, 16), start=-50, valid=(10, 20)) == [10, 20]


def test_a_relative_schedule_begins_with_the_session(running, now):
    session = now - timedelta(seconds=30)
    assert running(0, (0, 16), (60, 8), kind=Kind.RELATIVE, session=session) == 16
    assert running(30, (0, 16), (60, 8), kind=Kind.RELATIVE, session=session) == 8


def test_an_absolute_schedule_without_a_start_is_relative_to_the_session(running, now):
    assert running(0, (0, 16), (60, 8), start=None, session=now - timedelta(seconds=60)) == 8


def test_a_relative_schedule_without_a_session_begins_when_it_was_received(running):
    assert running(0, (0, 16), (60, 8), kind=Kind.RELATIVE, received=-60) == 8


@pytest.mark.parametrize(("recurrency", "cycle"), [(Recurrency.DAILY, DAY), (Recurrency.WEEKLY, 7 * DAY)])
def test_a_recurring_schedule_begins_anew(running, recurrency, cycle):
    for turn in (0, 1, 2, 400):
        at = [
            running(turn * cycle + s, (0, 16), (60, 8), kind=Kind.RECURRING, recurrency=recurrency)
            for s in (0, 59, 60, cycle - 1)
        ]
        assert at == [16, 16, 8, 8]


def test_a_recurring_schedule_does_not_run_before_its_first_start(running):
    assert running(0, (0, 16), kind=Kind.RECURRING, recurrency=Recurrency.DAILY, start=DAY) is None


def test_a_recurring_schedule_shorter_than_its_cycle_leaves_a_gap(running, changes):
    daily = {"kind": Kind.RECURRING, "recurrency": Recurrency.DAILY, "start": -3600, "duration": 7200}
    assert [running(at, (0, 16), **daily) for at in (0, 3599, 3600, DAY - 3601, DAY - 3600)] == [16, 16, None, None, 16]
    assert changes(DAY + 4000, (0, 16), **daily) == [3600, DAY - 3600, DAY + 3600]


def test_what_is_longer_than_the_cycle_is_not_executed(running):
    daily = {"kind": Kind.RECURRING, "recurrency": Recurrency.DAILY, "duration": 2 * DAY}
    assert running(DAY + 10, (0, 16), (DAY + 5, 8), **daily) == 16


def test_a_start_with_an_offset_is_the_same_instant(running):
    start = datetime.fromisoformat("2025-06-02T14:00:00+02:00")
    assert [running(at, (0, 16), start=start) for at in (-1, 0)] == [None, 16]


@pytest.mark.parametrize("start", ["9999-12-31T23:59:59-12:00", "9999-12-31T23:00:00+12:00", "0001-01-01T00:00:00+12:00"])
@pytest.mark.parametrize("recurrency", [None, Recurrency.WEEKLY])
def test_the_ends_of_the_calendar_are_no_error(profile, now, start, recurrency):
    kind = Kind.ABSOLUTE if recurrency is None else Kind.RECURRING
    moment = datetime.fromisoformat(start)
    one = profile(1, Purpose.TX_DEFAULT, (0, 16), (7200, 8), start=moment, duration=2**31 - 1, kind=kind, recurrency=recurrency)
    table = timetable(one, None)
    for at in (now, moment, datetime.max.replace(tzinfo=UTC)):
        change = table.next_change(at)
        assert change is None or change > at


@given(
    starts=st.lists(st.integers(1, 2**31), unique=True, max_size=6),
    duration=st.none() | st.integers(1, 2**31),
    start=st.none() | st.datetimes(timezones=st.just(UTC)),
    validity=st.tuples(st.none() | st.datetimes(timezones=st.just(UTC)), st.none() | st.datetimes(timezones=st.just(UTC))),
    recurrency=st.none() | st.sampled_from(Recurrency),
    at=st.datetimes(timezones=st.just(UTC)),
)
def test_between_two_changes_nothing_changes(starts, duration, start, validity, recurrency, at):
    periods = tuple(Period(second, second) for second in [0, *sorted(starts)])
    kind = Kind.ABSOLUTE if recurrency is None else Kind.RECURRING
    schedule = Schedule(RateUnit.AMPERES, periods, duration, start)
    one = Profile(1, 1, 0, Purpose.TX_DEFAULT, kind, (schedule,), datetime(2025, 1, 1, tzinfo=UTC), recurrency, *validity)
    table = timetable(one, None)
    change = table.next_change(at)
    assert change is None or change > at
    before = datetime.max.replace(tzinfo=UTC) if change is None else change - timedelta(microseconds=1)
    assert table.period(before) == table.period(at)
