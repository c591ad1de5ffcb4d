"""The station's side: connect to a CSMS, stay connected."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from v2x_architecture.clock import Clock, is_virtual, working
from v2x_architecture.ocpp.backoff import BackOff
from v2x_architecture.ocpp.credentials import BasicCredentials, connection_url
from v2x_architecture.ocpp.endpoint import Endpoint, Handler, SendHandler, Validation, not_implemented
from v2x_architecture.ocpp.errors import HandshakeRefused
from v2x_architecture.ocpp.events import Event
from v2x_architecture.ocpp.rpc import DEFAULT_MAX_FRAME
from v2x_architecture.ocpp.tls import ClientTls, lean_asyncio_tls
from v2x_architecture.ocpp.versions import Version, subprotocol, version_of

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What an opening handshake is made of.

    Attributes:
        url: connection URL, identity included.
        subprotocols: offered, in order of preference.
        headers: beside those of WebSocket.
        ssl: for wss.
        server_name: name that the certificate must be for; the URL's host when empty.
        address: IP address to connect to when the host has been looked up already; None for the URL's host.
        ping_interval, ping_timeout: s; None for never.
        open_timeout: s.
        max_size: longest WebSocket message, in bytes; a longer one closes the connection with 1009.
        compression: ``deflate`` to offer permessage-deflate (RFC 7692), None not to.
    """

    url: str
    subprotocols: Sequence[str]
    headers: Sequence[tuple[str, str]]
    ssl: ssl.SSLContext | None
    server_name: str
    address: str | None
    ping_interval: float | None
    ping_timeout: float | None
    open_timeout: float
    max_size: int
    compression: str | None


class Connector(Protocol):
    """Opens a WebSocket; :func:`open_websocket` unless the user of a client has one of its own."""

    def __call__(self, opening: Opening) -> Awaitable[ClientConnection]:
        """Open it.

        Raises:
            OSError, TimeoutError, websockets.exceptions.InvalidHandshake: it could not be opened.
        """
        ...


async def open_websocket(opening: Opening) -> ClientConnection:
    """Open a WebSocket with the ``websockets`` library, never through a proxy."""
    how: dict[str, Any] = {}
    if opening.address is not None:
        how["host"] = opening.address
        how["port"] = urlsplit(opening.url).port or (443 if opening.ssl else 80)
    if opening.ssl is not None:
        how["ssl"] = opening.ssl
        how["server_hostname"] = opening.server_name or urlsplit(opening.url).hostname
    return await connect(
        opening.url,
        subprotocols=[Subprotocol(name) for name in opening.subprotocols],
        additional_headers=list(opening.headers),
        compression=opening.compression,
        proxy=None,
        open_timeout=opening.open_timeout,
        close_timeout=min(opening.open_timeout, 5.0),
        ping_interval=opening.ping_interval,
        ping_timeout=opening.ping_timeout,
        max_size=opening.max_size,
        **how,
    )


@dataclass(slots=True, kw_only=True, eq=False)
class OcppClient:
    """A station's connection to its CSMS.

    ``connect`` opens it once; ``run_forever`` keeps it open, with the back-off of the specification, until ``stop``. What is
    changed on the object (the password, the URL, the back-off) counts from the next attempt on.

    Attributes:
        url: the CSMS's OCPP-J endpoint URL, without the identity.
        identity: of the station.
        versions: offered, in order of preference.
        handler: answers the CSMS's CALLs.
        clock: the event loop's own when None.
        password: for HTTP Basic authentication (profiles 1 and 2); a text is sent as UTF-8 (A00.FR.205), bytes as they are.
        tls: for ``wss`` URLs; the defaults when None. Many clients share one ready-made context to stay lean.
        backoff: when to try again.
        ping_interval: seconds between Pings (``WebSocketPingInterval``), None for never.
        ping_timeout: seconds to wait for a Pong.
        open_timeout: seconds for the opening handshake.
        call_timeout: seconds until an unanswered CALL has timed out.
        max_frame: longest message that is taken.
        validation: which payloads are held against the schemas.
        compression: ``deflate`` or None. A compressed connection costs some 60 kB more.
        headers: further HTTP headers.
        connector: opens the WebSocket.
        on_open: called with each new endpoint, before it reads.
        on_close: called with each endpoint that has ended.
        on_failure: called with what went wrong when an attempt failed.
        on_event: sees every event of the protocol machine.
        on_send: takes the CSMS's SENDs (2.1).
    """

    url: str
    identity: str
    versions: Sequence[Version]
    handler: Handler = not_implemented
    clock: Clock | None = None
    password: bytes | str | None = None
    tls: ClientTls | ssl.SSLContext | None = None
    backoff: BackOff = field(default_factory=BackOff)
    ping_interval: float | None = None
    ping_timeout: float | None = 20.0
    open_timeout: float = 10.0
    call_timeout: float = 30.0
    max_frame: int = DEFAULT_MAX_FRAME
    validation: Validation = field(default_factory=Validation)
    compression: str | None = None
    headers: Sequence[tuple[str, str]] = ()
    connector: Connector = open_websocket
    on_open: Callable[[Endpoint], None] | None = None
    on_close: Callable[[Endpoint], None] | None = None
    on_failure: Callable[[Exception], None] | None = None
    on_event: Callable[[Event], None] | None = None
    on_send: SendHandler | None = None
    endpoint: Endpoint | None = field(default=None, init=False)
    _stopping: asyncio.Event | None = field(default=None, init=False, repr=False)
    _attempt: asyncio.Task[Endpoint] | None = field(default=None, init=False, repr=False)
    _context: tuple[ClientTls, ssl.SSLContext] | None = field(default=None, init=False, repr=False)

    async def connect(self) -> Endpoint:
        """Open the connection once and return its endpoint, which reads only after ``start`` or ``run``.

        Raises:
            HandshakeRefused: the CSMS refused (``status`` says how), TLS failed (``tls``), or there is no common version.
            OSError: nobody listens there.
            TimeoutError: the handshake took too long.
            ssl.SSLError: our own certificates cannot be used.
        """
        opening = await self._opening()
        try:
            ws = await self.connector(opening)
        except (InvalidHandshake, InvalidURI, EOFError, OSError) as error:
            refusal = _refusal(opening, error)
            if refusal is None:
                raise
            raise refusal from error
        version = version_of(ws.subprotocol)
        if version is None or version not in self.versions:
            await ws.close(1002, "no common OCPP version")
            offered = ", ".join(opening.subprotocols)
            raise HandshakeRefused(f"{opening.url}: the CSMS agreed to none of {offered}", 101)
        return Endpoint(
            ws,
            version,
            self.handler,
            self.clock,
            identity=self.identity,
            call_timeout=self.call_timeout,
            max_frame=self.max_frame,
            validation=self.validation,
            on_event=self.on_event,
            on_send=self.on_send,
        )

    async def run_forever(self) -> None:
        """Connect, and connect again whenever the connection is lost or refused, until ``stop`` is called."""
        self._stopping = stopping = asyncio.Event()
        waits: Iterator[float] | None = None
        while not stopping.is_set():
            self._attempt = asyncio.get_running_loop().create_task(self.connect())
            try:
                endpoint = await self._attempt
            except asyncio.CancelledError:
                if stopping.is_set():
                    return
                raise
            except (HandshakeRefused, OSError) as error:  # TimeoutError and ssl.SSLError are OSErrors
                logger.info("%s: %s", self.identity, error)
                if self.on_failure is not None:
                    self.on_failure(error)
            else:
                waits = None
                await self._live(endpoint)
            waits = waits or self.backoff.delays()
            await _wait(stopping, next(waits))

    async def stop(self, *, abort: bool = False) -> None:
        """Close the connection and let ``run_forever`` return.

        Args:
            abort: drop the connection without a closing handshake, as a power cut would.
        """
        if self._stopping is not None:
            self._stopping.set()
        if self._attempt is not None:
            self._attempt.cancel()
        if self.endpoint is not None:
            await (self.endpoint.abort() if abort else self.endpoint.close())

    async def _live(self, endpoint: Endpoint) -> None:
        """Go through the life of one connection."""
        self.endpoint = endpoint
        try:
            if self.on_open is not None:
                self.on_open(endpoint)
            await endpoint.run()
        finally:
            self.endpoint = None
            if not endpoint.closed:
                await endpoint.abort()
            if self.on_close is not None:
                self.on_close(endpoint)

    async def _opening(self) -> Opening:
        url = connection_url(self.url, self.identity)
        headers = list(self.headers)
        if self.password is not None:
            password = self.password.encode() if isinstance(self.password, str) else self.password
            headers.append(("Authorization", BasicCredentials(self.identity, password).header()))
        tls = (self.tls or ClientTls()) if urlsplit(url).scheme == "wss" else None
        return Opening(
            url=url,
            subprotocols=[subprotocol(version) for version in self.versions],
            headers=headers,
            ssl=self._ssl_context(tls) if tls is not None else None,
            server_name=tls.server_name if isinstance(tls, ClientTls) else "",
            address=await _look_up(urlsplit(url).hostname or ""),
            ping_interval=self.ping_interval or None,
            ping_timeout=self.ping_timeout,
            open_timeout=self.open_timeout,
            # What is only a little too long is refused in words; what could fill the memory closes the connection.
            max_size=4 * self.max_frame,
            compression=self.compression,
        )

    def _ssl_context(self, tls: ClientTls | ssl.SSLContext) -> ssl.SSLContext:
        lean_asyncio_tls()
        if isinstance(tls, ssl.SSLContext):
            return tls
        if self._context is None or self._context[0] is not tls:
            self._context = tls, tls.context()
        return self._context[1]


def _refusal(opening: Opening, error: Exception) -> HandshakeRefused | None:
    """Return what an error of the opening handshake means; None for one that says it itself (nobody listens, time is up)."""
    if isinstance(error, InvalidStatus):
        status = error.response.status_code
        return HandshakeRefused(f"{opening.url}: the CSMS answered HTTP {status}", status)
    if isinstance(error, ssl.SSLError):
        return HandshakeRefused(
            f"{opening.url}: TLS failed: {getattr(error, 'verify_message', '') or error.reason or error}", tls=True
        )
    if isinstance(error, ConnectionResetError | ConnectionAbortedError) and opening.ssl is not None:
        return HandshakeRefused(f"{opening.url}: TLS failed: the CSMS broke the handshake off", tls=True)
    if isinstance(error, OSError):
        return None
    # In TLS 1.3 a server learns of the client's certificate only after the client thinks the handshake is done.
    broken_off = opening.ssl is not None and isinstance(error.__cause__, EOFError)
    reason = "the CSMS broke off right after the TLS handshake" if broken_off else str(error)
    return HandshakeRefused(f"{opening.url}: no WebSocket handshake: {reason}", tls=broken_off)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for an event, but no longer than so many seconds."""
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def _look_up(host: str) -> str | None:
    """Return the address of a host name when the event loop is virtual; None to leave it to asyncio.

    asyncio looks names up in a thread, for which a virtual clock must be held.
    """
    loop = asyncio.get_running_loop()
    if not is_virtual(loop):
        return None
    try:
        ipaddress.ip_address(host)
    except ValueError:
        with working():
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        # A cast in virtual time is on one machine, and listens on 127.0.0.1 rather than on ::1.
        return str(min(found)[4][0])
    return None
