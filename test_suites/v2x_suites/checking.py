"""What checking a file has in common, whatever protocol is in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

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
