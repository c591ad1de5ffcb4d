r"""V2GTP, the transfer protocol: eight octets that say what follows and how long it is (15118-2: 7.8.3; 15118-20: 7.8.3).

Sans-I/O: a `Framer` takes octets as TCP brings them and gives the payloads they hold. What the header forbids is discarded, as
the standards ask for, and told: who judges wants to know of it.

    >>> framer = Framer()
    >>> framer.receive(encode(PayloadType.EXI, b"\x80\x98"))
    [Received(payload_type=32769, payload=b'\x80\x98', header=b'\x01\xfe\x80\x01\x00\x00\x00\x02')]
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from struct import Struct
from typing import Final

_HEADER: Final = Struct(">BBHI")

HEADER_LENGTH: Final = _HEADER.size
VERSION: Final = 0x01
INVERSE_VERSION: Final = 0xFE
LARGEST_LENGTH: Final = 0xFFFF_FFFF
"""What the header can say; a peer that means it would send 4 GiB."""


class PayloadType(IntEnum):
    """What the payload is.

    DIN SPEC 70121 and ISO 15118-2 have `EXI` for every message; ISO 15118-20 has a type for each of its schemas, and keeps `EXI`
    for the protocol negotiation (15118-2: table 10; 15118-20: tables 11 and 12).
    """

    EXI = 0x8001
    ISO20_MAIN = 0x8002
    ISO20_AC = 0x8003
    ISO20_DC = 0x8004
    ISO20_ACDP = 0x8005
    ISO20_WPT = 0x8006
    SCHEDULE_RENEGOTIATION = 0x8101
    METERING_CONFIRMATION = 0x8102
    ACDP_SYSTEM_STATUS = 0x8103
    PARKING_STATUS = 0x8104
    SDP_REQUEST = 0x9000
    SDP_RESPONSE = 0x9001
    SDP_REQUEST_WIRELESS = 0x9002
    SDP_RESPONSE_WIRELESS = 0x9003


SIDE_STREAMS: Final = frozenset(
    {
        PayloadType.SCHEDULE_RENEGOTIATION,
        PayloadType.METERING_CONFIRMATION,
        PayloadType.ACDP_SYSTEM_STATUS,
        PayloadType.PARKING_STATUS,
    }
)
"""Types whose messages 15118-20 sends beside the charge loop, which does not wait for them."""


class Reason(StrEnum):
    """Why a message is discarded."""

    VERSION = "the version or its inverse is wrong"
    PAYLOAD_TYPE = "the payload type is reserved"
    LENGTH = "the payload is longer than the receiver takes"
    TRUNCATED = "the connection ended within the message"
    EXCESS = "the datagram is longer than its header says"


@dataclass(frozen=True, slots=True)
class Received:
    """A message.

    Attributes:
        payload_type: number of its type; any that the receiver knows, manufacturers' own (from 0xA000) included.
        payload: what stands behind the header.
        header: the eight octets.
    """

    payload_type: int
    payload: bytes
    header: bytes

    @property
    def raw(self) -> bytes:
        """The message as it was sent."""
        return self.header + self.payload


@dataclass(frozen=True, slots=True)
class Discarded:
    """A message that is not to be looked at.

    Attributes:
        reason: why.
        header: its header, or what there is of it.
        length: octets of its payload, by the header; of a truncated one those that came.
    """

    reason: Reason
    header: bytes
    length: int


type Event = Received | Discarded


def encode(payload_type: int, payload: bytes) -> bytes:
    """Return a message.

    Args:
        payload_type: 0 to 65535; also one that is reserved, for who wants to see what becomes of it.
        payload: at most 4 GiB.

    Raises:
        ValueError: the type or the length does not fit into the header.
    """
    if not 0 <= payload_type <= 0xFFFF:
        raise ValueError(f"payload type {payload_type:#x} does not fit into two octets")
    if len(payload) > LARGEST_LENGTH:
        raise ValueError(f"a payload of {len(payload)} octets does not fit into a length of four octets")
    return _HEADER.pack(VERSION, INVERSE_VERSION, payload_type, len(payload)) + payload


def is_known(payload_type: int) -> bool:
    """Tell whether a payload type has a meaning: one of `PayloadType`, or a manufacturer's (0xA000 to 0xFFFF)."""
    return payload_type in _KNOWN or payload_type >= 0xA000


_KNOWN: Final = frozenset(PayloadType)


def fields(header: bytes) -> tuple[int, int, int, int]:
    """Return version, inverse version, payload type and length that a header of eight octets states."""
    version, inverse, payload_type, length = _HEADER.unpack(header)
    return version, inverse, payload_type, length


def objection(header: bytes, largest: int = LARGEST_LENGTH) -> Reason | None:
    """Return why a message with this header is discarded; None when it is not.

    Args:
        header: eight octets.
        largest: longest payload that is taken, in octets.
    """
    version, inverse, payload_type, length = fields(header)
    if (version, inverse) != (VERSION, INVERSE_VERSION):
        return Reason.VERSION
    if not is_known(payload_type):
        return Reason.PAYLOAD_TYPE
    return Reason.LENGTH if length > largest else None


class Framer:
    """Finds the messages in the octets of one direction of a connection.

    A message with a wrong version, a reserved type or too great a length is skipped by the length it states, as the standards
    have it; what is skipped is not kept.

    Args:
        largest: longest payload that is taken, in octets.
    """

    def __init__(self, largest: int = 1 << 20) -> None:
        self._largest = largest
        self._buffer = bytearray()
        self._skip = 0
        self._ended = False

    def receive(self, data: bytes) -> list[Event]:
        """Take the next octets; give the messages that are complete now.

        Args:
            data: what came; empty when the peer has sent its last.
        """
        if not data:
            return self._end()
        self._buffer += data
        events: list[Event] = []
        while self._skipped() and len(self._buffer) >= HEADER_LENGTH:
            header = bytes(self._buffer[:HEADER_LENGTH])
            _, _, payload_type, length = _HEADER.unpack(header)
            reason = objection(header, self._largest)
            if reason is not None:
                events.append(Discarded(reason, header, length))
                self._skip = HEADER_LENGTH + length
                continue
            end = HEADER_LENGTH + length
            if len(self._buffer) < end:
                break
            events.append(Received(payload_type, bytes(self._buffer[HEADER_LENGTH:end]), header))
            del self._buffer[:end]
        return events

    @property
    def waiting(self) -> int:
        """Octets that are held because their message is not complete yet."""
        return len(self._buffer)

    def _skipped(self) -> bool:
        """Leave out what is to be skipped; tell whether all of it has come."""
        gone = min(self._skip, len(self._buffer))
        del self._buffer[:gone]
        self._skip -= gone
        return self._skip == 0

    def _end(self) -> list[Event]:
        if self._ended or not self._buffer:
            self._ended = True
            return []
        self._ended = True
        header, rest = bytes(self._buffer[:HEADER_LENGTH]), len(self._buffer) - HEADER_LENGTH
        self._buffer.clear()
        return [Discarded(Reason.TRUNCATED, header, max(0, rest))]


def decode_datagram(data: bytes, largest: int = 1 << 16) -> Event:
    """Take a datagram: one message, whole.

    Args:
        data: what UDP brought.
        largest: longest payload that is taken, in octets.
    """
    framer = Framer(largest)
    events = framer.receive(data) if data else []
    header = data[:HEADER_LENGTH]
    if not events:
        return Discarded(Reason.TRUNCATED, header, max(0, len(data) - HEADER_LENGTH))
    first = events[0]
    if isinstance(first, Received) and len(data) > HEADER_LENGTH + len(first.payload):
        return Discarded(Reason.EXCESS, header, len(data) - HEADER_LENGTH)
    return first
