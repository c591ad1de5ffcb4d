import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_architecture.iso15118.exi import Mark, Schema, codec
from v2x_architecture.iso15118.exi.bits import BitReader
from v2x_architecture.iso15118.exi.walk import values

KNOWN = codec(Schema.ISO2)
SETUP = bytes.fromhex("80980011d0180301652003fc00")


def test_a_value_is_found_by_its_pointer():
    trace = KNOWN.decode(SETUP).trace
    path = "/V2G_Message/Body/SessionSetupReq/EVCCID"
    mark = trace.at(path)
    assert mark == Mark(path, event=36, offset=38, width=56, text="00C0594800FF")
    reader = BitReader(SETUP)
    reader.bits(mark.offset)
    assert reader.octets(reader.unsigned()).hex() == "00c0594800ff"
    assert trace.at("/V2G_Message/Body/SessionSetupReq/Nothing") is None
    assert trace.end == 98


def test_members_of_a_list_and_attributes_have_pointers_of_their_own(captures):
    offer = next(each for each in captures if each["message"] == "supportedAppProtocolReq")
    trace = codec(Schema.SAP).decode(bytes.fromhex(offer["hex"])).trace
    priorities = [mark for mark in trace.marks if mark.pointer.endswith("/Priority")]
    assert [mark.pointer for mark in priorities] == [
        f"/supportedAppProtocolReq/AppProtocol/{k}/Priority" for k in range(len(priorities))
    ]


def test_elements_enclose_what_is_in_them(captures):
    for capture in captures:
        decoded = codec(Schema(capture["schema"])).decode(bytes.fromhex(capture["hex"]))
        marks = {mark.pointer: mark for mark in decoded.trace.marks}
        assert max(mark.offset + mark.width for mark in marks.values()) <= decoded.trace.end <= 8 * len(decoded.raw)
        for mark in marks.values():
            outer = marks.get(mark.pointer.rpartition("/")[0])
            if outer:
                assert outer.offset <= mark.event <= mark.offset
                assert mark.offset + mark.width <= outer.offset + outer.width


def test_a_value_of_fixed_width_changes_only_its_own_bits(captures):
    capture = next(each for each in captures if each["message"] == "CurrentDemandReq" and each["schema"] == "iso2")
    decoded = KNOWN.decode(bytes.fromhex(capture["hex"]))
    mark = decoded.trace.at("/V2G_Message/Body/CurrentDemandReq/DC_EVStatus/EVRESSSOC")
    changed = msgspec.convert(msgspec.to_builtins(decoded.message.Header), type(decoded.message.Header))
    assert changed == decoded.message.Header
    decoded.message.Body.BodyElement.DC_EVStatus.EVRESSSOC ^= 1
    difference = int.from_bytes(KNOWN.encode(decoded.message)) ^ int.from_bytes(decoded.raw)
    assert difference == 1 << (8 * len(decoded.raw) - mark.offset - mark.width)


@pytest.mark.parametrize("schema", Schema)
@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_value_has_its_mark_and_its_text(make, schema, seed):
    known = codec(schema)
    name, message = make(schema, seed)
    trace = known.decode(known.encode(message, name)).trace
    spoken = {mark.pointer: mark.text for mark in trace.marks if mark.text is not None}
    assert spoken == {pointer: kind.text(value) for pointer, kind, value in values(known, name, message)}


@pytest.mark.parametrize("schema", Schema)
@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_fast_reader_ends_where_the_careful_one_does(make, schema, seed):
    known = codec(schema)
    name, message = make(schema, seed)
    found = known.decode(known.encode(message, name))
    assert found.end == found.trace.end
