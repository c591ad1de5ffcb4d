from __future__ import annotations

import json
import zipfile
from datetime import date
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from v2x_harness.attestation import SigningKey
from v2x_harness.bundle import Bundle
from v2x_harness.errors import BundleError, HarnessError
from v2x_harness.manifest import Identity, suite_hash
from v2x_harness.verdict import Verdict
from v2x_harness.waiver import Waiver

from .conftest import CATALOGUE, EVENTS, RUN, SUBJECT, MakeBundle, WriteJournal


def test_a_sealed_bundle_opens_with_everything_a_report_needs(make_bundle: MakeBundle) -> None:
    sealed = make_bundle()
    verdicts = sealed.seal(
        product=Identity(name="ACME Wallbox", version="1.2.4", observed={"firmware": "7"}), pics={"C-44": False}
    )
    bundle = Bundle.open(sealed.path)
    assert bundle.sealed
    assert bundle.manifest.complete
    assert bundle.manifest.run == RUN
    assert bundle.manifest.product.observed == {"firmware": "7"}
    assert bundle.manifest.pics == bundle.subject.effective_pics == {"C-44": False}
    assert bundle.subject.declared["pics"] == {"C-44": True}
    assert bundle.manifest.seeds == {"lane1": 7}
    assert bundle.journals == ("lane1",)
    assert bundle.verdicts == verdicts == bundle.derive()
    assert bundle.catalogue == CATALOGUE
    assert set(bundle.manifest.files) == {
        "catalogue.json",
        "journal/lane1.ndjson",
        "redaction.json",
        "subject.json",
        "verdicts.json",
    }
    assert all(bundle.part(name) == part for name, part in bundle.manifest.files.items())


def test_credentials_are_not_in_the_bundle(make_bundle: MakeBundle) -> None:
    bundle = make_bundle()
    bundle.seal()
    for name in bundle.names:
        assert b"correct horse" not in (bundle.path / name).read_bytes()
    assert bundle.subject.declared["endpoint"]["password"] == "[redacted:password:place]"


def test_the_paths_of_the_machine_are_not_in_the_bundle(tmp_path: Path) -> None:
    subject = msgspec.structs.replace(
        SUBJECT, path="/home/me/subject.toml", endpoint=msgspec.structs.replace(SUBJECT.endpoint, ca="/home/me/ca.pem")
    )
    bundle = Bundle.create(tmp_path / "b", run=RUN, subject=subject, suite="", catalogue=CATALOGUE)
    assert "/home/me" not in json.dumps(bundle.subject.declared)
    assert bundle.subject.declared["endpoint"]["ca"] == "ca.pem"


def test_a_bundle_that_was_never_sealed_is_read_as_incomplete(make_bundle: MakeBundle) -> None:
    bundle = Bundle.open(make_bundle(footer=False).path)
    assert not bundle.sealed
    assert not bundle.manifest.complete
    assert "never sealed" in bundle.manifest.problems[0]
    verdicts = bundle.verdicts
    assert verdicts.verdict is Verdict.ERROR
    assert not verdicts.complete
    assert [c.case for c in verdicts.cases] == ["TC_FAIL", "TC_PASS", "TC_SKIP"]
    assert bundle.redaction.redacted == ()


def test_a_lane_without_footer_makes_a_sealed_bundle_incomplete(make_bundle: MakeBundle, write_journal: WriteJournal) -> None:
    bundle = make_bundle()
    write_journal(bundle.journal_path("lane2"), EVENTS[:7], footer=False)
    verdicts = bundle.seal()
    assert verdicts.verdict is Verdict.ERROR
    assert verdicts.exit_code() == 3
    assert not bundle.manifest.complete
    assert "journal lane2: no footer" in bundle.manifest.problems[0]
    cut = next(c for c in verdicts.cases if c.case == "TC_FAIL")
    assert cut.verdict is Verdict.ERROR
    assert "cut off" in cut.reason


@pytest.mark.parametrize("content", [b"", b"garbage\n"])
def test_a_lane_that_is_no_journal_makes_the_bundle_incomplete(make_bundle: MakeBundle, content: bytes) -> None:
    bundle = make_bundle()
    bundle.journal_path("lane2").write_bytes(content)
    assert "lane2" in bundle.seal().problems[0]
    assert list(bundle.events("lane2")) == []


def test_a_bundle_without_any_journal_is_incomplete(tmp_path: Path) -> None:
    bundle = Bundle.create(tmp_path / "b", run=RUN, subject=SUBJECT, suite="", catalogue=CATALOGUE)
    assert bundle.seal().problems == ("journal -: the bundle holds no journal",)


def test_a_journal_that_went_missing_after_sealing_is_noticed(make_bundle: MakeBundle) -> None:
    bundle = make_bundle(lane1=EVENTS, lane2=EVENTS[:5])
    bundle.seal()
    bundle.journal_path("lane2").unlink()
    assert "lane2" in Bundle.open(bundle.path).derive().problems[0]


def test_a_manifest_that_names_files_elsewhere_does_not_reach_them(make_bundle: MakeBundle, tmp_path: Path) -> None:
    bundle = make_bundle()
    bundle.seal()
    (tmp_path / "outside.ndjson").write_bytes(bundle.journal_path("lane1").read_bytes())
    manifest = bundle.path / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"lane1"', '"../../outside"', 2))
    (bundle.path / "journal" / "lane2.ndjson").symlink_to(tmp_path / "outside.ndjson")
    opened = Bundle.open(bundle.path)
    assert opened.journals == ("lane1",)
    assert opened.derive().problems == ("journal ../../outside: the manifest names it, and it is missing",)


def test_the_folder_of_a_run_stands_for_its_bundle(tmp_path: Path, make_bundle: MakeBundle) -> None:
    bundle = make_bundle("run/bundle")
    assert Bundle.open(tmp_path / "run").path == bundle.path


def test_a_run_never_writes_over_another(make_bundle: MakeBundle) -> None:
    path = make_bundle().path
    with pytest.raises(BundleError, match="not empty"):
        Bundle.create(path, run=RUN, subject=SUBJECT, suite="", catalogue=CATALOGUE)


def test_a_folder_that_cannot_be_written_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BundleError, match="cannot write"):
        Bundle.create(tmp_path / "file" / "b", run=RUN, subject=SUBJECT, suite="", catalogue=CATALOGUE)


def test_a_zip_holds_what_the_folder_held(make_bundle: MakeBundle, tmp_path: Path) -> None:
    folder = make_bundle()
    folder.seal()
    zipped = Bundle.open(folder.pack(tmp_path / "b.zip"))
    assert zipped.names == folder.names
    assert zipped.manifest == folder.manifest
    assert zipped.verdicts == folder.verdicts == zipped.derive()
    assert list(zipped.events("lane1")) == list(folder.events("lane1"))
    with pytest.raises(BundleError, match="is a zip"):
        zipped.seal()


def test_the_same_bundle_packs_to_the_same_bytes(make_bundle: MakeBundle, tmp_path: Path) -> None:
    bundle = make_bundle()
    bundle.seal()
    assert bundle.pack(tmp_path / "a.zip").read_bytes() == bundle.pack(tmp_path / "b.zip").read_bytes()


def test_a_zip_may_hold_the_bundle_in_one_folder(make_bundle: MakeBundle, tmp_path: Path) -> None:
    bundle = make_bundle()
    bundle.seal()
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for name in bundle.names:
            archive.write(bundle.path / name, f"run-1/{name}")
    assert Bundle.open(tmp_path / "b.zip").derive() == bundle.verdicts


@pytest.mark.parametrize("part", ["verdicts.json", "catalogue.json", "subject.json", "redaction.json", "statement.dsse.json"])
@pytest.mark.parametrize("content", [b"", b"{", b"[1]", b"\xff", b"[" * 100_000])
def test_a_damaged_part_is_a_typed_error(make_bundle: MakeBundle, part: str, content: bytes) -> None:
    bundle = make_bundle()
    bundle.seal()
    (bundle.path / part).write_bytes(content)
    name = {"statement.dsse.json": "envelope"}.get(part, part.removesuffix(".json"))
    with pytest.raises(BundleError, match=part):
        getattr(bundle, name)


def test_what_is_no_bundle_is_a_typed_error(tmp_path: Path, make_bundle: MakeBundle) -> None:
    with pytest.raises(BundleError, match="does not exist"):
        Bundle.open(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BundleError, match=r"manifest\.json"):
        Bundle.open(tmp_path / "empty")
    (tmp_path / "a.txt").write_text("no zip")
    with pytest.raises(BundleError, match="no zip"):
        Bundle.open(tmp_path / "a.txt")
    path = make_bundle().path
    (path / "manifest.json").write_text((path / "manifest.json").read_text().replace("v2x-bundle/1", "v2x-bundle/9"))
    with pytest.raises(BundleError, match="format v2x-bundle/9"):
        Bundle.open(path)


def test_a_zip_cut_or_changed_anywhere_raises_nothing_but_typed_errors(make_bundle: MakeBundle, tmp_path: Path) -> None:
    bundle = make_bundle()
    bundle.seal()
    content = bundle.pack(tmp_path / "b.zip").read_bytes()
    target = tmp_path / "c.zip"
    for at in range(0, len(content), 37):
        for damaged in (content[:at], content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]):
            target.write_bytes(damaged)
            try:
                opened = Bundle.open(target)
                opened.verdicts  # noqa: B018  (reading is the point)
                opened.derive()
            except HarnessError:
                pass


def test_waivers_are_judged_when_sealing_and_stay_with_the_bundle(make_bundle: MakeBundle) -> None:
    waiver = Waiver(
        subject=SUBJECT.name, case="TC_FAIL", requirement="R.02", reason="known", owner="me", expires=date(2026, 12, 31)
    )
    bundle = make_bundle()
    verdicts = bundle.seal(waivers=[waiver], today=date(2026, 1, 2))
    assert next(c for c in verdicts.cases if c.case == "TC_FAIL").waived
    assert [f.waived for f in verdicts.findings if f.requirement == "R.02"] == ["known (me, until 2026-12-31)"]
    assert Bundle.open(bundle.path).derive() == verdicts


def test_the_statement_says_what_passed_and_failed(make_bundle: MakeBundle) -> None:
    bundle = make_bundle()
    bundle.seal(product=Identity(name="ACME", version="1", digest={"sha256": "ab"}))
    statement = bundle.envelope.statement
    assert statement.subject[0].digest == {"sha256": bundle.part("manifest.json").sha256}
    assert statement.subject[1].name == "ACME 1"
    assert statement.predicate.result == "FAILED"
    assert statement.predicate.passed_tests == ("TC_PASS",)
    assert statement.predicate.failed_tests == ("TC_FAIL", "rule:ocpp.schema")
    assert bundle.envelope.signatures == ()


def test_a_bundle_is_signed_with_the_keys_given(make_bundle: MakeBundle) -> None:
    key, other = SigningKey.new(), SigningKey.new()
    bundle = make_bundle()
    bundle.seal(keys=[key])
    assert key.public.verify(bundle.envelope)
    assert not other.public.verify(bundle.envelope)


def test_the_suite_hash_changes_with_any_source(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    source = tmp_path / "a" / "rules.py"
    source.write_text("1")
    first = suite_hash(tmp_path)
    source.write_text("2")
    second = suite_hash(tmp_path)
    source.rename(tmp_path / "a" / "rule.py")
    third = suite_hash(tmp_path)
    (tmp_path / "a" / "rule.pyc").write_text("compiled")
    assert len({first, second, third}) == 3
    assert suite_hash(tmp_path) == third
    assert len(suite_hash(files("v2x_harness"))) == 64


@pytest.mark.parametrize(
    ("observed", "differences"),
    [
        ({}, ()),
        ({"vendor": "acme", "version": "1.2", "model": "other"}, ()),
        ({"version": "1.3"}, ("version 1.2 was declared, 1.3 observed",)),
        (
            {"vendor": "Emca", "version": "1.2, 1.3"},
            ("vendor ACME was declared, Emca observed", "version 1.2 was declared, 1.2, 1.3 observed"),
        ),
    ],
)
def test_an_identity_knows_where_the_product_says_otherwise(observed: dict[str, str], differences: tuple[str, ...]) -> None:
    assert Identity(name="Wallbox", vendor="ACME", version="1.2", observed=observed).differences == differences
