"""OCPP-J's RPC framework as a state machine without I/O.

A :class:`Connection` is one side of one WebSocket. It is given what came in and the time, and gives events and texts to send:

    >>> connection = Connection("2.0.1")
    >>> message_id = connection.call("Heartbeat", {}, now=0.0)
    >>> [text] = connection.data_to_send()
    >>> connection.receive(f'[3,"{message_id}",{{"currentTime":"2025-01-01T00:00:00Z"}}]', now=0.2)[0].action
    'Heartbeat'

It keeps the rules for our side (one outstanding CALL, unique ids, the error codes of the version), raising
:class:`LocalProtocolError` where the caller would break one; and it answers of its own accord what is no proper message, as the
version wants it:

=====================================  ===========================  ==================================  =======================
what came                              1.6                          2.0.1                               2.1
=====================================  ===========================  ==================================  =======================
CALL whose id can be read, malformed   CALLERROR                    CALLERROR                           CALLERROR
nothing whose id can be read           ignored                      CALLERROR with id ``-1``            CALLERROR with id ``-1``
type number not in the version's list  ignored (4.1.3)              MessageTypeNotSupported (4.4)       ignored (4.4)
malformed answer to our CALL           ends the CALL                ends the CALL                       CALLRESULTERROR
malformed CALLERROR, SEND              never answered               never answered                      never answered
=====================================  ===========================  ==================================  =======================
"""

from __future__ import annotations

import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from v2x_architecture.ocpp.codes import ErrorCode, allowed, spell
from v2x_architecture.ocpp.errors import LocalProtocolError, RemoteProtocolError
from v2x_architecture.ocpp.events import (
    CallAbandoned,
    CallReceived,
    CallTimedOut,
    ErrorReceived,
    Event,
    LateAnswer,
    ProtocolViolation,
    ResultErrorReceived,
    ResultReceived,
    SendReceived,
)
from v2x_architecture.ocpp.messages import (
    UNREADABLE_ID,
    Call,
    CallError,
    CallResult,
    CallResultError,
    Message,
    Send,
    encode,
    parse,
    parse_head,
)
from v2x_architecture.ocpp.versions import Version

DEFAULT_MAX_FRAME: Final = 1 << 20

# How many finished ids a connection remembers, to tell a late answer from one to nothing and a retry from a new CALL.
_REMEMBERED: Final = 16


def new_message_id() -> str:
    """Return an id that no CALL of any connection has had (4.1.4)."""
    return str(uuid.uuid4())


@dataclass(slots=True)
class _Outgoing:
    """A CALL of ours, queued or outstanding."""

    message_id: str
    action: str
    text: str
    timeout: float
    deadline: float = 0.0


class Connection:
    """One side of an OCPP-J connection.

    Args:
        version: the version that the subprotocol negotiation gave.
        call_timeout: seconds after which an unanswered CALL has timed out.
        max_frame: longest text taken, in characters; a longer one is answered with FormatViolation.
        max_unanswered: how many CALLs of the peer may wait for our answers; further ones are refused.
        new_id: gives the message ids of our CALLs.
    """

    __slots__ = (
        "_answered",
        "_answering",
        "_closed",
        "_finished",
        "_outbox",
        "_outstanding",
        "_queue",
        "call_timeout",
        "max_frame",
        "max_unanswered",
        "new_id",
        "version",
    )

    def __init__(
        self,
        version: Version,
        *,
        call_timeout: float = 30.0,
        max_frame: int = DEFAULT_MAX_FRAME,
        max_unanswered: int = 64,
        new_id: Callable[[], str] = new_message_id,
    ) -> None:
        self.version: Version = version
        self.call_timeout = call_timeout
        self.max_frame = max_frame
        self.max_unanswered = max_unanswered
        self.new_id = new_id
        self._outbox: list[str] = []
        self._queue: deque[_Outgoing] = deque()
        self._outstanding: _Outgoing | None = None
        self._answering: dict[str, str] = {}
        self._answered: dict[str, str] = {}
        self._finished: dict[str, tuple[str, bool]] = {}
        self._closed = False

    # What we want to say

    def call(
        self, action: str, payload: Mapping[str, Any], now: float, *, timeout: float | None = None, message_id: str | None = None
    ) -> str:
        """Send a CALL, at once or as soon as those before it are answered or timed out, and return its message id.

        Args:
            action: name of the message without ``Request``.
            payload: its JSON object.
            now: the time, in seconds of the caller's clock.
            timeout: seconds from sending until it counts as timed out; the connection's ``call_timeout`` when None.
            message_id: an id of the caller's own; a retry may have that of the CALL it repeats.

        Raises:
            LocalProtocolError: the connection is closed, the id is taken or too long, or the payload is no JSON.
        """
        if self._closed:
            raise LocalProtocolError(f"{action} cannot be sent: the connection is closed")
        if message_id is None:
            message_id = self.new_id()
        if (self._outstanding and self._outstanding.message_id == message_id) or any(
            waiting.message_id == message_id for waiting in self._queue
        ):
            raise LocalProtocolError(f"a CALL with the id {message_id!r} is still unanswered")
        text = encode(Call(message_id, action, dict(payload)))
        self._queue.append(_Outgoing(message_id, action, text, self.call_timeout if timeout is None else timeout))
        self._send_next(now)
        return message_id

    def cancel(self, message_id: str, now: float) -> None:
        """Wait no longer for a CALL: taken from the queue if it is not sent yet, else its answer will count as late."""
        if self._outstanding and self._outstanding.message_id == message_id:
            self._finish(answered=False)
            self._send_next(now)
        else:
            self._queue = deque(waiting for waiting in self._queue if waiting.message_id != message_id)

    def send(self, action: str, payload: Mapping[str, Any]) -> str:
        """Send a SEND, which is not answered, and return its message id.

        Raises:
            LocalProtocolError: the version has no SEND, the connection is closed, or the payload is no JSON.
        """
        if self.version != "2.1":
            raise LocalProtocolError(f"OCPP {self.version} has no SEND message")
        if self._closed:
            raise LocalProtocolError(f"{action} cannot be sent: the connection is closed")
        message_id = self.new_id()
        self._put(Send(message_id, action, dict(payload)))
        return message_id

    def respond(self, message_id: str, payload: Mapping[str, Any]) -> None:
        """Answer a CALL with CALLRESULT.

        Raises:
            LocalProtocolError: there is no CALL of that id to answer (any more), or the payload is no JSON.
        """
        self._check_answerable(message_id)
        self._put(CallResult(message_id, dict(payload)))
        self._answer(message_id)

    def refuse(self, message_id: str, code: str, description: str = "", details: Mapping[str, Any] | None = None) -> None:
        """Answer a CALL with CALLERROR.

        Args:
            message_id: the CALL's.
            code: the error code by its 2.x name; it is spelled as the version wants it.
            description: shortened to the 255 characters that fit.
            details: ErrorDetails.

        Raises:
            LocalProtocolError: there is no such CALL, or no such code.
        """
        self._check_answerable(message_id)
        self._put(CallError(message_id, self._spelled(code), description, dict(details or {})))
        self._answer(message_id)

    def refuse_result(self, message_id: str, code: str, description: str = "", details: Mapping[str, Any] | None = None) -> None:
        """Tell the peer that its CALLRESULT could not be used (2.1 only).

        Raises:
            LocalProtocolError: the version has no CALLRESULTERROR, there was no such CALL of ours, or no such code.
        """
        if self.version != "2.1":
            raise LocalProtocolError(f"OCPP {self.version} has no CALLRESULTERROR message")
        if message_id not in self._finished:
            raise LocalProtocolError(f"no CALLRESULT of the id {message_id!r} has been received lately")
        self._put(CallResultError(message_id, self._spelled(code), description, dict(details or {})))

    def data_to_send(self) -> list[str]:
        """Return the texts to send, in order, and forget them."""
        outbox, self._outbox = self._outbox, []
        return outbox

    @property
    def has_data(self) -> bool:
        """Whether ``data_to_send`` has anything."""
        return bool(self._outbox)

    # What the peer and the clock say

    def receive(self, data: str | bytes, now: float) -> list[Event]:
        """Take one WebSocket message in.

        Never raises: what is wrong with the message comes as an event, and where the version wants it as an answer to send.
        """
        if self._closed:
            return []
        if len(data) > self.max_frame:
            return self._malformed(self._oversized(data), now)
        try:
            message = parse(data, self.version)
        except RemoteProtocolError as error:
            return self._malformed(error, now)
        match message:
            case Call():
                return [self._called(message)]
            case CallResult() | CallError():
                return [self._answered_by_peer(message, now)]
            case CallResultError(message_id, code, description, details):
                action = self._answered.get(message_id)
                return [ResultErrorReceived(message_id, action, code, description, details)]
            case Send(message_id, action, payload):
                return [SendReceived(message_id, action, payload)]

    def next_deadline(self) -> float | None:
        """Return when ``handle_timeout`` wants to be called, None when nothing is waited for."""
        return self._outstanding.deadline if self._outstanding else None

    def handle_timeout(self, now: float) -> list[Event]:
        """Let the outstanding CALL time out if its time has come."""
        late = self._outstanding
        if late is None or now < late.deadline:
            return []
        self._finish(answered=False)
        self._send_next(now)
        return [CallTimedOut(late.message_id, late.action, late.timeout)]

    def close(self) -> list[Event]:
        """Take notice that the WebSocket is gone; nothing is sent or taken in from here on."""
        events: list[Event] = []
        if self._outstanding:
            events.append(CallAbandoned(self._outstanding.message_id, self._outstanding.action, sent=True))
        events += [CallAbandoned(waiting.message_id, waiting.action, sent=False) for waiting in self._queue]
        self._outstanding = None
        self._queue.clear()
        self._answering.clear()
        self._outbox = []
        self._closed = True
        return events

    @property
    def outstanding(self) -> str | None:
        """The action of our CALL that waits for its answer."""
        return self._outstanding.action if self._outstanding else None

    @property
    def queued(self) -> int:
        """How many of our CALLs wait to be sent."""
        return len(self._queue)

    @property
    def unanswered(self) -> Mapping[str, str]:
        """The peer's CALLs that wait for our answer: message id and action."""
        return self._answering

    # Inner workings

    def _put(self, message: Message) -> None:
        if not self._closed:
            self._outbox.append(encode(message))

    def _send_next(self, now: float) -> None:
        if self._outstanding is None and self._queue:
            self._outstanding = self._queue.popleft()
            self._outstanding.deadline = now + self._outstanding.timeout
            self._outbox.append(self._outstanding.text)

    def _finish(self, *, answered: bool) -> None:
        """Let our outstanding CALL be over, and remember its id."""
        if self._outstanding:
            _remember(self._finished, self._outstanding.message_id, (self._outstanding.action, answered))
            self._outstanding = None

    def _check_answerable(self, message_id: str) -> None:
        if message_id not in self._answering and not self._closed:
            raise LocalProtocolError(f"there is no CALL with the id {message_id!r} to answer")

    def _answer(self, message_id: str) -> None:
        action = self._answering.pop(message_id, None)
        if action is not None:
            _remember(self._answered, message_id, action)

    def _spelled(self, code: str) -> str:
        spelled = spell(code, self.version)
        if spelled not in allowed(self.version):
            raise LocalProtocolError(f"{code!r} is no error code of OCPP {self.version}")
        return spelled

    def _called(self, call: Call) -> Event:
        if call.message_id in self._answering:
            # 4.2.3 names this case; 1.6 has no code that is closer.
            code = ErrorCode.GENERIC_ERROR if self.version == "1.6" else ErrorCode.RPC_FRAMEWORK_ERROR
            return self._refuse_unasked(call, code, "a CALL with this id is being handled already")
        if len(self._answering) >= self.max_unanswered:
            return self._refuse_unasked(call, ErrorCode.GENERIC_ERROR, f"{self.max_unanswered} CALLs are unanswered")
        overlapping = bool(self._answering)
        self._answering[call.message_id] = call.action
        repeated = call.message_id in self._answered
        return CallReceived(call.message_id, call.action, call.payload, overlapping=overlapping, repeated=repeated)

    def _refuse_unasked(self, call: Call, code: ErrorCode, text: str) -> Event:
        self._put(CallError(call.message_id, self._spelled(code), text))
        return ProtocolViolation(RemoteProtocolError(code, call.message_id, text, Call.type_number), answered=True)

    def _answered_by_peer(self, answer: CallResult | CallError, now: float) -> Event:
        message_id = answer.message_id
        call = self._outstanding
        if call is not None and call.message_id == message_id:
            self._finish(answered=True)
            self._send_next(now)
            if isinstance(answer, CallResult):
                return ResultReceived(message_id, call.action, answer.payload)
            return ErrorReceived(message_id, call.action, answer.code, answer.description, answer.details)
        if message_id in self._finished:
            action, answered = self._finished[message_id]
            return LateAnswer(message_id, action, answer, repeated=answered)
        if message_id == UNREADABLE_ID and isinstance(answer, CallError):
            return ErrorReceived(message_id, None, answer.code, answer.description, answer.details)
        error = RemoteProtocolError(ErrorCode.RPC_FRAMEWORK_ERROR, message_id, "an answer to no CALL of ours", answer.type_number)
        return ProtocolViolation(error)

    def _oversized(self, data: str | bytes) -> RemoteProtocolError:
        number, message_id = parse_head(data)
        text = f"a message of {len(data)} characters is longer than the {self.max_frame} that are taken"
        return RemoteProtocolError(ErrorCode.FORMAT_VIOLATION, message_id, text, number)

    def _malformed(self, error: RemoteProtocolError, now: float) -> list[Event]:
        """Answer what is no message, where the version wants it answered, and end the CALL that it was the answer to."""
        number, message_id = error.message_type, error.message_id
        call = self._outstanding
        if number in {CallResult.type_number, CallError.type_number} and call is not None and call.message_id == message_id:
            self._finish(answered=True)
            refusable = self.version == "2.1" and number == CallResult.type_number
            if refusable:
                self.refuse_result(message_id, error.code, error.text)
            self._send_next(now)
            return [ProtocolViolation(error, answered=refusable, call=call.action)]
        answer_id = message_id
        if answer_id is None and self.version != "1.6":
            answer_id = UNREADABLE_ID
        if answer_id is None or not self._wants_answer(error):
            return [ProtocolViolation(error)]
        self._put(CallError(answer_id, self._spelled(error.code), error.text))
        return [ProtocolViolation(error, answered=True)]

    def _wants_answer(self, error: RemoteProtocolError) -> bool:
        if error.code == ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED:
            return self.version == "2.0.1"
        return error.message_type in {None, Call.type_number}


def _remember[T](ids: dict[str, T], message_id: str, what: T) -> None:
    if len(ids) >= _REMEMBERED:
        del ids[next(iter(ids))]
    ids[message_id] = what
