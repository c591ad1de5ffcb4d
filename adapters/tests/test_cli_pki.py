"""``v2x pki make`` as its users meet it."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
from v2x_adapters.documents import schema
from v2x_architecture.iso15118.pki import BAD_SECC, BAD_VEHICLE
from v2x_harness.cli import invoke


def test_files_are_made_and_listed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "pki"
    assert invoke(["pki", "make", str(folder)]) == 0
    out = capsys.readouterr().out
    for name in ("v2g-root", "cpo-sub2", "secc", "vehicle", "contract", "secc-expired"):
        assert (folder / f"{name}.pem").exists()
        assert (folder / f"{name}.key").exists()
        assert name in out


def test_json_keeps_to_its_published_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["pki", "make", str(tmp_path / "pki"), "--edition", "20", "--algorithm", "ed448", "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    jsonschema.validate(made, json.loads(schema("pki-make")))
    assert (made["edition"], made["algorithm"]) == ("20", "ed448")
    faulty = {each["name"] for each in made["certificates"] if each["faulty"]}
    assert faulty == {f"secc-{name}" for name in BAD_SECC} | {f"vehicle-{name}" for name in BAD_VEHICLE}


def test_what_cannot_be_made_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert invoke(["pki", "make", str(tmp_path / "a"), "--algorithm", "ed448"]) == 2
    assert "ISO 15118-2 has no keys of kind 'ed448'; it has p256" in capsys.readouterr().err
    assert invoke(["pki", "make", str(tmp_path / "b")]) == 0
    assert invoke(["pki", "make", str(tmp_path / "b")]) == 2
    assert "holds certificates already" in capsys.readouterr().err
    (tmp_path / "file").write_text("")
    assert invoke(["pki", "make", str(tmp_path / "file" / "c")]) == 2
    assert "cannot be written" in capsys.readouterr().err
