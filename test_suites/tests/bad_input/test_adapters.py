"""An adapter that fails: the harness's own fault, whatever it has kept the product from doing."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest
from subjects import subject

pytestmark = pytest.mark.anyio

_PROGRAM = Path(__file__).parent / "failing_adapter.py"
# The first asks the operator for nothing, the others do.
_CASES = ("--case", "TC_B_01_CSMS", "--case", "TC_B_06_CSMS", "--case", "TC_B_09_CSMS")


@pytest.fixture
def adapter(tmp_path):
    """Write an adapter that fails in a way; return the subject behind it."""

    def write(way):
        folder = tmp_path / "adapter"
        folder.mkdir()
        manifest = {
            "name": "failing",
            "command": [sys.executable, str(_PROGRAM), way],
            "role": "csms",
            "protocol": "ocpp",
            "versions": ["2.0.1"],
        }
        lines = [f"{key} = {json.dumps(value)}" for key, value in manifest.items()]
        # Not the default of half a minute each; starting takes a machine that is busy some seconds.
        lines += [f"start = {1.5 if way == 'hangs_at_start' else 30}", "do = 1", "stop = 1"]
        paths = json.dumps(os.pathsep.join(sys.path))
        (folder / "adapter.toml").write_text("\n".join([*lines, "[environment]", f"PYTHONPATH = {paths}"]))
        return subject(operator='kind = "adapter"\nadapter = "adapter"')

    return write


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("exits_at_start", "ended with exit status 1; its last words:\nImportError: no module named product"),
        ("hangs_at_start", "did not start its product within 1.5 s"),
        ("speaks_another_version", "of protocol 'v2x-adapter/2', where this harness speaks 'v2x-adapter/1'"),
    ],
)
async def test_an_adapter_that_does_not_start_is_an_error_of_every_case(v2x, whole, adapter, way, words):
    told = whole(await v2x(adapter(way), *_CASES))
    assert told.code == 3
    assert set(told.outcomes.values()) == {"error"}
    assert all(words in reason for reason in told.reasons.values()), told.reasons
    assert words.splitlines()[0] in told.said
    assert not told.bundle.verdicts.findings


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("dies", "adapter failing ended with exit status 7; its last words:\nMemoryError"),
        ("hangs", "adapter failing did not answer call within 1 s"),
        ("prints_garbage", "adapter failing wrote a line that is no JSON"),
    ],
)
async def test_an_adapter_that_fails_at_a_verb_is_an_error_from_there_on(v2x, whole, adapter, way, words):
    told = whole(await v2x(adapter(way), *_CASES))
    assert told.code == 3
    assert told.outcomes == {"TC_B_01_CSMS": "pass", "TC_B_06_CSMS": "error", "TC_B_09_CSMS": "error"}
    assert words in told.reasons["TC_B_06_CSMS"]
    assert words in told.reasons["TC_B_09_CSMS"]
    assert words.splitlines()[0] in told.said
    assert not told.bundle.verdicts.findings


async def test_what_a_product_leaves_undone_because_its_adapter_died_is_not_held_against_it(v2x, whole, adapter):
    told = whole(await v2x(adapter("dies_unasked"), "--case", "TC_B_01_CSMS"))
    assert told.code == 3
    assert told.outcomes == {"TC_B_01_CSMS": "error"}
    assert "ended with exit status 7" in told.said
    assert not told.bundle.verdicts.findings
    assert not any(case.requirements for case in told.bundle.verdicts.cases)
