"""Writes what a tap saw as a pcapng file (draft-ietf-opsawg-pcapng), for dissectors and for ``v2x check``.

A tap sees octets, not packets: the packets are made here, of raw IP (link type 101) with good checksums, between the
addresses and ports that the connections really have. A connection begins with a handshake and ends with FIN or RST, so that
a dissector follows it; sequence numbers begin at 0, and what was sent at once comes in segments of at most 1400 octets. The
octets of a connection that the tap has decrypted are in the clear. Each side of the tap is an interface of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from struct import Struct
from types import TracebackType
from typing import Final, Self

from v2x_harness.errors import AdapterError

from v2x_adapters.capture.packets import End, Flags, tcp, udp

RAW_IP: Final = 101
"""Link type of packets that begin with the IP header."""

_SEGMENT: Final = 1400
_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_NAME, _APPLICATION = 2, 4


class PcapngWriter:
    """A capture file that grows with every packet.

    Args:
        path: of the file; must not exist yet.
        interfaces: their names.
        wall: seconds since the epoch.

    Raises:
        AdapterError: the file exists or cannot be written.
    """

    def __init__(self, path: Path, interfaces: Sequence[str], wall: Callable[[], float]) -> None:
        self.path, self._wall = path, wall
        try:
            self._file = path.open("xb")
        except OSError as error:
            raise AdapterError(f"cannot write the capture {path}: {error.strerror}", "name a file that does not exist") from error
        head = Struct("<IHHq").pack(0x1A2B3C4D, 1, 0, -1)
        self._block(_SECTION, head + _option(_APPLICATION, "v2x-conformance") + _end())
        for name in interfaces:
            self._block(_INTERFACE, Struct("<HHI").pack(RAW_IP, 0, 0) + _option(_NAME, name) + _end())
        self._file.flush()

    def datagram(self, interface: int, source: End, target: End, data: bytes) -> None:
        """Add a UDP datagram."""
        self.packet(interface, udp(source, target, data))

    def connection(self, interface: int, client: End, server: End) -> Flow:
        """Add the beginning of a TCP connection; return what its octets are given to."""
        return Flow(self, interface, client, server)

    def packet(self, interface: int, data: bytes) -> None:
        """Add a packet."""
        if self._file.closed:
            return
        stamp = int(self._wall() * 1_000_000)
        head = Struct("<IIIII").pack(interface, stamp >> 32, stamp & 0xFFFFFFFF, len(data), len(data))
        self._block(_PACKET, head + _padded(data))
        self._file.flush()

    def close(self) -> None:
        """Have the operating system put the file on the disk; nothing is added any more."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _block(self, kind: int, body: bytes) -> None:
        size = len(body) + 12
        self._file.write(Struct("<II").pack(kind, size) + body + Struct("<I").pack(size))


class Flow:
    """A TCP connection in a capture.

    Args:
        writer: of the file.
        interface: number of the interface that it is on.
        client: who connects; ``server`` who is connected to.
    """

    def __init__(self, writer: PcapngWriter, interface: int, client: End, server: End) -> None:
        self._writer, self._interface = writer, interface
        self._ends = {True: client, False: server}
        # The next octet of each side, by whether it is the client.
        self._next = {True: 0, False: 0}
        self._ended: set[bool] = set()
        self._segment(True, Flags.SYN)
        self._segment(False, Flags.SYN | Flags.ACK)
        self._segment(True, Flags.ACK)

    def send(self, data: bytes, *, by_client: bool) -> None:
        """Add octets that a side sends."""
        if by_client in self._ended:
            return
        for start in range(0, len(data), _SEGMENT):
            self._segment(by_client, Flags.PSH | Flags.ACK, data[start : start + _SEGMENT])
        if data:
            self._segment(not by_client, Flags.ACK)

    def end(self, *, by_client: bool) -> None:
        """Add that a side sends no more."""
        if by_client not in self._ended:
            self._ended.add(by_client)
            self._segment(by_client, Flags.FIN | Flags.ACK)
            self._segment(not by_client, Flags.ACK)

    def reset(self, *, by_client: bool) -> None:
        """Add that a side breaks the connection off."""
        if len(self._ended) < 2:
            self._ended |= {True, False}
            self._segment(by_client, Flags.RST | Flags.ACK)

    def _segment(self, by_client: bool, flags: Flags, data: bytes = b"") -> None:
        acknowledged = self._next[not by_client] if flags & Flags.ACK else 0
        source, target = self._ends[by_client], self._ends[not by_client]
        self._writer.packet(self._interface, tcp(source, target, self._next[by_client], acknowledged, flags, data))
        self._next[by_client] += len(data) + bool(flags & (Flags.SYN | Flags.FIN))


def _option(code: int, text: str) -> bytes:
    value = text.encode()
    return Struct("<HH").pack(code, len(value)) + _padded(value)


def _end() -> bytes:
    return bytes(4)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
