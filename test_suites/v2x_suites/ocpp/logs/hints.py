"""What words and fields beside a frame tell: who sent it, of which station, when, in which version."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from v2x_architecture.ocpp.versions import VERSIONS, Version

from v2x_suites.ocpp.rules.stream import OTHER

_STATION = re.compile(r"(?i)^(cp|cs|evse|evcs|charger|client|charge[ _-]?(point|box)|charging[ _-]?station|station)$")
_CSMS = re.compile(r"(?i)^(csms|central[ _-]?system|cms|csys|server|backend|cloud|platform)$")
_OUT = re.compile(r"(?i)^(out|outgoing|outbound|send|sent|sending|tx|>|->)$")
_IN = re.compile(r"(?i)^(in|incoming|inbound|recv|receive|received|receiving|rx|<|<-)$")
_ENDS = re.compile(r"(?i)^\s*([a-z][a-z _-]*?)\s*(?:-+>|=+>|→|>|\bto\b|_to_|2)\s*([a-z][a-z _-]*?)\s*$")

_START = re.compile(r"\[\s*[2-6]\s*,\s*\"")
_DATE = re.compile(r"(\d{4})[-/](\d\d)[-/](\d\d)[T ](\d\d:\d\d:\d\d)(?:[.,](\d{1,9}))?\s?(Z|[+-]\d\d:?\d\d)?")
_CLOCK = re.compile(r"(?<![\d:])(\d\d):(\d\d):(\d\d)(?:[.,](\d{1,6}))?(?![\d:])")
_ARROW = re.compile(
    r"(?i)\b(cp|cs|charge ?point|charging ?station|station|charger|csms|central ?system|server|backend)\s*(?:-+>|=+>|→|>)\s*"
    r"(cp|cs|charge ?point|charging ?station|station|charger|csms|central ?system|server|backend)\b"
)
_WORD_OUT = re.compile(r"(?i:\b(?:send|sends|sent|sending|tx|outgoing|outbound)\b)|\bOUT\b")
_WORD_IN = re.compile(r"(?i:\b(?:recv|receive|receives|received|receiving|rx|incoming|inbound)\b)|\bIN\b")
_STATION_IN_LINE = (
    re.compile(
        r"(?i)\b(?:chargeBoxId|chargePointId|charge_point_id|stationId|cpid|identifier)[\"']?\s*[=:]\s*[\"']?([\w.@*+-]+)"
    ),
    re.compile(r"\bocpp:([^\s:\[]+):"),
    re.compile(r"([\w.*@+-]+): (?:send|receive message)\s*$"),
    re.compile(r"(?i)\b(?:recv|receive|received|send|sent)\b(?: \w+)*? (?:from |to )?([\w.*@+-]+):\s*$"),
)


def side_of(value: object) -> str:
    """Tell who sent, from a word: a role, ``in``, ``out``, or nothing."""
    if not isinstance(value, str):
        return ""
    word = value.strip()
    if _STATION.match(word):
        return "station"
    if _CSMS.match(word):
        return "csms"
    if _OUT.match(word):
        return "out"
    if _IN.match(word):
        return "in"
    if ends := _ENDS.match(word):
        # CS is the station beside a CSMS, the central system beside a CP.
        first, second = side_of(ends[1]), side_of(ends[2])
        if first == second == "station":
            return "csms" if ends[1].strip().lower() == "cs" else "station"
        return first if first in OTHER and second in OTHER else ""
    return ""


def time_of(value: object) -> float | None:
    """Read a time: text, or seconds or milliseconds since the epoch."""
    if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
        return value / 1000 if value > 1e11 else float(value)
    if isinstance(value, str) and (found := _DATE.search(value)):
        return _epoch(found)
    return None


def version_of(value: object) -> Version | None:
    """Read a version: ``1.6``, ``ocpp1.6``, ``OCPP 1.6J``, ``2.0.1``."""
    if not isinstance(value, str):
        return None
    bare = value.lower().replace("ocpp", "").strip(" -_/vj")
    return next((version for version in VERSIONS if version == bare), None)


def station_in(words: str) -> str:
    """Return the station that the words before a frame name, if they do."""
    for pattern in _STATION_IN_LINE:
        if found := pattern.search(words):
            return found[1].strip("*")
    return ""


def side_in(words: str) -> str:
    """Tell from the words before a frame who sent it: a role, ``in``, ``out``, or nothing."""
    if found := _ARROW.search(words):
        return side_of(f"{found[1]}>{found[2]}")
    out, into = list(_WORD_OUT.finditer(words)), list(_WORD_IN.finditer(words))
    last_out, last_in = out[-1].start() if out else -1, into[-1].start() if into else -1
    if last_out == last_in:
        return ""
    return "out" if last_out > last_in else "in"


def time_in(words: str) -> float | None:
    """Return the time that stands before a frame: since the epoch, or of the day when there is no date."""
    if found := _DATE.search(words):
        return _epoch(found)
    if found := _CLOCK.search(words):
        hours, minutes, seconds, fraction = found.groups()
        return int(hours) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction or 0}")
    return None


def _epoch(found: re.Match[str]) -> float | None:
    year, month, day, time, fraction, offset = found.groups()
    zone = "+00:00" if offset in (None, "Z") else offset
    try:
        moment = datetime.fromisoformat(f"{year}-{month}-{day}T{time}.{(fraction or '0')[:6]:0<6}{zone}")
    except ValueError:
        return None
    return moment.astimezone(UTC).timestamp()
