"""The operator that makes a product act by running a command.

The verb stands where ``{verb}`` is in the command; the arguments come as a JSON object on standard input. The result is what the
command prints: a JSON object, or nothing. Exit status 0 says that it was done, 69 (EX_UNAVAILABLE of sysexits.h) that the verb is
not supported, anything else that it failed; standard error then says why.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.events import Json

from v2x_adapters.subprocesses import bury, exit_status, kill_group

UNSUPPORTED = 69
_LARGEST = 4 * 1024 * 1024


class CommandOperator:
    """Runs a command for each verb.

    Args:
        command: program and arguments.
        folder: working directory.
        within: seconds; a command that takes longer is killed with all it started.
    """

    def __init__(self, command: Sequence[str], *, folder: Path | None = None, within: float = 60.0) -> None:
        self._command, self._folder, self._within = tuple(command), folder, within

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Run the command.

        Raises:
            UnsupportedVerb: it ended with status 69.
            AdapterError: it cannot be run, failed, took too long, or printed what is no JSON object.
        """
        words = [word.replace("{verb}", verb) for word in self._command]
        shown = " ".join(words)
        status, output, said = await self._run(words, shown, json.dumps(dict(arguments)).encode())
        why = said.decode("utf-8", "replace").strip()[-600:]
        if status == UNSUPPORTED:
            raise UnsupportedVerb(f"the operator command {shown} cannot {verb}" + (f": {why}" if why else ""))
        if status:
            how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with exit status {status}"
            raise AdapterError(f"the operator command {shown} {how}" + (f": {why}" if why else ""), "run it by hand to see why")
        if not output.strip():
            return {}
        try:
            result = json.loads(output)
        except ValueError as error:
            raise AdapterError(
                f"the operator command {shown} printed what is no JSON: {output[:120]!r}",
                "what is for people goes to standard error",
            ) from error
        if not isinstance(result, dict):
            raise AdapterError(f"the operator command {shown} printed JSON that is no object: {output[:120]!r}")
        return result

    async def _run(self, words: Sequence[str], shown: str, arguments: bytes) -> tuple[int, bytes, bytes]:
        try:
            process = await asyncio.create_subprocess_exec(
                *words,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=self._folder,
                start_new_session=True,
            )
        except OSError as error:
            raise AdapterError(
                f"the operator command {shown} cannot be run: {error.strerror}", "check operator.command in the subject file"
            ) from error
        assert process.stdin
        assert process.stdout
        assert process.stderr
        try:
            async with asyncio.timeout(self._within):
                _, output, said = await asyncio.gather(
                    _write(process.stdin, arguments), _read(process.stdout, process), _read(process.stderr, process)
                )
                status = await exit_status(process)
        except TimeoutError as error:
            raise AdapterError(f"the operator command {shown} did not end within {self._within:g} s") from error
        finally:
            await bury(process)
        if max(len(output), len(said)) > _LARGEST:
            raise AdapterError(f"the operator command {shown} printed more than {_LARGEST} bytes")
        return status, output, said


async def _write(stream: asyncio.StreamWriter, data: bytes) -> None:
    """Write it all; a command that does not read its arguments is free not to."""
    with contextlib.suppress(ConnectionError):
        stream.write(data)
        await stream.drain()
    stream.close()
    with contextlib.suppress(ConnectionError):
        await stream.wait_closed()


async def _read(stream: asyncio.StreamReader, process: asyncio.subprocess.Process) -> bytes:
    """Read it all; a process that prints more than anybody wants is killed."""
    data = b""
    while piece := await stream.read(65536):
        data += piece[: _LARGEST + 1 - len(data)]
        if len(data) > _LARGEST:
            kill_group(process)
    return data
