"""What checking a file has in common, whatever protocol is in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Literal, Protocol, Self

import msgspec
from v2x_harness.errors import HarnessError
from v2x_harness.finding import Finding

type Progress = Callable[[int], None]
type CountedUnit = Literal["event", "line", "element", "packet"]
"""What a frame's number counts in a file."""


def silent(octets: int) -> None:
    """Take note of nothing."""
    del octets


class LogError(HarnessError):
    """A file holds nothing that can be judged, or cannot be read: which one, why, and what can be read instead."""


class LogFile:
    """A file that holds what products said.

    Attributes:
        path: of the file.
        kind: what it is.
        unit: what a frame's number counts: events of a journal, packets of a capture, lines, or elements of a document.
        timed: whether the frames have times.
        problem: why it could not be read to its end; empty when it was.
        notes: what else is to be known of it, once it was read.
    """

    kind = ""
    unit: CountedUnit = "event"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.timed = True
        self.problem = ""
        self.notes: tuple[str, ...] = ()


class FileJudge(Protocol):
    """A judge that has judged a file; see `Judged` for what it counts."""

    suppressed: Counter[str]

    @property
    def frames(self) -> int:
        """How many frames it has judged."""
        ...

    @property
    def links(self) -> int:
        """On how many connections they were."""
        ...

    @property
    def versions(self) -> tuple[str, ...]:
        """Versions of the protocol that it has judged by."""
        ...

    def inspected(self) -> dict[str, int]:
        """How often each rule had something to judge."""
        ...


class Judged(msgspec.Struct, kw_only=True):
    """What came of a file.

    Attributes:
        kind: what the file is.
        unit: what a frame's number counts in it.
        found: the findings, in the order of the file.
        suppressed: by rule, how many more there were than one station, or one link, is told of.
        inspected: by rule, how often it had something to judge.
        frames: how many were judged. ``links`` on how many connections.
        versions: of the protocol that were judged by.
        problem: why the file could not be read to its end; empty when it was.
        timed: whether its frames have times.
        notes: what else is to be known of it.
    """

    kind: str
    unit: CountedUnit
    found: list[Finding]
    suppressed: dict[str, int]
    inspected: dict[str, int]
    frames: int
    links: int
    versions: tuple[str, ...]
    problem: str
    timed: bool
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, log: LogFile, judge: FileJudge, found: list[Finding]) -> Self:
        """Return what came of a file that was read to its end, and judged."""
        return cls(
            kind=log.kind,
            unit=log.unit,
            found=found,
            suppressed=dict(judge.suppressed),
            inspected=judge.inspected(),
            frames=judge.frames,
            links=judge.links,
            versions=judge.versions,
            problem=log.problem,
            timed=log.timed,
            notes=log.notes,
        )
