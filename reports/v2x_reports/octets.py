"""The octets of a V2GTP message written out for people, with the bits marked that a finding rests on.

Bits are counted in the payload, from 0, the most significant of an octet first, as EXI is read (EXI 1.0, section 9).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from v2x_harness.events import Frame
from v2x_harness.finding import Location

_HEADER = 8
_LINE = 16
# So many octets are shown at most, and so many lines around marked bits.
_MOST, _AROUND = 1024, 1
# So many bits are written out.
_BITS = 128


@dataclass(frozen=True, slots=True)
class Bits:
    """A stretch of bits in a payload; ``width`` is 0 where only the first one is known."""

    first: int
    width: int = 0

    @property
    def octets(self) -> range:
        """Which octets of the message they are in."""
        return range(_HEADER + self.first // 8, _HEADER + (self.first + max(self.width, 1) - 1) // 8 + 1)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line; ``mark`` is ``head`` for the V2GTP header, ``bad`` for what is marked, ``at`` for numbers of octets."""

    text: str
    mark: str = ""


def bits_of(location: Location) -> Bits | None:
    """Return the bits that a finding rests on, where it says so."""
    if location.bits is not None:
        return Bits(*location.bits)
    number = location.pointer.removeprefix("bit:")
    return Bits(int(number)) if number != location.pointer and number.isdecimal() else None


def raw_of(frame: Frame) -> bytes | None:
    """Return the octets of a V2GTP message; None for any other frame."""
    if frame.media != "binary" or not isinstance(frame.decoded, dict) or "v2gtp" not in frame.decoded:
        return None
    try:
        return base64.b64decode(frame.raw, validate=True)
    except (binascii.Error, ValueError):  # a journal from elsewhere
        return None


def dump(raw: bytes, marks: Sequence[Bits]) -> list[list[Piece]]:
    """Write octets out, sixteen a line: all lines of a short message, of a long one those around the marks.

    Args:
        raw: of the message, header included.
        marks: bits to be marked.
    """
    marked = {octet for bits in marks for octet in bits.octets}
    count = -(-len(raw) // _LINE)
    near = {octet // _LINE + d for octet in marked for d in range(-_AROUND, _AROUND + 1)}
    shown = [n for n in range(count) if count <= 6 or n in near or (not marked and n < 6)][: _MOST // _LINE]
    lines: list[list[Piece]] = []
    before = -1
    for n in shown:
        if n != before + 1:
            lines.append([Piece("…")])
        lines.append(list(_line(raw, n * _LINE, marked)))
        before = n
    if count and before != count - 1:
        lines.append([Piece("…")])
    return lines


def _line(raw: bytes, start: int, marked: set[int]) -> Iterator[Piece]:
    yield Piece(f"{start:04x}  ", "at")
    octets = range(start, min(start + _LINE, len(raw)))
    for mark, group in groupby(octets, lambda i: "bad" if i in marked else "head" if i < _HEADER else ""):
        members = list(group)
        text = " ".join(f"{raw[i]:02x}" for i in members)
        yield Piece(text, mark)
        yield Piece("  " if (members[-1] + 1) % 8 == 0 else " ")


def spelled(raw: bytes, bits: Bits) -> list[Piece]:
    """Write the octets of a stretch of bits in twos, with the bits marked, and say where they are."""
    payload = raw[_HEADER:]
    first, last = bits.first, bits.first + max(bits.width, 1) - 1
    if first >= 8 * len(payload):
        return [Piece(f"bit {first}: the payload ends before it, after {8 * len(payload)} bits")]
    start, end = first // 8, min(last // 8, len(payload) - 1, (first + _BITS) // 8)
    digits = "".join(f"{octet:08b}" for octet in payload[start : end + 1])
    at, to = first - 8 * start, min(last + 1 - 8 * start, len(digits))
    where = f"bits {first} to {last}" if bits.width > 1 else f"bit {first}" if bits.width else f"from bit {first}"
    octets = f"octets {start} to {last // 8}" if last // 8 > start else f"octet {start}"
    pieces = [Piece(f"{where}, in {octets} of the payload: "), Piece(_spaced(digits, 0, at))]
    pieces += [Piece(_spaced(digits, at, to), "bad"), Piece(_spaced(digits, to, len(digits)))]
    return [*pieces, Piece("…")] if last // 8 > end else pieces


def _spaced(digits: str, start: int, end: int) -> str:
    """Return binary digits with a space between octets."""
    return "".join(digit if i % 8 or not i else f" {digit}" for i, digit in enumerate(digits) if start <= i < end)
