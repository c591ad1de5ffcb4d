"""V2GTP: messages are found however TCP cuts them, and what the header forbids is skipped and told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.iso15118.v2gtp import (
    HEADER_LENGTH,
    Discarded,
    Framer,
    PayloadType,
    Reason,
    Received,
    decode_datagram,
    encode,
    is_known,
)

SETUP = bytes.fromhex("809a004011d018038131a0007400")


def test_a_message_is_found() -> None:
    raw = encode(PayloadType.EXI, SETUP)
    assert raw[:HEADER_LENGTH] == bytes.fromhex("01fe80010000000e")
    (received,) = Framer().receive(raw)
    assert received == Received(PayloadType.EXI, SETUP, raw[:8])
    assert isinstance(received, Received)
    assert received.raw == raw


@given(
    st.lists(st.tuples(st.sampled_from(sorted(PayloadType)), st.binary(max_size=40)), max_size=5),
    st.lists(st.integers(1, 30), min_size=1, max_size=40),
)
def test_how_it_is_cut_does_not_matter(messages: list[tuple[PayloadType, bytes]], cuts: list[int]) -> None:
    stream = b"".join(encode(kind, payload) for kind, payload in messages)
    framer, found = Framer(), []
    for cut in cuts:
        piece, stream = stream[:cut], stream[cut:]
        if piece:
            found += framer.receive(piece)
    if stream:
        found += framer.receive(stream)
    assert [(event.payload_type, event.payload) for event in found if isinstance(event, Received)] == messages
    assert framer.waiting == 0


@given(st.binary(max_size=200))
def test_arbitrary_octets_raise_nothing(data: bytes) -> None:
    framer = Framer(largest=64)
    framer.receive(data)
    framer.receive(b"")
    decode_datagram(data)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("02fe8001", Reason.VERSION),
        ("01fd8001", Reason.VERSION),
        ("01fe8000", Reason.PAYLOAD_TYPE),
        ("01fe0000", Reason.PAYLOAD_TYPE),
    ],
)
def test_what_the_header_forbids_is_skipped_and_told(header: str, reason: Reason) -> None:
    bad = bytes.fromhex(header) + (3).to_bytes(4, "big") + b"abc"
    discarded, received = Framer().receive(bad + encode(PayloadType.EXI, SETUP))
    assert discarded == Discarded(reason, bad[:8], 3)
    assert isinstance(received, Received)
    assert received.payload == SETUP


def test_what_is_too_long_is_skipped_without_being_kept() -> None:
    framer = Framer(largest=100)
    head, *_ = framer.receive(bytes.fromhex("01fe8001") + (1_000_000).to_bytes(4, "big"))
    assert head == Discarded(Reason.LENGTH, bytes.fromhex("01fe8001000f4240"), 1_000_000)
    for _ in range(1000):
        assert framer.receive(b"x" * 1000) == []
        assert framer.waiting == 0
    assert len(framer.receive(encode(PayloadType.EXI, SETUP))) == 1


def test_a_connection_that_ends_within_a_message_is_told() -> None:
    framer = Framer()
    raw = encode(PayloadType.EXI, SETUP)
    assert framer.receive(raw[:12]) == []
    assert framer.waiting == 12
    assert framer.receive(b"") == [Discarded(Reason.TRUNCATED, raw[:8], 4)]
    assert framer.receive(b"") == []


def test_an_end_between_messages_is_none_of_its_business() -> None:
    framer = Framer()
    framer.receive(encode(PayloadType.EXI, SETUP))
    assert framer.receive(b"") == []


def test_a_manufacturers_payload_type_is_taken() -> None:
    assert is_known(0xA000)
    assert not is_known(0x9FFF)
    assert isinstance(decode_datagram(encode(0xA123, b"x")), Received)


def test_a_datagram_holds_one_message_and_no_more() -> None:
    raw = encode(PayloadType.SDP_REQUEST, b"\x10\x00")
    assert decode_datagram(raw) == Received(PayloadType.SDP_REQUEST, b"\x10\x00", raw[:8])
    assert decode_datagram(raw + b"\x00") == Discarded(Reason.EXCESS, raw[:8], 3)
    assert decode_datagram(raw[:9]) == Discarded(Reason.TRUNCATED, raw[:8], 1)
    assert decode_datagram(b"") == Discarded(Reason.TRUNCATED, b"", 0)


def test_what_does_not_fit_into_the_header_is_refused() -> None:
    with pytest.raises(ValueError, match="two octets"):
        encode(0x10000, b"")
