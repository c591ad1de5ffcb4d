"""Puts the octets of TCP connections together again from their segments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from v2x_adapters.capture.layers import Segment
from v2x_adapters.capture.packets import End, Flags

_SPAN = 1 << 32
_HELD = 1 << 20


@dataclass(frozen=True, slots=True)
class Opened:
    """A connection begins, or is seen for the first time.

    Attributes:
        connection: its number.
        client, server: its ends; of a connection whose beginning is missing, just two ends.
        sure: whether it is known which of them is which.
    """

    connection: int
    client: End
    server: End
    sure: bool


@dataclass(frozen=True, slots=True)
class Octets:
    """The next octets of one side.

    Attributes:
        connection: its number.
        source: who sent them.
        data: the octets.
        gap: whether some before them are missing in the capture.
        held: whether the network had lost some of what was sent and not acknowledged: when their user sent them is not known.
    """

    connection: int
    source: End
    data: bytes
    gap: bool = False
    held: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """A side has sent its last.

    Attributes:
        connection: its number.
        source: who it is.
        reset: whether the connection was broken off.
        complete: whether all that it sent before is in the capture.
    """

    connection: int
    source: End
    reset: bool = False
    complete: bool = True


type Event = Opened | Octets | Ended


@dataclass(slots=True)
class _Side:
    """One direction.

    Attributes:
        next: sequence number of the next octet; None before the first.
        held: by sequence number, segments that came too early.
        end: sequence number of the FIN; None before it.
        again: up to here something was lost and is sent again, and its peer has not said that it has it; None for nothing.
    """

    next: int | None = None
    held: dict[int, bytes] = field(default_factory=dict)
    end: int | None = None
    again: int | None = None
    ended: bool = False
    gap: bool = False


class _Connection:
    def __init__(self, number: int, client: End, server: End, *, from_syn: bool) -> None:
        self.number, self.from_syn = number, from_syn
        self.sides = {client: _Side(), server: _Side()}

    @property
    def over(self) -> bool:
        return all(side.ended for side in self.sides.values())


class Reassembly:
    """Takes segments as they come, doubled, out of order or with gaps, and gives what was sent."""

    def __init__(self) -> None:
        self._connections: dict[frozenset[End], _Connection] = {}
        self._count = 0

    def take(self, segment: Segment) -> Iterator[Event]:
        """Take a segment; give what is known now."""
        key = frozenset((segment.source, segment.target))
        if len(key) < 2:
            return
        connection = self._connections.get(key)
        syn, answers = Flags.SYN in segment.flags, Flags.ACK in segment.flags
        if syn and not answers and connection is not None and not self._repeats(connection, segment):
            connection = None
        if connection is None:
            if Flags.RST in segment.flags or not (syn or segment.data):
                return
            client, server = (segment.target, segment.source) if syn and answers else (segment.source, segment.target)
            self._count += 1
            connection = self._connections[key] = _Connection(self._count, client, server, from_syn=syn)
            yield Opened(connection.number, client, server, syn)
        side, other = connection.sides[segment.source], connection.sides[segment.target]
        if side.ended:
            return
        start = (segment.sequence + syn) % _SPAN
        if side.next is None:
            side.next = start
        if answers and other.again is not None and _ahead(segment.acknowledged, other.again) >= 0:
            other.again = None
        if segment.data and (off := _ahead(start, side.next)):
            # Sent again, or what stands before it was lost and is yet to come again.
            side.again = (start + len(segment.data)) % _SPAN if off > 0 else side.next
        if len(segment.data) > len(side.held.get(start, b"")):
            side.held[start] = segment.data
        if Flags.FIN in segment.flags:
            side.end = (start + len(segment.data) + segment.missing) % _SPAN
        yield from self._given(connection, segment.source, side)
        if answers and other.held and other.next is not None and _ahead(segment.acknowledged, other.next) > 0:
            # The peer has what the capture lacks.
            yield from self._skip(connection, segment.target, other)
        if sum(map(len, side.held.values())) > _HELD:
            yield from self._skip(connection, segment.source, side)
        if Flags.RST in segment.flags:
            yield from self._end(connection, segment.source, side, reset=True)
            other.ended = True

    def finish(self) -> Iterator[Event]:
        """The capture ends: give what was held back for what never came."""
        for connection in self._connections.values():
            for source, side in connection.sides.items():
                if side.held and not side.ended:
                    yield from self._skip(connection, source, side)

    def _repeats(self, connection: _Connection, segment: Segment) -> bool:
        side = connection.sides.get(segment.source)
        return not connection.over and side is not None and side.next == (segment.sequence + 1) % _SPAN

    def _given(self, connection: _Connection, source: End, side: _Side) -> Iterator[Event]:
        """Give what follows on what was given."""
        assert side.next is not None
        while side.held:
            start = min(side.held, key=lambda each: _ahead(each, side.next or 0))
            ahead = _ahead(start, side.next)
            if ahead > 0:
                break
            data = side.held.pop(start)[-ahead:] if ahead else side.held.pop(start)
            if data and -ahead < _HELD:
                side.next = (side.next + len(data)) % _SPAN
                yield Octets(connection.number, source, data, side.gap, side.again is not None)
                side.gap = False
        if side.end is not None and _ahead(side.end, side.next) <= 0:
            yield from self._end(connection, source, side)

    def _skip(self, connection: _Connection, source: End, side: _Side) -> Iterator[Event]:
        """Go on behind a gap."""
        if not side.held or side.next is None:
            return
        side.next, side.gap = min(side.held, key=lambda each: _ahead(each, side.next or 0)), True
        yield from self._given(connection, source, side)

    def _end(self, connection: _Connection, source: End, side: _Side, *, reset: bool = False) -> Iterator[Event]:
        if not side.ended:
            side.ended = True
            yield Ended(connection.number, source, reset, complete=not (side.held or side.gap))


def _ahead(number: int, of: int) -> int:
    """Return by how much one sequence number is ahead of another."""
    return (number - of + (_SPAN >> 1)) % _SPAN - (_SPAN >> 1)
