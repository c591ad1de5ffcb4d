"""The clock that reference actors are given: the real one, or an event loop's own (virtual in a cast of reference actors)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Time as an actor knows it."""

    def now(self) -> datetime:
        """Return the wall time, aware, UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the wall time, aware, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the running event loop's seconds."""
        return asyncio.get_running_loop().time()


class LoopClock:
    """Wall time that goes on with the event loop's time: virtual when the loop is.

    Args:
        epoch: wall time at the moment of construction; the machine's when None.
    """

    def __init__(self, epoch: datetime | None = None) -> None:
        self._epoch = epoch or datetime.now(UTC)
        self._start = asyncio.get_running_loop().time()

    def now(self) -> datetime:
        """Return the wall time, aware, UTC."""
        return self._epoch + timedelta(seconds=self.monotonic() - self._start)

    def monotonic(self) -> float:
        """Return the loop's seconds."""
        return asyncio.get_running_loop().time()


def is_virtual(loop: asyncio.AbstractEventLoop) -> bool:
    """Tell whether an event loop's clock jumps over waits."""
    return hasattr(loop, "busy")


@contextmanager
def working() -> Iterator[None]:
    """Hold the clock of a virtual event loop while a thread (a database, a file, a name look-up) works for the caller.

    Does nothing on an ordinary loop. Nothing inside may wait for time to pass.
    """
    busy = getattr(asyncio.get_running_loop(), "busy", None)
    if busy is None:
        yield
    else:
        with busy():
            yield
