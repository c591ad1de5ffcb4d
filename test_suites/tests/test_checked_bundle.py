"""What ``v2x check --out`` keeps of files from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from v2x_harness.bundle import Bundle
from v2x_harness.cli import invoke
from v2x_harness.events import Frame, LinkEvent
from v2x_harness.verdict import Verdict

CAPTURE = Path(__file__).parent / "iso15118" / "captures" / "bmw_ix_iso2_dc.pcap"


@pytest.fixture(scope="module")
def checked(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("checked") / "out"
    assert invoke(["check", str(CAPTURE), "--out", str(folder)]) == 1
    return folder


def test_a_capture_becomes_a_whole_bundle_with_reports(checked: Path) -> None:
    bundle = Bundle.open(checked)
    assert bundle.manifest.complete
    assert bundle.verdicts.verdict is Verdict.FAIL
    assert bundle.manifest.product.name == CAPTURE.name
    assert {"report.html", "junit.xml", "curves.json"} <= {path.name for path in checked.iterdir()}


def test_messages_have_names_decoded_forms_wall_times_and_their_packets(checked: Path) -> None:
    events = list(Bundle.open(checked).events("lane-0"))
    frames = [event for event in events if isinstance(event, Frame)]
    assert len(frames) == 24
    first = next(frame for frame in frames if frame.link != "sdp")
    assert (first.label, first.sender, first.to) == ("supportedAppProtocolReq", "evcc", "secc")
    assert first.decoded["supportedAppProtocolReq"]["AppProtocol"][0]["ProtocolNamespace"] == "urn:din:70121:2012:MsgDef"
    assert first.at.startswith("2023-03-30T06:3")
    assert first.origin is not None
    assert first.origin > first.n
    assert next(event.event for event in events if isinstance(event, LinkEvent)) == "open"


def test_the_finding_is_at_its_field_and_its_bits(checked: Path) -> None:
    bundle = Bundle.open(checked)
    finding = next(each for each in bundle.verdicts.findings if each.source == "rule:iso15118.schema.facets")
    frame = next(event for event in bundle.events("lane-0") if event.n == finding.location.frame)
    assert frame.label == "ServiceDiscoveryReq"
    assert finding.location.pointer.endswith("/ServiceScope")
    assert finding.location.bits == (103, 520)
    assert "bits 103 to 622, in octets 12 to 77 of the payload" in (checked / "report.html").read_text()


def test_rules_that_applied_cite_the_edition_that_was_spoken(checked: Path) -> None:
    cited = {result.id for result in Bundle.open(checked).verdicts.requirements}
    assert "15118-2#schema" in cited
    assert not any(each.startswith(("DIN70121", "15118-20")) for each in cited)


def test_a_log_of_ocpp_becomes_one_too(tmp_path: Path, capsys) -> None:
    log = tmp_path / "charger.ndjson"
    call = [2, "1", "BootNotification", {"chargePointVendor": "A", "chargePointModel": "B"}]
    frames = [{"direction": "out", "message": call}, {"direction": "in", "message": [3, "1", {"status": "Accepted"}]}]
    log.write_text("".join(json.dumps(each) + "\n" for each in frames))
    invoke(["check", str(log), "--version", "1.6", "--out", str(tmp_path / "out"), "--json"])
    report = json.loads(capsys.readouterr().out)["files"][0]["report"]
    assert "BootNotification" in Path(report).read_text()
    labels = [e.label for e in Bundle.open(tmp_path / "out").events("lane-0") if isinstance(e, Frame)]
    assert labels == ["CALL BootNotification", "CALLRESULT BootNotification"]


def test_several_files_have_a_folder_each(tmp_path: Path) -> None:
    other = CAPTURE.with_name("byd_atto3_iso2_ac.pcap")
    invoke(["check", str(CAPTURE), str(other), "--out", str(tmp_path / "out")])
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["1-bmw_ix_iso2_dc", "2-byd_atto3_iso2_ac"]
