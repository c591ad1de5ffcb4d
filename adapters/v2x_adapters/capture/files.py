"""Reads capture files: pcap of either byte order and resolution, and pcapng (draft-ietf-opsawg-pcap, -pcapng)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from struct import Struct
from struct import unpack_from as unpack
from typing import BinaryIO, Final

from v2x_harness.errors import HarnessError

_SECTION: Final = b"\x0a\x0d\x0d\x0a"
# Magic number of pcap to byte order and ticks a second; "modified" pcap has more in front of each packet and is not read.
_PCAP: Final = {
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
}
_INTERFACE, _SIMPLE, _ENHANCED = 1, 3, 6
_RESOLUTION, _OFFSET = 9, 14
_LARGEST: Final = 1 << 26
"""Octets of a block or packet that are believed; more means that the file is damaged."""


class CaptureError(HarnessError):
    """A file is no capture, or cannot be read: which one, and why."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet of a capture.

    Attributes:
        n: its number in the file, from 1, as dissectors count.
        time: seconds since the epoch; None where the file has none.
        link_type: what it begins with.
        data: its octets, as far as they were captured.
    """

    n: int
    time: float | None
    link_type: int
    data: bytes


@dataclass(slots=True)
class _Interface:
    link_type: int
    ticks: float
    offset: int
    snap: int


def is_capture(head: bytes) -> bool:
    """Tell whether a file that begins so is a capture."""
    return head[:4] in _PCAP or head[:4] == _SECTION


class Capture:
    """A capture file.

    Args:
        path: of the file.
        progress: is told how many octets were read since it was last told.

    Attributes:
        problem: why it could not be read to its end; empty when it was.
    """

    def __init__(self, path: Path, progress: Callable[[int], None] | None = None) -> None:
        self.path, self.problem = path, ""
        self._progress = progress
        self._n = 0

    def packets(self) -> Iterator[Packet]:
        """Give its packets in order; a file that is cut off or damaged is read as far as it goes.

        Raises:
            CaptureError: the file cannot be read, or is no capture.
        """
        self.problem, self._n = "", 0
        try:
            with self.path.open("rb") as file:
                magic = file.read(4)
                if magic in _PCAP:
                    yield from self._pcap(file, *_PCAP[magic])
                elif magic == _SECTION:
                    file.seek(0)
                    yield from self._pcapng(file)
                else:
                    raise CaptureError(f"{self.path} is no capture", "pcap and pcapng are read")
        except OSError as error:
            raise CaptureError(f"cannot read {self.path}: {error.strerror}") from error

    def _read(self, file: BinaryIO, size: int) -> bytes | None:
        """Read so many octets; None at the end of the file, in order or not."""
        if not 0 <= size <= _LARGEST:
            self.problem = f"the file is damaged behind packet {self._n}"
            return None
        data = file.read(size)
        if self._progress is not None:
            self._progress(len(data))
        if len(data) < size:
            self.problem = f"the file is cut off behind packet {self._n}" if data or size == 0 else self.problem
            return None
        return data

    def _pcap(self, file: BinaryIO, order: str, ticks: int) -> Iterator[Packet]:
        head = self._read(file, 20)
        if head is None:
            self.problem = "the file is cut off in its header"
            return
        link_type = unpack(f"{order}I", head, 16)[0] & 0xFFFF
        record = Struct(f"{order}IIII")
        while (head := self._read(file, record.size)) is not None:
            seconds, fraction, size, _ = record.unpack(head)
            data = self._read(file, size)
            if data is None:
                self.problem = self.problem or f"the file is cut off behind packet {self._n}"
                return
            self._n += 1
            yield Packet(self._n, seconds + fraction / ticks, link_type, data)

    def _pcapng(self, file: BinaryIO) -> Iterator[Packet]:
        order, interfaces = "<", list[_Interface]()
        while (head := self._read(file, 8)) is not None:
            if head[:4] == _SECTION:
                magic = self._read(file, 4)
                if magic is None:
                    return
                order, interfaces = ("<" if magic == b"\x4d\x3c\x2b\x1a" else ">"), []
                rest = self._read(file, unpack(f"{order}I", head, 4)[0] - 12)
            else:
                rest = self._read(file, unpack(f"{order}I", head, 4)[0] - 8)
            if rest is None:
                self.problem = self.problem or f"the file is cut off behind packet {self._n}"
                return
            kind = 0 if head[:4] == _SECTION else unpack(f"{order}I", head)[0]
            try:
                if kind == _INTERFACE:
                    interfaces.append(_interface(order, rest))
                elif kind in (_ENHANCED, _SIMPLE):
                    self._n += 1
                    yield (_enhanced if kind == _ENHANCED else _simple)(self._n, order, rest, interfaces)
            except (ValueError, IndexError, ArithmeticError):
                self.problem = f"the file is damaged behind packet {self._n}"
                return


def _interface(order: str, block: bytes) -> _Interface:
    link_type, _, snap = _unpacked(f"{order}HHI", block)
    made = _Interface(link_type, 1_000_000, 0, snap)
    at = 8
    while at + 4 <= len(block) - 4:
        code, size = unpack(f"{order}HH", block, at)
        value = block[at + 4 : at + 4 + size]
        if code == 0:
            break
        if code == _RESOLUTION and value:
            made.ticks = float(2 ** (value[0] & 0x7F) if value[0] & 0x80 else 10 ** value[0])
        elif code == _OFFSET and size == 8:
            made.offset = unpack(f"{order}q", value)[0]
        at += 4 + size + -size % 4
    return made


def _enhanced(n: int, order: str, block: bytes, interfaces: list[_Interface]) -> Packet:
    which, high, low, size, _ = _unpacked(f"{order}IIIII", block)
    interface = interfaces[which]
    return Packet(n, interface.offset + ((high << 32) | low) / interface.ticks, interface.link_type, block[20 : 20 + size])


def _simple(n: int, order: str, block: bytes, interfaces: list[_Interface]) -> Packet:
    (size,) = _unpacked(f"{order}I", block)
    snap = interfaces[0].snap or size
    return Packet(n, None, interfaces[0].link_type, block[4 : 4 + min(size, snap)])


def _unpacked(form: str, block: bytes) -> tuple[int, ...]:
    if len(block) < Struct(form).size:
        raise ValueError("the block is too short")
    return unpack(form, block)
