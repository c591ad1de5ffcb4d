"""Charging profiles, the same for both versions, and how they are read from messages and told again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from v2x_architecture.ocpp.smart_charging.rate import RateUnit, exact

if TYPE_CHECKING:
    from collections.abc import Mapping

type Json = Mapping[str, Any]
"""A payload as the JSON codec gives it, already valid against its schema."""

STATION = 0
"""The EVSE (2.0.1) or connector (1.6) id that means the whole charging station."""


class InvalidProfile(ValueError):
    """A charging profile cannot be read: a value that its schema lets through means nothing."""


class Purpose(StrEnum):
    """ChargingProfilePurpose, in the words of 2.0.1."""

    STATION_MAX = "ChargingStationMaxProfile"
    TX_DEFAULT = "TxDefaultProfile"
    TX = "TxProfile"
    EXTERNAL = "ChargingStationExternalConstraints"


class Kind(StrEnum):
    """ChargingProfileKind."""

    ABSOLUTE = "Absolute"
    RECURRING = "Recurring"
    RELATIVE = "Relative"


class Recurrency(StrEnum):
    """RecurrencyKind."""

    DAILY = "Daily"
    WEEKLY = "Weekly"


PURPOSES_16 = {
    "ChargePointMaxProfile": Purpose.STATION_MAX,
    "TxDefaultProfile": Purpose.TX_DEFAULT,
    "TxProfile": Purpose.TX,
}
"""ChargingProfilePurpose as 1.6 names it (7.10)."""


@dataclass(frozen=True, slots=True)
class Period:
    """ChargingSchedulePeriod.

    Args:
        start: s from the start of the schedule.
        limit: in the schedule's unit.
        phases: numberPhases, None when the message names none.
        phase_to_use: 2.0.1 only, the one phase to use.
    """

    start: int
    limit: Fraction
    phases: int | None = None
    phase_to_use: int | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    """ChargingSchedule.

    Args:
        unit: the unit of every limit.
        periods: in the order of the message.
        duration: s, None for without end.
        start: startSchedule, None when it is relative to the session.
        minimum: minChargingRate, in the schedule's unit.
    """

    unit: RateUnit
    periods: tuple[Period, ...]
    duration: int | None = None
    start: datetime | None = None
    minimum: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A charging profile together with where and when it was installed.

    Args:
        id: chargingProfileId; unique on the charging station.
        evse: the EVSE (2.0.1) or connector (1.6) it was sent for; 0 for the whole charging station.
        stack_level: higher prevails over lower.
        purpose: what it limits.
        kind: how its schedule lies in time.
        schedules: one; up to three to choose from in an ISO 15118 session (K01.FR.34).
        received: when it was installed, aware.
        recurrency: for a recurring kind.
        valid_from: first instant of validity (K01.FR.36).
        valid_to: first instant after it (K01.FR.37).
        transaction_id: of a TxProfile; text in 2.0.1, a number in 1.6.
        source: ChargingLimitSource: CSO for what the CSMS sends.
        payload: the profile as it came, for telling it again.
    """

    id: int
    evse: int
    stack_level: int
    purpose: Purpose
    kind: Kind
    schedules: tuple[Schedule, ...]
    received: datetime
    recurrency: Recurrency | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    transaction_id: str | int | None = None
    source: str = "CSO"
    payload: Json = field(default_factory=dict, compare=False, repr=False)

    def for_transaction(self, evse: int, transaction_id: str | int | None) -> Profile:
        """Return the profile bound to a transaction (that of a remote start gets its id late; K05, 1.6: 5.16.2)."""
        payload = dict(self.payload) if transaction_id is None else {**self.payload, "transactionId": transaction_id}
        return replace(self, evse=evse, transaction_id=transaction_id, payload=payload)

    def overlaps(self, other: Profile) -> bool:
        """Whether there is an instant at which both are valid (K01.FR.06)."""
        return _before(self.valid_from, other.valid_to) and _before(other.valid_from, self.valid_to)


def _before(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end


def instant(text: str) -> datetime:
    """Return a dateTime of a message, aware. One without an offset is taken as UTC.

    Raises:
        InvalidProfile: it is no date and time.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InvalidProfile(f"{text!r} is not a date and time (RFC 3339)") from error
    if "T" not in text.upper():
        raise InvalidProfile(f"{text!r} has no time of day (RFC 3339)")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def profile_16(payload: Json, connector: int, received: datetime) -> Profile:
    """Read csChargingProfiles of SetChargingProfile.req, or chargingProfile of RemoteStartTransaction.req (1.6: 7.8).

    Raises:
        InvalidProfile: a date and time cannot be read.
    """
    return Profile(
        id=payload["chargingProfileId"],
        evse=connector,
        stack_level=payload["stackLevel"],
        purpose=PURPOSES_16[payload["chargingProfilePurpose"]],
        kind=Kind(payload["chargingProfileKind"]),
        schedules=(_schedule(payload["chargingSchedule"]),),
        received=received,
        **_common(payload),
    )


def profile_201(payload: Json, evse: int, received: datetime) -> Profile:
    """Read ChargingProfileType (2.0.1 part 2, 2.10).

    Raises:
        InvalidProfile: a date and time cannot be read.
    """
    return Profile(
        id=payload["id"],
        evse=evse,
        stack_level=payload["stackLevel"],
        purpose=Purpose(payload["chargingProfilePurpose"]),
        kind=Kind(payload["chargingProfileKind"]),
        schedules=tuple(_schedule(schedule) for schedule in payload["chargingSchedule"]),
        received=received,
        **_common(payload),
    )


def _common(payload: Json) -> dict[str, Any]:
    recurrency = payload.get("recurrencyKind")
    return {
        "recurrency": None if recurrency is None else Recurrency(recurrency),
        "valid_from": _optional(payload.get("validFrom")),
        "valid_to": _optional(payload.get("validTo")),
        "transaction_id": payload.get("transactionId"),
        "payload": payload,
    }


def _schedule(payload: Json) -> Schedule:
    minimum = payload.get("minChargingRate")
    return Schedule(
        unit=RateUnit(payload["chargingRateUnit"]),
        periods=tuple(
            Period(period["startPeriod"], exact(period["limit"]), period.get("numberPhases"), period.get("phaseToUse"))
            for period in payload["chargingSchedulePeriod"]
        ),
        duration=payload.get("duration"),
        start=_optional(payload.get("startSchedule")),
        minimum=None if minimum is None else exact(minimum),
    )


def _optional(text: str | None) -> datetime | None:
    return None if text is None else instant(text)
