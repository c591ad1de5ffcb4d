"""The redaction report: what was removed from the journals, and where; read off the marks that the redactor left."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress

import msgspec

from v2x_harness.events import CaseEvent, Event, FindingEvent, Frame, LinkEvent, Note, OperatorEvent, VerdictEvent
from v2x_harness.redact import MARK

FORMAT = "v2x-redaction/1"


class Redacted(msgspec.Struct, frozen=True, kw_only=True):
    """One secret in one kind of place.

    Attributes:
        secret: its name; ``encoding`` how it was written (``place``: known by where it stood, ``header``, ``pem``).
        place: where: ``frame CALL SetVariables``, ``link open``, ``operator call``.
        count: how often; ``journal`` and ``n`` say where first.
    """

    secret: str
    encoding: str
    place: str
    count: int
    journal: str
    n: int


class RedactionReport(msgspec.Struct, frozen=True, kw_only=True):
    """``redaction.json``."""

    redacted: tuple[Redacted, ...] = ()
    format: str = FORMAT


class MarkCounter:
    """Takes the events of every journal and counts the marks in them."""

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str, str], Redacted] = {}

    def feed(self, journal: str, event: Event) -> None:
        """Take the next event of a journal."""
        for secret, encoding in _marks(event):
            key = (secret, encoding, _place(event))
            before = self._seen.get(key)
            self._seen[key] = (
                msgspec.structs.replace(before, count=before.count + 1)
                if before
                else Redacted(secret=secret, encoding=encoding, place=key[2], count=1, journal=journal, n=event.n)
            )

    def report(self) -> RedactionReport:
        """Return the report."""
        return RedactionReport(redacted=tuple(self._seen[key] for key in sorted(self._seen)))


def _marks(event: Event) -> Iterator[tuple[str, str]]:
    if isinstance(event, Frame):
        text = event.raw
        if event.media == "binary":
            with suppress(ValueError):  # a journal from elsewhere may hold anything
                text = base64.b64decode(event.raw).decode("utf-8", "replace")
        text += event.label if event.decoded is None else event.label + msgspec.json.encode(event.decoded).decode()
    else:
        text = msgspec.json.encode(event).decode()
    if "[redacted:" in text:
        for match in MARK.finditer(text):
            yield match[1], match[2]


def _place(event: Event) -> str:
    match event:
        case Frame():
            return f"frame {event.label[:80]}".strip()
        case LinkEvent():
            return f"link {event.event}"
        case OperatorEvent():
            return f"operator {event.verb}"
        case FindingEvent():
            return f"finding of {event.finding.source}"
        case VerdictEvent() | CaseEvent():
            return f"case {event.case}"
        case Note():
            return f"note {event.topic}"
    return str(event.__struct_config__.tag)
