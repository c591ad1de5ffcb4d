"""The CSMS as stations see it: takes connections, answers CALLs, sends CALLs."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import ClassVar, Self

from sqlalchemy.ext.asyncio import AsyncSession
from websockets.asyncio.server import ServerConnection

from v2x_architecture.clock import Clock, LoopClock
from v2x_architecture.ocpp.csms.activity import Connected, Disconnected, Exchange, Refused, Sender, Watch, hidden
from v2x_architecture.ocpp.csms.admission import Admission, common_name
from v2x_architecture.ocpp.csms.config import CsmsConfig
from v2x_architecture.ocpp.csms.errors import CsmsError, StationNotConnected, UnknownStation
from v2x_architecture.ocpp.csms.policies import Policies
from v2x_architecture.ocpp.csms.room import Room
from v2x_architecture.ocpp.csms.session import StationSession
from v2x_architecture.ocpp.csms.store import Store
from v2x_architecture.ocpp.csms.tables import Station
from v2x_architecture.ocpp.csms.tokens import put_token
from v2x_architecture.ocpp.csms.v16 import Room16
from v2x_architecture.ocpp.csms.v201 import Room201
from v2x_architecture.ocpp.endpoint import Endpoint, Handler, Reply, Validation
from v2x_architecture.ocpp.errors import CallRefused, OcppError
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.server import OcppServer, Refusal, peer_certificate
from v2x_architecture.ocpp.versions import Version

_log = logging.getLogger(__name__)


class Backend:
    """Stations, their sessions and the store.

    Args:
        config: settings.
        clock: the event loop's by default.
        watch: told of everything that happens between the CSMS and stations.

    Attributes:
        policies: what testers want done differently.
        sessions: stations seen since the start, by identity.
        store: what is remembered.

    Raises:
        StoreUnusable: the database URL does not work.
    """

    rooms: ClassVar[Mapping[Version, type[Room]]] = {"1.6": Room16, "2.0.1": Room201}
    """What handles each version; a variant of the CSMS has a subclass of one in its place."""

    server: ClassVar[type[OcppServer]] = OcppServer
    """What listens; a variant of the CSMS has a subclass in its place."""

    def __init__(self, config: CsmsConfig | None = None, clock: Clock | None = None, watch: Watch | None = None) -> None:
        self.config = config or CsmsConfig()
        self.policies = Policies()
        self.sessions: dict[str, StationSession] = {}
        self.store = Store(self.config.database)
        self._clock = clock
        self._watch = watch
        self._numbers = itertools.count(1)
        self._rooms: dict[Version, Room] = {}
        self._server: OcppServer | None = None

    async def start(self) -> None:
        """Open the store and listen for stations.

        Raises:
            StoreUnusable: the database does not answer.
            OSError: the port is taken, or a TLS file cannot be read.
        """
        config = self.config
        clock = self._clock = self._clock or LoopClock()
        await self.store.open()
        await self.store.run(self._put_tokens)
        self._rooms = {version: self.rooms[version](config, self.store, self.policies, clock) for version in config.versions}
        server = self.server(
            on_connect=self._arrived,
            versions=config.versions,
            host=config.host,
            port=config.port,
            authenticate=Admission(config, self.store).admit,
            tls=config.tls,
            clock=clock,
            ping_interval=config.ping_interval,
            call_timeout=config.call_timeout,
            compression="deflate" if config.compression else None,
            validation=Validation(requests=config.validate, responses=config.validate, outgoing=config.validate),
            on_close=self._left,
            on_refuse=self._refused,
        )
        try:
            await server.start()
        except BaseException:
            await self.store.close()
            raise
        self._server = server
        _log.info("listening for stations at %s", self.url)

    async def stop(self) -> None:
        """Close all connections and the store; what is under way there is finished first."""
        if self._server is None:
            return
        await self._server.stop()
        self._server = None
        await self.store.run(self._put_seen)
        await self.store.close()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """Where stations connect; the identity is appended.

        Raises:
            RuntimeError: the CSMS has not been started.
        """
        if self._server is None:
            raise RuntimeError("the CSMS has not been started")
        return self._server.url

    def session(self, station: str) -> StationSession:
        """Return a station that has connected since the start.

        Raises:
            UnknownStation: it has not.
        """
        try:
            return self.sessions[station]
        except KeyError:
            raise UnknownStation(station) from None

    def room(self, session: StationSession) -> Room:
        """Return what handles a station's version."""
        return self._rooms[session.version]

    async def command(
        self, station: str, action: str, payload: Payload, *, override: bool = False, timeout: float | None = None
    ) -> Payload:
        """Send a CALL to a station and return its answer, remembering what matters of both.

        Args:
            station: its identity.
            action: name of the message without ``Request``.
            payload: its JSON object.
            override: send it whatever the station's registration and the schema say (testers).
            timeout: how long the station may take (s); the configured time when None.

        Raises:
            UnknownStation, StationNotConnected: there is nobody to send it to.
            CallNotAllowed: the station has not been accepted.
            CallRefused, CallTimeout, ConnectionLost, RemoteProtocolError: what came instead of an answer.
            LocalProtocolError: the payload breaks its schema.
        """
        session = self.session(station)
        if session.endpoint is None:
            raise StationNotConnected(station)
        room = self.room(session)
        if not override:
            room.check_call(session, action, payload)
        room.announce(session, action, payload)
        try:
            answer = await session.endpoint.call(action, payload, timeout, check=not override)
        except OcppError as error:
            room.withdraw(session, action, payload)
            self._exchanged(session, "csms", action, payload, error)
            raise
        self._exchanged(session, "csms", action, payload, answer)
        await room.outcome(session, action, payload, answer)
        return answer

    async def _arrived(self, endpoint: Endpoint) -> Handler:
        """Take in a new connection."""
        certificate = peer_certificate(endpoint.ws) if isinstance(endpoint.ws, ServerConnection) else None
        session = await self.store.run(lambda db: self._enter(db, endpoint.identity, endpoint.version))
        session.common_name = common_name(certificate) if certificate is not None else None
        session.endpoint = endpoint
        _log.info("%s connected with OCPP %s", session.identity, session.version)
        if self._watch is not None:
            self._watch(Connected(at=self._now(), station=session.identity, version=session.version))
        return partial(self._answer, session)

    async def _answer(self, session: StationSession, action: str, payload: Payload) -> Payload | Reply:
        """Answer a station's CALL, and send what is to follow the answer."""
        try:
            answer = await self.room(session).answer(session, action, payload)
        except CallRefused as refused:
            self._exchanged(session, "station", action, payload, refused)
            raise
        self._exchanged(session, "station", action, payload, answer)
        after = self.room(session).follows_after(session, action, answer)
        return answer if after is None else Reply(answer, partial(self._follow, session, payload, after))

    async def _follow(self, session: StationSession, payload: Payload, after: float) -> None:
        """Send what follows the answer to a station's CALL."""
        await asyncio.sleep(after)
        if self._server is None:
            return
        request = await self.store.run(lambda db: self.room(session).following(db, session, payload))
        if request is None:
            return
        try:
            await self.command(session.identity, *request)
        except (OcppError, CsmsError) as problem:
            _log.warning("%s: %s could not be sent: %s", session.identity, request[0], problem)

    def _exchanged(
        self, session: StationSession, sender: Sender, action: str, payload: Payload, answer: Payload | OcppError
    ) -> None:
        """Tell who watches of a CALL and what came of it."""
        if self._watch is None:
            return
        response, error = (None, str(answer)) if isinstance(answer, OcppError) else (hidden(answer), None)
        self._watch(
            Exchange(
                at=self._now(),
                station=session.identity,
                sender=sender,
                action=action,
                request=hidden(payload),
                response=response,
                error=error,
            )
        )

    def _refused(self, identity: str, refusal: Refusal) -> None:
        if self._watch is not None:
            self._watch(Refused(at=self._now(), station=identity, status=refusal.status, text=refusal.text))

    def _now(self) -> datetime:
        return self._clock.now() if self._clock is not None else datetime.now(UTC)

    async def _enter(self, db: AsyncSession, identity: str, version: Version) -> StationSession:
        """Return a station's session, and see to its row. One that now speaks another version has to boot anew."""
        row = await db.get(Station, identity)
        if row is None:
            row = Station(identity=identity, version=version)
            db.add(row)
        if row.version != version:
            row.version, row.registration = version, None
        session = self.sessions.setdefault(identity, StationSession(identity, version))
        session.version, session.registration = version, row.registration
        return session

    def _left(self, endpoint: Endpoint) -> None:
        session = self.sessions.get(endpoint.identity)
        if session is not None and session.endpoint is endpoint:
            session.endpoint = None
            _log.info("%s disconnected (%s)", session.identity, endpoint.close_code)
        if self._watch is not None:
            code, reason = endpoint.close_code, endpoint.close_reason
            self._watch(Disconnected(at=self._now(), station=endpoint.identity, code=code, reason=reason))

    async def _put_tokens(self, db: AsyncSession) -> None:
        for token in self.config.tokens:
            await put_token(db, token)

    async def _put_seen(self, db: AsyncSession) -> None:
        for session in self.sessions.values():
            row = await db.get(Station, session.identity)
            if row is not None and session.seen_at is not None:
                row.seen_at = session.seen_at
