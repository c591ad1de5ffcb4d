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

from v2x_harness.in_flight import InFlight, in_flight

# What has been sent is awaited for so long (s): loopback delivers within the send call, but on a loaded machine now and then
# later.
_PATIENCE = 2.0
# Before a jump the sockets are polled so often, letting others run in between; and where it cannot be known whether anything is
# under way, once more for so long (s; a poll waits no less) if anything came since the last jump.
_POLLS = 3
_GRACE = 0.005

# What real seconds count for in virtual time. Little, because what a machine needs for its work is nothing that an actor has
# done, and there are judgements that rest on 25 ms; not nothing, so that whoever polls the clock comes to an end.
_WORK = 0.001


class _JumpingSelector(selectors.DefaultSelector):
    """Polls instead of waiting, and tells the loop how far it may jump."""

    def __init__(self) -> None:
        super().__init__()
        self.skipped = 0.0
        self.busy = 0
        self._heard: set[int] = set()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or self.busy:
            # Nothing is to come by itself, or a thread works for us: its answer comes through the loop's wake-up socket.
            ready = super().select(0 if timeout is not None and timeout <= 0 else None)
        else:
            ready = super().select(0)
            if timeout > 0 and not ready:
                ready = self._look_again()
                self.skipped += 0.0 if ready else timeout
                self._heard.clear()
        self._heard.update(key.fd for key, _ in ready)
        return ready

    def _waited_for(self) -> list[int]:
        return [key.fd for key in self.get_map().values()]

    def _look_again(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Poll until nothing can be under way any more."""
        known, until = in_flight(self._waited_for(), self._heard), time.monotonic() + _PATIENCE
        while known is InFlight.SOMETHING and time.monotonic() < until:
            if ready := super().select(_GRACE):
                return ready
            known = in_flight(self._waited_for(), self._heard)
        for _ in range(_POLLS):
            time.sleep(0)
            if ready := super().select(0):
                return ready
        return super().select(_GRACE) if self._heard and known is not InFlight.NOTHING else []


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An asyncio event loop whose clock jumps over every wait.

    ``loop.time()``, ``asyncio.sleep``, ``asyncio.timeout`` and everything built on them are virtual; ``time.monotonic`` is not.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Return virtual seconds: those jumped over, and a thousandth of the real ones that passed in work."""
        return super().time() * _WORK + self._jumping.skipped

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
