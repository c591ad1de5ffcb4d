"""Runs the cases with pytest underneath, in this process, and collects what they come to."""

from __future__ import annotations

import asyncio
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path
from types import FrameType
from typing import Self

import msgspec
import pytest

from v2x_harness.case import CASE_ATTRIBUTE
from v2x_harness.errors import HarnessError
from v2x_harness.running import Outcome

# Among the problems of a run: it was ended with Ctrl-C.
INTERRUPTED = "the run was interrupted"


class Collected:
    """A pytest plugin that keeps each case's outcome, and tells a listener.

    Args:
        heard: called with each outcome, and how many are still to come.
    """

    def __init__(self, heard: Callable[[Outcome, int], None]) -> None:
        self._heard = heard
        self.outcomes: list[Outcome] = []
        self.problems: list[str] = []
        self.planned = 0

    def pytest_configure(self, config: pytest.Config) -> None:
        """Have traces written plainly: pytest's own style reads sources for half a second, and only the last line is shown."""
        config.option.tbstyle = "native"

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Count the cases to come."""
        self.planned = max(self.planned, sum(hasattr(getattr(i, "function", None), CASE_ATTRIBUTE) for i in session.items))

    def pytest_xdist_node_collection_finished(self, ids: Sequence[str]) -> None:
        """Count the cases to come, when they run in workers."""
        self.planned = max(self.planned, len(ids))

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Keep what could not be collected: that is our own fault."""
        if report.failed:
            self.problems.append(f"{report.nodeid}: {report.longrepr}")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the outcome that the case's last report carries."""
        if told := vars(report).get("v2x"):
            outcome = msgspec.convert(told, Outcome)
            self.outcomes.append(outcome)
            self._heard(outcome, max(self.planned - len(self.outcomes), 0))
        elif report.failed and "v2x_case" not in vars(report):
            self.problems.append(f"{report.nodeid}: {report.longrepr}")

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Keep why we ended the run ourselves; Ctrl-C says nothing."""
        if isinstance(excinfo.value, pytest.exit.Exception):
            self.problems.append(str(excinfo.value))

    def pytest_internalerror(self, excrepr: object) -> None:
        """Keep an error of pytest or of a plugin."""
        self.problems.append(str(excrepr))


def execute(
    packages: Sequence[str], arguments: Sequence[str], heard: Callable[[Outcome, int], None], *, jobs: int = 1
) -> tuple[list[Outcome], list[str]]:
    """Run the cases of some packages.

    Args:
        packages: import names of the folders of cases.
        arguments: further ones for pytest.
        heard: told of each outcome as it comes.
        jobs: how many processes.

    Returns:
        The outcomes, and what went wrong on our own side.

    Raises:
        HarnessError: pytest refused its arguments, or found no case.
    """
    # pytest explains assertions in modules that it imports itself: forget the cases, and what they share, that the catalogue has
    # imported.
    for name in [n for n in sys.modules if n.startswith(tuple(f"{package}." for package in packages))]:
        del sys.modules[name]
    collected = Collected(heard)
    ini = resources.files("v2x_harness").joinpath("session.ini")
    command = ["-c", str(ini), "--rootdir", str(Path.cwd()), "-p", "no:terminal", "--pyargs", *packages, *arguments]
    if jobs > 1:
        command += ["-n", str(jobs), "--dist", "loadgroup"]
    with _CtrlC() as struck:
        try:
            code: int = pytest.main(command, plugins=[collected])
        except BaseException:
            # Ctrl-C in the middle of a fixture gets past pytest, as itself or as the confusion that it has caused.
            if not struck:
                raise
            code = pytest.ExitCode.INTERRUPTED
    if code == pytest.ExitCode.NO_TESTS_COLLECTED and not collected.problems:
        raise HarnessError("no case fits", "v2x list prints the cases; the subject file says which roles and versions there are")
    if code == pytest.ExitCode.USAGE_ERROR:
        raise HarnessError("pytest refused the arguments (above)")
    if struck or (code == pytest.ExitCode.INTERRUPTED and not collected.problems):
        collected.problems[:] = [INTERRUPTED]
    return collected.outcomes, collected.problems


class _CtrlC:
    """Whether Ctrl-C was struck while it is entered; it is true from then on.

    What the signal did before it still does; but where an event loop runs, it does so between two of the loop's callbacks, where
    no task is in the middle of something. Struck again, it does it at once.
    """

    def __init__(self) -> None:
        self._struck = False

    def __bool__(self) -> bool:
        return self._struck

    def __enter__(self) -> Self:
        before = self._before = signal.getsignal(signal.SIGINT)

        def struck(number: int, frame: FrameType | None) -> None:
            again, self._struck = self._struck, True
            loop = asyncio._get_running_loop()  # noqa: SLF001  (get_running_loop raises, which a signal handler has no use for)
            if loop is not None and not again:
                loop.call_soon_threadsafe(act, number, None)
            else:
                act(number, frame)

        def act(number: int, frame: FrameType | None) -> None:
            if callable(before):
                before(number, frame)

        if callable(before) and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, struck)
        return self

    def __exit__(self, *_: object) -> None:
        if callable(self._before) and threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, self._before)
