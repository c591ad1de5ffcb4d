"""The SECC Discovery Protocol: how an EV finds the address of its SECC (15118-2: 7.10.1; 15118-20: 7.10.1).

Sans-I/O: requests and responses as data, the patience of an EVCC in `Discovery`, the answer of an SECC in `Responder`. The
sockets are in `udp`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv6Address
from struct import Struct
from typing import Final

from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.v2gtp import PayloadType, Received

PORT: Final = 15118
"""UDP port of an SECC's SDP server."""
ALL_NODES: Final = IPv6Address("ff02::1")
"""Link-local multicast address that requests are sent to."""
RETRY: Final = 0.25
"""Least seconds from one request to the next."""
MOST_REQUESTS: Final = 50
"""Requests without an answer after which an EVCC gives up."""

_RESPONSE: Final = Struct(">16sHBB")


class Security(IntEnum):
    """Whether the connection is to be TLS."""

    TLS = 0x00
    NONE = 0x10


class Transport(IntEnum):
    """What carries the connection."""

    TCP = 0x00
    UDP = 0x10


class SdpError(ValueError):
    """A datagram is no SDP message: what is wrong with it. The fault of who sent it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What an EVCC asks for (15118-2: table 14).

    Attributes:
        security: that it wants.
        transport: always TCP so far.
    """

    security: Security = Security.NONE
    transport: Transport = Transport.TCP

    def encode(self) -> bytes:
        """Return the datagram."""
        return v2gtp.encode(PayloadType.SDP_REQUEST, bytes((self.security, self.transport)))


@dataclass(frozen=True, slots=True)
class Response:
    """Where the SECC listens (15118-2: table 16).

    Attributes:
        address: of the SECC, link-local.
        port: TCP port.
        security: of the connection; what the SECC has, which need not be what was asked for.
        transport: always TCP so far.
    """

    address: IPv6Address
    port: int
    security: Security = Security.NONE
    transport: Transport = Transport.TCP

    def encode(self) -> bytes:
        """Return the datagram.

        Raises:
            ValueError: the port does not fit into two octets.
        """
        if not 0 <= self.port <= 0xFFFF:
            raise ValueError(f"port {self.port} does not fit into two octets")
        return v2gtp.encode(
            PayloadType.SDP_RESPONSE, _RESPONSE.pack(self.address.packed, self.port, self.security, self.transport)
        )


def decode_request(datagram: bytes) -> Request:
    """Read an EVCC's datagram.

    Raises:
        SdpError: it is no SDP request.
    """
    payload = _payload(datagram, PayloadType.SDP_REQUEST, 2)
    return Request(_security(payload[0]), _transport(payload[1]))


def decode_response(datagram: bytes) -> Response:
    """Read an SECC's datagram.

    Raises:
        SdpError: it is no SDP response.
    """
    payload = _payload(datagram, PayloadType.SDP_RESPONSE, _RESPONSE.size)
    address, port, security, transport = _RESPONSE.unpack(payload)
    return Response(IPv6Address(address), port, _security(security), _transport(transport))


def _payload(datagram: bytes, wanted: PayloadType, length: int) -> bytes:
    event = v2gtp.decode_datagram(datagram)
    if not isinstance(event, Received):
        raise SdpError(f"the V2GTP message is to be discarded: {event.reason.value}")
    if event.payload_type != wanted:
        raise SdpError(f"the payload type is {event.payload_type:#06x}, not {wanted:#06x}")
    if len(event.payload) != length:
        raise SdpError(f"the payload has {len(event.payload)} octets, not {length}")
    return event.payload


def _security(code: int) -> Security:
    try:
        return Security(code)
    except ValueError:
        raise SdpError(f"security {code:#04x} is reserved") from None


def _transport(code: int) -> Transport:
    try:
        return Transport(code)
    except ValueError:
        raise SdpError(f"transport protocol {code:#04x} is reserved") from None


class Discovery:
    """The patience of an EVCC: it asks, waits 250 ms, asks again, 50 times (15118-2: 7.10.1.4).

    Args:
        request: what it asks for.
        retry: seconds from one request to the next.
        most: requests in all.
    """

    def __init__(self, request: Request, *, retry: float = RETRY, most: int = MOST_REQUESTS) -> None:
        self.request = request
        self._retry, self._most = retry, most
        self._asked = 0
        self._next = 0.0
        self.response: Response | None = None

    @property
    def asked(self) -> int:
        """How many requests were sent."""
        return min(self._asked, self._most)

    @property
    def failed(self) -> bool:
        """Whether all requests were sent and the last one's time has passed: see `due`."""
        return self.response is None and self._asked > self._most

    @property
    def over(self) -> bool:
        """Whether there is nothing left to do."""
        return self.response is not None or self.failed

    @property
    def next_deadline(self) -> float | None:
        """When `due` is to be asked again; None when it is over."""
        return None if self.over else self._next

    def due(self, now: float) -> bytes | None:
        """Return the datagram that is to be sent now, if there is one.

        Args:
            now: seconds of a monotonic clock.
        """
        if self.over or (self._asked and now < self._next):
            return None
        self._asked += 1
        self._next = now + self._retry
        return None if self._asked > self._most else self.request.encode()

    def receive(self, datagram: bytes) -> Response:
        """Take a datagram; the first good response ends the search.

        Raises:
            SdpError: it is no SDP response, or tells of another transport: it is ignored, and the search goes on.
        """
        response = decode_response(datagram)
        if response.transport is not self.request.transport:
            raise SdpError(f"the SECC has {response.transport.name}, and {self.request.transport.name} was asked for")
        if self.response is None:
            self.response = response
        return response


@dataclass(frozen=True, slots=True)
class Responder:
    """The answer of an SECC.

    Attributes:
        address: that it listens at.
        tls_port: TCP port of its TLS server; None without one.
        plain_port: TCP port without TLS; None where TLS is demanded.
    """

    address: IPv6Address
    tls_port: int | None = None
    plain_port: int | None = None

    def answer(self, datagram: bytes) -> bytes | None:
        """Return the answer to a request: what it asks for where there is such, else what there is.

        An SECC with nothing to offer stays silent.

        Raises:
            SdpError: the datagram is no SDP request: it is not answered.
        """
        request = decode_request(datagram)
        if request.transport is not Transport.TCP:
            raise SdpError("transport over UDP is asked for, which no edition defines")
        offers = {Security.TLS: self.tls_port, Security.NONE: self.plain_port}
        for security in (request.security, Security.TLS, Security.NONE):
            if (port := offers[security]) is not None:
                return Response(self.address, port, security).encode()
        return None
