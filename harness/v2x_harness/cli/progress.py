"""Live progress of a run: a line a case as it ends, and a bar where there is a terminal."""

from __future__ import annotations

from collections import Counter
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from v2x_harness.cli.console import plain, short, stderr, styled
from v2x_harness.running import Outcome
from v2x_harness.verdict import Verdict

_WIDEST = max(map(len, Verdict))


# Where there is no terminal for a bar, long work says after so many runs how far it is.
_EVERY = 250


class LiveProgress:
    """Shows outcomes as they come, on standard error, so that standard output stays for results.

    Args:
        quiet: show the bar only, and no line for what passed.
        bar: show one where there is a terminal; not while somebody is to type there.
    """

    def __init__(self, *, quiet: bool = False, bar: bool = True) -> None:
        self._quiet = quiet
        self.counts: Counter[Verdict] = Counter()
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._bar = Progress(*columns, console=stderr, transient=True, disable=not (bar and stderr.is_terminal))
        self._task = self._bar.add_task("judging", total=None)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._bar.stop()

    def heard(self, outcome: Outcome, left: int) -> None:
        """Show one outcome, and how many are still to come."""
        self.counts[outcome.verdict] += 1
        done = self.counts.total()
        self._bar.update(self._task, completed=done, total=done + left)
        if self._quiet:
            if not stderr.is_terminal and done % _EVERY == 0:
                stderr.print(f"{done} of {done + left} runs")
            return
        gap = " " * (_WIDEST - len(outcome.verdict))
        name = f"{outcome.case}[{outcome.variant}]" if outcome.variant else outcome.case
        reason = f"  {plain(short(outcome.reason))}" if outcome.reason and outcome.verdict is not Verdict.PASS else ""
        stderr.print(f"{styled(outcome.verdict)}{gap} {name:<22} {outcome.wall:6.2f} s{reason}")
