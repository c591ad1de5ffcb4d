"""Runs the command ``v2x`` as a user does: in a process, a folder and a memory of its own.

The processes are forked from one that has imported everything already, because the imports would be most of such a short run.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal
import sys
from pathlib import Path

import pytest
from v2x_harness.bundle import Bundle
from v2x_harness.cli import invoke

_APART = multiprocessing.get_context("forkserver")


def warm_up() -> None:
    """Start the process that runs are forked from; it finds modules by its environment only."""
    _APART.set_forkserver_preload(["warm"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
        first = _APART.Process(target=int)
        first.start()
        first.join()


def _begin(arguments: list[str], folder: Path, size: int) -> None:
    """Be the command."""
    os.chdir(folder)
    for name, number in (("stdout", 1), ("stderr", 2)):
        with (folder / name).open("wb") as file:
            os.dup2(file.fileno(), number)
    # Who runs the tests in the background may have told them to ignore Ctrl-C; the command is to hear it.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if size:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    try:
        sys.exit(invoke(arguments))
    finally:
        (folder / "peak").write_text(str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))


class Told:
    """What the command said, and left behind.

    Attributes:
        code: its exit code; the negative number of a signal.
        folder: where it ran; the run's own is ``out`` there.
    """

    def __init__(self, folder: Path, code: int) -> None:
        self.folder, self.code = folder, code
        self.out, self.err = ((folder / name).read_text(errors="replace") for name in ("stdout", "stderr"))

    @property
    def said(self) -> str:
        """All that stands on the console; no stack trace is among it."""
        assert "Traceback" not in self.out + self.err, self.out + self.err
        return self.out + self.err

    @property
    def peak(self) -> int:
        """The most memory it held (MB)."""
        return int((self.folder / "peak").read_text())

    @property
    def bundle(self) -> Bundle:
        """What it recorded."""
        return Bundle.open(self.folder / "out" / "bundle")

    @property
    def outcomes(self) -> dict[str, str]:
        """Each case with its verdict, as the journals have it."""
        return {case.case: str(case.verdict) for case in self.bundle.derive().cases}

    @property
    def reasons(self) -> dict[str, str]:
        """Each case with the reason for its verdict."""
        return {case.case: case.reason for case in self.bundle.derive().cases}


class Command:
    """One run of the command.

    Args:
        folder: where it runs.
        arguments: of ``v2x``.
        size: octets that a file may have before its disk is full; 0 for any.
    """

    def __init__(self, folder: Path, *arguments: str, size: int = 0) -> None:
        self.folder = folder
        for name in ("stdout", "stderr"):
            (folder / name).write_bytes(b"")
        self._process = _APART.Process(target=_begin, args=(list(arguments), folder, size))
        self._process.start()

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process.pid
        return self._process.pid

    async def ended(self) -> Told:
        """Wait for its end."""
        try:
            await asyncio.to_thread(self._process.join, 60)
            assert self._process.exitcode is not None, f"it still runs, and has said: {Told(self.folder, 0).err}"
        finally:
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
        return Told(self.folder, self._process.exitcode)
