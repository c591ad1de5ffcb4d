"""IP packets with TCP and UDP in them, as they are written into captures (RFC 8200, RFC 791, RFC 9293, RFC 768)."""

from __future__ import annotations

from enum import IntFlag
from ipaddress import IPv4Address, IPv6Address, ip_address
from struct import Struct
from typing import Final

type Ip = IPv4Address | IPv6Address
type End = tuple[Ip, int]
"""An address and a port."""

TCP: Final = 6
UDP: Final = 17

_TCP: Final = Struct(">HHIIBBHHH")
_UDP: Final = Struct(">HHHH")
_WINDOW: Final = 0xFFFF


class Flags(IntFlag):
    """What a TCP segment does besides carrying octets."""

    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    PSH = 0x08
    ACK = 0x10


def address(text: str) -> Ip:
    """Return the address in a socket's name, without its scope.

    Raises:
        ValueError: it is none.
    """
    return ip_address(text.partition("%")[0])


def tcp(
    source: tuple[Ip, int], target: tuple[Ip, int], sequence: int, acknowledged: int, flags: Flags, data: bytes = b""
) -> bytes:
    """Return an IP packet with a TCP segment."""

    def segment(checksum: int) -> bytes:
        numbers = sequence & 0xFFFFFFFF, acknowledged & 0xFFFFFFFF
        return _TCP.pack(source[1], target[1], *numbers, 5 << 4, flags, _WINDOW, checksum, 0) + data

    return _packet(source[0], target[0], TCP, segment(_checksum(_pseudo(source[0], target[0], TCP, segment(0)))))


def udp(source: End, target: End, data: bytes) -> bytes:
    """Return an IP packet with a UDP datagram."""

    def datagram(checksum: int) -> bytes:
        return _UDP.pack(source[1], target[1], _UDP.size + len(data), checksum) + data

    # A checksum that comes to nothing is written as all ones: zero would say that there is none.
    return _packet(source[0], target[0], UDP, datagram(_checksum(_pseudo(source[0], target[0], UDP, datagram(0))) or 0xFFFF))


def _packet(source: Ip, target: Ip, protocol: int, payload: bytes) -> bytes:
    if source.version == 6:
        head = Struct(">IHBB").pack(6 << 28, len(payload), protocol, 64)
        return head + source.packed + target.packed + payload
    head = Struct(">BBHHHBB").pack(0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol)
    ends = source.packed + target.packed
    return head + _checksum(head + b"\0\0" + ends).to_bytes(2) + ends + payload


def _pseudo(source: Ip, target: Ip, protocol: int, payload: bytes) -> bytes:
    ends = source.packed + target.packed
    if source.version == 6:
        return ends + len(payload).to_bytes(4) + protocol.to_bytes(4) + payload
    return ends + bytes((0, protocol)) + len(payload).to_bytes(2) + payload


def _checksum(data: bytes) -> int:
    """Return the Internet checksum (RFC 1071)."""
    if len(data) % 2:
        data += b"\0"
    total = sum(int.from_bytes(data[i : i + 2]) for i in range(0, len(data), 2))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
