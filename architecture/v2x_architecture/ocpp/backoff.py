"""When a station tries again after it lost its connection (2.0.1 part 4, 5.3; 1.6 leaves the mechanism open, errata 3.4)."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackOff:
    """The randomised, increasing wait between attempts.

    The first wait is the minimum; each further one doubles, ``repeat_times`` times, then stays. A new random part is added to
    each, and kept once the wait grows no more. A successful connection starts over.

    Attributes:
        wait_minimum: ``RetryBackOffWaitMinimum``, s.
        random_range: ``RetryBackOffRandomRange``, s.
        repeat_times: ``RetryBackOffRepeatTimes``.
    """

    wait_minimum: float = 10.0
    random_range: float = 5.0
    repeat_times: int = 4

    def delays(self, uniform: Callable[[float, float], float] = random.uniform) -> Iterator[float]:
        """Give the waits of one loss of connection, in seconds, without end."""
        wait = self.wait_minimum
        delay = wait + uniform(0, self.random_range)
        yield delay
        for _ in range(self.repeat_times):
            wait *= 2
            delay = wait + uniform(0, self.random_range)
            yield delay
        while True:
            yield delay
