"""The life of a command that runs until it is told to end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def until_interrupted() -> Iterator[asyncio.Event]:
    """Give an event that is set by Ctrl-C or a request to end."""
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    for number in _SIGNALS:
        loop.add_signal_handler(number, over.set)
    try:
        yield over
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)


async def over_in(over: asyncio.Event, seconds: float) -> None:
    """Wait until it is over, but not for longer than some seconds; without an end for 0."""
    try:
        async with asyncio.timeout(seconds or None):
            await over.wait()
    except TimeoutError:
        return
