"""When a station was refused a connection of late."""

from __future__ import annotations

STORM = 5
_WITHIN = 10.0


class Refusals:
    """When a station was refused of late."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: list[float] = []

    def add(self, t: float) -> float | None:
        """Take a refusal; return within what time (s) the station was refused five times, if that is a storm."""
        times = self._times
        times.append(t)
        del times[:-STORM]
        if len(times) < STORM or times[-1] - times[0] > _WITHIN:
            return None
        within = times[-1] - times[0]
        times.clear()
        return within
