"""A site with two EVSEs, and profiles for it in the words of 2.0.1."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from v2x_architecture.ocpp.smart_charging import (
    ChargingLimits,
    Kind,
    Period,
    Profile,
    Purpose,
    RateUnit,
    Recurrency,
    Schedule,
    Session,
    Site,
    Supply,
)

NOON = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)  # a Monday


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def site() -> Site:
    """Two three-phase outlets of 32 A behind a connection of 50 A."""
    return Site(Supply(Fraction(50)), {1: Supply(Fraction(32)), 2: Supply(Fraction(32))})


@pytest.fixture
def profile() -> Callable[..., Profile]:
    """Makes a profile; periods are (start, limit[, phases]), times are seconds from noon or instants."""

    def moment(value: float | datetime | None) -> datetime | None:
        return value if value is None or isinstance(value, datetime) else NOON + timedelta(seconds=value)

    def make(
        identity: int = 1,
        purpose: Purpose = Purpose.TX_DEFAULT,
        *periods: tuple[Any, ...],
        evse: int = 1,
        level: int = 0,
        kind: Kind = Kind.ABSOLUTE,
        unit: RateUnit = RateUnit.AMPERES,
        start: float | datetime | None = 0,
        duration: int | None = None,
        valid: tuple[Any, Any] = (None, None),
        recurrency: Recurrency | None = None,
        transaction: str | int | None = None,
        received: float = 0,
        minimum: float | None = None,
    ) -> Profile:
        schedule = Schedule(
            unit,
            tuple(Period(one[0], Fraction(str(one[1])), one[2] if len(one) > 2 else None) for one in periods or ((0, 10),)),
            duration,
            None if kind is Kind.RELATIVE else moment(start),
            None if minimum is None else Fraction(minimum),
        )
        evse = 0 if purpose is Purpose.STATION_MAX else evse
        validity = (moment(valid[0]), moment(valid[1]))
        return Profile(
            identity,
            evse,
            level,
            purpose,
            kind,
            (schedule,),
            NOON + timedelta(seconds=received),
            recurrency,
            *validity,
            transaction,
        )

    return make


@pytest.fixture
def amperes(site: Site) -> Callable[..., float]:
    """Gives the current per phase that an EVSE may draw at seconds from noon."""

    def at(
        seconds: float, *profiles: Profile, evse: int = 1, sessions: Mapping[int, Session] | None = None, on: Site | None = None
    ) -> float:
        limits = ChargingLimits(on or site, profiles, sessions or {}, NOON)
        return float(limits.rate(evse, NOON + timedelta(seconds=seconds)).amperes)

    return at
