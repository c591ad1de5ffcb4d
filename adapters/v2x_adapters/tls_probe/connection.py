"""The TCP connections that probes are made over: waited on for so long only."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final

from v2x_adapters.tls_probe.answer import Outcome

LONGEST: Final = 5.0
"""Seconds that an attempt may take."""
_CHUNK: Final = 1 << 16


class ProbeFailed(Exception):
    """There is nothing to be probed: the connection cannot be made."""


class Wire:
    """A TCP connection.

    Args:
        reader, writer: of it.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def send(self, data: bytes) -> None:
        """Send octets, as long as there is a connection."""
        if data and not self._writer.is_closing():
            self._writer.write(data)

    async def hear(self, until: float) -> bytes | Outcome:
        """Return what comes next, or what became of the connection.

        Args:
            until: when no more is waited (s of the event loop).
        """
        try:
            async with asyncio.timeout_at(until):
                return await self._reader.read(_CHUNK) or Outcome.CLOSED
        except TimeoutError:
            return Outcome.SILENT
        except OSError:
            return Outcome.RESET

    async def close(self) -> None:
        """End the connection; what the peer does to one that has told all it has to tell is of no consequence."""
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()


@contextlib.asynccontextmanager
async def connected(host: str, port: int, scope: int, longest: float) -> AsyncIterator[Wire]:
    """Connect to an SECC.

    Args:
        host, port: of it.
        scope: index of the interface that a link-local address belongs to.
        longest: seconds that this may take.

    Raises:
        ProbeFailed: the connection cannot be made.
    """
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    try:
        async with asyncio.timeout(longest):
            reader, writer = await asyncio.open_connection(f"{host}%{scope}" if scope else host, port)
    except OSError as error:
        happened = f"does not answer within {longest:g} s" if isinstance(error, TimeoutError) else error.strerror or str(error)
        raise ProbeFailed(f"the SECC at {where} cannot be reached: {happened}") from error
    wire = Wire(reader, writer)
    try:
        yield wire
    finally:
        await wire.close()
