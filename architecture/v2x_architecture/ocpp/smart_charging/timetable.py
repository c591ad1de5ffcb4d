"""A charging schedule laid on the calendar: which of its periods runs at an instant, and when that changes next."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from v2x_architecture.ocpp.smart_charging.profile import Kind, Period, Profile, Recurrency, Schedule

_CYCLES = {Recurrency.DAILY: timedelta(days=1), Recurrency.WEEKLY: timedelta(days=7)}


@dataclass(frozen=True, slots=True)
class Timetable:
    """The schedule of one charging profile in absolute time.

    Args:
        profile: whose it is.
        schedule: the one chosen of its schedules.
        anchor: when its first period begins, or began, for the first time.
        cycle: after how long it begins anew; None for once.
        length: how long it runs from each beginning; None for without end.
        starts: the beginning of each period, from the schedule's beginning.
    """

    profile: Profile
    schedule: Schedule
    anchor: datetime
    cycle: timedelta | None
    length: timedelta | None
    starts: tuple[timedelta, ...]

    def period(self, at: datetime) -> Period | None:
        """Return the period that runs at an instant, None outside the profile's validity or its schedule.

        A period lasts until the next begins or the duration is over (K01.FR.11, K01.FR.12); validity includes validFrom and
        excludes validTo (K01.FR.36, K01.FR.37); nothing runs before startSchedule (K01.FR.30); what lies beyond the
        recurrence is not executed (1.6: 5.16.4).
        """
        profile = self.profile
        if profile.valid_from is not None and at < profile.valid_from:
            return None
        if profile.valid_to is not None and at >= profile.valid_to:
            return None
        if at < self.anchor:
            return None
        elapsed = at - self.anchor
        if self.cycle is not None:
            elapsed %= self.cycle
        if self.length is not None and elapsed >= self.length:
            return None
        index = bisect_right(self.starts, elapsed) - 1
        return self.schedule.periods[index] if index >= 0 else None

    def next_change(self, after: datetime) -> datetime | None:
        """Return the first instant after the given one at which another period, or none, may run; None when never again."""
        profile = self.profile
        if profile.valid_to is not None and after >= profile.valid_to:
            return None
        if profile.valid_from is not None and after < profile.valid_from:
            return profile.valid_from
        change = self._next_edge(after)
        if profile.valid_to is not None and (change is None or change > profile.valid_to):
            return profile.valid_to
        return change

    def _next_edge(self, after: datetime) -> datetime | None:
        if after < self.anchor:
            return self.anchor
        elapsed = after - self.anchor
        past = timedelta(0) if self.cycle is None else elapsed // self.cycle * self.cycle
        elapsed -= past
        index = bisect_right(self.starts, elapsed)
        if index < len(self.starts) and (self.length is None or self.starts[index] < self.length):
            return _later(self.anchor, past + self.starts[index])
        if self.length is not None and elapsed < self.length:
            return _later(self.anchor, past + self.length)
        return None if self.cycle is None else _later(self.anchor, past + self.cycle)


def _later(moment: datetime, by: timedelta) -> datetime | None:
    """Return a moment moved on, None for one beyond the calendar (a message may say year 9999)."""
    try:
        return moment + by
    except OverflowError:
        return None


def timetable(profile: Profile, session_start: datetime | None, *, choice: int = 0) -> Timetable:
    """Lay a profile's schedule on the calendar.

    A relative schedule begins when the EVSE is ready to deliver energy to the transaction (K01.FR.42), as does an absolute or
    recurring one of 1.6 that names no startSchedule (1.6: 7.13); without a transaction, when the profile was received. A day
    is 24 hours and a week seven of them: where the clocks change, a special profile is needed (2.0.1 part 2, K 3.6).

    Args:
        profile: the profile.
        session_start: when the EVSE became ready to deliver energy.
        choice: which of the schedules of an ISO 15118 session; the last where there are fewer (K15.FR.22).
    """
    schedule = profile.schedules[min(choice, len(profile.schedules) - 1)]
    anchor = None if profile.kind is Kind.RELATIVE else schedule.start
    cycle = _CYCLES[profile.recurrency] if profile.kind is Kind.RECURRING and profile.recurrency is not None else None
    length = None if schedule.duration is None else timedelta(seconds=schedule.duration)
    if cycle is not None:
        length = cycle if length is None else min(length, cycle)
    return Timetable(
        profile=profile,
        schedule=schedule,
        anchor=anchor or session_start or profile.received,
        cycle=cycle,
        length=length,
        starts=tuple(timedelta(seconds=period.start) for period in schedule.periods),
    )
