"""What the lanes of every protocol have in common: who stands in them, and what is said when somebody there has failed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from v2x_adapters.process import AdapterProcess
from v2x_architecture.clock import LoopClock
from v2x_harness.events import Note
from v2x_harness.finding import Finding, Layer
from v2x_harness.journal import Recorder
from v2x_harness.operator import Placement
from v2x_harness.protocol import Cast
from v2x_harness.rule import Judge


class SuiteLane(ABC):
    """A lane of one protocol.

    Args:
        cast: who plays which role.
        recorder: of the lane's journal.
        workdir: that each product gets a folder in.
        judge: of the protocol.

    Attributes:
        protocol: that is spoken.
        role: the role under test.
        fresh: opened for one case only, because everybody in it is a reference actor or stands in for one.
        pixit: the subject's timers and values.
        clock: that our own actors and the tap go by.
    """

    protocol: ClassVar[str]
    role: ClassVar[str]

    def __init__(self, cast: Cast, recorder: Recorder, workdir: Path, judge: Judge) -> None:
        self.cast, self.recorder, self.workdir, self.judge = cast, recorder, workdir, judge
        self.fresh, self.version, self.pixit = cast.virtual, cast.version, cast.subject.pixit
        self.clock = LoopClock()

    def check(self) -> None:
        """Make sure that the adapters of all products still work.

        Raises:
            AdapterError: one has died, hung or broken its protocol.
        """
        for product in self._running():
            if isinstance(product, AdapterProcess) and product.failure:
                raise product.failure

    @abstractmethod
    def _running(self) -> Iterable[object]:
        """Return what the lane has started."""

    def _note(self, line: str) -> None:
        """Keep what an adapter logs."""
        self.recorder.record(Note(topic="adapter", text=line))

    def _placement(self, role: str) -> Placement:
        """Return where a product is to stand, with a folder of its own."""
        folder = self.workdir / role
        folder.mkdir(exist_ok=True)
        return Placement(role=role, protocol=self.protocol, version=self.version, workdir=str(folder))

    def _lifeless(self, requirement: str, text: str, expected: str, seen: str) -> Finding:
        """Say that the subject does not live any more after a case."""
        return Finding(
            requirement=requirement,
            text=f"after the case {text}: {seen}",
            expected=expected,
            seen=seen,
            layer=Layer.LIVENESS,
            party=self.role,
        )
