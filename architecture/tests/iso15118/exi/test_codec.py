import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_architecture.iso15118.exi import (
    Codec,
    EncodeError,
    EndOfData,
    HeaderError,
    InvalidValue,
    LimitExceeded,
    Limits,
    Schema,
    TrailingData,
    UnexpectedEvent,
    Unsupported,
    codec,
    from_plain,
    to_plain,
    validate,
)
from v2x_architecture.iso15118.exi.bits import BitReader, BitWriter
from v2x_architecture.iso15118.exi.messages.app_protocol import AppProtocolType, supportedAppProtocolReq
from v2x_architecture.iso15118.exi.messages.iso2 import (
    AuthorizationReqType,
    BodyType,
    EMAIDType,
    MessageHeaderType,
    SessionSetupReqType,
    V2G_Message,
)
from v2x_architecture.iso15118.exi.messages.iso20_acdp import ACDP_ConnectReqType
from v2x_architecture.iso15118.exi.messages.iso20_common_types import MessageHeaderType as Header20
from v2x_architecture.iso15118.exi.model import SimpleType
from v2x_architecture.iso15118.exi.values import Simple
from v2x_architecture.iso15118.exi.xml import from_xml

SETUP = bytes.fromhex("80980011d0180301652003fc00")


def test_a_message_has_the_fields_of_the_specification():
    decoded = codec(Schema.ISO2).decode(SETUP)
    assert decoded.message == V2G_Message(
        Header=MessageHeaderType(SessionID=b""),
        Body=BodyType(BodyElement=SessionSetupReqType(EVCCID=bytes.fromhex("00c0594800ff"))),
    )
    assert (decoded.schema, decoded.name, decoded.raw, decoded.trailing) == (Schema.ISO2, "V2G_Message", SETUP, b"")
    assert repr(decoded) == "<Decoded iso2 V2G_Message 13 B>"


def test_an_offer_of_protocols_is_written_as_its_bits_are_known():
    offer = supportedAppProtocolReq(
        AppProtocol=[
            AppProtocolType(
                ProtocolNamespace="urn:din:70121:2012:MsgDef", VersionNumberMajor=2, VersionNumberMinor=0, SchemaID=1, Priority=1
            )
        ]
    )
    written = codec(Schema.SAP).encode(offer)
    assert written.hex() == "8000dbab9371d3234b71d1b981899189d191818991d26b9b3a232b30020000040040"
    assert codec(Schema.SAP).decode(written).message == offer


def test_a_message_is_named_as_the_specification_names_it(captures):
    for capture in captures:
        assert codec(Schema(capture["schema"])).decode(bytes.fromhex(capture["hex"])).message_name == capture["message"]
    empty = V2G_Message(Header=MessageHeaderType(SessionID=b""), Body=BodyType())
    assert codec(Schema.ISO2).decode(codec(Schema.ISO2).encode(empty)).message_name == "V2G_Message"


def test_captures_decode_and_encode_to_the_same_bytes(captures):
    for capture in captures:
        payload = bytes.fromhex(capture["hex"])
        known = codec(Schema(capture["schema"]))
        decoded = known.decode(payload)
        assert known.encode(decoded.message) + decoded.trailing == payload, capture["source"]
        assert decoded.deviations == ()


def test_the_fast_and_the_careful_reader_agree(captures):
    for capture in captures:
        known = codec(Schema(capture["schema"]))
        payload = bytes.fromhex(capture["hex"])
        decoded = known.decode(payload)
        spoken = known._carefully(payload, fragment=False)[0]
        assert (spoken.name, spoken.message, spoken.trailing) == (decoded.name, decoded.message, decoded.trailing)


ALL = {schema: Codec(schema, nillable=True) for schema in Schema}
MODES = [{"valid": True}, {}, {"nil": 0.05}, {"extended": 0.3}]


@pytest.mark.parametrize("mode", MODES, ids=["valid", "broken facets", "nil", "extended"])
@pytest.mark.parametrize("schema", Schema)
@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), fragment=st.booleans())
def test_whatever_can_be_written_comes_back(maker, schema, mode, seed, fragment):
    known = ALL[schema]
    making = maker(known, random.Random(seed), **mode)
    name, message = making.fragment() if fragment else making.document()
    payload = known.encode_fragment(message, name) if fragment else known.encode(message, name)
    decoded = known.decode_fragment(payload) if fragment else known.decode(payload)
    assert (decoded.name, decoded.message) == (name, message)
    assert known._carefully(payload, fragment=fragment)[0].message == message
    again = known.encode_fragment(decoded.message, name) if fragment else known.encode(decoded.message, name)
    assert again == payload
    assert from_plain(known, json.loads(json.dumps(to_plain(decoded))), fragment=fragment) == (name, message)
    if mode == {"valid": True}:
        assert validate(decoded) == []


@pytest.mark.parametrize("schema", Schema)
def test_every_document_and_every_fragment_comes_back(maker, schema):
    known = ALL[schema]
    grammar, elements = known.grammar, known.grammar.table.elements
    for code, positions in enumerate(grammar.fragments):
        kinds = {elements[position].type for position in positions}
        name, source = grammar.fragment_names[code], random.Random(code)
        value = maker(known, source, valid=True).value(grammar.kind(elements[positions[0]].type), 0)
        if len(kinds) == 1:
            found = known.decode_fragment(known.encode_fragment(value, name))
            assert (found.name, found.message) == (name, value)
    for position in grammar.documents:
        for seed in range(5):
            value = maker(known, random.Random(seed), valid=True).value(grammar.kind(elements[position].type), 0)
            found = known.decode(known.encode(value, elements[position].name))
            assert (found.name, found.message) == (elements[position].name, value)


@pytest.mark.parametrize("schema", Schema)
def test_every_value_of_every_enumeration_comes_back(schema):
    for model in ALL[schema].grammar.table.types:
        if isinstance(model, SimpleType) and model.values:
            kind = Simple(model)
            for value in model.values:
                writer = BitWriter()
                kind.write(writer, value)
                assert kind.read(BitReader(writer.data() + b"\0")) == value


def test_sixty_four_nul_characters_are_kept(captures):
    capture = next(each for each in captures if each["expected_xml"] is None)
    decoded = codec(Schema.ISO2).decode(bytes.fromhex(capture["hex"]))
    assert decoded.message.Body.BodyElement.ServiceScope == "\0" * 64


def test_an_empty_value_is_not_an_absent_one():
    known = codec(Schema.ISO2)

    def written(request):
        return known.encode(V2G_Message(Header=MessageHeaderType(SessionID=b"\0" * 8), Body=BodyType(BodyElement=request)))

    empty, absent = AuthorizationReqType(GenChallenge=b""), AuthorizationReqType()
    assert written(empty) != written(absent)
    assert known.decode(written(empty)).message.Body.BodyElement == empty
    assert known.decode(written(absent)).message.Body.BodyElement == absent


def test_one_trailing_zero_byte_is_taken_and_told():
    decoded = codec(Schema.ISO2).decode(SETUP + b"\0")
    assert decoded.trailing == b"\0"
    assert decoded.raw == SETUP + b"\0"


@pytest.mark.parametrize("more", [b"\1", b"\0\0"])
def test_more_than_one_zero_byte_is_not_taken(more):
    with pytest.raises(TrailingData, match="bytes follow the end"):
        codec(Schema.ISO2).decode(SETUP + more)


@pytest.mark.parametrize("payload", [b"", b"\x80"])
def test_a_payload_without_document_ends_too_early(payload):
    with pytest.raises(EndOfData):
        codec(Schema.ISO2).decode(payload)


def test_another_header_than_that_of_v2g_is_refused():
    with pytest.raises(HeaderError, match="begins with 0x24, not with 0x80"):
        codec(Schema.ISO2).decode(b"$EXI" + SETUP)


def test_an_error_says_where_in_bits_and_grammar():
    with pytest.raises(EndOfData) as caught:
        codec(Schema.ISO2).decode(SETUP[:10])
    assert (caught.value.bit_offset, caught.value.path) == (80, "/V2G_Message/Body/SessionSetupReq/EVCCID")
    assert str(caught.value) == "the payload ends 14 bits too early (at bit 80 in /V2G_Message/Body/SessionSetupReq/EVCCID)"
    assert caught.value.fault == "remote"


def test_a_code_of_no_document_is_refused():
    with pytest.raises(UnexpectedEvent, match="event code 127 where iso2 has 80 elements"):
        codec(Schema.ISO2).decode(b"\x80\xff\xff")
    with pytest.raises(Unsupported, match="an element that sap does not declare"):
        codec(Schema.SAP).decode(b"\x80\x80\0")


@pytest.mark.parametrize("limits", [Limits(payload=12), Limits(length=5), Limits(depth=3)])
def test_limits_hold(limits):
    with pytest.raises(LimitExceeded):
        Codec(Schema.ISO2, limits)._carefully(SETUP, fragment=False)


def test_lists_are_limited(captures):
    offer = next(each for each in captures if each["message"] == "supportedAppProtocolReq")
    with pytest.raises(LimitExceeded, match="a list of more than 1"):
        Codec(Schema.SAP, Limits(items=1)).decode(bytes.fromhex(offer["hex"]))


def test_a_signed_element_is_a_fragment_of_its_own():
    known = codec(Schema.ISO2)
    request = AuthorizationReqType(Id="ID1", GenChallenge=bytes(range(16)))
    fragment = known.encode_fragment(request, "AuthorizationReq")
    decoded = known.decode_fragment(fragment)
    assert (decoded.name, decoded.message, decoded.is_fragment) == ("AuthorizationReq", request, True)
    assert decoded.trace.at("/AuthorizationReq/GenChallenge").width == 8 + 128
    with pytest.raises(UnexpectedEvent, match="does not end after its first element"):
        known.decode_fragment(fragment[:-1] + b"\0\0")


def test_a_fragment_may_be_a_plain_value():
    known = codec(Schema.XMLDSIG)
    fragment = known.encode_fragment(b"\1\2", "DigestValue")
    assert known.decode_fragment(fragment).message == b"\1\2"


def test_a_fragment_whose_name_two_namespaces_have_is_told_by_its_namespace():
    known = codec(Schema.ISO2)
    with pytest.raises(
        EncodeError, match=r"no element SessionID to begin with; it has {urn:iso:15118:2:2013:MsgBody}SessionID and"
    ):
        known.encode_fragment(b"1", "SessionID")
    names = [name for name in known.grammar.fragment_names if name.endswith("}SessionID")]
    assert len(names) == 2
    for name in names:
        decoded = known.decode_fragment(known.encode_fragment(b"1", name))
        assert (decoded.name, decoded.message) == (name, b"1")
        assert decoded.trace.at("/SessionID").text == "31"
        assert validate(decoded) == []
        assert from_plain(known, to_plain(decoded), fragment=True) == (name, b"1")


@pytest.mark.parametrize(
    ("value", "payload", "marks"),
    [
        (
            EMAIDType(Id="id4", value="DE1"),
            "80ec0202b4b21a400151114c7d3d00",
            [("/eMAID/Id", 16, 25, 32), ("/eMAID/value", 57, 66, 32), ("/eMAID", 8, 16, 90)],
        ),
        ("DE1", "80ec8002a22298fa7a00", [("/eMAID", 8, 25, 32)]),
    ],
)
def test_a_fragment_whose_name_has_several_types_is_one_of_them(value, payload, marks):
    """A response to a certificate installation is signed over its eMAID; EXIficient wrote these."""
    known = codec(Schema.ISO2)
    assert known.encode_fragment(value, "eMAID").hex() == payload
    decoded = known.decode_fragment(bytes.fromhex(payload))
    assert (decoded.name, decoded.message, decoded.end) == ("eMAID", value, len(payload) * 4 - (6 if marks[1:] else 7))
    assert [(each.pointer, each.event, each.offset, each.width) for each in decoded.trace.marks] == marks
    assert from_plain(known, to_plain(decoded), fragment=True) == ("eMAID", value)
    assert from_xml(known, '<eMAID Id="id4">DE1</eMAID>' if marks[1:] else "<eMAID>DE1</eMAID>", fragment=True)[1] == value


def test_a_fragment_whose_name_has_several_types_is_none_of_others():
    known = codec(Schema.ISO2)
    for value in (5, AuthorizationReqType(), EMAIDType(Id=None, value=5)):
        with pytest.raises(EncodeError):
            known.encode_fragment(value, "eMAID")
    payload = bytearray.fromhex("80ec0202b4b21a400151114c7d3d00")
    payload[2:4] = b"\x05\x82"  # AT(*) in place of the attribute
    with pytest.raises(UnexpectedEvent, match="belongs to none of the types") as caught:
        known.decode_fragment(bytes(payload))
    assert (caught.value.bit_offset, caught.value.path) == (16, "/eMAID")
    with pytest.raises(EndOfData):
        known.decode_fragment(bytes(payload[:2]))
    delays = codec(Schema.AC_DER_IEC)
    written = delays.encode_fragment(70000, "IntentionalDelayPowerControl")
    assert delays.decode_fragment(written).message == 70000
    # The text 70000 begins at bit 25 and ends at 65: its last digit becomes a letter.
    start = delays.decode_fragment(written).trace.at("/IntentionalDelayPowerControl").offset
    letter = int.from_bytes(written) ^ (ord("0") ^ ord("x")) << (8 * len(written) - start - 48)
    with pytest.raises(InvalidValue, match="'7000x' is no value of unsignedShort or unsignedInt"):
        delays.decode_fragment(letter.to_bytes(len(written)))


def test_a_type_of_two_documents_needs_the_name():
    header = Header20(SessionID=b"\0" * 8, TimeStamp=1)
    request = ACDP_ConnectReqType(Header=header, EVElectricalChargingDeviceStatus="State_B")
    known = codec(Schema.ACDP)
    with pytest.raises(EncodeError, match="several, give the name: ACDP_ConnectReq, ACDP_DisconnectReq"):
        known.encode(request)
    assert known.decode(known.encode(request, "ACDP_DisconnectReq")).name == "ACDP_DisconnectReq"


def test_a_document_of_another_set_is_refused():
    with pytest.raises(EncodeError, match="documents of din that hold a V2G_Message: none"):
        codec(Schema.DIN).encode(V2G_Message(Header=MessageHeaderType(SessionID=b""), Body=BodyType()))
    with pytest.raises(EncodeError, match="sap has no element Nothing"):
        codec(Schema.SAP).encode(V2G_Message(Header=MessageHeaderType(SessionID=b""), Body=BodyType()), "Nothing")


def test_a_long_payload_is_read_as_fast_at_its_end():
    known = codec(Schema.XMLDSIG)
    source = random.Random(1)
    value = source.randbytes(60_000)
    assert known.decode_fragment(known.encode_fragment(value, "DigestValue")).message == value
