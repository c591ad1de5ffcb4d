"""The SECC's side of ISO 15118-2 sessions: every request, and what it is answered with.

Each decision is a method of its own, so that a subclass can take one of them wrongly.
"""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.charging import ChargingNeeds, Choice, ProfileEntry, Schedule, keeps_to
from v2x_architecture.iso15118.editions import Application
from v2x_architecture.iso15118.exi.messages import iso2
from v2x_architecture.iso15118.secc.config import Memory, Paused, SeccConfig
from v2x_architecture.iso15118.secc.dc import LOOK_AGAIN, READY, DcOutput
from v2x_architecture.iso15118.secc.dialogue import NO_SESSION, Answer, Later, NoAnswer
from v2x_architecture.iso15118.secc.evse import Authorization, Check, Evse
from v2x_architecture.iso15118.secc.iso2_parts import Iso2Parts
from v2x_architecture.iso15118.secc.older import OlderDialogue
from v2x_architecture.iso15118.secc.outputs import CloseReason
from v2x_architecture.iso15118.sequences import Facts
from v2x_architecture.iso15118.v2gtp import PayloadType
from v2x_architecture.iso15118.values import number

CHARGE_SERVICE: Final = 1
"""ServiceID of charging (15118-2: table 105)."""

_MOST_SCHEDULES: Final = 3
"""Schedules that ChargeParameterDiscoveryRes has room for."""

type Code = iso2.responseCodeType


class Iso2Dialogue(OlderDialogue[iso2.BodyBaseType]):
    """A session of ISO 15118-2.

    Args:
        application: the protocol.
        evse: that energy comes from.
        config: how the SECC behaves.
        memory: what it remembers between connections.
    """

    def __init__(self, application: Application, evse: Evse, config: SeccConfig, memory: Memory) -> None:
        super().__init__(application, evse, config, memory)
        self.parts = Iso2Parts(evse, config)
        self.output = DcOutput(evse)
        self.payment: iso2.paymentOptionType = "ExternalPayment"
        self.charging = False
        self.stopped = False
        """Whether energy flowed, and was stopped in order."""
        self.resumed: Paused | None = None
        self.offered_at = 0.0

    def answer(self, message: object, now: float) -> Answer | Later:
        """Take a request and give the response to it, or have it looked at again.

        Raises:
            NoAnswer: no response belongs to it.
        """
        if not isinstance(message, iso2.V2G_Message):
            raise NoAnswer(f"{type(message).__name__} came without its envelope")
        request = message.Body.BodyElement
        name = type(request).__name__.removesuffix("Type")
        if request is None or not name.endswith("Req"):
            raise NoAnswer(f"{name if request is not None else 'an empty body'} came in state {self.state}")
        objection = self.objection(name, message.Header.SessionID)
        response: iso2.BodyBaseType | Later
        if objection is not None:
            response = self.refuse(request, objection, now)
        else:
            response = self.respond(request, message.Header.SessionID, now)
        if isinstance(response, Later):
            return response
        code: str = getattr(response, "ResponseCode", "FAILED")
        answered = type(response).__name__.removesuffix("Type")
        end, text = None, ""
        if code.startswith("FAILED"):
            end, text = CloseReason.REFUSED, f"{name} in state {self.state} was answered {code}"
        else:
            self.move(answered, self.facts(request, response))
            if isinstance(request, iso2.SessionStopReqType):
                end = CloseReason.PAUSED if request.ChargingSession == "Pause" else CloseReason.STOPPED
        header = iso2.MessageHeaderType(SessionID=self.session_id)
        sent = iso2.V2G_Message(Header=header, Body=iso2.BodyType(BodyElement=response))
        return Answer(name=answered, message=sent, payload_type=PayloadType.EXI, end=end, text=text)

    def facts(self, request: iso2.BodyBaseType, response: iso2.BodyBaseType) -> Facts:
        """Return what decides on the next state."""
        processing: str = getattr(response, "EVSEProcessing", "")
        return Facts(
            energy=self.energy,
            payment=self.payment,
            processing="Ongoing" if processing.startswith("Ongoing") else processing,
            progress=request.ChargeProgress if isinstance(request, iso2.PowerDeliveryReqType) else "",
            receipt="yes" if getattr(response, "ReceiptRequired", False) else "",
            stop=request.ChargingSession if isinstance(request, iso2.SessionStopReqType) else "",
        )

    def refuse(self, request: iso2.BodyBaseType, code: Code, now: float) -> iso2.BodyBaseType:
        """Return the response that says no."""
        return self.parts.refusal(request, code, self.schedule_id or 1, now)

    def respond(self, request: iso2.BodyBaseType, session_id: bytes, now: float) -> iso2.BodyBaseType | Later:
        """Return the response to a request that has its place."""
        match request:
            case iso2.SessionSetupReqType():
                return self.session_setup(request, session_id, now)
            case iso2.ServiceDiscoveryReqType():
                return self.service_discovery(request, now)
            case iso2.ServiceDetailReqType():
                return self.service_detail(request, now)
            case iso2.PaymentServiceSelectionReqType():
                return self.payment_service_selection(request, now)
            case iso2.AuthorizationReqType():
                return self.authorization(request, now)
            case iso2.ChargeParameterDiscoveryReqType():
                return self.charge_parameter_discovery(request, now)
            case iso2.PowerDeliveryReqType():
                return self.power_delivery(request, now)
            case iso2.ChargingStatusReqType():
                return self.charging_status(request, now)
            case iso2.CableCheckReqType():
                return self.cable_check(request, now)
            case iso2.PreChargeReqType():
                return self.pre_charge(request, now)
            case iso2.CurrentDemandReqType():
                return self.current_demand(request, now)
            case iso2.WeldingDetectionReqType():
                return self.welding_detection(request, now)
            case iso2.SessionStopReqType():
                return self.session_stop(request, now)
            case _:
                # Plug and Charge is not offered, so nothing has led here.
                return self.refuse(request, "FAILED_SequenceError", now)

    # The requests, in the order of a session

    def session_setup(self, request: iso2.SessionSetupReqType, session_id: bytes, now: float) -> iso2.BodyBaseType:
        """Begin a session, or join the one that was paused ([V2G2-750])."""
        self.output.look(now)
        paused = self.memory.join(session_id) if session_id != NO_SESSION else None
        code: Code = "OK_NewSessionEstablished"
        if paused is not None:
            code, self.session_id = "OK_OldSessionJoined", paused.session_id
            self.schedules, self.schedule_id = paused.schedules, paused.schedule_id
            self.resumed, self.offered_at = paused, paused.offered_at
        else:
            self.session_id = self.memory.new_id()
        return iso2.SessionSetupResType(ResponseCode=code, EVSEID=self.evse.evse_id, EVSETimeStamp=int(self.config.epoch + now))

    def service_discovery(self, request: iso2.ServiceDiscoveryReqType, now: float) -> iso2.BodyBaseType:
        """Tell what there is: charging, paid for by external means, and services of the category that is asked for."""
        return self.parts.services("OK", request.ServiceCategory)

    def service_detail(self, request: iso2.ServiceDetailReqType, now: float) -> iso2.BodyBaseType:
        """Tell more about a service that there is ([V2G2-425])."""
        added = {each.id: each for each in self.config.services}
        if request.ServiceID in added:
            return self.parts.detail(added[request.ServiceID])
        if request.ServiceID != CHARGE_SERVICE:
            return self.refuse(request, "FAILED_ServiceIDInvalid", now)
        return iso2.ServiceDetailResType(ResponseCode="OK", ServiceID=request.ServiceID)

    def payment_service_selection(self, request: iso2.PaymentServiceSelectionReqType, now: float) -> iso2.BodyBaseType:
        """Take the EV's choice of services and payment ([V2G2-467], [V2G2-804])."""
        selected = {each.ServiceID for each in request.SelectedServiceList.SelectedService}
        if request.SelectedPaymentOption != "ExternalPayment":
            return self.refuse(request, "FAILED_PaymentSelectionInvalid", now)
        if CHARGE_SERVICE not in selected:
            return self.refuse(request, "FAILED_NoChargeServiceSelected", now)
        if selected - {CHARGE_SERVICE, *(each.id for each in self.config.services)}:
            return self.refuse(request, "FAILED_ServiceSelectionInvalid", now)
        self.payment = request.SelectedPaymentOption
        return iso2.PaymentServiceSelectionResType(ResponseCode="OK")

    def authorization(self, request: iso2.AuthorizationReqType, now: float) -> iso2.BodyBaseType:
        """Tell whether energy may flow; a customer who has to do something may take his time ([V2G2-854])."""
        processing: iso2.EVSEProcessingType = "Finished"
        match self.evse.authorization(now):
            case Authorization.REJECTED:
                return self.refuse(request, "FAILED", now)
            case Authorization.WAITING:
                processing = "Ongoing_WaitingForCustomerInteraction"
            case Authorization.ONGOING:
                processing = "Ongoing"
                if self.too_long("authorization", now):
                    return self.refuse(request, "FAILED", now)
        return iso2.AuthorizationResType(ResponseCode="OK", EVSEProcessing=processing)

    def charge_parameter_discovery(self, request: iso2.ChargeParameterDiscoveryReqType, now: float) -> iso2.BodyBaseType:
        """Exchange limits, and offer schedules ([V2G2-476], [V2G2-477])."""
        mode = request.RequestedEnergyTransferMode
        if mode not in self.evse.modes:
            return self.refuse(request, "FAILED_WrongEnergyTransferMode", now)
        self.energy = mode[:2]
        needs = self.needs_of(request)
        if needs is None or not self.can_serve(needs, now):
            return self.refuse(request, "FAILED_WrongChargeParameter", now)
        self.needs = needs
        self.evse.set_needs(needs, now)
        self.output.restart()
        schedules = self.agreed_before(now) or self.evse.schedules(now)
        schedules = schedules[:_MOST_SCHEDULES] if schedules is not None else None
        if schedules is None:
            if self.too_long("schedules", now):
                return self.refuse(request, "FAILED", now)
            return self.parts.parameters("OK", "Ongoing", self.energy, now)
        most = request.MaxEntriesSAScheduleTuple
        self.schedules = tuple(each.within(most) for each in schedules) if most else schedules
        self.resumed, self.offered_at = None, now
        return self.parts.parameters("OK", "Finished", self.energy, now, self.schedules)

    def power_delivery(self, request: iso2.PowerDeliveryReqType, now: float) -> iso2.BodyBaseType | Later:
        """Begin, end or renegotiate the flow of energy.

        The EV may go to state C up to 250 ms after its request ([V2G2-847]): so long the response waits.
        """
        if request.ChargeProgress == "Start" and self.cp_is_awaited(now):
            return Later(LOOK_AGAIN)
        chosen = self.schedule(request.SAScheduleTupleID)
        if chosen is None:
            return self.refuse(request, "FAILED_TariffSelectionInvalid", now)
        code: Code | None
        match request.ChargeProgress:
            case "Start":
                code = self.profile_objection(request, chosen) or self.start(now)
                if code is None:
                    self.schedule_id = chosen.id
                    self.evse.choose(Choice(schedule=chosen, profile=profile_of(request)), now)
            case "Stop":
                code = self.stop(now)
            case "Renegotiate":
                code = self.renegotiate(now)
        if code is not None:
            return self.refuse(request, code, now)
        return iso2.PowerDeliveryResType(ResponseCode="OK", EVSEStatus=self.parts.status(self.energy, now))

    def charging_status(self, request: iso2.ChargingStatusReqType, now: float) -> iso2.BodyBaseType:
        """Tell how AC charging goes, and how much current there is."""
        return self.parts.charging("OK", self.schedule_id or 1, now)

    def cable_check(self, request: iso2.CableCheckReqType, now: float) -> iso2.BodyBaseType:
        """Test cable and isolation."""
        self.evse.set_soc(request.DC_EVStatus.EVRESSSOC, now)
        check = self.output.cable_check(now)
        if check is Check.FAILED or request.DC_EVStatus.EVErrorCode != "NO_ERROR":
            return self.refuse(request, "FAILED", now)
        if check is Check.ONGOING and self.too_long("cable check", now, "V2G_SECC_CableCheck_Performance_Time"):
            return self.refuse(request, "FAILED", now)
        if check is Check.ONGOING:
            return self.parts.cable_check("OK", "Ongoing", now)
        return self.parts.cable_check("OK", "Finished", now, isolation="Valid")

    def pre_charge(self, request: iso2.PreChargeReqType, now: float) -> iso2.BodyBaseType:
        """Bring the output to the EV's voltage."""
        present = self.output.pre_charge(number(request.EVTargetVoltage), number(request.EVTargetCurrent), now)
        if present is None:
            return self.refuse(request, "FAILED", now)
        return self.parts.pre_charge("OK", now)

    def current_demand(self, request: iso2.CurrentDemandReqType, now: float) -> iso2.BodyBaseType:
        """Give the current that is demanded, within all limits."""
        self.evse.set_soc(request.DC_EVStatus.EVRESSSOC, now)
        if self.output.emergency(now):
            return self.refuse(request, "FAILED", now)
        demand = self.output.demand(number(request.EVTargetVoltage), number(request.EVTargetCurrent), now, self.needs)
        return self.parts.demand("OK", demand, self.schedule_id or 1, now)

    def welding_detection(self, request: iso2.WeldingDetectionReqType, now: float) -> iso2.BodyBaseType | Later:
        """Tell the voltage at the output, by which the EV sees whether its contactors have opened."""
        if (kept := self.kept_waiting(request, now)) is not None:
            return kept
        return self.parts.welding_detection("OK", now)

    def session_stop(self, request: iso2.SessionStopReqType, now: float) -> iso2.BodyBaseType | Later:
        """End the session, or keep it for later ([V2G2-739])."""
        if (kept := self.kept_waiting(request, now)) is not None:
            return kept
        if request.ChargingSession == "Pause":
            if not self.may_pause():
                return self.refuse(request, "FAILED", now)
            self.memory.paused = Paused(
                session_id=self.session_id,
                schedules=self.schedules,
                schedule_id=self.schedule_id,
                offered_at=self.offered_at,
            )
        self.evse.end(now, paused=request.ChargingSession == "Pause")
        return iso2.SessionStopResType(ResponseCode="OK")

    # Decisions within

    def may_pause(self) -> bool:
        """Tell whether the EV may pause: only after PowerDeliveryReq with Stop (15118-2: 8.4.1)."""
        return self.stopped

    def agreed_before(self, now: float) -> tuple[Schedule, ...]:
        """Return the schedule that was agreed on before a pause, less the time that has passed ([V2G2-741])."""
        agreed = self.schedule(self.resumed.schedule_id) if self.resumed and self.resumed.schedule_id is not None else None
        left = agreed.after(now - self.offered_at) if agreed is not None else None
        return (left,) if left is not None else ()

    def cp_is_awaited(self, now: float) -> bool:
        """Tell whether the EV is not in state C yet, and still has time to."""
        # Twice the time, for what the message and the measurement take.
        return self.state_c_is_awaited(2 * self.timers.session["V2G_EVCC_CPState_Timeout"], now)

    def needs_of(self, request: iso2.ChargeParameterDiscoveryReqType) -> ChargingNeeds | None:
        """Return what the EV tells of itself; None when it tells of another kind of energy than it asks for."""
        told, mode = request.EVChargeParameter, request.RequestedEnergyTransferMode
        match told:
            case iso2.AC_EVChargeParameterType() if self.energy == "AC":
                return ChargingNeeds(
                    mode=mode,
                    max_voltage_v=number(told.EVMaxVoltage),
                    max_current_a=number(told.EVMaxCurrent),
                    min_current_a=number(told.EVMinCurrent),
                    energy_wh=number(told.EAmount),
                    departure_s=told.DepartureTime,
                    max_entries=request.MaxEntriesSAScheduleTuple,
                )
            case iso2.DC_EVChargeParameterType() if self.energy == "DC":
                return ChargingNeeds(
                    mode=mode,
                    max_voltage_v=number(told.EVMaximumVoltageLimit),
                    max_current_a=number(told.EVMaximumCurrentLimit),
                    max_power_w=number(told.EVMaximumPowerLimit) if told.EVMaximumPowerLimit is not None else None,
                    energy_wh=number(told.EVEnergyRequest) if told.EVEnergyRequest is not None else None,
                    capacity_wh=number(told.EVEnergyCapacity) if told.EVEnergyCapacity is not None else None,
                    departure_s=told.DepartureTime,
                    soc=told.DC_EVStatus.EVRESSSOC,
                    full_soc=told.FullSOC,
                    bulk_soc=told.BulkSOC,
                    max_entries=request.MaxEntriesSAScheduleTuple,
                )
        return None

    def can_serve(self, needs: ChargingNeeds, now: float) -> bool:
        """Tell whether what the EV says of itself makes sense, and this EVSE can serve it ([V2G2-477])."""
        if needs.max_voltage_v <= 0 or needs.max_current_a <= 0:
            return False
        if self.energy == "DC":
            return needs.max_voltage_v >= self.evse.dc_limits(now).min_voltage_v
        limits = self.evse.ac_limits(now)
        # An EVSE that has nothing to give now may have later; the EV waits for that in the charging loop.
        most = min(needs.max_current_a, limits.max_current_a or needs.max_current_a)
        return 0 <= needs.min_current_a <= most

    def profile_objection(self, request: iso2.PowerDeliveryReqType, chosen: Schedule) -> Code | None:
        """Tell what is wrong with the charging profile; one that is left out is none ([V2G2-225])."""
        if request.ChargingProfile is None:
            return None
        return None if keeps_to(profile_of(request), chosen) else "FAILED_ChargingProfileInvalid"

    def start(self, now: float) -> Code | None:
        """Let energy flow; return what stands against it."""
        if self.evse.dc_status(now) in ("EVSE_Malfunction", "EVSE_EmergencyShutdown"):
            return "FAILED_PowerDeliveryNotApplied"
        if self.evse.cp_state(now) not in READY:
            return "FAILED_PowerDeliveryNotApplied"
        if not self.evse.close_contactor(now):
            return "FAILED_ContactorError"
        self.charging, self.stopped = True, False
        return None

    def stop(self, now: float) -> Code | None:
        """Let no more energy flow; return what went wrong."""
        self.charging, self.stopped = False, True
        self.evse.switch_off(now)
        return None if self.evse.open_contactor(now) else "FAILED_ContactorError"

    def renegotiate(self, now: float) -> Code | None:
        """Go back to the parameters; in DC by way of an output without power, in AC with the contactor as it is."""
        if not self.charging:
            return "FAILED"
        return self.stop(now) if self.energy == "DC" else None


def profile_of(request: iso2.PowerDeliveryReqType) -> tuple[ProfileEntry, ...]:
    """Return the charging profile of a request; empty where it is left out."""
    if request.ChargingProfile is None:
        return ()
    return tuple(
        ProfileEntry(each.ChargingProfileEntryStart, number(each.ChargingProfileEntryMaxPower))
        for each in request.ChargingProfile.ProfileEntry
    )
