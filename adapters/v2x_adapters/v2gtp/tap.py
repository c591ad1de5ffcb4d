"""The V2GTP tap: an SECC to the EVCC, an EVCC to the SECC, and between them everything is seen."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from functools import partial
from ipaddress import IPv6Address
from pathlib import Path
from typing import Literal

from v2x_architecture.clock import Clock, SystemClock
from v2x_architecture.iso15118.evcc.client import SeccAddress
from v2x_architecture.iso15118.sdp import Responder, Security
from v2x_architecture.iso15118.secc.server import SeccListener
from v2x_architecture.iso15118.tcp import listen
from v2x_architecture.iso15118.tls import SeccTls, context_of
from v2x_architecture.iso15118.udp import link_local, scope_of
from v2x_harness.errors import AdapterError
from v2x_harness.journal import Recorder
from v2x_harness.steer import Shape, Toxic

from v2x_adapters.capture.packets import End
from v2x_adapters.capture.pcapng import Flow, PcapngWriter
from v2x_adapters.stages import TAP, Parties
from v2x_adapters.steering import Payload
from v2x_adapters.tapping import Tapping
from v2x_adapters.v2gtp.discovery import SdpRelay
from v2x_adapters.v2gtp.link import EVCC, SECC, Limits, Link, Target
from v2x_adapters.v2gtp.reading import Unwritable

_NO_LIMITS = Limits()
_NOWHERE = SeccListener(sdp_port=0)
_SIDES = {EVCC: 0, SECC: 1}


class V2gtpTap(Tapping):
    """A `v2x_harness.tap.Tap` between an EVCC and an SECC.

    To the EVCC it is an SECC: it answers SDP, and takes connections with and without TLS. For each it connects to the SECC as
    an EVCC would, by SDP or at a known port, so that the two sides are independent sessions of TCP and TLS: the tap shows the
    EVCC the SECC's certificate of a test PKI, the SECC in 15118-20 a vehicle's. What is said passes as the octets it came in
    unless it is steered; SDP answers pass with the tap's own address and port in the place of the SECC's.

    Frames are labelled with the name of the message, and decoded as `reading` has it; that is what steps rewrite. SDP is on the
    link ``sdp``, its messages are ``SECCDiscoveryReq`` and ``SECCDiscoveryRes``. Of the toxics ``slice`` makes small TCP
    segments, some time apart; SDP knows only those that strike whole frames. A message with a good header is passed on when it
    is complete.

    Session keys for dissectors of what really went over the wire are written where ``keylog`` of the listener's and the
    target's TLS says.

    Args:
        recorder: keeps what is seen.
        target: where the SECC is, and the EVCC's side of TLS towards it.
        listener: where the EVCC finds the tap, and the SECC's side of TLS towards it.
        untouched: leave TLS between the two as it is: octets at the listener's TLS port pass unseen. The listener needs no
            certificate then.
        subject: role on whose side *disguise* works; empty for neither.
        clock: wall time of the frames.
        capture: pcapng file to write; see `v2x_adapters.capture.pcapng`.
        limits: what it puts up with.
        seed: of the random choices of toxics.
        first: number of its first link, where a tap before it has used up those below.

    Raises:
        AdapterError: the capture file cannot be written.
    """

    def __init__(
        self,
        recorder: Recorder,
        target: SeccAddress,
        listener: SeccListener = _NOWHERE,
        *,
        untouched: bool = False,
        subject: str = "",
        clock: Clock | None = None,
        capture: Path | None = None,
        limits: Limits = _NO_LIMITS,
        seed: int = 0,
        first: int = 1,
    ) -> None:
        super().__init__(Parties(EVCC, SECC, subject), clock or SystemClock(), seed)
        self.recorder, self.target, self.listener, self.limits = recorder, target, listener, limits
        self._untouched = untouched
        self._capture = PcapngWriter(capture, tuple(_SIDES), lambda: self._clock.now().timestamp()) if capture else None
        self._plain: asyncio.Server | None = None
        self._secure: asyncio.Server | None = None
        self._sdp: SdpRelay | None = None
        self._address = IPv6Address("::1")
        self._sdp_port: int | None = None
        self._links: dict[Link, asyncio.Task[None]] = {}
        self.next_link = first
        """Number of the next link."""
        self._detour: Target | None = None
        self._context: ssl.SSLContext | None = None

    @property
    def plain_port(self) -> int | None:
        """TCP port without TLS; None where there is none."""
        return _port(self._plain)

    @property
    def tls_port(self) -> int | None:
        """TCP port with TLS; None where there is none."""
        return _port(self._secure)

    @property
    def sdp_port(self) -> int | None:
        """UDP port of SDP; None where it is not answered."""
        return self._sdp_port

    @property
    def url(self) -> str:
        """Where the EVCC must look: ``sdp://[address]:port``; without SDP ``tcp://`` or ``tls://``."""
        scheme, port = ("tls", self.tls_port) if self.plain_port is None else ("tcp", self.plain_port)
        if self.sdp_port is not None:
            scheme, port = "sdp", self.sdp_port
        zone = f"%25{self.listener.interface}" if self.listener.interface is not None else ""
        return f"{scheme}://[{self._address}{zone}]:{port}"

    async def start(self) -> None:
        """Listen.

        Raises:
            AdapterError: an address or interface cannot be listened on, or a certificate cannot be read.
        """
        where = self.listener
        try:
            if self.target.interface is not None:
                scope_of(self.target.interface)
        except OSError as error:
            raise AdapterError(f"the tap has no way to the SECC: {error}", "ip link lists the interfaces") from error
        try:
            scope = f"%{where.interface}" if where.interface is not None else ""
            self._address = link_local(where.interface) if where.interface is not None else IPv6Address(where.host)
            host = f"{self._address}{scope}"
            if where.plain:
                self._plain = await listen(partial(self._serve, None, False), host, where.plain_port)
            if where.tls is not None or self._untouched:
                self._context = context_of(where.tls) if where.tls is not None and not self._untouched else None
                self._secure = await listen(self._serve_secure, host, where.tls_port)
            self._sdp = SdpRelay(self, Responder(self._address, self.tls_port, self.plain_port), self._keep)
            if where.sdp:
                self._sdp_port = await self._sdp.start(where.interface, where.host, where.sdp_port)
        except (OSError, ValueError) as error:
            await self.stop()
            raise AdapterError(
                f"the tap cannot listen at {where.interface or where.host}: {error}",
                "choose another interface or port, or 0 for any port",
            ) from error

    async def stop(self) -> None:
        """Close every link and stop listening."""
        for server in (self._plain, self._secure):
            if server is not None:
                server.close()
        for link in tuple(self._links):
            if link.open:
                link.stages.close(0, TAP)
            else:
                self._links[link].cancel()
        await asyncio.gather(*self._links.values(), return_exceptions=True)
        for server in (self._plain, self._secure):
            if server is not None:
                await server.wait_closed()
        if self._sdp is not None:
            await self._sdp.stop()
        self._plain = self._secure = self._sdp = self._sdp_port = None
        if self._capture is not None:
            self._capture.close()

    def poison(self, toxics: Sequence[Toxic]) -> None:
        """Replace the conditions of the network, for SDP, links that are open, and new ones."""
        self._toxics = tuple(toxics)
        for link in self._links:
            if link.open:
                link.weather(self.conditions())
        if self._sdp is not None:
            self._sdp.weather(self.conditions())

    async def inject(self, to: str, data: str | bytes, *, link: str = "", shape: Shape = "") -> None:
        """Send something to a role on the newest open link (or the one named); the journal marks it ``injected``.

        Args:
            to: role it is for.
            data: octets, header included; or text, the decoded form of a message in JSON, see `reading`.
            link: id of a link.
            shape: ``octets`` for text that is hexadecimal.

        Raises:
            AdapterError: no such link is open, or the text stands for no message.
        """
        if to not in _SIDES:
            raise AdapterError(f"{to!r} is at neither end of this link", f"{EVCC} and {SECC} are")
        for candidate in reversed(self._links):
            if candidate.open and link in ("", candidate.id):
                try:
                    octets = candidate.stages.octets(Payload(data, shape))
                except Unwritable as error:
                    raise AdapterError(f"this cannot be sent to the {to}: {error}") from error
                candidate.stages.inject(to, octets)
                return
        what = f"link {link} is not open" if link else "no link is open"
        raise AdapterError(f"cannot inject to the {to}: {what}", "wait for connected() first")

    async def connected(self, *, timeout: float = 30.0, after: str = "") -> str:
        """Wait until a link is open, and return its id; at once if one already is.

        Args:
            timeout: seconds.
            after: id of a link: only links opened later than that one count.

        Raises:
            TimeoutError: none was opened in time.
        """
        async with asyncio.timeout(timeout):
            while True:
                newest = [link for link in self._links if link.open]
                if newest and newest[-1].id != after:
                    return newest[-1].id
                await self._change()

    async def disconnected(self, *, timeout: float = 30.0) -> None:
        """Wait until no connection is left.

        Raises:
            TimeoutError: one is left by then.
        """
        async with asyncio.timeout(timeout):
            while self._links:
                await self._change()

    async def cut(self, *, refuse: bool = True) -> None:
        """Abort every open link; while cut, refuse (or accept and keep silent to) new connections."""
        self._cut = "refuse" if refuse else "silent"
        for link, task in tuple(self._links.items()):
            if link.open:
                link.stages.reset(TAP, "the tap cut the link")
            else:
                task.cancel()

    async def mend(self) -> None:
        """Let connections through again; those kept waiting in silence go on."""
        self._cut = ""
        self._wake()

    def divert(self, port: int | None, host: str = "::1") -> None:
        """Lead new connections at the TLS port somewhere else, octet by octet, so that an EVCC shakes hands with what is there.

        Args:
            port: of TCP; None to lead them to the SECC again.
            host: address.
        """
        self._detour = Target(host=host, port=port) if port is not None else None

    def show(self, tls: SeccTls) -> None:
        """Show EVCCs that connect from now on another certificate.

        Args:
            tls: the side of an SECC.

        Raises:
            OSError: the certificate cannot be read.
        """
        self._context = context_of(tls)

    # For the links.

    def begun(self, link: Link) -> Literal["", "refuse", "silent"]:
        """An EVCC has connected: say how the tap is cut at present."""
        return self._cut

    async def mended(self) -> None:
        """Wait until the tap is not cut any more."""
        while self._cut:
            await self._change()

    def changed(self, link: Link) -> None:
        """A link was opened, or is gone."""
        if not link.open:
            self._links.pop(link, None)
        self._wake()

    def flow(self, role: str, client: End, server: End) -> Flow | None:
        """Return where the capture keeps a connection, if there is a capture."""
        return self._capture.connection(_SIDES[role], client, server) if self._capture is not None else None

    async def whereabouts(self) -> Target:
        """Return where the SECC is: at the port that is known, or where it says over SDP.

        Raises:
            NotFound: it does not answer over SDP.
            OSError: the interface cannot be had.
        """
        if self._detour is not None:
            return self._detour
        target = self.target
        scope = scope_of(target.interface) if target.interface is not None else 0
        if target.port is not None:
            return Target(host=target.host, port=target.port, scope=scope, secure=target.tls is not None)
        assert self._sdp is not None
        heard = self._sdp.heard or await self._sdp.ask()
        return Target(host=str(heard.address), port=heard.port, scope=scope, secure=heard.security is Security.TLS)

    def _keep(self, role: str, source: End, to: End, data: bytes) -> None:
        if self._capture is not None:
            self._capture.datagram(_SIDES[role], source, to, data)

    async def _serve_secure(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._serve(self._context, self._untouched, reader, writer)

    async def _serve(
        self, tls: ssl.SSLContext | None, untouched: bool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        if self._detour is not None and tls is not None:
            tls, untouched = None, True
        link = Link(self, f"{SECC}<-{EVCC}#{self.next_link}", reader, writer, tls, untouched=untouched)
        self.next_link += 1
        self._links[link] = task
        await link.run()


def _port(server: asyncio.Server | None) -> int | None:
    return int(server.sockets[0].getsockname()[1]) if server is not None else None
