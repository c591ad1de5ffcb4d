"""Bits in, bits out: the bit-packed alignment of EXI 1.0 (section 5.2) and its unsigned integers and strings (7.1.6, 7.1.10)."""

from __future__ import annotations

from typing import Final

import msgspec

from v2x_architecture.iso15118.exi.errors import EncodeError, EndOfData, InvalidValue, LimitExceeded

_WINDOW: Final = 256
_MAX_INTEGER_OCTETS: Final = 64
_MAX_CHARACTER: Final = 0x10FFFF
_SURROGATES: Final = range(0xD800, 0xE000)


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a payload may ask for.

    Attributes:
        payload: octets of a payload.
        length: characters of a string, octets of a binary value.
        items: members of a list.
        depth: elements within each other.
    """

    payload: int = 1 << 18
    length: int = 1 << 16
    items: int = 4096
    depth: int = 48


DEFAULT_LIMITS: Final = Limits()


class BitReader:
    """Reads bits from the left; all its errors know the bit.

    A window of the data is held as one integer, so that reading costs the same at the end of a long payload as of a short one.

    Attributes:
        position: number of bits read.
        max_length: longest string or binary value that is read.
        max_items: longest list that is read.
    """

    __slots__ = ("_data", "_end", "_total", "_window", "max_items", "max_length", "position")

    def __init__(self, data: bytes, limits: Limits = DEFAULT_LIMITS) -> None:
        self._data = data
        self._total = len(data) * 8
        self._window = int.from_bytes(data[:_WINDOW])
        self._end = min(_WINDOW, len(data)) * 8
        self.position = 0
        self.max_length = limits.length
        self.max_items = limits.items

    @property
    def left(self) -> int:
        """Number of bits that are left."""
        return self._total - self.position

    def bits(self, count: int) -> int:
        """Return the next bits as an unsigned number."""
        position = self.position + count
        shift = self._end - position
        if shift < 0:
            self._slide(count)
            shift = self._end - position
        self.position = position
        return (self._window >> shift) & ((1 << count) - 1)

    def unsigned(self) -> int:
        """Return an unsigned integer: seven bits an octet, the least significant first."""
        octet = self.bits(8)
        if octet < 128:
            return octet
        start = self.position - 8
        value, shift = octet & 127, 7
        while octet >= 128:
            if shift > 7 * _MAX_INTEGER_OCTETS:
                raise LimitExceeded(f"an integer of more than {_MAX_INTEGER_OCTETS} octets", start)
            octet = self.bits(8)
            value |= (octet & 127) << shift
            shift += 7
        return value

    def octets(self, count: int) -> bytes:
        """Return so many octets, which need not begin at one."""
        if count > self.max_length:
            raise LimitExceeded(f"a value of {count} octets; the limit is {self.max_length}", self.position)
        position = self.position + 8 * count
        shift = self._end - position
        if shift < 0:
            if position > self._total:
                raise EndOfData(f"the payload ends {position - self._total} bits too early", self._total)
            # A long value: taken from the data itself, the window follows when it is needed.
            first, last = self.position >> 3, (position + 7) >> 3
            window, shift = int.from_bytes(self._data[first:last]), last * 8 - position
        else:
            window = self._window
        self.position = position
        return ((window >> shift) & ((1 << 8 * count) - 1)).to_bytes(count)

    def characters(self, count: int) -> str:
        """Return so many characters; nearly always each is one octet."""
        start = self.position
        if count > self.max_length:
            raise LimitExceeded(f"a string of {count} characters; the limit is {self.max_length}", start)
        raw = self.octets(count)
        if raw.isascii():
            return raw.decode("ascii")
        self.position = start
        found = []
        for _ in range(count):
            at = self.position
            code = self.unsigned()
            if code > _MAX_CHARACTER or code in _SURROGATES:
                raise InvalidValue(f"{code:#x} is no character", at)
            found.append(chr(code))
        return "".join(found)

    def _slide(self, count: int) -> None:
        """Move the window so that it holds the next bits."""
        if self.position + count > self._total:
            missing = self.position + count - self._total
            raise EndOfData(f"the payload ends {missing} bits too early", self._total)
        first = self.position >> 3
        last = min(first + _WINDOW, len(self._data))
        self._window = int.from_bytes(self._data[first:last])
        self._end = last * 8


class BitWriter:
    """Writes bits from the left."""

    __slots__ = ("_count", "_done", "_pending")

    def __init__(self) -> None:
        self._done = bytearray()
        self._pending = 0
        self._count = 0

    def bits(self, value: int, count: int) -> None:
        """Write an unsigned number in so many bits.

        Raises:
            EncodeError: it does not fit.
        """
        if value >> count:  # of a negative number, that is never 0
            raise EncodeError(f"{value} does not fit in {count} bits")
        pending = (self._pending << count) | value
        count += self._count
        if count >= 64:
            left = count & 7
            self._done += (pending >> left).to_bytes(count >> 3)
            pending &= (1 << left) - 1
            count = left
        self._pending, self._count = pending, count

    def unsigned(self, value: int) -> None:
        """Write an unsigned integer: seven bits an octet, the least significant first.

        Raises:
            EncodeError: it is negative.
        """
        if value < 0:
            raise EncodeError(f"{value} is negative")
        while value > 127:
            self.bits((value & 127) | 128, 8)
            value >>= 7
        self.bits(value, 8)

    def octets(self, value: bytes) -> None:
        """Write octets."""
        self.bits(int.from_bytes(value), 8 * len(value))

    def characters(self, value: str) -> None:
        """Write characters, without their number.

        Raises:
            EncodeError: a surrogate stands in it, which is no character.
        """
        if value.isascii():
            self.octets(value.encode("ascii"))
            return
        for character in value:
            if ord(character) in _SURROGATES:
                raise EncodeError(f"{ord(character):#x} is no character")
            self.unsigned(ord(character))

    def data(self) -> bytes:
        """Return what was written, padded with zero bits to whole octets."""
        padding = -self._count % 8
        whole = (self._pending << padding).to_bytes((self._count + padding) >> 3)
        return bytes(self._done) + whole
