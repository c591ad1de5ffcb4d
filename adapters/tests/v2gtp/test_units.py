"""Taking octets apart: whole messages, bad ones at once, and no octet is lost however they come."""

from hypothesis import given
from hypothesis import strategies as st
from v2x_adapters.v2gtp.units import Splitter, Unit, of_datagram
from v2x_architecture.iso15118.v2gtp import Reason, encode

GOOD = encode(0x8001, b"\x80\x98\x01")
BAD = b"\x02\xfd" + GOOD[2:]


def split(*pieces, largest=1 << 20):
    splitter = Splitter(largest)
    units = [unit for piece in pieces for unit in splitter.feed(piece)]
    return units + ([rest] if (rest := splitter.rest()) else [])


def test_a_message_is_given_when_it_is_complete() -> None:
    assert split(GOOD[:5], GOOD[5:9], GOOD[9:] + GOOD) == [Unit(GOOD), Unit(GOOD)]


def test_a_bad_header_is_given_at_once_and_the_rest_follows() -> None:
    assert split(BAD[:9], BAD[9:] + GOOD) == [
        Unit(BAD[:9], Reason.VERSION, missing=2),
        Unit(BAD[9:], missing=0, tail=True),
        Unit(GOOD),
    ]


def test_a_reserved_payload_type_is_a_problem() -> None:
    (unit,) = split(encode(0x1234, b"x"))
    assert (unit.problem, unit.payload_type, unit.payload) == (Reason.PAYLOAD_TYPE, 0x1234, b"x")


def test_a_message_too_long_is_not_held() -> None:
    first, tail = split(GOOD[:10], GOOD[10:], largest=2)
    assert (first.problem, first.missing, tail.tail) == (Reason.LENGTH, 1, True)


def test_a_message_that_is_broken_off_is_given_at_the_end() -> None:
    assert split(GOOD, GOOD[:6]) == [Unit(GOOD), Unit(GOOD[:6], Reason.TRUNCATED)]


@given(st.lists(st.binary(max_size=20) | st.sampled_from([GOOD, BAD, GOOD[:7]])))
def test_no_octet_is_lost(pieces) -> None:
    assert b"".join(unit.raw for unit in split(*pieces, largest=16)) == b"".join(pieces)


def test_datagrams() -> None:
    assert of_datagram(GOOD) == Unit(GOOD)
    assert of_datagram(GOOD + b"x").problem is Reason.EXCESS
    assert of_datagram(GOOD[:-1]).problem is Reason.TRUNCATED
    assert of_datagram(b"x").problem is Reason.TRUNCATED
    assert of_datagram(BAD).problem is Reason.VERSION
