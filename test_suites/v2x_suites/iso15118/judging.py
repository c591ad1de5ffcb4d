"""Puts a journal or a capture to the judge."""

from __future__ import annotations

from v2x_harness.finding import Finding

from v2x_suites.checking import Judged, Progress, silent
from v2x_suites.iso15118.logs import Log
from v2x_suites.iso15118.rules import Iso15118Judge


def judge_log(log: Log, *, progress: Progress = silent) -> Judged:
    """Judge what is in a file.

    Args:
        log: to be judged.
        progress: is told how many octets were read since it was last told.

    Raises:
        LogError: the file cannot be read, or holds nothing to judge.
    """
    judge, found = Iso15118Judge(), list[Finding]()
    for event in log.events(progress):
        judge.timed = log.timed
        found += judge.feed(event)
    found += judge.finish()
    return Judged.of(log, judge, found)
