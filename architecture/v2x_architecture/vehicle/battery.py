"""A battery that takes what it is offered until it tapers off, solved in closed form: an hour is as cheap as a second."""

from __future__ import annotations

import math

import msgspec

_SECONDS_PER_HOUR = 3600.0


class VehicleModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What kind of vehicle it is.

    Attributes:
        capacity_wh: usable energy of the battery (Wh).
        soc: state of charge on arrival (percent, 0 to 100).
        max_power_w: what the charger takes at most, on all its phases (W).
        phases: phases the on-board charger uses, 1 to 3.
        taper_from: state of charge from which the charger takes less and less (percent).
        cut_off: share of ``max_power_w`` below which the charger calls the battery full.
    """

    capacity_wh: float = 60_000.0
    soc: float = 20.0
    max_power_w: float = 11_040.0
    phases: int = 3
    taper_from: float = 80.0
    cut_off: float = 0.03

    def __post_init__(self) -> None:
        if not (self.capacity_wh > 0 and self.max_power_w > 0 and 0 <= self.soc <= 100):
            raise ValueError("a vehicle needs capacity_wh > 0, max_power_w > 0 and soc between 0 and 100 (percent)")
        if self.phases not in (1, 2, 3) or not 0 < self.taper_from < 100 or not 0 < self.cut_off < 1:
            raise ValueError("a vehicle needs 1 to 3 phases, taper_from within 0 and 100 (percent), cut_off within 0 and 1")


class ElectricVehicle:
    """One vehicle with its charge.

    From ``taper_from`` on, the power it takes falls in proportion to what is missing, to ``cut_off`` at full charge; there it
    stops taking any. Limited offers are met by less power, and the taper begins later.

    Args:
        model: what kind of vehicle it is.
    """

    def __init__(self, model: VehicleModel) -> None:
        self.model = model
        self.energy_wh = model.capacity_wh * model.soc / 100
        self.suspended = False
        start = model.capacity_wh * model.taper_from / 100
        self._taper_start = start
        self._taper_end = (model.capacity_wh - model.cut_off * start) / (1 - model.cut_off)

    @property
    def soc(self) -> float:
        """State of charge (percent)."""
        return 100 * self.energy_wh / self.model.capacity_wh

    @property
    def full(self) -> bool:
        """Whether the battery takes no more."""
        return self.energy_wh >= self.model.capacity_wh * (1 - 1e-9)

    @property
    def wants_energy(self) -> bool:
        """Whether it would charge now if it were offered energy."""
        return not (self.suspended or self.full)

    def power(self, offered_w: float, phases: int = 3) -> float:
        """Return the power it takes now (W), out of ``offered_w`` on that many phases."""
        if not self.wants_energy:
            return 0.0
        return min(offered_w, self._ceiling(self._peak(phases)))

    def charge(self, offered_w: float, seconds: float, phases: int = 3) -> float:
        """Charge for so long and return the energy taken (Wh)."""
        if seconds <= 0 or offered_w <= 0 or not self.wants_energy:
            return 0.0
        before = self.energy_wh
        peak = self._peak(phases)
        level = min(offered_w, peak)
        flat = self._seconds_flat(level, peak)
        self.energy_wh += level * min(seconds, flat) / _SECONDS_PER_HOUR
        if seconds > flat:
            missing = self._taper_end - self.energy_wh
            self.energy_wh = self._taper_end - missing * math.exp(-self._decay(peak) * (seconds - flat))
        self.energy_wh = min(self.energy_wh, self.model.capacity_wh)
        return self.energy_wh - before

    def discharge(self, power_w: float, seconds: float, floor_soc: float = 0.0) -> float:
        """Give power for so long, down to a state of charge, and return the energy given (Wh).

        Args:
            power_w: what leaves the battery (W).
            seconds: for how long.
            floor_soc: state of charge that is kept (percent).
        """
        left = self.energy_wh - self.model.capacity_wh * floor_soc / 100
        given = max(0.0, min(power_w * seconds / _SECONDS_PER_HOUR, left))
        self.energy_wh -= given
        return given

    def store(self, energy_wh: float) -> float:
        """Take energy as it comes (Wh), as a charger outside the vehicle gives it; return what there was room for."""
        taken = max(0.0, min(energy_wh, self.model.capacity_wh - self.energy_wh))
        self.energy_wh += taken
        return taken

    def seconds_to_full(self, offered_w: float, phases: int = 3) -> float | None:
        """Return how long until it stops taking energy (s), or None when it takes none at this offer."""
        if offered_w <= 0 or not self.wants_energy:
            return None
        peak = self._peak(phases)
        level = min(offered_w, peak)
        flat = self._seconds_flat(level, peak)
        knee = self.energy_wh + level * flat / _SECONDS_PER_HOUR
        if knee >= self.model.capacity_wh:
            return (self.model.capacity_wh - self.energy_wh) * _SECONDS_PER_HOUR / level
        left = (self._taper_end - knee) / (self._taper_end - self.model.capacity_wh)
        return flat + math.log(left) / self._decay(peak)

    def _peak(self, phases: int) -> float:
        """Power its charger can take on that many phases (W)."""
        return self.model.max_power_w * min(phases, self.model.phases) / self.model.phases

    def _ceiling(self, peak: float) -> float:
        if self.energy_wh <= self._taper_start:
            return peak
        return peak * (self._taper_end - self.energy_wh) / (self._taper_end - self._taper_start)

    def _decay(self, peak: float) -> float:
        """Rate at which the missing energy melts while tapering (1/s)."""
        return peak / (self._taper_end - self._taper_start) / _SECONDS_PER_HOUR

    def _seconds_flat(self, level: float, peak: float) -> float:
        """Time at constant ``level`` until the taper gives less than that (s)."""
        knee = self._taper_end - (self._taper_end - self._taper_start) * level / peak
        return max(0.0, (knee - self.energy_wh) * _SECONDS_PER_HOUR / level)
