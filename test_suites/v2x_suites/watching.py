"""What a case sees of its links: the messages in the journal's frames, and what became of the connections, as they came."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.events import Event, Frame, LinkEvent
from v2x_harness.finding import Layer
from v2x_harness.journal import Recorder
from v2x_harness.subject import Pixit

# More messages than this within one case are a flood: no more of them are kept, and nothing more is waited for.
_MOST = 50_000


class Readable(Protocol):
    """A message of whatever protocol."""

    @property
    def brief(self) -> str:
        """What it is and whose, in a few words."""
        ...


class Watch[M: Readable](ABC):
    """Follows a recorder and keeps the messages and link events of one case.

    Args:
        recorder: whose events are followed until `close`.

    Attributes:
        items: what was seen, in order.
        flooded: there was more than is kept.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.items: list[M | LinkEvent] = []
        self._recorder = recorder
        self._waiting: set[asyncio.Future[None]] = set()
        self.flooded = False
        self.close = recorder.subscribe(self._take)

    @abstractmethod
    def read(self, frame: Frame) -> M:
        """Return the message in a frame."""

    @property
    def now(self) -> float:
        """Seconds on the journal's clock."""
        return self._recorder.now

    @property
    def connected(self) -> bool:
        """Whether the last connection that was seen to open or close is open."""
        changes = [i.event for i in self.items if isinstance(i, LinkEvent) and i.event in ("open", "close", "refused")]
        return not changes or changes[-1] == "open"

    @property
    def obstacle(self) -> str:
        """What the last event of the link says of why there is no connection, as the end of a sentence; empty if nothing."""
        last = next((i for i in reversed(self.items) if isinstance(i, LinkEvent)), None)
        if last is None or last.event == "open":
            return ""
        said = [f"HTTP {status}"] if (status := last.detail.get("status")) else []
        said += [str(last.detail[name]) for name in ("code", "reason") if last.detail.get(name)]
        what = {"close": "closed", "tls": "failed in TLS"}.get(last.event, last.event)
        by = f" by {'our tap' if last.by == 'tap' else f'the {last.by}'}" if last.by else ""
        return f"; the last connection was {what}{by}" + (f" ({', '.join(said)})" if said else "")

    def _take(self, event: Event) -> None:
        if isinstance(event, Frame | LinkEvent) and len(self.items) >= _MOST:
            self.flooded = True
        elif isinstance(event, LinkEvent):
            self.items.append(event)
        elif isinstance(event, Frame):
            self.items.append(self.read(event))
        else:
            return
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def saw[T](self, what: Callable[[M | LinkEvent], T | None], start: int) -> T | None:
        """Return the first item from index `start` on that `what` accepts, if there is one already."""
        return next((found for item in self.items[start:] if (found := what(item)) is not None), None)

    async def wait[T](self, what: Callable[[M | LinkEvent], T | None], start: int, within: float, words: str) -> tuple[int, T]:
        """Wait for the first item from index `start` on that `what` accepts.

        Args:
            within: seconds of the lane's clock.
            words: what is waited for, for the finding.

        Returns:
            The item's index, and the item.

        Raises:
            NotSeen: it did not come in time.
            CannotJudge: there have been more messages than can be looked through.
            JournalError: nothing is recorded any more, so nothing can be judged.
        """
        deadline = asyncio.get_running_loop().time() + within
        index = start
        while True:
            while index < len(self.items):
                if (found := what(self.items[index])) is not None:
                    return index, found
                index += 1
            if self._recorder.broken:
                raise self._recorder.broken
            if self.flooded:
                raise CannotJudge(f"the link is flooded: more than {_MOST} messages in one case")
            future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.add(future)
            try:
                async with asyncio.timeout_at(deadline):
                    await future
            except TimeoutError:
                came = ", ".join(_brief(i) for i in self.items[start:][-8:]) or "nothing"
                raise NotSeen(f"{words} within {within:g} s", expected=words, seen=came, layer=Layer.TIMING) from None
            finally:
                self._waiting.discard(future)


def _brief(item: Readable | LinkEvent) -> str:
    if isinstance(item, LinkEvent):
        return f"{item.event} by {item.by or 'the network'}"
    return item.brief


class Onlooker[W: Watch[Any]]:
    """The subject of a case as the tap sees it.

    What it is waited for goes forward only: never back past what the case has consumed, so that a wrong order cannot pass.

    Args:
        role: the role under test.
        watch: what is seen of the case.
        pixit: the subject's timers and values.
        version: of the protocol.
    """

    def __init__(self, role: str, watch: W, pixit: Pixit, version: str) -> None:
        self.role, self.watch, self.pixit, self.version = role, watch, pixit, version
        self._next = 0

    def from_now(self) -> None:
        """Forget what has passed: a precondition's messages are not the case's."""
        self._next = len(self.watch.items)
