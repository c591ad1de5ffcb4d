"""Streams that deviate from the schema, or use wildcards. The payloads are what EXIficient 1.0 makes of XML of ours."""

import pytest
from v2x_architecture.iso15118.exi import (
    Child,
    Codec,
    InvalidValue,
    Nil,
    Node,
    Schema,
    UnexpectedEvent,
    Unsupported,
    codec,
    from_plain,
    to_plain,
    validate,
)
from v2x_architecture.iso15118.exi.bits import BitReader, BitWriter
from v2x_architecture.iso15118.exi.messages.iso2 import (
    AC_EVChargeParameterType,
    AuthorizationReqType,
    BodyType,
    DC_EVStatusType,
    MessageHeaderType,
    PhysicalValueType,
    V2G_Message,
)
from v2x_architecture.iso15118.exi.messages.xmldsig import X509DataType

KNOWN = codec(Schema.ISO2)
NILLABLE = Codec(Schema.ISO2, nillable=True)
SETUP = "/V2G_Message/Body/SessionSetupReq"


def decoded(payload: str):
    return KNOWN.decode(bytes.fromhex(payload))


@pytest.mark.parametrize(
    ("payload", "event", "text", "pointer"),
    [
        ("8098004011d00800450823337b7e0ac4c2e400", "SE(*)", "foo", SETUP),
        ("8098004011dd104666f6f4409840cc782b130b94204f40381b8900800440", "SE(*)", "foo", SETUP),
        ("8098004011db102710337008004400", "AT(*)", "q=7", SETUP),
        ("8098004011d588138819b808004400", "AT(*)", "q=7", f"{SETUP}/EVCCID"),
        ("8098004011d9600e2010008800", "AT(xsi:type)", "SessionSetupReqType", SETUP),
        ("8098004011d4b804f808004400", "AT(xsi:type)", "evccIDType", f"{SETUP}/EVCCID"),
        ("8098004011da00400220", "AT(xsi:nil)", "false", SETUP),
        ("8098004011de0768616c6c6f00800440", "CH [untyped value]", "hallo", SETUP),
        ("8098004011d008004583b430b6363780", "CH [untyped value]", "hallo", SETUP),
    ],
)
def test_what_the_schema_does_not_declare_is_told_and_passed_over(payload, event, text, pointer):
    found = decoded(payload)
    (deviation,) = found.deviations
    assert (deviation.event, deviation.text, deviation.pointer) == (event, text, pointer)
    assert found.message.Body.BodyElement.EVCCID == b"\x00\x11"
    (violation,) = validate(found)
    assert (violation.facet, violation.offset, violation.pointer) == ("deviation", deviation.offset, pointer)


def test_an_unknown_element_is_learned():
    found = decoded("8098004011d00800450823337b7e0ac4c2e484038198985c8ca1027118401e8813b8198c4200e8199000")
    assert [each.text for each in found.deviations] == ["foo"] * 4


@pytest.mark.parametrize(
    ("payload", "field", "value"),
    [
        ("8098004011d400", lambda message: message.Body.BodyElement.EVCCID, b""),
        (
            "809800400a80d8d00dcd10211b0801ba2403644030000001421d00800440",
            lambda message: message.Header.Signature.SignatureValue.value,
            b"",
        ),
    ],
)
def test_an_element_without_value_is_an_empty_value(payload, field, value):
    found = decoded(payload)
    assert field(found.message) == value
    assert [each.event for each in found.deviations] == ["EE"]


def test_text_instead_of_a_value_is_that_value():
    found = decoded("809800401150380cc230")
    assert found.message.Body.BodyElement.SAScheduleTupleID == 0
    assert [each.event for each in found.deviations] == ["CH [untyped value]", "EE"]
    assert {each.facet for each in validate(found)} == {"deviation", "minInclusive"}


@pytest.mark.parametrize(
    ("payload", "text"), [("8098004011d702bc3cbd40", "'xyz' is no evccIDType"), ("809800401157032737b832c000c0", "'Nope' is no")]
)
def test_text_that_is_no_value_is_refused(payload, text):
    with pytest.raises(InvalidValue, match=text):
        decoded(payload)


def test_an_element_that_lacks_another_is_refused():
    with pytest.raises(UnexpectedEvent, match=rf"ends where EVCCID must come \(at bit 44 in {SETUP}\)"):
        decoded("8098004011d800")


def test_an_element_that_lacks_a_required_attribute_is_refused():
    with pytest.raises(UnexpectedEvent, match="the element ends without Algorithm") as caught:
        decoded("809800400ae8813a8806e688108d8400dd1201b2201800000090300000043a01000880")
    assert caught.value.path == "/V2G_Message/Header/Signature/SignedInfo/CanonicalizationMethod"


def test_a_wildcard_lets_in_an_element_that_the_schema_declares():
    found = decoded("809800400a80d8c7001f20037100dcd10211b0801ba24036440300000012060000008740200110")
    content = found.message.Header.Signature.SignedInfo.CanonicalizationMethod.content
    status = DC_EVStatusType(EVReady=True, EVErrorCode="NO_ERROR", EVRESSSOC=55)
    assert content == [Child("DC_EVStatus", status, "urn:iso:15118:2:2013:MsgDataTypes")]
    assert KNOWN.encode(found.message) == found.raw


def test_open_content_keeps_its_order():
    found = decoded("809800400a80d8d00dcd10211b0801ba24036440300000012060000000406d63404434e3018000003423a010008800")
    name, data = found.message.Header.Signature.KeyInfo.content
    assert name == Child("KeyName", "k")
    assert isinstance(data.value, X509DataType)
    assert [each.name for each in data.value.content] == ["X509SubjectName", "X509Certificate"]
    assert KNOWN.encode(found.message) == found.raw


def test_an_attribute_where_mixed_content_may_begin_is_a_deviation():
    found = decoded("809800400a80d8f040de9e80cc500dcd10211b0801ba240364403000000120600000087402001100")
    assert [(each.event, each.text) for each in found.deviations] == [("AT(*)", "zz=1")]


def at_setup(*bits):
    """Return a payload whose SessionSetupReq goes on with these bits, each a value and a width."""
    start = decoded("8098004011d008004400").trace.at(SETUP)
    reader, writer = BitReader(bytes.fromhex("8098004011d008004400")), BitWriter()
    for value, width in [(reader.bits(start.offset), start.offset), *bits, (0, 64)]:
        writer.bits(value, width)
    return writer.data()


def test_nil_is_not_supported():
    with pytest.raises(Unsupported, match="xsi:nil is true") as caught:
        KNOWN.decode(at_setup((1, 1), (2, 3), (1, 1)))
    assert caught.value.path == SETUP


def test_another_type_is_not_supported():
    names = KNOWN.grammar.table.names[KNOWN.grammar.table.namespaces.index("urn:iso:15118:2:2013:MsgBody")]
    width = (len(names) - 1).bit_length()
    with pytest.raises(Unsupported, match="xsi:type says BodyType of urn:iso:15118:2:2013:MsgBody for a SessionSetupReqType"):
        KNOWN.decode(at_setup((1, 1), (1, 3), (6, 4), (0, 8), (names.index("BodyType"), width)))


def at_authorization(*bits):
    """Return a payload whose AuthorizationReq goes on with these bits."""
    message = V2G_Message(Header=MessageHeaderType(SessionID=b""), Body=BodyType(BodyElement=AuthorizationReqType()))
    payload = KNOWN.encode(message)
    start = KNOWN.decode(payload).trace.at("/V2G_Message/Body/AuthorizationReq").offset
    reader, writer = BitReader(payload), BitWriter()
    for value, width in [(reader.bits(start), start), *bits]:
        writer.bits(value, width)
    writer.bits(0, 2)
    return writer.data()


def test_an_attribute_whose_value_is_untyped_is_that_value():
    found = KNOWN.decode(at_authorization((3, 2), (3, 3), (0, 1), (3, 8), (ord("a"), 8), (1, 2)))
    assert found.message.Body.BodyElement == AuthorizationReqType(Id="a")
    assert [(each.event, each.text) for each in found.deviations] == [("AT [untyped value]", "Id=a")]
    assert found.trace.at("/V2G_Message/Body/AuthorizationReq/Id").text == "a"


def test_an_untyped_attribute_may_be_one_that_no_schema_declares():
    names = KNOWN.grammar.table.names[0]
    assert len(names) > 1
    local = ((0, 8), (0, (len(names) - 1).bit_length()))
    found = KNOWN.decode(at_authorization((3, 2), (3, 3), (1, 1), (1, 4), *local, (3, 8), (ord("a"), 8), (2, 2)))
    assert [(each.event, each.text) for each in found.deviations] == [("AT [untyped value]", f"{names[0]}=a")]


def test_an_element_may_name_another_simple_type_whose_value_its_own_has_too():
    names = KNOWN.grammar.table.names[KNOWN.grammar.table.namespaces.index("urn:iso:15118:2:2013:MsgDataTypes")]
    width = (len(names) - 1).bit_length()
    uri = 4 + KNOWN.grammar.table.namespaces.index("urn:iso:15118:2:2013:MsgDataTypes")
    said = ((uri, 4), (0, 8), (names.index("sessionIDType"), width))
    # EVCCID, xsi:type of sessionIDType, two octets.
    found = KNOWN.decode(at_setup((0, 1), (1, 1), (1, 3), *said, (0, 1), (2, 8), (0xAB, 8), (0xCD, 8))[:-7])
    assert found.message.Body.BodyElement.EVCCID == b"\xab\xcd"
    assert [(each.event, each.text) for each in found.deviations] == [("AT(xsi:type)", "sessionIDType")]


def test_second_codes_that_mean_nothing_are_refused():
    with pytest.raises(UnexpectedEvent, match="second event code 7 where there are 7"):
        KNOWN.decode(at_setup((1, 1), (7, 3)))


def test_a_wildcard_lets_in_an_element_that_no_schema_declares():
    found = decoded(
        "809800400a80d8c00575726e3a7502614409ac0ddb50131606e8c19d185a5b140373440846c2006e8900d9100c00000048180000021d00800440"
    )
    (child,) = found.message.Header.Signature.SignedInfo.CanonicalizationMethod.content
    assert child == Child("a", Node([("", "k", "v")], [Child("b", Node([], ["t"]), "urn:u"), "tail"]), "urn:u")
    assert KNOWN.encode(found.message) == found.raw


def within_signature(payload: str):
    found = decoded(payload)
    assert KNOWN.encode(found.message) == found.raw
    assert from_plain(KNOWN, to_plain(found)) == (found.name, found.message)
    assert validate(found) == []
    return found.message.Header.Signature.SignedInfo.CanonicalizationMethod.content


def test_what_an_element_without_schema_has_learned_counts_for_its_next():
    first, second, third = within_signature(
        "809800400a80d8400575726e3a7502614409ac0cc6881360199550131606e8a80203765037a8a0020665d404c63228008201b12401b1a00800901004"
        "3a01000880"
    )
    inside = [Child("b", Node([], ["t"]), "urn:u"), Child("b", Node([], ["v"]), "urn:u"), "z"]
    assert first == Child("a", Node([("", "k", "1"), ("", "l", "2")], inside), "urn:u")
    assert second == Child("a", Node([("", "l", "2")], [Child("c", Node(), "urn:u"), Child("b", Node(), "urn:u")]), "urn:u")
    assert third == Child("a", Node(), "urn:u")


def test_an_element_without_schema_may_name_a_type_of_the_schema():
    child = Child(
        "a",
        PhysicalValueType(Multiplier=0, Unit="A", Value=1),
        "urn:u",
        "{urn:iso:15118:2:2013:MsgDataTypes}PhysicalValueType",
    )
    payload = "809800400a80d8400575726e3a7502614c02e00d430c0042800e00d430c00440362480363401001202008740200110"
    assert within_signature(payload) == [child, child]


@pytest.mark.parametrize(
    ("payload", "name", "value", "namespace"),
    [
        ("809800400a80d8400575726e3a7502614c03408ccdedfc0de0806c49006c6802002404010e80400220", "type", "{urn:u}foo", "urn:u"),
        ("809800400a80d8400575726e3a7502614c000ce8e4eacb100d89200d8d004004808021d008004400", "nil", "true", "urn:u"),
    ],
)
def test_what_an_element_without_schema_says_of_itself_is_an_attribute(payload, name, value, namespace):
    (child,) = within_signature(payload)
    assert child.value.attributes == [("http://www.w3.org/2001/XMLSchema-instance", name, value)]


def test_text_stands_between_elements_of_a_wildcard():
    assert within_signature("809800400a80d8603780015d5c9b8e9d4098480de500d89200d8d004004808021d00800440") == [
        "x",
        Child("a", Node(), "urn:u"),
        "y",
    ]
    assert within_signature("809800400a80d8410261c0dd0806c49006c6802002404010e804002200") == [Child("a", Node([], ["t"]))]


@pytest.mark.parametrize(
    ("payload", "pointer", "nil"),
    [
        ("8098004011d540", f"{SETUP}/EVCCID", Nil()),
        ("8098004011da80", SETUP, Nil(name="SessionSetupReq")),
        ("80980040100cc03780", "/V2G_Message/Body/AuthorizationReq", Nil({"Id": "x"}, "AuthorizationReq")),
        (
            "809800400ad406c200d89200d8d004004808021d00800440",
            "/V2G_Message/Header/Signature/SignedInfo/CanonicalizationMethod",
            Nil({"Algorithm": "a"}),
        ),
    ],
)
def test_an_element_may_be_nil_where_that_is_asked_for(payload, pointer, nil):
    found = NILLABLE.decode(bytes.fromhex(payload))
    (deviation,) = found.deviations
    assert (deviation.event, deviation.text, deviation.pointer) == ("AT(xsi:nil)", "true", pointer)
    assert NILLABLE.encode(found.message) == found.raw
    value = found.message
    for step in pointer.split("/")[2:]:
        value = getattr(value, "BodyElement" if hasattr(value, "BodyElement") else step)
    assert value == nil
    assert from_plain(NILLABLE, to_plain(found)) == (found.name, found.message)
    assert [each.facet for each in validate(found)] == ["deviation"]
    with pytest.raises(Unsupported, match="xsi:nil is true where nothing may be nil"):
        KNOWN.decode(found.raw)


def test_an_element_may_name_a_type_that_extends_its_own():
    request = decoded("809800401094941c000518c0020620008186002061800800").message.Body.BodyElement
    assert isinstance(request.EVChargeParameter, AC_EVChargeParameterType)
    setup = decoded("809800401028600e2010008800")
    assert [each.event for each in setup.deviations] == ["AT(xsi:type)"]
    # An element of the type's own says the same without a deviation.
    assert KNOWN.encode(setup.message) == bytes.fromhex("8098004011d008004400")


def test_a_value_of_a_type_that_extends_the_elements_says_so():
    parameter = AC_EVChargeParameterType(
        **dict.fromkeys(
            ("EAmount", "EVMaxVoltage", "EVMaxCurrent", "EVMinCurrent"), PhysicalValueType(Multiplier=0, Unit="A", Value=1)
        )
    )
    payload = KNOWN.encode_fragment(parameter, "EVChargeParameter")
    found = KNOWN.decode_fragment(payload)
    assert found.message == parameter
    assert [(each.event, each.text) for each in found.deviations] == [("AT(xsi:type)", "AC_EVChargeParameterType")]
    assert from_plain(
        KNOWN, to_plain(KNOWN.decode_fragment(KNOWN.encode_fragment(parameter, "AC_EVChargeParameter"))), fragment=True
    )
