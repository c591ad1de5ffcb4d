"""Secrets are resolved where they lie, and nowhere else."""

from pathlib import Path

import pytest
from v2x_harness.errors import HarnessError
from v2x_harness.secret import is_reference, resolve


def test_a_secret_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WALLBOX_PASSWORD", "s3cret:with/signs")
    assert resolve("env:WALLBOX_PASSWORD") == "s3cret:with/signs"


def test_a_secret_of_a_file_beside_another_without_its_last_line_end(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("pässword\n", encoding="utf-8")
    assert resolve("file:secret", tmp_path) == "pässword"
    assert resolve(f"file:{tmp_path}/secret") == "pässword"


@pytest.mark.parametrize(
    ("reference", "words"),
    [("env:NOT_SET_ANYWHERE", "NOT_SET_ANYWHERE is not set"), ("file:missing", "missing"), ("hunter2", "by reference")],
)
def test_where_there_is_none_it_is_said(reference: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(HarnessError, match=words):
        resolve(reference, tmp_path)


def test_a_file_that_is_no_text_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"\xff\xfe")
    with pytest.raises(HarnessError, match="cannot read"):
        resolve("file:secret", tmp_path)


@pytest.mark.parametrize(("text", "so"), [("env:A", True), ("file:/a", True), ("hunter2", False), ("environment", False)])
def test_a_password_itself_is_told_from_a_reference(text: str, so: bool) -> None:
    assert is_reference(text) is so
