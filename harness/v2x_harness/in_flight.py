"""What is under way between the sockets of this process: sent by one end of a connection, and not come to the other yet."""

from __future__ import annotations

import enum
import socket
import struct
from collections.abc import Container, Iterable

# Of Linux's `struct tcp_info`: the state, how much was received, and how much was sent, of that more than once (octets).
_INFO = struct.Struct("=B127xQ64xQQ")
_ESTABLISHED, _LISTEN = 1, 10


class InFlight(enum.Enum):
    """What can be said of what is under way."""

    NOTHING = enum.auto()
    SOMETHING = enum.auto()
    UNKNOWN = enum.auto()


def in_flight(descriptors: Iterable[int], heard: Container[int]) -> InFlight:
    """Tell whether anything is under way between some sockets.

    It is known of TCP connections both ends of which are among them, on Linux; what else there is makes the answer unknown, but
    for listening sockets, Unix sockets, and those of datagrams that have been quiet.

    Args:
        descriptors: file descriptors of the sockets that somebody waits for.
        heard: those of them where anything came lately.
    """
    sent: dict[tuple[object, object], int] = {}
    received: dict[tuple[object, object], int] = {}
    unknown = False
    for descriptor in descriptors:
        try:
            end = socket.socket(fileno=descriptor)
        except OSError:
            # A pipe, or closed already.
            unknown = True
            continue
        try:
            if end.family == socket.AF_UNIX:
                continue
            info = _info(end)
            if end.type == socket.SOCK_DGRAM:
                unknown |= descriptor in heard
            elif info is None or info[0] not in (_ESTABLISHED, _LISTEN):
                unknown = True
            elif info[0] == _ESTABLISHED:
                here, there = end.getsockname(), end.getpeername()
                received[here, there], sent[there, here] = info[1], info[2] - info[3]
        except OSError:
            unknown = True
        finally:
            end.detach()
    if any(received[each] < sent[each] for each in received.keys() & sent.keys()):
        return InFlight.SOMETHING
    return InFlight.UNKNOWN if unknown or received.keys() != sent.keys() else InFlight.NOTHING


def _info(end: socket.socket) -> tuple[int, int, int, int] | None:
    """Return state, octets received, octets sent and octets sent again; None where that cannot be known."""
    if end.type != socket.SOCK_STREAM or not hasattr(socket, "TCP_INFO"):
        return None
    told = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    if len(told) < _INFO.size:
        return None
    state, received, sent, again = _INFO.unpack_from(told)
    return state, received, sent, again
