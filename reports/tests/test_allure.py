from __future__ import annotations

import json
from pathlib import Path

import pytest
from v2x_harness.bundle import Bundle
from v2x_harness.events import Json
from v2x_reports.allure import write_allure

type Result = dict[str, Json]


@pytest.fixture
def folder(bundle: Bundle, tmp_path: Path) -> Path:
    return write_allure(bundle, tmp_path)


def results(folder: Path) -> dict[str, Result]:
    read = [json.loads(p.read_text()) for p in sorted(folder.glob("*-result.json"))]
    return {r["fullName"]: r for r in read}


def test_every_case_and_rule_is_a_result(folder: Path) -> None:
    found = {name.rpartition(":")[2]: r["status"] for name, r in results(folder).items()}
    assert found == {
        "TC_B_01_CS": "failed",
        "TC_B_02_CS": "passed",
        "TC_C_01_CS": "passed",
        "TC_E_02_CS": "failed",
        "TC_G_02_CS": "failed",
        "TC_J_01_CS": "broken",
        "TC_K_01_CS": "skipped",
        "TC_K_10_CS": "skipped",
        "ocpp.format.timestamp": "failed",
        "ocpp.schema.request": "failed",
        "ocpp.timing.answer": "skipped",
    }


def test_a_result_has_what_allure_groups_by(folder: Path) -> None:
    result = results(folder)["ocpp.2.0.1.station:TC_B_01_CS"]
    labels = [(label["name"], label["value"]) for label in result["labels"]]
    assert ("parentSuite", "ocpp") in labels
    assert ("suite", "2.0.1.station") in labels
    assert ("feature", "B") in labels
    assert ("tag", "B01.FR.05") in labels
    assert ("verdict", "fail") in labels
    assert result["name"] == "TC_B_01_CS Cold boot, accepted"
    assert result["stage"] == "finished"
    assert result["stop"] >= result["start"] >= 1767323045000
    assert result["statusDetails"]["message"] == "B01.FR.05: assert boot.reason == 'PowerUp'"


def test_what_was_done_are_its_steps(folder: Path) -> None:
    steps = results(folder)["ocpp.2.0.1.station:TC_B_01_CS"]["steps"]
    assert [(s["name"], s["status"]) for s in steps] == [
        ("station: power_cycle", "passed"),
        ("every connector is reported", "passed"),
    ]
    assert steps[0]["parameters"] == [{"name": "cause", "value": '"power"'}]
    assert results(folder)["ocpp.2.0.1.station:TC_J_01_CS"]["steps"][0]["status"] == "broken"


def test_sequence_frames_and_findings_are_attached(folder: Path) -> None:
    attachments = {a["name"]: a for a in results(folder)["ocpp.2.0.1.station:TC_B_01_CS"]["attachments"]}
    assert set(attachments) == {"sequence", "frames", "findings"}
    assert "CALL BootNotification   ◀ B01.FR.05" in (folder / attachments["sequence"]["source"]).read_text()
    frames = json.loads((folder / attachments["frames"]["source"]).read_text())
    assert [f["label"] for f in frames][:2] == ["CALL BootNotification", "CALLRESULT BootNotification"]
    assert len(json.loads((folder / attachments["findings"]["source"]).read_text())) == 2
    assert attachments["sequence"]["type"] == "text/plain"


def test_every_file_is_named_as_allure_looks_for_it(folder: Path) -> None:
    sources = {a["source"] for r in results(folder).values() for a in r.get("attachments", [])}
    others = {p.name for p in folder.iterdir()} - {f"{r['uuid']}-result.json" for r in results(folder).values()}
    assert others == sources | {"environment.properties"}


def test_the_environment_names_product_and_suite(folder: Path) -> None:
    text = (folder / "environment.properties").read_text()
    assert "product=ACME\\ Wallbox\\ 22\n" in text
    assert "product.observed.version=1.2.3\n" in text


def test_history_follows_a_case_from_run_to_run_and_uuids_do_not(bundle: Bundle, folder: Path, tmp_path: Path) -> None:
    again = results(write_allure(bundle, tmp_path / "again"))
    assert again == results(folder)
    assert len({r["historyId"] for r in again.values()}) == len(again)


def test_waived_and_incomplete_runs_are_told(waived: Bundle, cut_off: Bundle, tmp_path: Path) -> None:
    known = results(write_allure(waived, tmp_path / "w"))["ocpp.2.0.1.station:TC_B_01_CS"]
    assert known["status"] == "skipped"
    assert known["statusDetails"]["known"] is True
    broken = [r for name, r in results(write_allure(cut_off, tmp_path / "c")).items() if name.startswith("bundle:")]
    assert [r["status"] for r in broken] == ["broken"]
