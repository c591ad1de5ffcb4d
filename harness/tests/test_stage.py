"""Lanes that do not come to a case: which of them the next case finds open."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from v2x_harness.blocks import CannotJudge
from v2x_harness.case import Case
from v2x_harness.errors import AdapterError
from v2x_harness.events import Header
from v2x_harness.journal import Recorder
from v2x_harness.protocol import Cast
from v2x_harness.running import Stage
from v2x_harness.subject import Role, Subject

pytestmark = pytest.mark.anyio

CASE = Case(id="M_1", verifies=("M.1",), role="station", protocol="mini", version="1")
SUBJECT = Subject(name="mini", roles=(Role(role="station", protocol="mini", versions=("1",)),))
CAST = Cast(subject=SUBJECT, role="station", protocol="mini", version="1")


class Lane:
    """A lane whose opening, or preparation, goes wrong as it is told."""

    def __init__(self, log: list[str], fresh: bool, wrong: dict[str, Exception]) -> None:
        self.fresh, self._log, self._wrong = fresh, log, wrong
        self.judge = SimpleNamespace(rules=(), feed=lambda event: (), finish=lambda: (), inspected=dict)

    async def _do(self, what: str) -> None:
        self._log.append(what)
        if error := self._wrong.pop(what, None):
            raise error

    async def open(self) -> None:
        await self._do("open")

    async def prepare(self) -> None:
        await self._do("prepare")

    async def close(self) -> None:
        await self._do("close")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def twice(tmp_path: Path, wrong: dict[str, Exception], *, fresh: bool) -> tuple[list[str], list[str]]:
    """Ask for a lane for two cases in a row; return what became of each, and what was done to lanes."""
    log: list[str] = []
    suite: Any = SimpleNamespace(lane=lambda cast, recorder, workdir: Lane(log, fresh, wrong))
    became = []
    with Recorder(None, Header(run="r", started=""), lambda: 0.0) as recorder:
        stage = Stage(recorder, {"mini": suite}, tmp_path)
        for _ in range(2):
            try:
                await stage.lane(CAST, CASE)
            except (CannotJudge, AdapterError) as error:
                became.append(type(error).__name__)
            else:
                became.append("came")
        await stage.close()
    return became, log


@pytest.mark.parametrize("what", ["open", "prepare"])
async def test_a_lane_of_one_case_that_does_not_come_to_it_is_opened_anew_for_the_next(tmp_path: Path, what: str) -> None:
    became, log = await twice(tmp_path, {what: CannotJudge("nobody came")}, fresh=True)
    assert became == ["CannotJudge", "came"]
    assert log == ["open", *(["prepare"] if what == "prepare" else []), "close", "open", "prepare", "close"]


@pytest.mark.parametrize("what", ["open", "prepare"])
async def test_a_lane_of_a_product_that_does_not_come_stays_open_for_it(tmp_path: Path, what: str) -> None:
    became, log = await twice(tmp_path, {what: CannotJudge("nobody came")}, fresh=False)
    assert became == ["CannotJudge", "came"]
    assert log.count("open") == 1
    assert log.count("close") == 1


async def test_a_lane_of_a_product_that_cannot_be_opened_is_not_tried_again(tmp_path: Path) -> None:
    became, log = await twice(tmp_path, {"open": AdapterError("no such port")}, fresh=False)
    assert became == ["AdapterError", "AdapterError"]
    assert log == ["open", "close"]
