"""Reads logs and files of frames that somebody else wrote."""

from __future__ import annotations

import html
import json
import re
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
import orjson
from v2x_architecture.ocpp.versions import Version

from v2x_suites.checking import CountedUnit, LogError, Progress, silent
from v2x_suites.ocpp.logs.hints import side_in, side_of, station_in, time_in, time_of, version_of
from v2x_suites.ocpp.logs.log import Item, Log
from v2x_suites.ocpp.rules.actions import initiators, known_elsewhere
from v2x_suites.ocpp.rules.stream import OTHER, LeanFrame


class Sighting(msgspec.Struct):
    """A frame as a log has it, before it is known who sent it.

    Attributes:
        raw: the frame's text.
        n: where it stands.
        link: the station or connection; empty when the log does not tell.
        sender: role, or ``in`` or ``out`` as seen by who wrote the log, or empty.
        time: seconds since the epoch; None when the log does not tell.
        version: as told.
    """

    raw: str
    n: int
    link: str = ""
    sender: str = ""
    time: float | None = None
    version: Version | None = None


_KEYS_OF_FRAME = ("frame", "message", "raw", "ocppMessage", "ocpp_message", "msg", "data", "payload", "text", "content", "body")
_KEYS_OF_TIME = ("timestamp", "time", "ts", "at", "datetime", "date", "@timestamp", "createdAt", "created_at", "receivedAt", "t")
_KEYS_OF_SENDER = ("direction", "dir", "sender", "from", "origin", "side", "way", "source")
_KEYS_OF_VERSION = ("ocpp", "ocppVersion", "ocpp_version", "subprotocol", "protocol", "version")
_KEYS_OF_LINK = (
    "chargePointId",
    "charge_point_id",
    "chargeBoxId",
    "charge_box_id",
    "stationId",
    "station_id",
    "chargingStationId",
    "cpId",
    "cp_id",
    "identity",
    "identifier",
    "chargerId",
    "charger",
    "station",
    "link",
    "connectionId",
    "connection",
    "sessionId",
    "session",
    "source",
    "device",
)

_START = re.compile(r"\[\s*[2-6]\s*,\s*\"")
_OPENS = re.compile(r"\[\s*(?:[2-6]\s*,?\s*)?$")
_LINES_OF_ONE_FRAME = 400
_LINES_OF_A_BEGINNING = 4
_CALLS_KEPT = 4096
_EXPECTED = (
    'what is read: journals of v2x, JSON or NDJSON of frames, text with messages such as [2,"17","Heartbeat",{}], '
    "and captures with V2GTP"
)

_decode_from = json.JSONDecoder().raw_decode


class PlainLog(Log):
    """A log or a file of frames that somebody else wrote."""

    kind = "log"
    unit: CountedUnit = "line"

    def batches(self, progress: Progress = silent) -> Iterator[Iterable[Item]]:
        """Give its frames.

        Raises:
            LogError: it holds none.
        """
        try:
            octets = self.path.read_bytes()
        except OSError as error:
            raise LogError(f"cannot read {self.path}: {error.strerror}") from error
        progress(len(octets))
        sightings = self._sightings(octets.decode("utf-8", errors="replace"))
        if not sightings:
            lines = octets.count(b"\n") + 1
            raise LogError(f"{self.path} holds no OCPP: none of its {lines} lines has an OCPP-J message", _EXPECTED)
        self.timed = all(each.time is not None for each in sightings)
        yield list(self._frames(sightings))

    def _sightings(self, text: str) -> list[Sighting]:
        if (document := _as_json(text)) is not None:
            self.kind, self.unit = "JSON of frames", "element"
            return list(_of_document(document))
        lines = text.splitlines()
        first = [line for line in lines[:20] if line.strip()][:5]
        if all(_as_json(line) is not None for line in first):
            self.kind = "NDJSON of frames"
            if found := list(_of_rows(lines)):
                return found
        self.kind = "log"
        return list(_of_lines(lines))

    def _frames(self, sightings: list[Sighting]) -> Iterator[LeanFrame]:
        writer = _writer(sightings)
        asked: OrderedDict[tuple[str, str], str] = OrderedDict()
        begin = next((each.time for each in sightings if each.time is not None), 0.0)
        t = 0.0
        for each in sightings:
            # As in a journal: the station, and the number of its connection, of which logs do not tell.
            link = f"{each.link or 'log'}#1"
            if each.version is not None:
                self.versions[link] = each.version
            told = {"out": writer, "in": OTHER[writer]}.get(each.sender, each.sender)
            if self.timed and each.time is not None:
                t = max(t, each.time - begin)
            yield LeanFrame(link=link, sender=_sender(each.raw, link, told, asked), raw=each.raw, n=each.n, t=t)


def _as_json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


# JSON


def _of_document(document: Any) -> Iterator[Sighting]:
    """Find frames in a JSON document: one frame, a list of them, or an object with such a list in it."""
    if _is_frame(document):
        yield Sighting(_dumped(document), 0)
        return
    for n, row in enumerate(_rows(document)):
        yield from _of_value(row, n)


def _of_rows(lines: list[str]) -> Iterator[Sighting]:
    for n, line in enumerate(lines, 1):
        if (value := _as_json(line)) is not None:
            yield from _of_value(value, n)


def _rows(document: Any, depth: int = 4) -> list[Any]:
    match document:
        case list():
            return document
        case dict() if depth:
            if _frame_of(document) is not None:
                return [document]
            lists = (_rows(value, depth - 1) for value in document.values() if isinstance(value, list | dict))
            return max(lists, key=len, default=[])
    return []


def _is_frame(value: Any) -> bool:
    return isinstance(value, list) and len(value) > 1 and type(value[0]) is int and isinstance(value[1], str)


def _of_value(value: Any, n: int) -> Iterator[Sighting]:
    """Find the frame in one element or line, with what stands beside it."""
    if isinstance(value, list):
        if _is_frame(value):
            yield Sighting(_dumped(value), n)
    elif isinstance(value, str):
        yield from _in_line(value, n)
    elif isinstance(value, dict) and (raw := _frame_of(value)) is not None:
        yield Sighting(
            raw,
            n,
            link=_link_of(value),
            sender=next((side for key in _KEYS_OF_SENDER if (side := side_of(value.get(key)))), ""),
            time=next((time for key in _KEYS_OF_TIME if (time := time_of(value.get(key))) is not None), None),
            version=next((version for key in _KEYS_OF_VERSION if (version := version_of(value.get(key)))), None),
        )


def _frame_of(row: Mapping[str, Any]) -> str | None:
    for key in _KEYS_OF_FRAME:
        value = row.get(key)
        if _is_frame(value):
            return _dumped(value)
        if isinstance(value, str) and (value.lstrip().startswith("[") or _START.search(value)):
            found = next(_in_line(value, 0), None)
            return found.raw if found else value.strip()
        if isinstance(value, dict) and (inner := _frame_of(value)) is not None:
            return inner
    return _from_parts(row)


def _from_parts(row: Mapping[str, Any]) -> str | None:
    """Put together a frame that was taken apart into named fields."""
    number = row.get("messageTypeId", row.get("messageType"))
    message_id = row.get("messageId", row.get("uniqueId", row.get("message_id")))
    number = {"CALL": 2, "CALLRESULT": 3, "CALLERROR": 4}.get(number, number) if isinstance(number, str) else number
    if type(number) is not int or not isinstance(message_id, str):
        return None
    errors = ("errorCode", "errorDescription", "errorDetails")
    parts: tuple[str, ...] = {2: ("action", "payload"), 3: ("payload",)}.get(number, errors)
    return _dumped([number, message_id, *(row.get(part) for part in parts)])


def _dumped(value: Any) -> str:
    return orjson.dumps(value).decode()


def _link_of(row: Mapping[str, Any]) -> str:
    for key in _KEYS_OF_LINK:
        value = row.get(key)
        if isinstance(value, str) and value and not (key == "source" and side_of(value)):
            return value
    return ""


# Text


def _of_lines(lines: list[str]) -> Iterator[Sighting]:
    """Find frames in text, also such that go over several lines."""
    n = 0
    while n < len(lines):
        line = lines[n]
        found = list(_in_line(line, n + 1))
        if not found and (_START.search(line) or _OPENS.search(line)):
            for more in range(2, min(_LINES_OF_ONE_FRAME, len(lines) - n) + 1):
                if _START.search(lines[n + more - 1]):
                    break
                joined = "\n".join(lines[n : n + more])
                if more > _LINES_OF_A_BEGINNING and not _START.search(joined):
                    break
                if found := list(_in_line(joined, n + 1)):
                    n += more - 1
                    break
        yield from found
        n += 1


def _in_line(line: str, n: int) -> Iterator[Sighting]:
    """Find the frames in a line, with what the words before them tell."""
    if "&quot;" in line:
        line = html.unescape(line)
    if '\\"' in line and not _START.search(line):
        # The frame is a string in JSON: what is escaped twice stays escaped once.
        line = line.replace('\\\\\\"', "\x00").replace('\\"', '"').replace("\x00", '\\"')
    end = 0
    while match := _START.search(line, end):
        try:
            value, stop = _decode_from(line, match.start())
        except (ValueError, RecursionError):
            end = match.end()
            continue
        before = line[end : match.start()]
        end = stop
        if _is_frame(value):
            yield Sighting(line[match.start() : stop], n, station_in(before), side_in(before), time_in(before))


# Who sent it


def _writer(sightings: list[Sighting]) -> str:
    """Tell who wrote a log that says sent and received: the side whose calls are sent."""
    votes: Counter[str] = Counter()
    for each in sightings:
        if each.sender in ("in", "out") and (role := _initiator(_as_json(each.raw))):
            votes[role if each.sender == "out" else OTHER[role]] += 1
    return votes.most_common(1)[0][0] if votes else ""


def _initiator(frame: Any) -> str:
    """Return the only side that sends such a call; nothing when both do or none."""
    match frame:
        case [2 | 6, str(), str() as action, *_]:
            roles = {role for version in known_elsewhere(action) for role in initiators(version, action)}
            return roles.pop() if len(roles) == 1 else ""
    return ""


def _sender(raw: str, link: str, told: str, asked: OrderedDict[tuple[str, str], str]) -> str:
    """Tell who sent a frame: as told, or the only side that sends such a call, or the side that was asked."""
    frame = _as_json(raw)
    sender = told if told in ("station", "csms") else ""
    if not _is_frame(frame):
        return sender
    if frame[0] not in (2, 6):
        return sender or OTHER[asked.get((link, frame[1]), "")]
    sender = sender or _initiator(frame)
    asked[link, frame[1]] = sender
    if len(asked) > _CALLS_KEPT:
        asked.popitem(last=False)
    return sender
