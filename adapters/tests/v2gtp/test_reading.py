"""What messages mean: by the state of the session, and back from the decoded form to octets."""

import json
from ipaddress import IPv6Address
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_adapters.v2gtp.reading import Reading, Unwritable
from v2x_adapters.v2gtp.units import of_datagram
from v2x_architecture.iso15118.editions import DIN, ISO2, ISO20_DC, Application, Edition
from v2x_architecture.iso15118.exi import PAYLOAD_TYPES, Schema, codec
from v2x_architecture.iso15118.exi.messages.iso2 import SessionStopReqType
from v2x_architecture.iso15118.exi.messages.iso20_ac import AC_ChargeLoopResType, Dynamic_AC_CLResControlModeType
from v2x_architecture.iso15118.exi.messages.iso20_common_types import MessageHeaderType, RationalNumberType
from v2x_architecture.iso15118.negotiation import Agreement, offer
from v2x_architecture.iso15118.sdp import Request, Response
from v2x_architecture.iso15118.v2gtp import PayloadType, encode

CAPTURES = Path(__file__).parents[3] / "architecture/tests/iso15118/exi/captures.jsonl"
KINDS = {schema: kind for kind, schemas in reversed(PAYLOAD_TYPES.items()) for schema in schemas}

TESLA = Application(
    name="tesla", edition=Edition.DIN, namespace="urn:tesla:din:2018:MsgDef", major=0, minor=7, schemas={}, energy=frozenset()
)


AC_DER = Application(
    name="ac-der",
    edition=Edition.ISO20,
    namespace=Schema.AC_DER_IEC.namespace,
    major=1,
    minor=0,
    schemas={},
    energy=frozenset({"AC"}),
)


def captured():
    return [json.loads(line) for line in CAPTURES.read_text().splitlines()]


def of(reading, payload, kind=PayloadType.EXI):
    return reading.read(of_datagram(encode(kind, payload)))


def negotiated(*applications, schema_id=1):
    reading = Reading()
    agreement = Agreement(application=applications[0], schema_id=schema_id)
    for message in (offer(applications), agreement.response()):
        of(reading, codec(Schema.SAP).encode(message))
    return reading


def setup(schema):
    found = (each["hex"] for each in captured() if (each["schema"], each["message"]) == (schema, "SessionSetupReq"))
    return bytes.fromhex(next(found))


DIN_SETUP, ISO2_SETUP = setup("din"), setup("iso2")


def test_an_amendment_counts_where_it_was_negotiated() -> None:
    header = MessageHeaderType(SessionID=b"\0" * 8, TimeStamp=1)
    mode = Dynamic_AC_CLResControlModeType(EVSETargetActivePower=RationalNumberType(Exponent=3, Value=11))
    message = AC_ChargeLoopResType(Header=header, ResponseCode="OK", CLResControlMode=mode)
    payload = codec(Schema.AC_DER_IEC).encode(message)
    reading = negotiated(AC_DER)
    found = of(reading, payload, PayloadType.ISO20_AC)
    assert (found.schema, found.decoded.message) == (Schema.AC_DER_IEC, message)
    assert reading.write({"AC_ChargeLoopRes": found.form["AC_ChargeLoopRes"]}) == encode(PayloadType.ISO20_AC, payload)
    # Another session of the same reading is not amended, and the grammar of AC has other codes.
    for each in (offer((ISO20_DC,)), Agreement(application=ISO20_DC, schema_id=1).response()):
        of(reading, codec(Schema.SAP).encode(each))
    plain = of(reading, payload, PayloadType.ISO20_AC)
    assert plain.schema is Schema.AC
    assert plain.decoded is None or plain.decoded.message != message


@pytest.mark.parametrize(("application", "payload"), [(DIN, DIN_SETUP), (ISO2, ISO2_SETUP)], ids=["din", "iso2"])
def test_the_negotiation_decides_about_the_grammar(application, payload) -> None:
    other = DIN_SETUP if payload is ISO2_SETUP else ISO2_SETUP
    reading = negotiated(application)
    assert reading.edition is application.edition
    assert of(reading, payload).label == "SessionSetupReq"
    wrong = of(reading, other)
    assert (wrong.label, wrong.error is not None) == ("malformed", True)
    assert wrong.form["payload"] == other.hex()
    assert wrong.form["bit"] == wrong.error.bit_offset


def test_the_entry_that_was_chosen_counts() -> None:
    assert negotiated(ISO2, DIN, schema_id=2).edition is Edition.DIN
    assert negotiated(ISO2, DIN, schema_id=9).edition is None
    assert negotiated(ISO2, schema_id=None).edition is Edition.ISO2


@pytest.mark.parametrize("application", [DIN, ISO2, ISO20_DC], ids=lambda each: each.name)
@pytest.mark.parametrize("schema_id", [1, None])
def test_a_response_that_is_read_once_more_is_still_one(application, schema_id) -> None:
    reading = negotiated(application)
    payload = codec(Schema.SAP).encode(Agreement(application=application, schema_id=schema_id).response())
    again = of(reading, payload)
    assert (again.label, again.schema) == ("supportedAppProtocolRes", Schema.SAP)
    assert reading.edition is application.edition


def test_a_document_that_is_no_message_is_named_where_nothing_else_can_be_read() -> None:
    alone = codec(Schema.ISO2).encode(SessionStopReqType(ChargingSession="Terminate"), "SessionStopReq")
    assert of(negotiated(ISO2), alone).form["SessionStopReq"] == {"ChargingSession": "Terminate"}


@pytest.mark.parametrize(("payload", "edition"), [(DIN_SETUP, Edition.DIN), (ISO2_SETUP, Edition.ISO2)])
@pytest.mark.parametrize("schema_id", [9, None])
def test_what_is_sent_tells_what_an_agreement_leaves_open(payload, edition, schema_id) -> None:
    reading = negotiated(ISO2, DIN, schema_id=schema_id)
    assert reading.edition is None
    assert of(reading, payload).label == "SessionSetupReq"
    assert reading.edition is edition


def test_after_a_failed_negotiation_there_is_nothing_but_another() -> None:
    reading = Reading()
    of(reading, codec(Schema.SAP).encode(offer((ISO2,))))
    of(reading, codec(Schema.SAP).encode(Agreement().response()))
    assert of(reading, ISO2_SETUP).label == "malformed"


@pytest.mark.parametrize(("payload", "edition"), [(DIN_SETUP, Edition.DIN), (ISO2_SETUP, Edition.ISO2)])
def test_a_session_whose_beginning_is_missing_is_known_by_what_is_said(payload, edition) -> None:
    reading = Reading()
    assert of(reading, payload).label == "SessionSetupReq"
    assert reading.edition is edition


def test_of_a_protocol_that_is_not_known_nothing_is_decoded() -> None:
    meaning = of(negotiated(TESLA), DIN_SETUP)
    assert (meaning.label, meaning.decoded, meaning.error) == ("payload 0x8001", None, None)
    assert "urn:tesla" in meaning.form["problem"]


def test_payload_types_belong_to_editions() -> None:
    assert not of(negotiated(ISO2), b"\x80", PayloadType.ISO20_MAIN).placed
    assert not of(negotiated(ISO20_DC), ISO2_SETUP).placed
    assert of(negotiated(ISO2), ISO2_SETUP).placed
    assert of(negotiated(ISO2), codec(Schema.SAP).encode(offer((DIN,)))).label == "supportedAppProtocolReq"


@pytest.mark.parametrize("each", captured(), ids=lambda each: f"{each['schema']}-{each['message']}-{each['hex'][:12]}")
def test_what_cars_sent_is_written_as_they_sent_it(each) -> None:
    payload, schema = bytes.fromhex(each["hex"]), Schema(each["schema"])
    reading = Reading()
    reading.edition = {Schema.DIN: Edition.DIN, Schema.ISO2: Edition.ISO2}.get(schema)
    raw = encode(KINDS[schema], payload)
    meaning = reading.read(of_datagram(raw))
    assert meaning.label == each["message"]
    # The zero byte that some cars send after the document is no part of it.
    assert reading.write(meaning.form)[8:] + meaning.decoded.trailing == payload


def test_sdp_is_written_as_it_was_read() -> None:
    reading = Reading()
    for raw in (Request().encode(), Response(IPv6Address("fe80::1"), 50_000).encode()):
        meaning = reading.read(of_datagram(raw))
        assert meaning.label.startswith("SECCDiscoveryRe")
        assert reading.write(meaning.form) == raw


def test_header_fields_and_payload_count_as_they_stand() -> None:
    form = {"v2gtp": {"version": 2, "inverse": 0, "payload_type": 0x8001, "length": 99}, "payload": "8098"}
    assert Reading().write(form) == bytes.fromhex("0200800100000063" + "8098")


@pytest.mark.parametrize(
    "form",
    [
        7,
        {},
        {"v2gtp": 3},
        {"A": {}, "B": {}},
        {"payload": "xyz"},
        {"schema": "nonsense", "V2G_Message": {}},
        {"V2G_Message": {"Body": 5}},
        {"SECCDiscoveryReq": {"Security": 999, "TransportProtocol": 0}},
        {"SECCDiscoveryRes": {"SECC_IP_Address": "nowhere"}},
        {"v2gtp": {"version": 300}, "payload": ""},
    ],
    ids=str,
)
def test_what_stands_for_no_octets(form) -> None:
    with pytest.raises(Unwritable):
        Reading().write(form)


@given(st.lists(st.tuples(st.sampled_from([0x8001, 0x8002, 0x8004, 0x9000, 0x9001, 0xA000]), st.binary(max_size=40))))
def test_anything_is_read_and_written_back(messages) -> None:
    reading = Reading()
    for kind, payload in messages:
        raw = encode(kind, payload)
        meaning = reading.read(of_datagram(raw))
        json.dumps(meaning.form)
        if meaning.decoded is None:
            assert reading.write(meaning.form) == raw
