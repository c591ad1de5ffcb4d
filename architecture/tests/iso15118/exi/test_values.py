import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.iso15118.exi import EncodeError, InvalidValue, UnexpectedEvent
from v2x_architecture.iso15118.exi.bits import BitReader, BitWriter
from v2x_architecture.iso15118.exi.model import Facets, SimpleType
from v2x_architecture.iso15118.exi.values import Simple


def simple(coding, *, low=0, width=0, values=()):
    return Simple(SimpleType("t", 0, coding, low, width, values, Facets()))


MODES = ("AC", "DC", "WPT")
CODINGS = {
    "boolean": (simple("boolean"), st.booleans()),
    "bits": (simple("bits", low=-3, width=3), st.integers(-3, 4)),
    "unsigned": (simple("unsigned"), st.integers(0, 2**70)),
    "integer": (simple("integer"), st.integers(-(2**70), 2**70)),
    "hex": (simple("hex"), st.binary(max_size=40)),
    "base64": (simple("base64"), st.binary(max_size=40)),
    "string": (simple("string"), st.text(st.characters(exclude_categories=["Cs"]), max_size=40)),
    "enumeration": (simple("enumeration", width=2, values=MODES), st.sampled_from(MODES)),
}


@pytest.mark.parametrize("coding", CODINGS)
@given(data=st.data())
def test_a_value_comes_back_from_bits_and_from_text(coding, data):
    kind, strategy = CODINGS[coding]
    value = data.draw(strategy)
    writer = BitWriter()
    kind.write(writer, value)
    assert kind.read(BitReader(writer.data())) == value
    assert kind.value(kind.text(value)) == value


@pytest.mark.parametrize("coding", CODINGS)
@given(data=st.data())
def test_an_element_is_its_value_between_two_events(coding, data):
    kind, strategy = CODINGS[coding]
    value = data.draw(strategy)
    writer = BitWriter()
    writer.bits(0, 1)
    kind.write(writer, value)
    writer.bits(0, 1)
    reader = BitReader(writer.data())
    assert kind.read_element(reader) == value
    assert reader.left < 8


@pytest.mark.parametrize("coding", CODINGS)
def test_an_element_that_deviates_is_left_to_the_careful_reader(coding):
    kind, _ = CODINGS[coding]
    with pytest.raises(UnexpectedEvent):
        kind.read_element(BitReader(b"\xff" * 8))


@pytest.mark.parametrize(
    ("coding", "wrong"),
    [
        ("boolean", 1),
        ("bits", 5),
        ("bits", -4),
        ("bits", True),
        ("bits", "1"),
        ("unsigned", -1),
        ("unsigned", None),
        ("integer", 1.5),
        ("integer", True),
        ("hex", "00"),
        ("string", b"00"),
        ("string", "\ud800"),
        ("enumeration", "ACDC"),
        ("enumeration", []),
    ],
)
def test_a_value_that_no_bits_stand_for_is_refused(coding, wrong):
    with pytest.raises(EncodeError):
        CODINGS[coding][0].write(BitWriter(), wrong)


def test_an_enumeration_index_out_of_range_is_refused():
    with pytest.raises(InvalidValue, match=r"3 is no value of t \(at bit 0\)"):
        CODINGS["enumeration"][0].read(BitReader(b"\xff"))


def test_a_string_cannot_refer_to_a_value_table():
    with pytest.raises(InvalidValue, match="there is none"):
        CODINGS["string"][0].read(BitReader(b"\x00\x00"))


@pytest.mark.parametrize(
    ("coding", "text"),
    [("boolean", "yes"), ("bits", "x"), ("hex", "0"), ("base64", "A"), ("enumeration", ""), ("unsigned", ""), ("integer", "1_0")],
)
def test_text_of_another_type_is_refused(coding, text):
    with pytest.raises(InvalidValue, match="is no t"):
        CODINGS[coding][0].value(text)
