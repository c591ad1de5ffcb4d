"""The EVCC's side of ISO 15118-2 sessions, as it reads in the sequence charts: AC and DC, paid for by external means."""

from __future__ import annotations

from v2x_architecture.coupling import CpState, Present
from v2x_architecture.iso15118.charging import EnergyTransferMode, Schedule, ScheduleEntry
from v2x_architecture.iso15118.evcc.dialogue import NO_CURRENT, SAFE_VOLTAGE, WELDING_CHECKS, Dialogue
from v2x_architecture.iso15118.evcc.script import Ask, Ending, Outcome, Steps
from v2x_architecture.iso15118.evcc.vehicle import Demand, Limits, Wish
from v2x_architecture.iso15118.exi import Schema
from v2x_architecture.iso15118.exi.messages import iso2
from v2x_architecture.iso15118.quantities import iso2_value as physical
from v2x_architecture.iso15118.v2gtp import PayloadType
from v2x_architecture.iso15118.values import number

_STOPPING = frozenset({"EVSE_Shutdown", "EVSE_EmergencyShutdown", "EVSE_Malfunction", "EVSE_UtilityInterruptEvent"})


class Iso2Dialogue(Dialogue):
    """A session of ISO 15118-2; see `Dialogue`."""

    mode: EnergyTransferMode = "DC_extended"

    def run(self) -> Steps[Outcome]:
        """Hold the session."""
        yield from self.session_setup()
        yield from self.service_discovery()
        yield from self.payment_service_selection()
        yield from self.authorization()
        wish = Wish.RENEGOTIATE
        while wish is Wish.RENEGOTIATE:
            yield from self.charge_parameter_discovery()
            wish = yield from (self.charge_ac() if self.mode.startswith("AC") else self.charge_dc())
        yield from self.session_stop(wish)
        return Outcome(ending=Ending.PAUSED if wish is Wish.PAUSE else Ending.FINISHED, message="SessionStop")

    def ask[T](self, request: iso2.BodyBaseType, wanted: type[T]) -> Steps[T]:
        """Send a request; return the response."""
        name = type(request).__name__.removesuffix("ReqType")
        message = iso2.V2G_Message(
            Header=iso2.MessageHeaderType(SessionID=self.session_id), Body=iso2.BodyType(BodyElement=request)
        )
        reply = yield from self.step(Ask(name, message, Schema.ISO2, PayloadType.EXI, self.timers.timeout(name)))
        response = reply.message
        body = response.Body.BodyElement if isinstance(response, iso2.V2G_Message) else response
        session = response.Header.SessionID if isinstance(response, iso2.V2G_Message) else b""
        if isinstance(body, iso2.SessionSetupResType) and name == "SessionSetup":
            self.session_id = session
        return self.expect(name, body, session, wanted)

    # Until energy may flow

    def session_setup(self) -> Steps[None]:
        """Begin a session, or join the one that was paused."""
        yield from self.ask(iso2.SessionSetupReqType(EVCCID=self.ev.evcc_id), iso2.SessionSetupResType)
        yield from self.wait(self.config.pace_s)

    def service_discovery(self) -> Steps[None]:
        """Find a way of energy transfer that both have, and external payment."""
        response = yield from self.ask(iso2.ServiceDiscoveryReqType(), iso2.ServiceDiscoveryResType)
        if "ExternalPayment" not in response.PaymentOptionList.PaymentOption:
            raise self.unsuitable("ServiceDiscovery", "external payment is not offered")
        offered = response.ChargeService.SupportedEnergyTransferMode.EnergyTransferMode
        usable = [mode for mode in self.ev.modes if mode in offered]
        if not usable:
            raise self.unsuitable("ServiceDiscovery", f"it offers {', '.join(offered)}; the EV has {', '.join(self.ev.modes)}")
        self.mode = usable[0]
        self.service_id = response.ChargeService.ServiceID
        yield from self.wait(self.config.pace_s)

    def payment_service_selection(self) -> Steps[None]:
        """Choose charging, paid for by external means."""
        chosen = iso2.SelectedServiceListType(SelectedService=[iso2.SelectedServiceType(ServiceID=self.service_id)])
        request = iso2.PaymentServiceSelectionReqType(SelectedPaymentOption="ExternalPayment", SelectedServiceList=chosen)
        yield from self.ask(request, iso2.PaymentServiceSelectionResType)
        yield from self.wait(self.config.pace_s)

    def authorization(self) -> Steps[None]:
        """Wait until energy may flow; for a customer who has to do something there is no time limit ([V2G2-854])."""
        since = self.now
        while True:
            response = yield from self.ask(iso2.AuthorizationReqType(), iso2.AuthorizationResType)
            match response.EVSEProcessing:
                case "Finished":
                    return
                case "Ongoing_WaitingForCustomerInteraction":
                    since = self.now
            yield from self.wait_ready("Authorization", since, "V2G_EVCC_Ongoing_Timeout")

    def charge_parameter_discovery(self) -> Steps[None]:
        """Exchange limits, and choose a schedule."""
        since = self.now
        while True:
            request = iso2.ChargeParameterDiscoveryReqType(
                RequestedEnergyTransferMode=self.mode, EVChargeParameter=self.parameters()
            )
            response = yield from self.ask(request, iso2.ChargeParameterDiscoveryResType)
            if response.EVSEProcessing == "Finished":
                break
            yield from self.wait_ready("ChargeParameterDiscovery", since, "V2G_EVCC_Ongoing_Timeout")
        self.limits = limits_of(response.EVSEChargeParameter)
        needed = self.ev.battery_voltage(self.now)
        if self.limits.voltage_v < needed and not self.mode.startswith("AC"):
            words = f"the EVSE has no more than {self.limits.voltage_v:g} V, and the battery has {needed:.0f} V"
            raise self.unsuitable("ChargeParameterDiscovery", words)
        self.choose(schedules_of(response.SASchedules))
        yield from self.wait(self.config.pace_s)

    # AC

    def charge_ac(self) -> Steps[Wish]:
        """Charge with AC; return what is wanted next."""
        self.ev.set_cp(CpState.C, self.now)
        yield from self.power_delivery("Start")
        self.begin()
        while True:
            response = yield from self.ask(iso2.ChargingStatusReqType(), iso2.ChargingStatusResType)
            if response.EVSEMaxCurrent is not None:
                self.limits = Limits(voltage_v=self.limits.voltage_v, current_a=number(response.EVSEMaxCurrent))
            self.ev.draw(self.within_profile(), self.now)
            wish = self.wish_under(response.AC_EVSEStatus)
            if wish is not Wish.CHARGE:
                break
            yield from self.wait(self.config.status_s)
        if wish is Wish.RENEGOTIATE:
            yield from self.power_delivery("Renegotiate")
            return wish
        self.ev.draw(Limits(voltage_v=0, current_a=0, power_w=0), self.now)
        yield from self.power_delivery("Stop")
        self.ev.set_cp(CpState.B, self.now)
        return wish

    # DC

    def charge_dc(self) -> Steps[Wish]:
        """Charge with DC; return what is wanted next."""
        self.ev.set_cp(CpState.C, self.now)
        yield from self.cable_check()
        yield from self.pre_charge()
        self.ev.set_contactor(closed=True, now=self.now)
        yield from self.power_delivery("Start")
        self.begin()
        wish = yield from self.current_demand()
        yield from self.power_delivery("Renegotiate" if wish is Wish.RENEGOTIATE else "Stop")
        self.ev.set_contactor(closed=False, now=self.now)
        if wish is not Wish.RENEGOTIATE:
            self.ev.set_cp(CpState.B, self.now)
            yield from self.welding_detection()
        return wish

    def cable_check(self) -> Steps[None]:
        """Have cable and isolation tested."""
        since = self.now
        while True:
            response = yield from self.ask(iso2.CableCheckReqType(DC_EVStatus=self.status()), iso2.CableCheckResType)
            if response.EVSEProcessing == "Finished":
                break
            yield from self.wait_ready("CableCheck", since, "V2G_EVCC_CableCheck_Timeout")
        if response.DC_EVSEStatus.EVSEIsolationStatus in ("Fault", "Invalid"):
            raise self.unsuitable("CableCheck", f"the isolation is {response.DC_EVSEStatus.EVSEIsolationStatus}")

    def pre_charge(self) -> Steps[None]:
        """Have the output brought to the battery's voltage, so that the contactors can be closed."""
        since = self.now
        while True:
            wanted = self.ev.battery_voltage(self.now)
            request = iso2.PreChargeReqType(
                DC_EVStatus=self.status(), EVTargetVoltage=physical(wanted, "V"), EVTargetCurrent=physical(1.0, "A")
            )
            response = yield from self.ask(request, iso2.PreChargeResType)
            present = number(response.EVSEPresentVoltage)
            self.ev.told(Present(present), self.now)
            if abs(present - wanted) <= self.config.pre_charge_tolerance_v:
                return
            yield from self.wait_ready("PreCharge", since, "V2G_EVCC_PreCharge_Timeout", f"{present:g} V of {wanted:g} V")

    def current_demand(self) -> Steps[Wish]:
        """Demand current until it is over, then none until none flows."""
        wish = Wish.CHARGE
        while True:
            demand = self.ev.demand(self.within_profile(), self.now)
            if wish is not Wish.CHARGE:
                demand = Demand(voltage_v=demand.voltage_v, current_a=0.0)
            response = yield from self.ask(self.demand_request(demand, wish), iso2.CurrentDemandResType)
            present = Present(number(response.EVSEPresentVoltage), number(response.EVSEPresentCurrent))
            self.ev.told(present, self.now)
            self.take_limits(response)
            if wish is not Wish.CHARGE and abs(present.current_a) <= NO_CURRENT:
                return wish
            if wish is Wish.CHARGE:
                wish = self.wish_under(response.DC_EVSEStatus)
            yield from self.wait(self.config.demand_s)

    def welding_detection(self) -> Steps[None]:
        """Watch the voltage fall, by which the contactors are seen to have opened.

        A voltage that does not fall is the EV's own fault, for its driver; the session ends all the same.
        """
        for _ in range(WELDING_CHECKS):
            response = yield from self.ask(iso2.WeldingDetectionReqType(DC_EVStatus=self.status()), iso2.WeldingDetectionResType)
            if number(response.EVSEPresentVoltage) < SAFE_VOLTAGE:
                return
            yield from self.wait(self.config.ongoing_s)

    # Both

    def power_delivery(self, progress: iso2.chargeProgressType) -> Steps[None]:
        """Begin, end or renegotiate the flow of energy."""
        assert self.schedule is not None
        parameter = None
        if not self.mode.startswith("AC"):
            parameter = iso2.DC_EVPowerDeliveryParameterType(DC_EVStatus=self.status(), ChargingComplete=progress == "Stop")
        request = iso2.PowerDeliveryReqType(
            ChargeProgress=progress,
            SAScheduleTupleID=self.schedule.id,
            ChargingProfile=self.charging_profile() if progress == "Start" else None,
            EVPowerDeliveryParameter=parameter,
        )
        yield from self.ask(request, iso2.PowerDeliveryResType)

    def session_stop(self, wish: Wish) -> Steps[None]:
        """End the session, or pause it."""
        kind: iso2.chargingSessionType = "Pause" if wish is Wish.PAUSE else "Terminate"
        yield from self.ask(iso2.SessionStopReqType(ChargingSession=kind), iso2.SessionStopResType)

    # Parts

    def wish_under(self, status: iso2.EVSEStatusType) -> Wish:
        """Return what the EV wants, given what the EVSE wants."""
        if isinstance(status, iso2.DC_EVSEStatusType) and (
            status.EVSEStatusCode in _STOPPING or status.EVSEIsolationStatus == "Fault"
        ):
            return Wish.STOP
        match status.EVSENotification:
            case "StopCharging":
                return Wish.STOP
            case "ReNegotiation":
                return Wish.RENEGOTIATE
        return self.ev.wish(self.now)

    def status(self) -> iso2.DC_EVStatusType:
        """Return DC_EVStatus."""
        soc = min(100, max(0, int(self.ev.soc(self.now))))
        return iso2.DC_EVStatusType(EVReady=True, EVErrorCode="NO_ERROR", EVRESSSOC=soc)

    def parameters(self) -> iso2.EVChargeParameterType:
        """Return what the EV tells of itself."""
        needs = self.ev.needs(self.mode, self.now)
        if self.mode.startswith("AC"):
            return iso2.AC_EVChargeParameterType(
                DepartureTime=needs.departure_s,
                EAmount=physical(needs.energy_wh or 0.0, "Wh", 0),
                EVMaxVoltage=physical(needs.max_voltage_v, "V"),
                EVMaxCurrent=physical(needs.max_current_a, "A"),
                EVMinCurrent=physical(needs.min_current_a, "A"),
            )
        return iso2.DC_EVChargeParameterType(
            DepartureTime=needs.departure_s,
            DC_EVStatus=self.status(),
            EVMaximumCurrentLimit=physical(needs.max_current_a, "A"),
            EVMaximumPowerLimit=_power(needs.max_power_w),
            EVMaximumVoltageLimit=physical(needs.max_voltage_v, "V"),
            EVEnergyCapacity=_energy(needs.capacity_wh),
            EVEnergyRequest=_energy(needs.energy_wh),
            FullSOC=100,
            BulkSOC=80,
        )

    def charging_profile(self) -> iso2.ChargingProfileType | None:
        """Return the charging profile; None where the EV makes none."""
        if not self.profile:
            return None
        return iso2.ChargingProfileType(
            ProfileEntry=[
                iso2.ProfileEntryType(
                    ChargingProfileEntryStart=each.start_s, ChargingProfileEntryMaxPower=physical(each.max_power_w, "W", 0)
                )
                for each in self.profile
            ]
        )

    def demand_request(self, demand: Demand, wish: Wish) -> iso2.CurrentDemandReqType:
        """Return CurrentDemandReq."""
        needs = self.ev.needs(self.mode, self.now)
        return iso2.CurrentDemandReqType(
            DC_EVStatus=self.status(),
            EVTargetCurrent=physical(demand.current_a, "A"),
            EVMaximumVoltageLimit=physical(needs.max_voltage_v, "V"),
            EVMaximumCurrentLimit=physical(needs.max_current_a, "A"),
            EVMaximumPowerLimit=_power(needs.max_power_w),
            ChargingComplete=wish is Wish.STOP,
            RemainingTimeToFullSoC=physical(demand.remaining_s, "s", 0) if demand.remaining_s is not None else None,
            EVTargetVoltage=physical(demand.voltage_v, "V"),
        )

    def take_limits(self, response: iso2.CurrentDemandResType) -> None:
        """Keep to the limits that are told while energy flows."""
        told = (response.EVSEMaximumVoltageLimit, response.EVSEMaximumCurrentLimit, response.EVSEMaximumPowerLimit)
        self.keep_to(*(number(each) if each is not None else None for each in told))


def limits_of(told: iso2.EVSEChargeParameterType) -> Limits:
    """Return an EVSE's limits."""
    match told:
        case iso2.AC_EVSEChargeParameterType():
            return Limits(voltage_v=number(told.EVSENominalVoltage), current_a=number(told.EVSEMaxCurrent))
        case iso2.DC_EVSEChargeParameterType():
            return Limits(
                voltage_v=number(told.EVSEMaximumVoltageLimit),
                current_a=number(told.EVSEMaximumCurrentLimit),
                power_w=number(told.EVSEMaximumPowerLimit),
            )
    return Limits()


def schedules_of(told: iso2.SASchedulesType | None) -> list[Schedule]:
    """Return the schedules that are offered."""
    if not isinstance(told, iso2.SAScheduleListType):
        return []
    return [
        Schedule(
            id=each.SAScheduleTupleID,
            entries=tuple(_entry(entry) for entry in each.PMaxSchedule.PMaxScheduleEntry),
        )
        for each in told.SAScheduleTuple
    ]


def _entry(entry: iso2.PMaxScheduleEntryType) -> ScheduleEntry:
    interval = entry.TimeInterval
    start, duration = 0, None
    if isinstance(interval, iso2.RelativeTimeIntervalType):
        start, duration = interval.start, interval.duration
    return ScheduleEntry(start_s=start, max_power_w=number(entry.PMax), duration_s=duration)


def _power(value: float | None) -> iso2.PhysicalValueType | None:
    return physical(value, "W", 0) if value is not None else None


def _energy(value: float | None) -> iso2.PhysicalValueType | None:
    return physical(value, "Wh", 0) if value is not None else None
