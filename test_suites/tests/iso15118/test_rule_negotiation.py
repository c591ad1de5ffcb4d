"""The protocol negotiation, seen from the wire alone."""

import copy

from v2x_adapters.v2gtp.reading import Reading
from v2x_architecture.iso15118.exi import Schema, codec
from v2x_architecture.iso15118.exi.messages.app_protocol import AppProtocolType, supportedAppProtocolReq
from v2x_architecture.iso15118.v2gtp import encode

from .talk import Line, Talk, findings, judged

ISO2, DIN = "urn:iso:15118:2:2013:MsgDef", "urn:din:70121:2012:MsgDef"


def negotiation(*offered, chosen=1, link="[fe80::2]:50000<-[fe80::1]:1#1") -> Talk:
    """Return an offer of (namespace, SchemaID, priority), and the answer to it."""
    entries = [
        AppProtocolType(ProtocolNamespace=name, VersionNumberMajor=2, VersionNumberMinor=0, SchemaID=i, Priority=priority)
        for name, i, priority in offered
    ]
    payload = codec(Schema.SAP).encode(supportedAppProtocolReq(AppProtocol=entries))
    form = {"supportedAppProtocolRes": {"ResponseCode": "OK_SuccessfulNegotiation", "SchemaID": chosen}}
    if chosen is None:
        form = {"supportedAppProtocolRes": {"ResponseCode": "Failed_NoNegotiation"}}
    return Talk(
        [Line(0.0, "evcc", encode(0x8001, payload)), Line(0.1, "secc", Reading().write({"schema": "sap", **form}))], link=link
    )


def test_a_schema_id_that_was_not_offered(good) -> None:
    assert judged(negotiation((ISO2, 1, 1), chosen=2)) == [("sap.offered", "secc")]
    assert judged(good["2 dc"][0].edit("supportedAppProtocolRes", SchemaID=9).cut("supportedAppProtocolRes")) == [
        ("sap.offered", "secc")
    ]
    assert judged(good["2 dc"][0].edit("supportedAppProtocolRes", SchemaID=None).cut("supportedAppProtocolRes")) == [
        ("sap.offered", "secc")
    ]


def test_entries_that_cannot_be_told_apart() -> None:
    assert judged(negotiation((ISO2, 1, 1), (DIN, 1, 2))) == [("sap.unique", "evcc")]
    assert judged(negotiation((ISO2, 1, 1), (DIN, 2, 1))) == [("sap.unique", "evcc")]


def test_a_choice_against_the_order_of_what_the_secc_speaks() -> None:
    before = negotiation((ISO2, 1, 1))
    later = negotiation((ISO2, 1, 1), (DIN, 2, 2), chosen=2, link="[fe80::2]:50000<-[fe80::1]:2#2")
    assert judged(before, later) == [("sap.priority", "secc")]
    assert judged(later) == []
    none = negotiation((ISO2, 1, 1), chosen=None, link=later.link)
    assert judged(before, none) == [("sap.priority", "secc")]
    elsewhere = negotiation((ISO2, 1, 1), (DIN, 2, 2), chosen=2, link="[fe80::3]:50000<-[fe80::1]:2#2")
    assert judged(before, elsewhere) == []


def test_ac_and_dc_of_one_secc_depend_on_the_cable() -> None:
    ac, dc = "urn:iso:std:iso:15118:-20:AC", "urn:iso:std:iso:15118:-20:DC"
    secure = "[fe80::2]:50000<-[fe80::1]:2#2"
    before = negotiation((ac, 1, 1))
    later = negotiation((ac, 1, 1), (dc, 2, 2), chosen=2, link=secure)
    assert ("sap.priority", "secc") not in judged(before, later)
    older = negotiation((ac, 1, 1), (ISO2, 2, 2), chosen=2, link=secure)
    assert ("sap.priority", "secc") in judged(before, older)


def test_20_without_tls(good) -> None:
    for version in ("", "TLSv1.2"):
        talk = copy.deepcopy(good["20 dc"][0])
        talk.tls = version
        found = findings(talk)
        assert [(each.source, each.party) for each in found] == [
            ("rule:iso15118.sap.iso20_offered", "evcc"),
            ("rule:iso15118.sap.iso20_chosen", "secc"),
        ]
        assert found[1].requirement == "V2G20-2356"


def test_an_agreement_to_a_protocol_of_somebodys_own() -> None:
    assert judged(negotiation(("urn:example:own", 1, 1))) == [("sap.foreign", "secc")]
