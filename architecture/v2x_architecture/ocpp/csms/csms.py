"""The reference CSMS with its operator's verbs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import msgspec
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from v2x_architecture.clock import Clock
from v2x_architecture.ocpp.csms.activity import Watch
from v2x_architecture.ocpp.csms.config import CsmsConfig, TokenSpec
from v2x_architecture.ocpp.csms.errors import InvalidPolicy, StationNotConnected
from v2x_architecture.ocpp.csms.operations import Operations
from v2x_architecture.ocpp.csms.policies import BootPolicy
from v2x_architecture.ocpp.csms.tables import Station
from v2x_architecture.ocpp.csms.tokens import put_token, remove_token
from v2x_architecture.ocpp.errors import CallRefused, CallTimeout, ConnectionLost, RemoteProtocolError
from v2x_architecture.ocpp.messages import Payload

if TYPE_CHECKING:
    from v2x_architecture.ocpp.csms.rest_server import RestServer


class ReferenceCsms(Operations):
    """A CSMS for OCPP 1.6J and 2.0.1; one port takes both.

    `start` it, let stations connect to `url`, and operate it with the verbs: methods that take and give JSON values.
    """

    verbs: ClassVar[tuple[str, ...]] = (
        "call",
        "set_token",
        "remove_token",
        "set_boot",
        "set_policy",
        "disconnect",
        "stations",
        "forget",
        "get_variables",
        "set_variables",
        "get_report",
        "send_local_list",
        "set_charging_profile",
        "clear_charging_profile",
        "remote_start",
        "remote_stop",
    )
    """The methods an operator may call by name."""

    def __init__(self, config: CsmsConfig | None = None, clock: Clock | None = None, watch: Watch | None = None) -> None:
        super().__init__(config, clock, watch)
        self._rest: RestServer | None = None

    async def start(self) -> None:
        """Open the store, listen for stations, and offer the REST API where the configuration says.

        Raises:
            StoreUnusable: the database does not answer.
            OSError: a port is taken, or a TLS file cannot be read.
        """
        await super().start()
        if self.config.rest_port is not None:
            # Here, because the web server takes half a second to import, and casts of reference actors do without it.
            from v2x_architecture.ocpp.csms.rest import application
            from v2x_architecture.ocpp.csms.rest_server import RestServer

            try:
                self._rest = await RestServer.start(application(self), self.config.rest_host, self.config.rest_port)
            except BaseException:
                await self.stop()
                raise

    async def stop(self) -> None:
        """Close all connections and the store; what is under way there is finished first."""
        if self._rest is not None:
            await self._rest.stop()
            self._rest = None
        await super().stop()

    @property
    def rest_url(self) -> str | None:
        """Where the REST API is, None without."""
        return None if self._rest is None else self._rest.url

    async def call(self, station: str, action: str, payload: Payload, *, override: bool = False) -> Payload:
        """Send a CALL and tell what came of it: ``{"result": {…}}``, or ``{"error": {"code", "description"}}``.

        The error's code is that of the CALLERROR, or ``NotConnected``, ``CallTimeout``, ``InvalidResponse``.

        Args:
            station: its identity.
            action: name of the message without ``Request``.
            payload: its JSON object.
            override: send it whatever the station's registration and the schema say.

        Raises:
            UnknownStation: no such station has connected.
            CallNotAllowed: the station has not been accepted, and this is not allowed before.
            LocalProtocolError: the payload breaks its schema.
        """
        try:
            return {"result": await self.command(station, action, payload, override=override)}
        except CallRefused as error:
            return _failure(error.code, error.description)
        except CallTimeout as error:
            return _failure("CallTimeout", str(error))
        except (ConnectionLost, StationNotConnected) as error:
            return _failure("NotConnected", str(error))
        except RemoteProtocolError as error:
            return _failure("InvalidResponse", str(error))

    async def set_token(self, id_token: str, *, parent: str | None = None, **known: object) -> Payload:
        """Make an identifier known, or known otherwise.

        Args:
            id_token: the identifier.
            parent: 1.6's word for ``group``.
            known: the other members of `TokenSpec`: ``type``, ``status``, ``group``, ``expires``, ``concurrent``, ….

        Raises:
            InvalidPolicy: a member that does not exist, or a value that does not fit it.
        """
        members = {"id_token": id_token, **known}
        if parent is not None:
            members["group"] = parent
        try:
            spec = msgspec.convert(members, TokenSpec)
        except msgspec.ValidationError as error:
            raise InvalidPolicy("token", str(error)) from None
        await self.store.run(lambda db: put_token(db, spec))
        return {}

    async def remove_token(self, id_token: str) -> Payload:
        """Forget an identifier; ``{"known": …}`` says whether it was known."""
        return {"known": await self.store.run(lambda db: remove_token(db, id_token))}

    async def set_boot(self, station: str | None = None, status: str = "Accepted", interval: int | None = None) -> Payload:
        """Answer the next BootNotifications so.

        Args:
            station: whose; None for every station without a boot policy of its own.
            status: ``Accepted``, ``Pending`` or ``Rejected``.
            interval: heartbeat interval, or time to the next BootNotification (s); None leaves the configured one.

        Raises:
            InvalidPolicy: no such status, or no such interval.
        """
        try:
            policy = msgspec.convert({"status": status, "interval": interval}, BootPolicy)
        except msgspec.ValidationError as error:
            raise InvalidPolicy("boot", str(error)) from None
        self.policies.set_boot(station, policy)
        return {}

    async def set_policy(self, name: str, value: object) -> Payload:
        """Put a policy in force; see `Policies`.

        Raises:
            InvalidPolicy: no policy has that name, or its value is of another shape.
        """
        self.policies.set(name, value)
        return {}

    async def disconnect(self, station: str, code: int = 1000, reason: str = "") -> Payload:
        """Close a station's connection.

        Args:
            station: its identity.
            code: WebSocket close code.
            reason: WebSocket close reason.

        Raises:
            UnknownStation, StationNotConnected: there is no connection to close.
        """
        endpoint = self.session(station).endpoint
        if endpoint is None:
            raise StationNotConnected(station)
        await endpoint.close(code, reason)
        return {}

    async def stations(self) -> Payload:
        """List the stations that have connected since the start."""
        return {
            "stations": [
                {
                    "station": session.identity,
                    "version": session.version,
                    "connected": session.endpoint is not None,
                    "registration": session.registration,
                }
                for session in self.sessions.values()
            ]
        }

    async def forget(self, station: str) -> Payload:
        """Forget all about a station: its rows, its session, its policies. If it is connected, it is disconnected."""
        session = self.sessions.pop(station, None)
        if session is not None and session.endpoint is not None:
            await session.endpoint.close(1000, "forgotten")
        self.policies.forget(station)

        async def work(db: AsyncSession) -> None:
            await db.execute(delete(Station).where(Station.identity == station))

        await self.store.run(work)
        return {}


def _failure(code: str, description: str) -> Payload:
    return {"error": {"code": code, "description": description}}
