"""Rooms that cases share: what fails in one is explained as if it had failed in the case."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import v2x_suites
from v2x_suites.conftest import SHARED

ROOT = Path(v2x_suites.__file__).parent
JUDGES = re.compile(r"^from v2x_harness\.blocks import .*\brequirement\b|^ +AssertionError: ", re.MULTILINE)
"""What a room has in it that judges: blocks of requirements, or functions that raise AssertionError."""


def source_of(module: str) -> str:
    path = ROOT.joinpath(*module.split(".")[1:]).with_suffix(".py")
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_what_fails_in_a_room_that_judges_is_explained() -> None:
    imported = {
        statement.module
        for case_file in ROOT.rglob("test_*.py")
        for statement in ast.walk(ast.parse(case_file.read_text(encoding="utf-8")))
        if isinstance(statement, ast.ImportFrom) and statement.module and statement.module.startswith("v2x_suites.")
    }
    # What pytest collects it explains by itself.
    rooms = {module for module in imported if not module.rpartition(".")[2].startswith("test_")}
    judging = {module for module in rooms if JUDGES.search(source_of(module))}
    assert "v2x_suites.iso15118.refusals" in judging
    assert judging - set(SHARED) == set()


def test_every_room_is_there() -> None:
    assert [module for module in SHARED if not source_of(module)] == []
