"""The port of the report writers: each makes something to read out of a bundle, and of nothing else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from v2x_harness.bundle import Bundle

# Entry points of group ``v2x.reports`` are of this kind: given a bundle and a folder, write there and say where to.
type ReportWriter = Callable[[Bundle, Path], Path]


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One report that was written: its kind (``html``, ``junit``…) and its file or folder."""

    kind: str
    path: str


class Reports(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x report --json`` prints."""

    bundle: str
    complete: bool
    verdict: str
    written: tuple[Written, ...]
    format: str = "v2x-report/1"
