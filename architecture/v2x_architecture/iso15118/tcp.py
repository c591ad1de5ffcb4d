"""V2GTP over TCP and TLS: an asyncio front end of `v2gtp`, for an EVCC that connects and an SECC that is connected to."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import hashlib
import random
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final, Self

from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.tls import EvccTls, SeccTls, context_of
from v2x_architecture.iso15118.v2gtp import Event, Framer
from v2x_architecture.streams import TcpStream, TlsStream

DYNAMIC_PORTS: Final = range(49152, 65536)
"""TCP ports that an SECC may listen at (15118-2: table 15); there are EVs that connect to no other."""
_TRIES: Final = 64
"""Ports that are tried before it is given up to find a free one."""


class ConnectFailed(Exception):
    """An EVCC could not connect: where to, why, and whether TLS was the reason.

    Attributes:
        tls: whether the handshake failed, and not the connection.
    """

    def __init__(self, text: str, *, tls: bool) -> None:
        super().__init__(text)
        self.tls = tls


class Link:
    """One connection between an EVCC and an SECC.

    Args:
        stream: an open connection.
        framer: what finds the messages in what comes.
    """

    def __init__(self, stream: TcpStream | TlsStream, framer: Framer | None = None) -> None:
        self._stream = stream
        self._framer = framer or Framer()
        self._waiting: deque[Event] = deque()
        self._ended = False
        self.lost: OSError | None = None
        """Why the connection broke; None while it stands, and when the peer ended it in order."""

    @property
    def tls_version(self) -> str | None:
        """``TLSv1.2``, ``TLSv1.3``; None without TLS."""
        return self._stream.object.version() if isinstance(self._stream, TlsStream) else None

    @property
    def cipher(self) -> str | None:
        """Name of the cipher suite; None without TLS."""
        cipher = self._stream.object.cipher() if isinstance(self._stream, TlsStream) else None
        return cipher[0] if cipher is not None else None

    @property
    def peer_certificate(self) -> bytes | None:
        """The peer's certificate in DER; None where it showed none."""
        return self._stream.object.getpeercert(binary_form=True) if isinstance(self._stream, TlsStream) else None

    @property
    def peer_digest(self) -> bytes:
        """Digest of the peer's certificate, by which it is known again (15118-20: 8.3.4.1.4.3); empty where it showed none."""
        certificate = self.peer_certificate
        return hashlib.sha512(certificate).digest() if certificate is not None else b""

    def send(self, payload_type: int, payload: bytes) -> bytes:
        """Send a message; return it as it goes over the wire.

        Raises:
            ValueError: it does not fit into V2GTP.
        """
        raw = v2gtp.encode(payload_type, payload)
        self.send_raw(raw)
        return raw

    def send_raw(self, data: bytes) -> None:
        """Send octets as they are, also such as no V2GTP entity would."""
        if not self._stream.is_closing():
            self._stream.write(data)

    async def receive(self) -> Event | None:
        """Wait for the next message; None when the peer has ended the connection, in order or not (`lost`)."""
        while not self._waiting:
            if self._ended:
                return None
            try:
                data = await self._stream.read()
            except OSError as error:
                # ssl.SSLError, which an alert of the peer is, is one too.
                self.lost, data = error, b""
            self._ended = not data
            self._waiting.extend(self._framer.receive(data))
        return self._waiting.popleft()

    async def close(self) -> None:
        """End the connection, and wait until it is gone."""
        try:
            await self._stream.close()
        except OSError as error:
            # What the peer did to a connection that is being closed is of no consequence to it.
            self.lost = self.lost or error

    def abort(self) -> None:
        """Break the connection off at once (RST)."""
        self._stream.abort()


async def connect(host: str, port: int, tls: EvccTls | None = None, *, scope: int = 0, framer: Framer | None = None) -> Link:
    """Connect to an SECC.

    Args:
        host: its IPv6 address, as SDP told it; any other address will do.
        port: its TCP port.
        tls: of the EVCC; None for a connection without.
        scope: index of the interface that a link-local address belongs to.
        framer: what finds the messages in what comes.

    Raises:
        ConnectFailed: it cannot be reached, or the handshake fails.
    """
    return Link(await open_stream(host, port, tls, scope=scope), framer)


async def open_stream(host: str, port: int, tls: EvccTls | None = None, *, scope: int = 0) -> TcpStream | TlsStream:
    """Connect to an SECC, and give the octets as they are.

    Args:
        host: as of `connect`, and so the others.
        port: as of `connect`.
        tls: as of `connect`.
        scope: as of `connect`.

    Raises:
        ConnectFailed: it cannot be reached, or the handshake fails.
    """
    where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    context = context_of(tls) if tls is not None else None
    try:
        reader, writer = await asyncio.open_connection(f"{host}%{scope}" if scope else host, port)
    except OSError as error:
        raise ConnectFailed(f"the SECC at {where} cannot be reached: {error.strerror or error}", tls=False) from error
    if context is None:
        return TcpStream(reader, writer)
    stream = TlsStream(reader, writer, context, server=False)
    try:
        await stream.handshake()
    except OSError as error:
        stream.abort()
        raise ConnectFailed(f"TLS with the SECC at {where} fails: {_happened(error)}", tls=True) from error
    except BaseException:
        # Given up before it was over: nobody else would close it.
        stream.abort()
        raise
    return stream


def _happened(error: OSError) -> str:
    """Say why a handshake failed: by the alert, or by what is wrong with the peer's certificate."""
    if isinstance(error, ssl.SSLEOFError | ConnectionError):
        return "it hangs up in the handshake"
    reason = getattr(error, "reason", None) or str(error)
    return f"{reason}, {error.verify_message}" if isinstance(error, ssl.SSLCertVerificationError) else reason


type OnStreams = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def listen(on_streams: OnStreams, host: str, port: int = 0) -> asyncio.Server:
    """Listen as an SECC does.

    Args:
        on_streams: is called with each connection.
        host: address to listen at.
        port: to listen at; 0 for a free one of `DYNAMIC_PORTS`.

    Raises:
        OSError: the port cannot be had.
    """
    for tried in () if port else random.sample(DYNAMIC_PORTS, _TRIES):
        try:
            return await _server(on_streams, host, tried)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    if port:
        return await _server(on_streams, host, port)
    raise OSError(f"{_TRIES} ports from {DYNAMIC_PORTS[0]} on are all taken")


async def _server(on_streams: OnStreams, host: str, port: int) -> asyncio.Server:
    """Begin to listen; whoever is cancelled meanwhile leaves no socket behind."""
    server = await asyncio.start_server(on_streams, host, port, start_serving=False)
    try:
        await server.start_serving()
    except BaseException:
        server.close()
        raise
    return server


type OnLink = Callable[[Link], Awaitable[None]]


class TcpServer:
    """Takes the connections of EVCCs.

    Args:
        on_link: looks after a connection; when it returns, the connection is closed.
        host: address to listen at.
        port: to listen at; 0 for a free one of the dynamic ports, where an SECC has to listen.
        tls: of the SECC; None for a server without.
        failed: is told of TLS handshakes that fail and why, and of connections that break.
    """

    def __init__(
        self,
        on_link: OnLink,
        host: str = "::1",
        port: int = 0,
        tls: SeccTls | None = None,
        *,
        failed: Callable[[str], None] | None = None,
    ) -> None:
        self._on_link, self._host, self._port, self._tls, self._failed = on_link, host, port, tls, failed
        self._context: ssl.SSLContext | None = None
        self._server: asyncio.Server | None = None
        self._links: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the port cannot be had, or a certificate cannot be read.
        """
        self._context = context_of(self._tls) if self._tls is not None else None
        self._server = await listen(self._serve, self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    @property
    def port(self) -> int:
        """The TCP port it listens at."""
        return self._port

    async def stop(self) -> None:
        """Listen no more, and end every connection."""
        if self._server is None:
            return
        self._server.close()
        for link in tuple(self._links):
            link.cancel()
        await asyncio.gather(*self._links, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._links.add(task)
        stream: TcpStream | TlsStream = TcpStream(reader, writer)
        shaking_hands = self._context is not None
        try:
            if self._context is not None:
                stream = TlsStream(reader, writer, self._context, server=True)
                await stream.handshake()
                shaking_hands = False
            await self._on_link(Link(stream))
        except OSError as error:
            if self._failed is not None:
                self._failed(f"TLS: {_happened(error)}" if shaking_hands else error.strerror or str(error))
        finally:
            self._links.discard(task)
            with contextlib.suppress(OSError):
                await stream.close()
