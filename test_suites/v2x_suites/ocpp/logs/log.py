"""What a file that holds OCPP gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path

from v2x_architecture.ocpp.versions import Version
from v2x_harness.events import CaseEvent, Header, LinkEvent, OperatorEvent

from v2x_suites.checking import LogFile, Progress, silent
from v2x_suites.ocpp.rules.stream import LeanFrame

type Item = LeanFrame | Header | LinkEvent | CaseEvent | OperatorEvent


class Log(LogFile, ABC):
    """A file that holds OCPP.

    Attributes:
        versions: by link, the version that the file tells.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.versions: dict[str, Version] = {}

    @abstractmethod
    def batches(self, progress: Progress = silent) -> Iterator[Iterable[Item]]:
        """Give what is in it, in order, some at a time.

        Args:
            progress: is told how many octets were read since it was last told.

        Raises:
            LogError: the file cannot be read.
        """
