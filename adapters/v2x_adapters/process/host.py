"""The host's side of the product-adapter protocol: a product in a process with an environment of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.events import Json
from v2x_harness.operator import Placement, Ready

from v2x_adapters.process import messages
from v2x_adapters.process.messages import (
    Do,
    Done,
    Event,
    Failed,
    FromAdapter,
    ProtocolMismatch,
    Start,
    Stop,
    Stopped,
    ToAdapter,
    Unsupported,
)
from v2x_adapters.process.notes import Notes
from v2x_adapters.subprocesses import bury, exit_status, kill_group

CANARY = "verb-that-no-adapter-knows"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How long (s) and how much an adapter may take.

    Attributes:
        start: from `start` to `ready`; products that migrate a database need more.
        do: from a `do` to its answer.
        stop: from `stop` to the end of the process; after that it is killed.
        line: bytes in one message.
        events: unasked messages in one second.
    """

    start: float = 30.0
    do: float = 30.0
    stop: float = 5.0
    line: int = 4 * 1024 * 1024
    events: int = 1000


class AdapterProcess:
    """A product behind an adapter process, as a `v2x_harness.operator.Product`.

    Whatever the adapter does wrong (dies, hangs, prints rubbish, floods, speaks another version) ends in an `AdapterError` that
    says so and shows the end of its standard error; the process and everything it started are then gone. After that it can
    be started again.

    Args:
        name: for messages.
        command: program and arguments.
        folder: working directory of the process.
        environment: variables set for it, beside the harness's own.
        limits: time and size.
        on_note: called with each line of its standard error, and with each event it reports.

    Attributes:
        notes: the newest of those lines.
        ready: what the product said when it was started.
        left_in_order: whether the last `stop` was answered, and the process then ended by itself.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path | None = None,
        environment: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        on_note: Callable[[str], None] | None = None,
    ) -> None:
        self.name = name
        self.limits = limits or Limits()
        self.notes = Notes(on_note)
        self.ready: Ready | None = None
        self._command, self._folder, self._environment = tuple(command), folder, dict(environment or {})
        self._process: asyncio.subprocess.Process | None = None
        self._readers: list[asyncio.Task[None]] = []
        self._first: asyncio.Future[FromAdapter] | None = None
        self._last: asyncio.Future[FromAdapter] | None = None
        self._pending: dict[int, asyncio.Future[FromAdapter]] = {}
        self._broken: AdapterError | None = None
        self._ids = 0
        self.left_in_order = False
        self._unasked: deque[float] = deque()

    @property
    def pid(self) -> int | None:
        """The process id while it runs."""
        return self._process.pid if self._process else None

    @property
    def failure(self) -> AdapterError | None:
        """What the adapter did wrong since it was started; it is gone then."""
        return self._broken

    async def start(self, placement: Placement) -> Ready:
        """Start the process, have it start the product, and try the canary verb.

        Raises:
            AdapterError: no such program, no answer in time, or one that breaks the protocol.
        """
        if self._broken:
            await self._end()
        if self._process:
            raise self._error("is running already", "stop it before it is started again")
        await self._spawn()
        try:
            loop = asyncio.get_running_loop()
            self._first, self._last = loop.create_future(), loop.create_future()
            self._readers = [asyncio.create_task(self._read_messages()), asyncio.create_task(self._read_notes())]
            first = await self._ask(Start(placement=placement), self._first, self.limits.start, "start its product")
            self.ready = self._as_ready(first)
            await self._try_canary()
        except BaseException:
            await self._end()
            raise
        return self.ready

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Have the product perform a verb.

        Raises:
            UnsupportedVerb: it cannot.
            AdapterError: it failed, or the adapter did not answer as the protocol has it.
        """
        answer = await self._do(verb, arguments)
        if isinstance(answer, Unsupported):
            raise UnsupportedVerb(f"{self.name}: cannot {verb}" + (f": {answer.message}" if answer.message else ""))
        if isinstance(answer, Failed):
            raise AdapterError(f"{self.name}: {verb} failed: {answer.message}", answer.hint)
        assert isinstance(answer, Done)
        return answer.result

    async def stop(self) -> None:
        """Have the product stopped, and end the process; a process that does not end in time is killed."""
        self.left_in_order = False
        if self._process and not self._broken and self._last:
            with contextlib.suppress(AdapterError, TimeoutError):
                async with asyncio.timeout(self.limits.stop):
                    await self._ask(Stop(), self._last, self.limits.stop, "stop its product")
                    self.left_in_order = await exit_status(self._process) == 0
        await self._end()

    async def abandon(self) -> bool:
        """Close its standard input, as the death of the harness would; return whether it then ended by itself in time."""
        process = self._process
        if process is None or process.stdin is None:
            return True
        process.stdin.close()
        try:
            async with asyncio.timeout(self.limits.stop):
                await exit_status(process)
        except TimeoutError:
            return False
        else:
            return True
        finally:
            await self._end()

    async def _spawn(self) -> None:
        self._broken, self.ready, self._pending = None, None, {}
        self._unasked.clear()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                limit=self.limits.line,
                cwd=self._folder,
                env={**os.environ, **self._environment},
                start_new_session=True,
            )
        except OSError as error:
            raise self._error(
                f"cannot be run: {self._command[0] if self._command else 'no command'}: {error.strerror}",
                "check the command of the adapter, or install it with: v2x adapter install",
            ) from error

    def _as_ready(self, first: FromAdapter) -> Ready:
        if isinstance(first, Failed):
            raise self._error(f"could not start its product: {first.message}", first.hint)
        assert isinstance(first, messages.Ready)
        return Ready(product=first.product, product_version=first.product_version, endpoint=first.endpoint, verbs=first.verbs)

    async def _try_canary(self) -> None:
        """Make sure that a verb which does not exist comes back as unsupported: only then does `done` mean anything."""
        answer = await self._do(CANARY, {})
        if not isinstance(answer, Unsupported):
            raise self._error(
                f"answered {type(answer).__name__.lower()!r} to a verb that does not exist",
                "an adapter must answer `unsupported` to every verb it does not know; try: v2x adapter smoke",
            )

    async def _do(self, verb: str, arguments: Mapping[str, Json]) -> FromAdapter:
        if not self._process:
            raise self._broken or self._error("is not running", "start it first")
        self._ids += 1
        number = self._ids
        future: asyncio.Future[FromAdapter] = asyncio.get_running_loop().create_future()
        self._pending[number] = future
        message = Do(id=number, verb=verb, arguments=dict(arguments), within=self.limits.do)
        try:
            return await self._ask(message, future, self.limits.do, f"answer {verb}")
        finally:
            self._pending.pop(number, None)

    async def _ask(self, message: ToAdapter, answer: asyncio.Future[FromAdapter], within: float, what: str) -> FromAdapter:
        """Send a message and wait for its answer."""
        if self._broken:
            raise self._broken
        try:
            line = messages.encode(message)
        except (ProtocolMismatch, TypeError) as problem:
            raise AdapterError(f"{self.name}: cannot be told to {what}: {problem}") from problem
        assert self._process
        assert self._process.stdin
        try:
            async with asyncio.timeout(within):
                try:
                    self._process.stdin.write(line)
                    await self._process.stdin.drain()
                except ConnectionError:
                    # It has closed its standard input; why it did is known when its standard output has been read to the end.
                    pass
                return await asyncio.shield(answer)
        except TimeoutError:
            error = self._error(f"did not {what} within {within:g} s", "the adapter or its product hangs")
            self._break(error)
            raise error from None
        finally:
            if answer.done() and not answer.cancelled():
                answer.exception()

    async def _read_messages(self) -> None:
        assert self._process
        assert self._process.stdout
        line = b""
        try:
            while line := await self._process.stdout.readline():
                self._take(messages.decode(line))
        except ProtocolMismatch as problem:
            shown = line[:120].decode("utf-8", "replace").strip()
            self._break(
                self._error(
                    f"wrote a line that is {problem}: {shown!r}",
                    "standard output is for protocol messages only; everything else belongs on standard error",
                )
            )
        except ValueError:
            self._break(self._error(f"wrote a line of more than {self.limits.line} bytes", "one message is one line"))
        else:
            code = await exit_status(self._process)
            await asyncio.wait(self._readers[1:], timeout=1.0)
            how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit status {code}"
            self._break(self._error(how, "run it by hand to see why: v2x adapter smoke"))

    async def _read_notes(self) -> None:
        assert self._process
        assert self._process.stderr
        while data := await self._process.stderr.read(65536):
            self.notes.feed(data)
        self.notes.finish()

    def _take(self, message: FromAdapter) -> None:
        """Give a message to who waits for it; one that nobody waits for is counted."""
        future: asyncio.Future[FromAdapter] | None = None
        match message:
            case messages.Ready():
                future = self._first
            case Failed(id=None):
                future = self._first
            case Stopped():
                future = self._last
            case Done() | Unsupported() | Failed():
                future = self._pending.get(message.id or 0)
            case Event():
                self.notes.add(f"event {message.name}: {msgspec.json.encode(message.data).decode()}")
        if future and not future.done():
            future.set_result(message)
        else:
            self._count_unasked()

    def _count_unasked(self) -> None:
        now = asyncio.get_running_loop().time()
        self._unasked.append(now)
        while self._unasked[0] < now - 1.0:
            self._unasked.popleft()
        if len(self._unasked) > self.limits.events:
            raise ProtocolMismatch(f"one of more than {self.limits.events} unasked messages in one second")

    def _break(self, error: AdapterError) -> None:
        """Note what the adapter did wrong, tell everyone who waits, and kill it."""
        if self._broken:
            return
        self._broken = error
        for future in (self._first, self._last, *self._pending.values()):
            if future and not future.done():
                future.set_exception(error)
                future.exception()
        if self._process:
            kill_group(self._process)

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        for task in self._readers:
            task.cancel()
        await asyncio.gather(*self._readers, return_exceptions=True)
        await bury(process)
        self.notes.finish()
        self._first = self._last = None
        self._readers = []

    def _error(self, what: str, hint: str = "") -> AdapterError:
        said = self.notes.tail()
        return AdapterError(f"adapter {self.name} {what}" + (f"; its last words:\n{said}" if said else ""), hint)
