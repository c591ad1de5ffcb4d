"""What is to happen later on a link, and what prevents it."""

import asyncio

import pytest
from v2x_adapters.timers import Timers
from v2x_adapters.toxics import Conditions
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.steer import Toxic

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return ("asyncio", {"loop_factory": VirtualTimeLoop})


@pytest.fixture
def done():
    return []


@pytest.fixture
async def timers():
    made = Timers()
    yield made
    made.cancel()


async def test_things_are_done_when_their_time_has_come(timers, done):
    timers.after(2, lambda: done.append("second"))
    timers.after(1, lambda: done.append("first"))
    await asyncio.sleep(1.5)
    assert done == ["first"]
    await asyncio.sleep(1)
    assert done == ["first", "second"]


async def test_what_is_cancelled_is_not_done(timers, done):
    timers.after(1, lambda: done.append("one")).cancel()
    timers.after(1, lambda: done.append("another"))
    timers.cancel()
    await asyncio.sleep(2)
    assert done == []


@pytest.mark.parametrize(("kind", "how"), [("reset", "reset"), ("timeout", "close")])
async def test_the_conditions_of_the_network_end_the_link(timers, done, kind, how):
    conditions = Conditions([Toxic(kind=kind, seconds=5)])
    timers.end(conditions, reset=lambda: done.append("reset"), close=lambda: done.append("close"))
    await asyncio.sleep(4.9)
    assert done == []
    await asyncio.sleep(0.2)
    assert done == [how]


async def test_other_conditions_take_the_place_of_those_before(timers, done):
    timers.end(Conditions([Toxic(kind="reset", seconds=5)]), reset=lambda: done.append("old"), close=done.clear)
    timers.end(Conditions([Toxic(kind="reset", seconds=7)]), reset=lambda: done.append("new"), close=done.clear)
    timers.after(6, lambda: done.append("something else"))
    await asyncio.sleep(10)
    assert done == ["something else", "new"]
