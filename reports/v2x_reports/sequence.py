"""The rows of a message sequence chart, and the chart as plain text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import msgspec
from v2x_harness.events import CaseEvent, Frame, LinkEvent, OperatorEvent
from v2x_harness.results import FindingRecord

from v2x_reports.account import CaseAccount
from v2x_reports.folding import Fold, Gap, Shown
from v2x_reports.v2g import brief, connection, failed
from v2x_reports.words import role_word

FATES = {
    "forwarded": "passed on",
    "delayed": "delayed by the harness",
    "dropped": "dropped by the harness",
    "rewritten": "rewritten by the harness",
    "injected": "injected by the harness",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a chart.

    Attributes:
        kind: ``frame``, ``link``, ``operator``, ``step``, ``gap`` or ``fold``.
        time: seconds since the case began.
        sender, to: the lifelines it goes between; ``to`` is empty for what stays on one.
        text: what is written on it.
        fate: of a frame, what the tap did with it; of an operator's act, its outcome; of a link, its event.
        marks: requirement ids of the findings that rest on it; ``warns`` when all of these are about compatibility.
        event: what it is drawn from.
        note: of a frame, what it says beside its name; ``no`` when that is that something failed.
        inner: of a fold, the rows that it can be opened to.
    """

    kind: str
    time: float
    sender: str = ""
    to: str = ""
    text: str = ""
    fate: str = ""
    marks: tuple[str, ...] = ()
    warns: bool = False
    event: Shown | None = None
    note: str = ""
    no: bool = False
    inner: tuple[Row, ...] = ()


def rows(case: CaseAccount, findings: Sequence[FindingRecord]) -> list[Row]:
    """Return the rows of a case's chart."""
    by_event: dict[int, list[FindingRecord]] = {}
    for i in case.findings:
        f = findings[i]
        if f.location.frame is not None and f.journal == case.result.journal:
            by_event.setdefault(f.location.frame, []).append(f)
    return [_row(entry, case.begins, by_event) for entry in case.story]


def every(chart: Sequence[Row]) -> Iterator[Row]:
    """Give the rows of a chart, each fold followed by the rows in it."""
    for row in chart:
        yield row
        yield from row.inner


def _row(entry: Shown | Fold | Gap, begins: float, by_event: Mapping[int, list[FindingRecord]]) -> Row:
    if isinstance(entry, Gap):
        return Row("gap", 0.0, text=f"{entry.count} {entry.what} are left out here; the journal has them")
    if isinstance(entry, Fold):
        return _fold(entry, begins)
    found = by_event.get(entry.n, [])
    marks = tuple(dict.fromkeys(f.requirement for f in found))
    warns = bool(found) and all(f.axis == "compatibility" or f.waived for f in found)
    time = entry.t - begins
    match entry:
        case Frame():
            text, note = entry.label or entry.media, brief(entry)
            no = bool(note) and failed(entry)
            return Row("frame", time, entry.sender, entry.to, text, entry.fate, marks, warns, entry, note=note, no=no)
        case LinkEvent():
            return Row("link", time, entry.by, "", _link(entry), entry.event, marks, warns, entry)
        case OperatorEvent():
            text = f"{entry.verb} {_arguments(entry)}".strip()
            return Row("operator", time, entry.role, "", text, entry.outcome, marks, warns, entry)
        case CaseEvent():
            return Row("step", time, text=entry.text, event=entry)


def _fold(fold: Fold, begins: float) -> Row:
    """Tell of a loop in one line; its first and last exchanges stand in it."""
    facts = [f"{' and '.join(fold.labels)} {fold.count:,} times", f"{fold.ends - fold.begins:.1f} s"]
    if fold.note:
        facts.append(fold.note)
    if fold.slowest is not None:
        facts.append(f"slowest answer {fold.slowest:.3f} s")
    inner = tuple(_row(entry, begins, {}) for entry in fold.events)
    frames = [entry for entry in fold.events if isinstance(entry, Frame)]
    return Row("fold", fold.begins - begins, frames[0].sender, frames[0].to, ", ".join(facts), inner=inner)


def _arguments(event: OperatorEvent) -> str:
    return msgspec.json.encode(event.arguments).decode() if event.arguments else ""


def _link(event: LinkEvent) -> str:
    if told := connection(event):
        return told
    words = {
        "open": "connected",
        "refused": "connection refused",
        "close": "closed",
        "tls": "TLS handshake failed",
    }
    detail = event.detail
    facts = [event.protocol] + [str(detail[k]) for k in ("status", "code", "reason") if detail.get(k) not in (None, "", 101)]
    return " ".join([words.get(event.event, event.event), *filter(None, facts)])


def text_chart(chart: Sequence[Row]) -> str:
    """Draw a chart as plain text, a row a line."""
    return "".join(f"{line}\n" for line in _text_lines(chart))


def _text_lines(chart: Sequence[Row]) -> Iterator[str]:
    width = max((len(r.sender) + len(r.to) for r in chart if r.kind == "frame"), default=0) + 5
    for row in chart:
        marks = f"   ◀ {', '.join(row.marks)}" if row.marks else ""
        time = "" if row.kind == "gap" else f"{row.time:.3f}"
        sender, to = role_word(row.sender), role_word(row.to)
        match row.kind:
            case "frame":
                arrow = "─✕" if row.fate == "dropped" else "──▶"
                fate = "" if row.fate == "forwarded" else f"  ({FATES[row.fate]})"
                note = f": {row.note}" if row.note else ""
                yield f"{time:>10}  {f'{sender} {arrow} {to}':<{width}}  {row.text}{note}{fate}{marks}"
            case "operator":
                done = "" if row.fate == "done" else f"  ({row.fate})"
                yield f"{time:>10}  {sender} ⚙ {row.text}{done}"
            case "link":
                yield f"{time:>10}  {'┄' * 4} {f'{sender}: ' if sender else ''}{row.text}{marks}"
            case "fold":
                yield f"{time:>10}  {'↻' * 4} {row.text}"
            case _:
                yield f"{time:>10}  {'═' * 4} {row.text}"
