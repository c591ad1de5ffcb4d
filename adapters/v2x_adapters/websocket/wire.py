"""WebSocket frames (RFC 6455 §5) as a bystander reads them, and as no library would write them.

A `Reader` is not an endpoint: it never fails a connection. What breaks the protocol becomes a unit with a `problem` and keeps the
very bytes that came, so that the peer can judge them too.
"""

from __future__ import annotations

import os
import struct
import zlib
from dataclasses import dataclass, field
from typing import Literal

from v2x_harness.steer import Shape
from websockets.exceptions import ProtocolError
from websockets.frames import Close
from websockets.speedups import apply_mask

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

type Kind = Literal["text", "binary", "ping", "pong", "close", "broken", "tail"]
_CONTROL: dict[int, Kind] = {CLOSE: "close", PING: "ping", PONG: "pong"}


@dataclass(slots=True)
class Unit:
    """A message, a control frame, or what breaks the protocol.

    Attributes:
        kind: ``tail`` is a piece of the rest of a message too large to be looked at whole.
        payload: unmasked and inflated; of a large message the beginning.
        wire: the octets as they came or are to be sent.
        size: octets of the whole payload, -1 when more fragments of a large message are to come; of a ``tail`` what is still to
            come after it, in the same way.
        compressed: whether the payload came deflated (RFC 7692).
        problem: what is wrong with it, for kind ``broken``.
    """

    kind: Kind
    payload: bytes
    wire: bytes
    size: int
    compressed: bool = False
    problem: str = ""

    @property
    def cut(self) -> bool:
        """Whether the payload is only the beginning, and tails follow."""
        return self.size != len(self.payload) and not self.compressed


class Inflater:
    """Reads permessage-deflate payloads of one direction.

    Args:
        window_bits: LZ77 window as negotiated.
        takeover: whether the context goes on from message to message.
    """

    def __init__(self, window_bits: int = 15, *, takeover: bool = True) -> None:
        self._bits, self._takeover = window_bits, takeover
        self._context = zlib.decompressobj(-window_bits)

    def inflate(self, payload: bytes, limit: int) -> tuple[bytes, int]:
        """Return the first `limit` octets of a message and the size of the whole.

        Raises:
            zlib.error: it cannot be inflated.
        """
        context = self._context if self._takeover else zlib.decompressobj(-self._bits)
        kept = context.decompress(payload + b"\x00\x00\xff\xff", limit)
        size = len(kept)
        while context.unconsumed_tail:
            # The context must see all of it, or later messages could not be read.
            size += len(context.decompress(context.unconsumed_tail, 65536))
        return kept, size


@dataclass(slots=True)
class _Message:
    """A message whose fragments are still coming."""

    opcode: int
    compressed: bool
    parts: list[bytes] = field(default_factory=list)
    wire: list[bytes] = field(default_factory=list)
    size: int = 0


class Reader:
    """Splits the octets of one direction into units.

    Args:
        masked: whether frames of this direction must be masked (they come from the client).
        limit: octets of a message that are held to be looked at; what is beyond passes as ``tail``.
        inflater: given when permessage-deflate was negotiated.
    """

    def __init__(self, *, masked: bool, limit: int = 1 << 20, inflater: Inflater | None = None) -> None:
        self._masked, self._limit, self._inflater = masked, limit, inflater
        self._pending = bytearray()
        self._need = 2
        self._message: _Message | None = None
        # Octets of the current frame that pass unread, and whether more fragments of that message do.
        self._skip = 0
        self._skipping = False
        self._blind = False

    @property
    def wants(self) -> int:
        """How many octets are missing of the frame under way."""
        return self._skip or (max(self._need - len(self._pending), 0) if self._pending else 0)

    def feed(self, data: bytes) -> list[Unit]:
        """Take octets as they came; give the units they complete."""
        if self._pending:
            self._pending += data
            if len(self._pending) < self._need:
                return []
            data = bytes(self._pending)
            self._pending.clear()
        units: list[Unit] = []
        at, end = 0, len(data)
        while at < end:
            if self._skip:
                step = min(self._skip, end - at)
                self._skip -= step
                units.append(Unit("tail", b"", data[at : at + step], self._skip or -self._skipping))
                at += step
                continue
            have = end - at
            if have < 2:
                self._need = 2
                break
            second = data[at + 1]
            length, head = second & 0x7F, 2
            if length >= 126:
                head = 4 if length == 126 else 10
                if have < head:
                    self._need = head
                    break
                length = int.from_bytes(data[at + 2 : at + head])
            if second & 0x80:
                head += 4
            held = self._held(data[at], length)
            if have < head + held:
                self._need = head + held
                break
            stop = at + head + held
            payload = data[at + head : stop]
            if second & 0x80:
                payload = apply_mask(payload, data[at + head - 4 : at + head])
            wire = data if not at and stop == end else data[at:stop]
            unit = self._unit(data[at], bool(second & 0x80), payload, wire, length)
            if unit:
                units.append(unit)
            self._skip = length - held
            at = stop
        self._pending += data[at:]
        return units

    def rest(self) -> Unit | None:
        """Return what is left at the end of the stream: a frame or message that was never finished."""
        wire = b"".join(self._message.wire if self._message else ()) + bytes(self._pending)
        self._message = None
        self._pending.clear()
        return Unit("broken", wire, wire, len(wire), problem="the stream ended within a message") if wire else None

    def _held(self, first: int, length: int) -> int:
        """Return how many octets of a frame's payload are waited for before it is looked at."""
        if first & 0x0F == CONT and self._skipping:
            return 0
        begun = self._message.size if self._message and first & 0x0F == CONT else 0
        return min(length, self._limit - begun)

    def _unit(self, first: int, masked: bool, payload: bytes, wire: bytes, length: int) -> Unit | None:
        opcode = first & 0x0F
        if problem := self._problem(first, masked, length):
            return Unit("broken", payload, wire, length, problem=problem)
        if opcode in _CONTROL:
            if opcode == CLOSE and (problem := _close_problem(payload)):
                return Unit("broken", payload, wire, length, problem=problem)
            return Unit(_CONTROL[opcode], payload, wire, length)
        final = bool(first & 0x80)
        if opcode == CONT and self._skipping:
            self._skipping = not final
            return Unit("tail", b"", wire, length or -self._skipping)
        whole = len(payload) == length
        if final and whole and opcode != CONT:
            return self._finished(opcode, bool(first & 0x40), payload, wire, length)
        message = self._message or _Message(opcode, bool(first & 0x40))
        message.parts.append(payload)
        message.wire.append(wire)
        message.size += length
        if whole and not final:
            self._message = message
            return None
        self._message = None
        joined, wire = b"".join(message.parts), b"".join(message.wire)
        if whole:
            return self._finished(message.opcode, message.compressed, joined, wire, message.size)
        self._skipping = not final
        size = message.size if final else -1
        # Deflated data that was not read leaves the inflater without its context.
        self._blind |= message.compressed
        return Unit("text" if message.opcode == TEXT and not message.compressed else "binary", joined, wire, size)

    def _finished(self, opcode: int, compressed: bool, payload: bytes, wire: bytes, size: int) -> Unit:
        if compressed and self._inflater and not self._blind:
            try:
                payload, size = self._inflater.inflate(payload, self._limit)
            except zlib.error as error:
                self._blind = True
                return Unit("broken", payload, wire, size, problem=f"cannot be inflated: {error}")
        kind: Kind = "text" if opcode == TEXT and not (compressed and self._blind) else "binary"
        return Unit(kind, payload, wire, size, compressed)

    def _problem(self, first: int, masked: bool, length: int) -> str:
        opcode = first & 0x0F
        if masked != self._masked:
            return (
                "a client's frame is not masked (RFC 6455 §5.1)" if self._masked else "a server's frame is masked (RFC 6455 §5.1)"
            )
        if opcode not in _CONTROL and opcode > BINARY:
            return f"opcode {opcode} is reserved (RFC 6455 §5.2)"
        deflated = self._inflater is not None and opcode in (TEXT, BINARY)
        if first & (0x30 if deflated else 0x70):
            return "a reserved bit is set (RFC 6455 §5.2)"
        if opcode in _CONTROL:
            if not first & 0x80:
                return "a control frame is fragmented (RFC 6455 §5.5)"
            return "a control frame is longer than 125 octets (RFC 6455 §5.5)" if length > 125 else ""
        fragmented = self._message is not None or self._skipping
        if opcode == CONT and not fragmented:
            return "a continuation frame continues nothing (RFC 6455 §5.4)"
        if opcode != CONT and fragmented:
            return "a message begins within another (RFC 6455 §5.4)"
        return ""


def _close_problem(payload: bytes) -> str:
    try:
        Close.parse(payload)
    except ProtocolError as error:
        return f"{error} in a close frame (RFC 6455 §5.5.1)"
    except UnicodeDecodeError:
        return "the reason in a close frame is no UTF-8 (RFC 6455 §5.5.1)"
    return ""


def close_of(payload: bytes) -> tuple[int, str]:
    """Return code and reason of a close frame's payload that a `Reader` passed; 1005 when it gives none."""
    close = Close.parse(payload)
    return int(close.code), close.reason


def frame(opcode: int, payload: bytes, *, mask: bool, fin: bool = True, rsv: int = 0) -> bytes:
    """Write a frame; nothing is checked.

    Args:
        opcode: 0 to 15.
        payload: octets.
        mask: whether to mask it (from a client).
        fin: the FIN bit.
        rsv: RSV1 to RSV3 as three bits.
    """
    first = (0x80 if fin else 0) | rsv << 4 | opcode
    bit, length = (0x80 if mask else 0), len(payload)
    if length < 126:
        head = bytes((first, bit | length))
    elif length < 65536:
        head = struct.pack("!BBH", first, bit | 126, length)
    else:
        head = struct.pack("!BBQ", first, bit | 127, length)
    if not mask:
        return head + payload
    key = os.urandom(4)
    return head + key + apply_mask(payload, key)


def close_frame(code: int, reason: str = "", *, mask: bool) -> bytes:
    """Write a close frame; any code, allowed or not."""
    return frame(CLOSE, struct.pack("!H", code) + reason.encode(), mask=mask)


def fragments(opcode: int, payload: bytes, size: int, *, mask: bool) -> bytes:
    """Write a message in fragments of at most `size` octets (RFC 6455 §5.4)."""
    pieces = [payload[at : at + size] for at in range(0, len(payload), size)] or [b""]
    last = len(pieces) - 1
    return b"".join(frame(CONT if i else opcode, piece, mask=mask, fin=i == last) for i, piece in enumerate(pieces))


def shaped(data: str | bytes, shape: Shape, *, mask: bool) -> bytes:
    """Write a message in one of the shapes of `Steer`.

    Args:
        data: text, or the octets of a binary message.
        shape: how.
        mask: whether a frame of this direction ought to be masked.
    """
    opcode, payload = (TEXT, data.encode()) if isinstance(data, str) else (BINARY, data)
    match shape:
        case "octets":
            return bytes.fromhex(data if isinstance(data, str) else data.decode())
        case "invalid_utf8":
            return frame(TEXT, payload[: len(payload) // 2] + b"\xff" + payload[len(payload) // 2 :], mask=mask)
        case "fragments":
            return fragments(opcode, payload, max(1, -(-len(payload) // 3)), mask=mask)
        case "unfinished":
            return frame(opcode, payload, mask=mask, fin=False)
        case "wrong_mask":
            return frame(opcode, payload, mask=not mask)
        case "reserved_opcode":
            return frame(3, payload, mask=mask)
        case "reserved_bits":
            return frame(opcode, payload, mask=mask, rsv=2)
        case "long_ping":
            return frame(PING, payload.ljust(126, b"."), mask=mask)
    return frame(opcode, payload, mask=mask)
