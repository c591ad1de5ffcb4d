"""Probe of an EVCC under test: an SECC that shows it a certificate, and tells what it offers and what it does about that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol, Self

from v2x_architecture.iso15118.tcp import listen
from v2x_architecture.iso15118.tls import SeccTls

from v2x_adapters.tls_probe.answer import EvccAnswer, Outcome
from v2x_adapters.tls_probe.connection import LONGEST, Wire
from v2x_adapters.tls_probe.openssl import OpensslServer
from v2x_adapters.tls_probe.server import ShowingServer, Shown


class Server(Protocol):
    """A server without sockets."""

    @property
    def answer(self) -> EvccAnswer:
        """What was found out so far."""
        ...

    @property
    def over(self) -> bool:
        """Whether there is no more to find out."""
        ...

    def receive(self, data: bytes) -> bytes:
        """Take what came; return what is to be sent."""
        ...

    def ended(self, outcome: Outcome) -> None:
        """Hear that the connection is gone, or that nothing came for as long as was waited."""
        ...


class EvccProbe:
    """Listens where the EVCC under test expects its SECC with TLS; each of its connections gives one `EvccAnswer`.

    Args:
        tls: what to show. A `SeccTls` is shown by OpenSSL, which goes through with the handshake to the EVCC's first words, but
            shows nothing that goes against its own rules; a `Shown` is shown as it is.
        host: address to listen at.
        port: TCP port to listen at; 0 for a free one of the dynamic ports.
        longest: seconds that a connection may take.
    """

    def __init__(self, tls: SeccTls | Shown, host: str = "::1", port: int = 0, *, longest: float = LONGEST) -> None:
        self._tls, self._host, self._port, self._longest = tls, host, port, longest
        self._server_of: Callable[[], Server] | None = None
        self._server: asyncio.Server | None = None
        self._answers: asyncio.Queue[EvccAnswer] = asyncio.Queue()
        self._going_on: set[asyncio.Task[None]] = set()

    @property
    def port(self) -> int:
        """TCP port it listens at."""
        return self._port

    async def __aenter__(self) -> Self:
        """Begin to listen.

        Raises:
            OSError: the port cannot be had, or a certificate cannot be read.
        """
        self._server_of = _servers(self._tls)
        self._server = await listen(self._serve, self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Listen no more, and end every connection."""
        assert self._server is not None
        self._server.close()
        for task in tuple(self._going_on):
            task.cancel()
        await asyncio.gather(*self._going_on, return_exceptions=True)
        await self._server.wait_closed()

    async def answer(self, patience: float = LONGEST) -> EvccAnswer | None:
        """Wait for the next connection's answer; None when there is none in time.

        Args:
            patience: how long to wait (s): for the EVCC to connect, and for as long as the connection may take besides.
        """
        try:
            async with asyncio.timeout(patience + self._longest):
                return await self._answers.get()
        except TimeoutError:
            return None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        assert self._server_of is not None
        self._going_on.add(task)
        wire, server, until = Wire(reader, writer), self._server_of(), asyncio.get_running_loop().time() + self._longest
        try:
            while not server.over:
                heard = await wire.hear(until)
                if isinstance(heard, bytes):
                    wire.send(server.receive(heard))
                else:
                    server.ended(heard)
            self._answers.put_nowait(server.answer)
        finally:
            self._going_on.discard(task)
            await wire.close()


def _servers(tls: SeccTls | Shown) -> Callable[[], Server]:
    """Return what makes a server for each connection."""
    if isinstance(tls, Shown):
        return lambda: ShowingServer(tls)
    context = tls.context()
    return lambda: OpensslServer(context)
