"""The rechargeable energy storage system of an EV as a DC charger meets it: voltage, current, and what becomes of the energy."""

from __future__ import annotations

import math

import msgspec

from v2x_architecture.vehicle.battery import ElectricVehicle

_SECONDS_PER_HOUR = 3600.0


class RessModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What kind of RESS it is.

    Attributes:
        empty_v, full_v: open-circuit voltage at 0 and 100 percent; linear between (V).
        resistance_ohm: inner resistance (ohm).
        max_voltage_v: that may stand at its terminals (V); charging goes on at this voltage when it is reached.
        min_voltage_v: that it goes down to when it discharges (V).
        max_charge_a, max_charge_w: what it takes at most (A, W).
        max_discharge_a, max_discharge_w: what it gives at most (A, W); 0 for an EV that only charges.
        min_soc: state of charge below which it gives nothing (percent).
        cut_off_a: current below which charging is over (A).
    """

    empty_v: float = 330.0
    full_v: float = 400.0
    resistance_ohm: float = 0.05
    max_voltage_v: float = 403.0
    min_voltage_v: float = 300.0
    max_charge_a: float = 250.0
    max_charge_w: float = 100_000.0
    max_discharge_a: float = 0.0
    max_discharge_w: float = 0.0
    min_soc: float = 10.0
    cut_off_a: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.min_voltage_v <= self.empty_v < self.full_v <= self.max_voltage_v or self.resistance_ohm <= 0:
            raise ValueError("a RESS needs 0 < min_voltage_v <= empty_v < full_v <= max_voltage_v, and resistance_ohm > 0")


class Ress:
    """A battery with terminals. Current is positive into it.

    Args:
        model: what kind it is.
        vehicle: whose energy it holds.
    """

    def __init__(self, model: RessModel, vehicle: ElectricVehicle) -> None:
        self.model, self.vehicle = model, vehicle

    @property
    def open_circuit_v(self) -> float:
        """Voltage at its terminals without current (V)."""
        return self.model.empty_v + (self.model.full_v - self.model.empty_v) * self.vehicle.soc / 100

    def voltage(self, current_a: float) -> float:
        """Return the voltage at its terminals at a current (V)."""
        return self.open_circuit_v + self.model.resistance_ohm * current_a

    @property
    def charge_current(self) -> float:
        """What it would take now (A): the least of its current, its power and what its highest voltage leaves."""
        if not self.vehicle.wants_energy:
            return 0.0
        model, rest = self.model, self.open_circuit_v
        by_power = (math.sqrt(rest**2 + 4 * model.resistance_ohm * model.max_charge_w) - rest) / (2 * model.resistance_ohm)
        by_voltage = (model.max_voltage_v - rest) / model.resistance_ohm
        current = min(model.max_charge_a, by_power, by_voltage)
        return current if current >= model.cut_off_a else 0.0

    @property
    def discharge_current(self) -> float:
        """What it would give now (A), as a positive number."""
        model, rest = self.model, self.open_circuit_v
        if self.vehicle.soc <= model.min_soc or not model.max_discharge_a:
            return 0.0
        by_voltage = (rest - model.min_voltage_v) / model.resistance_ohm
        return max(0.0, min(model.max_discharge_a, model.max_discharge_w / rest, by_voltage))

    def flow(self, current_a: float, seconds: float) -> float:
        """Let a current flow, as far as there is room or energy; return the energy at its terminals (Wh, positive into it).

        What the inner resistance takes becomes heat.
        """
        if seconds <= 0 or current_a == 0:
            return 0.0
        rest = self.open_circuit_v
        wanted = rest * current_a * seconds / _SECONDS_PER_HOUR
        if current_a > 0:
            moved = self.vehicle.store(wanted)
        else:
            moved = -self.vehicle.discharge(rest * -current_a, seconds, self.model.min_soc)
        return moved * (rest + self.model.resistance_ohm * current_a) / rest
