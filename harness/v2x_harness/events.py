"""The journal's events: what was seen, done and concluded, one a line.

Every event carries ``n`` (its number in the journal, from 0) and ``t`` (seconds on the tap's monotonic clock since the
journal was opened). Reports and rules need nothing but these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from v2x_harness.finding import Finding
from v2x_harness.verdict import Verdict

if TYPE_CHECKING:
    type Json = bool | int | float | str | list[Json] | dict[str, Json] | None
else:
    Json = Any  # msgspec reads annotations at run time and cannot follow an alias that contains itself

FORMAT = "v2x-journal/1"


class Header(msgspec.Struct, frozen=True, tag="header", tag_field="type", omit_defaults=True):
    """First line: what this journal is of.

    Attributes:
        run: id of the run.
        started: wall time, RFC 3339 UTC.
        clock: ``real``, or ``virtual`` when every actor in the cast is a reference actor.
        versions: names and versions of what took part (harness, Python, suites).
        seed: of every random choice of this run.
    """

    run: str
    started: str
    clock: Literal["real", "virtual"] = "real"
    versions: dict[str, str] = {}
    seed: int = 0
    format: str = FORMAT
    n: int = 0
    t: float = 0.0


class LinkEvent(msgspec.Struct, frozen=True, tag="link", tag_field="type", omit_defaults=True):
    """A connection between two actors changed: connected, upgraded, refused, pinged, closed.

    Attributes:
        link: id of the link (``csms<-CS001#1``: one id a connection).
        event: ``open`` (transport and upgrade done), ``refused`` (upgrade refused), ``ping``, ``pong``, ``close``,
            ``tls`` (handshake failed).
        by: the role that did it; empty when the tap cannot tell.
        protocol: what was negotiated, as ``ocpp/2.0.1``; empty before that.
        detail: what the tap saw of it, redacted (request path, headers, status, close code…).
    """

    link: str
    event: Literal["open", "refused", "ping", "pong", "close", "tls"]
    by: str = ""
    protocol: str = ""
    detail: dict[str, Json] = {}
    n: int = 0
    t: float = 0.0


class Frame(msgspec.Struct, frozen=True, tag="frame", tag_field="type", omit_defaults=True):
    """One frame as a tap saw it.

    Attributes:
        link: id of the link.
        sender: role that sent it (``station``); ``to`` the role it is for.
        at: wall time, RFC 3339 UTC with microseconds.
        raw: the payload: text as it is; binary, and text that is no UTF-8, as base64 with ``media`` ``binary``.
        media: ``json`` (``raw`` parses as JSON: that is its decoded form), ``text``, ``binary``.
        label: a few words for people: ``CALL BootNotification``.
        decoded: the decoded form where ``raw`` is not JSON itself.
        fate: what the tap did with it; ``injected`` frames were made by the harness and are never held against ``sender``.
        of: for a frame that replaces, repeats or answers another, that one's ``n``.
        origin: number of the packet, line or element that it was read from, in a file from elsewhere.
    """

    link: str
    sender: str
    to: str
    raw: str
    label: str = ""
    media: Literal["json", "text", "binary"] = "json"
    at: str = ""
    fate: Literal["forwarded", "dropped", "delayed", "rewritten", "injected"] = "forwarded"
    decoded: Json = None
    of: int | None = None
    origin: int | None = None
    n: int = 0
    t: float = 0.0

    def form(self) -> Json:
        """Return the decoded form, or None when the frame has none."""
        if self.media == "json":
            return msgspec.json.decode(self.raw, type=object)  # type: ignore[return-value]
        return self.decoded


class CaseEvent(msgspec.Struct, frozen=True, tag="case", tag_field="type", omit_defaults=True):
    """A case begins or one of its named steps is reached; its end is a `VerdictEvent`."""

    case: str
    event: Literal["begin", "step"] = "begin"
    text: str = ""
    n: int = 0
    t: float = 0.0


class OperatorEvent(msgspec.Struct, frozen=True, tag="operator", tag_field="type", omit_defaults=True):
    """An actor was made to act, or its policy was set.

    Attributes:
        role: who was made to act.
        verb: ``plug_in``, ``present_token``, ``call``, ``policy``…
        arguments: of the verb, redacted.
        outcome: ``done``, ``unsupported``, ``failed``, with the reason after a colon.
    """

    role: str
    verb: str
    arguments: dict[str, Json] = {}
    outcome: str = "done"
    n: int = 0
    t: float = 0.0


class FindingEvent(msgspec.Struct, frozen=True, tag="finding", tag_field="type", omit_defaults=True):
    """A case or a rule found something."""

    finding: Finding
    n: int = 0
    t: float = 0.0


class VerdictEvent(msgspec.Struct, frozen=True, tag="verdict", tag_field="type", omit_defaults=True):
    """The end of a case.

    Attributes:
        case: the case's id; ``variant`` its parameters, if it has any.
        verdict: what it came to.
        requirements: requirement id to what the case says of it (``pass``, ``fail``, ``warn``).
        reason: for people: why it failed, was blocked, does not apply.
        duration: seconds of the tap's clock; ``wall`` seconds of real time.
    """

    case: str
    verdict: Verdict
    requirements: dict[str, Verdict] = {}
    reason: str = ""
    variant: str = ""
    role: str = ""
    duration: float = 0.0
    wall: float = 0.0
    n: int = 0
    t: float = 0.0


class RuleEvent(msgspec.Struct, frozen=True, tag="rule", tag_field="type", omit_defaults=True):
    """The end of a rule in this journal; its verdict follows from its findings.

    Attributes:
        rule: the rule's id (``ocpp.schema.request``); its findings carry the source ``rule:`` and this id.
        inspected: how often it had something to judge; a rule that never had does not apply.
        requirements: the ids it cites for the protocol versions that were spoken.
    """

    rule: str
    inspected: int = 0
    requirements: tuple[str, ...] = ()
    n: int = 0
    t: float = 0.0


# Topic of the note that says that somebody ended the run: what comes of the journal is then incomplete.
INTERRUPTED = "interrupted"


class Note(msgspec.Struct, frozen=True, tag="note", tag_field="type", omit_defaults=True):
    """Something worth knowing that is not evidence: what an adapter logged, what was redacted and where."""

    topic: str
    text: str
    n: int = 0
    t: float = 0.0


class Footer(msgspec.Struct, frozen=True, tag="footer", tag_field="type", omit_defaults=True):
    """Last line: how many events of each type there are, and the SHA-256 of every byte before this line."""

    counts: dict[str, int]
    sha256: str
    ended: str
    n: int = 0
    t: float = 0.0


type Event = Header | LinkEvent | Frame | CaseEvent | OperatorEvent | FindingEvent | VerdictEvent | RuleEvent | Note | Footer
