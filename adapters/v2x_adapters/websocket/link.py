"""One link through the tap: two legs, the upgrade between them, and the frames after it."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from http import HTTPStatus
from typing import Literal, Protocol

from v2x_harness.events import Json, LinkEvent
from v2x_harness.journal import Recorder

from v2x_adapters.websocket.dialect import Dialect
from v2x_adapters.websocket.handshake import (
    MAX_HEAD,
    BadHead,
    Head,
    described,
    identity_of,
    inflaters,
    request_head,
    response_head,
)
from v2x_adapters.websocket.stages import TAP, Parties, Program, Stages
from v2x_adapters.websocket.wire import Reader, close_frame

_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the tap connects on to.

    Attributes:
        host, port: address.
        authority: what stands in the Host field.
        tls: context of a client; None for no TLS.
    """

    host: str
    port: int
    authority: str
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a tap puts up with.

    Attributes:
        message: octets of a message that are held, labelled and recorded; what is beyond passes unseen.
        upgrade: seconds from the connection to a complete request, and from there to the connection to the other side.
        close: seconds that the sides get to answer a close of the tap's.
    """

    message: int = 1 << 20
    upgrade: float = 30.0
    close: float = 1.0


class Owner(Protocol):
    """What a link needs of its tap."""

    recorder: Recorder
    parties: Parties
    program: Program
    dialect: Dialect
    target: Target
    limits: Limits
    buffer: bytearray

    def wall(self) -> str:
        """Return the wall time."""
        ...

    def name_link(self, identity: str) -> str:
        """Return an id for a new link."""
        ...

    def begun(self, link: Link) -> Literal["", "refuse", "silent"]:
        """A client has connected: say how the tap is cut at present."""
        ...

    def changed(self, link: Link) -> None:
        """A link was opened, or is gone."""
        ...


class State(Enum):
    """How far a link is."""

    REQUEST = auto()
    CONNECTING = auto()
    RESPONSE = auto()
    REFUSED = auto()
    OPEN = auto()
    CLOSING = auto()
    DONE = auto()


class Leg(asyncio.BufferedProtocol):
    """The connection with one of the two sides."""

    def __init__(self, link: Link, role: str, buffer: bytearray) -> None:
        self._link, self._role, self._buffer = link, role, buffer
        self.transport: asyncio.Transport | None = None
        self.ended = False
        self._finished = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._link.made(self._role)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002
        """Lend the tap's one buffer: it is read out before anything else happens."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Hand on what came."""
        self._link.received(self._role, bytes(memoryview(self._buffer)[:nbytes]))

    def eof_received(self) -> bool:
        """Hand on the end of the stream; a plain connection stays open for writing."""
        self.ended = True
        self._link.eof(self._role)
        return self.transport is not None and self.transport.can_write_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        """Hand on the end of the connection."""
        self.transport = None
        self._link.lost(self._role, exc, in_order=self.ended)

    def pause_writing(self) -> None:
        """Stop the other side from sending more than this one takes."""
        self._link.pressed(self._role, full=True)

    def resume_writing(self) -> None:
        """Let the other side send again."""
        self._link.pressed(self._role, full=False)

    def write(self, data: bytes) -> None:
        """Send octets; nothing happens when the connection is gone."""
        if self.transport and not self._finished and not self.transport.is_closing():
            self.transport.write(data)

    def finish(self) -> None:
        """Send no more: half-close where the transport can, else close."""
        if self.transport and not self._finished and not self.transport.is_closing():
            self._finished = True
            if self.transport.can_write_eof() and not self.ended:
                self.transport.write_eof()
            else:
                self.transport.close()

    def close(self) -> None:
        """Close after what was written has been sent."""
        if self.transport:
            self.transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self.transport:
            self.transport.abort()

    def reset(self) -> None:
        """Close at once, so that the other side sees a reset."""
        if self.transport:
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.transport.abort()

    def read(self, *, on: bool) -> None:
        """Read from this side, or let it wait."""
        if self.transport and not self.transport.is_closing():
            if on:
                self.transport.resume_reading()
            else:
                self.transport.pause_reading()

    def tls(self) -> dict[str, Json]:
        """Return what was negotiated on a TLS connection."""
        tls = self.transport.get_extra_info("ssl_object") if self.transport else None
        if not tls:
            return {}
        cipher, peer = tls.cipher(), tls.getpeercert()
        detail: dict[str, Json] = {"version": tls.version(), "cipher": cipher[0] if cipher else None}
        if peer:
            subject = {key: value for part in peer.get("subject", ()) for key, value in part}
            detail["client_certificate"] = {"subject": subject, "serial": str(peer.get("serialNumber", ""))}
        return detail


class Link:
    """A connection of the client's, and the one to the server that belongs to it.

    Args:
        owner: the tap.
    """

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._loop = asyncio.get_running_loop()
        self.id, self.identity, self.state = "", "", State.REQUEST
        self._client, self._server = owner.parties.client, owner.parties.server
        self.legs = {self._client: Leg(self, self._client, owner.buffer)}
        self._unread = {self._client: b"", self._server: b""}
        self._request: Head | None = None
        self._readers: dict[str, Reader] = {}
        self._stages: Stages | None = None
        self._timers: set[asyncio.TimerHandle] = set()
        self._connecting: asyncio.Task[None] | None = None

    @property
    def stages(self) -> Stages:
        """The stages of an open link."""
        assert self._stages is not None, "the link is not open"
        return self._stages

    # From the legs.

    def made(self, role: str) -> None:
        """The connection with a role stands."""
        if role == self._server:
            return
        match self._owner.begun(self):
            case "refuse":
                self._refused(TAP, "the tap is cut")
                self.reset()
            case "silent":
                self.legs[role].read(on=False)
            case _:
                self._timer(self._owner.limits.upgrade, self._overdue)

    def received(self, role: str, data: bytes) -> None:
        """Take octets from a role."""
        if self.state in (State.OPEN, State.CLOSING):
            t = round(self._owner.recorder.now, 6)
            for unit in self._readers[role].feed(data):
                if self.state is State.OPEN:
                    self.stages.arrived(role, unit, t)
                elif unit.kind == "close":
                    self.legs[role].close()
        elif role == self._server and self.state is State.REFUSED:
            self.write(self._client, data)
        else:
            self._unread[role] += data
            if role == self._client and self.state in (State.REQUEST, State.REFUSED):
                self._read_request()
            elif role == self._server and self.state is State.RESPONSE:
                self._read_response()
            elif len(self._unread[role]) > MAX_HEAD:
                self.legs[role].read(on=False)

    def eof(self, role: str) -> None:
        """A role sends no more."""
        other = self._owner.parties.other(role)
        if self.state is State.OPEN:
            if rest := self._readers[role].rest():
                self.stages.arrived(role, rest)
            self.stages.ended(role)
        elif self.state is State.RESPONSE and role == self._server:
            self._refused(role, "it closed the connection without an answer")
        elif self.state in (State.REQUEST, State.CONNECTING, State.RESPONSE):
            self._refused(role, "it left before the upgrade was done")
            self._drop()
            return
        elif self.state is State.CLOSING:
            self.legs[role].close()
            return
        if leg := self.legs.get(other):
            leg.finish()

    def lost(self, role: str, exc: Exception | None, *, in_order: bool) -> None:
        """The connection with a role is no more."""
        if not in_order and self.state not in (State.CLOSING, State.DONE):
            self.eof(role)
        other = self.legs.get(self._owner.parties.other(role))
        if other and other.transport:
            if exc:
                other.reset()
            else:
                other.close()
        elif not self._connecting or role == self._server:
            self._done()

    def pressed(self, role: str, *, full: bool) -> None:
        """A role takes its octets more slowly than the other sends them, or has caught up."""
        if leg := self.legs.get(self._owner.parties.other(role)):
            leg.read(on=not full)

    # The upgrade.

    def _read_request(self) -> None:
        raw = self._head(self._client)
        if raw is None:
            if len(self._unread[self._client]) > MAX_HEAD:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"the request head is longer than {MAX_HEAD} octets")
            return
        try:
            self._request = request_head(raw)
        except BadHead as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
            return
        if not self.id:
            self.identity = identity_of(self._request.start[1])
            self.id = self._owner.name_link(self.identity)
        if self._server in self.legs:
            self._ask()
        else:
            self.state = State.CONNECTING
            self._connecting = self._loop.create_task(self._connect())

    async def _connect(self) -> None:
        target, reason = self._owner.target, ""
        try:
            async with asyncio.timeout(self._owner.limits.upgrade):
                leg = Leg(self, self._server, self._owner.buffer)
                await self._loop.create_connection(lambda: leg, target.host, target.port, ssl=target.tls)
        except TimeoutError:
            reason = f"no connection within {self._owner.limits.upgrade:g} s"
        except OSError as error:
            reason = str(error)
            if isinstance(error, ssl.SSLError):
                self._event("tls", "", {"with": self._server, "reason": reason})
        self._connecting = None
        if reason:
            self._refuse(HTTPStatus.BAD_GATEWAY, f"{target.host}:{target.port} cannot be reached: {reason}")
            return
        self.legs[self._server] = leg
        self._ask()

    def _ask(self) -> None:
        assert self._request is not None
        self.state = State.RESPONSE
        self.write(self._server, self._request.with_host(self._owner.target.authority))

    def _read_response(self) -> None:
        assert self._request is not None
        raw = self._head(self._server)
        if raw is None:
            if len(self._unread[self._server]) <= MAX_HEAD:
                return
            raw = self._take(self._server)
        try:
            response = response_head(raw)
        except BadHead as error:
            self._refused(self._server, str(error))
            self.state = State.REFUSED
            self.write(self._client, raw + self._take(self._server))
            return
        self.write(self._client, raw)
        if response.status == HTTPStatus.SWITCHING_PROTOCOLS:
            self._open(response)
        elif response.status >= 200:
            self.state = State.REFUSED
            detail = described(self._request, response, self.legs[self._client].tls())
            self._event("refused", self._server, detail)
            self.write(self._client, self._take(self._server))

    def _open(self, response: Head) -> None:
        assert self._request is not None
        owner, parties = self._owner, self._owner.parties
        protocol = owner.dialect.protocol(response.first("sec-websocket-protocol"))
        inflater = dict(zip((self._client, self._server), inflaters(response), strict=True))
        self._readers = {
            role: Reader(masked=role == self._client, limit=owner.limits.message, inflater=inflater[role]) for role in inflater
        }
        self._stages = Stages(
            self.id, parties, owner.recorder, owner.wall, owner.program, owner.dialect.labeller(), self, owner.limits.message
        )
        self.state = State.OPEN
        self._cancel()
        detail = described(self._request, response, self.legs[self._client].tls())
        self._event("open", self._client, detail, protocol)
        owner.changed(self)
        for role, leg in self.legs.items():
            leg.read(on=True)
            if unread := self._take(role):
                self.received(role, unread)

    def _head(self, role: str) -> bytes | None:
        match = _END.search(self._unread[role])
        if not match:
            return None
        raw, self._unread[role] = self._unread[role][: match.end()], self._unread[role][match.end() :]
        return raw

    def _take(self, role: str) -> bytes:
        data, self._unread[role] = self._unread[role], b""
        return data

    def _refuse(self, status: HTTPStatus, reason: str) -> None:
        """Answer the client in the server's place, because it cannot be asked."""
        self._refused(TAP, reason, status)
        body = f"v2x tap: {reason}\n".encode()
        head = f"HTTP/1.1 {status} {status.phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        self.write(self._client, f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        self.state = State.CLOSING
        self._readers = {self._client: Reader(masked=True), self._server: Reader(masked=False)}
        for leg in self.legs.values():
            leg.finish()
        self._timer(self._owner.limits.close, self._drop)

    def _refused(self, by: str, reason: str, status: int = 0) -> None:
        detail: dict[str, Json] = described(self._request, None, self.legs[self._client].tls()) if self._request else {}
        self._event("refused", by, {**detail, "status": int(status), "reason": reason})

    def _overdue(self) -> None:
        if self.state is State.REQUEST:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"no request within {self._owner.limits.upgrade:g} s")
        elif self.state is State.RESPONSE:
            self._refuse(HTTPStatus.GATEWAY_TIMEOUT, f"the {self._server} did not answer within {self._owner.limits.upgrade:g} s")

    # What the stages do to the world.

    def write(self, to: str, wire: bytes) -> None:
        """Send octets to a role."""
        if leg := self.legs.get(to):
            leg.write(wire)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something after some seconds, unless the link has ended by then."""
        self._timer(seconds, lambda: action() if self.state is State.OPEN else None)

    def close(self, code: int) -> None:
        """Close the link in order towards both sides."""
        if self.state is not State.OPEN:
            self._drop()
            return
        self.state = State.CLOSING
        for role, leg in self.legs.items():
            leg.write(close_frame(code, mask=role == self._server))
            leg.read(on=True)
        self._timer(self._owner.limits.close, self._drop)

    def reset(self) -> None:
        """Abort the link towards both sides."""
        self._drop(reset=True)

    def _drop(self, *, reset: bool = False) -> None:
        self.state = State.CLOSING
        for leg in tuple(self.legs.values()):
            if reset:
                leg.reset()
            else:
                leg.abort()
        if self._connecting:
            self._connecting.cancel()
            self._connecting = None
            self._done()

    def _done(self) -> None:
        if self.state is not State.DONE:
            self.state = State.DONE
            self._cancel()
            self._owner.changed(self)

    def _timer(self, seconds: float, action: Callable[[], None]) -> None:
        def run() -> None:
            self._timers.discard(handle)
            action()

        handle = self._loop.call_later(seconds, run)
        self._timers.add(handle)

    def _cancel(self) -> None:
        for handle in self._timers:
            handle.cancel()
        self._timers.clear()

    def _event(self, event: Literal["open", "refused", "tls"], by: str, detail: dict[str, Json], protocol: str = "") -> None:
        link = self.id or self._owner.name_link("?")
        self._owner.recorder.record(LinkEvent(link=link, event=event, by=by, protocol=protocol, detail=detail))
