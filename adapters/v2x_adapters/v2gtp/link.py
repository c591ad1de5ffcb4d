"""One connection through the tap: an EVCC's, and the one to the SECC that belongs to it, each with or without TLS."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, Protocol

from v2x_architecture.iso15118.evcc.client import SeccAddress
from v2x_architecture.iso15118.tcp import ConnectFailed, open_stream
from v2x_architecture.iso15118.udp import NotFound
from v2x_architecture.streams import TcpStream, TlsStream
from v2x_harness.events import Json, LinkEvent
from v2x_harness.journal import Recorder

from v2x_adapters.capture.packets import End
from v2x_adapters.capture.pcapng import Flow
from v2x_adapters.lanes import Lane
from v2x_adapters.stages import TAP, Parties, Program
from v2x_adapters.timers import Timers
from v2x_adapters.tls import described
from v2x_adapters.toxics import Conditions
from v2x_adapters.v2gtp.reading import Reading
from v2x_adapters.v2gtp.stages import V2gtpStages
from v2x_adapters.v2gtp.units import Splitter

type Stream = TcpStream | TlsStream

EVCC, SECC = "evcc", "secc"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a tap puts up with.

    Attributes:
        message: octets of a payload that are held and decoded; a longer one passes unseen.
        connect: seconds that a handshake, and finding and reaching the SECC, may take.
        close: seconds that a side gets to end the connection after the other has.
    """

    message: int = 1 << 20
    connect: float = 20.0
    close: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a connection goes on to.

    Attributes:
        host, port: of the SECC.
        scope: index of the interface that a link-local address belongs to; 0 for none.
        secure: whether the SECC wants TLS there.
    """

    host: str
    port: int
    scope: int = 0
    secure: bool = False


class Owner(Protocol):
    """What a link needs of its tap."""

    recorder: Recorder
    parties: Parties
    program: Program
    limits: Limits
    target: SeccAddress

    def wall(self) -> str:
        """Return the wall time."""
        ...

    def conditions(self) -> Conditions:
        """Return the conditions of the network for a new link."""
        ...

    def begun(self, link: Link) -> Literal["", "refuse", "silent"]:
        """An EVCC has connected: say how the tap is cut at present."""
        ...

    async def mended(self) -> None:
        """Wait until the tap is not cut any more."""
        ...

    def changed(self, link: Link) -> None:
        """A link was opened, or is gone."""
        ...

    def flow(self, role: str, client: End, server: End) -> Flow | None:
        """Return where the capture keeps a connection, if there is a capture."""
        ...

    async def whereabouts(self) -> Target:
        """Return where the SECC is.

        Raises:
            NotFound: it does not answer over SDP.
            OSError: the interface cannot be had.
        """
        ...


class _Side:
    """One of the two connections of a link.

    Args:
        stream: of it.
        flow: where the capture keeps it; None without one.
        by_client: whether the role at the other end is the one that connected.
    """

    def __init__(self, stream: Stream, flow: Flow | None, *, by_client: bool) -> None:
        self.stream, self.by_client = stream, by_client
        self._flow = flow
        self.lane: Lane | None = None
        self.free = asyncio.Event()
        self.free.set()

    def came(self, data: bytes) -> None:
        """Octets came from the role."""
        if self._flow is not None:
            self._flow.send(data, by_client=self.by_client)

    def write(self, data: bytes) -> None:
        """Send octets to the role."""
        if not self.stream.is_closing():
            # A peer that is gone is noticed by who reads from it.
            with contextlib.suppress(OSError):
                self.stream.write(data)
            if self._flow is not None:
                self._flow.send(data, by_client=not self.by_client)

    def finish(self) -> None:
        """Send no more to the role."""
        with contextlib.suppress(OSError):
            self.stream.end()
        self.over(by_role=False)

    def over(self, *, by_role: bool, reset: bool = False) -> None:
        """Tell the capture who ends the connection."""
        if self._flow is not None and reset:
            self._flow.reset(by_client=self.by_client is by_role)
        elif self._flow is not None:
            self._flow.end(by_client=self.by_client is by_role)


class Link:
    """A connection of an EVCC's, and the one to the SECC that belongs to it.

    Args:
        owner: the tap.
        id: of the link.
        reader, writer: of the EVCC's connection.
        tls: context that it is met with; None for no TLS.
        untouched: pass octets on as they are: what is in them is TLS between the two.
    """

    def __init__(
        self,
        owner: Owner,
        id: str,  # noqa: A002  (the field's name)
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        tls: ssl.SSLContext | None = None,
        *,
        untouched: bool = False,
    ) -> None:
        self.id, self.open = id, False
        self._owner, self._reader, self._writer, self._tls, self._untouched = owner, reader, writer, tls, untouched
        self._loop = asyncio.get_running_loop()
        self._sides: dict[str, _Side] = {}
        self._streams: list[Stream] = []
        self._over = asyncio.Event()
        self._aborted = False
        self._ended: set[str] = set()
        self._timers = Timers()
        self._conditions = Conditions()
        self._splitters = {role: Splitter(owner.limits.message) for role in (EVCC, SECC)}
        self.stages = V2gtpStages(id, owner.parties, owner.recorder, owner.wall, owner.program, Reading(), self)

    async def run(self) -> None:
        """Live from the connection of the EVCC to the end of both."""
        try:
            match self._owner.begun(self):
                case "refuse":
                    self._refused("the tap is cut")
                    self._aborted = True
                case "silent":
                    await self._owner.mended()
                    await self._live()
                case _:
                    await self._live()
        finally:
            self.open = False
            self._timers.cancel()
            for side in self._sides.values():
                if side.lane is not None:
                    side.lane.clear()
            await self._hang_up()
            self._owner.changed(self)

    async def _live(self) -> None:
        near = await self._meet()
        if near is None:
            return
        far = await self._reach()
        if far is None:
            return
        self._sides = {
            EVCC: _Side(near, self._flow(EVCC, near), by_client=True),
            SECC: _Side(far, self._flow(SECC, far), by_client=False),
        }
        detail: dict[str, Json] = {"peer": _named(near, "peername"), "secc": _named(far, "peername")}
        for stream, name in ((near, "tls"), (far, "secc_tls")):
            if isinstance(stream, TlsStream):
                detail[name] = described(stream.object)
        if self._untouched:
            detail["untouched"] = True
        self._owner.recorder.record(LinkEvent(link=self.id, event="open", by=EVCC, protocol="iso15118", detail=detail))
        self.open = True
        self.weather(self._owner.conditions())
        self._owner.changed(self)
        await self._splice()

    async def _meet(self) -> Stream | None:
        """Greet the EVCC, with TLS where that is wanted."""
        if self._tls is None:
            plain = TcpStream(self._reader, self._writer)
            self._streams.append(plain)
            return plain
        secure = TlsStream(self._reader, self._writer, self._tls, server=True)
        self._streams.append(secure)
        try:
            async with asyncio.timeout(self._owner.limits.connect):
                await secure.handshake()
        except (OSError, TimeoutError) as error:
            self._handshake_failed(EVCC, _reason(error))
            return None
        return secure

    async def _reach(self) -> Stream | None:
        """Connect to the SECC."""
        owner = self._owner
        try:
            async with asyncio.timeout(owner.limits.connect):
                where = await owner.whereabouts()
                if where.secure and owner.target.tls is None and not self._untouched:
                    self._refused("the SECC wants TLS, and the tap has none for it")
                    return None
                tls = owner.target.tls if where.secure and not self._untouched else None
                stream = await open_stream(where.host, where.port, tls, scope=where.scope)
        except TimeoutError:
            self._refused(f"the SECC was not reached within {owner.limits.connect:g} s")
        except ConnectFailed as error:
            if error.tls:
                self._handshake_failed(SECC, str(error))
            self._refused(str(error))
        except (NotFound, OSError) as error:
            self._refused(str(error))
        else:
            self._streams.append(stream)
            return stream
        return None

    def _flow(self, role: str, stream: Stream) -> Flow | None:
        own, peer = stream.address("sockname"), stream.address("peername")
        client, server = (peer, own) if role == EVCC else (own, peer)
        return self._owner.flow(role, client, server)

    def _handshake_failed(self, role: str, reason: str) -> None:
        by = role if "ALERT" in reason else ""
        detail: dict[str, Json] = {"with": role, "reason": reason}
        self._owner.recorder.record(LinkEvent(link=self.id, event="tls", by=by, detail=detail))

    def _refused(self, reason: str) -> None:
        self._owner.recorder.record(LinkEvent(link=self.id, event="refused", by=TAP, detail={"reason": reason}))

    async def _splice(self) -> None:
        """Let octets through until both sides have sent their last, or the tap ends it."""
        pumps = {asyncio.create_task(self._pump(role)) for role in (EVCC, SECC)}
        over = asyncio.create_task(self._over.wait())
        waiting = {*pumps, over}
        try:
            _, left = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not self._over.is_set():
                # One side's end has arrived at the other, which gets some time to end as well.
                _, left = await asyncio.wait(left, timeout=self._owner.limits.close, return_when=asyncio.FIRST_COMPLETED)
            if not self._over.is_set() and self._ended == {EVCC, SECC} and left & pumps:
                # It has, and what it said before is given the time that it takes.
                await asyncio.wait(left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.wait(waiting)
        for pump in pumps:
            if not pump.cancelled():
                pump.result()

    async def _pump(self, role: str) -> None:
        """Take what a role sends, until it has sent its last."""
        side, other = self._sides[role], self._sides[self._owner.parties.other(role)]
        splitter, recorder = self._splitters[role], self._owner.recorder
        reason = ""
        try:
            while data := await side.stream.read():
                t = round(recorder.now, 6)
                side.came(data)
                if self._untouched:
                    self.write(self._owner.parties.other(role), data)
                else:
                    for unit in splitter.feed(data):
                        self.stages.arrived(role, unit, t)
                await other.free.wait()
                with contextlib.suppress(OSError):
                    await other.stream.drain()
        except OSError as error:
            reason, self._aborted = _reason(error), not isinstance(error, ssl.SSLEOFError)
        if self._over.is_set():
            return
        if rest := splitter.rest():
            self.stages.arrived(role, rest)
        self.stages.ended(role, reason=reason)
        side.over(by_role=True, reset=self._aborted)
        if self._aborted:
            self._over.set()
        else:
            self._ended.add(role)
            arrived = asyncio.Event()
            self._after_all(role, other.finish)
            self._after_all(role, arrived.set)
            await arrived.wait()

    async def _hang_up(self) -> None:
        for stream in self._streams:
            if self._aborted:
                stream.abort()
        for side in self._sides.values():
            side.over(by_role=False, reset=self._aborted)
        for stream in self._streams or (TcpStream(self._reader, self._writer),):
            with contextlib.suppress(OSError):
                await stream.close()

    # What the stages do to the world.

    def write(self, to: str, wire: bytes) -> None:
        """Send octets to a role."""
        side = self._sides.get(to)
        if side is None or self._over.is_set():
            return
        sender = self._owner.parties.other(to)
        if not (self._conditions or side.lane):
            side.write(wire)
            return
        passing = self._conditions.admitted(sender, len(wire))
        at = self._conditions.release(sender, passing, self._loop.time())
        size = self._conditions.fragment(sender) or passing or 1
        gap = self._conditions.gap(sender)
        for count, start in enumerate(range(0, passing, size)):
            self._lane(side).put(at + count * gap, wire[start : min(start + size, passing)])
        if passing < len(wire):
            self.stages.ended(TAP, reason="limit")
            self._over.set()

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something after some seconds, unless the link has ended by then."""
        self._timers.after(seconds, lambda: None if self._over.is_set() else action())

    def close(self, code: int) -> None:
        """Close the link in order towards both sides."""
        del code
        self._over.set()

    def reset(self) -> None:
        """Abort the link towards both sides."""
        self._aborted = True
        self._over.set()

    # From the tap.

    def weather(self, conditions: Conditions) -> None:
        """Set the conditions of the network; what is under way arrives as it would have."""
        self._conditions = self.stages.conditions = conditions
        self._timers.end(conditions, reset=partial(self.stages.reset, TAP, "reset"), close=self._timed_out)

    def _timed_out(self) -> None:
        self.stages.ended(TAP, reason="timeout")
        self._over.set()

    def _after_all(self, sender: str, action: Callable[[], None]) -> None:
        """Do something after what a role has sent has arrived."""
        side, linger = self._sides[self._owner.parties.other(sender)], self._conditions.linger(sender)
        if side.lane or linger:
            self._lane(side).put(self._conditions.release(sender, 0, self._loop.time()) + linger, action)
        else:
            action()

    def _lane(self, side: _Side) -> Lane:
        if side.lane is None:
            side.lane = Lane(side.write, lambda full: side.free.clear() if full else side.free.set())
        return side.lane


def _reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLEOFError):
        return "the TCP connection ended before TLS did"
    return getattr(error, "reason", None) or str(error) or "no answer in time"


def _named(stream: Stream, which: Literal["sockname", "peername"]) -> str:
    host, port = stream.address(which)
    return f"[{host}]:{port}" if host.version == 6 else f"{host}:{port}"
