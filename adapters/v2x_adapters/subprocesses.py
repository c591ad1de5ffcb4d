"""What asyncio leaves to be done around processes: the end of one, and of all that it started."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal


async def exit_status(process: asyncio.subprocess.Process) -> int:
    """Wait for the process itself; `Process.wait` also waits for all who inherited its pipes."""
    while process.returncode is None:  # noqa: ASYNC110 - asyncio offers no event for this moment
        await asyncio.sleep(0.005)
    return process.returncode


def kill_group(process: asyncio.subprocess.Process) -> None:
    """Kill a process that was started in a session of its own, with all that it started and that stayed in its group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


async def bury(process: asyncio.subprocess.Process) -> None:
    """Kill the process and its group, and wait until nothing of it is left, whatever is still in its pipes."""
    kill_group(process)
    if process.stdin:
        process.stdin.close()
        with contextlib.suppress(ConnectionError):
            await process.stdin.wait_closed()
    # A reader that nobody reads from holds its pipe open, and the pipe the process.
    await asyncio.gather(*(_drain(pipe) for pipe in (process.stdout, process.stderr) if pipe))
    await process.wait()


async def _drain(pipe: asyncio.StreamReader) -> None:
    while await pipe.read(1 << 20):
        pass
