"""A state machine of ours on a connection, stopped before what a case wants to send otherwise.

The machine goes on only while a case awaits one of the desk's methods: what came meanwhile waits in the connection, so that a
case can look at a response, and decide whether our side is to hear of it.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from v2x_architecture.clock import Clock
from v2x_architecture.iso15118.conversation import Conversation, Machine
from v2x_architecture.iso15118.secc.outputs import Close
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.tcp import Link


class Desk:
    """One connection of one state machine.

    Args:
        machine: that is spoken for.
        link: the connection.
        clock: whose seconds the machine is given.

    Attributes:
        held: what the machine wants to send, and has not.
        ended: whether the connection is gone.
    """

    def __init__(self, machine: Machine, link: Link, clock: Clock) -> None:
        self.machine, self.link, self._clock = machine, link, clock
        self.held: Send | None = None
        self._conversation = Conversation(link, machine, clock)
        self._due: deque[Send | Close] = deque()
        self._patient = False
        self.ended = asyncio.Event()

    def begin(self, outputs: Sequence[Send | Close]) -> None:
        """Take what the machine has to say without having heard anything."""
        self._due.extend(outputs)

    async def go_on(self, until: Callable[[Send], bool] | None = None, *, seconds: float | None = None) -> Send | None:
        """Let the machine go on.

        Args:
            until: what it is to be stopped at; None for nothing. What was held before is sent as it is.
            seconds: for how long at most; None for as long as it takes.

        Returns:
            What it was stopped at, now `held`; None when the time is over, the machine is, or the connection has ended.
        """
        if self.held is not None:
            self.send(self.held)
        end = None if seconds is None else self._clock.monotonic() + seconds
        while not self.ended.is_set():
            while self._due:
                output = self._due.popleft()
                if isinstance(output, Close):
                    await self._conversation.wait_for_end(output.after)
                    await self.close()
                    return None
                if output.after > 0:
                    await asyncio.sleep(output.after)
                if until is not None and until(output):
                    self.held = output
                    return output
                self.send(output)
                self._patient = False
            if self.machine.over:
                await self.close()
                return None
            deadline = None if self._patient else self.machine.next_deadline
            if end is not None and (deadline is None or end < deadline):
                deadline = end
            event = await self._conversation.next(deadline)
            now = self._clock.monotonic()
            if isinstance(event, TimeoutError):
                if end is not None and now >= end:
                    return None
                self._due.extend(self.machine.handle_timeout(now))
            elif event is None:
                self.machine.lost(now)
                await self.close()
            else:
                self._patient = False
                self._due.extend(self.machine.receive(event, now))
        return None

    def send(self, message: Send) -> None:
        """Send a message, in the place of what is held or by itself; an answer may take its time."""
        self.held, self._patient = None, True
        self.link.send(message.payload_type, message.payload)

    def send_raw(self, octets: bytes) -> None:
        """Send octets as they are."""
        self.held, self._patient = None, True
        self.link.send_raw(octets)

    async def close(self, *, abort: bool = False) -> None:
        """End the connection; the machine hears of it, so that no energy flows on."""
        if not self.ended.is_set():
            self.ended.set()
            self.machine.lost(self._clock.monotonic())
            if abort:
                self.link.abort()
            await self._conversation.drop()
