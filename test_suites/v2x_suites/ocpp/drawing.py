"""Drawing from Hypothesis strategies while a case runs: quickly, and the same for the same seed.

Hypothesis' own backend looks for constants in every module of ours that happens to be loaded, which costs seconds in each process
and makes what it draws depend on more than the seed. This one draws from nothing but the seed. It is registered as Hypothesis
asks of a backend (``hypothesis.internal.conjecture.providers.AVAILABLE_PROVIDERS``); failures shrink with it as with any other.
"""

from __future__ import annotations

import math
from functools import cache
from random import Random
from typing import ClassVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, PrimitiveProvider
from hypothesis.internal.intervalsets import IntervalSet

# What is drawn where a strategy gives no bound.
_WIDE = 1 << 32
_LONG = 20


class SeededProvider(PrimitiveProvider):
    """Draws evenly from what a strategy allows.

    Attributes:
        seed: of everything that one test function draws; each seed is a class of its own, see `backend`.
    """

    lifetime = "test_function"
    seed: ClassVar[str] = ""

    def __init__(self, data: ConjectureData | None, /) -> None:
        super().__init__(data)
        self._random = Random(self.seed)

    def draw_boolean(self, p: float = 0.5) -> bool:
        """Return True with a probability."""
        return self._random.random() < p

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: dict[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        """Return an integer between bounds; weights are heeded where they are all that there is."""
        if weights and min_value is not None and max_value is not None and len(weights) == max_value - min_value + 1:
            return self._random.choices(list(weights), list(weights.values()))[0]
        low = min_value if min_value is not None else (max_value if max_value is not None else 0) - _WIDE
        high = max_value if max_value is not None else max(low, 0) + _WIDE
        return self._random.randint(low, high)

    def draw_float(
        self,
        *,
        min_value: float = -math.inf,
        max_value: float = math.inf,
        allow_nan: bool = True,
        smallest_nonzero_magnitude: float,
    ) -> float:
        """Return a finite number between bounds."""
        low = min_value if math.isfinite(min_value) else min(-float(_WIDE), max_value)
        high = max_value if math.isfinite(max_value) else max(float(_WIDE), low)
        drawn = self._random.uniform(low, high)
        return drawn if abs(drawn) >= smallest_nonzero_magnitude or not low <= 0 <= high else 0.0

    def draw_string(self, intervals: IntervalSet, *, min_size: int = 0, max_size: int = _WIDE) -> str:
        """Return a text of some length out of an alphabet."""
        size = self._random.randint(min_size, min(max_size, min_size + _LONG)) if len(intervals) else 0
        return "".join(chr(intervals[self._random.randrange(len(intervals))]) for _ in range(size))

    def draw_bytes(self, min_size: int = 0, max_size: int = _WIDE) -> bytes:
        """Return bytes of some length."""
        return self._random.randbytes(self._random.randint(min_size, min(max_size, min_size + _LONG)))


@cache
def backend(seed: str) -> str:
    """Return the name of a Hypothesis backend that draws by this seed."""
    name = f"v2x-{seed}"
    AVAILABLE_PROVIDERS[name] = type("SeededProvider", (SeededProvider,), {"seed": seed})
    return name


def bounded(count: int, seed: str, *, steps: int = 50) -> settings:
    """Return settings of Hypothesis for examples that are drawn once and used elsewhere.

    Args:
        steps: of each sequence, when sequences are drawn.
    """
    return settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        backend=backend(seed),
        stateful_step_count=steps,
    )


def draw[T](strategy: st.SearchStrategy[T], count: int, seed: str) -> list[T]:
    """Draw at most so many examples from a strategy; the first is its simplest."""
    drawn: list[T] = []

    @bounded(count, seed)
    @given(strategy)
    def keep(example: T) -> None:
        drawn.append(example)

    keep()
    return drawn[:count]
