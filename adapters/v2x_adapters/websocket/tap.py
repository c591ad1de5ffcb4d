"""The in-process WebSocket tap: listens where one actor connects, connects on to the other, and lets pass what it saw."""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Literal
from urllib.parse import urlsplit

from v2x_architecture.clock import Clock, SystemClock
from v2x_harness.errors import AdapterError
from v2x_harness.events import Json, LinkEvent
from v2x_harness.journal import Recorder
from v2x_harness.steer import Shape, Toxic

from v2x_adapters.stages import TAP, Parties
from v2x_adapters.tapping import Tapping
from v2x_adapters.websocket.dialect import Dialect
from v2x_adapters.websocket.link import Limits, Link, State, Target

_NO_LIMITS = Limits()


class WebSocketTap(Tapping):
    """A `v2x_harness.tap.Tap` in the middle of WebSocket links.

    It is transparent: the upgrade request reaches the server as the client sent it (but for the Host field), and what the server
    answers reaches the client; frames pass as the octets they came in unless they are steered. So whatever either side does
    wrong, the other side sees, and the journal.

    Args:
        recorder: keeps what is seen.
        target: URL of the server, without the identity at the end; what the client appends to `url` is appended to it. A server
            that wants something behind the identity is named with ``{identity}`` in its place: ``ws://host/ocpp/{identity}/``.
        dialect: the protocol spoken.
        client: role that connects; ``server`` the role that listens.
        subject: role on whose side *disguise* works; empty for neither.
        clock: wall time of the frames.
        host, port: where to listen; port 0 for any.
        tls: server context to listen with.
        target_tls: client context to connect with, for a ``wss`` target.
        limits: what it puts up with.
        seed: of the random choices of toxics.

    Raises:
        AdapterError: the target is no WebSocket URL, or is ``wss`` and there is no context for it.
    """

    def __init__(
        self,
        recorder: Recorder,
        target: str,
        dialect: Dialect,
        *,
        client: str = "station",
        server: str = "csms",
        subject: str = "",
        clock: Clock | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
        target_tls: ssl.SSLContext | None = None,
        limits: Limits = _NO_LIMITS,
        seed: int = 0,
    ) -> None:
        super().__init__(Parties(client, server, subject), clock or SystemClock(), seed)
        self.recorder, self.dialect, self.limits = recorder, dialect, limits
        self.target, self._path = _target(target, target_tls)
        self.buffer = memoryview(bytearray(1 << 16))
        self._host, self._port, self._tls = host, port, tls
        self._listening: asyncio.Server | None = None
        self._links: list[Link] = []
        self._greetings: set[asyncio.Task[None]] = set()
        self._counts: Counter[str] = Counter()

    @property
    def url(self) -> str:
        """Where the client must connect to; the path is the target's."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"{'wss' if self._tls else 'ws'}://{host}:{self._port}{self._path}"

    async def start(self) -> None:
        """Listen.

        Raises:
            AdapterError: the address cannot be listened on.
        """
        loop = asyncio.get_running_loop()
        try:
            self._listening = await loop.create_server(self._accept, self._host, self._port)
        except OSError as error:
            raise AdapterError(
                f"the tap cannot listen on {self._host}:{self._port}: {error.strerror or error}",
                "choose another port, or 0 for any",
            ) from error
        self._port = self._listening.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Close every link and stop listening."""
        if self._listening:
            self._listening.close()
        for task in tuple(self._greetings):
            task.cancel()
        await asyncio.gather(*self._greetings, return_exceptions=True)
        for link in tuple(self._links):
            if link.state is State.OPEN:
                link.stages.close(1001, TAP)
            else:
                link.reset()
        while self._links:
            await self._change()
        if self._listening:
            await self._listening.wait_closed()
            self._listening = None

    @contextmanager
    def bare(self) -> Iterator[None]:
        """Within the block, ask the server for what the client asks for, without what it wants behind the identity."""
        whole = self.target
        self.target = replace(whole, suffix="")
        try:
            yield
        finally:
            self.target = whole

    def poison(self, toxics: Sequence[Toxic]) -> None:
        """Replace the conditions of the network, for links that are open and for new ones from their upgrade on."""
        self._toxics = tuple(toxics)
        for link in self._links:
            if link.state is State.OPEN:
                link.weather(self.conditions())

    async def inject(self, to: str, data: str | bytes, *, link: str = "", shape: Shape = "") -> None:
        """Send a frame to a role on the newest open link (or the one named); the journal marks it ``injected``.

        Args:
            to: role it is for.
            data: text, or the octets of a binary message.
            link: id of a link.
            shape: how it is put on the wire.

        Raises:
            AdapterError: no such link is open.
        """
        if to not in (self.parties.client, self.parties.server):
            raise AdapterError(f"{to!r} is at neither end of this link", f"{self.parties.client} and {self.parties.server} are")
        for candidate in reversed(self._links):
            if candidate.state is State.OPEN and link in ("", candidate.id):
                candidate.stages.inject(to, data, shape)
                return
        what = f"link {link} is not open" if link else "no link is open"
        raise AdapterError(f"cannot inject to the {to}: {what}", "wait for connected() first")

    async def connected(self, *, identity: str = "", timeout: float = 30.0, after: str = "") -> str:
        """Wait until a link is open, and return its id; at once if one already is.

        Args:
            identity: of the client; empty for any.
            timeout: seconds.
            after: id of a link: only links opened later than that one count.

        Raises:
            TimeoutError: none was opened in time.
        """
        async with asyncio.timeout(timeout):
            while True:
                newest = [link for link in self._links if link.state is State.OPEN and identity in ("", link.identity)]
                if newest and newest[-1].id != after:
                    return newest[-1].id
                await self._change()

    async def disconnected(self, *, identity: str = "", timeout: float = 30.0) -> None:
        """Wait until no connection is left.

        Args:
            identity: of the client; empty for any.
            timeout: seconds.

        Raises:
            TimeoutError: one is left by then.
        """
        async with asyncio.timeout(timeout):
            while any(identity in ("", link.identity) for link in self._links):
                await self._change()

    async def cut(self, *, refuse: bool = True) -> None:
        """Abort every open link; while cut, refuse (or accept and keep silent to) new connections."""
        self._cut = "refuse" if refuse else "silent"
        for link in tuple(self._links):
            if link.state is State.OPEN:
                link.stages.reset(TAP, "the tap cut the link")
            else:
                link.reset()

    async def mend(self) -> None:
        """Let connections through again; those kept waiting in silence go on."""
        self._cut = ""
        for link in self._links:
            if link.state is State.REQUEST:
                link.mend()

    # For the links.

    def name_link(self, identity: str) -> str:
        """Return an id for a new link."""
        self._counts[identity] += 1
        return f"{self.parties.server}<-{identity}#{self._counts[identity]}"

    def changed(self, link: Link) -> None:
        """A link was opened, or is gone."""
        if link.state is State.DONE and link in self._links:
            self._links.remove(link)
        self._wake()

    def begun(self, link: Link) -> Literal["", "refuse", "silent"]:
        """A client has connected: say how the tap is cut at present."""
        self._links.append(link)
        return self._cut

    def _accept(self) -> asyncio.BaseProtocol:
        return _Greeter(self._greet) if self._tls else Link(self).legs[self.parties.client]

    def _greet(self, transport: asyncio.Transport) -> None:
        task = asyncio.get_running_loop().create_task(self._secure(transport))
        self._greetings.add(task)
        task.add_done_callback(self._greetings.discard)

    async def _secure(self, transport: asyncio.Transport) -> None:
        """Go through the TLS handshake with a client, so that one that fails is in the journal."""
        assert self._tls is not None
        leg, loop = Link(self).legs[self.parties.client], asyncio.get_running_loop()
        try:
            secured = await loop.start_tls(
                transport,
                leg,
                self._tls,
                server_side=True,
                ssl_handshake_timeout=self.limits.upgrade,
                ssl_shutdown_timeout=self.limits.close,
            )
        except OSError as error:
            reason = getattr(error, "reason", None) or str(error) or "the client left during the handshake"
            by = self.parties.client if "ALERT" in reason else ""
            detail: dict[str, Json] = {"with": self.parties.client, "reason": reason}
            self.recorder.record(LinkEvent(link=self.name_link("?"), event="tls", by=by, detail=detail))
        except asyncio.CancelledError:
            transport.abort()
            raise
        else:
            assert secured is not None
            leg.connection_made(secured)


class _Greeter(asyncio.Protocol):
    """Takes a connection and reads nothing from it: TLS begins with the first octet."""

    def __init__(self, greet: Callable[[asyncio.Transport], None]) -> None:
        self._greet = greet

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Hand the connection on."""
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        self._greet(transport)


def _target(url: str, tls: ssl.SSLContext | None) -> tuple[Target, str]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise AdapterError(f"{url} is no WebSocket URL: {error}") from error
    if parts.scheme not in ("ws", "wss") or not parts.hostname:
        raise AdapterError(f"{url} is no WebSocket URL", "it looks like ws://127.0.0.1:9000/ocpp")
    secure = parts.scheme == "wss"
    if secure and not tls:
        raise AdapterError(f"{url} asks for TLS, and the tap was given nothing to check its certificate with")
    authority = parts.netloc.rpartition("@")[2]
    path, _, suffix = parts.path.partition("/{identity}")
    target = Target(
        host=parts.hostname,
        port=port or (443 if secure else 80),
        authority=authority,
        suffix=suffix,
        tls=tls if secure else None,
    )
    return target, path.rstrip("/")
