"""The EVCC's side of DIN SPEC 70121 sessions, as it reads in the sequence chart: DC, paid for by external means."""

from __future__ import annotations

from typing import get_args

from v2x_architecture.coupling import CpState, Present
from v2x_architecture.iso15118.evcc.dialogue import NO_CURRENT, SAFE_VOLTAGE, WELDING_CHECKS, Dialogue
from v2x_architecture.iso15118.evcc.script import Ask, Ended, Ending, Outcome, Steps
from v2x_architecture.iso15118.evcc.vehicle import Demand, Limits, Wish
from v2x_architecture.iso15118.exi import Schema
from v2x_architecture.iso15118.exi.messages import din
from v2x_architecture.iso15118.quantities import din_value as physical
from v2x_architecture.iso15118.v2gtp import PayloadType
from v2x_architecture.iso15118.values import number

_STOPPING = frozenset({"EVSE_Shutdown", "EVSE_EmergencyShutdown"})
"""What ends charging; every other EVSEStatusCode is for information only ([V2G-DC-637], [V2G-DC-896])."""
_REQUESTABLE = frozenset(get_args(din.EVRequestedEnergyTransferType.__value__))


class DinDialogue(Dialogue):
    """A session of DIN SPEC 70121; see `Dialogue`."""

    mode: din.EVRequestedEnergyTransferType = "DC_extended"
    established: float = 0.0
    """When the session was set up (s)."""

    def run(self) -> Steps[Outcome]:
        """Hold the session."""
        yield from self.session_setup()
        yield from self.service_discovery()
        yield from self.service_payment_selection()
        yield from self.contract_authentication()
        yield from self.charge_parameter_discovery()
        self.ev.set_cp(CpState.C, self.now)
        yield from self.cable_check()
        yield from self.pre_charge()
        self.ev.set_contactor(closed=True, now=self.now)
        self.ready_in_time()
        yield from self.power_delivery(ready=True)
        self.begin()
        yield from self.current_demand()
        yield from self.power_delivery(ready=False)
        self.ev.set_contactor(closed=False, now=self.now)
        self.ev.set_cp(CpState.B, self.now)
        yield from self.welding_detection()
        yield from self.ask(din.SessionStopType(), din.SessionStopResType)
        return Outcome(ending=Ending.FINISHED, message="SessionStop")

    def ask[T](self, request: din.BodyBaseType, wanted: type[T]) -> Steps[T]:
        """Send a request; return the response."""
        # The type of SessionStopReq is the one that is not named as its element.
        name = type(request).__name__.removesuffix("Type").removesuffix("Req")
        message = din.V2G_Message(Header=din.MessageHeaderType(SessionID=self.session_id), Body=din.BodyType(BodyElement=request))
        reply = yield from self.step(Ask(name, message, Schema.DIN, PayloadType.EXI, self.timers.timeout(name)))
        response = reply.message
        body = response.Body.BodyElement if isinstance(response, din.V2G_Message) else response
        session = response.Header.SessionID if isinstance(response, din.V2G_Message) else b""
        if isinstance(body, din.SessionSetupResType) and name == "SessionSetup":
            self.session_id = session
        return self.expect(name, body, session, wanted)

    # The messages, in the order of a session

    def session_setup(self) -> Steps[None]:
        """Begin a session."""
        yield from self.ask(din.SessionSetupReqType(EVCCID=self.ev.evcc_id), din.SessionSetupResType)
        self.established = self.now
        yield from self.wait(self.config.pace_s)

    def service_discovery(self) -> Steps[None]:
        """Find a plug that both have, and external payment."""
        response = yield from self.ask(din.ServiceDiscoveryReqType(ServiceCategory="EVCharging"), din.ServiceDiscoveryResType)
        if "ExternalPayment" not in response.PaymentOptions.PaymentOption:
            raise self.unsuitable("ServiceDiscovery", "external payment is not offered")
        offered = response.ChargeService.EnergyTransferType
        if offered not in _REQUESTABLE or offered not in self.ev.modes:
            raise self.unsuitable("ServiceDiscovery", f"it offers {offered}; the EV has {', '.join(self.ev.modes)}")
        self.mode = next(mode for mode in self.ev.modes if mode == offered)
        self.service_id = response.ChargeService.ServiceTag.ServiceID
        yield from self.wait(self.config.pace_s)

    def service_payment_selection(self) -> Steps[None]:
        """Choose charging, paid for by external means."""
        chosen = din.SelectedServiceListType(SelectedService=[din.SelectedServiceType(ServiceID=self.service_id)])
        request = din.ServicePaymentSelectionReqType(SelectedPaymentOption="ExternalPayment", SelectedServiceList=chosen)
        yield from self.ask(request, din.ServicePaymentSelectionResType)
        yield from self.wait(self.config.pace_s)

    def contract_authentication(self) -> Steps[None]:
        """Wait until energy may flow ([V2G-DC-864])."""
        since = self.now
        while True:
            response = yield from self.ask(din.ContractAuthenticationReqType(), din.ContractAuthenticationResType)
            if response.EVSEProcessing == "Finished":
                return
            yield from self.wait_ready("ContractAuthentication", since, "V2G_EVCC_Ongoing_Timeout")

    def charge_parameter_discovery(self) -> Steps[None]:
        """Exchange limits; there is nothing to choose, SASchedules are left aside ([V2G-DC-882])."""
        since = self.now
        while True:
            request = din.ChargeParameterDiscoveryReqType(
                EVRequestedEnergyTransferType=self.mode, EVChargeParameter=self.parameters()
            )
            response = yield from self.ask(request, din.ChargeParameterDiscoveryResType)
            if response.EVSEProcessing == "Finished":
                break
            yield from self.wait_ready("ChargeParameterDiscovery", since, "V2G_EVCC_Ongoing_Timeout")
        told = response.EVSEChargeParameter
        if not isinstance(told, din.DC_EVSEChargeParameterType):
            raise self.unsuitable("ChargeParameterDiscovery", "the EVSE tells of AC")
        self.limits = Limits(
            voltage_v=number(told.EVSEMaximumVoltageLimit),
            current_a=number(told.EVSEMaximumCurrentLimit),
            power_w=number(told.EVSEMaximumPowerLimit) if told.EVSEMaximumPowerLimit is not None else float("inf"),
        )
        needed = self.ev.battery_voltage(self.now)
        if self.limits.voltage_v < needed:
            words = f"the EVSE has no more than {self.limits.voltage_v:g} V, and the battery has {needed:.0f} V"
            raise self.unsuitable("ChargeParameterDiscovery", words)
        yield from self.wait(self.config.pace_s)

    def cable_check(self) -> Steps[None]:
        """Have cable and isolation tested: the response says how that went, not the isolation status ([V2G-DC-894])."""
        since = self.now
        while True:
            response = yield from self.ask(din.CableCheckReqType(DC_EVStatus=self.status()), din.CableCheckResType)
            if response.EVSEProcessing == "Finished":
                break
            yield from self.wait_ready("CableCheck", since, "V2G_EVCC_CableCheck_Timeout")
        if response.DC_EVSEStatus.EVSEStatusCode in _STOPPING:
            raise self.unsuitable("CableCheck", f"the EVSE says {response.DC_EVSEStatus.EVSEStatusCode}")

    def pre_charge(self) -> Steps[None]:
        """Have the output brought to the battery's voltage, so that the contactors can be closed."""
        since = self.now
        while True:
            wanted = self.ev.battery_voltage(self.now)
            request = din.PreChargeReqType(
                DC_EVStatus=self.status(), EVTargetVoltage=physical(wanted, "V"), EVTargetCurrent=physical(1.0, "A")
            )
            response = yield from self.ask(request, din.PreChargeResType)
            present = number(response.EVSEPresentVoltage)
            self.ev.told(Present(present), self.now)
            if abs(present - wanted) <= self.config.pre_charge_tolerance_v:
                return
            yield from self.wait_ready("PreCharge", since, "V2G_EVCC_PreCharge_Timeout", f"{present:g} V of {wanted:g} V")

    def ready_in_time(self) -> None:
        """Give up when it has taken too long until energy may flow.

        Raises:
            Ended: it has.
        """
        limit = self.timers.session["V2G_EVCC_ReadyToCharge_Timeout"]
        if self.now - self.established > limit:
            text = f"{self.now - self.established:.1f} s from session setup; V2G_EVCC_ReadyToCharge_Timeout is {limit:g} s"
            raise Ended(Outcome(ending=Ending.ONGOING_TIMEOUT, message="PowerDelivery", text=text))

    def power_delivery(self, *, ready: bool) -> Steps[None]:
        """Begin or end the flow of energy."""
        request = din.PowerDeliveryReqType(
            ReadyToChargeState=ready,
            EVPowerDeliveryParameter=din.DC_EVPowerDeliveryParameterType(DC_EVStatus=self.status(), ChargingComplete=not ready),
        )
        yield from self.ask(request, din.PowerDeliveryResType)

    def current_demand(self) -> Steps[None]:
        """Demand current until it is over, then none until none flows."""
        over = False
        while True:
            demand = self.ev.demand(self.limits, self.now)
            if over:
                demand = Demand(voltage_v=demand.voltage_v, current_a=0.0)
            response = yield from self.ask(self.demand_request(demand, over=over), din.CurrentDemandResType)
            present = Present(number(response.EVSEPresentVoltage), number(response.EVSEPresentCurrent))
            self.ev.told(present, self.now)
            self.take_limits(response)
            if over and abs(present.current_a) <= NO_CURRENT:
                return
            # There is no renegotiation and no pause here: whatever else the EV wants ends the session.
            over = over or self.is_to_stop(response.DC_EVSEStatus) or self.ev.wish(self.now) is not Wish.CHARGE
            yield from self.wait(self.config.demand_s)

    def welding_detection(self) -> Steps[None]:
        """Watch the voltage fall, by which the contactors are seen to have opened."""
        for _ in range(WELDING_CHECKS):
            response = yield from self.ask(din.WeldingDetectionReqType(DC_EVStatus=self.status()), din.WeldingDetectionResType)
            if number(response.EVSEPresentVoltage) < SAFE_VOLTAGE:
                return
            yield from self.wait(self.config.ongoing_s)

    # Parts

    def is_to_stop(self, status: din.DC_EVSEStatusType) -> bool:
        """Tell whether the EVSE wants the EV to stop."""
        return status.EVSEStatusCode in _STOPPING or status.EVSENotification == "StopCharging"

    def status(self) -> din.DC_EVStatusType:
        """Return DC_EVStatus."""
        soc = min(100, max(0, int(self.ev.soc(self.now))))
        return din.DC_EVStatusType(EVReady=True, EVErrorCode="NO_ERROR", EVRESSSOC=soc)

    def parameters(self) -> din.DC_EVChargeParameterType:
        """Return what the EV tells of itself."""
        needs = self.ev.needs(self.mode, self.now)
        return din.DC_EVChargeParameterType(
            DC_EVStatus=self.status(),
            EVMaximumCurrentLimit=physical(needs.max_current_a, "A"),
            EVMaximumPowerLimit=_power(needs.max_power_w),
            EVMaximumVoltageLimit=physical(needs.max_voltage_v, "V"),
            EVEnergyCapacity=_energy(needs.capacity_wh),
            EVEnergyRequest=_energy(needs.energy_wh),
            FullSOC=100,
            BulkSOC=80,
        )

    def demand_request(self, demand: Demand, *, over: bool) -> din.CurrentDemandReqType:
        """Return CurrentDemandReq."""
        needs = self.ev.needs(self.mode, self.now)
        return din.CurrentDemandReqType(
            DC_EVStatus=self.status(),
            EVTargetCurrent=physical(demand.current_a, "A"),
            EVMaximumVoltageLimit=physical(needs.max_voltage_v, "V"),
            EVMaximumCurrentLimit=physical(needs.max_current_a, "A"),
            EVMaximumPowerLimit=_power(needs.max_power_w),
            ChargingComplete=over,
            RemainingTimeToFullSoC=physical(demand.remaining_s, "s", 0) if demand.remaining_s is not None else None,
            EVTargetVoltage=physical(demand.voltage_v, "V"),
        )

    def take_limits(self, response: din.CurrentDemandResType) -> None:
        """Keep to the limits that are told while energy flows."""
        told = (response.EVSEMaximumVoltageLimit, response.EVSEMaximumCurrentLimit, response.EVSEMaximumPowerLimit)
        self.keep_to(*(number(each) if each is not None else None for each in told))


def _power(value: float | None) -> din.PhysicalValueType | None:
    return physical(value, "W", 0) if value is not None else None


def _energy(value: float | None) -> din.PhysicalValueType | None:
    return physical(value, "Wh", 0) if value is not None else None
