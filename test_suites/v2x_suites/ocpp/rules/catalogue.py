"""All rules."""

from __future__ import annotations

from functools import cache

from v2x_harness.rule import RuleInfo

from v2x_suites.ocpp.rules import framing, payload, registration, strings, timing
from v2x_suites.ocpp.rules.rule import Rule
from v2x_suites.ocpp.rules.table import Learn

RULES: tuple[Rule, ...] = (*registration.RULES,)
LEARNERS: tuple[tuple[str, str, Learn], ...] = (*registration.LEARN, *timing.LEARN)


@cache
def all_infos() -> tuple[RuleInfo, ...]:
    """Return what every rule says of itself, in the order of the layers."""
    checked = (described for each in RULES for described in each.infos)
    return (*framing.INFOS, *payload.INFOS, *strings.INFOS, *checked, *timing.INFOS)
