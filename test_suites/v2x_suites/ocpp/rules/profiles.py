"""Charging profiles: what a CSMS may ask of a station (1.6: 3.13, 5.16, 7.8; 2.0.1: K01, K04, F01)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from v2x_harness.finding import Axis, Layer

from v2x_suites.ocpp.rules.known.moments import instant
from v2x_suites.ocpp.rules.problem import FINE, Problem, info
from v2x_suites.ocpp.rules.rule import rule, rules

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Station
    from v2x_suites.ocpp.rules.stream import OcppMessage
    from v2x_suites.ocpp.rules.table import Lesson

_CSMS = ("csms",)
TRANSACTION = info(
    "semantics.profile-transaction",
    Layer.SEMANTICS,
    "A TxProfile is for one transaction on one connector, and names it; no other profile does.",
    v16="OCPP-1.6#7.8 OCPP-1.6#3.13.1",
    v201="K01.FR.03 K01.FR.16 OCPP-2.0.1#ChargingProfileType",
    parties=_CSMS,
)
REMOTE_START = info(
    "semantics.profile-remote-start",
    Layer.SEMANTICS,
    "The profile of a remote start is a TxProfile without a transaction id.",
    v16="OCPP-1.6#5.16.2",
    v201="F01.FR.09 F01.FR.11 F02.FR.17 F02.FR.19",
    parties=_CSMS,
)
WHOLE_STATION = info(
    "semantics.profile-whole-station",
    Layer.SEMANTICS,
    "The profile that limits the whole station is set on the whole station, and by a CSMS only as its maximum.",
    v16="OCPP-1.6#3.13.1",
    v201="K04.FR.03 K01.FR.22 K01.FR.38",
    parties=_CSMS,
)
START = info(
    "semantics.profile-start",
    Layer.SEMANTICS,
    "A schedule has a start when it is absolute or recurring, and none when it is relative.",
    v16="OCPP-1.6#7.13",
    v201="K01.FR.40 K01.FR.41",
    parties=_CSMS,
)
PERIODS = info(
    "semantics.profile-periods",
    Layer.SEMANTICS,
    "The periods of a schedule begin at 0 and follow each other.",
    v16="OCPP-1.6#7.13 OCPP-1.6#5.16.4",
    v201="K01.FR.31 K01.FR.35 K01.FR.11",
)
LIMIT = info(
    "semantics.limit",
    Layer.SEMANTICS,
    "A limit is 0 or more, with at most one decimal.",
    v16="OCPP-1.6#7.14",
    v201="OCPP-2.0.1#ChargingSchedulePeriodType",
)
ZERO_LIMIT = info(
    "semantics.zero-limit",
    Layer.SEMANTICS,
    "A limit of 0 stops the charging, which some known stations do not do.",
    v16="OCPP-1.6#7.14",
    v201="OCPP-2.0.1#ChargingSchedulePeriodType",
    parties=_CSMS,
    axis=Axis.COMPATIBILITY,
)
RATE_UNIT = info(
    "semantics.limit-unit",
    Layer.SEMANTICS,
    "A limit is of a size that its unit makes sense of: amperes are not watts.",
    v16="OCPP-1.6#7.12",
    v201="OCPP-2.0.1#ChargingRateUnitEnumType",
    parties=_CSMS,
    axis=Axis.COMPATIBILITY,
)
PHASES = info(
    "semantics.profile-phases",
    Layer.SEMANTICS,
    "A phase to use is given only for charging on one phase.",
    v201="K01.FR.19",
    parties=_CSMS,
)
STACK_LEVEL = info(
    "semantics.profile-stack-level",
    Layer.SEMANTICS,
    "Stack levels count from 0, and a profile that ends does not do so before it begins.",
    v16="OCPP-1.6#7.8",
    v201="OCPP-2.0.1#ChargingProfileType",
    parties=_CSMS,
)
SCHEDULES = info(
    "semantics.profile-schedules",
    Layer.SEMANTICS,
    "Only a TxProfile has more than one schedule to choose from.",
    v201="OCPP-2.0.1#ChargingProfileType K01.FR.34",
    parties=_CSMS,
)
_ALL = (TRANSACTION, REMOTE_START, WHOLE_STATION, START, PERIODS, LIMIT, ZERO_LIMIT, RATE_UNIT, PHASES, STACK_LEVEL, SCHEDULES)

_MAX = ("ChargePointMaxProfile", "ChargingStationMaxProfile")
_FEW_WATTS = 100
_MANY_AMPERES = 3000


@rules(
    *_ALL,
    on="CALL SetChargingProfile, CALL RemoteStartTransaction, CALL RequestStartTransaction",
)
def profile(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Look at a charging profile."""
    payload = message.payload
    old = message.session.table.ids == "1.6"
    name = "csChargingProfiles" if old and message.action == "SetChargingProfile" else "chargingProfile"
    told = payload.get(name)
    if told is None:
        return None
    place = payload.get("connectorId") if old else payload.get("evseId")
    remote = message.action != "SetChargingProfile"
    problems = [*_of_profile(told, place, f"/3/{name}", old=old, remote=remote), *_of_schedules(told, f"/3/{name}", old=old)]
    if message.version == "2.1":
        # A limit below 0 is for discharging there.
        problems = [problem for problem in problems if problem.rule is not LIMIT]
    return problems


def _of_profile(told: dict[str, Any], place: int | None, at: str, *, old: bool, remote: bool) -> Iterator[Problem]:
    purpose, kind = told["chargingProfilePurpose"], told["chargingProfileKind"]
    transaction = told.get("transactionId")
    where = "/3/connectorId" if old else "/3/evseId"
    if remote:
        if purpose != "TxProfile":
            cite = "" if old else "F01.FR.09"
            words = "the profile of a remote start is for the transaction that starts"
            yield Problem(f"{at}/chargingProfilePurpose", words, "TxProfile", purpose, REMOTE_START, cite=cite)
        if transaction is not None:
            cite = "" if old else "F01.FR.11"
            words = "the transaction has no id yet when it is started from afar"
            yield Problem(f"{at}/transactionId", words, "no transactionId", str(transaction), REMOTE_START, cite=cite)
    elif purpose == "TxProfile":
        if transaction is None:
            axis = Axis.COMPATIBILITY if old else None
            words = "the TxProfile does not name its transaction; a station may put it on another one"
            yield Problem(at, words, "transactionId", "none", TRANSACTION, axis=axis)
        if place == 0:
            cite = "OCPP-1.6#3.13.1" if old else "K01.FR.16"
            words = "a TxProfile is for one connector, not for the whole station"
            yield Problem(where, words, "more than 0", "0", TRANSACTION, cite=cite)
    elif transaction is not None:
        cite = "OCPP-1.6#7.8" if old else "OCPP-2.0.1#ChargingProfileType"
        words = f"a {purpose} is for no single transaction"
        yield Problem(f"{at}/transactionId", words, "no transactionId", str(transaction), TRANSACTION, cite=cite)
    if purpose in _MAX and place not in (0, None):
        words = f"a {purpose} limits the whole station"
        yield Problem(where, words, "0", str(place), WHOLE_STATION)
    if purpose == "ChargingStationMaxProfile" and kind == "Relative":
        words = "the limit of a whole station is relative to nothing"
        yield Problem(f"{at}/chargingProfileKind", words, "Absolute or Recurring", kind, WHOLE_STATION, cite="K01.FR.38")
    if purpose == "ChargingStationExternalConstraints":
        words = "this purpose is for limits that come from elsewhere than the CSMS"
        yield Problem(f"{at}/chargingProfilePurpose", words, "another purpose", purpose, WHOLE_STATION, cite="K01.FR.22")
    if told["stackLevel"] < 0:
        yield Problem(f"{at}/stackLevel", "the stack level is negative", "0 or more", str(told["stackLevel"]), STACK_LEVEL)
    begins, ends = instant(told.get("validFrom")), instant(told.get("validTo"))
    if begins and ends and ends < begins:
        words = "the profile stops to be valid before it begins to be"
        yield Problem(f"{at}/validTo", words, f"after {told['validFrom']}", told["validTo"], STACK_LEVEL)
    if kind == "Recurring" and "recurrencyKind" not in told:
        words = "the profile recurs, and does not say how often"
        yield Problem(at, words, "recurrencyKind", "none", START, axis=Axis.COMPATIBILITY)


def _of_schedules(told: dict[str, Any], at: str, *, old: bool) -> Iterator[Problem]:
    given = told["chargingSchedule"]
    schedules = [(given, f"{at}/chargingSchedule")] if old else [(s, f"{at}/chargingSchedule/{i}") for i, s in enumerate(given)]
    if len(schedules) > 1 and told["chargingProfilePurpose"] != "TxProfile":
        words = f"a {told['chargingProfilePurpose']} has {len(schedules)} schedules"
        yield Problem(f"{at}/chargingSchedule", words, "one", str(len(schedules)), SCHEDULES)
    kind = told["chargingProfileKind"]
    for schedule, where in schedules:
        start = schedule.get("startSchedule")
        axis = Axis.COMPATIBILITY if old else None
        if kind == "Relative" and start is not None:
            words, cite = "a relative schedule starts when the charging does", "" if old else "K01.FR.41"
            yield Problem(f"{where}/startSchedule", words, "no startSchedule", start, START, axis=axis, cite=cite)
        elif kind != "Relative" and start is None:
            words, cite = f"the schedule is {kind}, and does not say when it starts", "" if old else "K01.FR.40"
            yield Problem(where, words, "startSchedule", "none", START, axis=axis, cite=cite)
        yield from of_periods(schedule, where, old=old)
        yield from _of_size(schedule, where)


def of_periods(schedule: dict[str, Any], at: str, *, old: bool) -> Iterator[Problem]:
    """Look at the periods of a schedule and their limits."""
    periods = schedule["chargingSchedulePeriod"]
    at = f"{at}/chargingSchedulePeriod"
    if not periods:
        return
    if (first := periods[0]["startPeriod"]) != 0:
        cite = "OCPP-1.6#5.16.4" if old else "K01.FR.31"
        words = "the first period does not begin with the schedule"
        yield Problem(f"{at}/0/startPeriod", words, "0", str(first), PERIODS, cite=cite)
    last, duration = None, schedule.get("duration")
    for index, period in enumerate(periods):
        start, limit = period["startPeriod"], period.get("limit", 0)
        if last is not None and start <= last:
            axis, cite = (Axis.COMPATIBILITY, "") if old else (None, "K01.FR.35")
            words = "the period does not begin after the one before it"
            yield Problem(f"{at}/{index}/startPeriod", words, f"more than {last}", str(start), PERIODS, axis=axis, cite=cite)
        elif duration is not None and start >= duration > 0:
            words, cite = "the period begins after the schedule has ended", "" if old else "K01.FR.11"
            axis = Axis.COMPATIBILITY
            yield Problem(f"{at}/{index}/startPeriod", words, f"less than {duration}", str(start), PERIODS, axis=axis, cite=cite)
        last = start
        if limit < 0:
            yield Problem(f"{at}/{index}/limit", "the limit is negative", "0 or more", f"{limit:g}", LIMIT)
        elif round(limit, 1) != limit:
            words = "the limit has more than one decimal"
            yield Problem(f"{at}/{index}/limit", words, "at most one decimal", f"{limit!r}", LIMIT)
        if period.get("phaseToUse") is not None and period.get("numberPhases") != 1:
            words = "a phase to use is given, and charging is not on one phase"
            seen = str(period.get("numberPhases", "none"))
            yield Problem(f"{at}/{index}/phaseToUse", words, "numberPhases 1", seen, PHASES)


def _of_size(schedule: dict[str, Any], at: str) -> Iterator[Problem]:
    unit = schedule["chargingRateUnit"]
    for index, period in enumerate(schedule["chargingSchedulePeriod"]):
        limit = period.get("limit")
        where = f"{at}/chargingSchedulePeriod/{index}/limit"
        if limit == 0:
            words = "the limit is 0; some known stations go on charging, others need a limit above 0 to start again"
            yield Problem(where, words, "a stop, where charging is to stop", "0", ZERO_LIMIT)
        elif limit is not None and ((unit == "W" and 0 < limit < _FEW_WATTS) or (unit == "A" and limit > _MANY_AMPERES)):
            words = f"{limit:g} {unit} is hardly meant; the unit seems to be the other one"
            yield Problem(where, words, "a limit in its unit", f"{limit:g} {unit}", RATE_UNIT)


@rule(
    "sequence.profile-for-ended",
    Layer.SEQUENCE,
    on="CALL SetChargingProfile",
    v16="OCPP-1.6#5.16.4",
    v201="K01.FR.33 K01.FR.09",
    parties=_CSMS,
)
def profile_for_ended(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A TxProfile is set for a transaction that goes on."""
    told = message.payload.get("csChargingProfiles") or message.payload["chargingProfile"]
    transaction = told.get("transactionId")
    if told["chargingProfilePurpose"] != "TxProfile" or transaction is None:
        return None
    if message.session.table.ids == "1.6":
        known = station.transactions_v16.known.get(transaction)
        if known is None:
            return None
        ended = known.stop_n if known.stop is not None else None
    else:
        event = station.transactions_v201.known.get(transaction)
        if event is None:
            return None
        ended = event.last_n if event.ended is not None else None
    if ended is None:
        return FINE
    name = "csChargingProfiles" if "csChargingProfiles" in message.payload else "chargingProfile"
    words = f"a TxProfile is set for a transaction that ended in frame {ended}"
    return (Problem(f"/3/{name}/transactionId", words, "a transaction that goes on", str(transaction), axis=Axis.COMPATIBILITY),)


_HELD = 256


@rule(
    "sequence.profile-clash",
    Layer.SEQUENCE,
    on="CALL SetChargingProfile",
    v201="K01.FR.06 K01.FR.39",
    parties=_CSMS,
)
def profile_clash(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Two profiles with the same purpose and stack level are not valid at the same time in one place."""
    key, told = _key(message)
    held = station.profiles.held.get(key)
    if held is None:
        return None
    number, begins, ends = held
    apart = _before(ends, told.get("validFrom")) or _before(told.get("validTo"), begins)
    if number == told["id"] or apart:
        return FINE
    cite = "K01.FR.39" if told["chargingProfilePurpose"] == "TxProfile" else "K01.FR.06"
    words = f"the station holds profile {number} with the same purpose and stack level, valid at the same time"
    seen = f"id {told['id']}, stackLevel {told['stackLevel']}"
    return (Problem("/3/chargingProfile/stackLevel", words, f"id {number}, or another stackLevel", seen, cite=cite),)


def _before(first: str | None, second: str | None) -> bool:
    earlier, later = instant(first), instant(second)
    return earlier is not None and later is not None and earlier <= later


def _key(message: OcppMessage) -> tuple[tuple[object, ...], dict[str, Any]]:
    told: dict[str, Any] = message.payload["chargingProfile"]
    transaction = told.get("transactionId") if told["chargingProfilePurpose"] == "TxProfile" else None
    return (message.payload["evseId"], told["chargingProfilePurpose"], told["stackLevel"], transaction), told


@rule(
    "semantics.composite-schedule",
    Layer.SEMANTICS,
    on="CALLRESULT GetCompositeSchedule",
    v16="OCPP-1.6#5.7",
    v201="K08.FR.02",
    parties=("station",),
)
def composite_schedule(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A composite schedule that is given is there, begins at once, and its periods follow each other."""
    payload = message.payload
    if payload["status"] != "Accepted":
        return None
    old = message.session.table.ids == "1.6"
    name = "chargingSchedule" if old else "schedule"
    schedule = payload.get(name)
    if schedule is None:
        return (Problem("/2", "the answer is Accepted and holds no schedule", name, "none"),)
    found = [p for p in of_periods(schedule, f"/2/{name}", old=old) if p.rule is PERIODS and p.axis is None]
    return [Problem(p.pointer, p.text, p.expected, p.seen) for p in found]


RULES = (profile, profile_for_ended, profile_clash, composite_schedule)


def _learn_profile(message: OcppMessage, station: Station) -> None:
    call = message.call
    if call is None or not call.valid or message.payload.get("status") != "Accepted" or message.session.table.ids == "1.6":
        return
    key, told = _key(call)
    held = station.profiles.held
    if len(held) >= _HELD:
        del held[next(iter(held))]
    held[key] = (told["id"], told.get("validFrom"), told.get("validTo"))


def _learn_cleared(message: OcppMessage, station: Station) -> None:
    # Which ones went is not said: all may have.
    station.profiles.held.clear()


LEARN: tuple[Lesson, ...] = (
    ("CALLRESULT", "SetChargingProfile", _learn_profile),
    ("CALLRESULT", "ClearChargingProfile", _learn_cleared),
)
