"""Runs that do not come to their end: killed, interrupted, out of room. What was seen is kept, and says that it is not all."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from contextlib import asynccontextmanager
from pathlib import Path

import hostile
import pytest
from subjects import subject
from v2x_harness.bundle import Bundle
from v2x_harness.cli import invoke
from v2x_harness.events import Frame

pytestmark = pytest.mark.anyio

# Enough for the catalogue in the bundle, and for little of what a flood puts into a journal.
_ROOM = 600_000
_TWO = ("--case", "TC_B_01_CSMS", "--case", "TC_C_02_CSMS")


@asynccontextmanager
async def listening_csms(said):
    """Stand as a decent CSMS that keeps what it is sent."""

    class Ear:
        def __init__(self, socket):
            self.socket, self.send = socket, socket.send

        async def __aiter__(self):
            async for message in self.socket:
                said.append(message)
                yield message

    async with hostile.csms(lambda socket: hostile.is_polite(Ear(socket))) as where:
        yield where


async def until(what):
    """Wait until something holds."""
    async with asyncio.timeout(60):
        while not what():  # noqa: ASYNC110  (what another process does)
            await asyncio.sleep(0.01)


async def test_kill_9_loses_nothing_that_was_seen_and_the_journal_says_that_it_is_not_all(begin, capsys):
    said = []
    async with listening_csms(said) as where:
        command = begin(subject(endpoint=f'url = "ws://{where}"'), *_TWO)
        # By the second boot one case has a verdict, and the other is under way.
        await until(lambda: sum("BootNotification" in message for message in said) >= 2)
        os.kill(command.pid, signal.SIGKILL)
        told = await command.ended()
    assert told.code == -signal.SIGKILL
    folder = told.folder / "out" / "bundle"
    journal = folder / "journal" / "lane-0.ndjson"

    kept = [event.raw for event in Bundle.open(folder).events("lane-0") if isinstance(event, Frame) and event.to == "csms"]
    assert kept[: len(said)] == said

    verdicts = Bundle.open(folder).verdicts
    assert not verdicts.complete
    assert (verdicts.verdict, verdicts.exit_code()) == ("error", 3)
    assert verdicts.cases[0].verdict == "pass"
    assert "the run was cut off while this case was running" in {case.reason for case in verdicts.cases}
    assert not any(case.verdict == "fail" for case in verdicts.cases)

    # The last line is cut in the middle, as a power cut would leave it.
    journal.write_bytes(journal.read_bytes()[:-7])
    assert invoke(["check", str(journal)]) in (0, 1)
    assert "incomplete:" in capsys.readouterr().out
    assert invoke(["check", str(journal), "--json"]) in (0, 1)
    checked = json.loads(capsys.readouterr().out)["files"][0]
    assert not checked["complete"]
    assert "is cut or damaged" in checked["problem"]
    assert invoke(["report", str(folder), "--html", str(told.folder / "report.html")]) == 0
    assert "the bundle is incomplete" in capsys.readouterr().err
    assert "incomplete" in (told.folder / "report.html").read_text()
    assert invoke(["verify", str(folder), "--unsigned"]) == 1
    assert "NOT verified" in capsys.readouterr().out


async def test_ctrl_c_ends_the_run_in_order_and_the_bundle_says_so(begin):
    visits = []

    async def never_answers(socket):
        # From its BootNotification on the run waits for an answer.
        await socket.recv()
        visits.append(socket)
        await hostile.never_answers(socket)

    async with hostile.csms(never_answers) as where:
        command = begin(subject(endpoint=f'url = "ws://{where}"'), *_TWO)
        await until(lambda: len(visits) == 2)
        os.kill(command.pid, signal.SIGINT)
        told = await command.ended()
    assert told.code == 3
    assert "the run was interrupted after" in told.said
    bundle = told.bundle
    assert bundle.sealed
    assert bundle.verdicts == bundle.derive()
    assert told.outcomes == {"TC_B_01_CSMS": "fail", "TC_C_02_CSMS": "error"}
    assert told.reasons["TC_C_02_CSMS"].endswith("while this case was running")
    assert not bundle.verdicts.complete
    assert "journal lane-0: the run was interrupted; cases are missing" in bundle.verdicts.problems
    assert "cases are missing" in (told.folder / "out" / "report.html").read_text()


async def test_ctrl_c_at_any_moment_is_an_interruption_and_no_failure_of_ours(begin):
    visits = []

    async def never_answers(socket):
        visits.append(socket)
        await hostile.never_answers(socket)

    async with hostile.csms(never_answers) as where:
        command = begin(subject(endpoint=f'url = "ws://{where}"'), *_TWO)
        # The connection is made while the fixtures of the case are still at work.
        await until(lambda: bool(visits))
        os.kill(command.pid, signal.SIGINT)
        told = await command.ended()
    assert told.code == 3
    assert "the run was interrupted" in told.said
    assert "itself failed" not in told.said
    assert not told.bundle.verdicts.complete


async def test_a_disk_that_is_full_is_no_fault_of_the_product(begin, capsys):
    async with hostile.csms(hostile.floods) as where:
        told = await begin(subject(endpoint=f'url = "ws://{where}"'), "-k", "test_b_boot", size=_ROOM).ended()
    assert told.code == 3, told.said
    assert "lane-0.ndjson cannot be written any more: File too large" in told.said
    assert "fail" not in told.outcomes.values()
    folder = told.folder / "out" / "bundle"
    assert (folder / "journal" / "lane-0.ndjson").stat().st_size == _ROOM
    verdicts = Bundle.open(folder).derive()
    assert not verdicts.complete
    assert verdicts.exit_code() == 3
    assert invoke(["report", str(folder), "--html", str(Path(told.folder, "after.html"))]) == 0
    assert "the bundle is incomplete" in capsys.readouterr().err
