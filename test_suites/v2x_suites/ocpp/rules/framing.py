"""Framing: whether what was sent is OCPP-J at all, and whether ids and answers fit together (OCPP-J chapter 4)."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

import orjson
from v2x_architecture.ocpp import codes
from v2x_architecture.ocpp.versions import Version
from v2x_harness.finding import Axis, Layer

from v2x_suites.ocpp.rules.problem import Problem, info
from v2x_suites.ocpp.rules.stream import OTHER, OcppMessage

LARGE = 65_536
STILL_WAITING = 5.0

JSON = info(
    "framing.json",
    Layer.FRAMING,
    "Every frame is JSON in UTF-8.",
    v16="OCPP-J-1.6#4.1.2",
    v201="OCPP-J-2.0.1#4.1.2",
)
BINARY = info(
    "framing.binary",
    Layer.FRAMING,
    "Messages travel in text frames; many peers do not look at binary ones.",
    v16="OCPP-J-1.6#4.1.2",
    v201="OCPP-J-2.0.1#4.1.2",
    axis=Axis.COMPATIBILITY,
)
STRUCTURE = info(
    "framing.structure",
    Layer.FRAMING,
    "A message is an array with the elements of its type, each of the right kind.",
    v16="OCPP-J-1.6#4.2.1 OCPP-J-1.6#4.2.2 OCPP-J-1.6#4.2.3",
    v201="OCPP-J-2.0.1#4.2.1 OCPP-J-2.0.1#4.2.2 OCPP-J-2.0.1#4.2.3",
)
MESSAGE_TYPE = info(
    "framing.message-type",
    Layer.FRAMING,
    "The message type number is one that the version knows.",
    v16="OCPP-J-1.6#4.1.3",
    v201="OCPP-J-2.0.1#4.1.3",
)
MESSAGE_ID = info(
    "framing.message-id",
    Layer.FRAMING,
    "A message id has 1 to 36 characters.",
    v16="OCPP-J-1.6#4.1.4",
    v201="OCPP-J-2.0.1#4.1.4",
)
ID_REUSED = info(
    "framing.message-id-reused",
    Layer.FRAMING,
    "A sender never uses a message id for two calls.",
    v16="OCPP-J-1.6#4.1.4",
    v201="OCPP-J-2.0.1#4.1.4",
)
ORPHAN = info(
    "framing.answer-without-call",
    Layer.FRAMING,
    "An answer carries the id of a call of the other side that has no answer yet.",
    v16="OCPP-J-1.6#4.1.4",
    v201="OCPP-J-2.0.1#4.1.4",
)
OUTSTANDING = info(
    "framing.call-outstanding",
    Layer.FRAMING,
    "Nobody sends a call while an earlier one of theirs waits for its answer.",
    v16="OCPP-J-1.6#4.1.1",
    v201="FR.01 OCPP-J-2.0.1#4.1.1",
)
SIZE = info(
    "framing.size",
    Layer.FRAMING,
    "Frames stay below 64 KiB, the most that many embedded peers can take.",
    v16="OCPP-J-1.6#4.2",
    v201="OCPP-J-2.0.1#4.2",
    axis=Axis.COMPATIBILITY,
)
ERROR_CODE = info(
    "framing.error-code",
    Layer.FRAMING,
    "The code of a CALLERROR is one of the version's table.",
    v16="OCPP-J-1.6#4.2.3",
    v201="OCPP-J-2.0.1#4.3",
)
NULL_PAYLOAD = info(
    "framing.null-payload",
    Layer.FRAMING,
    "A message without content carries an empty object, not null.",
    v16="OCPP-J-1.6#4.2.1",
    v201="OCPP-J-2.0.1#4.1.5",
    axis=Axis.COMPATIBILITY,
)
INFOS = (
    JSON,
    BINARY,
    STRUCTURE,
    MESSAGE_TYPE,
    MESSAGE_ID,
    ID_REUSED,
    ORPHAN,
    OUTSTANDING,
    SIZE,
    ERROR_CODE,
    NULL_PAYLOAD,
)

_NAMES = {2: "CALL", 3: "CALLRESULT", 4: "CALLERROR", 5: "CALLRESULTERROR", 6: "SEND"}
_SHAPES: dict[int, tuple[tuple[str, type], ...]] = {
    2: (("message id", str), ("action", str), ("payload", dict)),
    3: (("message id", str), ("payload", dict)),
    4: (("message id", str), ("error code", str), ("error description", str), ("error details", dict)),
    5: (("message id", str), ("error code", str), ("error description", str), ("error details", dict)),
    6: (("message id", str), ("action", str), ("payload", dict)),
}
_KINDS: dict[type, str] = {str: "a string", dict: "an object"}


def of_size(raw: str) -> Problem:
    """Say that a frame is large."""
    words = f"the frame has {len(raw)} characters; many embedded peers take no more than {LARGE}"
    return Problem("", words, f"at most {LARGE}", str(len(raw)), SIZE)


def of_binary(raw: str) -> Sequence[Problem]:
    """Say what is wrong with a binary frame, given in base64."""
    binary = Problem("", "the message is sent in a binary frame", "a text frame", "a binary frame", BINARY)
    try:
        orjson.loads(base64.b64decode(raw, validate=True))
    except ValueError:
        return (Problem("", "the frame is binary and holds no JSON", "JSON in UTF-8", f"{len(raw) * 3 // 4} bytes", JSON),)
    return (binary,)


def of_no_json(raw: str, error: Exception) -> Sequence[Problem]:
    """Say that a frame is no JSON."""
    return (Problem("", f"the frame is no JSON: {error}", "JSON", _short(raw), JSON),)


def of_array(version: Version, array: object) -> Iterator[Problem]:
    """Say why a JSON value is no OCPP-J message of this version."""
    if not isinstance(array, list) or not array:
        yield Problem("", "the frame is no JSON array with a message type", "[2, …], [3, …] or [4, …]", _short(array), STRUCTURE)
        return
    number = array[0]
    allowed = (2, 3, 4, 5, 6) if version == "2.1" else (2, 3, 4)
    if type(number) is not int:
        words = "the message type is no number"
        yield Problem("/0", words, " or ".join(map(str, allowed)), _short(number), STRUCTURE)
        return
    if number not in allowed:
        words = f"OCPP {version} has no message type {number}"
        yield Problem("/0", words, " or ".join(map(str, allowed)), str(number), MESSAGE_TYPE)
        return
    shape = _SHAPES[number]
    section = {2: "4.2.1", 3: "4.2.2"}.get(number, "4.2.3")
    cite = f"OCPP-J-{'1.6' if version == '1.6' else '2.0.1'}#{section}"
    if len(array) != len(shape) + 1:
        words = f"a {_NAMES[number]} has {len(shape) + 1} elements, this has {len(array)}"
        yield Problem("", words, f"{len(shape) + 1} elements", f"{len(array)} elements", STRUCTURE, cite=cite)
    for index, (name, kind) in enumerate(shape[: len(array) - 1], 1):
        value = array[index]
        if value is None and name == "payload":
            words = "the payload is null; peers expect an empty object"
            yield Problem(f"/{index}", words, "{}", "null", NULL_PAYLOAD)
        elif not isinstance(value, kind):
            words = f"the {name} of a {_NAMES[number]} is {_KINDS[kind]}"
            yield Problem(f"/{index}", words, _KINDS[kind], _short(value), STRUCTURE, cite=cite)


def of_id(message_id: str) -> Problem | None:
    """Say what is wrong with the length of a message id."""
    if not message_id:
        words = "the message id is empty, so it can tell no two calls apart"
        return Problem("/1", words, "1 to 36 characters", "an empty string", MESSAGE_ID)
    if len(message_id) > 36:
        words = f"the message id has {len(message_id)} characters"
        return Problem("/1", words, "1 to 36 characters", _short(message_id), MESSAGE_ID)
    return None


def of_reused_id(message: OcppMessage, before: int) -> Problem | None:
    """Say whether a message id that was used before may be used again.

    1.6 asks for it on one connection, and its errata for all connections of a station, but for a call that is sent again; 2.0.1
    knows no such exception.
    """
    session = message.session
    earlier = session.calls[message.sender].get(message.message_id)
    again = earlier is not None and (earlier.action, earlier.payload) == (message.action, message.payload)
    if message.version == "1.6" and again:
        return None
    here = before == session.serial
    words = (
        f"the message id {message.message_id!r} was used before {'on this connection' if here else 'on an earlier connection'}"
    )
    axis = Axis.COMPATIBILITY if message.version == "1.6" and not here else None
    return Problem("/1", words, "an id that was never used", _short(message.message_id), ID_REUSED, axis=axis)


def of_outstanding(message: OcppMessage, *, timed: bool) -> Problem | None:
    """Say whether a call was sent while an earlier one of the same sender waits for its answer.

    When a call has timed out is up to its sender, so only one of the last few seconds counts.
    """
    waiting = message.session.calls[message.sender]
    last = next(reversed(waiting.values()))
    if last.injected or not last.delivered or last.message_id == message.message_id:
        return None
    if not message.session.shows_answers(message.sender):
        return None
    if timed and message.t - last.t > STILL_WAITING:
        return None
    words = f"{message.action} is sent while {last.action} (frame {last.n}) has no answer yet"
    axis = Axis.COMPATIBILITY if message.version == "1.6" else None
    return Problem("/1", words, "one call at a time in each direction", f"{len(waiting)} waiting", OUTSTANDING, axis=axis)


def of_orphan(message: OcppMessage) -> Problem | None:
    """Say what is wrong with an answer that belongs to no call."""
    session, sender = message.session, message.sender
    asker = OTHER[sender]
    if message.message_id == "-1" and message.kind == "CALLERROR":
        # 2.0.1 4.2.3: the id of a message that could not be read.
        return None
    if message.kind == "CALLERROR" and asker in session.broken:
        return None
    if (before := session.answered[asker].by(message.message_id)) is not None:
        words = f"the call {message.message_id!r} was answered before, by frame {before}"
        return Problem("/1", words, "one answer to each call", _short(message.message_id), ORPHAN)
    if message.kind == "CALLERROR" and message.message_id in session.answered[sender]:
        words = "a CALLRESULT cannot be answered with a CALLERROR"
        return Problem("/1", words, "no answer to an answer", _short(message.message_id), ORPHAN)
    axis = None if session.opened is not None else Axis.COMPATIBILITY
    words = f"there is no call {message.message_id!r} to answer" + ("" if axis is None else ", unless the log begins after it")
    return Problem("/1", words, "the id of a call of the other side", _short(message.message_id), ORPHAN, axis=axis)


def of_error_code(message: OcppMessage) -> Problem | None:
    """Say whether the version has this error code."""
    version, code = message.version, message.code
    if code in codes.allowed(version):
        return None
    meant = codes.meaning(code)
    words = f"OCPP {version} has no error code {code!r}"
    expected = codes.spell(meant, version) if meant else "a code of the table"
    return Problem("/2", words, expected, _short(code), ERROR_CODE, axis=Axis.COMPATIBILITY if meant else None)


def _short(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 80 else f"{shown[:77]}…"
