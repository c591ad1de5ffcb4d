"""A vehicle in software, for an EVCC to sit on: a battery at a plug, and a driver's wishes."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from v2x_architecture.coupling import Coupling, CpState, Present
from v2x_architecture.iso15118.charging import ChargingNeeds, EnergyTransferMode, ProfileEntry, Schedule
from v2x_architecture.iso15118.evcc.vehicle import Demand, Limits, Wish
from v2x_architecture.vehicle.battery import ElectricVehicle
from v2x_architecture.vehicle.ress import Ress

_SECONDS_PER_HOUR = 3600.0


class DriverSettings(msgspec.Struct, kw_only=True):
    """What a driver can change at any time.

    Attributes:
        evcc_id: MAC address of the EVCC.
        modes: ways of energy transfer, the dearest first.
        target_soc: state of charge to stop at (percent).
        departure_s: in so many seconds; None where the driver says nothing.
        min_current_a: in AC, below which the charger takes none (A).
        line_voltage_v: in AC of a phase (V).
        wish: for something else than charging until the target; it comes true once, but standby lasts until it is changed.
        with_profile: whether it answers schedules with a charging profile.
        give_w: in scheduled control of a service with both ways, what it gives back instead of charging (W).
        keep_soc: state of charge that it keeps when it gives (percent).
        max_discharge_w: of its charger for AC (W).
    """

    evcc_id: bytes = bytes.fromhex("0200000000e1")
    modes: tuple[EnergyTransferMode, ...] = ("DC_extended", "DC_core", "AC_three_phase_core", "AC_single_phase_core")
    target_soc: float = 80.0
    departure_s: int | None = None
    min_current_a: float = 6.0
    line_voltage_v: float = 230.0
    wish: Wish = Wish.CHARGE
    with_profile: bool = True
    give_w: float = 0.0
    keep_soc: float = 20.0
    max_discharge_w: float = 0.0


class SimulatedEv:
    """A vehicle at a plug.

    Args:
        plug: with a vehicle and its battery.
        settings: what its driver wants; may be changed at any time.

    Raises:
        ValueError: the plug has no vehicle.
    """

    def __init__(self, plug: Coupling, settings: DriverSettings | None = None) -> None:
        if plug.vehicle is None or plug.ress is None:
            raise ValueError("an EVCC needs a vehicle with a battery")
        self.plug = plug
        self.vehicle: ElectricVehicle = plug.vehicle
        self.ress: Ress = plug.ress
        self.settings = settings or DriverSettings()

    @property
    def evcc_id(self) -> bytes:
        """EVCCID."""
        return self.settings.evcc_id

    @property
    def modes(self) -> tuple[EnergyTransferMode, ...]:
        """Ways of energy transfer that it takes."""
        return self.settings.modes

    def needs(self, mode: EnergyTransferMode, now: float) -> ChargingNeeds:
        """Return what it tells of itself."""
        self.plug.advance(now)
        missing = self.vehicle.model.capacity_wh * max(0.0, self.settings.target_soc - self.vehicle.soc) / 100
        if mode.startswith("AC"):
            phases = 1 if mode == "AC_single_phase_core" else self.vehicle.model.phases
            most = self.vehicle.model.max_power_w / self.plug.charger_efficiency
            return ChargingNeeds(
                mode=mode,
                max_voltage_v=self.settings.line_voltage_v * (3**0.5 if phases > 1 else 1),
                max_current_a=most / self.settings.line_voltage_v / phases,
                min_current_a=self.settings.min_current_a,
                max_power_w=most,
                energy_wh=missing / self.plug.charger_efficiency,
                departure_s=self.settings.departure_s,
                max_discharge_w=self.settings.max_discharge_w,
            )
        model = self.ress.model
        return ChargingNeeds(
            mode=mode,
            max_voltage_v=model.max_voltage_v,
            max_current_a=model.max_charge_a,
            max_power_w=model.max_charge_w,
            energy_wh=missing,
            capacity_wh=self.vehicle.model.capacity_wh,
            departure_s=self.settings.departure_s,
            soc=self.vehicle.soc,
            max_discharge_a=self.ress.discharge_current if self.vehicle.soc > self.settings.keep_soc else 0.0,
            max_discharge_w=model.max_discharge_w,
            min_voltage_v=model.min_voltage_v,
        )

    def choose(self, schedules: Sequence[Schedule], now: float) -> tuple[Schedule, tuple[ProfileEntry, ...]]:
        """Choose the schedule that begins with the most power, and keep to all of it."""
        chosen = max(schedules, key=lambda each: each.entries[0].max_power_w)
        if not self.settings.with_profile:
            return chosen, ()
        return chosen, tuple(ProfileEntry(entry.start_s, entry.max_power_w) for entry in chosen.entries)

    def wish(self, now: float) -> Wish:
        """Tell what it wants: to charge until the target, unless the driver says otherwise."""
        if self.settings.wish is Wish.STANDBY:
            return Wish.STANDBY
        if self.settings.wish is not Wish.CHARGE:
            wish, self.settings.wish = self.settings.wish, Wish.CHARGE
            return wish
        soc = self.soc(now)
        if self.settings.give_w > 0:
            return Wish.STOP if soc <= self.settings.keep_soc else Wish.CHARGE
        return Wish.STOP if soc >= self.settings.target_soc or self.vehicle.full else Wish.CHARGE

    def soc(self, now: float) -> float:
        """Return the state of charge (percent)."""
        self.plug.advance(now)
        return self.vehicle.soc

    def set_cp(self, state: CpState, now: float) -> None:
        """Change the control pilot's state."""
        self.plug.set_cp(state, now)

    def set_contactor(self, *, closed: bool, now: float) -> None:
        """Close or open its contactors."""
        self.plug.set_ev_contactor(closed=closed, now=now)

    def battery_voltage(self, now: float) -> float:
        """Return the voltage that pre-charging is to reach (V)."""
        self.plug.advance(now)
        return self.ress.open_circuit_v

    def demand(self, limits: Limits, now: float) -> Demand:
        """Return what it demands in DC: all that its battery takes and the EVSE gives; nothing of one with limits below 0."""
        self.plug.advance(now)
        voltage = max(0.0, min(self.ress.model.max_voltage_v, limits.voltage_v))
        if self.settings.give_w > 0:
            given = min(self.settings.give_w / self.ress.open_circuit_v, self.ress.discharge_current)
            return Demand(voltage_v=voltage, current_a=-given)
        current = min(self.ress.charge_current, limits.current_a)
        current = max(0.0, min(current, limits.power_w / self.ress.voltage(max(0.0, current))))
        missing = self.vehicle.model.capacity_wh - self.vehicle.energy_wh
        power = self.ress.open_circuit_v * current
        remaining = missing * _SECONDS_PER_HOUR / power if power > 0 else None
        return Demand(voltage_v=voltage, current_a=current, remaining_s=remaining)

    def draw(self, limits: Limits, now: float) -> None:
        """Set its charger to all that it takes and the EVSE gives; below its least current to nothing."""
        if self.settings.give_w > 0 and limits.power_w > 0:
            self.follow(-self.settings.give_w, now)
            return
        current = limits.current_a if limits.current_a >= self.settings.min_current_a else 0.0
        phases = self.plug.outlet.phases if self.plug.outlet is not None else self.vehicle.model.phases
        used = min(phases, self.vehicle.model.phases)
        most = self.vehicle.model.max_power_w / self.plug.charger_efficiency
        self.plug.set_ac(max(0.0, min(current * self.settings.line_voltage_v * used, limits.power_w, most)), now)

    def follow(self, power_w: float, now: float) -> None:
        """Set its charger to a target, as far as it can."""
        most = self.vehicle.model.max_power_w / self.plug.charger_efficiency
        least = -self.settings.max_discharge_w if self.soc(now) > self.settings.keep_soc else 0.0
        self.plug.set_ac(max(least, min(power_w, most)), now)

    def power(self, now: float) -> float:
        """Return what its charger draws (W)."""
        return self.plug.ac(now).power_w

    def told(self, present: Present, now: float) -> None:
        """Hear what the EVSE says that it gives."""
        self.plug.told(present, now)
