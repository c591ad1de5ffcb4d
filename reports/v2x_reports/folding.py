"""Folds the loops of V2G sessions: exchanges that say the same again and again become one entry of a case's story."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from v2x_harness.events import CaseEvent, Frame, LinkEvent, OperatorEvent

from v2x_reports.v2g import brief, is_v2g

type Shown = Frame | LinkEvent | OperatorEvent | CaseEvent

# So many exchanges alike are folded; of those, so many at either end can still be opened.
_FOLDED, _KEPT = 6, 2

type Key = tuple[str, str, str, str]


@dataclass(frozen=True, slots=True)
class Gap:
    """So many events are left out here; ``what`` names them where they are not just events."""

    count: int
    what: Literal["events", "exchanges"] = "events"


@dataclass(frozen=True, slots=True)
class Fold:
    """Exchanges that differ in no more than values.

    Attributes:
        labels: of the messages of one exchange: request and response, or one without the other.
        note: what each of them says beside its name.
        count: how many exchanges.
        begins, ends: seconds on the journal's clock of the first and the last message.
        slowest: the longest time between request and response in seconds; None where nothing was answered.
        first, last: ``n`` of the first and the last message.
        events: the first ones and the last ones, and what is left out between.
    """

    labels: tuple[str, ...]
    note: str
    count: int
    begins: float
    ends: float
    slowest: float | None
    first: int
    last: int
    events: tuple[Frame | Gap, ...]


class Folder:
    """Takes a case's events in order, and gives them back with loops folded; it holds no more than a few of them.

    Args:
        cited: ``n`` of the events that findings rest on, which are never folded away.
    """

    def __init__(self, cited: frozenset[int]) -> None:
        self._cited = cited
        self._unit: list[Frame] = []
        self._unit_key: tuple[Key, ...] = ()
        self._key: tuple[Key, ...] = ()
        self._head: list[list[Frame]] = []
        self._tail: deque[list[Frame]] = deque(maxlen=_KEPT)
        self._count = 0
        self._slowest: float | None = None

    @property
    def holding(self) -> bool:
        """Whether it holds events of which it is not settled whether they are folded."""
        return bool(self._unit or self._count)

    def add(self, event: Shown) -> Iterator[Shown | Fold]:
        """Take the next event; give what is settled by it."""
        key = self._foldable(event)
        if key is None:
            yield from self.rest()
            yield event
            return
        assert isinstance(event, Frame)
        answers = self._unit and key[2].endswith("Res") and len(self._unit) == 1 and self._unit[0].sender != event.sender
        if self._unit and not answers:
            yield from self._close()
        self._unit.append(event)
        self._unit_key = (*self._unit_key, key)
        if not key[2].endswith("Req"):
            yield from self._close()

    def rest(self) -> Iterator[Shown | Fold]:
        """Give what is held: nothing more of it can be folded."""
        if self._unit:
            yield from self._close()
        yield from self._flush()

    def _foldable(self, event: Shown) -> Key | None:
        if not isinstance(event, Frame) or not is_v2g(event) or event.n in self._cited or event.fate != "forwarded":
            return None
        return (event.link, event.sender, event.label, brief(event))

    def _close(self) -> Iterator[Shown | Fold]:
        """An exchange is complete: does it say the same as those before?"""
        unit, key = self._unit, self._unit_key
        self._unit, self._unit_key = [], ()
        if key != self._key:
            yield from self._flush()
            self._key = key
        if len(self._head) < _FOLDED - _KEPT:
            self._head.append(unit)
        else:
            self._tail.append(unit)
        self._count += 1
        if len(unit) > 1:
            self._slowest = max(self._slowest or 0.0, unit[1].t - unit[0].t)

    def _flush(self) -> Iterator[Shown | Fold]:
        head, tail, count = self._head, list(self._tail), self._count
        slowest, key = self._slowest, self._key
        self._head, self._count, self._slowest, self._key = [], 0, None, ()
        self._tail.clear()
        if count < _FOLDED:
            for unit in (*head, *tail):
                yield from unit
            return
        shown: list[Frame | Gap] = [frame for unit in head[:_KEPT] for frame in unit]
        last = tail[-1][-1]
        if left := count - min(len(head), _KEPT) - len(tail):
            shown.append(Gap(left, "exchanges"))
        shown += [frame for unit in tail for frame in unit]
        note = ", ".join(dict.fromkeys(each[3] for each in key if each[3]))
        begins = head[0][0].t
        labels = tuple(each[2] for each in key)
        yield Fold(labels, note, count, begins, last.t, slowest, head[0][0].n, last.n, tuple(shown))
