"""The eyes of a case: the subject as the tap sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.events import Json, LinkEvent
from v2x_harness.finding import Layer

from v2x_suites.ocpp.watch import Kind, Message, Watch, answer_to
from v2x_suites.watching import Onlooker

# So long nothing must be said before a case goes on from a precondition (s).
_CALM = 1.0


def _anything(item: Message | LinkEvent) -> Message | LinkEvent | None:
    return item


class UnderTest(Onlooker[Watch]):
    """A station or CSMS under test."""

    async def calm(self) -> None:
        """Wait until nothing has been said for a moment, then leave what has passed behind.

        Raises:
            CannotJudge: it never becomes calm.
        """
        deadline = self.watch.now + self.pixit.settle
        while self.watch.now < deadline:
            try:
                await self.watch.wait(_anything, len(self.watch.items), _CALM, "silence")
            except NotSeen:
                self.from_now()
                return
        raise CannotJudge(f"the {self.role} does not come to rest within {self.pixit.settle:g} s")

    async def expect(self, action: str, *, within: float | None = None, **fields: Json) -> Message:
        """Wait for the subject's next CALL of this action whose payload has these fields.

        Args:
            within: seconds; the subject's ``settle`` when None.

        Raises:
            NotSeen: it did not come.
        """
        words = f"{action}{f' with {fields}' if fields else ''} from the {self.role}"
        index, message = await self.watch.wait(
            lambda i: self._is(i, ("CALL", "SEND"), action, fields), self._next, within or self.pixit.settle, words
        )
        self._next = index + 1
        return message

    async def expect_where(self, fits: Callable[[Message], bool], words: str, *, within: float | None = None) -> Message:
        """Wait for the subject's next CALL that `fits`.

        Args:
            words: what that is, for the finding.

        Raises:
            NotSeen: it did not come.
        """

        def accept(item: Message | LinkEvent) -> Message | None:
            message = self._is(item, ("CALL", "SEND"), "*", {})
            return message if message and fits(message) else None

        index, message = await self.watch.wait(accept, self._next, within or self.pixit.settle, words)
        self._next = index + 1
        return message

    async def expect_all(self, *wanted: Mapping[str, Json] | str, within: float | None = None) -> list[Message]:
        """Wait for several CALLs in whatever order.

        Args:
            wanted: actions, or fields with the action under ``action``.

        Returns:
            The messages in the order of `wanted`; what comes next is looked for after the last of them.

        Raises:
            NotSeen: one of them did not come.
        """
        start, end, found = self._next, self._next, list[Message]()
        deadline = self.watch.now + (within or self.pixit.settle)
        for each in wanted:
            fields = {"action": each} if isinstance(each, str) else dict(each)
            action = str(fields.pop("action"))
            left = max(deadline - self.watch.now, 0.0)
            index, message = await self.watch.wait(
                partial(self._is_new, found, action, fields),
                start,
                left,
                f"{action}{f' with {fields}' if fields else ''} from the {self.role}",
            )
            found.append(message)
            end = max(end, index + 1)
        self._next = end
        return found

    async def answer(self, call: Message, within: float | None = None) -> Message:
        """Wait for the subject's answer to a CALL.

        Raises:
            NotSeen: there was none.
        """
        return await answer_to(self.watch, call, within or self.pixit.answer)

    async def answer_to_id(self, message_id: str, within: float | None = None) -> Message:
        """Wait for the subject's answer to a CALL that the case has injected.

        Raises:
            NotSeen: there was none.
        """

        def accept(item: Message | LinkEvent) -> Message | None:
            fits = isinstance(item, Message) and item.sender == self.role and item.message_id == message_id
            return item if fits and isinstance(item, Message) and item.kind in ("CALLRESULT", "CALLERROR") else None

        words = f"an answer to the CALL with id {message_id}"
        return (await self.watch.wait(accept, 0, within or self.pixit.answer, words))[1]

    async def answered(self, call: Message, within: float | None = None) -> Message:
        """Wait for the answer that the subject's own CALL was given by its counterpart."""
        return await answer_to(self.watch, call, within or self.pixit.answer)

    async def stays_quiet(self, *actions: str, for_: float | None = None, **fields: Json) -> None:
        """Watch that the subject sends no CALL of these actions (of any, when none is given) for a while.

        Args:
            for_: seconds; the subject's ``quiet`` when None.

        Raises:
            NotSeen: it sent one.
        """
        seconds = for_ or self.pixit.quiet
        try:
            index, message = await self.watch.wait(
                lambda i: next((m for a in actions or ("*",) if (m := self._is(i, ("CALL", "SEND"), a, fields))), None),
                self._next,
                seconds,
                "silence",
            )
        except NotSeen:
            self._next = len(self.watch.items)
            return
        self._next = index + 1
        what = " or ".join(actions) or "CALL"
        raise NotSeen(
            f"the {self.role} sent {message.action} though it must not within {seconds:g} s",
            expected=f"no {what}",
            seen=repr(message),
            frame=message.n,
            layer=Layer.SEQUENCE,
        )

    async def reconnects(self, within: float | None = None) -> LinkEvent:
        """Wait for the next connection that is open.

        Raises:
            NotSeen: there was none in time.
        """
        return await self._link("open", within or self.pixit.reboot)

    async def disconnects(self, within: float | None = None) -> LinkEvent:
        """Wait for the connection to close.

        Raises:
            NotSeen: it stayed open.
        """
        return await self._link("close", within or self.pixit.settle)

    async def _link(self, event: str, within: float) -> LinkEvent:
        index, link = await self.watch.wait(
            lambda i: i if isinstance(i, LinkEvent) and i.event == event else None, self._next, within, f"a connection to {event}"
        )
        self._next = index + 1
        return link

    def sent(self, action: str = "*", **fields: Json) -> list[Message]:
        """Return every CALL of this action that the subject has sent since the case began; consumes nothing."""
        return [m for i in self.watch.items if (m := self._is(i, ("CALL", "SEND"), action, fields))]

    def _is_new(self, found: list[Message], action: str, fields: Mapping[str, Json], item: Message | LinkEvent) -> Message | None:
        return None if item in found else self._is(item, ("CALL", "SEND"), action, fields)

    def _is(self, item: Message | LinkEvent, kinds: tuple[Kind, ...], action: str, fields: Mapping[str, Json]) -> Message | None:
        if not isinstance(item, Message) or item.sender != self.role or item.kind not in kinds or item.forged:
            return None
        if action not in ("*", item.action):
            return None
        return item if item.has(fields) else None


class StationUnderTest(UnderTest):
    """A charging station as the tap sees it."""

    @property
    def connectors(self) -> list[tuple[int, int]]:
        """EVSE and connector of every connector it has, by PIXIT ``connectors``: the number of connectors of each EVSE."""
        counts = self.pixit.values.get("connectors", [1])
        each = [n for n in counts if isinstance(n, int)] if isinstance(counts, list) else [1]
        return [(evse, connector) for evse, count in enumerate(each, 1) for connector in range(1, count + 1)]


class CsmsUnderTest(UnderTest):
    """A CSMS as the tap sees it."""

    def heard(self, action: str) -> list[Message]:
        """Return every CALL of this action that has reached it since the case began; consumes nothing."""
        calls = [i for i in self.watch.items if isinstance(i, Message) and i.kind == "CALL" and i.action == action]
        return [m for m in calls if m.sender != self.role]
