from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest
from v2x_adapters.process import AdapterProcess, Limits
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.operator import Placement

pytestmark = pytest.mark.anyio
ZOO = str(Path(__file__).with_name("zoo.py"))
QUICK = Limits(start=30, do=30, stop=20, line=1_000_000, events=500)
IMPATIENT = Limits(start=0.6, do=0.6, stop=0.6)

type Make = Callable[..., AdapterProcess]


@pytest.fixture
async def animal() -> AsyncIterator[Make]:
    made: list[AdapterProcess] = []

    def make(name: str, limits: Limits = QUICK) -> AdapterProcess:
        made.append(AdapterProcess(name, [sys.executable, ZOO, name], limits=limits))
        return made[-1]

    yield make
    for each in made:
        await each.stop()


async def test_a_good_adapter_says_what_it_is_and_does_what_it_is_told(animal: Make, placement: Placement) -> None:
    adapter = animal("good")
    ready = await adapter.start(placement)
    assert (ready.product, ready.product_version, ready.verbs) == ("Zoo", "1", ("echo", "add"))
    assert await adapter.do("echo", {"id_token": "A1", "deep": [None, {"x": 1.5}]}) == {
        "id_token": "A1",
        "deep": [None, {"x": 1.5}],
    }
    await adapter.stop()
    assert adapter.left_in_order


async def test_verbs_run_side_by_side(animal: Make, placement: Placement) -> None:
    adapter = animal("good")
    await adapter.start(placement)
    assert await asyncio.gather(*(adapter.do("echo", {"n": n}) for n in range(50))) == [{"n": n} for n in range(50)]


async def test_a_verb_that_it_cannot_do_is_unsupported(animal: Make, placement: Placement) -> None:
    adapter = animal("good")
    await adapter.start(placement)
    with pytest.raises(UnsupportedVerb, match="good: cannot unplug"):
        await adapter.do("unplug", {})


async def test_it_can_be_started_again_after_a_stop(animal: Make, placement: Placement) -> None:
    adapter = animal("good")
    for _ in range(2):
        await adapter.start(placement)
        assert await adapter.do("add", {}) == {}
        await adapter.stop()


async def test_stopping_what_does_not_run_does_nothing(animal: Make) -> None:
    await animal("good").stop()


async def test_a_verb_before_the_start_is_an_error(animal: Make) -> None:
    with pytest.raises(AdapterError, match="is not running"):
        await animal("good").do("echo", {})


async def test_a_program_that_does_not_exist_is_named(placement: Placement) -> None:
    with pytest.raises(AdapterError, match="cannot be run: /no/such/program") as caught:
        await AdapterProcess("ghost", ["/no/such/program"]).start(placement)
    assert "v2x adapter install" in caught.value.hint


async def test_the_reason_for_a_failed_start_comes_through(animal: Make, placement: Placement) -> None:
    with pytest.raises(AdapterError, match="could not start its product: port 80 is taken") as caught:
        await animal("says_why").start(placement)
    assert caught.value.hint == "choose another"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dies_at_start", "ended with exit status 1; its last words:\nImportError: no module named product"),
        ("does_everything", "answered 'done' to a verb that does not exist"),
        ("prints_rubbish", "wrote a line that is no JSON .*: 'Welcome to Product 3.1!'"),
        ("other_version", "of protocol 'v2x-adapter/2', where this harness speaks 'v2x-adapter/1'"),
        ("breaks_the_schema", '"product" is a required property'),
    ],
)
async def test_what_is_wrong_at_the_start_is_said(animal: Make, placement: Placement, name: str, message: str) -> None:
    adapter = animal(name)
    with pytest.raises(AdapterError, match=message):
        await adapter.start(placement)
    assert adapter.pid is None


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("dies_while_doing", "ended with exit status 7"),
        ("is_killed", "was ended by SIGKILL"),
        ("rubbish_while_doing", "no JSON"),
        ("endless_line", "more than 1000000 bytes"),
        ("floods", "more than 500 unasked messages in one second"),
    ],
)
async def test_what_goes_wrong_during_a_verb_is_said_now_and_afterwards(
    animal: Make, placement: Placement, name: str, message: str
) -> None:
    adapter = animal(name)
    await adapter.start(placement)
    for _ in range(2):
        with pytest.raises(AdapterError, match=message) as caught:
            await adapter.do("add", {})
        assert not isinstance(caught.value, UnsupportedVerb)


async def test_a_broken_adapter_can_be_started_afresh(animal: Make, placement: Placement) -> None:
    adapter = animal("dies_while_doing")
    await adapter.start(placement)
    with pytest.raises(AdapterError):
        await adapter.do("add", {})
    await adapter.start(placement)
    assert await adapter.do("echo", {"a": 1}) == {"a": 1}


async def test_silence_at_the_start_has_an_end(animal: Make, placement: Placement) -> None:
    with pytest.raises(AdapterError, match=r"did not start its product within 0\.6 s"):
        await animal("mute", IMPATIENT).start(placement)


async def test_silence_during_a_verb_has_an_end(animal: Make, placement: Placement) -> None:
    adapter = animal("hangs_while_doing", Limits(do=1.5))
    await adapter.start(placement)
    with pytest.raises(AdapterError, match=r"did not answer add within 1\.5 s"):
        await adapter.do("add", {})


async def test_an_adapter_that_does_not_read_has_an_end(animal: Make, placement: Placement) -> None:
    with pytest.raises(AdapterError, match=r"did not answer .* within 0\.6 s"):
        await animal("never_reads", Limits(do=0.6)).start(placement)


async def test_what_it_logs_is_kept_within_bounds(animal: Make, placement: Placement) -> None:
    adapter = animal("floods_standard_error")
    await adapter.start(placement)
    await adapter.do("add", {})
    await adapter.stop()
    assert adapter.notes.lines()[-1] == "the last line"
    assert sum(map(len, adapter.notes.lines())) < 1_000_000


async def test_an_answer_to_nobody_is_passed_over(animal: Make, placement: Placement) -> None:
    adapter = animal("answers_strangers")
    await adapter.start(placement)
    assert await adapter.do("add", {}) == {"right": True}


async def test_an_adapter_that_ignores_stop_is_killed(animal: Make, placement: Placement) -> None:
    adapter = animal("ignores_stop", Limits(stop=0.4))
    await adapter.start(placement)
    pid = adapter.pid
    await adapter.stop()
    assert not adapter.left_in_order
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_what_the_adapter_leaves_running_is_killed_with_it(animal: Make, placement: Placement) -> None:
    adapter = animal("leaves_a_child")
    await adapter.start(placement)
    child = (await adapter.do("add", {}))["pid"]
    assert isinstance(child, int)
    await adapter.stop()
    async with asyncio.timeout(2):
        while _alive(child):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    # One that has ended but that nobody has asked about is a zombie; where there is no /proc there is no way to tell.
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    return True


@pytest.mark.parametrize(("name", "within", "by_itself"), [("good", 20.0, True), ("outlives_the_harness", 0.7, False)])
async def test_the_end_of_its_standard_input_means_stop(
    animal: Make, placement: Placement, name: str, within: float, by_itself: bool
) -> None:
    adapter = animal(name, Limits(stop=within))
    await adapter.start(placement)
    assert await adapter.abandon() is by_itself


async def test_a_cancelled_start_leaves_no_process(animal: Make, placement: Placement) -> None:
    adapter = animal("mute")
    starting = asyncio.create_task(adapter.start(placement))
    while adapter.pid is None:  # noqa: ASYNC110 - nothing tells of it
        await asyncio.sleep(0.001)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert adapter.pid is None


async def test_arguments_that_are_no_json_are_the_callers_fault(animal: Make, placement: Placement) -> None:
    adapter = animal("good")
    await adapter.start(placement)
    with pytest.raises(AdapterError, match="cannot be told"):
        await adapter.do("e" * 65, {})
    assert await adapter.do("echo", {}) == {}
