"""What is to happen on a link after some time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from v2x_adapters.toxics import Conditions


class Timers:
    """Has things done later, as long as the link lives."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._running: set[asyncio.TimerHandle] = set()
        self._endings: list[asyncio.TimerHandle] = []

    def after(self, seconds: float, action: Callable[[], object]) -> asyncio.TimerHandle:
        """Do something after some seconds; return what can prevent that."""

        def run() -> None:
            self._running.discard(handle)
            action()

        handle = self._loop.call_later(seconds, run)
        self._running.add(handle)
        return handle

    def end(self, conditions: Conditions, *, reset: Callable[[], object], close: Callable[[], object]) -> None:
        """End the link when the conditions of the network say so, and no more when those before them said.

        Args:
            conditions: that begin now.
            reset: aborts the link.
            close: closes it.
        """
        for handle in self._endings:
            handle.cancel()
            self._running.discard(handle)
        self._endings = [self.after(each.after, reset if each.how == "reset" else close) for each in conditions.endings()]

    def cancel(self) -> None:
        """Do nothing of all that any more."""
        for handle in self._running:
            handle.cancel()
        self._running.clear()
