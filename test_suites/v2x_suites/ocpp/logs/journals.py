"""Reads journals of ours, fast."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, get_args

import msgspec
from v2x_harness.events import FORMAT, CaseEvent, Event, Footer, Header, LinkEvent, OperatorEvent

from v2x_suites.checking import LogError, Progress, silent
from v2x_suites.ocpp.logs.log import Item, Log
from v2x_suites.ocpp.rules.stream import LeanFrame

_CHUNK = 1 << 18
_READ: dict[str, type] = {
    "frame": LeanFrame,
    "header": Header,
    "link": LinkEvent,
    "case": CaseEvent,
    "operator": OperatorEvent,
    "footer": Footer,
}
# Of the other events only their existence is of interest: it is counted.
_SKIPPED: dict[str, type] = {
    tag: msgspec.defstruct(f"Skipped{tag.title()}", [], tag=tag, tag_field="type")
    for tag in (str(each.__struct_config__.tag) for each in get_args(Event.__value__))
    if tag not in _READ
}
_TAGS = {kind: tag for tag, kind in (_READ | _SKIPPED).items()}
_SKIPPED_KINDS = frozenset(_SKIPPED.values())
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(reduce(or_, _TAGS))


class JournalLog(Log):
    """A journal of ours."""

    kind = "journal"

    def batches(self, progress: Progress = silent) -> Iterator[Iterable[Item]]:
        """Give its events, a megabyte of lines at a time; a journal that is cut or was changed is read as far as it goes."""
        digest, counts = hashlib.sha256(), Counter[str]()
        footer: Footer | None = None
        for chunk in _chunks(self.path):
            progress(len(chunk))
            if footer is not None:
                self.problem = "events stand below the footer"
                return
            try:
                events = _decoder.decode_lines(chunk)
            except msgspec.DecodeError:
                events = self._up_to_damage(chunk, counts)
            signed = chunk
            if events and isinstance(last := events[-1], Footer):
                footer = last
                events.pop()
                signed = chunk[: chunk.rstrip(b"\n").rfind(b"\n") + 1]
            digest.update(signed)
            kinds = Counter(map(type, events))
            counts.update({_TAGS[kind]: number for kind, number in kinds.items()})
            yield [each for each in events if type(each) not in _SKIPPED_KINDS] if kinds.keys() & _SKIPPED_KINDS else events
            if self.problem:
                return
        if footer is None:
            self.problem = f"the run was cut off: there is no footer; {counts.total()} events could be read"
        elif (footer.sha256, footer.counts) != (digest.hexdigest(), dict(counts)):
            self.problem = "the footer does not fit what stands above it: the journal was changed after the run"

    def _up_to_damage(self, chunk: bytes, counts: Counter[str]) -> list[Any]:
        events: list[Any] = []
        for line in chunk.splitlines():
            try:
                events.append(_decoder.decode(line))
            except msgspec.DecodeError as error:
                number = counts.total() + len(events) + 1
                if number == 1:
                    raise LogError(f"{self.path}: its first line is no event of a journal: {error}") from error
                self.problem = f"line {number} is cut or damaged ({error}); {number - 1} events could be read"
                break
        if events and counts.total() == 0 and not (isinstance(events[0], Header) and events[0].format == FORMAT):
            raise LogError(f"{self.path} is no journal of format {FORMAT}")
        return events


def _chunks(path: Path) -> Iterator[bytes]:
    """Give a file in pieces that end with a line."""
    rest = b""
    try:
        with path.open("rb") as file:
            while block := file.read(_CHUNK):
                cut = block.rfind(b"\n") + 1
                if cut:
                    yield rest + block[:cut]
                    rest = block[cut:]
                else:
                    rest += block
    except OSError as error:
        raise LogError(f"cannot read {path}: {error.strerror}") from error
    if rest:
        yield rest
