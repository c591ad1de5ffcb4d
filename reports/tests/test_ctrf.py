from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID

import jsonschema
from v2x_harness.bundle import Bundle
from v2x_harness.events import Json
from v2x_reports.account import account
from v2x_reports.ctrf import report, write_ctrf

# What https://ctrf.io/docs/specification asks of the parts that we write; it allows no other keys.
COUNTS = ("tests", "passed", "failed", "skipped", "pending", "other", "start", "stop")
TEXT, WHOLE, THING = {"type": "string"}, {"type": "integer"}, {"type": "object"}


def closed(required: tuple[str, ...], **properties: Json) -> Json:
    return {"type": "object", "required": list(required), "properties": properties, "additionalProperties": False}


SCHEMA = closed(
    ("reportFormat", "specVersion", "results"),
    reportFormat={"const": "CTRF"},
    specVersion={"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
    reportId=TEXT,
    timestamp=TEXT,
    generatedBy=TEXT,
    results=closed(
        ("tool", "summary", "tests"),
        tool=closed(("name",), name=TEXT, version=TEXT),
        summary=closed(COUNTS, **dict.fromkeys(COUNTS, WHOLE)),
        environment=closed((), appName=TEXT, appVersion=TEXT, extra=THING),
        tests={
            "type": "array",
            "items": closed(
                ("name", "status", "duration"),
                id=TEXT,
                name={"type": "string", "minLength": 1},
                status={"enum": ["passed", "failed", "skipped", "pending", "other"]},
                duration=WHOLE,
                start=WHOLE,
                stop=WHOLE,
                suite={"type": "array", "minItems": 1, "items": TEXT},
                message=TEXT,
                trace=TEXT,
                rawStatus=TEXT,
                tags={"type": "array", "items": TEXT},
                type=TEXT,
                retries=WHOLE,
                parameters=THING,
                extra=THING,
            ),
        },
    ),
)


def by_name(bundle: Bundle) -> dict[str, dict[str, Json]]:
    document = report(account(bundle))
    jsonschema.validate(document, SCHEMA)
    return {t["name"]: t for t in document["results"]["tests"]}


def test_every_run_fits_the_format(bundle: Bundle, passing: Bundle, waived: Bundle, cut_off: Bundle) -> None:
    for each in (bundle, passing, waived, cut_off):
        by_name(each)


def test_verdicts_become_its_statuses_and_are_kept_as_they_were(bundle: Bundle) -> None:
    found = {name: (t["status"], t["rawStatus"]) for name, t in by_name(bundle).items()}
    assert found == {
        "TC_B_01_CS": ("failed", "fail"),
        "TC_B_02_CS": ("passed", "pass"),
        "TC_C_01_CS": ("passed", "warn"),
        "TC_E_02_CS": ("failed", "fail"),
        "TC_G_02_CS": ("failed", "fail"),
        "TC_J_01_CS": ("failed", "inconclusive"),
        "TC_K_01_CS": ("skipped", "not_applicable"),
        "TC_K_10_CS": ("skipped", "blocked"),
        "ocpp.format.timestamp": ("failed", "fail"),
        "ocpp.schema.request": ("failed", "fail"),
        "ocpp.timing.answer": ("skipped", "not_applicable"),
    }


def test_the_summary_adds_up(bundle: Bundle) -> None:
    summary = report(account(bundle))["results"]["summary"]
    assert summary["tests"] == sum(summary[s] for s in ("passed", "failed", "skipped", "pending", "other")) == 11
    assert summary["start"] == 1767323045000 < summary["stop"]


def test_requirements_are_tags_and_findings_are_kept(bundle: Bundle) -> None:
    test = by_name(bundle)["TC_B_01_CS"]
    assert test["tags"] == ["B01.FR.01", "B01.FR.05", "B01.FR.09", "OCPP-2.0.1#2.1.13"]
    assert [f["requirement"] for f in test["extra"]["findings"]] == ["B01.FR.05", "OCPP-2.0.1#2.1.13"]
    assert UUID(test["id"]).version == 5


def test_an_incomplete_run_has_a_test_that_fails_for_it(cut_off: Bundle) -> None:
    bad = [t for t in by_name(cut_off).values() if t.get("type") == "bundle"]
    assert len(bad) == 1
    assert bad[0]["status"] == "failed"


def test_waived_cases_are_skipped(waived: Bundle) -> None:
    assert by_name(waived)["TC_B_01_CS"]["rawStatus"] == "fail (waived)"
    assert by_name(waived)["TC_B_01_CS"]["status"] == "skipped"


def test_the_same_bundle_gives_the_same_bytes(bundle: Bundle, tmp_path: Path) -> None:
    first = write_ctrf(bundle, tmp_path).read_bytes()
    assert write_ctrf(bundle, tmp_path).read_bytes() == first
    assert json.loads(first) == report(account(bundle))
