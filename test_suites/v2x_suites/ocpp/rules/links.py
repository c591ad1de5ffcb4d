"""Links: what was agreed when a connection was opened, and how often a station tries (OCPP-J 3.1.2, 3.2, 5.3)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from v2x_architecture.ocpp.versions import VERSIONS, Version
from v2x_harness.events import LinkEvent
from v2x_harness.finding import Layer

from v2x_suites.ocpp.rules.known.refusals import STORM, Refusals
from v2x_suites.ocpp.rules.problem import Problem, info

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Looked
    from v2x_suites.ocpp.rules.stream import Session

CLOSED_WITHIN = 5.0
_HEADER = "header:Sec-WebSocket-Protocol"

SUBPROTOCOL = info(
    "framing.subprotocol",
    Layer.FRAMING,
    "The version is agreed on as a WebSocket subprotocol that the station offered; without one, nothing is exchanged.",
    v16="OCPP-J-1.6#3.2 OCPP-J-1.6#3.1.2",
    v201="OCPP-J-2.0.1#3.2 OCPP-J-2.0.1#3.1.2",
)
RECONNECT = info(
    "timing.reconnect",
    Layer.TIMING,
    "A station that is refused waits before it tries again, longer each time.",
    v16="OCPP-J-1.6-errata#3.4",
    v201="OCPP-J-2.0.1#5.3",
    parties=("station",),
)
INFOS = (SUBPROTOCOL, RECONNECT)


class Unagreed:
    """Looks whether a connection without an agreed version is closed."""

    rule = SUBPROTOCOL
    party = "csms"

    def __init__(self, session: Session, n: int) -> None:
        self.session, self._n = session, n

    def look(self, t: float) -> Looked:
        """Say that it stands."""
        words = "no version was agreed on, and the connection is not closed"
        return (Problem(_HEADER, words, "the connection closed at once", "open", frame=self._n),), None


def of_refusal(event: LinkEvent, refusals: Refusals) -> Problem | None:
    """Take a refusal; say whether the station tries too fast."""
    within = refusals.add(event.t)
    if within is None:
        return None
    words = f"the station was refused {STORM} times in {within:.1f} s"
    return Problem("", words, "growing pauses between attempts", f"{STORM} attempts", party="station", frame=event.n)


def of_open(event: LinkEvent) -> Iterator[Problem]:
    """Say what is wrong with what was agreed on."""
    offered, chosen = event.detail.get("subprotocols_offered"), event.detail.get("subprotocol")
    if not isinstance(offered, list):
        return
    names = ", ".join(str(each) for each in offered)
    if not offered:
        words = "the station offers no version of OCPP"
        yield Problem(_HEADER, words, "the versions it speaks", "none", party="station", frame=event.n)
    elif chosen and chosen not in offered:
        words = f"the CSMS answers {chosen}, which the station did not offer"
        yield Problem(_HEADER, words, f"one of {names}, or none", str(chosen), party="csms", frame=event.n)


def offered_version(event: LinkEvent) -> Version | None:
    """Return the first version that the station of a connection offers; None when that is not known."""
    offered = event.detail.get("subprotocols_offered")
    told = [str(each).removeprefix("ocpp") for each in offered] if isinstance(offered, list) else []
    return next((known for name in told for known in VERSIONS if known == name), None)


def unagreed(event: LinkEvent) -> bool:
    """Tell whether a connection was opened without a version though the station offered some."""
    return bool(event.detail.get("subprotocols_offered")) and not event.detail.get("subprotocol") and not event.protocol
