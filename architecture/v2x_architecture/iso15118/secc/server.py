"""The SECC's sockets: SDP, and TCP with and without TLS."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address
from typing import Self

import msgspec

from v2x_architecture.clock import Clock
from v2x_architecture.iso15118.conversation import Conversation
from v2x_architecture.iso15118.sdp import PORT, Responder
from v2x_architecture.iso15118.secc.config import Memory, SeccConfig
from v2x_architecture.iso15118.secc.engine import Secc
from v2x_architecture.iso15118.secc.evse import Evse
from v2x_architecture.iso15118.secc.outputs import Close
from v2x_architecture.iso15118.sending import Watcher
from v2x_architecture.iso15118.tcp import Link, TcpServer
from v2x_architecture.iso15118.tls import SeccTls
from v2x_architecture.iso15118.udp import SdpServer, link_local


class SeccListener(msgspec.Struct, frozen=True, kw_only=True):
    """Where an SECC is to be found.

    Attributes:
        host: address to listen at, where there is no interface.
        interface: network interface of the charging cable; SDP is multicast there, and the address is its link-local one.
        plain: whether there is a port without TLS.
        plain_port, tls_port: TCP ports; 0 for free ones in the range that EVs expect.
        tls: certificate and key; None for no port with TLS.
        sdp: whether it answers SDP.
        sdp_port: UDP port of SDP.
    """

    host: str = "::1"
    interface: str | None = None
    plain: bool = True
    plain_port: int = 0
    tls_port: int = 0
    tls: SeccTls | None = None
    sdp: bool = True
    sdp_port: int = PORT


class SeccServer:
    """An SECC with its EVSE, for one EV after another.

    Args:
        evse: that energy comes from.
        clock: that it lives by.
        config: how it behaves.
        listener: where it is to be found.
        watcher: is told of every message.
        began: is told of every EV that connects and is not turned away.
        ended: is told how a session ended.
        failed: is told why TLS with an EV failed, or its connection broke.
        kind: the state machine; a subclass for one with a fault.
    """

    def __init__(
        self,
        evse: Evse,
        clock: Clock,
        config: SeccConfig | None = None,
        listener: SeccListener | None = None,
        *,
        watcher: Watcher | None = None,
        began: Callable[[], None] | None = None,
        ended: Callable[[Close], None] | None = None,
        failed: Callable[[str], None] | None = None,
        kind: type[Secc] = Secc,
    ) -> None:
        self.evse, self.clock = evse, clock
        epoch = clock.now().timestamp() - clock.monotonic()
        self.config = msgspec.structs.replace(config or SeccConfig(), epoch=epoch)
        self.listener = listener or SeccListener()
        self.memory = Memory()
        self.secc: Secc | None = None
        """The session that goes on, or the last one."""
        self._watcher, self._began, self._ended, self._kind = watcher, began, ended, kind
        self._failed = failed
        self._link: Link | None = None
        self._plain: TcpServer | None = None
        self._secure: TcpServer | None = None
        self.sdp: SdpServer | None = None
        """What answers over SDP; None while it does not listen, and where it has none."""

    @property
    def plain_port(self) -> int | None:
        """TCP port without TLS; None where there is none."""
        return self._plain.port if self._plain is not None else None

    @property
    def tls_port(self) -> int | None:
        """TCP port with TLS; None where there is none."""
        return self._secure.port if self._secure is not None else None

    @property
    def sdp_port(self) -> int | None:
        """UDP port of SDP; None where there is none."""
        return self.sdp.port if self.sdp is not None else None

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: a port or the interface cannot be had, or a certificate cannot be read.
        """
        where = self.listener
        host = f"{link_local(where.interface)}%{where.interface}" if where.interface is not None else where.host
        try:
            if where.plain:
                self._plain = TcpServer(self._serve, host, where.plain_port, failed=self._failed)
                await self._plain.start()
            if where.tls is not None:
                self._secure = TcpServer(self._serve, host, where.tls_port, where.tls, failed=self._failed)
                await self._secure.start()
            if where.sdp:
                address = IPv6Address(host.partition("%")[0])
                responder = Responder(address, self.tls_port, self.plain_port)
                self.sdp = SdpServer(responder, where.interface, host=where.host, port=where.sdp_port)
                await self.sdp.start()
        except BaseException:
            # Also when it is cancelled between two ports.
            await self.stop()
            raise

    async def stop(self) -> None:
        """Listen no more, and end what goes on."""
        for server in (self.sdp, self._secure, self._plain):
            if server is not None:
                await server.stop()
        self.sdp, self._secure, self._plain = None, None, None

    def hang_up(self) -> None:
        """Break off what goes on and forget what was paused: the plug has been pulled."""
        self.memory.paused = None
        if self._link is not None:
            self._link.abort()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, link: Link) -> None:
        """Hold a session. There is one plug, so an EV that connects while another is there is turned away."""
        if self.secc is not None and not self.secc.over:
            return
        secc = self._kind(
            self.evse,
            self.config,
            self.memory,
            now=self.clock.monotonic(),
            tls_version=link.tls_version,
            watcher=self._watcher,
            peer=link.peer_digest,
        )
        self.secc, self._link = secc, link
        if self._began is not None:
            self._began()
        try:
            await self.converse(link, secc)
        finally:
            if self._link is link:
                self._link = None
            if self._ended is not None and secc.closed is not None:
                self._ended(secc.closed)

    async def converse(self, link: Link, secc: Secc) -> None:
        """Hold a session, until it is over and its connection closed."""
        await Conversation(link, secc, self.clock).hold()
