"""Conditions of the network, in the words of Toxiproxy: how `Toxic`s bear on one link. No sockets, no clock.

Some strike frames (duplicate, reorder, drop, timeout): those answer with `Command`s, so that the journal says what became of
each. The others bear on octets and on the end of the connection.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from v2x_harness.steer import Toxic

from v2x_adapters.steering import Command, Drop, Forward, Hold, Send


@dataclass(frozen=True, slots=True)
class Ending:
    """The connection ends by itself: after so many seconds, in which way."""

    after: float
    how: Literal["close", "reset"]


class Conditions:
    """What bears on one link; keeps what each direction has used up of bandwidth and limit.

    Args:
        toxics: the conditions.
        rng: source of every random choice.
    """

    def __init__(self, toxics: Sequence[Toxic] = (), rng: random.Random | None = None) -> None:
        self._toxics = tuple(toxics)
        self._rng = rng or random.Random()
        self._busy: dict[str, float] = {}
        self._last: dict[str, float] = {}
        self._passed: dict[Toxic, int] = {}

    def __bool__(self) -> bool:
        return bool(self._toxics)

    def endings(self) -> list[Ending]:
        """Return when the connection ends by itself, counted from when the conditions begin."""
        endings = [Ending(toxic.seconds, "reset") for toxic in self._toxics if toxic.kind == "reset"]
        timeouts = [toxic for toxic in self._toxics if toxic.kind == "timeout" and toxic.seconds]
        return endings + [Ending(toxic.seconds, "close") for toxic in timeouts]

    def strike(self, sender: str, to: str, *, control: bool = False) -> tuple[Command, ...] | None:
        """Say what the conditions do to a frame; None when they leave it alone.

        Args:
            sender: role that sent it.
            to: role it is for.
            control: whether it is a control frame, which only a ``timeout`` keeps back.
        """
        more: list[Command] = []
        hold = False
        for toxic in self._on(sender):
            if toxic.kind == "timeout":
                return (Drop(),)
            if control or toxic.kind not in ("drop", "duplicate", "reorder") or self._rng.random() >= toxic.probability:
                continue
            if toxic.kind == "drop":
                return (Drop(),)
            if toxic.kind == "duplicate":
                more.append(Send(to, None))
            else:
                hold = True
        if not (hold or more):
            return None
        return Hold(next((toxic.seconds for toxic in self._on(sender, "reorder")), 0.0)) if hold else Forward(), *more

    def slow(self, sender: str) -> bool:
        """Whether octets of a sender arrive later than they were sent."""
        return any(toxic.kind in ("latency", "bandwidth") for toxic in self._on(sender))

    def fragment(self, sender: str) -> int:
        """Return the size of the fragments that messages are cut into (octets); 0 for none."""
        return next((toxic.size for toxic in self._on(sender, "slice")), 0)

    def gap(self, sender: str) -> float:
        """Return the time from one fragment to the next (s)."""
        return next((toxic.seconds for toxic in self._on(sender, "slice")), 0.0)

    def linger(self, sender: str) -> float:
        """Return how much later the end of the connection reaches the other side (s)."""
        return sum(toxic.seconds for toxic in self._on(sender, "slow_close"))

    def admitted(self, sender: str, size: int) -> int:
        """Return how many of these octets still pass before a limit closes the connection."""
        for toxic in self._on(sender, "limit"):
            passed = self._passed.get(toxic, 0)
            self._passed[toxic] = passed + size
            size = min(size, max(0, toxic.size - passed))
        return size

    def release(self, sender: str, size: int, now: float) -> float:
        """Return when octets sent now arrive (seconds on the clock of `now`); never before those sent earlier."""
        at = now
        for toxic in self._on(sender, "bandwidth"):
            if toxic.rate > 0:
                at = max(at, self._busy.get(sender, at)) + size / toxic.rate
                self._busy[sender] = at
        for toxic in self._on(sender, "latency"):
            at += max(0.0, toxic.seconds + self._rng.uniform(-toxic.jitter, toxic.jitter))
        self._last[sender] = at = max(at, self._last.get(sender, at))
        return at

    def _on(self, sender: str, kind: str = "") -> list[Toxic]:
        return [toxic for toxic in self._toxics if toxic.sender in ("", sender) and kind in ("", toxic.kind)]
