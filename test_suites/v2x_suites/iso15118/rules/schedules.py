"""Schedules: what is offered, what is chosen of it, and what is planned."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

from v2x_architecture.iso15118.charging import ProfileEntry, Schedule, ScheduleEntry, keeps_to
from v2x_architecture.iso15118.editions import Edition
from v2x_architecture.iso15118.exi.messages import iso2
from v2x_architecture.iso15118.values import number
from v2x_harness.finding import Axis, Layer

from v2x_suites.iso15118.rules.choices import Choice, judge_choice, judge_consent
from v2x_suites.iso15118.rules.looking import GOOD, Found, look
from v2x_suites.iso15118.rules.rule import EVCC, SECC, Problem
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import Session

# What the codec that most stations and many EVs are built with can hold, by edition: entries of a schedule, and tuples.
_ENTRIES = {Edition.DIN: 5, Edition.ISO2: 12}
_TUPLES = {Edition.DIN: 5, Edition.ISO2: 3}
_LISTS = {"PMaxSchedule": "PMaxScheduleEntry", "SalesTariff": "SalesTariffEntry"}


type _Tuple = Any


@look(
    "schedules.present",
    Layer.SEMANTICS,
    "ChargeParameterDiscovery.schedules",
    at=("ChargeParameterDiscoveryRes", "ScheduleExchangeRes"),
    party=SECC,
)
def present(session: Session, said: Said) -> Found:
    """An SECC that is ready offers a schedule."""
    if said.failed or said.text("EVSEProcessing") != "Finished":
        return None
    if said.edition is Edition.ISO20 and "Dynamic_SEResControlMode" in said.values:
        return None
    if _tuples(said):
        return GOOD
    return [Problem(present.info, "it is finished, and offers no schedule", said.root, "a schedule", "none")]


@look(
    "schedules.entries",
    Layer.SEMANTICS,
    "ChargeParameterDiscovery.schedule-entries",
    at=("ChargeParameterDiscoveryRes",),
    party=SECC,
    versions=("din", "2"),
)
def entries(session: Session, said: Said) -> Found:
    """A schedule begins at once, its entries follow each other, and no two schedules have one id."""
    tuples = _tuples(said)
    if not tuples:
        return None
    ids, found = [each.SAScheduleTupleID for each in tuples], []
    where = f"{said.root}/SAScheduleList/SAScheduleTuple"
    if len(set(ids)) < len(ids):
        found.append(Problem(entries.info, "two schedules have one id", where, "one each", " ".join(map(str, ids))))
    for place, each in enumerate(tuples):
        starts = [getattr(entry.TimeInterval, "start", None) for entry in each.PMaxSchedule.PMaxScheduleEntry]
        told = [start for start in starts if start is not None]
        if not told or len(told) < len(starts):
            continue
        if told[0] != 0 or any(a >= b for a, b in itertools.pairwise(told)):
            seen = " ".join(map(str, told))
            words = "its entries do not begin at 0 and follow each other"
            found.append(Problem(entries.info, words, f"{where}/{place}/PMaxSchedule", "0 and rising", seen))
    return found


@look(
    "schedules.too_long",
    Layer.SCHEMA,
    "ChargeParameterDiscovery.schedule-length",
    at=("ChargeParameterDiscoveryRes",),
    party=SECC,
    versions=("din", "2"),
    axis=Axis.COMPATIBILITY,
)
def too_long(session: Session, said: Said) -> Found:
    """A schedule is no longer than widespread codecs can hold."""
    tuples = _tuples(said)
    if not tuples or said.edition is None:
        return None
    most, found, where = _ENTRIES[said.edition], [], f"{said.root}/SAScheduleList/SAScheduleTuple"
    if len(tuples) > _TUPLES[said.edition]:
        expected = f"at most {_TUPLES[said.edition]}"
        found.append(Problem(too_long.info, f"{len(tuples)} schedules are offered", where, expected, str(len(tuples))))
    for place, each in enumerate(tuples):
        for outer, inner in _LISTS.items():
            count = len(getattr(getattr(each, outer, None), inner, ()))
            if count > most:
                words = f"{outer} has {count} entries, more than libcbv2g can read"
                found.append(Problem(too_long.info, words, f"{where}/{place}/{outer}", f"at most {most}", str(count)))
    return found


@look(
    "schedules.selected",
    Layer.SEMANTICS,
    "PowerDelivery.schedule",
    at=("PowerDeliveryReq",),
    party=EVCC,
)
def selected(session: Session, said: Said) -> Found:
    """An EVCC chooses a schedule that was offered."""
    return judge_choice(selected.info, _choice(session, said), said.at("SAScheduleTupleID", "SelectedScheduleTupleID"))


@look(
    "schedules.accepted",
    Layer.SEMANTICS,
    "PowerDelivery.schedule-accepted",
    at=("PowerDeliveryRes",),
    party=SECC,
)
def accepted(session: Session, said: Said) -> Found:
    """An SECC does not say OK to a schedule that it has not offered."""
    return judge_consent(accepted.info, _choice(session, said.request), said, "FAILED_TariffSelectionInvalid")


@look(
    "schedules.profile",
    Layer.SEMANTICS,
    "PowerDelivery.profile",
    at=("PowerDeliveryReq",),
    party=EVCC,
    versions=("2",),
    numbered={"2": "V2G2-225"},
)
def profile(session: Session, said: Said) -> Found:
    """A charging profile keeps to the schedule that was chosen."""
    told, body = session.last.get("ChargeParameterDiscoveryRes"), said.body
    if told is None or not isinstance(body, iso2.PowerDeliveryReqType) or body.ChargingProfile is None:
        return None
    if body.ChargeProgress != "Start":
        return None
    chosen = next((each for each in _tuples(told) if each.SAScheduleTupleID == body.SAScheduleTupleID), None)
    parts = [
        (entry.TimeInterval, number(entry.PMax))
        for entry in (chosen.PMaxSchedule.PMaxScheduleEntry if chosen is not None else ())
    ]
    if (
        not parts
        # What is missing at its beginning is the SECC's fault, and no profile can keep to it.
        or getattr(parts[0][0], "start", None) != 0
        or not body.ChargingProfile.ProfileEntry
        or any(getattr(interval, "start", None) is None for interval, _ in parts)
    ):
        return None
    plan = [
        ProfileEntry(entry.ChargingProfileEntryStart, number(entry.ChargingProfileEntryMaxPower))
        for entry in body.ChargingProfile.ProfileEntry
    ]
    # Its last entry has no end: the EV may be done before the schedule has less.
    last = plan[-1].start_s
    schedule = Schedule(
        id=body.SAScheduleTupleID,
        entries=tuple(ScheduleEntry(start_s=each.start, max_power_w=power) for each, power in parts if each.start <= last),
    )
    if keeps_to(plan, schedule):
        return GOOD
    seen = " ".join(f"{each.start_s} s: {each.max_power_w:g} W" for each in plan[:6])
    expected = " ".join(f"{each.start_s} s: {each.max_power_w:g} W" for each in schedule.entries[:6])
    where = f"{said.root}/ChargingProfile"
    return [Problem(profile.info, f"the profile does not keep to schedule {schedule.id}", where, expected, seen)]


@look(
    "schedules.changed",
    Layer.SEMANTICS,
    "ChargeLoop.schedule",
    at=("ChargingStatusRes", "CurrentDemandRes"),
    party=SECC,
    versions=("2",),
)
def changed(session: Session, said: Said) -> Found:
    """While energy flows, an SECC names the schedule that was chosen."""
    asked = session.last.get("PowerDeliveryReq")
    chosen, named = asked.number("SAScheduleTupleID") if asked is not None else None, said.number("SAScheduleTupleID")
    if chosen is None or named is None or said.failed:
        return None
    if chosen == named or not session.once(changed.info.id):
        return GOOD
    words = f"it names schedule {named:.0f}, and {chosen:.0f} was chosen"
    return [Problem(changed.info, words, said.at("SAScheduleTupleID"), f"{chosen:.0f}", f"{named:.0f}")]


def _tuples(said: Said) -> Sequence[_Tuple]:
    """Return the schedules that a response offers."""
    older = getattr(said.body, "SASchedules", None)
    newer = getattr(said.body, "Scheduled_SEResControlMode", None)
    found: Sequence[_Tuple] = getattr(older, "SAScheduleTuple", None) or getattr(newer, "ScheduleTuple", None) or ()
    return found


def _id(each: _Tuple) -> int:
    # That of DIN SPEC 70121 may be 0.
    older: int | None = getattr(each, "SAScheduleTupleID", None)
    return each.ScheduleTupleID if older is None else older


def _choice(session: Session, said: Said | None) -> Choice | None:
    """Return the schedule that is chosen, and those that were offered; None where that is not known."""
    told = session.last.get("ChargeParameterDiscoveryRes") or session.last.get("ScheduleExchangeRes")
    if said is None or told is None or said.text("ChargeProgress") == "Stop":
        return None
    number = said.first("SAScheduleTupleID", "SelectedScheduleTupleID")
    offered = [str(_id(each)) for each in _tuples(told)]
    return Choice(str(int(number)), offered, "schedule") if number is not None and offered else None


LOOKS = (
    present,
    entries,
    too_long,
    selected,
    accepted,
    profile,
    changed,
)
