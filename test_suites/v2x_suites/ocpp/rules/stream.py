"""Frames made into OCPP messages, once: which connection, which call an answer belongs to, which version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.versions import VERSIONS, Version
from v2x_harness.events import Frame

from v2x_suites.ocpp.rules.known.ids import Answered

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Station, Watch
    from v2x_suites.ocpp.rules.table import Entry, Table

type Kind = Literal["CALL", "CALLRESULT", "CALLERROR", "SEND", "CALLRESULTERROR", "malformed"]

OTHER = {"station": "csms", "csms": "station", "": ""}
DELIVERED = frozenset({"forwarded", "delayed", "injected"})

CALLS_KEPT = 64
_ORPHANS_KEPT = 32


class LeanFrame(msgspec.Struct, tag="frame", tag_field="type", gc=False):
    """What the judge reads of a journal's `Frame`, for reading many of them."""

    link: str
    sender: str
    raw: str
    media: Literal["json", "text", "binary"] = "json"
    fate: Literal["forwarded", "dropped", "delayed", "rewritten", "injected"] = "forwarded"
    n: int = 0
    t: float = 0.0


type FrameLike = Frame | LeanFrame


def station_key(link: str, identity: object = None) -> str:
    """Return what a station is known by: its identity, or the link's name without its number."""
    return identity if isinstance(identity, str) and identity else link.rpartition("#")[0] or link


class OcppMessage(msgspec.Struct, gc=False):
    """One OCPP-J message.

    Attributes:
        n, t: number of the frame in the journal, and its seconds.
        session: the connection it was sent on.
        sender: role that sent it; empty when a log does not tell.
        kind: of OCPP-J message.
        message_id: as sent.
        action: of a CALL; of an answer the action of the call it answers, empty when there is none.
        payload: of a CALL, CALLRESULT or SEND; an empty object for the rest.
        code: error code of a CALLERROR or CALLRESULTERROR.
        call: the call that an answer belongs to.
        entry: what its version knows of this action.
        injected: made by the harness: context, never held against the sender.
        delivered: whether the other side got it.
        valid: whether the payload keeps to its schema.
        clean: whether it keeps to the formats too.
        overdue: whether it was said that it has no answer.
        answered: whether it was answered though the answer did not arrive.
    """

    n: int
    t: float
    session: Session
    sender: str
    kind: Kind
    message_id: str
    action: str
    payload: dict[str, Any]
    call: OcppMessage | None = None
    entry: Entry | None = None
    code: str = ""
    injected: bool = False
    delivered: bool = True
    valid: bool = True
    clean: bool = True
    overdue: bool = False
    answered: bool = False

    @property
    def at(self) -> str:
        """JSON pointer of the payload in the OCPP-J array."""
        return "/3" if self.kind in ("CALL", "SEND") else "/2"

    @property
    def version(self) -> Version:
        """The version that the message is judged by."""
        return self.session.table.version


class Session:
    """One connection.

    Attributes:
        link: its id in the journal.
        serial: its number, counted over all links.
        station: what is known of the station at its end.
        table: what its version knows.
        decided: whether the version was negotiated or told, and not merely guessed.
        opened: time of its opening; None when the journal does not show it.
        closed: whether it is over.
        calls: by sender, the calls that are not answered yet, by message id, the oldest first.
        answered: by sender, the last calls whose answer was seen.
        orphans: answers that belong to no call so far, by message id.
        early: the station's first calls on a link that has just been opened, as (n, action), until its BootNotification; None
            when that is of no interest any more.
        booted: whether a BootNotification was sent on it.
        heard: when the station last sent anything.
        heartbeat: what looks after its heartbeats.
        broken: by sender, ``n`` of the last frame that could not be read.
    """

    __slots__ = (
        "answered",
        "booted",
        "broken",
        "calls",
        "closed",
        "decided",
        "early",
        "heard",
        "heartbeat",
        "link",
        "opened",
        "orphans",
        "serial",
        "station",
        "table",
    )

    def __init__(self, link: str, serial: int, station: Station, table: Table, *, decided: bool) -> None:
        self.link, self.serial, self.station, self.table, self.decided = link, serial, station, table, decided
        self.opened: float | None = None
        self.closed = self.booted = False
        self.calls: dict[str, dict[str, OcppMessage]] = {"station": {}, "csms": {}, "": {}}
        self.answered = {"station": Answered(), "csms": Answered(), "": Answered()}
        self.orphans: dict[str, OcppMessage] = {}
        self.early: list[tuple[int, str]] | None = None
        self.heard = 0.0
        self.heartbeat: Watch | None = None
        self.broken: dict[str, int] = {}

    def shows_answers(self, sender: str) -> bool:
        """Tell whether answers to a sender's calls can be seen: some logs have one direction only."""
        return self.opened is not None or bool(self.answered[sender])

    def remember_orphan(self, message: OcppMessage) -> None:
        """Keep an answer without a call: a log may have the two in the wrong order."""
        if len(self.orphans) >= _ORPHANS_KEPT:
            del self.orphans[next(iter(self.orphans))]
        self.orphans[message.message_id] = message


def guess_version(action: str, payload: object) -> tuple[Version, bool] | None:
    """Guess a link's version from one CALL.

    Returns:
        The version and whether the call leaves no other; None when it tells nothing.
    """
    having = [version for version in VERSIONS if action in schema.actions(version)]
    if not having:
        return None
    fitting = [version for version in having if schema.is_valid(version, action, "request", payload)]
    # 2.1 keeps what 2.0.1 has: what both fit is taken for 2.0.1 until an action of 2.1 comes.
    ones = fitting or [version for version in having if _has_its_fields(version, action, payload)] or having
    only = ones == ["2.0.1", "2.1"] or len(ones) == 1
    return ones[0], only


def _has_its_fields(version: Version, action: str, payload: object) -> bool:
    known = schema.schema(version, action, "request").get("properties", {})
    return isinstance(payload, dict) and any(key in known for key in payload)
