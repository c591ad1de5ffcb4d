"""The plug between an EV and an EVSE: control pilot, contactors, voltage and current, and the meter that sees them.

Both sides act on one `Coupling`, so what one of them measures is what the other one gives. A side that is no model of ours is
assumed to do as it is told: an unknown EV takes what is set, an unknown EVSE gives what it says.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from v2x_architecture.site.meter import Meter
from v2x_architecture.site.supply import AcOutletModel, DcSupply
from v2x_architecture.vehicle.battery import ElectricVehicle
from v2x_architecture.vehicle.ress import Ress

_SECONDS_PER_HOUR: Final = 3600.0
_STEP: Final = 60.0
"""Longest time that currents are taken as constant for (s)."""


class CpState(StrEnum):
    """State of the control pilot (IEC 61851-1: table A.4)."""

    A = "A"
    """No EV."""
    B = "B"
    """An EV that is not ready for energy."""
    C = "C"
    """An EV that is ready for energy."""
    D = "D"
    """An EV that is ready for energy and wants ventilation."""
    E = "E"
    """The EVSE or the cable is at fault."""


class Present(msgspec.Struct, frozen=True):
    """What can be measured at the plug.

    Attributes:
        voltage_v: between DC+ and DC-, or of a phase against neutral (V).
        current_a: into the EV; of AC on each phase in use (A).
        power_w: into the EV, on all phases (W).
    """

    voltage_v: float = 0.0
    current_a: float = 0.0
    power_w: float = 0.0


class Coupling:
    """An EV at an EVSE.

    Args:
        outlet: AC side of the EVSE; None for an unknown EVSE, or one with DC only.
        supply: DC side of the EVSE; None for an unknown EVSE, or one with AC only.
        vehicle: the EV; None for an unknown one.
        ress: its battery for DC; None for an unknown EV.
        meter: that sees what flows, at the outlet or at the DC output.
        charger_efficiency: of the EV's charger for AC, both ways.
    """

    def __init__(
        self,
        *,
        outlet: AcOutletModel | None = None,
        supply: DcSupply | None = None,
        vehicle: ElectricVehicle | None = None,
        ress: Ress | None = None,
        meter: Meter | None = None,
        charger_efficiency: float = 0.92,
    ) -> None:
        self.outlet, self.supply, self.vehicle, self.ress = outlet, supply, vehicle, ress
        self.meter = meter or Meter()
        self.charger_efficiency = charger_efficiency
        # What cannot be seen of an unknown EV is taken to be as it must be.
        self.cp_state = CpState.B if vehicle is not None else CpState.C
        self.plugged = True
        """Whether the EV's plug is in; without it the EVSE sees nothing of what the EV does."""
        self.evse_contactor_closed = False
        self.ev_contactor_closed = False
        self.evse_contactor_stuck = False
        """A fault: the EVSE's contactor stays as it is."""
        self.ev_contactor_welded = False
        """A fault: the EV's contactors do not open any more."""
        self.ac_set_w = 0.0
        """What the EV's charger is set to draw, or to give back when negative (W)."""
        self._told = Present()
        self._now: float | None = None

    def advance(self, now: float) -> None:
        """Let time pass until now (s of a clock that never goes back); energy flows as things stand."""
        seconds = now - self._now if self._now is not None else 0.0
        self._now = now if self._now is None else max(now, self._now)
        while seconds > 0:
            self._pass(min(seconds, _STEP))
            seconds -= _STEP

    def connect(self, vehicle: ElectricVehicle | None, ress: Ress | None, now: float) -> None:
        """Plug an EV in.

        Args:
            vehicle: the EV; None for an unknown one.
            ress: its battery for DC; None for an unknown EV.
            now: the time.
        """
        self.advance(now)
        self.vehicle, self.ress, self.plugged = vehicle, ress, True
        self.cp_state = CpState.B if vehicle is not None else CpState.C
        self.ev_contactor_closed, self.ac_set_w = False, 0.0

    def disconnect(self, now: float) -> None:
        """Pull the plug: nothing flows any more, whatever either side wants."""
        self.switch_off(now)
        self.vehicle = self.ress = None
        self.plugged, self.cp_state = False, CpState.A
        self.evse_contactor_closed = self.ev_contactor_closed = False
        self.ac_set_w, self._told = 0.0, Present()

    # What the EV does

    def set_cp(self, state: CpState, now: float) -> None:
        """Change the control pilot's state. Without C or D an AC contactor opens by itself (IEC 61851-1: 6.3.1)."""
        self.advance(now)
        if not self.plugged:
            return
        self.cp_state = state
        if state not in (CpState.C, CpState.D) and self.supply is None:
            self.set_evse_contactor(closed=False, now=now)

    def set_ev_contactor(self, *, closed: bool, now: float) -> None:
        """Close or open the EV's contactors."""
        self.advance(now)
        self.ev_contactor_closed = self.plugged and (closed or self.ev_contactor_welded)

    def set_ac(self, power_w: float, now: float) -> None:
        """Set what the EV's charger draws; negative to give back (W)."""
        self.advance(now)
        self.ac_set_w = power_w if self.plugged else 0.0

    # What the EVSE does

    def set_evse_contactor(self, *, closed: bool, now: float) -> bool:
        """Close or open the EVSE's contactor; return whether it did."""
        self.advance(now)
        if not self.evse_contactor_stuck:
            self.evse_contactor_closed = closed
        return self.evse_contactor_closed == closed

    def set_dc(self, voltage_v: float, current_a: float, now: float) -> None:
        """Set the DC supply (V, A; a negative current takes from the EV)."""
        self.advance(now)
        if self.supply is not None:
            self.supply.set(voltage_v, current_a)

    def switch_off(self, now: float) -> None:
        """Switch the DC supply off."""
        self.advance(now)
        if self.supply is not None:
            self.supply.switch_off()

    def told(self, present: Present, now: float) -> None:
        """Hear what an EVSE says it gives; only where there is no model of it that is known better."""
        self.advance(now)
        self._told = present

    # What both can measure

    def dc(self, now: float) -> Present:
        """Measure DC."""
        self.advance(now)
        return self._dc()

    def ac(self, now: float) -> Present:
        """Measure AC."""
        self.advance(now)
        power = self._ac_power()
        outlet = self.outlet or AcOutletModel()
        phases = min(outlet.phases, self.vehicle.model.phases) if self.vehicle is not None else outlet.phases
        live = self.evse_contactor_closed or self.outlet is None
        return Present(outlet.voltage_v if live else 0.0, power / outlet.voltage_v / phases, power)

    def _pass(self, seconds: float) -> None:
        energy = 0.0
        if self.supply is not None and not self.ev_contactor_closed:
            self.supply.open_circuit(seconds)
        dc = self._dc()
        if dc.current_a:
            energy = self.ress.flow(dc.current_a, seconds) if self.ress is not None else dc.power_w * seconds / _SECONDS_PER_HOUR
            if self.supply is not None:
                self.supply.voltage_v = dc.voltage_v
        elif (power := self._ac_power()) > 0:
            energy = self._charge(power, seconds)
        elif power < 0:
            energy = -self._give_back(-power, seconds)
        if energy >= 0:
            self.meter.add(energy)
        else:
            self.meter.give(-energy)

    def _dc(self) -> Present:
        supply, ress = self.supply, self.ress
        if supply is None:
            told = self._told
            if not self.ev_contactor_closed or ress is None:
                return Present(told.voltage_v)
            return _direct(ress.voltage(told.current_a), told.current_a)
        if ress is None:
            # An unknown EV: it is taken to hold the voltage that is asked for, and to take what is set.
            if not (supply.on and self.evse_contactor_closed):
                return Present(supply.voltage_v)
            return _direct(supply.set_voltage_v, supply.limited(supply.set_current_a, supply.set_voltage_v))
        if not self.ev_contactor_closed:
            return Present(supply.voltage_v)
        if not supply.on:
            return Present(ress.open_circuit_v)
        current = supply.limited(supply.set_current_a, ress.open_circuit_v)
        current = max(-ress.discharge_current, min(current, ress.charge_current))
        # It pushes no current into a battery whose voltage is above what it is set to.
        if current > 0:
            current = max(0.0, min(current, (supply.set_voltage_v - ress.open_circuit_v) / ress.model.resistance_ohm))
        return _direct(ress.voltage(current), current)

    def _ac_power(self) -> float:
        """What flows into the EV's charger now (W)."""
        if self.supply is not None or (self.outlet is not None and not self.evse_contactor_closed):
            return 0.0
        if self.outlet is None and self.cp_state not in (CpState.C, CpState.D):
            return 0.0
        limit = self.outlet.max_power_w if self.outlet is not None else self.ac_set_w
        wanted = min(self.ac_set_w, limit)
        if self.vehicle is None:
            return wanted
        if wanted < 0:
            floor = self.ress.model.min_soc if self.ress is not None else 0.0
            back = self.outlet.max_discharge_w if self.outlet is not None else -wanted
            return -min(-wanted, back) if self.vehicle.soc > floor else 0.0
        phases = self.outlet.phases if self.outlet is not None else 3
        return self.vehicle.power(wanted * self.charger_efficiency, phases) / self.charger_efficiency

    def _charge(self, power_w: float, seconds: float) -> float:
        if self.vehicle is None:
            return power_w * seconds / _SECONDS_PER_HOUR
        phases = self.outlet.phases if self.outlet is not None else 3
        return self.vehicle.charge(power_w * self.charger_efficiency, seconds, phases) / self.charger_efficiency

    def _give_back(self, power_w: float, seconds: float) -> float:
        if self.vehicle is None:
            return power_w * seconds / _SECONDS_PER_HOUR
        floor = self.ress.model.min_soc if self.ress is not None else 0.0
        return self.vehicle.discharge(power_w / self.charger_efficiency, seconds, floor) * self.charger_efficiency


def _direct(voltage_v: float, current_a: float) -> Present:
    return Present(voltage_v, current_a, voltage_v * current_a)
