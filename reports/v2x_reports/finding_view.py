"""A finding as it is shown: with its requirement, its frame, and the words for them."""

from __future__ import annotations

from dataclasses import dataclass

from v2x_harness.events import Frame, LinkEvent
from v2x_harness.requirement import Requirement
from v2x_harness.rule import RuleInfo

from v2x_reports.account import Account
from v2x_reports.grouping import FindingGroup
from v2x_reports.marked_json import Line, excerpt, field_name
from v2x_reports.octets import Piece, bits_of, dump, raw_of, spelled
from v2x_reports.words import role_word, visible


@dataclass(frozen=True)
class FindingView:
    """A finding, or several that say the same, as it is shown."""

    group: FindingGroup
    told: Account

    @property
    def version(self) -> str:
        """The protocol version it was found in."""
        name = self.told.case_of.get(self.group.indexes[0])
        case = next((c for c in self.told.cases if c.name == name), None)
        return case.info.version if case and case.info else ""

    @property
    def requirement(self) -> Requirement | None:
        """What is registered of the requirement."""
        return self.told.requirement(self.group.first.requirement, self.version)

    @property
    def rule(self) -> RuleInfo | None:
        """The rule that found it."""
        return self.told.rule(self.group.first.source.removeprefix("rule:"))

    @property
    def event(self) -> Frame | LinkEvent | None:
        """What it rests on."""
        return self.told.event(self.group.first)

    @property
    def cases(self) -> tuple[str, ...]:
        """Names of the cases it was found in."""
        return tuple(dict.fromkeys(self.told.case_of[i] for i in self.group.indexes if i in self.told.case_of))

    @property
    def what(self) -> str:
        """What is wrong, as it was found."""
        first = self.group.first
        absent = self.event is None and first.expected and first.expected in first.text
        line = next(iter(first.text.splitlines()), "")
        return f"not seen: {line}" if absent else line

    @property
    def check(self) -> str:
        """What was compared, as pytest tells it below the words; empty when there is no more than words."""
        return "\n".join(self.group.first.text.splitlines()[1:])

    @property
    def short(self) -> str:
        """What is wrong, in one line: who, in which message, at which field, what stood there and what should."""
        first, event = self.group.first, self.event
        party, compared = role_word(first.party), f"seen {visible(first.seen)}, expected {visible(first.expected)}"
        if event is None and first.seen and first.expected:
            return f"{party}: {compared}".removeprefix(": ")
        if event is None or not first.seen or not first.expected:
            return f"{party}: {next(iter(first.text.splitlines()), '')}".removeprefix(": ")
        message = event.label or event.media if isinstance(event, Frame) else f"connection {event.event}"
        field = field_name(first.location.pointer)
        place = f"{party}, {message}".strip(", ") + (f", {field}" if field else "")
        return f"{place}: {compared}"

    @property
    def where(self) -> str:
        """The frame, in words."""
        event = self.event
        if isinstance(event, Frame):
            number = f"frame {event.n}" if event.origin is None else f"frame {event.n} (no. {event.origin} in the file)"
            return f"{number}, {role_word(event.sender)} to {role_word(event.to)}: {event.label or event.media}"
        if isinstance(event, LinkEvent):
            return f"event {event.n}, connection {event.event}" + (f" by {event.by}" if event.by else "")
        return ""

    def excerpt(self, around: int) -> list[Line]:
        """Return the frame's lines around the offending field."""
        return excerpt(self.event, [self.group.first.location.pointer], around) if self.event else []

    @property
    def octets(self) -> tuple[list[list[Piece]], list[Piece]]:
        """Return the octets around the bits that it rests on, and these bits; nothing where it says nothing of bits."""
        bits, event = bits_of(self.group.first.location), self.event
        raw = raw_of(event) if isinstance(event, Frame) else None
        return (dump(raw, [bits]), spelled(raw, bits)) if raw is not None and bits is not None else ([], [])

    @property
    def more(self) -> int:
        """How many findings say the same."""
        return len(self.group.indexes) - 1
