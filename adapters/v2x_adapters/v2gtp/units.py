"""V2GTP messages as a bystander takes them off a connection: whole, or with what is wrong with them; no octet is lost.

A receiver may skip what it must discard (`v2x_architecture.iso15118.v2gtp.Framer`); a tap passes it on as it came.
"""

from __future__ import annotations

from dataclasses import dataclass

from v2x_architecture.iso15118.v2gtp import HEADER_LENGTH, LARGEST_LENGTH, Reason, fields, objection


@dataclass(frozen=True, slots=True)
class Unit:
    """A message, or what stands in the place of one.

    Attributes:
        raw: its octets, header included.
        problem: why its receiver has to discard it; None for a good one.
        missing: octets of it that are still to come, as tails; only of such as have a problem.
        tail: whether it is more of the message before.
    """

    raw: bytes
    problem: Reason | None = None
    missing: int = 0
    tail: bool = False

    @property
    def header(self) -> bytes:
        """The header, or as much of it as there is."""
        return self.raw[:HEADER_LENGTH]

    @property
    def payload(self) -> bytes:
        """What stands behind the header."""
        return self.raw[HEADER_LENGTH:]

    @property
    def payload_type(self) -> int:
        """The number of the payload type; 0 where the header is not complete."""
        return fields(self.header)[2] if len(self.raw) >= HEADER_LENGTH else 0


class Splitter:
    """Takes the octets of one direction of a connection apart.

    A good message is given when it is complete, as its receiver would take it; one with a bad header at once, so that whoever
    hangs up on a bad header does so in time.

    Args:
        largest: longest payload that is taken, in octets.
    """

    def __init__(self, largest: int = 1 << 20) -> None:
        self._largest = largest
        self._buffer = bytearray()
        self._missing = 0

    def feed(self, data: bytes) -> list[Unit]:
        """Take the next octets; give what is complete now."""
        self._buffer += data
        units: list[Unit] = []
        while self._buffer:
            if self._missing:
                raw = self._taken(self._missing)
                self._missing -= len(raw)
                units.append(Unit(raw, missing=self._missing, tail=True))
                continue
            if len(self._buffer) < HEADER_LENGTH:
                break
            header = bytes(self._buffer[:HEADER_LENGTH])
            size = HEADER_LENGTH + fields(header)[3]
            problem = objection(header, self._largest)
            if problem is None and len(self._buffer) < size:
                break
            raw = self._taken(size)
            self._missing = size - len(raw)
            units.append(Unit(raw, problem, self._missing))
        return units

    def rest(self) -> Unit | None:
        """Give what is left when the sender has sent its last: a message that it broke off."""
        return Unit(self._taken(len(self._buffer)), Reason.TRUNCATED) if self._buffer else None

    def _taken(self, size: int) -> bytes:
        raw = bytes(self._buffer[:size])
        del self._buffer[:size]
        return raw


def of_datagram(data: bytes, largest: int = LARGEST_LENGTH) -> Unit:
    """Return what a datagram, or anything else that holds one message, has in it.

    Args:
        data: what there is of the message.
        largest: longest payload that is taken, in octets.
    """
    if len(data) < HEADER_LENGTH:
        return Unit(data, Reason.TRUNCATED)
    length, problem = fields(data[:HEADER_LENGTH])[3], objection(data[:HEADER_LENGTH], largest)
    if problem is None and len(data) != HEADER_LENGTH + length:
        problem = Reason.TRUNCATED if len(data) < HEADER_LENGTH + length else Reason.EXCESS
    return Unit(data, problem)
