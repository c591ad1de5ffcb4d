"""SQLite in memory without a thread.

aiosqlite asks its database in a thread of its own, so that a disk cannot hold up the event loop. A database in memory answers
within microseconds: handing the question to a thread and back costs many times that, and more when the machine is busy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator
from typing import Any

import aiosqlite


class InlineConnection(aiosqlite.Connection):
    """An aiosqlite connection to a database in memory, asked where it is called."""

    def __init__(self) -> None:
        super().__init__(lambda: sqlite3.connect(":memory:", check_same_thread=False), iter_chunk_size=64)

    def __await__(self) -> Generator[Any, None, aiosqlite.Connection]:
        """Connect; the thread that aiosqlite has ready is never started."""
        return self._connect().__await__()

    async def _connect(self) -> aiosqlite.Connection:
        if self._connection is None:
            self._connection = self._connector()
        return self

    async def _execute[T](self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        return fn(*args, **kwargs)

    def stop(self) -> None:
        """Close it, from wherever this is called."""
        self._running = False
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def close(self) -> None:
        """Close it; what was in it is gone."""
        self.stop()
