"""The sockets of SDP: multicast on one interface, or, where multicast is not to be had, an address that is known beforehand."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from ipaddress import IPv6Address
from typing import Final, Self

from v2x_architecture.iso15118.sdp import ALL_NODES, PORT, Discovery, Request, Responder, Response, SdpError

type Address = tuple[str, int, int, int]
"""Host, port, flow information and scope id, as sockets of IPv6 have it."""
type Ignored = Callable[[bytes, SdpError], None]
"""Is told of a datagram that is not for its receiver, and what was wrong with it."""
type Heard = Callable[[bytes, Address], None]

_ANY: Final = "::"


class NotFound(Exception):
    """No SECC answered: on which interface or at which address it was asked for, and how often."""


class Datagrams(asyncio.DatagramProtocol):
    """Hands datagrams over as they come."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard

    def datagram_received(self, data: bytes, addr: Address | tuple[str, int]) -> None:
        """Hand over a datagram and where it came from."""
        self._heard(data, (addr[0], addr[1], 0, addr[3] if len(addr) == 4 else 0))


def scope_of(interface: str) -> int:
    """Return the index of a network interface.

    Raises:
        OSError: there is none of that name.
    """
    try:
        return socket.if_nametoindex(interface)
    except OSError as error:
        raise OSError(f"there is no network interface {interface!r}") from error


def link_local(interface: str) -> IPv6Address:
    """Return an interface's link-local address, which an SECC tells in its answer.

    Raises:
        OSError: there is no such interface, or it has no link-local address.
    """
    scope = scope_of(interface)
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        try:
            # Nothing is sent: connecting a UDP socket has the system choose the address it would send from.
            probe.connect((str(ALL_NODES), PORT, 0, scope))
        except OSError as error:
            raise OSError(f"interface {interface!r} has no IPv6: {error.strerror}") from error
        own = IPv6Address(probe.getsockname()[0].partition("%")[0])
    if not own.is_link_local:
        raise OSError(f"interface {interface!r} has no link-local address; it would send from {own}")
    return own


class SdpServer:
    """Answers for an SECC.

    Args:
        responder: what is answered.
        interface: whose multicast it listens to; without one it listens at `host` only.
        host: address to bind to where there is no interface.
        port: UDP port; 0 for a free one, which only who knows it can ask.
        ignored: is told of datagrams that are no requests.
    """

    def __init__(
        self,
        responder: Responder,
        interface: str | None = None,
        *,
        host: str = "::1",
        port: int = PORT,
        ignored: Ignored | None = None,
    ) -> None:
        self.responder = responder
        self._interface, self._host, self._port, self._ignored = interface, host, port, ignored
        self._transport: asyncio.DatagramTransport | None = None

    async def start(self) -> None:
        """Begin to listen.

        Raises:
            OSError: the interface or the port cannot be had.
        """
        bound = answering(self._interface, self._host, self._port)
        self._port = bound.getsockname()[1]
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: Datagrams(self._hear), sock=bound)

    @property
    def port(self) -> int:
        """The UDP port it listens at."""
        return self._port

    async def stop(self) -> None:
        """Listen no more."""
        if self._transport is not None:
            self._transport.close()
            self._transport = None
            # The transport closes its socket in the loop's next turn.
            await asyncio.sleep(0)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _hear(self, datagram: bytes, sender: Address) -> None:
        try:
            answer = self.responder.answer(datagram)
        except SdpError as error:
            if self._ignored is not None:
                self._ignored(datagram, error)
            return
        if answer is not None and self._transport is not None:
            self._transport.sendto(answer, sender)


async def discover(
    request: Request,
    interface: str | None = None,
    *,
    host: str = "::1",
    port: int = PORT,
    discovery: Discovery | None = None,
    ignored: Ignored | None = None,
) -> Response:
    """Find an SECC.

    Args:
        request: what to ask for.
        interface: to ask on by multicast; without one `host` is asked.
        host: address to ask where there is no interface.
        port: UDP port of the SECC.
        discovery: the patience to have; the standards' by default.
        ignored: is told of datagrams that are no responses.

    Raises:
        NotFound: nobody answered.
        OSError: the interface cannot be had.
    """
    search = discovery or Discovery(request)
    loop = asyncio.get_running_loop()
    answered = asyncio.Event()

    def hear(datagram: bytes, sender: Address) -> None:
        del sender
        try:
            search.receive(datagram)
        except SdpError as error:
            if ignored is not None:
                ignored(datagram, error)
        else:
            answered.set()

    bound, target = asking(interface, host, port)
    transport, _ = await loop.create_datagram_endpoint(lambda: Datagrams(hear), sock=bound)
    try:
        while not search.over:
            datagram = search.due(loop.time())
            if datagram is not None:
                transport.sendto(datagram, target)
            until = search.next_deadline
            if until is None:
                break
            try:
                async with asyncio.timeout_at(until):
                    await answered.wait()
            except TimeoutError:
                continue
    finally:
        transport.close()
        await asyncio.sleep(0)
    if search.response is None:
        asked = f"on {interface}" if interface is not None else f"at [{host}]:{port}"
        raise NotFound(f"no SECC answered {asked}, though it was asked {search.asked} times")
    return search.response


def answering(interface: str | None, host: str, port: int) -> socket.socket:
    """Return a socket that hears what EVCCs ask.

    Args:
        interface: whose multicast it listens to; without one it listens at `host` only.
        host: address to bind to where there is no interface.
        port: UDP port; 0 for a free one.

    Raises:
        OSError: the interface or the port cannot be had.
    """
    scope = scope_of(interface) if interface is not None else 0
    bound = _socket(host if interface is None else _ANY, port, only_on=interface or "")
    if interface is not None:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, ALL_NODES.packed + struct.pack("@I", scope))
    return bound


def asking(interface: str | None, host: str, port: int) -> tuple[socket.socket, Address]:
    """Return a socket to ask an SECC from, and the address to ask.

    Args:
        interface: to ask on by multicast; without one `host` is asked.
        host: address to ask where there is no interface.
        port: UDP port of the SECC.

    Raises:
        OSError: the interface cannot be had.
    """
    scope = scope_of(interface) if interface is not None else 0
    bound = _socket(_ANY if interface is not None else host, 0)
    if interface is not None:
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, scope)
    return bound, (str(ALL_NODES) if interface is not None else host, port, 0, scope)


def _socket(host: str, port: int, *, only_on: str = "") -> socket.socket:
    """Return a bound socket.

    Args:
        only_on: interface whose datagrams it gets, so that others can have the port on theirs; where the system allows it.
    """
    bound = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    try:
        bound.setblocking(False)
        bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if only_on and hasattr(socket, "SO_BINDTODEVICE"):
            with suppress(PermissionError):
                bound.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, only_on.encode())
        bound.bind((host, port))
    except OSError as error:
        bound.close()
        raise OSError(f"UDP port {port} at {host} cannot be had: {error.strerror}") from error
    return bound
