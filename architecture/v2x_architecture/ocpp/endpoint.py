"""One side of an OCPP-J connection over an open WebSocket, for asyncio."""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

from websockets.asyncio.connection import Connection as WebSocket
from websockets.exceptions import ConnectionClosed

from v2x_architecture.clock import Clock
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.errors import (
    CallRefused,
    CallTimeout,
    ConnectionLost,
    LocalProtocolError,
    OcppError,
    RemoteProtocolError,
)
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
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.rpc import DEFAULT_MAX_FRAME, Connection
from v2x_architecture.ocpp.versions import Version

logger: Final = logging.getLogger(__name__)

# How long a handler may go on after its connection has ended, s: long enough to finish what it is at, never for ever.
_LINGER: Final = 5.0

# So many tasks at once mean that the peer sends without waiting for our answers: it is read no further until some are done. Fewer
# than the CALLs that the protocol machine lets wait, so that a flood is held back by the network before any CALL is refused.
_MAX_TASKS: Final = 48
# After so many messages that were there already, everything else in this process gets its turn.
_BURST: Final = 32


@dataclass(frozen=True, slots=True)
class Reply:
    """A handler's answer with something to do once it has been sent.

    Attributes:
        payload: payload of the CALLRESULT.
        then: called after the CALLRESULT has been handed to the WebSocket, in a task of its own that outlives the connection.
    """

    payload: Payload
    then: Callable[[], Coroutine[Any, Any, None]] | None = None


type Handler = Callable[[str, Payload], Awaitable[Payload | Reply]]
"""Answers the peer's CALLs: (action, payload) -> payload. Raises :class:`CallRefused` to answer CALLERROR."""

type SendHandler = Callable[[str, Payload], Awaitable[None]]
"""Takes the peer's SENDs (2.1): (action, payload)."""


@dataclass(frozen=True, slots=True)
class Validation:
    """Which payloads are held against the schemas.

    Attributes:
        requests: the peer's CALLs; an invalid one is answered with the CALLERROR that the version's error table says.
        responses: the peer's CALLRESULTs; an invalid one raises RemoteProtocolError in ``call``.
        outgoing: our own CALLs and CALLRESULTs; an invalid one raises LocalProtocolError, or is answered with InternalError.
        formats: assert ``date-time`` and ``uri`` in the peer's CALLs too.
    """

    requests: bool = True
    responses: bool = True
    outgoing: bool = True
    formats: bool = False


async def not_implemented(action: str, payload: Payload) -> Payload:
    """Refuse every CALL: the handler of an endpoint that has none."""
    raise CallRefused(ErrorCode.NOT_IMPLEMENTED, f"{action} is not known here")


class Endpoint:
    """One side of an OCPP-J connection.

    Made by :class:`~.client.OcppClient` and :class:`~.server.OcppServer`; runs once ``run`` is awaited or ``start`` called.

    Args:
        ws: the open WebSocket.
        version: the version that was negotiated.
        handler: answers the peer's CALLs. Each runs in a task of its own, so it may itself ``call``.
        clock: tells when a CALL has timed out.
        identity: the station's identity on this connection.
        call_timeout: seconds after which an unanswered CALL of ours has timed out.
        max_frame: longest text taken.
        validation: which payloads are held against the schemas.
        on_event: sees every event of the protocol machine first (rules, statistics).
        on_send: takes the peer's SENDs (2.1).
    """

    __slots__ = (
        "_afterwards",
        "_closed",
        "_connection",
        "_outbox",
        "_reader",
        "_tasks",
        "_timer",
        "_waiting",
        "clock",
        "handler",
        "identity",
        "on_event",
        "on_send",
        "validation",
        "version",
        "ws",
    )

    def __init__(
        self,
        ws: WebSocket,
        version: Version,
        handler: Handler = not_implemented,
        clock: Clock | None = None,
        *,
        identity: str = "",
        call_timeout: float = 30.0,
        max_frame: int = DEFAULT_MAX_FRAME,
        validation: Validation | None = None,
        on_event: Callable[[Event], None] | None = None,
        on_send: SendHandler | None = None,
    ) -> None:
        self.ws = ws
        self.version: Version = version
        self.handler = handler
        self.clock = clock
        self.identity = identity
        self.validation = validation or Validation()
        self.on_event = on_event
        self.on_send = on_send
        self._connection = Connection(version, call_timeout=call_timeout, max_frame=max_frame)
        self._waiting: dict[str, asyncio.Future[Payload]] = {}
        self._outbox: deque[str] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        # What follows an answer may end the connection (a Reset does), so the connection's end does not end it.
        self._afterwards: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._reader: asyncio.Task[None] | None = None
        self._closed = asyncio.Event()

    # Calling

    async def call(
        self,
        action: str,
        payload: Mapping[str, Any] | None = None,
        timeout: float | None = None,
        *,
        message_id: str | None = None,
        check: bool = True,
    ) -> Payload:
        """Send a CALL when its turn has come, and return the payload of its CALLRESULT.

        Args:
            action: name of the message without ``Request``.
            payload: its JSON object, empty when None.
            timeout: seconds from sending until it counts as timed out; the endpoint's ``call_timeout`` when None.
            message_id: an id of the caller's own (a retry).
            check: hold our payload against its schema first, if the endpoint validates what it sends at all.

        Raises:
            CallRefused: answered with CALLERROR.
            CallTimeout: not answered in time.
            ConnectionLost: the connection ended before.
            RemoteProtocolError: answered with what is no CALLRESULT of this action.
            LocalProtocolError: our own payload breaks its schema, or is no JSON.
        """
        body = dict(payload or {})
        if check and self.validation.outgoing:
            self._check_outgoing(action, "request", body)
        if self._closed.is_set():
            raise ConnectionLost(code=self.close_code, reason=self.close_reason)
        message_id = self._connection.call(action, body, self._now(), timeout=timeout, message_id=message_id)
        future: asyncio.Future[Payload] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = future
        try:
            await self._flush()
            return await future
        except asyncio.CancelledError:
            self._connection.cancel(message_id, self._now())
            self._spawn(self._flush())
            raise
        finally:
            self._waiting.pop(message_id, None)

    async def send(self, action: str, payload: Mapping[str, Any]) -> None:
        """Send a SEND, which is not answered (2.1).

        Raises:
            LocalProtocolError: the version has no SEND, or the payload breaks its schema.
            ConnectionLost: the connection has ended.
        """
        if self.validation.outgoing:
            self._check_outgoing(action, "request", dict(payload))
        if self._closed.is_set():
            raise ConnectionLost(code=self.close_code, reason=self.close_reason)
        self._connection.send(action, payload)
        await self._flush()

    # Living and ending

    def start(self) -> Self:
        """Begin to read, in a task of its own; return the endpoint."""
        if self._reader is None:
            self._reader = asyncio.get_running_loop().create_task(self._read(), name=f"ocpp {self.identity}")
        return self

    async def run(self) -> None:
        """Read and answer until the connection is closed."""
        self.start()
        await self.wait_closed()

    async def wait_closed(self) -> None:
        """Wait until the connection is closed."""
        await self._closed.wait()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """End the connection with a closing handshake."""
        await self.ws.close(code, reason)
        if self._reader is not None:
            await self.wait_closed()

    async def abort(self) -> None:
        """Drop the connection without a closing handshake, as a power cut or a lost network would."""
        self.ws.transport.abort()
        if self._reader is not None:
            await self.wait_closed()

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return self._closed.is_set()

    @property
    def close_code(self) -> int | None:
        """The WebSocket close code, None while open."""
        return self.ws.close_code

    @property
    def close_reason(self) -> str:
        """The WebSocket close reason."""
        return self.ws.close_reason or ""

    def set_ping_interval(self, seconds: float | None) -> None:
        """Change how often the connection is probed with a Ping (``WebSocketPingInterval``); None or 0 for never."""
        if self.ws.keepalive_task is not None:
            self.ws.keepalive_task.cancel()
            self.ws.keepalive_task = None
        self.ws.ping_interval = seconds or None
        self.ws.start_keepalive()

    # Inner workings

    def _now(self) -> float:
        return self.clock.monotonic() if self.clock is not None else asyncio.get_running_loop().time()

    async def _read(self) -> None:
        try:
            for number in itertools.count(1):
                data = await self.ws.recv()
                for event in self._connection.receive(data, self._now()):
                    self._dispatch(event)
                if self._connection.has_data:
                    await self._flush()
                while len(self._tasks) >= _MAX_TASKS:
                    await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
                if number % _BURST == 0:
                    await asyncio.sleep(0)
        except ConnectionClosed:
            pass  # the normal end of a connection; close_code says which
        finally:
            self._end()

    def _end(self) -> None:
        self._closed.set()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for event in self._connection.close():
            self._dispatch(event)
        if self._tasks:
            asyncio.get_running_loop().call_later(_LINGER, self._cancel_tasks)

    def _cancel_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def _flush(self) -> None:
        """Send what the protocol machine has to say, in order, and set the timer for its next deadline."""
        self._outbox.extend(self._connection.data_to_send())
        self._set_timer()
        try:
            # One at a time: whoever else flushes while a send waits for the socket goes on where this one is.
            while self._outbox:
                await self.ws.send(self._outbox.popleft())
        except ConnectionClosed:
            self._outbox.clear()  # the reader learns of it too, and tells those who wait

    def _set_timer(self) -> None:
        """Have the timer go off no later than the next deadline; one that goes off early is set again."""
        deadline = self._connection.next_deadline()
        if deadline is None:
            return
        loop = asyncio.get_running_loop()
        when = loop.time() + max(0.0, deadline - self._now())
        if self._timer is not None:
            if self._timer.when() <= when:
                return
            self._timer.cancel()
        self._timer = loop.call_at(when, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        for event in self._connection.handle_timeout(self._now()):
            self._dispatch(event)
        self._spawn(self._flush())

    def _spawn(self, work: Coroutine[Any, Any, None], among: set[asyncio.Task[None]] | None = None) -> None:
        """Do something in a task of its own, the first steps at once."""
        task = asyncio.Task(work, loop=asyncio.get_running_loop(), eager_start=True)
        if task.done():
            self._done(task)
            return
        (self._tasks if among is None else among).add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._afterwards.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("%s: a task failed", self.identity, exc_info=error)

    def _dispatch(self, event: Event) -> None:
        if self.on_event is not None:
            self.on_event(event)
        match event:
            case CallReceived():
                self._spawn(self._handle(event))
            case ResultReceived():
                self._deliver(event)
            case ErrorReceived(message_id, _, code, description, details):
                self._fail(message_id, CallRefused(code, description, details))
            case CallTimedOut(message_id, action, seconds):
                self._fail(message_id, CallTimeout(action, seconds))
            case CallAbandoned(message_id, _, sent):
                self._fail(message_id, ConnectionLost(sent=sent, code=self.close_code, reason=self.close_reason))
            case ProtocolViolation(error, _, call):
                logger.info("%s: peer broke the protocol: %s", self.identity, error)
                if call is not None and error.message_id is not None:
                    self._fail(error.message_id, error)
            case SendReceived():
                if self.on_send is not None:
                    self._spawn(self._take_send(event, self.on_send))
            case ResultErrorReceived() | LateAnswer():
                logger.info("%s: %s", self.identity, event)

    def _fail(self, message_id: str, error: OcppError) -> None:
        future = self._waiting.get(message_id)
        if future is not None and not future.done():
            future.set_exception(error)

    def _deliver(self, result: ResultReceived) -> None:
        future = self._waiting.get(result.message_id)
        if future is None or future.done():
            return
        if self.validation.responses and not schema.is_valid(self.version, result.action, "response", result.payload):
            problems = schema.validate(self.version, result.action, "response", result.payload)
            refusal = schema.refusal(self.version, problems)
            if self.version == "2.1":
                self._connection.refuse_result(result.message_id, refusal.code, refusal.description)
            text = f"the response to {result.action} breaks its schema: {refusal.description}"
            future.set_exception(RemoteProtocolError(refusal.code, result.message_id, text, 3))
        else:
            future.set_result(result.payload)

    async def _take_send(self, event: SendReceived, on_send: SendHandler) -> None:
        if not self.validation.requests or schema.is_valid(self.version, event.action, "request", event.payload):
            await on_send(event.action, event.payload)

    async def _handle(self, call: CallReceived) -> None:
        """Answer one CALL, whatever happens."""
        then = None
        try:
            self._check_incoming(call)
            answer = await self.handler(call.action, call.payload)
            if isinstance(answer, Reply):
                then, answer = answer.then, answer.payload
            if self.validation.outgoing:
                self._check_outgoing(call.action, "response", answer)
            self._connection.respond(call.message_id, answer)
        except CallRefused as refused:
            self._connection.refuse(call.message_id, refused.code, refused.description, refused.details)
        except Exception:
            logger.exception("%s: answering %s failed", self.identity, call.action)
            self._connection.refuse(call.message_id, ErrorCode.INTERNAL_ERROR)
        await self._flush()
        if then is not None:
            self._spawn(then(), self._afterwards)

    def _check_incoming(self, call: CallReceived) -> None:
        formats = self.validation.formats
        if self.validation.requests and not schema.is_valid(self.version, call.action, "request", call.payload, formats=formats):
            problems = schema.validate(self.version, call.action, "request", call.payload, formats=formats)
            raise schema.refusal(self.version, problems)

    def _check_outgoing(self, action: str, kind: schema.Kind, payload: Payload) -> None:
        if not schema.is_valid(self.version, action, kind, payload):
            problems = schema.validate(self.version, action, kind, payload)
            raise LocalProtocolError(f"our {action} {kind} breaks its schema: {schema.refusal(self.version, problems)}")
