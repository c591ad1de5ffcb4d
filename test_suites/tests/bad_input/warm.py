"""Imports all that the command does in the course of a run: what is forked off it need not."""

from __future__ import annotations

from importlib.metadata import entry_points

from v2x_harness.protocol import protocols

for _group in ("v2x.commands", "v2x.reports", "pytest11"):
    for _entry in entry_points(group=_group):
        _entry.load()
CASES = [case.id for suite in protocols().values() for case in suite.cases()]
