"""What is under way to one side of a link."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable


class Lane:
    """Octets on their way to one side: in order, each not before its time.

    Args:
        write: sends them.
        crowded: told when too many octets are under way, and when no longer.
    """

    HIGH, LOW = 1 << 20, 1 << 18

    def __init__(self, write: Callable[[bytes], None], crowded: Callable[[bool], None]) -> None:
        self._write, self._crowded = write, crowded
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[float, bytes | Callable[[], None]]] = deque()
        self._size = 0
        self._full = False
        self._timer: asyncio.TimerHandle | None = None

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def put(self, at: float, what: bytes | Callable[[], None]) -> None:
        """Send octets, or do something, at a time of the loop's clock; after what was put before."""
        self._waiting.append((at, what))
        if isinstance(what, bytes):
            self._size += len(what)
        self._run()

    def clear(self) -> None:
        """Forget what is under way."""
        self._waiting.clear()
        if self._timer:
            self._timer.cancel()

    def _run(self) -> None:
        while self._waiting and self._waiting[0][0] <= self._loop.time():
            _, what = self._waiting.popleft()
            if isinstance(what, bytes):
                self._size -= len(what)
                self._write(what)
            else:
                what()
        full = self._size > (self.LOW if self._full else self.HIGH)
        if full != self._full:
            self._full = full
            self._crowded(full)
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(self._waiting[0][0], self._run) if self._waiting else None
