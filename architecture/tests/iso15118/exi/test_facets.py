import pytest
from v2x_architecture.iso15118.exi import Child, Schema, codec, validate, validate_message
from v2x_architecture.iso15118.exi.messages import iso2, xmldsig
from v2x_architecture.iso15118.exi.messages.app_protocol import AppProtocolType, supportedAppProtocolReq

KNOWN = codec(Schema.ISO2)


def found(body):
    message = iso2.V2G_Message(Header=iso2.MessageHeaderType(SessionID=b"\0" * 8), Body=iso2.BodyType(BodyElement=body))
    return validate(KNOWN.decode(KNOWN.encode(message)))


def delivered(tuple_id):
    return iso2.PowerDeliveryReqType(ChargeProgress="Start", SAScheduleTupleID=tuple_id)


def setup(identity):
    return iso2.SessionSetupResType(ResponseCode="OK", EVSEID=identity)


@pytest.mark.parametrize(
    ("body", "facet", "field", "expected"),
    [
        (setup("DE*"), "minLength", "EVSEID", "at least 7 characters, not 3"),
        (setup("D" * 38), "maxLength", "EVSEID", "at most 37 characters, not 38"),
        (setup("DE*\0*E1"), "character", "EVSEID", "characters of XML, not 0x0"),
        (iso2.SessionSetupReqType(EVCCID=b"\0" * 7), "maxLength", "EVCCID", "at most 6 octets, not 7"),
        (iso2.AuthorizationReqType(GenChallenge=b"\0" * 4), "length", "GenChallenge", "16 octets, not 4"),
        (iso2.AuthorizationReqType(Id="1 a"), "NCName", "Id", "an XML name without colon"),
        (iso2.ServiceDetailReqType(ServiceID=70_000), "maxInclusive", "ServiceID", "at most 65535"),
    ],
)
def test_what_a_type_does_not_allow_is_found_with_its_bits(body, facet, field, expected):
    (violation,) = found(body)
    assert (violation.facet, violation.expected) == (facet, expected)
    assert violation.pointer == f"/V2G_Message/Body/{type(body).__name__.removesuffix('Type')}/{field}"
    assert violation.offset is not None


def test_valid_messages_have_no_violations(captures):
    facets = {}
    for capture in captures:
        known = codec(Schema(capture["schema"]))
        for violation in validate(known.decode(bytes.fromhex(capture["hex"]))):
            facets.setdefault(violation.facet, set()).add(capture["source"].split("_")[0])
    assert facets == {"character": {"BMW"}, "trailing": {"Tesla"}}


def test_a_number_below_its_range_is_found():
    protocol = AppProtocolType(ProtocolNamespace="u", VersionNumberMajor=1, VersionNumberMinor=0, SchemaID=1, Priority=21)
    known = codec(Schema.SAP)
    (violation,) = validate_message(known, "supportedAppProtocolReq", supportedAppProtocolReq(AppProtocol=[protocol]))
    assert (violation.facet, violation.value, violation.offset) == ("maxInclusive", "21", None)
    assert violation.pointer == "/supportedAppProtocolReq/AppProtocol/0/Priority"


def test_what_follows_the_document_is_found():
    payload = KNOWN.encode_fragment(delivered(1), "PowerDeliveryReq")
    decoded = KNOWN.decode_fragment(payload + b"\0")
    (trailing,) = validate(decoded)
    assert (trailing.facet, trailing.value, trailing.offset) == ("trailing", "00", 8 * len(payload))
    spare = 8 * len(payload) - decoded.trace.end
    assert spare
    (padding,) = validate(KNOWN.decode_fragment(payload[:-1] + bytes([payload[-1] | 1])))
    assert (padding.facet, padding.value, padding.offset) == ("padding", "1".zfill(spare), decoded.trace.end)


def test_a_long_value_is_shown_by_its_beginning():
    (violation,) = found(setup("x" * 200))
    assert violation.value == "x" * 79 + "…"


def test_open_content_is_validated_too():
    method = xmldsig.RetrievalMethodType(URI="\1")
    violations = validate_message(KNOWN, "KeyInfo", xmldsig.KeyInfoType(content=[Child("RetrievalMethod", method)], Id="0"))
    assert [each.pointer for each in violations] == ["/KeyInfo/Id", "/KeyInfo/content/0/RetrievalMethod/URI"]
