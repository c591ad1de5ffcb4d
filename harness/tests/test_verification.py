from __future__ import annotations

import json
from pathlib import Path

import pytest
from v2x_harness.attestation import SigningKey
from v2x_harness.bundle import Bundle
from v2x_harness.verification import Verification, verify

from .conftest import MakeBundle

KEY = SigningKey.new()


def wrong(result: Verification) -> dict[str, str]:
    return {c.what: c.text for c in result.checks if not c.ok}


@pytest.fixture
def sealed(make_bundle: MakeBundle) -> Path:
    bundle = make_bundle()
    bundle.seal(keys=[KEY])
    return bundle.path


def check(path: Path) -> dict[str, str]:
    return wrong(verify(Bundle.open(path), [KEY.public]))


def test_an_untouched_bundle_verifies(sealed: Path, tmp_path: Path) -> None:
    result = verify(Bundle.open(sealed), [SigningKey.new().public, KEY.public])
    assert result.ok
    assert result.signed_by == KEY.public.id
    assert wrong(result) == {}
    assert verify(Bundle.open(Bundle.open(sealed).pack(tmp_path / "b.zip")), [KEY.public]).ok


def test_an_unsigned_bundle_is_taken_only_when_asked_for(make_bundle: MakeBundle) -> None:
    bundle = make_bundle()
    bundle.seal()
    assert wrong(verify(bundle, [KEY.public])) == {"signature": "nobody signed it"}
    assert verify(bundle, [], unsigned=True).ok
    assert verify(bundle, [], unsigned=True).signed_by == ""


def test_a_signature_is_worth_nothing_without_a_trusted_key(sealed: Path) -> None:
    assert "no key was given" in wrong(verify(Bundle.open(sealed), []))["signature"]
    assert "none of the 1 keys given" in wrong(verify(Bundle.open(sealed), [SigningKey.new().public]))["signature"]
    assert not verify(Bundle.open(sealed), [SigningKey.new().public], unsigned=True).ok


def test_a_changed_file_is_named(sealed: Path) -> None:
    path = sealed / "subject.json"
    path.write_text(path.read_text().replace("ACME", "ACNE"))
    assert check(sealed)["files"].startswith("subject.json was changed: SHA-256")


def test_a_missing_file_is_named(sealed: Path) -> None:
    (sealed / "catalogue.json").unlink()
    assert check(sealed) == {"files": "catalogue.json is missing"}


def test_a_changed_journal_fails_its_footer_its_hash_and_its_verdicts(sealed: Path) -> None:
    path = sealed / "journal" / "lane1.ndjson"
    path.write_text(path.read_text().replace('"verdict":"fail"', '"verdict":"pass"'))
    found = check(sealed)
    assert set(found) == {"files", "journals", "verdicts"}
    assert "the journal was changed after the run" in found["journals"]


def test_changed_verdicts_are_told_apart_from_what_the_journals_say(sealed: Path) -> None:
    path = sealed / "verdicts.json"
    verdicts = json.loads(path.read_text())
    for case in verdicts["cases"]:
        case["verdict"] = "pass"
    path.write_text(json.dumps(verdicts))
    assert check(sealed)["verdicts"].splitlines()[:2] == [
        "TC_FAIL: verdicts.json says pass, the journals say fail",
        "TC_SKIP: verdicts.json says pass, the journals say not_applicable",
    ]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda v: v["findings"].pop(0), "findings that differ"),
        (lambda v: v.update(verdict="pass"), "verdicts.json says pass in all, the journals say fail"),
        (lambda v: v["rules"].pop(0), "rule:ocpp.schema"),
    ],
)
def test_any_other_change_of_the_verdicts_is_told(sealed: Path, change: object, words: str) -> None:
    path = sealed / "verdicts.json"
    verdicts = json.loads(path.read_text())
    change(verdicts)  # type: ignore[operator]
    path.write_text(json.dumps(verdicts))
    assert words.removeprefix("rule:") in check(sealed)["verdicts"]


def test_a_forged_manifest_no_longer_fits_the_statement(sealed: Path) -> None:
    path = sealed / "manifest.json"
    path.write_text(path.read_text().replace("1.2.3", "1.2.4"))
    assert "speaks of a manifest.json with SHA-256" in check(sealed)["statement"]


def test_a_bundle_sealed_again_by_another_is_not_signed_by_us(sealed: Path) -> None:
    path = sealed / "journal" / "lane1.ndjson"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    Bundle.open(sealed).seal(keys=[SigningKey.new()])
    assert set(check(sealed)) == {"signature", "journals"}


def test_an_added_journal_is_noticed_and_a_report_beside_is_not_evidence(sealed: Path) -> None:
    (sealed / "report.html").write_text("<html>")
    result = verify(Bundle.open(sealed), [KEY.public])
    assert result.ok
    assert "not part of the evidence: report.html" in next(c.text for c in result.checks if c.what == "files")
    (sealed / "journal" / "lane9.ndjson").write_bytes((sealed / "journal" / "lane1.ndjson").read_bytes())
    assert "journal/lane9.ndjson was added" in check(sealed)["files"]


def test_a_run_that_was_killed_does_not_verify(make_bundle: MakeBundle) -> None:
    found = wrong(verify(make_bundle(footer=False), [KEY.public], unsigned=True))
    assert set(found) == {"signature", "statement", "files", "journals", "verdicts", "redaction"}
    assert "never sealed" in found["signature"]
    assert "no footer" in found["journals"]


def test_a_redaction_report_that_hides_something_is_noticed(sealed: Path) -> None:
    (sealed / "redaction.json").write_text('{"redacted":[],"format":"other"}')
    assert "does not list" in check(sealed)["redaction"]


@pytest.mark.parametrize("part", ["verdicts.json", "redaction.json", "statement.dsse.json", "journal/lane1.ndjson"])
def test_a_damaged_part_never_raises(sealed: Path, part: str) -> None:
    (sealed / part).write_bytes(b"\xff{")
    assert check(sealed)
