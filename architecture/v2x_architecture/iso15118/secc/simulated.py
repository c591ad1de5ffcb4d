"""An EVSE in software, for an SECC to sit on: a plug, a power supply or outlet, a meter, and an operator's wishes."""

from __future__ import annotations

import msgspec

from v2x_architecture.coupling import Coupling, CpState, Present
from v2x_architecture.iso15118.charging import (
    AcLimits,
    ChargingNeeds,
    Choice,
    DcLimits,
    DcStatus,
    EnergyTransferMode,
    Notification,
    Schedule,
    ScheduleEntry,
)
from v2x_architecture.iso15118.secc.evse import Authorization, Check

_DAY = 86_400
_SAFE_OHM_PER_V = 100.0
"""Insulation below which a DC supply must not be used (IEC 61851-23: CC.4.1)."""


class EvseSettings(msgspec.Struct, kw_only=True):
    """What an operator can change at any time.

    Attributes:
        evse_id: EVSEID (15118-2: annex H).
        meter_id: of the meter.
        authorization: whether energy may flow; or how it is to be found out.
        authorization_s: how long it takes to be found out, once asked for (s).
        schedule_s: how long schedules take to be worked out (s).
        schedules: to be offered; None for one at the full power there is, for a day.
        max_current_a, max_power_w: limits below those of the hardware (A, W); None for none.
        target_power_w: what is to flow in dynamic control (W), negative to take back; None for all that the EVSE can give.
        notification: what the EVSE wants of the EV.
        dc_status: that is told while nothing is the matter.
        rcd_tripped: whether the residual current device of AC has found an error; then nothing flows.
        insulation_ohm: between output, cable and EV on one side and earth on the other (ohm); that of the supply when None.
    """

    evse_id: str = "DE*V2X*E0001"
    meter_id: str = "V2X-METER-1"
    authorization: Authorization = Authorization.ACCEPTED
    authorization_s: float = 0.0
    schedule_s: float = 0.0
    schedules: tuple[Schedule, ...] | None = None
    max_current_a: float | None = None
    max_power_w: float | None = None
    target_power_w: float | None = None
    notification: Notification = Notification()
    dc_status: DcStatus = "EVSE_Ready"
    rcd_tripped: bool = False
    insulation_ohm: float | None = None


class SimulatedEvse:
    """An EVSE with one plug.

    Args:
        plug: that an EV is at, or that stands for any EV.
        settings: what its operator wants; may be changed at any time.
    """

    def __init__(self, plug: Coupling, settings: EvseSettings | None = None) -> None:
        if plug.supply is None and plug.outlet is None:
            raise ValueError("an EVSE needs an outlet or a DC supply")
        self.plug = plug
        self.settings = settings or EvseSettings()
        self.needs: ChargingNeeds | None = None
        self.soc: float | None = None
        """What the EV said last (percent)."""
        self.choice: Choice | None = None
        """What the EV chose last."""
        self._asked: float | None = None
        self._needs_since: float | None = None
        self._checking: float | None = None
        self._told_w: float | None = None

    @property
    def evse_id(self) -> str:
        """EVSEID."""
        return self.settings.evse_id

    @property
    def modes(self) -> tuple[EnergyTransferMode, ...]:
        """Ways of energy transfer that there are."""
        if self.plug.supply is not None:
            return ("DC_extended", "DC_core")
        assert self.plug.outlet is not None
        if self.plug.outlet.phases == 1:
            return ("AC_single_phase_core",)
        return ("AC_three_phase_core", "AC_single_phase_core")

    def authorization(self, now: float) -> Authorization:
        """Tell whether energy may flow."""
        if self._asked is None:
            self._asked = now
        waiting = now - self._asked < self.settings.authorization_s
        return Authorization.ONGOING if waiting else self.settings.authorization

    def set_needs(self, needs: ChargingNeeds, now: float) -> None:
        """Hear what the EV told of itself."""
        if self._needs_since is None or self.needs is None or _lasting(needs) != _lasting(self.needs):
            self._needs_since = now
        self.needs = needs
        if needs.soc is not None:
            self.soc = needs.soc
        # Parameters that are exchanged anew ask for a new test.
        self._checking = None
        if not self.plug.evse_contactor_closed:
            self._told_w = None

    def set_soc(self, soc: float, now: float) -> None:
        """Hear the EV's state of charge (percent)."""
        self.soc = soc

    def set_ev_power(self, power_w: float, now: float) -> None:
        """Hear what the EV says that it draws in AC (W)."""
        self._told_w = power_w
        self._assume_load(now)

    def schedules(self, now: float) -> tuple[Schedule, ...] | None:
        """Return what the operator offers, or the full power until the EV departs, for a day if it does not say ([V2G2-303])."""
        if self._needs_since is not None and now - self._needs_since < self.settings.schedule_s:
            return None
        departure = self.needs.departure_s if self.needs is not None else None
        if self.settings.schedules is not None:
            return tuple(each.lasting(departure) if departure else each for each in self.settings.schedules)
        power = self.dc_limits(now).max_power_w
        if self.plug.supply is None:
            limits = self.ac_limits(now)
            phases = 1 if self.needs is not None and self.needs.mode == "AC_single_phase_core" else limits.phases
            power = limits.nominal_voltage_v * limits.max_current_a * phases
        return (Schedule(id=1, entries=(ScheduleEntry(start_s=0, max_power_w=power, duration_s=departure or _DAY),)),)

    def choose(self, choice: Choice, now: float) -> None:
        """Hear what the EV has chosen."""
        self.choice, self._needs_since = choice, None

    def end(self, now: float, *, paused: bool) -> None:
        """Hear that the EV ends the session, or pauses it; this EVSE has nothing to do about it."""

    def ac_limits(self, now: float) -> AcLimits:
        """Return what it offers in AC: nothing, where there is no outlet."""
        outlet = self.plug.outlet
        if outlet is None:
            return AcLimits(nominal_voltage_v=0.0, max_current_a=0.0, phases=1)
        current = min(outlet.max_current_a, _or_inf(self.settings.max_current_a))
        if self.settings.max_power_w is not None:
            current = min(current, self.settings.max_power_w / outlet.voltage_v / outlet.phases)
        return AcLimits(
            nominal_voltage_v=outlet.voltage_v,
            max_current_a=current,
            phases=outlet.phases,
            max_discharge_a=outlet.max_discharge_a,
            frequency_hz=outlet.frequency_hz,
        )

    def dc_limits(self, now: float) -> DcLimits:
        """Return what it offers in DC: nothing, where there is no supply."""
        if self.plug.supply is None:
            none = dict.fromkeys(DcLimits.__struct_fields__, 0.0)
            return DcLimits(**none)
        model = self.plug.supply.model
        return DcLimits(
            min_voltage_v=model.min_voltage_v,
            max_voltage_v=model.max_voltage_v,
            min_current_a=model.min_current_a,
            max_current_a=min(model.max_current_a, _or_inf(self.settings.max_current_a)),
            max_power_w=min(model.max_power_w, _or_inf(self.settings.max_power_w)),
            ripple_a=model.ripple_a,
            max_discharge_a=model.max_discharge_a,
            max_discharge_w=model.max_discharge_w,
        )

    def cp_state(self, now: float) -> CpState:
        """Return the state of the control pilot."""
        self.plug.advance(now)
        return self.plug.cp_state

    def notification(self, now: float) -> Notification:
        """Return what the operator wants of the EV."""
        return self.settings.notification

    def rcd(self, now: float) -> bool:
        """Tell whether the residual current device of AC has tripped, which cuts the EV off."""
        if self.settings.rcd_tripped and self.plug.evse_contactor_closed:
            self.plug.set_evse_contactor(closed=False, now=now)
        return self.settings.rcd_tripped

    def dc_status(self, now: float) -> DcStatus:
        """Return the state of the DC supply."""
        if self.settings.notification.kind == "StopCharging" and self.settings.dc_status == "EVSE_Ready":
            return "EVSE_Shutdown"
        return self.settings.dc_status

    def cable_check(self, now: float) -> Check:
        """Bring voltage to the cable, measure, and take it away again."""
        supply = self.plug.supply
        if supply is None:
            return Check.FAILED
        if self._checking is None:
            self._checking = now
            most = self.needs.max_voltage_v if self.needs is not None else supply.model.check_voltage_v
            self.plug.set_dc(min(supply.model.check_voltage_v, most), 0.0, now)
        if now - self._checking < supply.model.check_seconds:
            return Check.ONGOING
        told = self.settings.insulation_ohm
        insulation = supply.model.insulation_ohm if told is None else told
        safe = insulation >= _SAFE_OHM_PER_V * supply.model.max_voltage_v
        self.plug.switch_off(now)
        return Check.PASSED if safe else Check.FAILED

    def close_contactor(self, now: float) -> bool:
        """Connect the EV; return whether it worked."""
        self._assume_load(now)
        return not self.rcd(now) and self.plug.set_evse_contactor(closed=True, now=now)

    def open_contactor(self, now: float) -> bool:
        """Disconnect the EV; return whether it worked."""
        return self.plug.set_evse_contactor(closed=False, now=now)

    def set_dc(self, voltage_v: float, current_a: float, now: float) -> None:
        """Set the DC supply (V, A)."""
        self.plug.set_dc(voltage_v, current_a, now)

    def switch_off(self, now: float) -> None:
        """Switch the DC supply off."""
        self.plug.switch_off(now)

    def present(self, now: float) -> Present:
        """Measure what flows."""
        return self.plug.dc(now) if self.plug.supply is not None else self.plug.ac(now)

    def target_power(self, now: float) -> float:
        """Return what the operator wants to flow in dynamic control (W), within what the EVSE can do."""
        limits = self.dc_limits(now) if self.plug.supply is not None else self.ac_limits(now)
        wanted = self.settings.target_power_w
        if wanted is None:
            return limits.max_power_w
        return max(-limits.max_discharge_w, min(wanted, limits.max_power_w))

    def exported(self, now: float) -> float:
        """Return the meter's export register (Wh)."""
        self.plug.advance(now)
        return self.plug.meter.exported_wh

    def meter(self, now: float) -> tuple[str, float]:
        """Return the meter's id and its import register (Wh)."""
        self._assume_load(now)
        self.plug.advance(now)
        return self.settings.meter_id, self.plug.meter.energy_wh

    def _assume_load(self, now: float) -> None:
        """Have an unknown EV draw the AC that it says, or else all that it is offered and said to take."""
        if self.plug.vehicle is not None or self.plug.outlet is None or self.needs is None:
            return
        if self._told_w is not None:
            self.plug.set_ac(self._told_w, now)
            return
        limits = self.ac_limits(now)
        phases = 1 if self.needs.mode == "AC_single_phase_core" else limits.phases
        self.plug.set_ac(min(self.needs.max_current_a, limits.max_current_a) * limits.nominal_voltage_v * phases, now)


def _or_inf(limit: float | None) -> float:
    return float("inf") if limit is None else limit


def _lasting(needs: ChargingNeeds) -> ChargingNeeds:
    """Return the needs without what changes while energy flows and time passes."""
    return msgspec.structs.replace(needs, energy_wh=None, soc=None, departure_s=None)
