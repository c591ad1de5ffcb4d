"""A rule that looks at sessions: what it says of itself, which messages it looks at, and the function that looks."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from v2x_harness.finding import Axis, Layer
from v2x_harness.rule import RuleInfo

from v2x_suites.iso15118.rules.rule import ALL, NO_NUMBERS, Ending, Problem, described
from v2x_suites.iso15118.rules.said import Said
from v2x_suites.iso15118.rules.session import Session

type Found = Sequence[Problem] | None
"""What a rule has found; None where there was nothing for it to judge."""

REQUESTS: Final = "*Req"
RESPONSES: Final = "*Res"

GOOD: Final[Found] = ()
"""There was something to judge, and nothing is wrong with it."""


class Look(NamedTuple):
    """A rule that looks at messages.

    Attributes:
        info: what it says of itself.
        names: of the messages it looks at; `REQUESTS` and `RESPONSES` for all of a kind.
        look: takes what the sender knows before the message, and the message. It never raises for what a product sent.
        timed: whether it needs times that can be relied on.
    """

    info: RuleInfo
    names: tuple[str, ...]
    look: Callable[[Session, Said], Found]
    timed: bool = False


class LookBack(NamedTuple):
    """A rule that looks at a connection when it is over.

    Attributes:
        info: what it says of itself.
        role: whose view of the session it takes.
        look: takes that, and how the connection ended.
        timed: whether it needs times that can be relied on.
    """

    info: RuleInfo
    role: str
    look: Callable[[Session, Ending], Found]
    timed: bool = False


def look(
    id: str,  # noqa: A002  (the field's name)
    layer: Layer,
    about: str,
    *,
    at: tuple[str, ...],
    party: str = "",
    versions: Sequence[str] = ALL,
    numbered: Mapping[str, str] = NO_NUMBERS,
    axis: Axis = Axis.CONFORMANCE,
    timed: bool = False,
) -> Callable[[Callable[[Session, Said], Found]], Look]:
    """Make a function a rule that looks at messages; its text for people is the first paragraph of the function's docstring.

    Args:
        id: as of `described`, and so the next two.
        layer: as of `described`.
        about: as of `described`.
        at: names of the messages that it looks at.
        party: as of `described`, and so the next three.
        versions: as of `described`.
        numbered: as of `described`.
        axis: as of `described`.
        timed: whether it needs times that can be relied on.
    """

    def decorate(function: Callable[[Session, Said], Found]) -> Look:
        text = (inspect.getdoc(function) or "").partition("\n\n")[0].replace("\n", " ")
        info = described(id, layer, about, text, party=party, versions=versions, numbered=numbered, axis=axis)
        return Look(info, at, function, timed)

    return decorate
