"""An event loop in virtual time, for casts of reference actors only.

When nothing is ready and no work is under way elsewhere, the loop does not wait for its next timer: it jumps to it. A case that
waits five minutes for silence takes a millisecond. Sockets work as ever: before each jump the loop polls them once more.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Iterator
from contextlib import contextmanager

# Loopback delivers within the send call, on a loaded machine now and then a little later. So before a jump the sockets are polled
# so often, letting others run in between, and once more for so long (s; a poll waits no less) if anything came since the last.
_POLLS = 3
_GRACE = 0.001


class _JumpingSelector(selectors.DefaultSelector):
    """Polls instead of waiting, and tells the loop how far it may jump."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0
        self.busy = 0
        self._talking = False

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or self.busy:
            # Nothing is to come by itself, or a thread works for us: its answer comes through the loop's wake-up socket.
            ready = super().select(0 if timeout is not None and timeout <= 0 else None)
        else:
            ready = super().select(0)
            if timeout > 0 and not ready:
                ready = self._look_again()
                self.skipped += 0.0 if ready else timeout
                self._talking = False
        self._talking |= bool(ready)
        return ready

    def _look_again(self) -> list[tuple[selectors.SelectorKey, int]]:
        for _ in range(_POLLS):
            time.sleep(0)
            if ready := super().select(0):
                return ready
        return super().select(_GRACE) if self._talking else []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An asyncio event loop whose clock jumps over every wait.

    ``loop.time()``, ``asyncio.sleep``, ``asyncio.timeout`` and everything built on them are virtual; ``time.monotonic`` is not.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return virtual seconds: real ones that passed in work, and those jumped over."""
        return super().time() + self._jumping.skipped

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Hold the clock while a thread works on the caller's behalf."""
        self._jumping.busy += 1
        try:
            yield
        finally:
            self._jumping.busy -= 1

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:
        """Wait for the threads of ``to_thread`` to end: in real seconds, as they live in real time."""
        with self.busy():
            await super().shutdown_default_executor(timeout)
