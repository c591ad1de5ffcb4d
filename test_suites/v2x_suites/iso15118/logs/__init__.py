"""Reads what holds ISO 15118: journals of the V2GTP tap, and captures."""

from __future__ import annotations

from pathlib import Path

from v2x_adapters.capture.files import is_capture

from v2x_suites.iso15118.logs.captures import CaptureLog
from v2x_suites.iso15118.logs.journals import JournalLog
from v2x_suites.iso15118.logs.log import Log

__all__ = ["Log", "open_log"]

# A tap's journal shows what it is of when its first connection is opened, or asked for.
_HEAD = 1 << 16
_MARKS = (b'"v2gtp":{', b'"protocol":"iso15118')


def open_log(path: Path) -> Log | None:
    """Find out what a file is; None when it holds no ISO 15118, or cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        # Who reads it next says why.
        return None
    if is_capture(head):
        return CaptureLog(path)
    if head.startswith(b'{"type":"header"') and any(mark in head for mark in _MARKS):
        return JournalLog(path)
    return None
