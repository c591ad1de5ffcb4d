"""SDP through the tap: what an EVCC asks goes on to the SECC, whose answer comes back with the tap's address in it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol

from v2x_architecture.iso15118.evcc.client import SeccAddress
from v2x_architecture.iso15118.sdp import Request, Responder, Response, SdpError, Security, decode_response
from v2x_architecture.iso15118.udp import Address, Datagrams, answering, asking, discover, scope_of
from v2x_harness.journal import Recorder

from v2x_adapters.capture.packets import End, address
from v2x_adapters.stages import Parties, Program
from v2x_adapters.toxics import Conditions
from v2x_adapters.v2gtp.reading import Reading
from v2x_adapters.v2gtp.stages import V2gtpStages
from v2x_adapters.v2gtp.units import of_datagram

EVCC, SECC = "evcc", "secc"

type Keep = Callable[[str, End, End, bytes], None]
"""Keeps a datagram on one side of the tap in the capture."""


class Owner(Protocol):
    """What the relay needs of its tap."""

    recorder: Recorder
    parties: Parties
    program: Program
    target: SeccAddress

    def wall(self) -> str:
        """Return the wall time."""
        ...


class SdpRelay:
    """Answers EVCCs for the tap, and asks the SECC.

    Where the SECC's port is known beforehand, nobody is asked: the answer is the tap's own, and the journal marks it so.

    Args:
        owner: the tap.
        own: the answer of the tap: its address and ports.
        keep: keeps datagrams; None without a capture.
    """

    def __init__(self, owner: Owner, own: Responder, keep: Keep | None) -> None:
        self.own = own
        self.heard: Response | None = None
        """What the SECC answered last."""
        self._owner, self._keep = owner, keep
        self._near: asyncio.DatagramTransport | None = None
        self._far: asyncio.DatagramTransport | None = None
        self._asker: Address | None = None
        self._target: Address = ("::1", 0, 0, 0)
        self._scope = 0
        self._timers: set[asyncio.TimerHandle] = set()
        self.stages = V2gtpStages("sdp", owner.parties, owner.recorder, owner.wall, owner.program, Reading(), self)

    async def start(self, interface: str | None, host: str, port: int) -> int:
        """Begin to listen; return the UDP port.

        Raises:
            OSError: an interface or the port cannot be had.
        """
        loop, target = asyncio.get_running_loop(), self._owner.target
        near = answering(interface, host, port)
        self._scope = scope_of(interface) if interface is not None else 0
        self._near, _ = await loop.create_datagram_endpoint(lambda: Datagrams(self._from_evcc), sock=near)
        if target.port is None:
            far, self._target = asking(target.interface, target.host, target.sdp_port)
            self._far, _ = await loop.create_datagram_endpoint(lambda: Datagrams(partial(self._take, SECC)), sock=far)
        return int(near.getsockname()[1])

    async def stop(self) -> None:
        """Listen no more."""
        for timer in self._timers:
            timer.cancel()
        for transport in (self._near, self._far):
            if transport is not None:
                transport.close()
        self._near = self._far = None
        # Transports close their sockets in the loop's next turn.
        await asyncio.sleep(0)

    async def ask(self) -> Response:
        """Find the SECC for an EVCC that has not asked.

        Raises:
            NotFound: it does not answer.
            OSError: the interface cannot be had.
        """
        target = self._owner.target
        request = Request(Security.TLS if target.tls is not None else Security.NONE)
        self.heard = await discover(request, target.interface, host=target.host, port=target.sdp_port)
        return self.heard

    def weather(self, conditions: Conditions) -> None:
        """Set the conditions of the network."""
        self.stages.conditions = conditions

    def _from_evcc(self, datagram: bytes, sender: Address) -> None:
        if self._scope and sender[3] != self._scope:
            # What the tap asks on the SECC's interface comes back to every socket of this machine that hears multicast.
            return
        self._asker = sender
        self._take(EVCC, datagram, sender)

    def _take(self, role: str, datagram: bytes, sender: Address) -> None:
        if self._keep is not None:
            transport = self._near if role == EVCC else self._far
            self._keep(role, _end(sender), _own_end(transport), datagram)
        if role == SECC:
            try:
                self.heard = decode_response(datagram)
            except SdpError:
                # The EVCC is to see it all the same; the journal says what it is.
                self.heard = None
        self.stages.arrived(role, of_datagram(datagram), round(self._owner.recorder.now, 6))

    # What the stages do to the world.

    def write(self, to: str, wire: bytes) -> None:
        """Send a datagram to a role."""
        if to == EVCC:
            self._send(EVCC, self._near, self._translated(wire), self._asker)
        elif self._far is not None:
            self._send(SECC, self._far, wire, self._target)
        else:
            try:
                answer = self.own.answer(wire)
            except SdpError:
                # An SECC does not answer what is no request.
                return
            if answer is not None:
                self.stages.inject(EVCC, answer)

    def later(self, seconds: float, action: Callable[[], None]) -> None:
        """Do something after some seconds, unless the tap has stopped by then."""

        def run() -> None:
            self._timers.discard(handle)
            action()

        handle = asyncio.get_running_loop().call_later(seconds, run)
        self._timers.add(handle)

    def close(self, code: int) -> None:
        """There is nothing to close."""

    def reset(self) -> None:
        """There is nothing to abort."""

    def _send(self, role: str, transport: asyncio.DatagramTransport | None, wire: bytes, to: Address | None) -> None:
        if transport is None or to is None:
            return
        transport.sendto(wire, to)
        if self._keep is not None:
            self._keep(role, _own_end(transport), _end(to), wire)

    def _translated(self, wire: bytes) -> bytes:
        """Put the tap's address and port where the SECC's own are; an answer that says anything else stays as it is."""
        heard = self.heard
        try:
            said = decode_response(wire)
        except SdpError:
            return wire
        if heard is None or (said.address, said.port) != (heard.address, heard.port):
            return wire
        ports = {Security.TLS: self.own.tls_port, Security.NONE: self.own.plain_port}
        # Each side has the TLS that the tap has for it: where it lacks the SECC's kind, the EVCC is offered the other.
        for security in (said.security, Security.TLS, Security.NONE):
            if (port := ports[security]) is not None:
                return Response(self.own.address, port, security, said.transport).encode()
        return wire


def _end(name: Address) -> End:
    return address(name[0]), name[1]


def _own_end(transport: asyncio.DatagramTransport | None) -> End:
    assert transport is not None
    return _end(transport.get_extra_info("sockname"))
