"""What a passive rule is: a `RuleInfo`, the messages it looks at, and a check.

A check is a function of the message and of what is known of its station so far. It answers ``None`` when there was nothing for
it to judge, an empty tuple when what it judged is in order, else the problems. What is known of the station is added to after all
checks (see `table.Lesson`); a check itself remembers only what it alone needs.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import msgspec
from v2x_harness.finding import Axis, Layer
from v2x_harness.rule import RuleInfo

from v2x_suites.ocpp.rules.problem import BOTH, Problem, info

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Station
    from v2x_suites.ocpp.rules.stream import OcppMessage

type Check = Callable[[OcppMessage, Station], Sequence[Problem] | None]
type Guard = Callable[[OcppMessage], bool]


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A check with what it is and what it looks at.

    Attributes:
        infos: what it says of itself; several where one look at a message serves several rules.
        on: the (kind, action) pairs it looks at; the action ``*`` is any.
        check: the function.
        unsettled: look only while the station is not known to be registered.
        guard: a cheap look that several rules share: where it says no, none of them has anything to judge. It looks at the
            message, or for answers at the call that is answered.
    """

    infos: tuple[RuleInfo, ...]
    on: tuple[tuple[str, str], ...]
    check: Check
    unsettled: bool = False
    guard: Guard | None = None


def rule(
    id: str,  # noqa: A002  (the field's name)
    layer: Layer,
    *,
    on: str,
    v16: str = "",
    v201: str = "",
    parties: tuple[str, ...] = BOTH,
    axis: Axis = Axis.CONFORMANCE,
    unsettled: bool = False,
    guard: Guard | None = None,
) -> Callable[[Check], Rule]:
    """Make a check a rule; its text is the first line of the check's docstring.

    Args:
        id: as of `info`, and so the next four.
        layer: as of `info`.
        on: what it looks at: ``CALL BootNotification, CALLRESULT *``.
        v16: as of `info`.
        v201: as of `info`.
        parties: as of `info`.
        axis: as of `info`.
        unsettled: look only while the station is not known to be registered.
        guard: a cheap look that several rules share.
    """

    def decorate(check: Check) -> Rule:
        text = (inspect.getdoc(check) or "").partition("\n\n")[0].replace("\n", " ")
        described = info(id, layer, text, v16=v16, v201=v201, parties=parties, axis=axis)
        return Rule(infos=(described,), on=_pairs(on), check=check, unsettled=unsettled, guard=guard)

    return decorate


def rules(*infos: RuleInfo, on: str) -> Callable[[Check], Rule]:
    """Make a check that speaks for several rules; each problem names its own."""

    def decorate(check: Check) -> Rule:
        return Rule(infos=infos, on=_pairs(on), check=check)

    return decorate


def _pairs(on: str) -> tuple[tuple[str, str], ...]:
    return tuple((kind, action) for kind, _, action in (each.strip().partition(" ") for each in on.split(",")))
