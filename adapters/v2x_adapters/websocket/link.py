"""One link through the tap: two legs, the upgrade between them, and the frames after it."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from http import HTTPStatus
from typing import Literal, Protocol

from v2x_harness.events import Json, LinkEvent
from v2x_harness.journal import Recorder

from v2x_adapters.lanes import Lane
from v2x_adapters.stages import TAP, Parties, Program
from v2x_adapters.timers import Timers
from v2x_adapters.toxics import Conditions
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
from v2x_adapters.websocket.leg import Leg
from v2x_adapters.websocket.stages import WebSocketStages
from v2x_adapters.websocket.wire import Reader, close_frame

_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where the tap connects on to.

    Attributes:
        host, port: address.
        authority: what stands in the Host field.
        suffix: what the server wants behind the identity, although the client does not send it.
        tls: context of a client; None for no TLS.
    """

    host: str
    port: int
    authority: str
    suffix: str = ""
    tls: ssl.SSLContext | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a tap puts up with.

    Attributes:
        message: octets of a message that are held, labelled, steered and recorded; of a larger one the rest passes unseen.
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
    buffer: memoryview

    def wall(self) -> str:
        """Return the wall time."""
        ...

    def name_link(self, identity: str) -> str:
        """Return an id for a new link."""
        ...

    def conditions(self) -> Conditions:
        """Return the conditions of the network for a new link."""
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
        self._stages: WebSocketStages | None = None
        self._timers = Timers()
        self._connecting: asyncio.Task[None] | None = None
        self._conditions = Conditions()
        self._lanes: dict[str, Lane] = {}
        # Why a side is not read from at present.
        self._waits: dict[str, set[str]] = {self._client: set(), self._server: set()}

    @property
    def stages(self) -> WebSocketStages:
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
                self._wait(role, "cut", on=True)
            case _:
                self._timers.after(self._owner.limits.upgrade, self._overdue)

    def received(self, role: str, data: bytes) -> None:
        """Take octets from a role."""
        if self.state is State.OPEN:
            t = round(self._owner.recorder.now, 6)
            for unit in self._readers[role].feed(data):
                if self.state is State.OPEN:
                    self.stages.arrived(role, unit, t)
        elif self.state is State.CLOSING:
            # All that is still waited for is the answer to the tap's own close frame.
            if role in self._readers and any(unit.kind == "close" for unit in self._readers[role].feed(data)):
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
                self._wait(role, "unread", on=True)

    def wants(self, role: str) -> int:
        """Return how many octets are still missing of a role's frame under way."""
        reader = self._readers.get(role)
        return reader.wants if reader else 0

    def eof(self, role: str) -> None:
        """A role sends no more."""
        other = self._owner.parties.other(role)
        if self.state is State.OPEN:
            if rest := self._readers[role].rest():
                self.stages.arrived(role, rest)
            self.stages.ended(role)
        elif self.state is State.RESPONSE and role == self._server:
            self._refused(role, "it closed the connection without an answer")
            self.state = State.CLOSING
            self.write(self._client, self._take(role))
        elif self.state in (State.REQUEST, State.CONNECTING, State.RESPONSE):
            self._refused(role, "it left before the upgrade was done")
            self._drop()
            return
        elif self.state is State.CLOSING:
            self.legs[role].close()
            return
        self._finish(other)

    def lost(self, role: str, exc: Exception | None, *, in_order: bool) -> None:
        """The connection with a role is no more."""
        if not in_order and self.state not in (State.CLOSING, State.DONE):
            self.eof(role)
        other = self.legs.get(self._owner.parties.other(role))
        if other and other.transport:
            if exc:
                other.reset()
            else:
                self._finish(self._owner.parties.other(role), close=True)
        elif not self._connecting or role == self._server:
            self._done()

    def pressed(self, role: str, *, full: bool) -> None:
        """A role takes its octets more slowly than the other sends them, or has caught up."""
        self._wait(self._owner.parties.other(role), "written", on=full)

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
                shutdown = self._owner.limits.close if target.tls else None
                await self._loop.create_connection(
                    lambda: leg, target.host, target.port, ssl=target.tls, ssl_shutdown_timeout=shutdown
                )
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
        self.write(self._server, self._request.to(self._owner.target.authority, self._owner.target.suffix))

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
            self._event("refused", self._server, self._described(response))
            self.write(self._client, self._take(self._server))

    def _open(self, response: Head) -> None:
        assert self._request is not None
        owner, parties = self._owner, self._owner.parties
        protocol = owner.dialect.protocol(response.first("sec-websocket-protocol"))
        inflater = dict(zip((self._client, self._server), inflaters(response), strict=True))
        self._readers = {
            role: Reader(masked=role == self._client, limit=owner.limits.message, inflater=inflater[role]) for role in inflater
        }
        self._stages = WebSocketStages(
            self.id, parties, owner.recorder, owner.wall, owner.program, owner.dialect.labeller(), self, owner.limits.message
        )
        self.state = State.OPEN
        self._timers.cancel()
        self.weather(owner.conditions())
        self._event("open", self._client, self._described(response), protocol)
        owner.changed(self)
        for role in self.legs:
            self._wait(role, "unread", on=False)
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
        for leg in self.legs.values():
            leg.finish()
        self._timers.after(self._owner.limits.close, self._drop)

    def _refused(self, by: str, reason: str, status: int = 0) -> None:
        self._event("refused", by, {**self._described(None), "status": int(status), "reason": reason})

    def _described(self, response: Head | None) -> dict[str, Json]:
        detail = described(self._request, response) if self._request else {}
        for role, name in ((self._client, "tls"), (self._server, "server_tls")):
            if role in self.legs and (tls := self.legs[role].tls()):
                detail[name] = tls
        if suffix := self._owner.target.suffix:
            detail["server_suffix"] = suffix
        return detail

    def _overdue(self) -> None:
        if self.state is State.REQUEST:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, f"no request within {self._owner.limits.upgrade:g} s")
        elif self.state is State.RESPONSE:
            self._refuse(HTTPStatus.GATEWAY_TIMEOUT, f"the {self._server} did not answer within {self._owner.limits.upgrade:g} s")

    # What the stages do to the world.

    def write(self, to: str, wire: bytes) -> None:
        """Send octets to a role."""
        if leg := self.legs.get(to):
            if self._conditions or self._lanes:
                self._write_slowly(to, wire)
            else:
                leg.write(wire)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something after some seconds, unless the link has ended by then."""
        self._timers.after(seconds, lambda: action() if self.state is State.OPEN else None)

    def close(self, code: int) -> None:
        """Close the link in order towards both sides."""
        if self.state is not State.OPEN:
            self._drop()
            return
        self.state = State.CLOSING
        for role, leg in self.legs.items():
            leg.write(close_frame(code, mask=role == self._server))
            leg.read(on=True)
        self._timers.after(self._owner.limits.close, self._drop)

    def reset(self) -> None:
        """Abort the link towards both sides."""
        self._drop(reset=True)

    # From the tap.

    def mend(self) -> None:
        """Read from a client that was kept waiting while the tap was cut."""
        self._wait(self._client, "cut", on=False)

    def weather(self, conditions: Conditions) -> None:
        """Set the conditions of the network; what is under way arrives as it would have."""
        self._conditions = self.stages.conditions = conditions
        self._timers.end(conditions, reset=partial(self.stages.reset, TAP, "reset"), close=self._hang_up)

    def _hang_up(self, reason: str = "timeout") -> None:
        """Close both connections as they are, without a close frame."""
        self.stages.ended(TAP, reason=reason)
        self.state = State.CLOSING
        for role in self.legs:
            self._finish(role, close=True)
        self._timers.after(self._owner.limits.close, self._drop)

    def _write_slowly(self, to: str, wire: bytes) -> None:
        sender = self._owner.parties.other(to)
        passing = self._conditions.admitted(sender, len(wire))
        lane = self._lanes.get(to)
        if not lane:
            crowded = partial(self._crowded, sender)
            lane = self._lanes[to] = Lane(self.legs[to].write, crowded)
        lane.put(self._conditions.release(sender, passing, self._loop.time()), wire[:passing])
        if not (lane or self._conditions):
            del self._lanes[to]
        if passing < len(wire) and self.state is State.OPEN:
            self._hang_up("limit")

    def _crowded(self, role: str, full: bool) -> None:
        self._wait(role, "under way", on=full)

    def _wait(self, role: str, why: str, *, on: bool) -> None:
        waits = self._waits[role]
        before = bool(waits)
        if on:
            waits.add(why)
        else:
            waits.discard(why)
        if before != bool(waits) and role in self.legs:
            self.legs[role].read(on=not waits)

    def _finish(self, role: str, *, close: bool = False) -> None:
        """Pass on the end of the stream to a role, after what is under way."""
        leg, lane = self.legs.get(role), self._lanes.get(role)
        if not leg:
            return
        action = leg.close if close else leg.finish
        linger = self._conditions.linger(self._owner.parties.other(role))
        if lane or linger:
            lane = lane or Lane(leg.write, partial(self._crowded, self._owner.parties.other(role)))
            self._lanes[role] = lane
            lane.put(self._conditions.release(self._owner.parties.other(role), 0, self._loop.time()) + linger, action)
        else:
            action()

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
            self._timers.cancel()
            for lane in self._lanes.values():
                lane.clear()
            self._owner.changed(self)

    def _event(self, event: Literal["open", "refused", "tls"], by: str, detail: dict[str, Json], protocol: str = "") -> None:
        link = self.id or self._owner.name_link("?")
        self._owner.recorder.record(LinkEvent(link=link, event=event, by=by, protocol=protocol, detail=detail))
