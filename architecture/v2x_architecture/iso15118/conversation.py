"""A state machine and its connection: what comes is given to the one, what it gives is sent on the other, in time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from v2x_architecture.clock import Clock
from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.secc.outputs import Close
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.tcp import Link


class Machine(Protocol):
    """An SECC or an EVCC."""

    @property
    def next_deadline(self) -> float | None:
        """When `handle_timeout` is to be called."""
        ...

    @property
    def over(self) -> bool:
        """Whether there is nothing more to say."""
        ...

    def receive(self, event: v2gtp.Event, now: float) -> Sequence[Send | Close]:
        """Take what came."""
        ...

    def handle_timeout(self, now: float) -> Sequence[Send | Close]:
        """Hear that the deadline has come."""
        ...

    def lost(self, now: float) -> None:
        """Hear that the connection is gone."""
        ...


class Conversation:
    """One state machine on one connection.

    Args:
        link: the connection.
        machine: that speaks on it.
        clock: whose seconds the machine is given.
    """

    def __init__(self, link: Link, machine: Machine, clock: Clock) -> None:
        self._link, self._machine, self._clock = link, machine, clock
        self._coming: asyncio.Task[v2gtp.Event | None] | None = None

    async def hold(self, first: Sequence[Send | Close] = ()) -> None:
        """Go on until the machine is over or the connection is gone; then the connection is closed.

        Args:
            first: what the machine has to say without having heard anything.
        """
        machine, clock = self._machine, self._clock
        try:
            await self._say(first)
            while not machine.over:
                event = await self.next(machine.next_deadline)
                if isinstance(event, TimeoutError):
                    await self._say(machine.handle_timeout(clock.monotonic()))
                elif event is None:
                    machine.lost(clock.monotonic())
                else:
                    await self._say(machine.receive(event, clock.monotonic()))
        finally:
            # Whatever ends this, also being cancelled, no energy flows on.
            machine.lost(clock.monotonic())
            await self.drop()

    async def _say(self, outputs: Sequence[Send | Close]) -> None:
        for output in outputs:
            if isinstance(output, Send):
                if output.after > 0:
                    await asyncio.sleep(output.after)
                self._link.send(output.payload_type, output.payload)
            elif output.after > 0:
                await self.wait_for_end(output.after)

    async def wait_for_end(self, seconds: float) -> None:
        """Wait until the peer ends the connection, for so long at most; what it says is not heard any more."""
        until = self._clock.monotonic() + seconds
        while True:
            event = await self.next(until)
            if event is None or isinstance(event, TimeoutError):
                return

    async def next(self, deadline: float | None) -> v2gtp.Event | TimeoutError | None:
        """Wait for what comes next: a message, the end of the connection, or the deadline."""
        if self._coming is None:
            self._coming = asyncio.create_task(self._link.receive())
        timeout = max(0.0, deadline - self._clock.monotonic()) if deadline is not None else None
        done, _ = await asyncio.wait({self._coming}, timeout=timeout)
        if not done:
            return TimeoutError()
        coming, self._coming = self._coming, None
        return coming.result()

    async def drop(self) -> None:
        """End the connection."""
        if self._coming is not None:
            self._coming.cancel()
            await asyncio.wait({self._coming})
        await self._link.close()
