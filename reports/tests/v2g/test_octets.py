"""Octets with the bits of a finding marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.events import Frame
from v2x_harness.finding import Location
from v2x_reports.octets import Bits, bits_of, dump, raw_of, spelled

from .conftest import message

RAW = bytes.fromhex("01fe800100000008") + bytes.fromhex("809a0011d0180800")


def text(lines) -> list[str]:
    return ["".join(piece.text for piece in line).rstrip() for line in lines]


def marked(lines) -> list[str]:
    return [piece.text for line in lines for piece in line if piece.mark == "bad"]


def test_octets_stand_sixteen_a_line_with_the_header_apart() -> None:
    lines = dump(RAW, [])
    assert text(lines) == ["0000  01 fe 80 01 00 00 00 08  80 9a 00 11 d0 18 08 00"]
    assert [piece.text for piece in lines[0] if piece.mark == "head"] == ["01 fe 80 01 00 00 00 08"]


def test_marked_bits_mark_the_octets_that_they_are_in() -> None:
    assert marked(dump(RAW, [Bits(12, 9)])) == ["9a 00"]
    assert marked(dump(RAW, [Bits(31)])) == ["11"]


def test_marked_bits_are_spelled() -> None:
    pieces = spelled(RAW, Bits(12, 9))
    assert "".join(piece.text for piece in pieces) == "bits 12 to 20, in octets 1 to 2 of the payload: 10011010 00000000"
    assert [piece.text for piece in pieces if piece.mark] == ["1010 00000"]
    assert spelled(RAW, Bits(3))[0].text == "from bit 3, in octet 0 of the payload: "
    assert spelled(RAW, Bits(64))[0].text == "bit 64: the payload ends before it, after 64 bits"


def test_of_a_long_message_the_lines_around_the_bits_are_shown() -> None:
    lines = text(dump(RAW[:8] + bytes(1000), [Bits(4000, 8)]))
    assert lines[0] == "…"
    assert [line[:4] for line in lines[1:-1]] == ["01e0", "01f0", "0200"]


def test_a_location_tells_its_bits_by_range_or_pointer() -> None:
    assert bits_of(Location(1, "/a", (5, 3))) == Bits(5, 3)
    assert bits_of(Location(1, "bit:123")) == Bits(123)
    assert bits_of(Location(1, "/a")) is bits_of(Location(1, "bit:x")) is None


def test_only_v2gtp_messages_have_octets() -> None:
    assert raw_of(message("SessionStopReq", {}))[:4] == bytes.fromhex("01fe8001")
    assert raw_of(Frame("l", "station", "csms", "AAAA", media="binary")) is None
    assert raw_of(Frame("l", "evcc", "secc", "no base64", media="binary", decoded={"v2gtp": {}})) is None


@given(st.binary(max_size=300), st.integers(0, 3000), st.integers(0, 3000))
def test_any_message_and_any_bits_can_be_shown(raw: bytes, first: int, width: int) -> None:
    bits = Bits(first, width)
    dump(raw, [bits])
    spelled(raw, bits)
