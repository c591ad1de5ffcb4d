"""TCP and TLS as asyncio streams, alike to whoever reads and writes; TLS always says goodbye.

asyncio's own TLS drops the alert that a failed handshake owes to the peer, who is left to guess. Who is judged by its alerts, or
judges a peer by how it takes them, needs them on the wire.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Literal

_CHUNK: Final = 1 << 16


class TcpStream:
    """One side of a TCP connection.

    Args:
        reader, writer: of the connection.
    """

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    async def read(self, most: int = _CHUNK) -> bytes:
        """Wait for the next octets; none when the peer has ended the connection in order.

        Raises:
            OSError: the connection broke.
        """
        return await self._reader.read(most)

    def write(self, data: bytes) -> None:
        """Send octets."""
        self._writer.write(data)

    def address(self, which: Literal["sockname", "peername"]) -> tuple[IPv4Address | IPv6Address, int]:
        """Return address and port of one's own end, or of the peer's."""
        name = self._writer.get_extra_info(which)
        return ip_address(str(name[0]).partition("%")[0]), int(name[1])

    async def drain(self) -> None:
        """Wait until the peer has taken most of what was sent.

        Raises:
            OSError: the connection broke.
        """
        await self._writer.drain()

    def end(self) -> None:
        """Tell the peer that nothing more will be sent; what it sends can still be read."""
        if not self._writer.is_closing() and self._writer.can_write_eof():
            self._writer.write_eof()

    def is_closing(self) -> bool:
        """Tell whether nothing more can be sent."""
        return self._writer.is_closing()

    async def close(self) -> None:
        """End the connection, and wait until it is gone.

        Raises:
            OSError: the connection broke.
        """
        self._writer.close()
        await self._writer.wait_closed()

    def abort(self) -> None:
        """Break the connection off at once (RST)."""
        plain = self._writer.get_extra_info("socket")
        if plain is not None and not self._writer.is_closing():
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()


class TlsStream(TcpStream):
    """One side of a TLS connection.

    Args:
        reader, writer: of the TCP connection below.
        context: of the side that this is.
        server: whether this is the server's side.
        server_name: name that a client asks for and checks; empty for none.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        context: ssl.SSLContext,
        *,
        server: bool,
        server_name: str = "",
    ) -> None:
        super().__init__(reader, writer)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.object = context.wrap_bio(self._incoming, self._outgoing, server_side=server, server_hostname=server_name or None)
        """What tells version, cipher suite and the peer's certificate."""

    async def handshake(self) -> None:
        """Shake hands.

        Raises:
            ssl.SSLEOFError: the peer hung up without a word.
            ssl.SSLError: it failed; the peer was sent the alert, or sent one.
            OSError: the connection broke.
        """
        await self._until_done(self.object.do_handshake)

    async def read(self, most: int = _CHUNK) -> bytes:
        """Wait for the next octets; none when the peer has ended the connection in order.

        Args:
            most: octets at a time.

        Raises:
            ssl.SSLEOFError: the TCP connection ended before TLS did.
            ssl.SSLError: the peer sent an alert, or what is no TLS.
            OSError: the connection broke.
        """
        try:
            return await self._until_done(lambda: self.object.read(most))
        except ssl.SSLZeroReturnError:
            return b""

    def write(self, data: bytes) -> None:
        """Send octets."""
        if data:
            self.object.write(data)
            self._writer.write(self._outgoing.read())

    def end(self) -> None:
        """Say goodbye (``close_notify``); what the peer sends can still be read."""
        if not self._writer.is_closing():
            with contextlib.suppress(ssl.SSLError):
                self.object.unwrap()
            self._writer.write(self._outgoing.read())

    async def close(self) -> None:
        """Say goodbye (``close_notify``) and end the connection; the peer's goodbye is not waited for.

        Raises:
            OSError: the connection broke.
        """
        if not self._writer.is_closing():
            # Not done before the peer's own goodbye has come; or there was no session to end.
            with contextlib.suppress(ssl.SSLError):
                self.object.unwrap()
            await self._flush()
        await super().close()

    async def _until_done[T](self, act: Callable[[], T]) -> T:
        """Do what needs the peer, as often as it takes."""
        while True:
            try:
                done = act()
            except ssl.SSLWantReadError:
                await self._flush()
                await self._feed()
            except ssl.SSLError:
                await self._last_words()
                raise
            else:
                await self._flush()
                return done

    async def _feed(self) -> None:
        data = await self._reader.read(_CHUNK)
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _flush(self) -> None:
        if self._outgoing.pending and not self._writer.is_closing():
            self._writer.write(self._outgoing.read())
            await self._writer.drain()

    async def _last_words(self) -> None:
        """Send the alert; a peer that is gone does not hear it, and what failed is told all the same."""
        with contextlib.suppress(OSError):
            await self._flush()
