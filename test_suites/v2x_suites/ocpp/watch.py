"""What a case sees of a link: the OCPP messages in the journal's frames, in the order of the wire."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Literal

import msgspec
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.events import Event, Frame, Json, LinkEvent
from v2x_harness.field import Field
from v2x_harness.finding import Layer
from v2x_harness.journal import Recorder

type Kind = Literal["CALL", "CALLRESULT", "CALLERROR", "SEND", "CALLRESULTERROR", "malformed"]

# More messages than this within one case are a flood: no more of them are kept, and nothing more is waited for.
_MOST = 50_000

_KINDS: dict[Json, Kind] = {2: "CALL", 3: "CALLRESULT", 4: "CALLERROR", 5: "CALLRESULTERROR", 6: "SEND"}


class Message:
    """One OCPP-J message as the tap saw it.

    Fields of the payload are attributes (``boot.reason``, ``boot.chargingStation.model``): see `v2x_harness.field.Field`.

    Attributes:
        kind: of the frame; ``malformed`` for what is no OCPP-J frame.
        sender: role that sent it.
        action: of the CALL, or of the CALL that this answers; empty when there is none.
        message_id: as it stands in the frame.
        code: the error code of a CALLERROR; empty else.
        n: number of the frame in the journal; ``t`` its monotonic stamp (s); ``at`` the wall time, RFC 3339.
        link: id of the connection; ``forged`` whether the harness made the frame itself.
    """

    __slots__ = ("action", "at", "code", "forged", "kind", "link", "message_id", "n", "payload", "sender", "t")

    def __init__(self, frame: Frame, kind: Kind, array: list[Json], action: str) -> None:
        self.kind, self.action, self.sender = kind, action, frame.sender
        self.n, self.t, self.at = frame.n, frame.t, frame.at
        self.link, self.forged = frame.link, frame.fate == "injected"
        self.message_id = array[1] if len(array) > 1 and isinstance(array[1], str) else ""
        place = {"CALL": 3, "SEND": 3, "CALLRESULT": 2, "CALLERROR": 4, "CALLRESULTERROR": 4}.get(kind, 0)
        has = 0 < place < len(array)
        self.payload = Field(array[place] if has else None, frame.n, f"/{place}", exists=has)
        self.code = str(array[2]) if place == 4 and len(array) > 2 else ""

    def __getattr__(self, name: str) -> Field:
        if name.startswith("__"):
            raise AttributeError(name)
        return self.payload[name]

    def has(self, fields: Mapping[str, Json]) -> bool:
        """Whether the payload has these fields with these values."""
        plain = self.payload.peek()
        return isinstance(plain, dict) and all(plain.get(name) == value for name, value in fields.items()) if fields else True

    @property
    def is_error(self) -> bool:
        """Whether it is a CALLERROR or CALLRESULTERROR."""
        return bool(self.code)

    def __repr__(self) -> str:
        what = self.action or self.message_id
        return f"<{self.kind} {what}{f' {self.code}' if self.code else ''} from {self.sender}, frame {self.n}>"


class Watch:
    """Follows a recorder and keeps the messages and link events of one case.

    Args:
        recorder: whose events are followed until `close`.

    Attributes:
        items: what was seen, in order.
        flooded: there was more than is kept.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.items: list[Message | LinkEvent] = []
        self._actions: dict[tuple[str, str], str] = {}
        self._recorder = recorder
        self._waiting: set[asyncio.Future[None]] = set()
        self.flooded = False
        self.close = recorder.subscribe(self._take)

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
            self.items.append(self._message(event))
        else:
            return
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def _message(self, frame: Frame) -> Message:
        try:
            array = frame.form() if frame.media == "json" else None
        except msgspec.DecodeError:
            array = None
        if not isinstance(array, list) or not array or not isinstance(array[0], int) or array[0] not in _KINDS:
            return Message(frame, "malformed", [], "")
        kind = _KINDS[array[0]]
        message_id = str(array[1]) if len(array) > 1 else ""
        if kind in ("CALL", "SEND"):
            action = str(array[2]) if len(array) > 2 else ""
            self._actions[frame.sender, message_id] = action
        else:
            # An answer goes against the direction of its CALL; a CALLRESULTERROR goes with it.
            caller = frame.sender if kind == "CALLRESULTERROR" else frame.to
            action = self._actions.get((caller, message_id), "")
        return Message(frame, kind, array, action)

    def saw[T: Message | LinkEvent](self, what: Callable[[Message | LinkEvent], T | None], start: int) -> T | None:
        """Return the first item from index `start` on that `what` accepts, if there is one already."""
        return next((found for item in self.items[start:] if (found := what(item)) is not None), None)

    async def wait[T: Message | LinkEvent](
        self, what: Callable[[Message | LinkEvent], T | None], start: int, within: float, words: str
    ) -> tuple[int, T]:
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


def _brief(item: Message | LinkEvent) -> str:
    if isinstance(item, LinkEvent):
        return f"{item.event} by {item.by or 'the network'}"
    return f"{item.kind} {item.action}{f' {item.code}' if item.code else ''} from {item.sender}"
