"""What a file that holds ISO 15118 gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from v2x_harness.events import Event

from v2x_suites.checking import CountedUnit, Progress, silent

SDP = "sdp"
"""The link that everything over SDP is on."""

GAP = "gap"
"""Topic of the note that something is missing on a link; its text is the link's id."""

HELD = "held"
"""Topic of the note that the network held the next message on a link back, so that nobody knows when it was sent; its text is the
link's id."""


class Log:
    """A file that holds ISO 15118.

    Attributes:
        path: of the file.
        kind: what it is.
        unit: what a frame's number counts.
        timed: whether the frames have times.
        began: wall time of the first of them in seconds since 1970, once that was read; None where there is none.
        problem: why it could not be read to its end; empty when it was.
        notes: what else is to be known of it, once it was read.
    """

    kind = ""
    unit: CountedUnit = "event"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.timed = True
        self.began: float | None = None
        self.problem = ""
        self.notes: tuple[str, ...] = ()

    def events(self, progress: Progress = silent) -> Iterator[Event]:
        """Give what is in it, in order.

        Args:
            progress: is told how many octets were read since it was last told.

        Raises:
            LogError: the file cannot be read.
        """
        raise NotImplementedError
