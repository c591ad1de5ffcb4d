import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.iso15118.exi import EncodeError, EndOfData, InvalidValue, LimitExceeded, Limits
from v2x_architecture.iso15118.exi.bits import BitReader, BitWriter

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(st.integers(0, 60).flatmap(lambda width: st.tuples(st.integers(0, (1 << width) - 1), st.just(width)))))
def test_bits_come_back_as_they_were_written(written):
    writer = BitWriter()
    for value, width in written:
        writer.bits(value, width)
    reader = BitReader(writer.data())
    assert [reader.bits(width) for _, width in written] == [value for value, _ in written]
    assert reader.left < 8


@given(st.integers(0, 7), st.lists(st.integers(0, 2**200) | st.binary(max_size=700) | TEXT, max_size=12))
def test_numbers_octets_and_characters_need_not_begin_at_an_octet(offset, written):
    writer = BitWriter()
    writer.bits(0, offset)
    for value in written:
        if isinstance(value, int):
            writer.unsigned(value)
        else:
            writer.unsigned(len(value))
            writer.octets(value) if isinstance(value, bytes) else writer.characters(value)
    reader = BitReader(writer.data())
    assert reader.bits(offset) == 0
    for value in written:
        found = reader.unsigned()
        if isinstance(value, bytes):
            found = reader.octets(found)
        elif isinstance(value, str):
            found = reader.characters(found)
        assert found == value


def test_an_unsigned_integer_has_its_least_significant_bits_first():
    writer = BitWriter()
    writer.unsigned(300)
    assert writer.data() == bytes([0b1_0101100, 0b0_0000010])


def test_the_end_of_the_data_is_told_with_its_bit():
    reader = BitReader(b"\xff\xff")
    reader.bits(9)
    with pytest.raises(EndOfData, match=r"1 bits too early \(at bit 16\)"):
        reader.bits(8)
    with pytest.raises(EndOfData, match="33 bits too early"):
        reader.octets(5)


def test_a_value_beyond_the_limit_is_refused_before_it_is_read():
    reader = BitReader(b"\xff" * 10, Limits(length=4))
    assert reader.octets(4) == b"\xff" * 4
    with pytest.raises(LimitExceeded, match=r"5 octets; the limit is 4 \(at bit 32\)"):
        reader.octets(5)
    with pytest.raises(LimitExceeded, match="5 characters"):
        reader.characters(5)


def test_an_endless_integer_is_refused():
    with pytest.raises(LimitExceeded, match=r"an integer of more than 64 octets \(at bit 0\)"):
        BitReader(b"\xff" * 100).unsigned()


@pytest.mark.parametrize("code", [0x110000, 0xD800])
def test_what_is_no_character_is_refused(code):
    writer = BitWriter()
    writer.unsigned(code)
    with pytest.raises(InvalidValue, match=f"{code:#x} is no character"):
        BitReader(writer.data()).characters(1)


def test_what_does_not_fit_is_not_written():
    writer = BitWriter()
    with pytest.raises(EncodeError, match="8 does not fit in 3 bits"):
        writer.bits(8, 3)
    with pytest.raises(EncodeError, match="does not fit"):
        writer.bits(-1, 3)
    with pytest.raises(EncodeError, match="negative"):
        writer.unsigned(-1)
    with pytest.raises(EncodeError, match="no character"):
        writer.characters("\ud800")
    assert writer.data() == b""
