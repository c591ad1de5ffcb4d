"""All rules."""

from __future__ import annotations

from functools import cache

from v2x_harness.rule import RuleInfo

from v2x_suites.ocpp.rules import (
    answers,
    clocks,
    framing,
    links,
    metering,
    payload,
    profiles,
    registration,
    status,
    strings,
    timing,
    transactions_v16,
    transactions_v201,
)
from v2x_suites.ocpp.rules.rule import Rule
from v2x_suites.ocpp.rules.table import Lesson

_ROOMS = (registration, transactions_v16, transactions_v201, status, metering, profiles, answers, clocks)

RULES: tuple[Rule, ...] = tuple(rule for room in _ROOMS for rule in room.RULES)
LEARNERS: tuple[Lesson, ...] = tuple(learn for room in (*_ROOMS, timing) for learn in room.LEARN)


@cache
def all_infos() -> tuple[RuleInfo, ...]:
    """Return what every rule says of itself, in the order of the layers."""
    checked = (described for each in RULES for described in each.infos)
    return (*framing.INFOS, *links.INFOS, *payload.INFOS, *strings.INFOS, *checked, *timing.INFOS)
