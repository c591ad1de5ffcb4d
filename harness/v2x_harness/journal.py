"""The journal: append-only NDJSON, flushed so that a killed run loses nothing that had been seen."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol, Self, TypeVar

import msgspec

from v2x_harness.errors import IncompleteJournal, JournalError
from v2x_harness.events import FORMAT, Event, Footer, Header

E = TypeVar("E", bound=Event)
type Subscriber = Callable[[Event], None]

_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def utc_now() -> str:
    """Return the wall time as RFC 3339 UTC with microseconds."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


class Recorder:
    """Numbers, stamps, redacts and keeps every event, and hands it to who listens (live rules, expectations, progress).

    Each event goes to the operating system in one write before `record` returns, so that a ``kill -9`` of this process loses
    none; the file is synced to the disk at each verdict and at the end.

    When the file cannot be written any more (a full disk), what stands in it stays, without a footer, and `broken` says why: the
    callbacks of sockets that events come from could tell nobody, so whoever runs the cases looks there.

    Args:
        path: of the journal; must not exist yet. None keeps events in memory only (self-tests).
        header: the first event.
        clock: monotonic seconds; the loop's own time, virtual or real.
        redact: takes an event and returns it without secrets.

    Attributes:
        broken: why nothing is written any more; None as long as all is.

    Raises:
        JournalError: the file exists or cannot be written.
    """

    def __init__(
        self,
        path: Path | None,
        header: Header,
        clock: Callable[[], float],
        redact: Callable[[Event], Event] = lambda event: event,
    ) -> None:
        self.path = path
        self._clock, self._epoch, self._redact = clock, clock(), redact
        self._counts: Counter[str] = Counter()
        self._hash = hashlib.sha256()
        self._subscribers: list[Subscriber] = []
        self._n = 0
        self.broken: JournalError | None = None
        try:
            self._file: io.RawIOBase | None = path.open("xb", buffering=0) if path else None
        except OSError as error:
            raise JournalError(f"cannot write the journal {path}: {error.strerror}", "choose another --out folder") from error
        self.record(header)

    @property
    def now(self) -> float:
        """Seconds since the journal was opened."""
        return self._clock() - self._epoch

    def subscribe(self, subscriber: Subscriber) -> Callable[[], None]:
        """Call `subscriber` with every event from now on; return what ends that."""
        self._subscribers.append(subscriber)
        return lambda: self._subscribers.remove(subscriber)

    def record(self, event: E) -> E:
        """Number, stamp, redact and keep an event; return it as it was kept.

        ``t`` is stamped here unless the tap already did (``t`` other than 0).
        """
        stamped = msgspec.structs.replace(self._redact(event), n=self._n, t=event.t or round(self.now, 6))
        self._n += 1
        self._counts[str(type(event).__struct_config__.tag)] += 1
        if self._file:
            line = _encoder.encode(stamped) + b"\n"
            self._hash.update(line)
            self._write(line)
        for subscriber in tuple(self._subscribers):
            subscriber(stamped)
        return stamped  # type: ignore[return-value]

    def sync(self) -> None:
        """Have the operating system put on the disk what was recorded."""
        if self._file:
            try:
                os.fsync(self._file.fileno())
            except OSError as error:
                self._break(error)

    def close(self) -> None:
        """Write the footer; a closed recorder records nothing more."""
        if self._file:
            footer = Footer(
                counts=dict(self._counts), sha256=self._hash.hexdigest(), ended=utc_now(), n=self._n, t=round(self.now, 6)
            )
            self._write(_encoder.encode(footer) + b"\n")
            self.sync()
        if self._file:
            self._file.close()
            self._file = None

    def _write(self, line: bytes) -> None:
        """Write a line, or give the file up: of a line that does not fit as much stands there as does."""
        assert self._file
        try:
            # A raw file writes as much as there is room for, and says so before it says that there is none.
            rest = memoryview(line)
            while rest:
                rest = rest[self._file.write(rest) or 0 :]
        except OSError as error:
            self._break(error)

    def _break(self, error: OSError) -> None:
        assert self._file
        self.broken = JournalError(
            f"the journal {self.path} cannot be written any more: {error.strerror}", "make room on the disk and run again"
        )
        with contextlib.suppress(OSError):
            self._file.close()
        self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Source(Protocol):
    """Where a journal can be read from, as often as asked: a `Path`, or a member of a zipped bundle."""

    def open(self, mode: Literal["rb"], /) -> AbstractContextManager[Iterable[bytes]]:
        """Open it for reading its lines."""
        ...


# What decoding a damaged line can raise: no JSON, no such event, no UTF-8, brackets without end.
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class Journal:
    """Reads a journal file.

    Args:
        path: of the journal; anything that can be opened and names itself.

    Attributes:
        header: its first event.
        problem: after `events` has run to its end, why the journal is incomplete; empty when it is whole.

    Raises:
        JournalError: the file is missing, or its first line is no header.
    """

    def __init__(self, path: Source) -> None:
        self.path = path
        self.problem = ""
        first = next(iter(self.lines()), b"")
        try:
            header = _decoder.decode(first)
        except _UNREADABLE as error:
            raise JournalError(
                f"{path} is no journal: its first line is no event ({error})", "v2x check also reads plain OCPP logs"
            ) from error
        if not isinstance(header, Header) or header.format != FORMAT:
            raise JournalError(f"{path} is no journal of format {FORMAT}")
        self.header = header

    def lines(self) -> Iterator[bytes]:
        """Give the raw lines.

        Raises:
            JournalError: the file cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                yield from file
        except OSError as error:
            raise JournalError(f"cannot read {self.path}: {error.strerror}") from error

    def events(self, *, strict: bool = False) -> Iterator[Event]:
        """Give every event that can be read, in order.

        Args:
            strict: raise at the end for a journal that is incomplete, instead of leaving it to `problem`.

        Raises:
            IncompleteJournal: in strict mode, when the journal did not end in order.
        """
        self.problem = ""
        digest, counts, footer = hashlib.sha256(), Counter[str](), None
        for number, line in enumerate(self.lines(), 1):
            if footer:
                self.problem = f"line {number} stands below the footer: the journal was changed after the run"
                break
            try:
                event = _decoder.decode(line)
            except _UNREADABLE as error:
                self.problem = f"line {number} is cut or damaged ({error}); {number - 1} events could be read"
                break
            if isinstance(event, Footer):
                footer = event
                if (event.sha256, event.counts) != (digest.hexdigest(), dict(counts)):
                    self.problem = "the footer does not fit what stands above it: the journal was changed after the run"
            else:
                digest.update(line)
                counts[str(type(event).__struct_config__.tag)] += 1
            yield event
        if not footer and not self.problem:
            self.problem = f"no footer: the run was cut off; {sum(counts.values())} events could be read"
        if strict and self.problem:
            raise IncompleteJournal(f"{self.path}: {self.problem}")
