"""Named timers on the event loop: one of a name at a time, all of them gone when the power goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable


class Timers:
    """The timers of one station."""

    def __init__(self) -> None:
        self._handles: dict[str, asyncio.TimerHandle] = {}

    def start(self, name: str, seconds: float, action: Callable[[], None]) -> None:
        """Call ``action`` after so many seconds, instead of what this name was set to before."""
        self.stop(name)
        self._handles[name] = asyncio.get_running_loop().call_later(seconds, self._ring, name, action)

    def stop(self, name: str) -> None:
        """Stop a timer; one that does not run is no error."""
        handle = self._handles.pop(name, None)
        if handle is not None:
            handle.cancel()

    def running(self, name: str) -> bool:
        """Whether a timer of that name runs."""
        return name in self._handles

    def stop_all(self) -> None:
        """Stop every timer."""
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()

    def _ring(self, name: str, action: Callable[[], None]) -> None:
        self._handles.pop(name, None)
        action()
