"""The adapter side of the protocol: the kits for Python (on every Python of this machine) and for node."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

import pytest
from v2x_adapters.process import AdapterProcess, Limits
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.operator import Placement

pytestmark = pytest.mark.anyio
KIT = Path(str(resources.files("v2x_adapters.process").joinpath("kit")))

PYTHON = """
import asyncio, os, sys, time
import adapter_kit

class Adapter(adapter_kit.Adapter):
    def start(self, placement):
        print("the product greets on standard output")
        os.write(1, b"and from C")
        if placement.get("settings", {}).get("broken"):
            raise adapter_kit.Failed("no licence", "buy one")
        self.event("licence", valid=True)
        return adapter_kit.ready("Example", "1.2", "ws://127.0.0.1:1/x")

    @adapter_kit.verb
    async def echo(self, arguments):
        await asyncio.sleep(arguments.get("after", 0))
        return arguments

    @adapter_kit.verb
    def slow(self, arguments):
        time.sleep(0.05)

    @adapter_kit.verb
    async def cannot(self, arguments):
        raise adapter_kit.Unsupported("not in this version")

    @adapter_kit.verb
    async def fails(self, arguments):
        raise adapter_kit.Failed("the door is open", "close it")

    @adapter_kit.verb
    def crashes(self, arguments):
        return {}["nothing"]

    @adapter_kit.verb
    async def bytes(self, arguments):
        return {"data": b"no JSON"}

    async def not_a_verb(self, arguments):
        return {}

adapter_kit.run(Adapter())
"""
NODE = """
const kit = require('adapter_kit.js');
kit.run({
  async start(placement) {
    console.log('the product greets on standard output');
    if (placement.settings.broken) throw new kit.Failed('no licence', 'buy one');
    kit.event('licence', { valid: true });
    return { product: 'Example', product_version: '1.2', endpoint: 'ws://127.0.0.1:1/x' };
  },
  verbs: {
    async echo(given) { await new Promise((done) => setTimeout(done, (given.after || 0) * 1000)); return given; },
    async slow() {},
    async cannot() { throw new kit.Unsupported('not in this version'); },
    async fails() { throw new kit.Failed('the door is open', 'close it'); },
    crashes() { return null.nothing; },
  },
});
"""


def pythons() -> list[str]:
    """Return this Python, and the oldest and the newest of those that pyenv has."""
    versions = sorted((Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions").glob("3.*/bin/python3"))
    versions.sort(key=lambda path: [int(part) for part in path.parts[-3].split(".") if part.isdigit()])
    return list(dict.fromkeys([sys.executable, *(str(each) for each in (versions[:1] + versions[-1:]))]))


@pytest.fixture(params=[*pythons(), "node"], ids=lambda program: Path(program).resolve().name)
def command(request: pytest.FixtureRequest, tmp_path: Path) -> Sequence[str]:
    program = tmp_path / "adapter.txt"
    if request.param == "node":
        node = shutil.which("node")
        if not node:
            pytest.skip("no node on this machine")
        program = tmp_path / "adapter.js"
        program.write_text(NODE)
        return [node, str(program)]
    program.write_text(PYTHON)
    return [request.param, str(program)]


@pytest.fixture
async def adapter(command: Sequence[str], placement: Placement):
    made = AdapterProcess(
        "kit",
        command,
        environment={"PYTHONPATH": str(KIT), "NODE_PATH": str(KIT), "PYTHONDONTWRITEBYTECODE": "1"},
        limits=Limits(start=30, do=20, stop=20),
    )
    yield made
    await made.stop()


async def test_it_says_what_the_product_is_and_keeps_its_prints_off_the_protocol(
    adapter: AdapterProcess, placement: Placement
) -> None:
    ready = await adapter.start(placement)
    assert (ready.product, ready.product_version, ready.endpoint) == ("Example", "1.2", "ws://127.0.0.1:1/x")
    assert set(ready.verbs) >= {"cannot", "crashes", "echo", "fails", "slow"}
    assert "not_a_verb" not in ready.verbs
    assert await adapter.do("echo", {"text": "é\u2028\n"}) == {"text": "é\u2028\n"}
    assert await adapter.do("slow", {}) == {}
    await adapter.stop()
    assert adapter.left_in_order
    assert "the product greets on standard output" in "\n".join(adapter.notes.lines())
    assert 'event licence: {"valid":true}' in adapter.notes.lines()


async def test_verbs_run_side_by_side_and_answer_in_any_order(adapter: AdapterProcess, placement: Placement) -> None:
    import asyncio

    await adapter.start(placement)
    order: list[str] = []

    async def ask(name: str, after: float) -> None:
        await adapter.do("echo", {"after": after})
        order.append(name)

    await asyncio.gather(ask("first", 0.2), ask("second", 0))
    assert order == ["second", "first"]


async def test_each_kind_of_trouble_comes_through(adapter: AdapterProcess, placement: Placement) -> None:
    await adapter.start(placement)
    with pytest.raises(UnsupportedVerb, match="not in this version"):
        await adapter.do("cannot", {})
    with pytest.raises(UnsupportedVerb, match="no such verb"):
        await adapter.do("not_a_verb", {})
    with pytest.raises(AdapterError, match="fails failed: the door is open") as caught:
        await adapter.do("fails", {})
    assert caught.value.hint == "close it"
    with pytest.raises(AdapterError, match=r"crashes failed: .*nothing"):
        await adapter.do("crashes", {})
    assert await adapter.do("echo", {"still": "there"}) == {"still": "there"}


async def test_a_product_that_cannot_be_started_says_why(adapter: AdapterProcess, placement: Placement) -> None:
    import msgspec

    with pytest.raises(AdapterError, match="could not start its product: no licence") as caught:
        await adapter.start(msgspec.structs.replace(placement, settings={"broken": True}))
    assert caught.value.hint == "buy one"


async def test_it_stops_when_the_harness_is_gone(adapter: AdapterProcess, placement: Placement) -> None:
    await adapter.start(placement)
    assert await adapter.abandon()
