import gzip
import io

import msgspec
import pytest
from v2x_architecture.iso15118.exi import Child, EncodeError, Nil, Schema, codec
from v2x_architecture.iso15118.exi.messages.iso2 import AuthorizationReqType, SalesTariffEntryType, ServiceDiscoveryReqType
from v2x_architecture.iso15118.exi.vectors import Vector, judge, read_lines, read_vector
from v2x_architecture.iso15118.exi.xml import from_xml

SETUP = "80980011d0180301652003fc00"


def xml(evccid="00C0594800FF", inside=""):
    body = f'<b:SessionSetupReq xmlns:b="urn:b"><EVCCID>{evccid}</EVCCID>{inside}</b:SessionSetupReq>'
    return f"<V2G_Message><Header><SessionID/></Header><Body>{body}</Body></V2G_Message>"


def test_captures_hold_what_another_codec_found_in_them(captures):
    for capture in captures:
        outcome = judge(Vector(schema=capture["schema"], hex=capture["hex"], expected_xml=capture["expected_xml"]))
        assert outcome.value_equal is (None if capture["expected_xml"] is None else True), (capture["source"], outcome)
        assert outcome.byte_exact or "1 byte follows" in outcome.problem


@pytest.mark.parametrize(
    ("vector", "decoded", "equal", "exact", "problem"),
    [
        (Vector("iso2", SETUP, xml()), True, True, True, ""),
        (Vector("iso2", SETUP), True, None, True, ""),
        (Vector("iso2", SETUP + "00", xml()), True, True, False, "1 byte follows the document"),
        (Vector("iso2", SETUP, xml("00")), True, False, True, "'00C0594800FF'; expected is '00'"),
        (
            Vector("iso2", SETUP, "<DigestValue>AAAA</DigestValue>"),
            True,
            False,
            True,
            "it is a V2G_Message; expected is a DigestValue",
        ),
        (Vector("iso2", SETUP, "<a"), True, False, True, "the expected XML does not fit the schema: no XML"),
        (Vector("iso2", SETUP[:-4]), False, None, False, "the payload ends"),
        (Vector("nothing", SETUP), False, None, False, "there is no grammar of nothing"),
        (Vector("iso2", "8098004011d400"), True, None, False, "it deviates from the schema: EE at bit 45"),
        (Vector("iso2", "8004420020406080a0c0e10121416181a1c1e207a0", fragment=True), True, None, True, ""),
    ],
)
def test_a_payload_is_judged_by_its_values_and_its_bytes(vector, decoded, equal, exact, problem):
    outcome = judge(vector)
    assert (outcome.decoded, outcome.value_equal, outcome.byte_exact) == (decoded, equal, exact)
    assert outcome.problem.startswith(problem)
    assert bool(outcome.problem) == bool(problem)


def test_lines_come_from_plain_and_from_compressed_files(tmp_path):
    line = msgspec.json.encode(Vector("iso2", SETUP))
    (tmp_path / "plain").write_bytes(b"\xef\xbb\xbf" + line + b"\n \n" + line)
    (tmp_path / "compressed").write_bytes(gzip.compress(line + b"\n"))
    steps = []
    with (tmp_path / "plain").open("rb") as file:
        assert [(number, read_vector(each).hex) for number, each in read_lines(file, steps.append)] == [(1, SETUP), (3, SETUP)]
    assert sum(steps) == (tmp_path / "plain").stat().st_size
    with (tmp_path / "compressed").open("rb") as file:
        assert [read_vector(each).hex for _, each in read_lines(file)] == [SETUP]
    assert [number for number, _ in read_lines(io.BytesIO(b"\n" + line))] == [2]


@pytest.mark.parametrize(
    "text", [SETUP.upper(), "0x" + SETUP, SETUP[:4] + " " + SETUP[4:], "80:98:00-" + SETUP[6:], "01fe80010000000d" + SETUP]
)
def test_a_payload_may_have_separators_and_a_v2gtp_header(text):
    assert Vector("iso2", text).payload.hex() == SETUP
    assert judge(Vector("iso2", text)).byte_exact


BPT = "8014040000000000000000080e2cfaa06200040078558091000c8440019140"
DER = "8008040000000000000000080e2cfaa062892400500f94800882722000c88000"


@pytest.mark.parametrize(
    ("schema", "payload", "exact"),
    [
        ("ISO2", SETUP, True),
        ("0x8001", SETUP, True),
        ("32771", DER, True),
        ("AC_DER_IEC", DER, True),
        ("32771-AC_DER_SAE-AC_DER_IEC", BPT, True),
        ("AC_DER_SAE-AC_DER_IEC", DER, False),
        ("ac", DER, False),
        ("0x8001, 7", SETUP, False),
        ("", SETUP, False),
    ],
)
def test_a_label_may_name_several_sets_which_then_all_have_to_read_it(schema, payload, exact):
    assert judge(Vector(schema, payload)).byte_exact is exact


def test_what_cannot_be_decoded_is_told_what_it_may_be_instead():
    fragment = codec(Schema.ISO2).encode_fragment(AuthorizationReqType(Id="ID1", GenChallenge=b"\0" * 16), "AuthorizationReq")
    outcome = judge(Vector("cm", fragment.hex()))
    assert not outcome.decoded
    assert outcome.fits == ("fragment of iso2 (AuthorizationReq)",)
    assert judge(Vector("fragment", fragment.hex())).fits == outcome.fits
    assert judge(Vector("iso2", SETUP[:-4])).fits == ()


def test_expected_xml_may_have_other_prefixes_another_order_and_more_space():
    text = (
        '<?xml version="1.0" encoding="UTF-16"?>\n'
        '<x:V2G_Message xmlns:x="urn:x" xmlns="urn:y">\n  <Header >\n<y:SessionID xmlns:y="urn:z">'
        "</y:SessionID></Header><!-- a note --><Body>\n<SessionSetupReq><EVCCID> 00c0594800ff </EVCCID></SessionSetupReq></Body>"
        "</x:V2G_Message>\n"
    )
    assert judge(Vector("iso2", SETUP, text)).value_equal is True
    assert judge(Vector("iso2", SETUP, " ")).value_equal is None


def test_references_to_characters_that_xml_has_not_are_understood():
    message = ServiceDiscoveryReqType(ServiceScope="\0\x1f\ta")
    scope = "<ServiceDiscoveryReq><ServiceScope>&#0;&#x1F;&#9;a</ServiceScope></ServiceDiscoveryReq>"
    _, found = from_xml(codec(Schema.ISO2), f"<V2G_Message><Header><SessionID/></Header><Body>{scope}</Body></V2G_Message>")
    assert found.Body.BodyElement == message


@pytest.mark.parametrize("line", [b"{}", b"[]", b"x", b'{"schema":"iso2","hex":"zz"}'])
def test_a_line_that_is_no_payload_is_refused(line):
    with pytest.raises(ValueError, match=r"it has no|malformed|hexadecimal|Expected"):
        read_vector(line)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<V2G_Message a='1'/>", "V2G_Message has no attribute a"),
        ("<V2G_Message/>", "V2G_Message lacks Header, Body"),
        (xml(inside="<More/>"), "SessionSetupReqType has no More"),
        (xml("0"), "'0' is no evccIDType"),
        ("<Nothing/>", "iso2 has no element Nothing"),
    ],
)
def test_xml_that_does_not_fit_is_told(text, problem):
    with pytest.raises(EncodeError, match=problem):
        from_xml(codec(Schema.ISO2), text)


def test_lists_attributes_and_text_are_read_from_xml():
    tariff = (
        '<SalesTariff Id="t"><SalesTariffID>1</SalesTariffID>'
        + "<SalesTariffEntry><RelativeTimeInterval><start>5</start></RelativeTimeInterval></SalesTariffEntry>" * 2
        + "</SalesTariff>"
    )
    name, message = from_xml(codec(Schema.ISO2), tariff, fragment=True)
    assert (name, message.Id, len(message.SalesTariffEntry)) == ("SalesTariff", "t", 2)
    assert isinstance(message.SalesTariffEntry[1], SalesTariffEntryType)
    _, value = from_xml(codec(Schema.ISO2), '<SignatureValue Id="v">AAAA</SignatureValue>')
    assert (value.value, value.Id) == (b"\0\0\0", "v")


SIGNED = (
    '<V2G_Message xmlns:ds="http://www.w3.org/2000/09/xmldsig#" xmlns:t="urn:iso:15118:2:2013:MsgDataTypes" xmlns:u="urn:u" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><Header><SessionID>00</SessionID><ds:Signature><ds:SignedInfo>'
    '<ds:CanonicalizationMethod Algorithm="a">{}</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="b"/><ds:Reference>'
    '<ds:DigestMethod Algorithm="c"/><ds:DigestValue>AA==</ds:DigestValue></ds:Reference></ds:SignedInfo>'
    "<ds:SignatureValue>AA==</ds:SignatureValue></ds:Signature></Header><Body>{}</Body></V2G_Message>"
)
REQUEST = "<SessionSetupReq><EVCCID>0011</EVCCID></SessionSetupReq>"


@pytest.mark.parametrize(
    ("inside", "body", "payload"),
    [
        (
            '<u:a k="1" l="2"><u:b>t</u:b><u:b>v</u:b>z</u:a><u:a l="2"><u:c/><u:b/></u:a><u:a/>',
            REQUEST,
            (
                "809800400a80d8400575726e3a7502614409ac0cc6881360199550131606e8a80203765037a8a0020665d404c63228008201b12401b1a00800901"
                "0043a01000880"
            ),
        ),
        (
            '<u:a xsi:type="t:PhysicalValueType"><t:Multiplier>0</t:Multiplier><t:Unit>A</t:Unit><t:Value>1</t:Value></u:a>',
            REQUEST,
            "809800400a80d8400575726e3a7502614c02e00d430c004403624803634010012020087402001100",
        ),
        (
            '<u:a xsi:type="u:foo">x</u:a>',
            REQUEST,
            "809800400a80d8400575726e3a7502614c03408ccdedfc0de0806c49006c6802002404010e80400220",
        ),
        (
            "<t:DC_EVStatus><EVReady>1</EVReady> <EVErrorCode>NO_ERROR</EVErrorCode><EVRESSSOC>55</EVRESSSOC></t:DC_EVStatus>",
            REQUEST,
            "809800400a80d847001f20037100d89200d8d004004808021d00800440",
        ),
        ("x<u:a/>y", REQUEST, "809800400a80d8603780015d5c9b8e9d4098480de500d89200d8d004004808021d00800440"),
        ("", '<AuthorizationReq Id="x" xsi:nil="true"/>', None),
    ],
)
def test_open_content_is_read_from_xml(inside, body, payload):
    known = codec(Schema.ISO2)
    name, message = from_xml(known, SIGNED.format(inside, body))
    encoded = known.encode(message, name)
    if payload is None:
        assert message.Body.BodyElement == Nil({"Id": "x"}, "AuthorizationReq")
    else:
        # EXIficient wrote it.
        assert encoded.hex() == payload


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<KeyInfo><KeyName>k<a/></KeyName></KeyInfo>", "string has no a"),
        ("<SignatureValue>AAAA<a/></SignatureValue>", "SignatureValueType has no a"),
        ("<V2G_Message>x<Header><SessionID/></Header></V2G_Message>", "text 'x' does not belong in V2G_Message"),
        ("<V2G_Message><Header><SessionID/></Header>y</V2G_Message>", "text 'y' does not belong in V2G_Message"),
        (
            '<EVChargeParameter xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="nothing"/>',
            "xsi:type says nothing",
        ),
        ("<V2G_Message><Header><SessionID/></Header><Header><SessionID/></Header></V2G_Message>", "Header is given twice"),
    ],
)
def test_xml_that_says_too_much_is_told(text, problem):
    with pytest.raises(EncodeError, match=problem):
        from_xml(codec(Schema.ISO2), text)


def test_a_list_of_named_elements_is_read_from_xml():
    assert from_xml(codec(Schema.ISO2), "<KeyInfo> <KeyName>k</KeyName>\n</KeyInfo>")[1].content == [Child("KeyName", "k")]
