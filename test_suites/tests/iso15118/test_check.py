"""``v2x check`` over captures and journals of ISO 15118: what is good passes, what is broken is found at its bits."""

import json
import struct
from base64 import b64encode
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from v2x_architecture.iso15118.editions import ISO20_DC
from v2x_architecture.iso15118.v2gtp import encode
from v2x_harness.cli import invoke
from v2x_harness.coverage import uncovered
from v2x_harness.events import Frame
from v2x_harness.finding import Axis
from v2x_suites.checking import LogError
from v2x_suites.cli_check import check_file, json_schema
from v2x_suites.iso15118 import PROTOCOL
from v2x_suites.iso15118.logs import open_log
from v2x_suites.iso15118.logs.captures import CaptureLog
from v2x_suites.iso15118.rules import Iso15118Judge, all_infos, judge

CAPTURES = Path(__file__).with_name("captures")


def found(path):
    return [(each.source.removeprefix("rule:iso15118."), each.party, each.location.pointer) for each in check_file(path).findings]


@pytest.mark.parametrize("piece", [10_000, 7], ids=["whole", "in pieces"])
@pytest.mark.parametrize("session", ["good", "din"])
def test_a_good_session_passes(capture, traffic, session, piece) -> None:
    checked = check_file(capture(*getattr(traffic, session)(), piece=piece))
    assert (checked.protocol, checked.kind, checked.unit) == ("iso15118", "capture", "packet")
    assert (checked.frames, checked.links, checked.complete, checked.timed) == (6, 1, True, True)
    assert checked.versions == (("2",) if session == "good" else ("din",))
    assert checked.findings == ()
    of_messages = ("iso15118.v2gtp.", "iso15118.exi.", "iso15118.schema.", "iso15118.sdp.message")
    assert {each.id for each in checked.rules if not each.inspected and each.id.startswith(of_messages)} == set()


def test_a_journal_of_the_tap_is_judged_alike(journal, traffic) -> None:
    checked = check_file(journal(*traffic.good()))
    assert (checked.protocol, checked.kind, checked.frames, checked.findings) == ("iso15118", "journal", 4, ())


def test_what_the_harness_made_is_held_against_nobody(journal, traffic) -> None:
    assert found(journal(("evcc", b"\x02\xfd\x80\x01\0\0\0\0"), fate="injected")) == []


HEADER = {
    "version": (b"\x02\xfd\x80\x01\0\0\0\x01\x80", "v2gtp.header", "/v2gtp/version"),
    "inverse": (b"\x01\xff\x80\x01\0\0\0\x01\x80", "v2gtp.header", "/v2gtp/version"),
    "reserved": (encode(0x1234, b"\x80"), "v2gtp.payload_type", "/v2gtp/payload_type"),
    "of -20": (encode(0x8002, b"\x80"), "v2gtp.place", "/v2gtp/payload_type"),
    "SDP over TCP": (encode(0x9000, b"\x10\x00"), "v2gtp.place", "/v2gtp/payload_type"),
    "broken off": (encode(0x8001, b"\x80" * 9)[:-3], "v2gtp.length", "/v2gtp/length"),
    "half a header": (b"\x01\xfe\x80", "v2gtp.length", ""),
}


@pytest.mark.parametrize(("octets", "rule", "pointer"), HEADER.values(), ids=HEADER)
@pytest.mark.parametrize("kind", ["capture", "journal"])
def test_headers(request, traffic, kind, octets, rule, pointer) -> None:
    path = request.getfixturevalue(kind)(*traffic.good(), ("evcc", octets))
    assert (rule, "evcc", pointer) in found(path)


def test_a_payload_that_is_no_exi_is_found_at_its_bit(capture, traffic) -> None:
    good = traffic.setup()[0][1]
    cut = encode(0x8001, good[8:14])
    (finding,) = check_file(capture(*traffic.negotiation(), ("evcc", cut))).findings
    assert finding.source == "rule:iso15118.exi.decode"
    assert finding.location.pointer.startswith("bit:")
    assert 0 < int(finding.location.pointer[4:]) <= 48
    assert finding.requirement == "15118-2#7.9.1.EXI.decode"
    assert "/V2G_Message/" in finding.text


def test_the_grammar_that_was_negotiated_counts(capture, traffic) -> None:
    checked = check_file(capture(*traffic.din()[:2], *traffic.setup()))
    assert {each.source for each in checked.findings} == {"rule:iso15118.exi.decode"}
    assert {each.requirement for each in checked.findings} == {"DIN70121#EXI.decode"}


def test_the_edition_decides_about_payload_types(capture, traffic) -> None:
    path = capture(*traffic.negotiation(ISO20_DC), traffic.setup()[0])
    assert ("v2gtp.place", "evcc", "/v2gtp/payload_type") in found(path)
    assert check_file(path).versions == ("20",)


def test_a_value_against_its_facets_is_found_at_its_bit(capture, traffic) -> None:
    path = capture(*traffic.negotiation(), *traffic.setup(evccid="02AF000102030405", evseid="X"))
    first, second = check_file(path).findings
    assert (first.source, first.party, second.party) == ("rule:iso15118.schema.facets", "evcc", "secc")
    assert "maxLength" in first.text
    assert "/V2G_Message/Body/SessionSetupReq/EVCCID" in first.text
    assert first.location.pointer == "/V2G_Message/Body/SessionSetupReq/EVCCID"
    assert first.location.bits == (102, 8 + 8 * 8)
    assert first.axis is Axis.CONFORMANCE
    assert "minLength" in second.text


def test_what_follows_the_document_trips_peers_only(capture, traffic) -> None:
    (sender, octets), answer = traffic.setup()
    path = capture(*traffic.negotiation(), (sender, encode(0x8001, octets[8:] + b"\0")), answer)
    (finding,) = check_file(path).findings
    assert (finding.source, finding.axis) == ("rule:iso15118.exi.end", Axis.COMPATIBILITY)
    assert invoke(["check", str(path)]) == 0
    assert invoke(["check", str(path), "--strict"]) == 1


SDP = {
    "reserved security": (encode(0x9000, b"\x77\x00"), "sdp.message"),
    "too short": (encode(0x9001, b"\x77\x00"), "sdp.message"),
    "longer than it says": (encode(0x9000, b"\x10\x00") + b"x", "v2gtp.length"),
    "something else": (encode(0x8001, b"\x80"), "v2gtp.place"),
}


@pytest.mark.parametrize(("octets", "rule"), SDP.values(), ids=SDP)
def test_sdp(capture, traffic, octets, rule) -> None:
    assert rule in {each[0] for each in found(capture(*traffic.good(), sdp=[("evcc", octets)]))}


def test_a_capture_that_begins_within_a_session(capture, traffic) -> None:
    whole = capture(*traffic.good(), *traffic.setup(evccid="02AF000102030405"))
    octets = whole.read_bytes()
    blocks, at = [], 0
    while at < len(octets):
        (size,) = struct.unpack_from("<I", octets, at + 4)
        blocks.append(octets[at : at + size])
        at += size
    # Without SDP, the handshake and the negotiation.
    late = whole.with_name("late.pcapng")
    late.write_bytes(b"".join((*blocks[:2], *blocks[11:])))
    # Its session is set up twice, which nobody does.
    rules = [("schema.facets", "evcc"), ("sequence.request", "evcc"), ("sequence.accepted", "secc")]
    assert [each[:2] for each in found(late)] == rules
    assert check_file(late).versions == ("2",)


def test_tls_is_not_judged_and_said_so(capture, capsys) -> None:
    path = capture(("evcc", b"\x16\x03\x01\x00\x05hello"))
    checked = check_file(path)
    assert len(checked.notes) == 1
    assert checked.notes[0].startswith("1 connection is TLS: what is said there is not judged")
    assert invoke(["check", str(path)]) == 0
    assert "is TLS" in capsys.readouterr().out


def test_a_capture_without_v2gtp_cannot_be_used(capture, capsys) -> None:
    path = capture(("evcc", b"GET / HTTP/1.1\r\n\r\n"), sdp=[])
    with pytest.raises(LogError, match="holds no V2GTP"):
        check_file(path)
    assert invoke(["check", str(path)]) == 2
    capsys.readouterr()


def test_a_capture_that_is_cut_off_is_read_as_far_as_it_goes(capture, traffic) -> None:
    path = capture(*traffic.good())
    path.write_bytes(path.read_bytes()[:-10])
    checked = check_file(path)
    assert not checked.complete
    assert "cut off" in checked.problem
    assert checked.frames == 6


def test_the_command_says_where_and_keeps_to_its_schema(capture, traffic, capsys) -> None:
    path = str(capture(*traffic.negotiation(), *traffic.setup(evccid="02AF000102030405")))
    assert invoke(["check", path]) == 1
    out = capsys.readouterr().out
    assert "ISO 15118 2" in out
    assert "schema.facets" in out
    assert invoke(["check", path, "--party", "secc"]) == 0
    capsys.readouterr()
    assert invoke(["check", path, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, json_schema())
    assert report["files"][0]["protocol"] == "iso15118"


REAL = {
    "bmw_ix_iso2_dc": (
        24,
        ("2",),
        True,
        [
            ("schema.facets", "evcc", "/V2G_Message/Body/ServiceDiscoveryReq/ServiceScope"),
            ("services.contract_offered", "secc", "/V2G_Message/Body/ServiceDiscoveryRes/PaymentOptionList"),
        ],
    ),
    "byd_atto3_iso2_ac": (2, ("2",), False, []),
    "opel_mokka_e_din_dc": (
        32,
        ("din",),
        True,
        [
            ("timing.message_timeout", "secc", "/V2G_Message/Body/CurrentDemandRes"),
            ("timing.message_timeout", "secc", ""),
            ("dc.pre_charge_voltage", "evcc", "/V2G_Message/Body/PowerDeliveryReq"),
            ("timing.performance", "secc", ""),
        ],
    ),
}


@pytest.mark.parametrize("name", REAL)
def test_what_real_cars_said(name) -> None:
    path = CAPTURES / f"{name}.pcap"
    checked = check_file(path)
    assert (checked.frames, checked.versions, checked.complete, found(path)) == REAL[name]
    assert checked.links == 1


def test_every_rule_cites_what_is_registered() -> None:
    class Suite:
        name = "iso15118"

        def registries(self):
            return PROTOCOL.registries()

        def rules(self):
            return all_infos()

        def cases(self):
            return ()

    assert [problem for problem in uncovered(Suite()) if problem.endswith("is not registered")] == []


def test_findings_beyond_the_limit_are_counted(capture, traffic) -> None:
    path = capture(*traffic.negotiation(), *(traffic.setup(evccid="02AF000102030405")[:1] * 5))
    limited, events = Iso15118Judge(limit=2), open_log(path)
    found = [each.source for event in events.events() for each in limited.feed(event)]
    assert found.count("rule:iso15118.schema.facets") == 2
    assert limited.suppressed["iso15118.schema.facets"] == 3


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["evcc", "secc"]), st.binary(max_size=30)), max_size=6))
def test_anything_at_all_is_judged_without_an_error(tmp_path_factory, traffic, messages) -> None:
    judging = judge()
    for sender, data in (*traffic.good(), *messages):
        list(judging.feed(Frame(link="l", sender=sender, to="", raw=b64encode(data).decode(), media="binary")))
        list(judging.feed(Frame(link="sdp", sender=sender, to="", raw=b64encode(data).decode(), media="binary")))
    assert judging.frames == 2 * (4 + len(messages))


def test_a_log_is_told_by_what_is_in_it(capture, traffic, tmp_path) -> None:
    assert isinstance(open_log(capture(*traffic.good())), CaptureLog)
    other = tmp_path / "ocpp.log"
    other.write_text('[2,"1","Heartbeat",{}]')
    assert open_log(other) is None
    assert open_log(tmp_path / "none") is None


def test_of_a_folder_all_captures_are_judged(capture, traffic, tmp_path, capsys) -> None:
    for number in range(6):
        capture(*traffic.good(), name=f"{number}.pcapng")
    (tmp_path / "deep").mkdir()
    capture(*traffic.negotiation(), *traffic.setup(evccid="02AF000102030405"), name="deep/other.dump")
    capture(("evcc", b"GET / HTTP/1.1\r\n\r\n"), sdp=[], name="web.pcapng")
    (tmp_path / "notes.txt").write_text("nothing")
    assert invoke(["check", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "in 7 files" in out
    assert "schema.facets" in out
    assert "passed over" in out
    assert invoke(["check", str(tmp_path), "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert len(report["files"]) == 7
    assert [Path(each["path"]).name for each in report["passed_over"]] == ["web.pcapng"]
    jsonschema.validate(report, json_schema())


def test_a_folder_without_anything_to_judge_cannot_be_used(tmp_path) -> None:
    assert invoke(["check", str(tmp_path)]) == 2
