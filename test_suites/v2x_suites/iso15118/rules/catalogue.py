"""All rules that look at sessions, and which of them look at which message."""

from __future__ import annotations

from functools import cache

from v2x_harness.rule import RuleInfo

from v2x_suites.iso15118.rules import (
    discovery,
    energy,
    identity,
    limits,
    negotiation,
    phases,
    reversal,
    schedules,
    sequence,
    services,
    timing,
)
from v2x_suites.iso15118.rules.looking import REQUESTS, RESPONSES, Look, LookBack
from v2x_suites.iso15118.rules.session import NEGOTIATION

_THEMES = (negotiation, sequence, identity, services, schedules, timing, phases, limits, reversal, energy)

LOOKS: tuple[Look, ...] = tuple(look for theme in _THEMES for look in theme.LOOKS)
LOOKS_BACK: tuple[LookBack, ...] = (*timing.LOOKS_BACK,)


def described() -> tuple[RuleInfo, ...]:
    """Return what these rules say of themselves, each once."""
    infos = (*discovery.INFOS, *(each.info for each in LOOKS), *(each.info for each in LOOKS_BACK))
    return tuple({each.id: each for each in infos}.values())


@cache
def looks_at(name: str, version: str) -> tuple[Look, ...]:
    """Return the rules that look at a message of an edition, by the name of its registry."""
    kind = REQUESTS if name.endswith("Req") else RESPONSES
    looks = (look for look in LOOKS if name in look.names or kind in look.names)
    # The negotiation is of no edition yet.
    return tuple(look for look in looks if version in look.info.requirements or name.startswith(NEGOTIATION))
