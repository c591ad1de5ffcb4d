"""What a process printed, kept within bounds: the newest lines, and how many were let go."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

_LINE = 2000
_KEPT = 400


class Notes:
    """The tail of a text stream.

    Args:
        listener: called with every line kept.
    """

    def __init__(self, listener: Callable[[str], None] | None = None) -> None:
        self._lines: deque[str] = deque(maxlen=_KEPT)
        self._listener = listener
        self._rest = b""
        self.seen = 0

    def feed(self, data: bytes) -> None:
        """Take what the process wrote next."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[:_LINE]
        for line in lines:
            self.add(line.decode("utf-8", "replace").rstrip("\r"))

    def finish(self) -> None:
        """Take the last, unfinished line."""
        if self._rest:
            self.add(self._rest.decode("utf-8", "replace"))
            self._rest = b""

    def add(self, line: str) -> None:
        """Keep one line, shortened to 2,000 characters."""
        self.seen += 1
        self._lines.append(line[:_LINE])
        if self._listener:
            self._listener(line[:_LINE])

    def lines(self) -> tuple[str, ...]:
        """Return the newest lines, at most 400."""
        return tuple(self._lines)

    def tail(self, count: int = 5) -> str:
        """Return the newest non-empty lines as one text."""
        return "\n".join([line for line in self._lines if line.strip()][-count:])
