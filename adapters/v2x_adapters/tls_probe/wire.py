"""Records and messages of TLS as octets: what all its versions have alike (RFC 8446: 3, 4 and 5; RFC 5246: 4, 6 and 7)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from v2x_adapters.tls_probe.names import Content

HEADER: Final = 5
_LARGEST: Final = (1 << 14) + 2048
"""Longest record that is taken, in octets (RFC 5246: 6.2.3)."""


class Malformed(Exception):
    """What came is not TLS; the peer is at fault."""


class Reader:
    """Takes octets from the front.

    Args:
        data: to be taken from.
    """

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def __bool__(self) -> bool:
        return self._at < len(self._data)

    def take(self, length: int) -> bytes:
        """Take so many octets.

        Raises:
            Malformed: there are fewer.
        """
        end = self._at + length
        if end > len(self._data):
            raise Malformed(f"{length} octets are announced, and {len(self._data) - self._at} are there")
        taken, self._at = self._data[self._at : end], end
        return taken

    def number(self, width: int) -> int:
        """Take a number of so many octets."""
        return int.from_bytes(self.take(width))

    def vector(self, width: int) -> bytes:
        """Take octets that are preceded by their number, which is so many octets wide."""
        return self.take(self.number(width))

    def rest(self) -> bytes:
        """Take all that is left."""
        return self.take(len(self._data) - self._at)


def vector(width: int, data: bytes) -> bytes:
    """Return octets preceded by their number."""
    return len(data).to_bytes(width) + data


def numbers(data: bytes, width: int = 2) -> tuple[int, ...]:
    """Read a list of numbers.

    Raises:
        Malformed: the last one is not whole.
    """
    if len(data) % width:
        raise Malformed(f"a list of numbers of {width} octets has {len(data)} octets")
    return tuple(int.from_bytes(data[at : at + width]) for at in range(0, len(data), width))


def listed(values: Iterable[int], width: int = 2) -> bytes:
    """Write a list of numbers."""
    return b"".join(value.to_bytes(width) for value in values)


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        kind: what is in it.
        body: that.
        header: the octets before it.
    """

    kind: int
    body: bytes
    header: bytes


def record(kind: int, body: bytes, version: int = 0x0303) -> bytes:
    """Return a record as octets."""
    return kind.to_bytes(1) + version.to_bytes(2) + vector(2, body)


class RecordReader:
    """Finds the records in what comes."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Record]:
        """Take what came; return the records that are whole by now.

        Raises:
            Malformed: it is no record of TLS.
        """
        self._buffer += data
        found: list[Record] = []
        while len(self._buffer) >= HEADER:
            header = bytes(self._buffer[:HEADER])
            length = int.from_bytes(header[3:])
            if header[0] not in tuple(Content) or header[1] != 3 or length > _LARGEST:
                raise Malformed(f"{header.hex()} begins no record of TLS")
            if len(self._buffer) < HEADER + length:
                break
            found.append(Record(header[0], bytes(self._buffer[HEADER : HEADER + length]), header))
            del self._buffer[: HEADER + length]
        return found


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the handshake.

    Attributes:
        kind: which one.
        body: what it holds.
        raw: all of it, as it goes into the transcript.
    """

    kind: int
    body: bytes
    raw: bytes


def message(kind: int, body: bytes) -> bytes:
    """Return a message of the handshake as octets."""
    return kind.to_bytes(1) + vector(3, body)


class MessageReader:
    """Finds the messages of the handshake in what records hold."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """Take what a record held; return the messages that are whole by now."""
        self._buffer += data
        found: list[Message] = []
        while len(self._buffer) >= 4:
            end = 4 + int.from_bytes(self._buffer[1:4])
            if len(self._buffer) < end:
                break
            raw = bytes(self._buffer[:end])
            found.append(Message(raw[0], raw[4:], raw))
            del self._buffer[:end]
        return found
