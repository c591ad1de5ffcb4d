"""Time is virtual: waits cost nothing, sockets and threads work as ever."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Awaitable, Callable

import pytest
from v2x_harness import clock
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.in_flight import InFlight


def run[T](main: Callable[[], Awaitable[T]]) -> T:
    async def wrapped() -> T:
        return await main()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(wrapped())


def test_an_hour_passes_on_the_loop_and_not_on_the_wall() -> None:
    async def main() -> float:
        start = asyncio.get_running_loop().time()
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time() - start

    started = time.monotonic()
    assert run(main) == pytest.approx(3600, abs=1)
    assert time.monotonic() - started < 60


def test_timers_fire_in_the_order_of_their_times() -> None:
    async def main() -> list[int]:
        order: list[int] = []

        async def after(seconds: int) -> None:
            await asyncio.sleep(seconds)
            order.append(seconds)

        await asyncio.gather(*(after(s) for s in (300, 5, 60, 1)))
        return order

    assert run(main) == [1, 5, 60, 300]


def test_a_timeout_ends_a_wait_that_nothing_ends() -> None:
    async def main() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(900):
                await asyncio.Event().wait()

    run(main)


def test_what_comes_through_a_socket_comes_before_any_timer() -> None:
    """Sixty-four exchanges over loopback, each raced by a timer of a second: time must not run away while bytes are under way."""

    async def main() -> float:
        async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await reader.readline():
                writer.write(line)
            writer.close()
            await writer.wait_closed()

        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        start = asyncio.get_running_loop().time()
        for _ in range(64):
            writer.write(b"ping\n")
            async with asyncio.timeout(1):
                assert await reader.readline() == b"ping\n"
        elapsed = asyncio.get_running_loop().time() - start
        writer.close()
        await writer.wait_closed()
        server.close()
        await server.wait_closed()
        return elapsed

    assert run(main) < 0.1


def test_time_stands_while_what_is_sent_has_not_come(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing can be delayed on a loopback interface: the kernel's answer is made up, and a thread sends late."""
    sent = threading.Event()
    asked: list[int] = []

    def under_way(_: object, heard: object) -> InFlight:
        asked.append(1)
        return InFlight.NOTHING if sent.is_set() else InFlight.SOMETHING

    monkeypatch.setattr(clock, "in_flight", under_way)

    async def main() -> bytes:
        here, there = socket.socketpair()
        with there:
            reader, writer = await asyncio.open_connection(sock=here)

            def send() -> None:
                there.send(b"late")
                sent.set()

            timer = threading.Timer(0.05, send)
            timer.start()
            async with asyncio.timeout(1):
                said = await reader.read(4)
            timer.join()
            writer.close()
            await writer.wait_closed()
            return said

    assert run(main) == b"late"
    assert len(asked) > 1


def test_work_counts_a_thousandth() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        start = loop.time()
        _work()
        return loop.time() - start

    assert 0 < run(main) < 0.025


def test_time_stands_while_a_thread_works() -> None:
    async def main() -> str:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        with loop.busy():
            async with asyncio.timeout(30):
                return await asyncio.to_thread(_work)

    assert run(main) == "done"


def _work() -> str:
    time.sleep(0.05)
    return "done"


def test_threads_that_end_late_are_waited_for_in_real_time() -> None:
    async def work() -> None:
        asyncio.get_running_loop().run_in_executor(None, threading.Event().wait, 0.05)

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(work())
