"""The composite schedule against a sampler that reads the specification second by second, and against each constraint."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_architecture.ocpp.smart_charging import (
    ChargingLimits,
    Kind,
    Period,
    Profile,
    Purpose,
    Rate,
    RateUnit,
    Recurrency,
    Schedule,
    Session,
    Site,
    Supply,
)

NOW = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)
SITE = Site(Supply(Fraction(40)), {1: Supply(Fraction(32)), 2: Supply(Fraction(25), phases=1)})
SESSIONS = {1: Session("t", NOW - timedelta(seconds=7)), 2: Session()}
CYCLE = {Recurrency.DAILY: 86_400, Recurrency.WEEKLY: 604_800}
SPAN = 60

seconds = st.integers(-30, 70)
cycles = st.sampled_from([0, -86_400, -604_800, 86_400])


@st.composite
def profiles(draw: st.DrawFn, parts: int = 1) -> Profile:
    """A profile with everything happening within a minute of now, in whole seconds or in parts of one."""

    def moment(value: int) -> datetime:
        return NOW + timedelta(seconds=value) + timedelta(milliseconds=draw(st.integers(0, parts - 1)) * 1000 // parts)

    kind = draw(st.sampled_from(Kind))
    unit = draw(st.sampled_from(RateUnit))
    limits = st.integers(0, 40) if unit is RateUnit.AMPERES else st.integers(0, 28_000)
    starts = [0, *sorted(draw(st.sets(st.integers(1, 60), max_size=4)))]
    schedule = Schedule(
        unit,
        tuple(Period(start, Fraction(draw(limits)), draw(st.sampled_from([None, 1, 3]))) for start in starts),
        draw(st.none() | st.integers(1, 80)),
        None if kind is Kind.RELATIVE else moment(draw(seconds) + draw(cycles)),
    )
    purpose = draw(st.sampled_from(Purpose))
    evse = {Purpose.STATION_MAX: 0, Purpose.TX: draw(st.sampled_from([1, 2]))}.get(purpose, draw(st.sampled_from([0, 1, 2])))
    return Profile(
        id=draw(st.integers(1, 10**6)),
        evse=evse,
        stack_level=draw(st.integers(0, 3)),
        purpose=purpose,
        kind=kind,
        schedules=(schedule,),
        received=NOW - timedelta(seconds=11),
        recurrency=draw(st.sampled_from(Recurrency)) if kind is Kind.RECURRING else None,
        valid_from=draw(st.none() | seconds.map(moment)),
        valid_to=draw(st.none() | seconds.map(moment)),
        transaction_id="t" if purpose is Purpose.TX else None,
    )


def unique(chosen: list[Profile]) -> list[Profile]:
    """One profile for each EVSE, purpose and stack level, as installing them would leave."""
    return list({(one.evse, one.purpose, one.stack_level): one for one in chosen}.values())


# The sampler: the text of the specification, without regard to cost.


def period_of(profile: Profile, evse: int, at: datetime) -> Period | None:
    if (profile.valid_from and at < profile.valid_from) or (profile.valid_to and at >= profile.valid_to):
        return None
    (schedule,) = profile.schedules
    whole_station = evse == 0
    begin = schedule.start or (profile.received if whole_station else SESSIONS[evse].ready or NOW)
    if at < begin:
        return None
    elapsed = (at - begin).total_seconds()
    if profile.recurrency:
        elapsed %= CYCLE[profile.recurrency]
    if schedule.duration is not None and elapsed >= schedule.duration:
        return None
    return [period for period in schedule.periods if period.start <= elapsed][-1]


def constraints(installed: list[Profile], evse: int, at: datetime) -> Iterator[Rate]:
    """Each limit that binds an EVSE at an instant, seen from the EVSE."""
    yield SITE.station.limit
    yield SITE.evses[evse].limit
    candidates = {
        "max": [one for one in installed if one.purpose is Purpose.STATION_MAX],
        "external": [one for one in installed if one.purpose is Purpose.EXTERNAL and one.evse == 0],
        "external here": [one for one in installed if one.purpose is Purpose.EXTERNAL and one.evse == evse],
        "tx": [one for one in installed if one.purpose is Purpose.TX and one.evse == evse and evse == 1],
        "default": [
            one
            for one in installed
            if one.purpose is Purpose.TX_DEFAULT
            and (
                one.evse == evse
                or (
                    one.evse == 0
                    and not any(
                        other.purpose is Purpose.TX_DEFAULT and other.evse == evse and other.stack_level == one.stack_level
                        for other in installed
                    )
                )
            )
        ],
    }
    leading: dict[str, tuple[Profile, Period]] = {}
    for name, some in candidates.items():
        seen_from = 0 if name in {"max", "external"} else evse
        running = [(one, period) for one in some if (period := period_of(one, seen_from, at)) is not None]
        if running:
            leading[name] = max(running, key=lambda pair: pair[0].stack_level)
    if "tx" in leading:
        leading.pop("default", None)
    for one, period in leading.values():
        phases = period.phases or 3
        amperes = period.limit if one.schedules[0].unit is RateUnit.AMPERES else period.limit / (230 * phases)
        yield Rate(amperes, phases)


def sampled(installed: list[Profile], evse: int, at: datetime, unit: RateUnit) -> Fraction:
    def here(one: int) -> Fraction:
        bound = list(constraints(installed, one, at))
        amperes, phases = min(rate.amperes for rate in bound), min(rate.phases for rate in bound)
        return amperes if unit is RateUnit.AMPERES else amperes * phases * 230

    if evse:
        return here(evse)
    station = [SITE.station.limit]
    for purpose in (Purpose.STATION_MAX, Purpose.EXTERNAL):
        running = [
            (one, period) for one in installed if one.purpose is purpose and one.evse == 0 and (period := period_of(one, 0, at))
        ]
        if running:
            one, period = max(running, key=lambda pair: pair[0].stack_level)
            phases = period.phases or 3
            amperes = period.limit if one.schedules[0].unit is RateUnit.AMPERES else period.limit / (230 * phases)
            station.append(Rate(amperes, phases))
    amperes, phases = min(rate.amperes for rate in station), min(rate.phases for rate in station)
    limit = amperes if unit is RateUnit.AMPERES else amperes * phases * 230
    return min(limit, here(1) + here(2))


def at_second(schedule_periods, second):
    return next(period for period in reversed(schedule_periods) if period.start <= second)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(profiles(), max_size=8).map(unique),
    st.sampled_from([0, 1, 2]),
    st.sampled_from(RateUnit),
)
def test_the_composite_schedule_equals_brute_force_sampling(installed, evse, unit):
    composite = ChargingLimits(SITE, installed, SESSIONS, NOW).composite(evse, SPAN, unit)
    assert composite.periods[0].start == 0
    for second in range(SPAN):
        expected = sampled(installed, evse, NOW + timedelta(seconds=second), unit)
        assert at_second(composite.periods, second).limit == expected
    assert all(
        (one.limit, one.phases) != (two.limit, two.phases)
        for one, two in zip(composite.periods, composite.periods[1:], strict=False)
    )


@settings(max_examples=100, deadline=None)
@given(
    st.lists(profiles(parts=4), max_size=6).map(unique),
    st.sampled_from([1, 2]),
    st.integers(0, 999).map(lambda milliseconds: timedelta(milliseconds=milliseconds)),
)
def test_the_composite_schedule_never_exceeds_any_constraint(installed, evse, into_the_second):
    limits = ChargingLimits(SITE, installed, {1: SESSIONS[1], 2: Session(None, NOW)}, NOW + into_the_second)
    composite = limits.composite(evse, 20, RateUnit.AMPERES)
    for quarter in range(4, 80):
        at = NOW + timedelta(milliseconds=250 * quarter)
        allowed = at_second(composite.periods, quarter // 4)
        for rate in constraints(installed, evse, at):
            assert allowed.limit <= rate.amperes
            assert allowed.phases <= rate.phases


@settings(max_examples=100, deadline=None)
@given(st.lists(profiles(parts=3), max_size=6).map(unique), st.sampled_from([0, 1, 2]))
def test_a_limit_holds_until_it_says(installed, evse):
    limits = ChargingLimits(SITE, installed, SESSIONS, NOW)
    limit = limits.limit(evse)
    assert limit.rate == limits.rate(evse, NOW)
    until = limit.until or NOW + timedelta(days=20)
    step = min((until - NOW) / 50, timedelta(seconds=1.7))
    for turn in range(50):
        assert limits.rate(evse, NOW + turn * step) == limit.rate
    if limit.until is not None and limit.until < NOW + timedelta(days=8):
        assert limits.rate(evse, limit.until) != limit.rate
