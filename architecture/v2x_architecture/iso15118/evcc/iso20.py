"""The EVCC's side of ISO 15118-20 sessions, as it reads in the sequence charts: AC and DC, one way or both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from v2x_architecture.coupling import CpState, Present
from v2x_architecture.iso15118.charging import EnergyTransferMode, Schedule, ScheduleEntry
from v2x_architecture.iso15118.evcc.dialogue import NO_CURRENT, SAFE_VOLTAGE, WELDING_CHECKS, Dialogue
from v2x_architecture.iso15118.evcc.iso20_parts import Iso20Parts
from v2x_architecture.iso15118.evcc.script import Ask, Ended, Ending, Outcome, Paused, Steps
from v2x_architecture.iso15118.evcc.vehicle import Demand, Limits, Wish
from v2x_architecture.iso15118.exi import Schema
from v2x_architecture.iso15118.exi.messages import iso20_ac as ac
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.services20 import ControlMode, ParameterSet, Service, from_message
from v2x_architecture.iso15118.v2gtp import PayloadType
from v2x_architecture.iso15118.values import quotient

_KINDS: Final = {
    "AC": (Schema.AC, PayloadType.ISO20_AC),
    "DC": (Schema.DC, PayloadType.ISO20_DC),
    "MeteringConfirmation": (Schema.CM, PayloadType.METERING_CONFIRMATION),
}
_WANTED: Final[dict[ct.evseNotificationType, Wish]] = {
    "Terminate": Wish.STOP,
    "Pause": Wish.PAUSE,
    "ScheduleRenegotiation": Wish.RENEGOTIATE,
    "ServiceRenegotiation": Wish.CHANGE_SERVICE,
}
_NOTHING: Final = Limits(voltage_v=0, current_a=0, power_w=0)


class Iso20Dialogue(Dialogue):
    """A session of ISO 15118-20; see `Dialogue`."""

    service: Service = Service.DC
    chosen: ParameterSet = ParameterSet(id=1, connector=2, control=ControlMode.SCHEDULED)

    may_change: bool | None = None
    """Whether the SECC said, when it was asked first, that services may be chosen anew; None before."""
    keeps_out_of_standby: bool = False
    """Whether the SECC does not want the standby that the EV wants."""
    confirmed: bool = False
    """Whether the meter's register was confirmed since the SECC wants that."""

    def run(self) -> Steps[Outcome]:
        """Hold the session; one that is joined again begins with the exchange of limits ([V2G20-1032])."""
        self.parts = Iso20Parts(self.ev, self.config)
        self.parts.session_id = self.session_id
        joined = yield from self.session_setup()
        if not joined:
            yield from self.authorization_setup()
            yield from self.authorization()
        while True:
            if not joined:
                yield from self.service_discovery()
                yield from self.service_selection()
            joined = False
            yield from self.charge_parameter_discovery()
            wish = yield from (self.charge_ac() if self.energy == "AC" else self.charge_dc())
            yield from self.session_stop(wish)
            if wish is not Wish.CHANGE_SERVICE:
                return Outcome(ending=Ending.PAUSED if wish is Wish.PAUSE else Ending.FINISHED, message="SessionStop")
            yield from self.wait(self.config.pace_s)

    @property
    def paused(self) -> Paused:
        """What is to be kept of the session when it is paused."""
        return msgspec.structs.replace(super().paused, service=self.service, parameters=self.chosen)

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

    def ask[T: ct.V2GResponseType](
        self, request: ct.V2GRequestType, wanted: type[T], warning: ct.responseCodeType | None = None
    ) -> Steps[T]:
        """Send a request; return the response.

        Args:
            request: of a class of its own.
            wanted: class of the response.
            warning: that does not end the session.
        """
        name = type(request).__name__.removesuffix("ReqType")
        schema, payload_type = _KINDS.get(name.partition("_")[0], (Schema.CM, PayloadType.ISO20_MAIN))
        reply = yield from self.step(Ask(name, request, schema, payload_type, self.timers.timeout(name)))
        response = reply.message
        if isinstance(response, cm.SessionSetupResType) and name == "SessionSetup":
            self.session_id = self.parts.session_id = response.Header.SessionID
        session = response.Header.SessionID if isinstance(response, ct.V2GResponseType) else b""
        taken = self.expect(name, response, session, wanted)
        if taken.ResponseCode.startswith("WARNING") and taken.ResponseCode != warning and name != "Authorization":
            code = taken.ResponseCode
            raise Ended(Outcome(ending=Ending.REFUSED, message=name, code=code, text=f"{name}Res says {code}"))
        return taken

    def header(self) -> ct.MessageHeaderType:
        """Return the header of a request that is made now."""
        return self.parts.header(self.now)

    # Until energy may flow

    def session_setup(self) -> Steps[bool]:
        """Begin a session, or join the one that was paused; return whether it was joined."""
        evcc_id = self.config.evccid or self.ev.evcc_id.hex().upper()
        request = cm.SessionSetupReqType(Header=self.header(), EVCCID=evcc_id)
        response = yield from self.ask(request, cm.SessionSetupResType)
        yield from self.wait(self.config.pace_s)
        resume = self.config.resume
        if response.ResponseCode != "OK_OldSessionJoined" or resume is None or resume.service is None:
            return False
        self.service, self.chosen = resume.service, resume.parameters or self.chosen
        self.parts.service, self.parts.control = self.service, self.chosen.control
        return True

    def authorization_setup(self) -> Steps[None]:
        """Find external payment."""
        response = yield from self.ask(cm.AuthorizationSetupReqType(Header=self.header()), cm.AuthorizationSetupResType)
        if "EIM" not in response.AuthorizationServices:
            raise self.unsuitable("AuthorizationSetup", "external payment is not offered")
        yield from self.wait(self.config.pace_s)

    def authorization(self) -> Steps[None]:
        """Wait until energy may flow; for a customer who has to do something there is no time limit.

        A warning says that the customer was not authorized, and may be by another try: it is asked again until time is up.
        """
        since = self.now
        while True:
            eim = cm.EIM_AReqAuthorizationModeType()
            request = cm.AuthorizationReqType(
                Header=self.header(), SelectedAuthorizationService="EIM", EIM_AReqAuthorizationMode=eim
            )
            response = yield from self.ask(request, cm.AuthorizationResType)
            warned = response.ResponseCode.startswith("WARNING")
            if response.EVSEProcessing == "Finished" and not warned:
                return
            if response.EVSEProcessing == "Ongoing_WaitingForCustomerInteraction":
                since = self.now
            yield from self.wait_ready(
                "Authorization", since, "V2G_EVCC_Ongoing_Timeout", response.ResponseCode if warned else ""
            )

    def service_discovery(self) -> Steps[None]:
        """Find a service that both have, and a parameter set with the control that is preferred."""
        energies = self.application.energy
        known = [each for each in Service if each.energy in energies]
        known.sort(key=lambda each: each.bidirectional is not self.config.bidirectional)
        request = cm.ServiceDiscoveryReqType(
            Header=self.header(), SupportedServiceIDs=cm.ServiceIDListType(ServiceID=[int(each) for each in known])
        )
        response = yield from self.ask(request, cm.ServiceDiscoveryResType)
        if self.may_change is None:
            self.may_change = response.ServiceRenegotiationSupported
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
            needed = self.ev.battery_voltage(self.now)
            if self.limits.voltage_v < needed:
                words = f"the EVSE has no more than {self.limits.voltage_v:g} V, and the battery has {needed:.0f} V"
                raise self.unsuitable("DC_ChargeParameterDiscovery", words)
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
            response = yield from self.ac_exchange()
            self.follow(response.CLResControlMode)
            wish = self.wish_under(response)
            if wish is Wish.STANDBY:
                self.ev.draw(_NOTHING, self.now)
                wish = yield from self.stand_by(self.ac_exchange)
            if wish is Wish.RENEGOTIATE:
                yield from self.renegotiate()
            elif wish is not Wish.CHARGE:
                break
            yield from self.wait(self.config.loop_s)
        self.ev.draw(_NOTHING, self.now)
        yield from self.power_delivery("Stop")
        self.ev.set_cp(CpState.B, self.now)
        return wish

    def ac_exchange(self) -> Steps[ac.AC_ChargeLoopResType]:
        """Tell what is drawn, and hear what may be."""
        request = self.parts.ac_loop(self.ev.needs(self.mode, self.now), self.now)
        response = yield from self.ask(request, ac.AC_ChargeLoopResType)
        yield from self.confirm_meter(response)
        return response

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
            response = yield from self.dc_exchange(idle=wish is not Wish.CHARGE)
            no_current = abs(quotient(response.EVSEPresentCurrent)) <= NO_CURRENT
            if wish is Wish.STANDBY and no_current:
                wish = yield from self.stand_by(lambda: self.dc_exchange(idle=True))
            elif wish is not Wish.CHARGE and no_current:
                return wish
            elif wish is Wish.CHARGE:
                wish = self.wish_under(response)
            if wish is Wish.RENEGOTIATE:
                yield from self.renegotiate()
                wish = Wish.CHARGE
            yield from self.wait(self.config.loop_s)

    def dc_exchange(self, *, idle: bool) -> Steps[dc.DC_ChargeLoopResType]:
        """Tell what is demanded, nothing where it is `idle`, and hear what flows."""
        demand = self.ev.demand(self.within_profile(), self.now)
        if idle:
            demand = Demand(voltage_v=demand.voltage_v, current_a=0.0)
        request = self.parts.dc_loop(self.ev.needs(self.mode, self.now), demand, self.now, over=idle)
        response = yield from self.ask(request, dc.DC_ChargeLoopResType)
        self.ev.told(Present(quotient(response.EVSEPresentVoltage), quotient(response.EVSEPresentCurrent)), self.now)
        self.take_limits(response.CLResControlMode)
        yield from self.confirm_meter(response)
        return response

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

    def stand_by[T: ct.ChargeLoopResType](self, exchange: Callable[[], Steps[T]]) -> Steps[Wish]:
        """Stay without energy until something else is wanted, and return that.

        Contactors stay closed, and the loop goes on ([V2G20-2113]). At an SECC that does not allow it the EV charges
        ([V2G20-1396]).

        Args:
            exchange: is called for each turn of the loop.
        """
        response = yield from self.power_delivery("Standby")
        if response.ResponseCode == "WARNING_StandbyNotAllowed":
            self.keeps_out_of_standby = True
            return Wish.CHARGE
        wish = Wish.STANDBY
        while wish is Wish.STANDBY:
            yield from self.wait(self.config.loop_s)
            told = yield from exchange()
            wish = self.wish_under(told)
        if wish is Wish.CHARGE:
            yield from self.power_delivery("Start")
        return wish

    def confirm_meter(self, response: ct.ChargeLoopResType) -> Steps[None]:
        """Confirm the meter's register once, where the SECC wants that, beside the charge loop ([V2G20-1621])."""
        wanted = response.EVSEStatus is not None and response.EVSEStatus.EVSENotification == "MeteringConfirmation"
        if wanted and not self.confirmed and response.MeterInfo is not None:
            request = self.parts.metering_confirmation(response.MeterInfo, self.schedule, self.now)
            yield from self.ask(request, cm.MeteringConfirmationResType)
        self.confirmed = wanted

    def power_delivery(self, progress: cm.chargeProgressType) -> Steps[cm.PowerDeliveryResType]:
        """Begin, end, suspend or renegotiate the flow of energy."""
        needs = self.ev.needs(self.mode, self.now)
        request = self.parts.power_delivery(progress, self.schedule, self.profile, needs, self.now)
        return (yield from self.ask(request, cm.PowerDeliveryResType, "WARNING_StandbyNotAllowed"))

    def session_stop(self, wish: Wish) -> Steps[None]:
        """End the session, pause it, or go back to the services."""
        kinds: dict[Wish, cm.chargingSessionType] = {Wish.PAUSE: "Pause", Wish.CHANGE_SERVICE: "ServiceRenegotiation"}
        kind = kinds.get(wish, "Terminate")
        yield from self.ask(cm.SessionStopReqType(Header=self.header(), ChargingSession=kind), cm.SessionStopResType)

    def wish_under(self, response: ct.ChargeLoopResType) -> Wish:
        """Return what the EV wants, given what the EVSE wants; a service is chosen anew only where that is supported."""
        wanted = response.EVSEStatus.EVSENotification if response.EVSEStatus is not None else None
        told = _WANTED.get(wanted) if wanted is not None else None
        if told is not None and (told is not Wish.CHANGE_SERVICE or self.may_change):
            return told
        wish = self.ev.wish(self.now)
        if wish is Wish.CHANGE_SERVICE and not self.may_change:
            return Wish.CHARGE
        # Once the SECC has had its way, the EV asks for standby again only after it has wanted something else.
        self.keeps_out_of_standby = wish is Wish.STANDBY and (self.keeps_out_of_standby or wanted == "ExitStandby")
        return Wish.CHARGE if self.keeps_out_of_standby else wish

    def take_limits(self, told: ct.CLResControlModeType) -> None:
        """Keep to the limits that are told while energy flows."""
        names = ("EVSEMaximumVoltage", "EVSEMaximumChargeCurrent", "EVSEMaximumChargePower")
        values = (getattr(told, name, None) for name in names)
        self.keep_to(*(quotient(each) if each is not None else None for each in values))


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
