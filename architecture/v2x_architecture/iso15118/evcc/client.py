"""The EVCC's sockets: SDP, then TCP with or without TLS."""

from __future__ import annotations

import asyncio

import msgspec

from v2x_architecture.clock import Clock
from v2x_architecture.iso15118.conversation import Conversation
from v2x_architecture.iso15118.editions import Edition as Editions
from v2x_architecture.iso15118.evcc.engine import Evcc
from v2x_architecture.iso15118.evcc.script import EvccConfig, Outcome
from v2x_architecture.iso15118.evcc.vehicle import Ev
from v2x_architecture.iso15118.pki import Edition, objection
from v2x_architecture.iso15118.sdp import PORT, Request, Security
from v2x_architecture.iso15118.sending import Watcher
from v2x_architecture.iso15118.tcp import ConnectFailed, Link, connect
from v2x_architecture.iso15118.timers import timers
from v2x_architecture.iso15118.tls import EvccTls
from v2x_architecture.iso15118.udp import discover, scope_of


class SeccAddress(msgspec.Struct, frozen=True, kw_only=True):
    """Where an EVCC looks for its SECC.

    Attributes:
        host: address that is asked over SDP, or connected to.
        interface: network interface of the charging cable; SDP is multicast there, and `host` plays no part.
        port: TCP port to connect to without SDP; None to ask over SDP.
        sdp_port: UDP port of SDP.
        tls: of the EVCC; None for a connection without.
    """

    host: str = "::1"
    interface: str | None = None
    port: int | None = None
    sdp_port: int = PORT
    tls: EvccTls | None = None


class EvccClient:
    """An EVCC with its vehicle.

    Args:
        ev: that energy goes to.
        clock: that it lives by.
        config: how it behaves.
        address: where the SECC is.
        watcher: is told of every message.
        kind: the state machine; a subclass for one with a fault.
    """

    def __init__(
        self,
        ev: Ev,
        clock: Clock,
        config: EvccConfig | None = None,
        address: SeccAddress | None = None,
        *,
        watcher: Watcher | None = None,
        kind: type[Evcc] = Evcc,
    ) -> None:
        self.ev, self.clock = ev, clock
        epoch = clock.now().timestamp() - clock.monotonic()
        self.config = msgspec.structs.replace(config or EvccConfig(), epoch=epoch)
        self.address = address or SeccAddress()
        self.evcc: Evcc | None = None
        """The session that goes on, or the last one."""
        self.setup_s = timers(Editions.ISO2).session["V2G_EVCC_CommunicationSetup_Timeout"]
        """Within which there must be a connection once the EV is plugged in (s)."""
        self._watcher, self._kind = watcher, kind
        self._peer = b""

    async def run(self) -> Outcome:
        """Find the SECC, connect, and hold a session.

        A session that was paused before is joined again, unless the SECC shows another certificate than then ([V2G20-2539]).

        Raises:
            NotFound: no SECC answered over SDP.
            ConnectFailed: it cannot be reached, the handshake fails, or its certificate is not one of an SECC.
            OSError: the interface cannot be had.
        """
        link, evcc = await self.connect()
        await Conversation(link, evcc, self.clock).hold(evcc.start(self.clock.monotonic()))
        assert evcc.outcome is not None
        return evcc.outcome

    async def connect(self) -> tuple[Link, Evcc]:
        """Find the SECC and connect; return the connection, and the state machine of a session that has not begun.

        Raises:
            NotFound: no SECC answered over SDP.
            ConnectFailed: it cannot be reached, or the handshake fails.
            OSError: the interface cannot be had.
        """
        config = self.config
        if self.evcc is not None and self.evcc.paused is not None:
            config = msgspec.structs.replace(config, resume=msgspec.structs.replace(self.evcc.paused, peer=self._peer))
        plugged = self.clock.monotonic()
        host, port, tls = await self._find()
        left = self.setup_s - (self.clock.monotonic() - plugged)
        scope = scope_of(self.address.interface) if self.address.interface is not None else 0
        if tls is not None and not config.evccid:
            config = msgspec.structs.replace(config, evccid=tls.common_name)
        try:
            async with asyncio.timeout(max(left, 0.0)):
                link = await connect(host, port, tls, scope=scope)
        except TimeoutError as error:
            # An SECC that takes the connection may never shake hands ([V2G2-448]).
            raise ConnectFailed(f"the SECC at [{host}]:{port} lets no session come about in time", tls=tls is not None) from error
        if tls is not None and tls.verify and tls.strict:
            await _refuse_foreign(link)
        self._peer = link.peer_digest
        if config.resume is not None and config.resume.peer != self._peer:
            config = msgspec.structs.replace(config, resume=None)
        self.evcc = self._kind(self.ev, config, now=plugged, tls_version=link.tls_version, watcher=self._watcher)
        return link, self.evcc

    async def _find(self) -> tuple[str, int, EvccTls | None]:
        """Return address, port, and whether it is TLS: what SDP says decides, not what was asked for."""
        where = self.address
        if where.port is not None:
            return where.host, where.port, where.tls
        request = Request(Security.TLS if where.tls is not None else Security.NONE)
        response = await discover(request, where.interface, host=where.host, port=where.sdp_port)
        if response.security is not Security.TLS:
            return str(response.address), response.port, None
        if where.tls is None:
            raise ConnectFailed(f"the SECC at [{response.address}]:{response.port} wants TLS, and the EVCC has none", tls=True)
        return str(response.address), response.port, where.tls


async def _refuse_foreign(link: Link) -> None:
    """End a connection whose SECC has shown a certificate that chains, but is not of the edition's profile.

    Raises:
        ConnectFailed: it has.
    """
    edition: Edition = "20" if link.tls_version == "TLSv1.3" else "2"
    problem = objection(link.peer_certificate or b"", "CPO", edition)
    if problem is not None:
        await link.close()
        raise ConnectFailed(f"the SECC's certificate is not one of ISO 15118-{edition}: {problem}", tls=True)
