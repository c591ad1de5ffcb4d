from __future__ import annotations

import sys
from pathlib import Path

import pytest
from v2x_adapters.operators import CommandOperator
from v2x_harness.errors import AdapterError, UnsupportedVerb

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def operator(program: str, within: float = 10.0) -> CommandOperator:
    """Return an operator that runs a Python program; the verb is its first argument."""
    return CommandOperator(
        [sys.executable, "-c", f"import json, os, sys, time\nverb = sys.argv[1]\n{program}", "{verb}"], within=within
    )


async def test_the_verb_is_in_the_command_and_the_arguments_on_standard_input() -> None:
    echo = operator("print(json.dumps({'verb': verb, 'given': json.load(sys.stdin)}))")
    assert await echo.do("plug_in", {"evse": 1}) == {"verb": "plug_in", "given": {"evse": 1}}


async def test_it_runs_in_the_folder_of_the_subject_file(tmp_path: Path) -> None:
    script = tmp_path / "op.sh"
    script.write_text('#!/bin/sh\nprintf \'{"did": "%s"}\' "$1"\n')
    script.chmod(0o755)
    assert await CommandOperator(["./op.sh", "{verb}"], folder=tmp_path).do("unplug", {}) == {"did": "unplug"}


async def test_printing_nothing_is_an_empty_result_and_arguments_need_not_be_read() -> None:
    assert await operator("pass").do("x", {"much": "y" * 300_000}) == {}


async def test_status_69_says_unsupported() -> None:
    with pytest.raises(UnsupportedVerb, match="cannot local_reset: no button"):
        await operator("print('no button', file=sys.stderr); sys.exit(69)").do("local_reset", {})


@pytest.mark.parametrize(
    ("program", "message"),
    [
        ("sys.exit('the lock is jammed')", "ended with exit status 1: the lock is jammed"),
        ("os.kill(os.getpid(), 9)", "was ended by SIGKILL"),
        ("print('done!')", "printed what is no JSON: b'done!"),
        ("print('[]')", "printed JSON that is no object"),
        ("os.write(1, b'\\xff')", "printed what is no JSON"),
        ("print('x' * 5_000_000)", "printed more than 4194304 bytes"),
    ],
)
async def test_what_goes_wrong_is_said(program: str, message: str) -> None:
    with pytest.raises(AdapterError, match=message) as caught:
        await operator(program).do("x", {})
    assert not isinstance(caught.value, UnsupportedVerb)


async def test_a_command_that_hangs_is_killed() -> None:
    with pytest.raises(AdapterError, match=r"did not end within 0\.5 s"):
        await operator("time.sleep(60)", within=0.5).do("x", {})


async def test_a_command_that_does_not_exist_is_named() -> None:
    with pytest.raises(AdapterError, match=r"\./no-such-op x cannot be run") as caught:
        await CommandOperator(["./no-such-op", "{verb}"]).do("x", {})
    assert "operator.command" in caught.value.hint
