"""The messages of OCPP-J and their JSON form (OCPP-J 4.2)."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final

import msgspec
import orjson

from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.errors import LocalProtocolError, RemoteProtocolError
from v2x_architecture.ocpp.versions import Version

type Payload = dict[str, Any]
"""A JSON object. Its shape is the business of the schemas, which know more than Python's type system can say."""

MAX_MESSAGE_ID: Final = 36
MAX_DESCRIPTION: Final = 255

UNREADABLE_ID: Final = "-1"
"""The message id of a CALLERROR about a message whose id could not be read (2.0.1 and 2.1, 4.2.3)."""


class Call(msgspec.Struct, frozen=True):
    """A request (message type 2)."""

    type_number: ClassVar[int] = 2
    message_id: str
    action: str
    payload: Payload


class CallResult(msgspec.Struct, frozen=True):
    """The answer to a CALL (message type 3)."""

    type_number: ClassVar[int] = 3
    message_id: str
    payload: Payload


class CallError(msgspec.Struct, frozen=True):
    """The refusal of a CALL (message type 4)."""

    type_number: ClassVar[int] = 4
    message_id: str
    code: str
    description: str = ""
    details: Payload = {}


class CallResultError(msgspec.Struct, frozen=True):
    """The refusal of a CALLRESULT (message type 5, since 2.1)."""

    type_number: ClassVar[int] = 5
    message_id: str
    code: str
    description: str = ""
    details: Payload = {}


class Send(msgspec.Struct, frozen=True):
    """A message that is not answered (message type 6, since 2.1)."""

    type_number: ClassVar[int] = 6
    message_id: str
    action: str
    payload: Payload


type Message = Call | CallResult | CallError | CallResultError | Send

NAMES: Final[dict[int, str]] = {2: "CALL", 3: "CALLRESULT", 4: "CALLERROR", 5: "CALLRESULTERROR", 6: "SEND"}
_LENGTHS: Final[dict[int, int]] = {2: 4, 3: 3, 4: 5, 5: 5, 6: 4}

# What can still be read of a message whose JSON is broken or cut short.
_HEAD: Final = re.compile(r'\s*\[\s*(\d{1,9})\s*(?:,\s*"([^"\\\x00-\x1f]*)"\s*,)?')


def parse(data: str | bytes, version: Version) -> Message:
    """Read one message.

    A payload of ``null`` is read as the empty object, which OCPP-J calls the same (4.1.5).

    Raises:
        RemoteProtocolError: the text is no message of that version; says what could be read of it.
    """
    try:
        frame = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise _broken_json(data, str(error)) from None
    match frame:
        # The two most frequent messages, when nothing is wrong with them.
        case [2, str(one_id), str(action), dict(payload)] if len(one_id) <= MAX_MESSAGE_ID and type(frame[0]) is int:
            return Call(one_id, action, payload)
        case [3, str(one_id), dict(payload)] if len(one_id) <= MAX_MESSAGE_ID and type(frame[0]) is int:
            return CallResult(one_id, payload)
    if not isinstance(frame, list) or not frame:
        raise RemoteProtocolError(
            ErrorCode.RPC_FRAMEWORK_ERROR, None, "a message is a JSON array that starts with its type number"
        )
    number = frame[0]
    message_id = frame[1] if len(frame) > 1 and isinstance(frame[1], str) else None
    if type(number) is not int:
        raise RemoteProtocolError(ErrorCode.RPC_FRAMEWORK_ERROR, message_id, "the message type is no integer")
    length = _LENGTHS.get(number) if version == "2.1" or number < 5 else None
    if length is None:
        raise RemoteProtocolError(
            ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED, message_id, f"OCPP {version} has no message type {number}", number
        )
    if message_id is None:
        raise RemoteProtocolError(ErrorCode.RPC_FRAMEWORK_ERROR, None, "the message id is no string", number)
    if len(message_id) > MAX_MESSAGE_ID:
        raise RemoteProtocolError(
            ErrorCode.RPC_FRAMEWORK_ERROR, message_id, f"the message id is longer than {MAX_MESSAGE_ID} characters", number
        )
    if len(frame) != length:
        raise RemoteProtocolError(
            ErrorCode.RPC_FRAMEWORK_ERROR, message_id, f"a {NAMES[number]} has {length} elements, not {len(frame)}", number
        )
    return _message(number, message_id, frame)


def _message(number: int, message_id: str, frame: list[Any]) -> Message:
    """Make the message of a frame that has the right length."""
    if number == 3:
        return CallResult(message_id, _object(frame[2], message_id, number))
    name = frame[2]
    if not isinstance(name, str):
        what = "action" if number in {2, 6} else "error code"
        raise RemoteProtocolError(ErrorCode.RPC_FRAMEWORK_ERROR, message_id, f"the {what} is no string", number)
    if number == 2:
        return Call(message_id, name, _object(frame[3], message_id, number))
    if number == 6:
        return Send(message_id, name, _object(frame[3], message_id, number))
    description = frame[3]
    if not isinstance(description, str):
        raise RemoteProtocolError(ErrorCode.RPC_FRAMEWORK_ERROR, message_id, "the error description is no string", number)
    details = _object(frame[4], message_id, number)
    return (CallError if number == 4 else CallResultError)(message_id, name, description, details)


def _object(value: object, message_id: str, number: int) -> Payload:
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    what = "payload" if number in {2, 3, 6} else "error details object"
    raise RemoteProtocolError(ErrorCode.FORMAT_VIOLATION, message_id, f"the {what} is no JSON object", number)


def parse_head(data: str | bytes) -> tuple[int | None, str | None]:
    """Return what can be read of a message that cannot be parsed: its type number and its id, each None when it cannot."""
    head = _HEAD.match(data[:256] if isinstance(data, str) else data[:256].decode("utf-8", "replace"))
    if head is None:
        return None, None
    message_id: str | None = head[2]
    return int(head[1]), message_id if message_id is None or len(message_id) <= MAX_MESSAGE_ID else None


def _broken_json(data: str | bytes, why: str) -> RemoteProtocolError:
    number, message_id = parse_head(data)
    if message_id is None:
        return RemoteProtocolError(ErrorCode.RPC_FRAMEWORK_ERROR, None, f"no JSON: {why}", number)
    return RemoteProtocolError(ErrorCode.FORMAT_VIOLATION, message_id, f"no JSON: {why}", number)


def encode(message: Message) -> str:
    """Return the message's JSON text.

    Raises:
        LocalProtocolError: the payload holds what JSON cannot say, or the message id is too long.
    """
    if len(message.message_id) > MAX_MESSAGE_ID and isinstance(message, Call | Send):
        raise LocalProtocolError(f"the message id {message.message_id!r} is longer than {MAX_MESSAGE_ID} characters")
    frame: list[object]
    match message:
        case Call() | Send():
            frame = [message.type_number, message.message_id, message.action, message.payload]
        case CallResult():
            frame = [3, message.message_id, message.payload]
        case CallError() | CallResultError():
            description = message.description[:MAX_DESCRIPTION]
            frame = [message.type_number, message.message_id, message.code, description, message.details]
    try:
        return orjson.dumps(frame).decode()
    except TypeError as error:
        raise LocalProtocolError(f"the payload cannot be written as JSON: {error}") from None
