"""A run whose operator is a person: asked at the terminal, and answered from there."""

import asyncio
import os
import pty
import sys

import pytest
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms
from v2x_harness.bundle import Bundle

pytestmark = pytest.mark.anyio

SUBJECT = """
[subject]
name = "by hand"
roles = [{{ role = "csms", protocol = "ocpp", versions = ["2.0.1"] }}]
[endpoint]
url = "{url}"
[pixit]
answer = 2
settle = 2
connect = 5
quiet = 0.5
[operator]
kind = "console"
"""


@pytest.fixture
def anyio_backend():
    return "asyncio"


async def test_a_person_is_asked_and_heard_at_the_terminal(tmp_path):
    ours, theirs = pty.openpty()
    try:
        async with ReferenceCsms(CsmsConfig()) as csms:
            (tmp_path / "subject.toml").write_text(SUBJECT.format(url=csms.url))
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "v2x_harness.cli", "run", "subject.toml", "--case", "TC_B_06_CSMS", "--out", "out", "--jobs", "2"),
                cwd=tmp_path,
                stdin=theirs,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            try:
                async with asyncio.timeout(60):
                    assert process.stderr
                    said = await process.stderr.readuntil(b"failed and why")
                    os.write(ours, b"c no button for that\n")
                    await process.communicate()
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
    finally:
        os.close(ours)
        os.close(theirs)
    (case,) = Bundle.open(tmp_path / "out").verdicts.cases
    assert b"Have the CSMS send GetVariables" in said
    assert (str(case.verdict), case.reason.endswith("the person at the product cannot call: no button for that")) == (
        "blocked",
        True,
    )
