"""What an EVSE gives power with: an AC outlet, or a DC power supply with a voltage that takes time to change."""

from __future__ import annotations

import msgspec


class AcOutletModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An AC outlet behind a contactor.

    Attributes:
        voltage_v: of a phase against neutral (V).
        phases: 1 or 3.
        max_current_a: of a phase (A).
        frequency_hz: of the grid (Hz).
        max_discharge_a: that may flow back, of a phase (A); 0 where none may.
    """

    voltage_v: float = 230.0
    phases: int = 3
    max_current_a: float = 32.0
    frequency_hz: float = 50.0
    max_discharge_a: float = 0.0

    @property
    def max_power_w(self) -> float:
        """On all phases (W)."""
        return self.voltage_v * self.phases * self.max_current_a

    @property
    def max_discharge_w(self) -> float:
        """That may flow back on all phases (W)."""
        return self.voltage_v * self.phases * self.max_discharge_a


class DcSupplyModel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A DC power supply.

    Attributes:
        min_voltage_v, max_voltage_v: it can be set to (V).
        min_current_a, max_current_a: into the EV (A).
        max_power_w: into the EV (W).
        max_discharge_a, max_discharge_w: out of the EV (A, W); 0 for one that only charges.
        ripple_a: peak to peak (A).
        ramp_v_per_s: how fast its open output changes, up and down (V/s).
        insulation_ohm: between its output and earth (ohm).
        check_voltage_v: at which it measures that, unless the EV allows less (V).
        check_seconds: how long it measures.
    """

    min_voltage_v: float = 150.0
    max_voltage_v: float = 920.0
    min_current_a: float = 0.0
    max_current_a: float = 300.0
    max_power_w: float = 150_000.0
    max_discharge_a: float = 0.0
    max_discharge_w: float = 0.0
    ripple_a: float = 1.0
    ramp_v_per_s: float = 250.0
    insulation_ohm: float = 1_000_000.0
    check_voltage_v: float = 500.0
    check_seconds: float = 3.0


class DcSupply:
    """A DC power supply with its output open or on a battery.

    Args:
        model: what it can do.
    """

    def __init__(self, model: DcSupplyModel) -> None:
        self.model = model
        self.set_voltage_v = 0.0
        self.set_current_a = 0.0
        self.voltage_v = 0.0
        self.on = False

    def set(self, voltage_v: float, current_a: float) -> None:
        """Set voltage (V) and current (A, positive into the EV), within what it can do; that switches it on."""
        model = self.model
        self.set_voltage_v = min(max(voltage_v, 0.0), model.max_voltage_v)
        self.set_current_a = min(max(current_a, -model.max_discharge_a), model.max_current_a)
        self.on = True

    def switch_off(self) -> None:
        """Give no more; the open output falls to zero."""
        self.set_voltage_v = self.set_current_a = 0.0
        self.on = False

    def open_circuit(self, seconds: float) -> None:
        """Let time pass with the output open: its voltage moves to the set point."""
        step = self.model.ramp_v_per_s * max(0.0, seconds)
        gap = self.set_voltage_v - self.voltage_v
        self.voltage_v += min(step, gap) if gap > 0 else max(-step, gap)

    def limited(self, current_a: float, voltage_v: float) -> float:
        """Return a current within its power at a voltage (A)."""
        most = self.model.max_power_w / voltage_v if voltage_v > 0 else self.model.max_current_a
        back = self.model.max_discharge_w / voltage_v if voltage_v > 0 else 0.0
        return min(max(current_a, -back), most)
