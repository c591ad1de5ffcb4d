"""What a file that holds OCPP gives."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from v2x_architecture.ocpp.versions import Version
from v2x_harness.events import CaseEvent, Header, LinkEvent, OperatorEvent

from v2x_suites.checking import CountedUnit, Progress, silent
from v2x_suites.ocpp.rules.stream import LeanFrame

type Item = LeanFrame | Header | LinkEvent | CaseEvent | OperatorEvent


class Log:
    """A file that holds OCPP.

    Attributes:
        path: of the file.
        kind: what it is.
        unit: what a frame's number counts: events of a journal, lines, or elements of a document.
        timed: whether the frames have times.
        problem: why it could not be read to its end; empty when it was.
        versions: by link, the version that the file tells.
    """

    kind = ""
    unit: CountedUnit = "event"

    def __init__(self, path: Path) -> None:
        self.path = path
        self.timed = True
        self.problem = ""
        self.versions: dict[str, Version] = {}

    def batches(self, progress: Progress = silent) -> Iterator[Iterable[Item]]:
        """Give what is in it, in order, some at a time.

        Args:
            progress: is told how many octets were read since it was last told.

        Raises:
            LogError: the file cannot be read.
        """
        raise NotImplementedError
