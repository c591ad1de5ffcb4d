"""What may be drawn, at an instant and over a time: the leading profile of each purpose, and the lowest of them.

At any instant the leading schedule of a purpose is the one that has a period then and whose profile is valid and highest in the
stack (K01.FR.17; 1.6: 3.13.2). A TxProfile that has a period takes the place of the TxDefaultProfiles (K02.FR.04, K02.FR.08).
The result is the lowest over the purposes and the local limit (K08.FR.04, SC.01; 1.6: 3.13.3). Everything is exact: instants
are found by computing when something changes, limits are fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING

from v2x_architecture.ocpp.smart_charging.profile import STATION, Purpose
from v2x_architecture.ocpp.smart_charging.rate import to_wire
from v2x_architecture.ocpp.smart_charging.timetable import timetable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from v2x_architecture.ocpp.smart_charging.profile import Period, Profile
    from v2x_architecture.ocpp.smart_charging.rate import Rate, RateUnit, Supply
    from v2x_architecture.ocpp.smart_charging.timetable import Timetable

    type _Layer = tuple[Timetable, ...]  # the schedules among which the highest leads, in order
    type _Stretch = tuple[datetime, datetime, Fraction, int | None]

_SECOND = timedelta(seconds=1)
LONGEST_S = 31 * 86_400
"""A longer composite schedule cannot be reported (K08.FR.05; 1.6: 5.7)."""
HORIZON = timedelta(days=8)
"""How far ahead a change of the limit is looked for: beyond every recurrence."""


@dataclass(frozen=True, slots=True)
class Site:
    """The electrical side of a charging station.

    Args:
        station: the connection to the grid, shared by all EVSEs.
        evses: each EVSE's own supply, by id (2.0.1) or connector id (1.6), from 1.
    """

    station: Supply
    evses: Mapping[int, Supply]

    def supply(self, evse: int) -> Supply:
        """Return the supply of an EVSE, or of the station for 0."""
        return self.station if evse == STATION else self.evses[evse]


@dataclass(frozen=True, slots=True)
class Session:
    """A transaction as smart charging sees it.

    Args:
        transaction_id: None while the CSMS of 1.6 has not given one yet.
        ready: when the EVSE became ready to deliver energy to it (K01.FR.42), None before that.
        choice: the schedule that the EV chose, for ISO 15118.
    """

    transaction_id: str | int | None = None
    ready: datetime | None = None
    choice: int = 0


@dataclass(frozen=True, slots=True)
class Limit:
    """What may be drawn now.

    Args:
        rate: current per phase, and phases.
        until: when that changes; when to look again where no change was found within the horizon; None for never.
    """

    rate: Rate
    until: datetime | None


@dataclass(frozen=True, slots=True)
class CompositePeriod:
    """A stretch of a composite schedule.

    Args:
        start: s from the schedule's start.
        limit: in the schedule's unit, exact.
        phases: None where phases mean nothing: direct current, and the whole station.
    """

    start: int
    limit: Fraction
    phases: int | None


@dataclass(frozen=True, slots=True)
class CompositeSchedule:
    """The answer to GetCompositeSchedule, for both versions.

    Args:
        evse: EVSE or connector id; 0 for the whole charging station.
        start: a whole second, aware.
        duration: s.
        unit: of every limit.
        periods: from 0, neighbours differ.
    """

    evse: int
    start: datetime
    duration: int
    unit: RateUnit
    periods: tuple[CompositePeriod, ...]

    def periods_payload(self) -> list[dict[str, int | float]]:
        """Return chargingSchedulePeriod as both versions write it."""
        return [
            {"startPeriod": period.start, "limit": to_wire(period.limit)}
            | ({} if period.phases is None else {"numberPhases": period.phases})
            for period in self.periods
        ]


class ChargingLimits:
    """The limits that a set of charging profiles puts on a site and the transactions on it, as of one moment.

    Args:
        site: the hardware.
        profiles: all installed.
        sessions: the transaction on each EVSE that has one.
        now: the moment; where there is no transaction, limits are given as if one began now (K08.FR.06).
    """

    def __init__(self, site: Site, profiles: Iterable[Profile], sessions: Mapping[int, Session], now: datetime) -> None:
        self._site = site
        self._now = now
        profiles = tuple(profiles)
        self._layers = {STATION: _station_layers(profiles)}
        for evse in site.evses:
            self._layers[evse] = _evse_layers(profiles, evse, sessions.get(evse, Session()), now)

    def rate(self, evse: int, at: datetime) -> Rate:
        """Return what one EVSE may draw at an instant were it alone on the station; for 0, what the whole station may."""
        supply = self._site.supply(evse)
        rate = supply.limit
        if evse != STATION:
            rate = rate.lowest(supply.convert(self.rate(STATION, at), self._site.station))
        for layer in self._layers[evse]:
            leading = _leading(layer, at)
            if leading is not None:
                table, period = leading
                rate = rate.lowest(supply.rate(period.limit, table.schedule.unit, period.phases))
        return rate

    def minimum(self, evse: int, at: datetime) -> Rate | None:
        """Return minChargingRate of an EVSE's leading schedule: charging below it is not efficient (K01.FR.21)."""
        for layer in self._layers[evse]:
            leading = _leading(layer, at)
            if leading is not None:
                table, period = leading
                if (minimum := table.schedule.minimum) is not None:
                    return self._site.supply(evse).rate(minimum, table.schedule.unit, period.phases)
        return None

    def limit(self, evse: int, at: datetime | None = None) -> Limit:
        """Return what one EVSE, or the station for 0, may draw and when that changes next.

        Args:
            evse: EVSE or connector id.
            at: the instant; the moment these limits are of when None.
        """
        at = at or self._now
        rate = self.rate(evse, at)
        change = self._next_change(evse, at)
        while change is not None and change < at + HORIZON:
            if self.rate(evse, change) != rate:
                return Limit(rate, change)
            change = self._next_change(evse, change)
        return Limit(rate, None if change is None else at + HORIZON)

    def composite(self, evse: int, duration: int, unit: RateUnit) -> CompositeSchedule:
        """Return the composite schedule from now on (K08.FR.02; 1.6: 5.7).

        The station's own (0) is what it expects to draw in total: all EVSEs at their limits, within the station's (K08.FR.03).
        Messages count in whole seconds; a change within a second gives the whole of it the lower of the limits, so that no
        constraint is ever exceeded.

        Args:
            evse: EVSE or connector id, 0 for the station.
            duration: s, at least 1.
            unit: of the answer.

        Raises:
            KeyError: there is no such EVSE.
        """
        start = self._now.replace(microsecond=0)
        exact = self._stretches(evse, start + timedelta(seconds=duration), unit)
        periods: list[CompositePeriod] = []
        for period in _in_whole_seconds(exact, start):
            if not periods or (periods[-1].limit, periods[-1].phases) != (period.limit, period.phases):
                periods.append(period)
        return CompositeSchedule(evse, start, duration, unit, tuple(periods))

    def _stretches(self, evse: int, end: datetime, unit: RateUnit) -> Iterator[_Stretch]:
        """Give the limit from now until the end, piece by piece."""
        at = self._now
        while at < end:
            after = min(self._next_change(evse, at) or end, end)
            yield at, after, *self._measure(evse, at, unit)
            at = after

    def _measure(self, evse: int, at: datetime, unit: RateUnit) -> tuple[Fraction, int | None]:
        supply = self._site.supply(evse)
        rate = self.rate(evse, at)
        limit = supply.measure(rate, unit)
        if evse != STATION:
            return limit, None if supply.direct else rate.phases
        total = Fraction(0)
        for one, behind in self._site.evses.items():
            total += supply.measure(supply.convert(self.rate(one, at), behind), unit)
        return min(limit, total), None

    def _next_change(self, evse: int, after: datetime) -> datetime | None:
        """Return when another period of any schedule that bears on an EVSE begins or ends."""
        bearing = self._layers.values() if evse == STATION else (self._layers[STATION], self._layers[evse])
        changes = (table.next_change(after) for layer in chain.from_iterable(bearing) for table in layer)
        return min((change for change in changes if change is not None), default=None)


def _leading(layer: _Layer, at: datetime) -> tuple[Timetable, Period] | None:
    """Return the highest schedule that has a period at an instant."""
    for table in layer:
        period = table.period(at)
        if period is not None:
            return table, period
    return None


def _station_layers(profiles: Sequence[Profile]) -> tuple[_Layer, ...]:
    whole = [one for one in profiles if one.evse == STATION]
    purposes = (Purpose.STATION_MAX, Purpose.EXTERNAL)
    return tuple(_layer([one for one in whole if one.purpose is purpose], None, 0) for purpose in purposes)


def _evse_layers(profiles: Sequence[Profile], evse: int, session: Session, now: datetime) -> tuple[_Layer, ...]:
    ready = session.ready or now
    tx = [one for one in profiles if one.purpose is Purpose.TX and one.evse == evse and _is_for(one, session)]
    external = [one for one in profiles if one.purpose is Purpose.EXTERNAL and one.evse == evse]
    over = _layer(tx, ready, session.choice) + _layer(_defaults(profiles, evse), ready, 0)
    return over, _layer(external, ready, 0)


def _is_for(profile: Profile, session: Session) -> bool:
    """Whether a TxProfile is for the session; one of 1.6 may leave open for which transaction it is (1.6: 7.8)."""
    return profile.transaction_id is None or profile.transaction_id == session.transaction_id


def _defaults(profiles: Sequence[Profile], evse: int) -> list[Profile]:
    """Return the TxDefaultProfiles of an EVSE: its own, and the station's on the other stack levels (K01.FR.14; 1.6: 3.13.1)."""
    own = [one for one in profiles if one.purpose is Purpose.TX_DEFAULT and one.evse == evse]
    taken = {one.stack_level for one in own}
    shared = [one for one in profiles if one.purpose is Purpose.TX_DEFAULT and one.evse == STATION]
    return own + [one for one in shared if one.stack_level not in taken]


def _layer(profiles: Sequence[Profile], ready: datetime | None, choice: int) -> _Layer:
    ordered = sorted(profiles, key=lambda one: one.stack_level, reverse=True)
    return tuple(timetable(one, ready, choice=choice) for one in ordered)


def _in_whole_seconds(stretches: Iterable[_Stretch], start: datetime) -> Iterator[CompositePeriod]:
    """Give the stretches in whole seconds; a second in which several meet gets the lowest of them."""
    met: CompositePeriod | None = None
    for begin, end, limit, phases in stretches:
        first, last = (begin - start) // _SECOND, (end - start) // _SECOND
        if met is not None:
            met = _lower(met, limit, phases)
            if end < start + (met.start + 1) * _SECOND:
                continue
            yield met
            first, met = met.start + 1, None
        if last > first:
            yield CompositePeriod(first, limit, phases)
        if end > start + last * _SECOND:
            met = CompositePeriod(last, limit, phases)


def _lower(period: CompositePeriod, limit: Fraction, phases: int | None) -> CompositePeriod:
    fewest = None if period.phases is None or phases is None else min(period.phases, phases)
    return CompositePeriod(period.start, min(period.limit, limit), fewest)
