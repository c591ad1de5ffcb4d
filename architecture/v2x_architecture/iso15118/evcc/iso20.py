"""The EVCC's side of ISO 15118-20 sessions, as it reads in the sequence charts: AC and DC, one way or both."""

from __future__ import annotations

from typing import Final

from v2x_architecture.coupling import CpState, Present
from v2x_architecture.iso15118.charging import EnergyTransferMode, Schedule, ScheduleEntry
from v2x_architecture.iso15118.evcc.dialogue import NO_CURRENT, SAFE_VOLTAGE, WELDING_CHECKS, Dialogue
from v2x_architecture.iso15118.evcc.iso20_parts import Iso20Parts
from v2x_architecture.iso15118.evcc.script import Ask, Ended, Ending, Outcome, Steps
from v2x_architecture.iso15118.evcc.vehicle import Demand, Limits, Wish
from v2x_architecture.iso15118.exi import Schema
from v2x_architecture.iso15118.exi.messages import iso20_ac as ac
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.services20 import ControlMode, ParameterSet, Service, from_message
from v2x_architecture.iso15118.v2gtp import PayloadType
from v2x_architecture.iso15118.values import quotient

_KINDS: Final = {"AC": (Schema.AC, PayloadType.ISO20_AC), "DC": (Schema.DC, PayloadType.ISO20_DC)}
_NOTHING: Final = Limits(voltage_v=0, current_a=0, power_w=0)


class Iso20Dialogue(Dialogue):
    """A session of ISO 15118-20; see `Dialogue`."""

    service: Service = Service.DC
    chosen: ParameterSet = ParameterSet(id=1, connector=2, control=ControlMode.SCHEDULED)

    def run(self) -> Steps[Outcome]:
        """Hold the session."""
        self.parts = Iso20Parts(self.ev, self.config)
        self.parts.session_id = self.session_id
        yield from self.session_setup()
        yield from self.authorization_setup()
        yield from self.authorization()
        yield from self.service_discovery()
        yield from self.service_selection()
        yield from self.charge_parameter_discovery()
        wish = yield from (self.charge_ac() if self.energy == "AC" else self.charge_dc())
        yield from self.session_stop(wish)
        return Outcome(ending=Ending.PAUSED if wish is Wish.PAUSE else Ending.FINISHED, message="SessionStop")

    @property
    def energy(self) -> str:
        """``AC`` or ``DC``."""
        return self.service.energy

    @property
    def mode(self) -> EnergyTransferMode:
        """The way of energy transfer, as the older editions call it."""
        if self.energy == "DC":
            return "DC_extended"
        return "AC_three_phase_core" if self.chosen.connector > 1 else "AC_single_phase_core"

    @property
    def dynamic(self) -> bool:
        """Whether the SECC decides on the power."""
        return self.chosen.control is ControlMode.DYNAMIC

    def ask[T: ct.V2GResponseType](self, request: ct.V2GRequestType, wanted: type[T]) -> Steps[T]:
        """Send a request; return the response."""
        name = type(request).__name__.removesuffix("ReqType")
        schema, payload_type = _KINDS.get(name.partition("_")[0], (Schema.CM, PayloadType.ISO20_MAIN))
        reply = yield from self.step(Ask(name, request, schema, payload_type, self.timers.timeout(name)))
        response = reply.message
        if isinstance(response, cm.SessionSetupResType) and name == "SessionSetup":
            self.session_id = self.parts.session_id = response.Header.SessionID
        session = response.Header.SessionID if isinstance(response, ct.V2GResponseType) else b""
        taken = self.expect(name, response, session, wanted)
        if taken.ResponseCode.startswith("WARNING"):
            code = taken.ResponseCode
            raise Ended(Outcome(ending=Ending.REFUSED, message=name, code=code, text=f"{name}Res says {code}"))
        return taken

    def header(self) -> ct.MessageHeaderType:
        """Return the header of a request that is made now."""
        return self.parts.header(self.now)

    # Until energy may flow

    def session_setup(self) -> Steps[None]:
        """Begin a session, or join the one that was paused."""
        evcc_id = self.ev.evcc_id.hex().upper()
        yield from self.ask(cm.SessionSetupReqType(Header=self.header(), EVCCID=evcc_id), cm.SessionSetupResType)
        yield from self.wait(self.config.pace_s)

    def authorization_setup(self) -> Steps[None]:
        """Find external payment."""
        response = yield from self.ask(cm.AuthorizationSetupReqType(Header=self.header()), cm.AuthorizationSetupResType)
        if "EIM" not in response.AuthorizationServices:
            raise self.unsuitable("AuthorizationSetup", "external payment is not offered")
        yield from self.wait(self.config.pace_s)

    def authorization(self) -> Steps[None]:
        """Wait until energy may flow; for a customer who has to do something there is no time limit."""
        since = self.now
        while True:
            eim = cm.EIM_AReqAuthorizationModeType()
            request = cm.AuthorizationReqType(
                Header=self.header(), SelectedAuthorizationService="EIM", EIM_AReqAuthorizationMode=eim
            )
            response = yield from self.ask(request, cm.AuthorizationResType)
            match response.EVSEProcessing:
                case "Finished":
                    return
                case "Ongoing_WaitingForCustomerInteraction":
                    since = self.now
            yield from self.wait_ready("Authorization", since, "V2G_EVCC_Ongoing_Timeout")

    def service_discovery(self) -> Steps[None]:
        """Find a service that both have, and a parameter set with the control that is preferred."""
        energies = self.application.energy
        known = [each for each in Service if each.energy in energies]
        known.sort(key=lambda each: each.bidirectional is not self.config.bidirectional)
        request = cm.ServiceDiscoveryReqType(
            Header=self.header(), SupportedServiceIDs=cm.ServiceIDListType(ServiceID=[int(each) for each in known])
        )
        response = yield from self.ask(request, cm.ServiceDiscoveryResType)
        offered = {each.ServiceID for each in response.EnergyTransferServiceList.Service}
        usable = [each for each in known if each in offered]
        if not usable:
            raise self.unsuitable("ServiceDiscovery", f"it offers {sorted(offered)}; the EV has {[int(each) for each in known]}")
        self.service = usable[0]
        yield from self.wait(self.config.pace_s)
        detail = yield from self.ask(
            cm.ServiceDetailReqType(Header=self.header(), ServiceID=int(self.service)), cm.ServiceDetailResType
        )
        sets = [known_set for each in detail.ServiceParameterList.ParameterSet if (known_set := from_message(each)) is not None]
        if not sets:
            raise self.unsuitable("ServiceDetail", "no parameter set can be understood")
        preferred = ControlMode[self.config.control.upper()]
        self.chosen = min(sets, key=lambda each: each.control is not preferred)
        yield from self.wait(self.config.pace_s)

    def service_selection(self) -> Steps[None]:
        """Choose service and parameter set."""
        self.parts.service, self.parts.control = self.service, self.chosen.control
        chosen = cm.SelectedServiceType(ServiceID=int(self.service), ParameterSetID=self.chosen.id)
        request = cm.ServiceSelectionReqType(Header=self.header(), SelectedEnergyTransferService=chosen)
        yield from self.ask(request, cm.ServiceSelectionResType)
        yield from self.wait(self.config.pace_s)

    def charge_parameter_discovery(self) -> Steps[None]:
        """Exchange limits."""
        needs = self.ev.needs(self.mode, self.now)
        if self.energy == "AC":
            told = yield from self.ask(self.parts.ac_parameters(needs, self.now), ac.AC_ChargeParameterDiscoveryResType)
            self.limits = Limits(power_w=quotient(told.AC_CPDResEnergyTransferMode.EVSEMaximumChargePower))
        else:
            response = yield from self.ask(self.parts.dc_parameters(needs, self.now), dc.DC_ChargeParameterDiscoveryResType)
            mode = response.DC_CPDResEnergyTransferMode
            self.limits = Limits(
                voltage_v=quotient(mode.EVSEMaximumVoltage),
                current_a=quotient(mode.EVSEMaximumChargeCurrent),
                power_w=quotient(mode.EVSEMaximumChargePower),
            )
            if self.limits.voltage_v < self.ev.battery_voltage(self.now):
                raise self.unsuitable("DC_ChargeParameterDiscovery", f"the EVSE has no more than {self.limits.voltage_v:g} V")
        yield from self.wait(self.config.pace_s)

    def schedule_exchange(self) -> Steps[None]:
        """Choose a schedule, or agree that the SECC decides."""
        since = self.now
        while True:
            needs = self.ev.needs(self.mode, self.now)
            response = yield from self.ask(self.parts.schedule_exchange(needs, self.now), cm.ScheduleExchangeResType)
            if response.EVSEProcessing == "Finished":
                break
            yield from self.wait_ready("ScheduleExchange", since, "V2G_EVCC_Ongoing_Timeout")
        if self.dynamic:
            self.schedule, self.profile = None, ()
        else:
            self.choose(schedules_of(response.Scheduled_SEResControlMode))
        yield from self.wait(self.config.pace_s)

    # AC

    def charge_ac(self) -> Steps[Wish]:
        """Charge, or give back, with AC; return what is wanted next."""
        yield from self.schedule_exchange()
        self.ev.set_cp(CpState.C, self.now)
        yield from self.power_delivery("Start")
        self.begin()
        while True:
            request = self.parts.ac_loop(self.ev.needs(self.mode, self.now), self.now)
            response = yield from self.ask(request, ac.AC_ChargeLoopResType)
            self.follow(response.CLResControlMode)
            wish = self.wish_under(response)
            if wish is Wish.RENEGOTIATE:
                yield from self.renegotiate()
            elif wish is not Wish.CHARGE:
                break
            yield from self.wait(self.config.loop_s)
        self.ev.draw(_NOTHING, self.now)
        yield from self.power_delivery("Stop")
        self.ev.set_cp(CpState.B, self.now)
        return wish

    def follow(self, told: ct.CLResControlModeType) -> None:
        """Set the charger to what the EVSE tells: a target to meet in dynamic control, a limit in scheduled control."""
        target = getattr(told, "EVSETargetActivePower", None)
        power = quotient(target) if target is not None else self.limits.power_w
        if self.dynamic:
            self.ev.follow(power, self.now)
            return
        self.limits = Limits(power_w=power)
        self.ev.draw(self.within_profile(), self.now)

    # DC

    def charge_dc(self) -> Steps[Wish]:
        """Charge, or give back, with DC; return what is wanted next."""
        yield from self.schedule_exchange()
        self.ev.set_cp(CpState.C, self.now)
        yield from self.cable_check()
        yield from self.pre_charge()
        self.ev.set_contactor(closed=True, now=self.now)
        yield from self.power_delivery("Start")
        self.begin()
        wish = yield from self.dc_loop()
        yield from self.power_delivery("Stop")
        self.ev.set_contactor(closed=False, now=self.now)
        self.ev.set_cp(CpState.B, self.now)
        yield from self.welding_detection()
        return wish

    def cable_check(self) -> Steps[None]:
        """Have cable and isolation tested."""
        since = self.now
        while True:
            response = yield from self.ask(dc.DC_CableCheckReqType(Header=self.header()), dc.DC_CableCheckResType)
            if response.EVSEProcessing == "Finished":
                return
            yield from self.wait_ready("DC_CableCheck", since, "V2G_EVCC_CableCheck_Timeout")

    def pre_charge(self) -> Steps[None]:
        """Have the output brought to the battery's voltage; the last request says that it is there."""
        since, there = self.now, False
        while True:
            wanted = self.ev.battery_voltage(self.now)
            request = self.parts.pre_charge(wanted, self.now, finished=there)
            response = yield from self.ask(request, dc.DC_PreChargeResType)
            if there:
                return
            present = quotient(response.EVSEPresentVoltage)
            self.ev.told(Present(present), self.now)
            there = abs(present - wanted) <= self.config.pre_charge_tolerance_v
            if not there:
                more = f"{present:g} V of {wanted:g} V"
                yield from self.wait_ready("DC_PreCharge", since, "V2G_EVCC_PreCharge_Timeout", more)

    def dc_loop(self) -> Steps[Wish]:
        """Demand current until it is over, then none until none flows."""
        wish = Wish.CHARGE
        while True:
            demand = self.ev.demand(self.within_profile(), self.now)
            if wish is not Wish.CHARGE:
                demand = Demand(voltage_v=demand.voltage_v, current_a=0.0)
            needs = self.ev.needs(self.mode, self.now)
            request = self.parts.dc_loop(needs, demand, self.now, over=wish is not Wish.CHARGE)
            response = yield from self.ask(request, dc.DC_ChargeLoopResType)
            present = Present(quotient(response.EVSEPresentVoltage), quotient(response.EVSEPresentCurrent))
            self.ev.told(present, self.now)
            self.take_limits(response.CLResControlMode)
            if wish is not Wish.CHARGE and abs(present.current_a) <= NO_CURRENT:
                return wish
            if wish is Wish.CHARGE:
                wish = self.wish_under(response)
            if wish is Wish.RENEGOTIATE:
                yield from self.renegotiate()
                wish = Wish.CHARGE
            yield from self.wait(self.config.loop_s)

    def welding_detection(self) -> Steps[None]:
        """Watch the voltage fall, by which the contactors are seen to have opened."""
        for _ in range(WELDING_CHECKS):
            request = dc.DC_WeldingDetectionReqType(Header=self.header(), EVProcessing="Ongoing")
            response = yield from self.ask(request, dc.DC_WeldingDetectionResType)
            if quotient(response.EVSEPresentVoltage) < SAFE_VOLTAGE:
                break
            yield from self.wait(self.config.ongoing_s)
        last = dc.DC_WeldingDetectionReqType(Header=self.header(), EVProcessing="Finished")
        yield from self.ask(last, dc.DC_WeldingDetectionResType)

    # Both

    def renegotiate(self) -> Steps[None]:
        """Choose a schedule anew while energy flows on."""
        yield from self.power_delivery("ScheduleRenegotiation")
        yield from self.schedule_exchange()
        yield from self.power_delivery("Start")
        self.begin()

    def power_delivery(self, progress: cm.chargeProgressType) -> Steps[None]:
        """Begin, end or renegotiate the flow of energy."""
        needs = self.ev.needs(self.mode, self.now)
        request = self.parts.power_delivery(progress, self.schedule, self.profile, needs, self.now)
        yield from self.ask(request, cm.PowerDeliveryResType)

    def session_stop(self, wish: Wish) -> Steps[None]:
        """End the session, or pause it."""
        kind: cm.chargingSessionType = "Pause" if wish is Wish.PAUSE else "Terminate"
        yield from self.ask(cm.SessionStopReqType(Header=self.header(), ChargingSession=kind), cm.SessionStopResType)

    def wish_under(self, response: ct.ChargeLoopResType) -> Wish:
        """Return what the EV wants, given what the EVSE wants."""
        wanted = response.EVSEStatus.EVSENotification if response.EVSEStatus is not None else ""
        told = {"Terminate": Wish.STOP, "Pause": Wish.PAUSE, "ScheduleRenegotiation": Wish.RENEGOTIATE}.get(wanted)
        return told or self.ev.wish(self.now)

    def take_limits(self, told: ct.CLResControlModeType) -> None:
        """Keep to the limits that are told while energy flows."""
        named = {"voltage_v": "EVSEMaximumVoltage", "current_a": "EVSEMaximumChargeCurrent", "power_w": "EVSEMaximumChargePower"}
        values = {own: getattr(told, theirs, None) for own, theirs in named.items()}
        kept = {own: quotient(value) if value is not None else getattr(self.limits, own) for own, value in values.items()}
        self.limits = Limits(**kept)


def schedules_of(told: cm.Scheduled_SEResControlModeType | None) -> list[Schedule]:
    """Return the schedules that are offered, with starts instead of durations."""
    found: list[Schedule] = []
    for each in told.ScheduleTuple if told is not None else ():
        entries: list[ScheduleEntry] = []
        at = 0
        for entry in each.ChargingSchedule.PowerSchedule.PowerScheduleEntries.PowerScheduleEntry:
            entries.append(ScheduleEntry(start_s=at, max_power_w=quotient(entry.Power), duration_s=entry.Duration))
            at += entry.Duration
        found.append(Schedule(id=each.ScheduleTupleID, entries=tuple(entries)))
    return found
