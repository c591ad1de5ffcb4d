"""What taps of all protocols do alike: programs and conditions, the wall time, and waiting for links."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Literal

from v2x_architecture.clock import Clock
from v2x_harness.steer import Steer, Toxic

from v2x_adapters.stages import Parties, Program
from v2x_adapters.steering import Steering
from v2x_adapters.toxics import Conditions


class Tapping:
    """The part of a tap that does not depend on what it taps.

    Args:
        parties: who stands at the ends of its links.
        clock: wall time of the frames.
        seed: of the random choices of toxics.

    Attributes:
        program: what the steerable stages do at present.
    """

    def __init__(self, parties: Parties, clock: Clock, seed: int) -> None:
        self.parties, self.program = parties, Program()
        self._clock = clock
        self._toxics: tuple[Toxic, ...] = ()
        self._rng = random.Random(seed)
        self._cut: Literal["", "refuse", "silent"] = ""
        self._waiting: list[asyncio.Future[None]] = []

    def install(self, stage: Literal["steer", "disguise"], steps: Sequence[Steer]) -> None:
        """Replace what the stage does; occurrence counts begin anew.

        Raises:
            ValueError: a step has a slip in it, see `Steering`.
        """
        steering = Steering(steps)
        if stage == "steer":
            self.program.steer = steering
        else:
            self.program.disguise = steering

    def wall(self) -> str:
        """Return the wall time as RFC 3339 UTC with microseconds."""
        return self._clock.now().isoformat(timespec="microseconds").replace("+00:00", "Z")

    def conditions(self) -> Conditions:
        """Return the conditions of the network for a new link."""
        return Conditions(self._toxics, self._rng) if self._toxics else Conditions()

    def _wake(self) -> None:
        """Have those look again who wait for something about the links to change."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_result(None)
        self._waiting.clear()

    async def _change(self) -> None:
        """Wait until something about the links has changed."""
        waiter = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        await waiter
