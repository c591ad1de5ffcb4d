"""Sessions of the reference EVCC and SECC through the tap: plain, TLS, TLS untouched; and what the tap does to them."""

import asyncio
import base64
import json

import pytest
from v2x_adapters.capture.files import Capture
from v2x_adapters.capture.layers import Datagram, Segment, opened
from v2x_adapters.capture.tcp import Octets, Reassembly
from v2x_architecture.iso15118.editions import DIN, ISO2, ISO20_DC
from v2x_architecture.iso15118.evcc import Ending
from v2x_architecture.iso15118.evcc.client import SeccAddress
from v2x_architecture.iso15118.exi import Schema, codec
from v2x_architecture.iso15118.negotiation import offer
from v2x_architecture.iso15118.secc import CloseReason
from v2x_architecture.iso15118.secc.server import SeccListener
from v2x_architecture.iso15118.tcp import ConnectFailed, connect
from v2x_architecture.iso15118.tls import EvccTls, Profile, SeccTls
from v2x_architecture.iso15118.udp import NotFound
from v2x_harness.errors import AdapterError
from v2x_harness.events import Note
from v2x_harness.steer import Steer, Toxic

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("application", [ISO2, DIN], ids=["ISO 15118-2", "DIN SPEC 70121"])
async def test_a_session_passes_and_is_seen(site, plain, journal, application) -> None:
    assert (await site.ev(plain, application).run()).ending is Ending.FINISHED
    await plain.disconnected()
    (schema,) = application.schemas.values()
    said = journal.labels()
    assert said[:4] == [
        ("evcc", "SECCDiscoveryReq", "forwarded"),
        ("secc", "SECCDiscoveryRes", "forwarded"),
        ("evcc", "supportedAppProtocolReq", "forwarded"),
        ("secc", "supportedAppProtocolRes", "forwarded"),
    ]
    assert ("evcc", "CurrentDemandReq", "forwarded") in said
    assert said[-1] == ("secc", "SessionStopRes", "forwarded")
    assert "malformed" not in {label for _, label, _ in said}
    assert {each.decoded["schema"] for each in journal.frames()[4:]} == {schema.value}
    opened, closed = journal.links()
    assert (opened.event, opened.by, opened.protocol) == ("open", "evcc", "iso15118")
    assert closed.event == "close"
    await plain.stop()
    assert [each.reason for each in site.ended] == [CloseReason.STOPPED]


async def test_a_frame_keeps_its_octets_beside_its_decoded_form(site, plain, journal) -> None:
    await site.ev(plain).run()
    setup = next(each for each in journal.frames() if each.label == "SessionSetupReq")
    raw = base64.b64decode(setup.raw)
    assert raw[:4] == bytes.fromhex("01fe8001")
    assert setup.decoded["v2gtp"] == {"version": 1, "inverse": 254, "payload_type": 0x8001}
    evccid = setup.decoded["V2G_Message"]["Body"]["SessionSetupReq"]["EVCCID"]
    mark = codec(Schema.ISO2).decode(raw[8:]).trace.at("/V2G_Message/Body/SessionSetupReq/EVCCID")
    assert mark.text == evccid


async def test_both_sides_have_their_own_tls(site, journal, pki, tmp_path) -> None:
    secc = await site.secc(SeccTls(pki.secc.certificate, pki.secc.key))
    near, far = tmp_path / "evcc.keys", tmp_path / "secc.keys"
    target = SeccAddress(sdp_port=secc.sdp_port, tls=EvccTls((pki.v2g_root,), keylog=far))
    listener = SeccListener(sdp_port=0, plain=False, tls=SeccTls(pki.secc.certificate, pki.secc.key, keylog=near))
    tap = await site.tap(target, listener)
    assert (await site.ev(tap, tls=EvccTls((pki.v2g_root,))).run()).ending is Ending.FINISHED
    (opened,) = journal.links("open")
    assert opened.detail["tls"]["version"] == opened.detail["secc_tls"]["version"] == "TLSv1.2"
    assert ("evcc", "CurrentDemandReq", "forwarded") in journal.labels()
    # Two handshakes, two secrets.
    assert near.read_text().split() != far.read_text().split()
    assert "CLIENT_RANDOM" in near.read_text()
    assert "CLIENT_RANDOM" in far.read_text()


async def test_both_sides_show_certificates_in_15118_20(site, journal, pki20) -> None:
    def secc_tls() -> SeccTls:
        return SeccTls(pki20.secc.certificate, pki20.secc.key, (pki20.oem_root,), Profile.ISO20)

    def evcc_tls() -> EvccTls:
        return EvccTls((pki20.v2g_root,), pki20.vehicle.certificate, pki20.vehicle.key, Profile.ISO20)

    secc = await site.secc(secc_tls())
    tap = await site.tap(
        SeccAddress(sdp_port=secc.sdp_port, tls=evcc_tls()), SeccListener(sdp_port=0, plain=False, tls=secc_tls())
    )
    assert (await site.ev(tap, ISO20_DC, tls=evcc_tls()).run()).ending is Ending.FINISHED
    said = {each.label: each.decoded["schema"] for each in journal.frames("secc<-evcc#1")}
    assert (said["SessionSetupReq"], said["DC_ChargeLoopRes"]) == ("cm", "dc")
    assert "malformed" not in said
    (opened,) = journal.links("open")
    assert opened.detail["tls"]["version"] == opened.detail["secc_tls"]["version"] == "TLSv1.3"
    assert opened.detail["tls"]["peer"]["subject"]["domainComponent"] == "OEM"


async def test_a_failed_handshake_is_in_the_journal(site, journal, pki) -> None:
    secc = await site.secc()
    bad = pki.bad_secc["unknown_root"]
    tap = await site.tap(
        SeccAddress(sdp_port=secc.sdp_port), SeccListener(sdp_port=0, plain=False, tls=SeccTls(bad.certificate, bad.key))
    )
    with pytest.raises(ConnectFailed):
        await site.ev(tap, tls=EvccTls((pki.v2g_root,))).run()
    await tap.disconnected()
    (failed,) = journal.links("tls")
    assert (failed.by, failed.detail["with"]) == ("evcc", "evcc")
    assert "ALERT" in failed.detail["reason"]


async def test_tls_can_be_left_as_it_is(site, journal, pki) -> None:
    secc = await site.secc(SeccTls(pki.secc.certificate, pki.secc.key))
    tap = await site.tap(SeccAddress(sdp_port=secc.sdp_port), SeccListener(sdp_port=0, plain=False), untouched=True)
    assert (await site.ev(tap, tls=EvccTls((pki.v2g_root,))).run()).ending is Ending.FINISHED
    assert {label for _, label, _ in journal.labels()} == {"SECCDiscoveryReq", "SECCDiscoveryRes"}
    assert journal.links("open")[0].detail["untouched"]


async def test_an_ev_is_led_elsewhere_and_back_again(site, journal, pki) -> None:
    good = SeccTls(pki.secc.certificate, pki.secc.key)
    bad = pki.bad_secc["expired"]
    secc, other = await site.secc(good), await site.secc(SeccTls(bad.certificate, bad.key))
    listener = SeccListener(sdp_port=0, plain=False, tls=good)
    tap = await site.tap(SeccAddress(sdp_port=secc.sdp_port, tls=EvccTls((pki.v2g_root,))), listener)
    tap.divert(other.tls_port)
    with pytest.raises(ConnectFailed, match="VERIFY_FAILED"):
        await site.ev(tap, tls=EvccTls((pki.v2g_root,))).run()
    await tap.disconnected()
    tap.divert(None)
    assert (await site.ev(tap, tls=EvccTls((pki.v2g_root,))).run()).ending is Ending.FINISHED
    assert [bool(each.detail.get("untouched")) for each in journal.links("open")] == [True, False]


async def test_an_secc_at_a_known_port_is_not_asked(site, journal) -> None:
    secc = await site.secc()
    tap = await site.tap(SeccAddress(port=secc.plain_port))
    assert (await site.ev(tap).run()).ending is Ending.FINISHED
    assert journal.labels("SECCDiscoveryReq", "SECCDiscoveryRes") == [
        ("evcc", "SECCDiscoveryReq", "forwarded"),
        ("secc", "SECCDiscoveryRes", "injected"),
    ]


async def test_an_ev_that_knows_the_port_need_not_ask(site, plain) -> None:
    link = await connect("::1", plain.plain_port)
    await plain.connected()
    await link.close()
    await plain.disconnected()


async def test_an_secc_that_cannot_be_reached_is_in_the_journal(site, journal) -> None:
    tap = await site.tap(SeccAddress(port=9))
    link = await connect("::1", tap.plain_port)
    assert await link.receive() is None
    await link.close()
    assert "cannot be reached" in journal.links("refused")[0].detail["reason"]


async def test_a_message_of_15118_20_is_rewritten_in_its_own_grammar(site, journal, pki20) -> None:
    secc = await site.secc(SeccTls(pki20.secc.certificate, pki20.secc.key, (pki20.oem_root,), Profile.ISO20))
    evcc = EvccTls((pki20.v2g_root,), pki20.vehicle.certificate, pki20.vehicle.key, Profile.ISO20)
    listener = SeccListener(
        sdp_port=0, plain=False, tls=SeccTls(pki20.secc.certificate, pki20.secc.key, (pki20.oem_root,), Profile.ISO20)
    )
    tap = await site.tap(SeccAddress(sdp_port=secc.sdp_port, tls=evcc), listener)
    code = "/DC_ChargeParameterDiscoveryRes/ResponseCode"
    tap.install("steer", [Steer(do="rewrite", label="DC_ChargeParameterDiscoveryRes", set={code: "FAILED"})])
    assert (await site.ev(tap, ISO20_DC, tls=evcc).run()).ending is not Ending.FINISHED
    made = next(each for each in journal.frames() if each.fate == "injected")
    assert made.decoded["v2gtp"]["payload_type"] == 0x8004
    assert made.decoded["DC_ChargeParameterDiscoveryRes"]["ResponseCode"] == "FAILED"


# Steering


async def test_a_field_is_rewritten(site, plain, journal) -> None:
    code = "/V2G_Message/Body/SessionSetupRes/ResponseCode"
    plain.install("steer", [Steer(do="rewrite", label="SessionSetupRes", set={code: "FAILED"})])
    outcome = await site.ev(plain).run()
    assert outcome.ending is not Ending.FINISHED
    before, after = [each for each in journal.frames() if each.label == "SessionSetupRes"]
    assert (before.fate, after.fate, after.of) == ("rewritten", "injected", before.n)
    assert before.decoded["V2G_Message"]["Body"]["SessionSetupRes"]["ResponseCode"] == "OK_NewSessionEstablished"
    assert after.decoded["V2G_Message"]["Body"]["SessionSetupRes"]["ResponseCode"] == "FAILED"


async def test_a_disguise_is_the_subjects_own_doing(site, journal, recorder) -> None:
    secc = await site.secc()
    tap = await site.tap(SeccAddress(sdp_port=secc.sdp_port), subject="secc")
    code = "/V2G_Message/Body/SessionSetupRes/ResponseCode"
    tap.install("disguise", [Steer(do="rewrite", label="SessionSetupRes", set={code: "FAILED"})])
    await site.ev(tap).run()
    (seen,) = [each for each in journal.frames() if each.label == "SessionSetupRes"]
    assert seen.fate == "forwarded"
    assert seen.decoded["V2G_Message"]["Body"]["SessionSetupRes"]["ResponseCode"] == "FAILED"


async def test_a_wrong_payload_type_and_raw_octets_are_sent_as_they_are(site, plain, journal) -> None:
    plain.install(
        "steer",
        [
            Steer(do="rewrite", label="SessionSetupReq", set={"/v2gtp/payload_type": 0x1234}),
            Steer(do="inject", label="SessionSetupReq", raw="02fd800100000001ff", shape="octets"),
        ],
    )
    assert (await site.ev(plain).run()).ending is not Ending.FINISHED
    made = [each for each in journal.frames() if each.fate == "injected"]
    assert [each.label for each in made] == ["malformed", "malformed"]
    assert made[0].decoded["v2gtp"]["payload_type"] == 0x1234
    assert "payload type" in made[0].decoded["problem"]
    assert base64.b64decode(made[1].raw) == bytes.fromhex("02fd800100000001ff")


async def test_a_dropped_answer_makes_the_ev_give_up_in_time(site, plain, journal) -> None:
    plain.install("steer", [Steer(do="drop", label="ServiceDiscoveryRes")])
    before = asyncio.get_running_loop().time()
    assert (await site.ev(plain).run()).ending is not Ending.FINISHED
    assert 1.9 < asyncio.get_running_loop().time() - before < 70
    assert ("secc", "ServiceDiscoveryRes", "dropped") in journal.labels()


async def test_a_delayed_answer_arrives_later(site, plain, journal) -> None:
    plain.install("steer", [Steer(do="delay", label="SessionSetupRes", seconds=1.0)])
    assert (await site.ev(plain).run()).ending is Ending.FINISHED
    times = {each.label: each.t for each in journal.frames()}
    assert times["ServiceDiscoveryReq"] - times["SessionSetupRes"] >= 1.0


async def test_a_request_said_twice_is_answered_twice(site, plain, journal) -> None:
    plain.install("steer", [Steer(do="duplicate", label="ServiceDiscoveryReq")])
    await site.ev(plain).run()
    assert len(journal.labels("ServiceDiscoveryRes")) == 2


async def test_the_sdp_answer_can_be_steered_too(site, plain, journal) -> None:
    plain.install("steer", [Steer(do="drop", label="SECCDiscoveryRes")])
    with pytest.raises(NotFound, match="50 times"):
        await site.ev(plain).run()
    assert len(journal.labels("SECCDiscoveryReq")) == 50


async def test_a_case_injects_a_message_in_its_plain_form(site, plain, journal) -> None:
    link = await connect("::1", plain.plain_port)
    await plain.connected()
    request = {
        "supportedAppProtocolReq": {
            "AppProtocol": [
                {
                    "ProtocolNamespace": ISO2.namespace,
                    "VersionNumberMajor": 2,
                    "VersionNumberMinor": 0,
                    "SchemaID": 7,
                    "Priority": 1,
                }
            ]
        }
    }
    await plain.inject("secc", json.dumps(request))
    answer = await link.receive()
    assert codec(Schema.SAP).decode(answer.payload).message.SchemaID == 7
    assert journal.labels("supportedAppProtocolReq") == [("evcc", "supportedAppProtocolReq", "injected")]
    with pytest.raises(AdapterError, match="no grammar has a message Nonsense"):
        await plain.inject("secc", '{"Nonsense": {}}')
    with pytest.raises(AdapterError, match="at neither end"):
        await plain.inject("csms", b"")
    await link.close()


async def test_what_cannot_be_coded_is_not_sent_and_said_so(site, plain, journal) -> None:
    code = "/V2G_Message/Body/SessionSetupRes/ResponseCode"
    plain.install("steer", [Steer(do="rewrite", label="SessionSetupRes", set={code: "NEVER_HEARD_OF"})])
    await site.ev(plain).run()
    assert any(isinstance(each, Note) and "is not sent" in each.text for each in journal)
    assert journal.labels("SessionSetupRes") == [("secc", "SessionSetupRes", "dropped")]


# Conditions of the network


async def test_octets_in_small_segments_are_put_together_again(site, plain) -> None:
    plain.poison([Toxic(kind="slice", size=3), Toxic(kind="latency", seconds=0.01)])
    assert (await site.ev(plain).run()).ending is Ending.FINISHED


async def test_segments_may_come_some_time_apart(site, plain) -> None:
    plain.poison([Toxic(kind="slice", sender="evcc", size=3, seconds=0.1)])
    link = await connect("::1", plain.plain_port)
    began = asyncio.get_running_loop().time()
    link.send(0x8001, codec(Schema.SAP).encode(offer((ISO2,))))
    assert codec(Schema.SAP).decode((await link.receive()).payload).message.ResponseCode == "OK_SuccessfulNegotiation"
    assert asyncio.get_running_loop().time() - began >= 1.0
    await link.close()


async def test_latency_is_felt_and_the_journal_says_so(site, plain, journal) -> None:
    plain.poison([Toxic(kind="latency", seconds=0.2, sender="secc")])
    assert (await site.ev(plain).run()).ending is Ending.FINISHED
    assert ("secc", "SessionSetupRes", "delayed") in journal.labels()


async def test_what_is_slow_on_its_way_arrives_before_the_end(site, plain, journal) -> None:
    plain.poison([Toxic(kind="latency", seconds=5.0, sender="secc"), Toxic(kind="slow_close", seconds=3.0, sender="evcc")])
    link = await connect("::1", plain.plain_port)
    await plain.connected()
    offer_of_ours = codec(Schema.SAP).encode(offer((ISO2,)))
    link.send(0x8001, offer_of_ours)
    link._stream.end()
    began = asyncio.get_running_loop().time()
    assert codec(Schema.SAP).decode((await link.receive()).payload).message.ResponseCode == "OK_SuccessfulNegotiation"
    assert asyncio.get_running_loop().time() - began >= 5.0
    assert await link.receive() is None
    assert asyncio.get_running_loop().time() - began >= 8.0
    await link.close()
    await plain.disconnected()


@pytest.mark.parametrize(
    "toxic",
    [Toxic(kind="reset", seconds=1), Toxic(kind="timeout", seconds=1), Toxic(kind="limit", size=200)],
    ids=lambda toxic: toxic.kind,
)
async def test_a_connection_that_ends_by_itself(site, plain, journal, toxic) -> None:
    plain.poison([toxic])
    if toxic.kind == "timeout":
        # SDP does not get through either, so the EV knows the port.
        link = await connect("::1", plain.plain_port)
        assert await link.receive() is None
        await link.close()
    else:
        assert (await site.ev(plain).run()).ending is Ending.LOST
    await plain.disconnected()
    (closed,) = journal.links("close")
    assert (closed.by, closed.detail["reason"]) == ("tap", toxic.kind)


# Cutting


async def test_a_cut_link_is_lost_on_both_sides_until_it_is_mended(site, plain, journal) -> None:
    running = asyncio.create_task(site.ev(plain).run())
    await plain.connected()
    await asyncio.sleep(5)
    await plain.cut()
    assert (await running).ending is Ending.LOST
    await plain.disconnected()
    assert site.ended[-1].reason is CloseReason.LOST
    link = await connect("::1", plain.plain_port)
    assert await link.receive() is None
    await link.close()
    assert journal.links("refused")[-1].detail["reason"] == "the tap is cut"
    await plain.mend()
    assert (await site.ev(plain).run()).ending is Ending.FINISHED


async def test_a_silent_tap_lets_connections_wait(site, plain) -> None:
    await plain.cut(refuse=False)
    link = await connect("::1", plain.plain_port)
    await asyncio.sleep(1)
    await plain.mend()
    await plain.connected()
    await link.close()


async def test_stopping_ends_what_goes_on(site, plain) -> None:
    running = asyncio.create_task(site.ev(plain).run())
    await plain.connected()
    await asyncio.sleep(5)
    await plain.stop()
    assert (await running).ending is Ending.LOST


async def test_an_address_that_is_not_ours_cannot_be_listened_on(site) -> None:
    with pytest.raises(AdapterError, match="cannot listen"):
        await site.tap(SeccAddress(), SeccListener(host="2001:db8::1", sdp_port=0))


async def test_an_interface_towards_the_secc_that_there_is_not_is_named(site) -> None:
    with pytest.raises(AdapterError, match="no way to the SECC: there is no network interface 'nosuch0'"):
        await site.tap(SeccAddress(interface="nosuch0"), SeccListener(sdp_port=0))


# Captures


async def test_both_sides_are_captured_in_the_clear(site, journal, pki, tmp_path) -> None:
    secc = await site.secc(SeccTls(pki.secc.certificate, pki.secc.key))
    tls = EvccTls((pki.v2g_root,))
    listener = SeccListener(sdp_port=0, plain=False, tls=SeccTls(pki.secc.certificate, pki.secc.key))
    file = tmp_path / "tap.pcapng"
    tap = await site.tap(SeccAddress(sdp_port=secc.sdp_port, tls=tls), listener, capture=file)
    assert (await site.ev(tap, tls=tls).run()).ending is Ending.FINISHED
    await tap.stop()
    reassembly, datagrams, sent = Reassembly(), [], {}
    for packet in Capture(file).packets():
        match opened(packet.link_type, packet.data):
            case Segment() as segment:
                for event in reassembly.take(segment):
                    if isinstance(event, Octets):
                        sent.setdefault((event.connection, event.source), bytearray()).extend(event.data)
            case Datagram() as datagram:
                datagrams.append(datagram.data)
    frames = {
        sender: b"".join(base64.b64decode(each.raw) for each in journal.frames("secc<-evcc#1") if each.sender == sender)
        for sender in ("evcc", "secc")
    }
    assert sorted(map(bytes, sent.values())) == sorted([*frames.values()] * 2)
    assert len(datagrams) == 4
