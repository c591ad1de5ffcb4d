"""The CSMS's side: listen for stations, authenticate them, agree on a version."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, Self

from cryptography import x509
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from v2x_architecture.clock import Clock
from v2x_architecture.ocpp.credentials import BasicCredentials, identity_in
from v2x_architecture.ocpp.endpoint import Endpoint, Handler, SendHandler, Validation
from v2x_architecture.ocpp.events import Event
from v2x_architecture.ocpp.rpc import DEFAULT_MAX_FRAME
from v2x_architecture.ocpp.tls import ServerTls, lean_asyncio_tls
from v2x_architecture.ocpp.versions import Version, subprotocol, version_of

logger: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP answer to an opening handshake that is not accepted.

    Attributes:
        status: 404 for an identity that is not known (OCPP-J 3.2), 401 for credentials that do not fit.
        text: body, for people.
    """

    status: int = HTTPStatus.UNAUTHORIZED
    text: str = ""


type Authenticate = Callable[[str, bytes | None, x509.Certificate | None], Awaitable[bool | Refusal]]
"""Decides who may connect: (identity, password, certificate). False is 401; a :class:`Refusal` says it itself."""

type OnConnect = Callable[[Endpoint], Awaitable[Handler]]
"""Called with each new endpoint before it reads; returns what answers the station's CALLs."""


@dataclass(slots=True, kw_only=True, eq=False)
class OcppServer:
    """Listens for stations.

    Attributes:
        on_connect: gives the handler of a new connection.
        versions: spoken here. Of those that a station offers, the first that is spoken here is taken: the order is the station's.
        host, port: to listen on; port 0 for any (``url`` tells which).
        path: path of the endpoint URL; the identity follows it.
        authenticate: decides who may connect; everyone when None.
        tls: for wss; what can be said with ServerTls, or a context of one's own.
        clock: the event loop's own when None.
        ping_interval: seconds between Pings, None for never.
        ping_timeout: seconds to wait for a Pong.
        open_timeout: seconds for the opening handshake.
        call_timeout: seconds until an unanswered CALL has timed out.
        max_frame: longest message that is taken.
        validation: which payloads are held against the schemas.
        compression: ``deflate`` to accept permessage-deflate, which 2.x demands of a CSMS (3.4); None for lean connections.
        on_close: called with each endpoint that has ended.
        on_refuse: called with (identity, refusal) when a handshake was refused.
        on_event: sees every event of every endpoint.
        on_send: takes the stations' SENDs (2.1).
        connections: the stations that are connected, by identity.
    """

    on_connect: OnConnect
    versions: Sequence[Version]
    host: str = "127.0.0.1"
    port: int = 0
    path: str = "/"
    authenticate: Authenticate | None = None
    tls: ServerTls | ssl.SSLContext | None = None
    clock: Clock | None = None
    ping_interval: float | None = None
    ping_timeout: float | None = 20.0
    open_timeout: float = 10.0
    call_timeout: float = 30.0
    max_frame: int = DEFAULT_MAX_FRAME
    validation: Validation = field(default_factory=Validation)
    compression: str | None = None
    on_close: Callable[[Endpoint], None] | None = None
    on_refuse: Callable[[str, Refusal], None] | None = None
    on_event: Callable[[Endpoint, Event], None] | None = None
    on_send: Callable[[Endpoint], SendHandler] | None = None
    connections: dict[str, Endpoint] = field(default_factory=dict, init=False)
    _server: Server | None = field(default=None, init=False, repr=False)
    _closing: set[asyncio.Task[None]] = field(default_factory=set, init=False, repr=False)

    async def start(self) -> Self:
        """Begin to listen.

        Raises:
            OSError: the port is taken, or a TLS file cannot be read.
        """
        if self.tls is not None:
            lean_asyncio_tls()
        context = self.tls.context() if isinstance(self.tls, ServerTls) else self.tls
        self._server = await serve(
            self._serve,
            self.host,
            self.port,
            process_request=self._process_request,
            select_subprotocol=self._select_subprotocol,
            compression=self.compression,
            ssl=context,
            open_timeout=self.open_timeout,
            close_timeout=min(self.open_timeout, 5.0),
            ping_interval=self.ping_interval or None,
            ping_timeout=self.ping_timeout,
            max_size=4 * self.max_frame,
        )
        return self

    async def stop(self) -> None:
        """Close all connections (1001) and stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        await asyncio.gather(*self._closing)

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The OCPP-J endpoint URL.

        Raises:
            RuntimeError: the server does not listen.
        """
        if self._server is None:
            raise RuntimeError("the server has not been started")
        port = self._server.sockets[0].getsockname()[1]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'wss' if self.tls else 'ws'}://{host}:{port}{self.path.rstrip('/')}"

    async def _process_request(self, ws: ServerConnection, request: Request) -> Response | None:
        """Decide over a handshake before it is answered (OCPP-J 3.2; A00.FR.207)."""
        identity = identity_in(request.path, self.path)
        refusal = await self._check(identity, ws, request)
        if refusal is None:
            return None
        logger.info("refused %s with HTTP %s %s", identity, refusal.status, refusal.text)
        if self.on_refuse is not None:
            self.on_refuse(identity or "", refusal)
        response = ws.respond(refusal.status, f"{refusal.text or HTTPStatus(refusal.status).phrase}\n")
        if refusal.status == HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Basic realm="ocpp", charset="UTF-8"'
        return response

    async def _check(self, identity: str | None, ws: ServerConnection, request: Request) -> Refusal | None:
        if identity is None:
            return Refusal(HTTPStatus.NOT_FOUND, "no charging station identity in the path")
        password = None
        headers = request.headers.get_all("Authorization")
        if headers:
            credentials = BasicCredentials.parse(headers[0])
            if credentials is None or len(headers) > 1:
                return Refusal(HTTPStatus.UNAUTHORIZED, "no Basic credentials")
            if credentials.username != identity:
                return Refusal(HTTPStatus.UNAUTHORIZED, "the username is not the identity")
            password = credentials.password
        if self.authenticate is None:
            return None
        verdict = await self.authenticate(identity, password, peer_certificate(ws))
        if isinstance(verdict, Refusal):
            return verdict
        return None if verdict else Refusal()

    def _select_subprotocol(self, _: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        """Take the station's first choice that is spoken here; none at all completes the handshake all the same (3.2)."""
        spoken = {subprotocol(version) for version in self.versions}
        return next((name for name in offered if name in spoken), None)

    async def _serve(self, ws: ServerConnection) -> None:
        """Go through the life of one connection."""
        version = version_of(ws.subprotocol)
        if version is None:
            await ws.close(1002, "no common OCPP version")
            return
        request = ws.request
        identity = identity_in(request.path, self.path) if request is not None else None
        if identity is None:
            raise RuntimeError("a connection without a checked request")
        endpoint = Endpoint(
            ws,
            version,
            clock=self.clock,
            identity=identity,
            call_timeout=self.call_timeout,
            max_frame=self.max_frame,
            validation=self.validation,
        )
        if self.on_event is not None:
            observe = self.on_event
            endpoint.on_event = lambda event: observe(endpoint, event)
        if self.on_send is not None:
            endpoint.on_send = self.on_send(endpoint)
        self._replace(identity, endpoint)
        try:
            endpoint.handler = await self.on_connect(endpoint)
            await endpoint.run()
        finally:
            if self.connections.get(identity) is endpoint:
                del self.connections[identity]
            if self.on_close is not None:
                self.on_close(endpoint)

    def _replace(self, identity: str, endpoint: Endpoint) -> None:
        """Let a new connection take the place of an older one of the same station, which is most likely dead at the other end."""
        older = self.connections.get(identity)
        self.connections[identity] = endpoint
        if older is not None:
            logger.info("%s connected again; its older connection is closed", identity)
            closing = asyncio.get_running_loop().create_task(older.close(1008, "connected again"))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


def peer_certificate(ws: ServerConnection) -> x509.Certificate | None:
    """Return the certificate that the station authenticated itself with in TLS (profile 3), None when it did not."""
    tls = ws.transport.get_extra_info("ssl_object")
    der = tls.getpeercert(binary_form=True) if tls is not None else None
    return x509.load_der_x509_certificate(der) if der else None
