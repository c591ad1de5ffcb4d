"""What is in a packet, from the link layer to TCP and UDP; anything else is passed over."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from struct import unpack_from as unpack
from typing import Final

from v2x_adapters.capture.packets import TCP, UDP, End, Flags, Ip

_NULL, _ETHERNET, _RAW, _LOOP, _COOKED, _IPV4, _IPV6, _COOKED_2 = 0, 1, 101, 108, 113, 228, 229, 276
_RAW_TYPES: Final = {_RAW, _IPV4, _IPV6, 12, 14}
_ETHERTYPES: Final = {0x0800, 0x86DD}
_VLAN: Final = {0x8100, 0x88A8}
# Extension headers of IPv6 that say how long they are: hop by hop, routing, destination, mobility.
_EXTENSIONS: Final = {0, 43, 60, 135}
_FRAGMENT: Final = 44


@dataclass(frozen=True, slots=True)
class Segment:
    """A TCP segment.

    Attributes:
        source, target: its ends.
        sequence, acknowledged: its numbers.
        flags: what it does.
        data: its octets; fewer than were sent where the capture is short of some.
        missing: octets that were sent and not captured.
    """

    source: End
    target: End
    sequence: int
    acknowledged: int
    flags: Flags
    data: bytes
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Datagram:
    """A UDP datagram, whole."""

    source: End
    target: End
    data: bytes


def opened(link_type: int, data: bytes) -> Segment | Datagram | None:
    """Return what a packet holds; None for anything but whole TCP and UDP."""
    try:
        ip = _network(link_type, data)
        return _transport(ip) if ip else None
    except (ValueError, IndexError, struct.error):
        # It is cut off, or no packet at all.
        return None


def _network(link_type: int, data: bytes) -> bytes:
    """Return the IP packet; nothing where there is none."""
    if link_type in _RAW_TYPES:
        return data
    if link_type in (_NULL, _LOOP):
        return data[4:]
    if link_type == _ETHERNET:
        at = 12
        while int.from_bytes(data[at : at + 2]) in _VLAN:
            at += 4
        return data[at + 2 :] if int.from_bytes(data[at : at + 2]) in _ETHERTYPES else b""
    if link_type == _COOKED:
        return data[16:] if int.from_bytes(data[14:16]) in _ETHERTYPES else b""
    if link_type == _COOKED_2:
        return data[20:] if int.from_bytes(data[:2]) in _ETHERTYPES else b""
    return b""


def _transport(ip: bytes) -> Segment | Datagram | None:
    source: Ip
    target: Ip
    if ip[0] >> 4 == 6:
        source, target = IPv6Address(ip[8:24]), IPv6Address(ip[24:40])
        protocol, at, end = ip[6], 40, 40 + int.from_bytes(ip[4:6])
        while protocol in _EXTENSIONS:
            protocol, at = ip[at], at + 8 + 8 * ip[at + 1]
        if protocol == _FRAGMENT:
            if int.from_bytes(ip[at + 2 : at + 4]) & 0xFFF9:
                return None
            protocol, at = ip[at], at + 8
    elif ip[0] >> 4 == 4:
        source, target = IPv4Address(ip[12:16]), IPv4Address(ip[16:20])
        if int.from_bytes(ip[6:8]) & 0x3FFF:
            return None
        protocol, at, end = ip[9], 4 * (ip[0] & 0xF), int.from_bytes(ip[2:4])
    else:
        return None
    # Behind a short packet there is padding; a length of 0 is one that the network card was to fill in.
    end = len(ip) if end in (0, 40) else end
    body = ip[at:end]
    if protocol == TCP:
        return _segment(source, target, body, max(0, end - len(ip)))
    if protocol == UDP:
        from_port, to_port, size = unpack(">HHH", body)
        return Datagram((source, from_port), (target, to_port), body[8:size]) if 8 <= size <= len(body) else None
    return None


def _segment(source: Ip, target: Ip, body: bytes, missing: int) -> Segment:
    from_port, to_port, sequence, acknowledged, offset, flags = unpack(">HHIIBB", body)
    data = body[4 * (offset >> 4) :]
    return Segment((source, from_port), (target, to_port), sequence, acknowledged, Flags(flags & 0x1F), data, missing)
