"""The last meter readings of a station."""

from __future__ import annotations

from typing import Any, NamedTuple

from v2x_suites.ocpp.rules.known.moments import later

# So many registers are kept for each station.
REGISTERS_KEPT = 512
NOISE = 1e-6


class Main:
    """The energy register of one place, and what the power beside it says.

    Attributes:
        time: of the last sample, with its energy (Wh), what that was multiplied with, and power (W; None where there was none).
        width: length of the time when it is in UTC, so that times can be compared as they are written; else -1.
        least_power: with the next three: about the power (W) and the time it stands for (h) when energy and power were last
            compared closely and fitted.
        strikes: how often running they did not fit.
    """

    __slots__ = (
        "energy",
        "least_hours",
        "least_power",
        "most_hours",
        "most_power",
        "power",
        "scale",
        "strikes",
        "time",
        "width",
    )

    def __init__(self, time: str, energy: float, scale: float, power: float | None) -> None:
        self.least_power = self.most_power = self.least_hours = self.most_hours = 0.0
        self.strikes = 0
        self.take(time, energy, scale, power)

    def take(self, time: str, energy: float, scale: float, power: float | None) -> None:
        """Take the next sample."""
        self.time, self.energy, self.scale, self.power = time, energy, scale, power
        self.width = len(time) if time[-1] == "Z" else -1

    def fits(self, power: float, hours: float) -> None:
        """Take note that energy and power fit."""
        self.strikes = 0
        self.least_power, self.most_power = max(1.0, power / 2), power * 2
        self.least_hours, self.most_hours = hours / 4, hours * 4


class Registers:
    """The last readings of a station.

    Attributes:
        main: by transaction or place, the register of imported energy over all phases.
        others: by transaction or place, measurand, phase and location: timestamp, value and unit of any other register.
        layouts: by number of samples, how the last meter value of so many was made up.
    """

    __slots__ = ("layouts", "main", "others")

    def __init__(self) -> None:
        self.main: dict[object, Main] = {}
        self.layouts: dict[int, Layout] = {}
        self.others: dict[tuple[object, ...], tuple[str, float, str | None]] = {}

    def restart(self) -> None:
        """Forget the readings that belong to no transaction: a station without a meter's register may begin anew."""
        self.main = {place: reading for place, reading in self.main.items() if type(place) is not tuple}
        self.others = {key: reading for key, reading in self.others.items() if type(key[0]) is not tuple}

    def advance(self, key: tuple[object, ...], time: str, value: float, unit: str | None) -> float | None:
        """Take a reading; return the earlier one when it was higher."""
        last = self.others.get(key)
        if last is None:
            if len(self.others) >= REGISTERS_KEPT:
                del self.others[next(iter(self.others))]
        elif unit != last[2]:
            last = None
        elif not later(time, last[0]):
            return None
        self.others[key] = (time, value, unit)
        return last[1] if last is not None and value < last[1] - NOISE else None


class Layout(NamedTuple):
    """How a meter value is made up. A station sends the same again and again: what was found out once need not be again.

    Attributes:
        measurands: of each sample.
        units: of each sample; of 2.0.1 the whole ``unitOfMeasure``.
        special: index of those that must be looked at each time, with what to do and what to multiply with.
    """

    measurands: list[str]
    units: list[Any]
    special: tuple[tuple[int, int, float], ...]
