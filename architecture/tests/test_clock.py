import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest
from v2x_architecture.clock import LoopClock, SystemClock, is_virtual, working
from v2x_harness.clock import VirtualTimeLoop


def run(main, loop_factory):
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        return runner.run(main())


@pytest.mark.parametrize(("factory", "virtual"), [(VirtualTimeLoop, True), (asyncio.new_event_loop, False)])
def test_a_loop_is_virtual_or_not(factory, virtual):
    async def main():
        return is_virtual(asyncio.get_running_loop())

    assert run(main, factory) is virtual


def test_working_holds_a_virtual_clock_while_a_thread_works():
    async def main():
        loop = asyncio.get_running_loop()
        alarm = loop.call_later(3600, lambda: None)
        before = loop.time()
        with working():
            await asyncio.to_thread(time.sleep, 0.02)
        passed = loop.time() - before
        alarm.cancel()
        return passed

    # Work counts a thousandth.
    assert 0.00001 < run(main, VirtualTimeLoop) < 1


def test_working_does_nothing_on_an_ordinary_loop():
    async def main():
        with working():
            return await asyncio.to_thread(lambda: 7)

    assert run(main, asyncio.new_event_loop) == 7


def test_a_loop_clock_goes_on_with_virtual_time():
    epoch = datetime(2025, 1, 1, tzinfo=UTC)

    async def main():
        clock = LoopClock(epoch)
        await asyncio.sleep(86400)
        return clock.now()

    assert timedelta(0) <= run(main, VirtualTimeLoop) - epoch - timedelta(days=1) < timedelta(seconds=5)


def test_the_system_clock_is_aware_and_goes_on():
    async def main():
        clock = SystemClock()
        first = clock.monotonic()
        await asyncio.sleep(0)
        return clock.monotonic() - first, clock.now().tzinfo

    passed, zone = run(main, asyncio.new_event_loop)
    assert passed >= 0
    assert zone is UTC
