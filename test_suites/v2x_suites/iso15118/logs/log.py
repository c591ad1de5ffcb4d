"""What a file that holds ISO 15118 gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path

from v2x_harness.events import Event

from v2x_suites.checking import LogFile, Progress, silent

SDP = "sdp"
"""The link that everything over SDP is on."""

GAP = "gap"
"""Topic of the note that something is missing on a link; its text is the link's id."""

HELD = "held"
"""Topic of the note that the network held the next message on a link back, so that nobody knows when it was sent; its text is the
link's id."""


class Log(LogFile, ABC):
    """A file that holds ISO 15118.

    Attributes:
        began: wall time of the first frame in seconds since 1970, once that was read; None where there is none.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.began: float | None = None

    @abstractmethod
    def events(self, progress: Progress = silent) -> Iterator[Event]:
        """Give what is in it, in order.

        Args:
            progress: is told how many octets were read since it was last told.

        Raises:
            LogError: the file cannot be read.
        """
