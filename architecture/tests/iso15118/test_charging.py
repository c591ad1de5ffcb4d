"""Schedules and charging profiles as plain values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.iso15118.charging import ProfileEntry, Schedule, ScheduleEntry, clipped, keeps_to
from v2x_architecture.iso15118.values import scaled

TWO = Schedule(
    id=1, entries=(ScheduleEntry(start_s=0, max_power_w=10.0), ScheduleEntry(start_s=60, max_power_w=5.0, duration_s=60))
)


@pytest.mark.parametrize(("at", "power"), [(0, 10.0), (59, 10.0), (60, 5.0), (119, 5.0), (120, 0.0)])
def test_a_schedule_has_its_power_until_its_end(at: float, power: float) -> None:
    assert TWO.max_power(at) == power


@pytest.mark.parametrize(
    ("profile", "keeps"),
    [
        ([(0, 10.0), (60, 5.0)], True),
        ([(0, 5.0)], True),
        ([(0, 10.0)], False),
        ([(0, 10.0), (61, 5.0)], False),
        ([(10, 5.0)], False),
        ([(0, 5.0), (0, 5.0)], False),
        ([], False),
    ],
)
def test_a_profile_is_held_against_every_part_of_the_schedule(profile: list[tuple[int, float]], keeps: bool) -> None:
    assert keeps_to([ProfileEntry(*each) for each in profile], TWO) is keeps


LONG = Schedule(
    id=7,
    entries=(
        ScheduleEntry(start_s=0, max_power_w=10.0),
        ScheduleEntry(start_s=60, max_power_w=4.0),
        ScheduleEntry(start_s=120, max_power_w=6.0),
        ScheduleEntry(start_s=180, max_power_w=5.0, duration_s=60),
    ),
)


@pytest.mark.parametrize("most", [1, 2, 3, 4, 5])
def test_a_schedule_with_fewer_entries_never_has_more_power_and_lasts_as_long(most: int) -> None:
    short = LONG.within(most)
    assert (short.id, len(short.entries)) == (7, min(most, 4))
    assert all(0 < short.max_power(at) <= LONG.max_power(at) for at in range(0, 240, 10))
    assert short.max_power(240) == 0


def test_a_schedule_without_end_has_none_with_fewer_entries_either() -> None:
    endless = Schedule(id=1, entries=(ScheduleEntry(start_s=0, max_power_w=2.0), ScheduleEntry(start_s=9, max_power_w=1.0)))
    assert endless.within(1).entries == (ScheduleEntry(start_s=0, max_power_w=1.0),)


@given(st.integers(0, 130), st.integers(0, 130))
def test_what_is_left_of_a_schedule_is_its_rest(passed: int, at: int) -> None:
    left = TWO.after(passed)
    assert (left.max_power(at) if left is not None else 0.0) == TWO.max_power(passed + at)


@pytest.mark.parametrize("seconds", [1, 600, 86_400, 200_000])
def test_a_schedule_can_be_had_until_a_time(seconds: int) -> None:
    fitted = TWO.lasting(seconds)
    last = fitted.entries[-1]
    assert last.duration_s is not None
    assert last.start_s + last.duration_s == seconds
    assert fitted.max_power(0) == TWO.max_power(0)
    assert fitted.max_power(seconds) == 0


def test_a_schedule_without_an_end_is_never_over() -> None:
    endless = Schedule(id=1, entries=(ScheduleEntry(start_s=0, max_power_w=10.0),))
    assert endless.after(1e6) == endless


@given(st.floats(-1e6, 1e6), st.integers(0, 3))
def test_scaled_values_are_near_and_never_more(value: float, decimals: int) -> None:
    exponent, whole = scaled(value, decimals)
    assert -32767 <= whole <= 32767
    assert abs(whole * 10.0**exponent) <= abs(value) * (1 + 1e-9) + 1e-9
    assert abs(whole * 10.0**exponent - value) <= 10.0**exponent * (1 + 1e-6)


def test_what_is_too_large_is_the_largest_there_is() -> None:
    assert scaled(1e12) == (3, 32767)
    assert scaled(-1e12) == (3, -32767)


@pytest.mark.parametrize(
    ("profile", "left"),
    [
        ([(0, 5_000)], [(0, 5_000)]),
        ([(0, 20_000)], [(0, 11_000), (60, 7_000)]),
        ([(0, 9_000), (30, 20_000)], [(0, 9_000), (30, 11_000), (60, 7_000)]),
        ([(0, 6_000), (90, 1_000)], [(0, 6_000), (90, 1_000)]),
    ],
)
def test_of_a_profile_there_is_left_what_the_schedule_has(profile: list[tuple[int, int]], left: list[tuple[int, int]]) -> None:
    entries = (ScheduleEntry(start_s=0, max_power_w=11_000), ScheduleEntry(start_s=60, max_power_w=7_000))
    schedule = Schedule(id=1, entries=entries)
    told = clipped([ProfileEntry(at, power) for at, power in profile], schedule)
    assert [(each.start_s, each.max_power_w) for each in told] == left
    assert keeps_to(told, schedule)
