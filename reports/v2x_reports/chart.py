"""The message sequence chart as SVG: a lifeline a role, an arrow a frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from v2x_reports.sequence import FATES, Row
from v2x_reports.words import role_word

_TIME, _EDGE = 74, 66
# Letters of a clause beside a row: at least, and at most; and how wide one is.
_LEAST, _MOST, _LETTER = 20, 38, 7
_HEAD = 30
_HEIGHT = {"frame": 34, "operator": 32, "link": 28, "step": 30, "gap": 30, "fold": 34}
_LABEL = 52
_NOTE = 14


class Chart:
    """Draws the rows of one case.

    Args:
        rows: of the chart.
        roles: of the run, left to right; those that this chart does not need are left out.
    """

    def __init__(self, rows: Sequence[Row], roles: Sequence[str]) -> None:
        seen = {r for row in rows for r in (row.sender, row.to) if r}
        self._rows = rows
        self._roles = [r for r in roles if r in seen] or list(roles[:1])
        span = 380 if len(self._roles) == 2 else 250
        self._x = {role: _TIME + _EDGE + i * span for i, role in enumerate(self._roles)}
        self._right = max(self._x.values(), default=_TIME + _EDGE) + _EDGE
        longest = max((len(row.marks[0]) for row in rows if row.marks), default=0)
        self._mark = min(max(longest, _LEAST), _MOST)
        self.width = self._right + 36 + _LETTER * self._mark
        self._letters = span // 6

    def heads(self) -> str:
        """Return the drawing of the lifelines' heads, which stays in sight while the chart scrolls."""
        boxes = "".join(
            f'<rect x="{x - 56}" y="3" width="112" height="24" rx="5"/><text x="{x}" y="20">{escape(role_word(role))}</text>'
            for role, x in self._x.items()
        )
        size = f'viewBox="0 0 {self.width} {_HEAD}" width="{self.width}" height="{_HEAD}"'
        return f'<svg class="heads" {size} aria-hidden="true">{boxes}</svg>'

    def body(self) -> str:
        """Return the drawing of the rows; ``data-i`` is a row's index in `v2x_reports.sequence.every`.

        Where there are loops, it is in parts: what a loop is folded to, and the rows that it opens to.
        """
        parts: list[str] = []
        some: list[tuple[int, Row]] = []
        index = 0
        for row in self._rows:
            if row.kind == "fold":
                if some:
                    parts.append(self._part(some))
                inner = list(enumerate(row.inner, index + 1))
                shut = self._part([(index, row)])
                parts.append(f'<details class="fold"><summary>{shut}</summary>{self._part(inner)}</details>')
                some, index = [], index + 1 + len(row.inner)
            else:
                some.append((index, row))
                index += 1
        if some or not parts:
            parts.append(self._part(some))
        return parts[0] if len(parts) == 1 else f'<div class="parts">{"".join(parts)}</div>'

    def _part(self, rows: Sequence[tuple[int, Row]]) -> str:
        drawn, y = [], 4
        for i, row in rows:
            drawn.append("".join(self._row(i, row, y)))
            y += _HEIGHT[row.kind]
        folded = len(rows) == 1 and rows[0][1].kind == "fold"
        lifelines = "".join(f'<path class="life" d="M{x} 0V{y + 6}"/>' for x in self._x.values())
        label = f"Message sequence chart of {len(rows)} events between {' and '.join(map(role_word, self._roles))}"
        named = 'aria-hidden="true"' if folded else f'role="group" aria-label="{escape(label)}"'
        box = f'viewBox="0 0 {self.width} {y + 8}" width="{self.width}" height="{y + 8}"'
        return f'<svg class="rows" {box} {named}>{lifelines}{"".join(drawn)}</svg>'

    def _row(self, index: int, row: Row, y: int) -> Iterator[str]:
        height = _HEIGHT[row.kind]
        if row.kind in ("gap", "step"):
            yield f'<g class="{row.kind}"><rect x="{_TIME}" y="{y + 4}" width="{self._right - _TIME}" height="22" rx="4"/>'
            yield f'<text x="{(_TIME + self._right) // 2}" y="{y + 19}">{escape(_short(row.text, 90))}</text></g>'
            return
        if row.kind == "fold":
            yield from self._fold(row, y)
            return
        tone = " warn" if row.marks and row.warns else " bad" if row.marks else ""
        fate = f" {row.fate}" if row.kind == "frame" and row.fate != "forwarded" else ""
        yield f'<g class="row {row.kind}{fate}{tone}" data-i="{index}">'
        yield f'<rect class="hit" y="{y}" width="{self.width}" height="{height}"/>'
        yield f'<text class="time" x="{_TIME - 10}" y="{y + height // 2 + 8}">{row.time:.3f}</text>'
        yield from {"frame": self._frame, "operator": self._operator, "link": self._link}[row.kind](row, y)
        if row.marks:
            more = f" +{len(row.marks) - 1}" if len(row.marks) > 1 else ""
            at = f'x="{self._right - 36}" y="{y + height // 2 + 8}"'
            yield f'<text class="mark" {at}>◀ {escape(_short(row.marks[0], self._mark))}{more}</text>'
        yield "</g>"

    def _frame(self, row: Row, y: int) -> Iterator[str]:
        start, end = self._x.get(row.sender, _TIME), self._x.get(row.to, self._right)
        way = 1 if end > start else -1
        line = y + 24
        middle = (start + end) // 2
        if row.fate == "injected":
            start = middle
            yield f'<circle cx="{middle}" cy="{line}" r="4"/>'
        if row.fate == "dropped":
            yield f'<path class="line" d="M{start} {line}H{middle}"/>'
            yield f'<path class="cross" d="M{middle - 5} {line - 5}l10 10M{middle - 5} {line + 5}l10 -10"/>'
        else:
            yield f'<path class="line" d="M{start} {line}H{end - way * 7}"/>'
            yield f'<path class="tip" d="M{end} {line}l{-way * 9} -4.5v9z"/>'
        words = FATES.get(row.fate, row.fate).split(" ")[0]
        note = f' <tspan class="fate">{escape(words)}</tspan>' if row.fate != "forwarded" else ""
        text, said = _short(row.text, _LABEL), ""
        if row.note and (room := max(_NOTE, self._letters - len(text) - 2)):
            said = f'<tspan class="{"no" if row.no else "note"}" dx="6">{escape(_short(row.note, room))}</tspan>'
        yield f'<text class="label" x="{middle}" y="{y + 17}">{escape(text)}{said}{note}</text>'

    def _fold(self, row: Row, y: int) -> Iterator[str]:
        left, right = _TIME + 4, self.width - 8
        yield f'<g class="loop"><rect x="{left}" y="{y + 3}" width="{right - left}" height="28" rx="6"/>'
        yield f'<text class="time" x="{_TIME - 10}" y="{y + 22}">{row.time:.3f}</text>'
        room = (right - left - 40) // 6
        yield f'<text class="told" x="{left + 30}" y="{y + 22}">{escape(_short(row.text, room))}</text>'
        yield f'<path class="turn" d="M{left + 12} {y + 12}l5 5l-5 5"/></g>'

    def _operator(self, row: Row, y: int) -> Iterator[str]:
        x = self._x.get(row.sender, _TIME + _EDGE)
        text = _short(row.text, 44) + ("" if row.fate == "done" else f": {_short(row.fate, 24)}")
        width = 7 * len(text) + 34
        left = min(max(x - width // 2, _TIME + 2), max(_TIME + 2, self._right - width))
        failed = "" if row.fate == "done" else ' class="failed"'
        yield f'<rect{failed} x="{left}" y="{y + 5}" width="{width}" height="22" rx="11"/>'
        yield f'<text class="act" x="{left + width // 2}" y="{y + 20}">⚙ {escape(text)}</text>'

    def _link(self, row: Row, y: int) -> Iterator[str]:
        xs = list(self._x.values())
        middle = (xs[0] + xs[-1]) // 2 if xs else self._right // 2
        text = _short(row.text, 60)
        half = 4 * len(text) + 6
        if len(xs) > 1:
            yield f'<path class="line" d="M{xs[0]} {y + 15}H{middle - half}M{middle + half} {y + 15}H{xs[-1]}"/>'
        yield f'<text class="label" x="{middle}" y="{y + 19}">{escape(text)}</text>'


def _short(text: str, length: int) -> str:
    """Cut a text to a length, without what no document may hold."""
    clean = "".join(c if c.isprintable() else "�" for c in text[: length + 1])
    return clean if len(clean) <= length else clean[: length - 1] + "…"
