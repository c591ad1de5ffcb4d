"""Reads what holds OCPP: our own journals, files of frames, and plain logs from elsewhere.

A journal is read fast and as it is. Of anything else as much is made as can be: the frames, who sent them, of which station,
when. What cannot be told is left open, and rules that need it are silent.
"""

from __future__ import annotations

from pathlib import Path

from v2x_suites.checking import LogError
from v2x_suites.ocpp.logs.journals import JournalLog
from v2x_suites.ocpp.logs.log import Item, Log
from v2x_suites.ocpp.logs.plain import PlainLog

__all__ = ["Item", "Log", "LogError", "open_log"]

_HINT = "give a journal, a log that holds OCPP-J messages, or a capture of ISO 15118"


def open_log(path: Path) -> Log:
    """Find out what a file is.

    Raises:
        LogError: it cannot be read, or is empty.
    """
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise LogError(f"cannot read {path}: {error.strerror}", _HINT) from error
    if not head.strip():
        raise LogError(f"{path} is empty", _HINT)
    return JournalLog(path) if head.startswith(b'{"type":"header"') else PlainLog(path)
