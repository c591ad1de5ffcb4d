"""A rule that looks at sessions: what it says of itself, which messages it looks at, and the function that looks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from v2x_harness.rule import RuleInfo

from v2x_suites.iso15118.rules.rule import Ending, Problem
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
