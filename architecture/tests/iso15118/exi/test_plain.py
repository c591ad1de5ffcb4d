import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from v2x_architecture.iso15118.exi import Child, EncodeError, Nil, Node, Schema, codec, from_plain, message_to_plain, to_plain
from v2x_architecture.iso15118.exi.messages.iso2 import BodyType, MessageHeaderType, PhysicalValueType, V2G_Message
from v2x_architecture.iso15118.exi.messages.xmldsig import KeyInfoType

KNOWN = codec(Schema.ISO2)
SETUP = bytes.fromhex("80980011d0180301652003fc00")


def test_the_plain_form_has_the_names_of_the_elements():
    assert to_plain(KNOWN.decode(SETUP)) == {
        "V2G_Message": {"Header": {"SessionID": ""}, "Body": {"SessionSetupReq": {"EVCCID": "00C0594800FF"}}}
    }


@pytest.mark.parametrize("schema", Schema)
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_plain_form_is_json_and_comes_back(make, schema, seed):
    known = codec(schema)
    name, message = make(schema, seed)
    plain = json.loads(json.dumps(message_to_plain(known, name, message)))
    assert from_plain(known, plain) == (name, message)


def test_what_a_wildcard_let_in_is_shown():
    found = KNOWN.decode(bytes.fromhex("809800400a80d8c7001f20037100dcd10211b0801ba24036440300000012060000008740200110"))
    method = to_plain(found)["V2G_Message"]["Header"]["Signature"]["SignedInfo"]["CanonicalizationMethod"]
    assert method["content"] == [
        {
            "namespace": "urn:iso:15118:2:2013:MsgDataTypes",
            "DC_EVStatus": {"EVReady": True, "EVErrorCode": "NO_ERROR", "EVRESSSOC": 55},
        }
    ]


@pytest.mark.parametrize(
    ("plain", "text", "path"),
    [
        ([], "an object with one key", ""),
        ({"Nothing": {}}, "iso2 has no element Nothing", ""),
        ({"V2G_Message": 3}, "3 is no object", "/V2G_Message"),
        ({"V2G_Message": {"Header": {}}}, "MessageHeaderType lacks SessionID", "/V2G_Message/Header"),
        ({"V2G_Message": {"Head": {}}}, "V2G_Message has no Head; it has Header, Body", "/V2G_Message"),
        ({"V2G_Message": {"Header": {"SessionID": "0"}}}, "'0' is no sessionIDType", "/V2G_Message/Header/SessionID"),
        ({"V2G_Message": {"Header": {"SessionID": 0}}}, "0 is no sessionIDType", "/V2G_Message/Header/SessionID"),
        ({"V2G_Message": {"Header": {"SessionID": ""}, "Body": {"SessionStopReq": {"ChargingSession": []}}}}, r"\[\] is no", ""),
        (
            {"V2G_Message": {"Body": {"SessionStopRes": {"ResponseCode": "OK"}, "CableCheckReq": {}}}},
            "BodyElement is given twice",
            "/V2G_Message/Body/CableCheckReq",
        ),
        ({"KeyInfo": {"content": 3}}, "3 is no list", "/KeyInfo/content"),
        ({"KeyInfo": {"content": [3]}}, "an item of open content", "/KeyInfo/content/0"),
        ({"KeyInfo": {"content": [{"Nothing": 1}]}}, "Nothing does not belong in KeyInfoType", ""),
        ({"KeyInfo": {"content": [{"namespace": 5, "a": {}}]}}, "an item of open content", "/KeyInfo/content/0"),
        ({"KeyInfo": {"content": [{"namespace": "urn:u", "a": 1}]}}, "with attributes and content", "/KeyInfo/content/0/a"),
        (
            {"KeyInfo": {"content": [{"namespace": "", "a": {"attributes": [{"name": "k"}]}}]}},
            "an attribute is an object",
            "/KeyInfo/content/0/a/attributes/0",
        ),
        ({"KeyInfo": {"content": [{"type": "{urn:u}t", "a": 1}]}}, "there is no type {urn:u}t for a", ""),
        ({"KeyInfo": {"xsi:nil": True, "Other": 1}}, "KeyInfoType has no attribute Other", "/KeyInfo"),
        ({"KeyInfo": {"xsi:type": "{urn:u}t"}}, "{urn:u}t is no type that extends KeyInfoType", "/KeyInfo"),
    ],
)
def test_what_is_no_message_is_told_with_its_path(plain, text, path):
    with pytest.raises(EncodeError, match=text) as caught:
        from_plain(KNOWN, plain)
    assert caught.value.path.startswith(path)


def test_elements_in_open_content_that_no_schema_has_have_no_plain_form():
    for child, text in (
        (Child("a", 1, "urn:u"), "no schema declares a of urn:u"),
        (Child("a", 1, "", "{urn:u}t"), "there is no type"),
    ):
        with pytest.raises(EncodeError, match=text):
            message_to_plain(KNOWN, "KeyInfo", KeyInfoType(content=[child]))
    body = BodyType(BodyElement=Nil(name="Nothing"))
    with pytest.raises(EncodeError, match="a Nil cannot stand for BodyElement"):
        message_to_plain(KNOWN, "V2G_Message", V2G_Message(Header=MessageHeaderType(SessionID=b""), Body=body))


def test_an_element_that_is_called_as_what_stands_beside_it_has_its_namespace_in_its_name():
    message = KeyInfoType(content=[Child("type", Node([], ["x"]), "urn:u"), Child("namespace", Node())])
    plain = message_to_plain(KNOWN, "KeyInfo", message)
    assert [list(each) for each in plain["KeyInfo"]["content"]] == [["{urn:u}type"], ["{}namespace"]]
    assert from_plain(KNOWN, plain) == ("KeyInfo", message)


def test_a_message_of_another_type_has_no_plain_form():
    with pytest.raises(EncodeError, match="a PhysicalValueType stands where a V2G_Message belongs"):
        message_to_plain(KNOWN, "V2G_Message", PhysicalValueType(Multiplier=0, Unit="W", Value=1))
