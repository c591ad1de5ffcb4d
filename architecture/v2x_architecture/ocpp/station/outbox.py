"""Messages on their way to the CSMS: in order, one at a time; those about transactions outlive connections and power cuts."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import msgspec

from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.errors import (
    CallRefused,
    CallTimeout,
    ConnectionLost,
    LocalProtocolError,
    OcppError,
    RemoteProtocolError,
)
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.station.link import Link
from v2x_architecture.ocpp.station.storage import Store

_log = logging.getLogger(__name__)
_SECTION = "queue"
# A CSMS that answers so has no room for the message, such as a security event, and never will: nothing waits behind it.
_NEVER = frozenset({ErrorCode.NOT_IMPLEMENTED, ErrorCode.NOT_SUPPORTED})


class Offline(ConnectionError):
    """There is no connection, or the CSMS has not accepted the station: the message was not sent."""


class QueuedMessage(msgspec.Struct):
    """A message about a transaction, as it is kept until it is delivered.

    Attributes:
        action, payload: the CALL.
        transaction: id of the transaction it is about; empty for none.
        attempts: how often the CSMS failed to process it.
        offline: it could not be sent when it was made.
        replayed: it waited over a restart.
    """

    action: str
    payload: Payload
    transaction: str = ""
    attempts: int = 0
    offline: bool = False
    replayed: bool = False


@dataclass(slots=True)
class Entry:
    """A message in the outbox.

    Attributes:
        order: place in the line.
        message: what is sent.
        kept: it is stored and retried; others are sent once.
        answer: what came of it.
    """

    order: int
    message: QueuedMessage
    kept: bool
    answer: asyncio.Future[Payload]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently a message about a transaction is retried (E13; 1.6: TransactionMessageAttempts).

    Attributes:
        attempts: how often it is sent at most.
        interval_s: waited after the n-th failure: n times this (s).
    """

    attempts: int = 3
    interval_s: float = 60.0


class Outbox:
    """The line of messages.

    Args:
        store: where messages about transactions are kept.
        policy: asked before every retry.
        finish: fills in what is only known when a message leaves (the offline flag; in 1.6 the transaction id).
        delivered: told of the answer to a kept message.
        discarded: told of a kept message that was given up.
        dispensable: says which kept messages may be dropped when there is no room.
        limit: how many kept messages there is room for.

    Attributes:
        last_sent_at: when the last message left (s, the loop's).
    """

    def __init__(
        self,
        store: Store,
        *,
        policy: Callable[[], RetryPolicy],
        finish: Callable[[QueuedMessage], Payload],
        delivered: Callable[[QueuedMessage, Payload], None],
        discarded: Callable[[QueuedMessage], None],
        dispensable: Callable[[QueuedMessage], bool] = lambda _: False,
        limit: int = 10_000,
    ) -> None:
        self._store = store
        self._policy = policy
        self._finish = finish
        self._delivered = delivered
        self._discarded = discarded
        self._dispensable = dispensable
        self._limit = limit
        self._order = 0
        self._kept: deque[Entry] = deque()
        self._once: deque[Entry] = deque()
        self._wake = asyncio.Event()
        self._moved = asyncio.Event()
        self._link: Link | None = None
        self._accepted = False
        self._not_before = 0.0
        self.last_sent_at = 0.0
        for key, message in sorted(store.load(_SECTION, QueuedMessage).items(), key=lambda item: int(item[0])):
            message.offline = message.replayed = True
            self._order = int(key) - 1
            self._kept.append(self._entry(message, kept=True))

    def __len__(self) -> int:
        return len(self._kept)

    def __iter__(self) -> Iterator[QueuedMessage]:
        """Iterate over the kept messages, oldest first."""
        return (entry.message for entry in self._kept)

    @property
    def online(self) -> bool:
        """Whether ordinary messages go out now."""
        return self._link is not None and self._accepted

    def opened(self, link: Link, *, accepted: bool) -> None:
        """A connection stands; ``accepted``: the CSMS has accepted the station."""
        self._link = link
        self._accepted = accepted
        self._not_before = 0.0
        self._wake.set()

    def closed(self) -> None:
        """The connection is gone: what waits is offline now (E11.FR.07), what is sent once has failed."""
        self._link = None
        for entry in self._kept:
            if not entry.message.offline:
                entry.message.offline = True
                self._store.put(_SECTION, str(entry.order), entry.message)
        while self._once:
            _fail(self._once.popleft(), Offline())
        self._wake.set()
        self._moved.set()

    def keep(self, action: str, payload: Payload, transaction: str = "") -> None:
        """Send a message, again and again until the CSMS has processed it or the attempts are used up."""
        message = QueuedMessage(action, dict(payload), transaction, offline=not self.online)
        entry = self._entry(message, kept=True)
        self._store.put(_SECTION, str(entry.order), message)
        self._kept.append(entry)
        if len(self._kept) > self._limit:
            self._thin_out()
        self._wake.set()

    def send(self, action: str, payload: Payload, *, triggered: bool = False, urgent: bool = False) -> asyncio.Future[Payload]:
        """Send a message once.

        Args:
            action: name of the message.
            payload: its JSON object.
            triggered: the CSMS asked for it: it may go before the station is accepted (B02.FR.02).
            urgent: somebody waits for the answer: it goes before whatever waits but earlier urgent ones.

        Returns:
            A future that gets the answer, or `Offline`, `CallRefused`, `CallTimeout`, `ConnectionLost`.
        """
        entry = self._entry(QueuedMessage(action, dict(payload)), kept=False)
        if self._link is None or not (self._accepted or triggered):
            _fail(entry, Offline())
        elif urgent:
            entry.order = 0
            self._once.insert(next((place for place, each in enumerate(self._once) if each.order), len(self._once)), entry)
        else:
            self._once.append(entry)
        self._wake.set()
        return entry.answer

    def clear(self) -> None:
        """Forget everything that waits."""
        self._kept.clear()
        self._store.clear(_SECTION)
        while self._once:
            _fail(self._once.popleft(), Offline())

    async def run(self) -> None:
        """Send what there is, in order, for ever."""
        while True:
            entry, wait = self._next()
            link = self._link
            if entry is None or link is None:
                self._wake.clear()
                try:
                    async with asyncio.timeout(wait):
                        await self._wake.wait()
                except TimeoutError:
                    pass
            elif entry.kept:
                await self._deliver(link, entry)
            else:
                await self._transmit(link, self._once.popleft())

    def _next(self) -> tuple[Entry | None, float | None]:
        """Return the message whose turn it is, or how long the oldest kept one has to wait (s)."""
        if self._link is None:
            return None, None
        once = self._once[0] if self._once else None
        kept = self._kept[0] if self._kept and self._accepted else None
        if kept is None or (once is not None and once.order < kept.order):
            return once, None
        wait = self._not_before - asyncio.get_running_loop().time()
        return (once, wait) if wait > 0 else (kept, None)

    async def settled(self, timeout_s: float) -> None:
        """Wait until every kept message is delivered or given up, the connection is gone, or the time is over (s)."""
        try:
            async with asyncio.timeout(timeout_s):
                while self._kept and self._link is not None:
                    self._moved.clear()
                    await self._moved.wait()
        except TimeoutError:
            return

    async def _deliver(self, link: Link, entry: Entry) -> None:
        message = entry.message
        try:
            answer = await self._call(link, message.action, self._finish(message))
        except ConnectionLost:
            if self._link is link:
                self.closed()
        except CallRefused as refused:
            self._failed(entry, for_good=not message.transaction and refused.code in _NEVER)
        except (CallTimeout, RemoteProtocolError):
            self._failed(entry)
        except LocalProtocolError as error:
            _log.error("%s was not sent: %s", message.action, error)
            self._forget(entry)
            self._discarded(message)
        else:
            self._forget(entry)
            self._delivered(message, answer)

    async def _transmit(self, link: Link, entry: Entry) -> None:
        """Send a message once and pass its answer, or its failure, on."""
        try:
            answer = await self._call(link, entry.message.action, entry.message.payload)
        except OcppError as failure:
            _fail(entry, failure)
        else:
            if not entry.answer.done():
                entry.answer.set_result(answer)

    async def _call(self, link: Link, action: str, payload: Payload) -> Payload:
        self.last_sent_at = asyncio.get_running_loop().time()
        return await link.call(action, payload)

    def _failed(self, entry: Entry, *, for_good: bool = False) -> None:
        """Count a failure; wait, or give the message up (E13.FR.02 to 04), at once where another try is in vain."""
        policy = self._policy()
        entry.message.attempts += 1
        if for_good or entry.message.attempts >= policy.attempts:
            self._forget(entry)
            self._discarded(entry.message)
        else:
            self._store.put(_SECTION, str(entry.order), entry.message)
            self._not_before = asyncio.get_running_loop().time() + policy.interval_s * entry.message.attempts

    def _thin_out(self) -> None:
        """Make room: drop every other dispensable message, the first, the third… (E04.FR.08), but not one that is on its way."""
        for entry in [each for each in list(self._kept)[1:] if self._dispensable(each.message)][::2]:
            self._forget(entry)

    def _forget(self, entry: Entry) -> None:
        self._store.delete(_SECTION, str(entry.order))
        if entry in self._kept:
            self._kept.remove(entry)
        self._moved.set()

    def _entry(self, message: QueuedMessage, *, kept: bool) -> Entry:
        self._order += 1
        return Entry(self._order, message, kept, asyncio.get_running_loop().create_future())


def _fail(entry: Entry, failure: Exception) -> None:
    """Tell who waits; nobody need wait."""
    if not entry.answer.done():
        entry.answer.set_exception(failure)
        entry.answer.exception()
