"""Ctrl-C while pytest runs, however it gets past pytest."""

import asyncio
import os
import signal

import pytest
from v2x_harness import executing


@pytest.mark.parametrize("confusion", [KeyboardInterrupt, RuntimeError])
def test_whatever_ctrl_c_causes_is_an_interruption(monkeypatch: pytest.MonkeyPatch, confusion: type[BaseException]) -> None:
    def main(command: object, plugins: object) -> int:
        try:
            os.kill(os.getpid(), signal.SIGINT)
        except KeyboardInterrupt as error:
            raise confusion("generator raised StopIteration") from error
        raise AssertionError("the signal was not heard")

    monkeypatch.setattr(pytest, "main", main)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert executing.execute([], [], lambda outcome, left: None) == ([], [executing.INTERRUPTED])
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_error_without_ctrl_c_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def main(command: object, plugins: object) -> int:
        raise RuntimeError("broken")

    monkeypatch.setattr(pytest, "main", main)
    with pytest.raises(RuntimeError, match="broken"):
        executing.execute([], [], lambda outcome, left: None)


def test_ctrl_c_interrupts_no_task_in_the_middle_of_something(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    async def case() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        done.append("went on to its next wait")
        await asyncio.sleep(10)
        done.append("was not interrupted")

    def main(command: object, plugins: object) -> int:
        with asyncio.Runner() as runner:
            runner.get_loop().run_until_complete(case())
        return 0

    monkeypatch.setattr(pytest, "main", main)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert executing.execute([], [], lambda outcome, left: None) == ([], [executing.INTERRUPTED])
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == ["went on to its next wait"]
