"""The connection with one of the two sides of a link, and what is on its way there."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Protocol

from v2x_harness.events import Json

from v2x_adapters.tls import described

# Octets that are read at once where frames are small.
_SMALL = 1 << 13


class Owner(Protocol):
    """Who is told what happens on a leg."""

    def made(self, role: str) -> None:
        """The connection stands."""
        ...

    def received(self, role: str, data: bytes) -> None:
        """Octets came."""
        ...

    def wants(self, role: str) -> int:
        """Return how many octets are still missing of a frame under way."""
        ...

    def eof(self, role: str) -> None:
        """The other side sends no more."""
        ...

    def lost(self, role: str, exc: Exception | None, *, in_order: bool) -> None:
        """The connection is no more; in order means that `eof` was told before."""
        ...

    def pressed(self, role: str, *, full: bool) -> None:
        """More is waiting to be sent than ought to be, or no longer so."""
        ...


class Leg(asyncio.BufferedProtocol):
    """The connection with one of the two sides."""

    def __init__(self, owner: Owner, role: str, buffer: memoryview) -> None:
        self._owner, self._role, self._buffer = owner, role, buffer
        self.transport: asyncio.Transport | None = None
        self.ended = False
        self._finished = False
        self._early = b""
        self._over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._owner.made(self._role)
        if early := self._early:
            self._early = b""
            self._owner.received(self._role, early)
        if self._over:
            self.connection_lost(None)

    def get_buffer(self, sizehint: int) -> memoryview:
        """Lend the tap's one buffer: it is read out before anything else happens.

        Only as much of it as the frame under way wants: a flood of small frames must leave everyone else their turn.
        """
        return self._buffer[: max(_SMALL, self._owner.wants(self._role))]

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what came."""
        data = bytes(self._buffer[:nbytes])
        if self.transport:
            self._owner.received(self._role, data)
        else:
            # After a TLS handshake octets can come before the transport is told.
            self._early += data

    def eof_received(self) -> bool:
        """Hand on the end of the stream; a plain connection stays open for writing."""
        if not self.transport:
            return False
        self.ended = True
        self._owner.eof(self._role)
        return self.transport is not None and self.transport.can_write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        """Hand on the end of the connection; one that never stood is nobody's business."""
        self._over = True
        if self.transport:
            self.transport = None
            self._owner.lost(self._role, exc, in_order=self.ended)

    def pause_writing(self) -> None:
        """Stop the other side from sending more than this one takes."""
        self._owner.pressed(self._role, full=True)

    def resume_writing(self) -> None:
        """Let the other side send again."""
        self._owner.pressed(self._role, full=False)

    def write(self, data: bytes) -> None:
        """Send octets; nothing happens when the connection is gone."""
        if self.transport and not self._finished and not self.transport.is_closing():
            self.transport.write(data)

    def finish(self) -> None:
        """Send no more: half-close where the transport can, else close."""
        if self.transport and not self._finished and not self.transport.is_closing():
            self._finished = True
            if self.transport.can_write_eof() and not self.ended:
                self.transport.write_eof()
            else:
                self.transport.close()

    def close(self) -> None:
        """Close after what was written has been sent."""
        if self.transport:
            self.transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self.transport:
            self.transport.abort()

    def reset(self) -> None:
        """Close at once, so that the other side sees a reset."""
        if self.transport:
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()

    def read(self, *, on: bool) -> None:
        """Read from this side, or let it wait."""
        if self.transport and not self.transport.is_closing():
            if on:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    def tls(self) -> dict[str, Json]:
        """Return what was negotiated on a TLS connection."""
        tls = self.transport.get_extra_info("ssl_object") if self.transport else None
        return described(tls) if tls else {}
