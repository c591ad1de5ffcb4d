"""The SECC's side of ISO 15118-20 sessions: AC and DC, one way or both, scheduled or dynamic; paid for by external means."""

from __future__ import annotations

from typing import Final

import msgspec

from v2x_architecture.iso15118.charging import ChargingNeeds, Choice, ProfileEntry, Schedule, ScheduleEntry, keeps_to
from v2x_architecture.iso15118.editions import Application
from v2x_architecture.iso15118.exi.messages import iso20_ac as ac
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.secc.config import Memory, Paused, SeccConfig
from v2x_architecture.iso15118.secc.dc import READY, DcOutput, Demand
from v2x_architecture.iso15118.secc.dialogue import NO_SESSION, Answer, Dialogue, Later, NoAnswer
from v2x_architecture.iso15118.secc.evse import Authorization, Check, Evse
from v2x_architecture.iso15118.secc.iso20_parts import Iso20Parts
from v2x_architecture.iso15118.secc.outputs import CloseReason
from v2x_architecture.iso15118.sequences import Facts
from v2x_architecture.iso15118.services20 import ControlMode, ParameterSet, Service, to_message
from v2x_architecture.iso15118.v2gtp import PayloadType
from v2x_architecture.iso15118.values import quotient

_LOOK_AGAIN: Final = 0.05
_CP_TIME: Final = 0.5
"""How long state C may take after PowerDeliveryReq (s)."""

_MOST_SCHEDULES: Final = 3
"""Schedules that ScheduleExchangeRes has room for."""

_NO_POWER: Final = Schedule(id=1, entries=(ScheduleEntry(start_s=0, max_power_w=0.0),))

_ASIDE: Final = {
    cm.ScheduleExchangeReqType: PayloadType.SCHEDULE_RENEGOTIATION,
    cm.MeteringConfirmationReqType: PayloadType.METERING_CONFIRMATION,
}

type Code = ct.responseCodeType


class Iso20Dialogue(Dialogue):
    """A session of ISO 15118-20.

    Args:
        application: the protocol; of -20 it says whether it is AC or DC.
        evse: that energy comes from.
        config: how the SECC behaves.
        memory: what it remembers between connections.
    """

    def __init__(self, application: Application, evse: Evse, config: SeccConfig, memory: Memory) -> None:
        super().__init__(application, evse, config, memory)
        (self.energy,) = application.energy
        self.parts = Iso20Parts(evse, config)
        self.parts.service = Service.AC if self.energy == "AC" else Service.DC
        self.output = DcOutput(evse)
        self.progress = ""
        self.charging = False
        self.standby = False
        """Whether the EV has asked for a while without energy."""
        self.metered = False
        """Whether the meter's register was told since energy flows."""

    def sequence_timeout(self) -> float:
        """Return how long the EV may take for its next request; less after each response of the charge loop ([V2G20-1502])."""
        in_loop = self.state.endswith("_ChargeLoopOrPowerDelivery")
        name = f"V2G_SECC_Sequence_Timeout_{self.energy}_CL"
        return self.timers.session[name] if in_loop else super().sequence_timeout()

    def answer(self, message: object, now: float) -> Answer | Later:
        """Take a request and give the response to it, or have it looked at again.

        Raises:
            NoAnswer: no response belongs to it.
        """
        if not isinstance(message, ct.V2GRequestType):
            raise NoAnswer(f"{type(message).__name__.removesuffix('Type')} came in state {self.state}")
        name = type(message).__name__.removesuffix("Type")
        objection = self.objection(name, message.Header.SessionID)
        response: ct.V2GResponseType | Later
        response = self.refuse(message, objection, now) if objection is not None else self.respond(message, now)
        if isinstance(response, Later):
            return response
        end, text = None, ""
        if response.ResponseCode.startswith("FAILED"):
            end, text = CloseReason.REFUSED, f"{name} in state {self.state} was answered {response.ResponseCode}"
        elif not response.ResponseCode.startswith("WARNING"):
            # With a warning the EV may try once more.
            self.move(type(response).__name__.removesuffix("Type"), self.facts(message, response))
            if isinstance(message, cm.SessionStopReqType) and message.ChargingSession != "ServiceRenegotiation":
                end = CloseReason.PAUSED if message.ChargingSession == "Pause" else CloseReason.STOPPED
        answered = type(response).__name__.removesuffix("Type")
        kinds = {"AC": PayloadType.ISO20_AC, "DC": PayloadType.ISO20_DC}
        payload_type = kinds.get(answered.partition("_")[0], PayloadType.ISO20_MAIN)
        return Answer(name=answered, message=response, payload_type=payload_type, end=end, text=text)

    def aside(self, message: object, payload_type: int, now: float) -> Answer | None:
        """Renegotiate a schedule, or have the meter's register confirmed, while the charge loop goes on ([V2G20-1621])."""
        kinds = cm.ScheduleExchangeReqType | cm.MeteringConfirmationReqType
        if not isinstance(message, kinds) or payload_type != _ASIDE[type(message)]:
            return None
        response: ct.V2GResponseType
        if message.Header.SessionID != self.session_id:
            response = self.refuse(message, "FAILED_UnknownSession", now)
        elif not self.charging:
            response = self.refuse(message, "FAILED_SequenceError", now)
        elif isinstance(message, cm.ScheduleExchangeReqType):
            response = self.schedule_exchange(message, now)
        else:
            response = self.metering_confirmation(message, now)
        name = type(response).__name__.removesuffix("Type")
        failed = response.ResponseCode.startswith("FAILED")
        end = CloseReason.REFUSED if failed else None
        text = f"{type(message).__name__.removesuffix('Type')} was answered {response.ResponseCode}" if failed else ""
        return Answer(name=name, message=response, payload_type=payload_type, end=end, text=text)

    def facts(self, request: ct.V2GRequestType, response: ct.V2GResponseType) -> Facts:
        """Return what decides on the next state."""
        if isinstance(request, cm.PowerDeliveryReqType):
            self.progress = request.ChargeProgress
        # In pre-charging and power delivery it is the EV that may not be ready.
        processing: str = getattr(response, "EVSEProcessing", "") or getattr(request, "EVProcessing", "")
        return Facts(
            energy=self.energy,
            processing="Ongoing" if processing.startswith("Ongoing") else processing,
            progress=self.progress,
            stop=request.ChargingSession if isinstance(request, cm.SessionStopReqType) else "",
            joined="yes" if response.ResponseCode == "OK_OldSessionJoined" else "",
        )

    def refuse(self, request: ct.V2GRequestType, code: Code, now: float) -> ct.V2GResponseType:
        """Return the response that says no."""
        return self.parts.minimal(request, code, now)

    def respond(self, request: ct.V2GRequestType, now: float) -> ct.V2GResponseType | Later:
        """Return the response to a request that has its place."""
        match request:
            case cm.SessionSetupReqType():
                return self.session_setup(request, now)
            case cm.AuthorizationSetupReqType():
                return self.parts.minimal(request, "OK", now)
            case cm.AuthorizationReqType():
                return self.authorization(request, now)
            case cm.ServiceDiscoveryReqType():
                return self.service_discovery(request, now)
            case cm.ServiceDetailReqType():
                return self.service_detail(request, now)
            case cm.ServiceSelectionReqType():
                return self.service_selection(request, now)
            case ac.AC_ChargeParameterDiscoveryReqType() | dc.DC_ChargeParameterDiscoveryReqType():
                return self.charge_parameter_discovery(request, now)
            case cm.ScheduleExchangeReqType():
                return self.schedule_exchange(request, now)
            case dc.DC_CableCheckReqType():
                return self.cable_check(request, now)
            case dc.DC_PreChargeReqType():
                return self.pre_charge(request, now)
            case cm.PowerDeliveryReqType():
                return self.power_delivery(request, now)
            case ac.AC_ChargeLoopReqType():
                return self.ac_charge_loop(request, now)
            case dc.DC_ChargeLoopReqType():
                return self.dc_charge_loop(request, now)
            case dc.DC_WeldingDetectionReqType():
                return self.parts.minimal(request, "OK", now)
            case cm.SessionStopReqType():
                return self.session_stop(request, now)
            case _:
                # No certificates are to be had here, and AuthorizationSetupRes says so.
                return self.refuse(request, "FAILED_SequenceError", now)

    # The requests, in the order of a session

    def session_setup(self, request: cm.SessionSetupReqType, now: float) -> ct.V2GResponseType:
        """Begin a session, or join the one that was paused."""
        session_id = request.Header.SessionID
        paused = self.memory.join(session_id, self.peer) if session_id != NO_SESSION else None
        self.session_id = paused.session_id if paused is not None else self.memory.new_id()
        if paused is not None:
            self.parts.service, self.parts.control = paused.service or self.parts.service, paused.control or self.parts.control
        self.parts.session_id = self.session_id
        code: Code = "OK_OldSessionJoined" if paused is not None else "OK_NewSessionEstablished"
        return self.parts.minimal(request, code, now)

    def authorization(self, request: cm.AuthorizationReqType, now: float) -> ct.V2GResponseType:
        """Tell whether energy may flow."""
        if request.SelectedAuthorizationService != "EIM":
            return self.refuse(request, "WARNING_AuthorizationSelectionInvalid", now)
        processing: ct.processingType = "Finished"
        match self.evse.authorization(now):
            case Authorization.REJECTED:
                return self.refuse(request, "WARNING_EIMAuthorizationFailure", now)
            case Authorization.WAITING:
                processing = "Ongoing_WaitingForCustomerInteraction"
            case Authorization.ONGOING:
                if self.too_long("authorization", now):
                    return self.refuse(request, "FAILED", now)
                processing = "Ongoing"
        return cm.AuthorizationResType(Header=self.parts.header(now), ResponseCode="OK", EVSEProcessing=processing)

    def service_discovery(self, request: cm.ServiceDiscoveryReqType, now: float) -> ct.V2GResponseType:
        """Tell which services there are, of those that the EV knows where it says so."""
        known = set(request.SupportedServiceIDs.ServiceID) if request.SupportedServiceIDs is not None else None
        offered = [each for each in self.services(now) if known is None or each in known] or self.services(now)
        return cm.ServiceDiscoveryResType(
            Header=self.parts.header(now),
            ResponseCode="OK",
            ServiceRenegotiationSupported=self.config.service_renegotiation,
            EnergyTransferServiceList=cm.ServiceListType(
                Service=[cm.ServiceType(ServiceID=int(each), FreeService=False) for each in offered]
            ),
        )

    def service_detail(self, request: cm.ServiceDetailReqType, now: float) -> ct.V2GResponseType:
        """Tell how a service can be had."""
        if request.ServiceID not in self.services(now):
            return self.refuse(request, "FAILED_ServiceIDInvalid", now)
        service = Service(request.ServiceID)
        sets = [to_message(service, each, price_levels=self.config.price_levels) for each in self.parameter_sets(service, now)]
        return cm.ServiceDetailResType(
            Header=self.parts.header(now),
            ResponseCode="OK",
            ServiceID=int(service),
            ServiceParameterList=cm.ServiceParameterListType(ParameterSet=sets),
        )

    def service_selection(self, request: cm.ServiceSelectionReqType, now: float) -> ct.V2GResponseType:
        """Take the EV's choice."""
        selected = request.SelectedEnergyTransferService
        if selected.ServiceID not in self.services(now):
            return self.refuse(request, "FAILED_NoEnergyTransferServiceSelected", now)
        service = Service(selected.ServiceID)
        chosen = [each for each in self.parameter_sets(service, now) if each.id == selected.ParameterSetID]
        if not chosen or request.SelectedVASList is not None:
            return self.refuse(request, "FAILED_ServiceSelectionInvalid", now)
        self.parts.service, self.parts.control = service, chosen[0].control
        return self.parts.minimal(request, "OK", now)

    def charge_parameter_discovery(
        self, request: ac.AC_ChargeParameterDiscoveryReqType | dc.DC_ChargeParameterDiscoveryReqType, now: float
    ) -> ct.V2GResponseType:
        """Exchange limits."""
        needs = self.needs_of(request, now)
        if needs is None or needs.max_current_a <= 0:
            return self.refuse(request, "FAILED_WrongChargeParameter", now)
        self.needs = needs
        self.evse.set_needs(needs, now)
        self.output.restart()
        self.progress = ""
        return self.parts.minimal(request, "OK", now)

    def schedule_exchange(self, request: cm.ScheduleExchangeReqType, now: float) -> ct.V2GResponseType:
        """Offer schedules, or agree that the SECC decides."""
        dynamic = self.parts.control is ControlMode.DYNAMIC
        if (request.Dynamic_SEReqControlMode is None) is dynamic:
            return self.refuse(request, "FAILED", now)
        assert self.needs is not None
        self.needs = with_wishes(self.needs, request)
        self.evse.set_needs(self.needs, now)
        schedules = self.plans(request.MaximumSupportingPoints, now)
        if schedules is None and self.too_long("schedules", now):
            return self.refuse(request, "FAILED", now)
        response = cm.ScheduleExchangeResType(
            Header=self.parts.header(now), ResponseCode="OK", EVSEProcessing="Finished" if schedules is not None else "Ongoing"
        )
        if dynamic:
            response.Dynamic_SEResControlMode = cm.Dynamic_SEResControlModeType()
        else:
            self.schedules = schedules or ()
            # The schema wants a schedule even while there is none: it has no power then.
            tuples = [self.parts.schedule(each, now) for each in schedules or (_NO_POWER,)]
            response.Scheduled_SEResControlMode = cm.Scheduled_SEResControlModeType(ScheduleTuple=tuples)
        return response

    def cable_check(self, request: dc.DC_CableCheckReqType, now: float) -> ct.V2GResponseType:
        """Test cable and isolation."""
        check = self.output.cable_check(now)
        late = check is Check.ONGOING and self.too_long("cable check", now, "V2G_SECC_CableCheck_Performance_Time")
        if check is Check.FAILED or late:
            return self.refuse(request, "FAILED", now)
        processing: ct.processingType = "Ongoing" if check is Check.ONGOING else "Finished"
        return dc.DC_CableCheckResType(Header=self.parts.header(now), ResponseCode="OK", EVSEProcessing=processing)

    def pre_charge(self, request: dc.DC_PreChargeReqType, now: float) -> ct.V2GResponseType:
        """Bring the output to the EV's voltage."""
        present = self.output.pre_charge(quotient(request.EVTargetVoltage), 1.0, now)
        return self.parts.minimal(request, "FAILED" if present is None else "OK", now)

    def power_delivery(self, request: cm.PowerDeliveryReqType, now: float) -> ct.V2GResponseType | Later:
        """Begin, end or renegotiate the flow of energy."""
        code: Code | None = None
        match request.ChargeProgress:
            case "Start" if request.EVProcessing == "Finished":
                code = self.profile_objection(request)
                if code is None and self.cp_is_awaited(now):
                    return Later(_LOOK_AGAIN)
                code = code or self.start(now)
                if code is None:
                    self.evse.choose(self.choice_of(request), now)
            case "Stop":
                code = self.stop(now)
            case "ScheduleRenegotiation" if not self.charging:
                code = "FAILED_ScheduleRenegotiation"
            case "Standby" if not (self.charging and self.config.standby):
                code = "WARNING_StandbyNotAllowed"
            case "Standby":
                self.standby = True
        response = cm.PowerDeliveryResType(Header=self.parts.header(now), ResponseCode=code or "OK")
        response.EVSEStatus = self.parts.status(now)
        return response

    def dc_charge_loop(self, request: dc.DC_ChargeLoopReqType, now: float) -> ct.V2GResponseType:
        """Give or take the current that the EV demands, or that the EVSE decides on."""
        if request.DisplayParameters is not None and request.DisplayParameters.PresentSOC is not None:
            self.evse.set_soc(request.DisplayParameters.PresentSOC, now)
        demand = self.dc_demand(request.CLReqControlMode, now) if not self.output.emergency(now) else None
        if demand is None:
            return self.refuse(request, "FAILED", now)
        return self.parts.dc_loop("OK", demand, now, meter=self.tells_meter(request, now))

    def ac_charge_loop(self, request: ac.AC_ChargeLoopReqType, now: float) -> ct.V2GResponseType:
        """Tell the EV what to draw or to give."""
        if request.DisplayParameters is not None and request.DisplayParameters.PresentSOC is not None:
            self.evse.set_soc(request.DisplayParameters.PresentSOC, now)
        if self.output.emergency(now):
            return self.refuse(request, "FAILED", now)
        told = request.CLReqControlMode
        match told:
            case ac.Dynamic_AC_CLReqControlModeType() if self.dynamic:
                self.evse.set_ev_power(quotient(told.EVPresentActivePower), now)
            case ac.Scheduled_AC_CLReqControlModeType() if not self.dynamic:
                self.evse.set_ev_power(quotient(told.EVPresentActivePower), now)
            case _:
                return self.refuse(request, "FAILED", now)
        target = self.evse.target_power(now) if self.dynamic else self.evse.ac_limits(now).max_power_w
        if self.without_power(now):
            target = 0.0
        elif isinstance(told, ac.Dynamic_AC_CLReqControlModeType):
            target = self.within_ev(told, target)
        elif not self.parts.service.bidirectional:
            target = max(0.0, target)
        return self.parts.ac_loop("OK", target, now, meter=self.tells_meter(request, now))

    def metering_confirmation(self, request: cm.MeteringConfirmationReqType, now: float) -> ct.V2GResponseType:
        """Take the EV's word for what the meter shows; without a contract there is no signature to be looked at."""
        ours = request.SignedMeteringData.SessionID == self.session_id
        return self.parts.minimal(request, "OK" if ours else "FAILED_MeteringSignatureNotValid", now)

    def session_stop(self, request: cm.SessionStopReqType, now: float) -> ct.V2GResponseType:
        """End the session, keep it for later, or go back to the services."""
        if request.ChargingSession == "ServiceRenegotiation" and not self.config.service_renegotiation:
            return self.refuse(request, "FAILED_NoServiceRenegotiationSupported", now)
        if request.ChargingSession == "Pause":
            if not self.may_pause(now):
                return self.refuse(request, "FAILED_PauseNotAllowed", now)
            self.memory.paused = Paused(
                session_id=self.session_id,
                schedules=self.schedules,
                schedule_id=self.schedule_id,
                service=self.parts.service,
                control=self.parts.control,
                peer=self.peer,
            )
        if request.ChargingSession != "ServiceRenegotiation":
            self.evse.end(now, paused=request.ChargingSession == "Pause")
        return self.parts.minimal(request, "OK", now)

    # Decisions within

    def may_pause(self, now: float) -> bool:
        """Tell whether the EV may pause.

        It may after it has charged; where the SECC decides, only when that wants a pause ([V2G20-1195]).
        """
        wanted = not self.dynamic or self.evse.notification(now).kind == "Pause"
        return wanted and self.progress == "Stop"

    @property
    def dynamic(self) -> bool:
        """Whether the SECC decides on the power."""
        return self.parts.control is ControlMode.DYNAMIC

    def within_ev(self, told: ac.Dynamic_AC_CLReqControlModeType, power_w: float) -> float:
        """Return a power as far as the EV says that it takes, or gives, so much (W)."""
        back = abs(quotient(told.EVMaximumDischargePower)) if isinstance(told, ac.BPT_Dynamic_AC_CLReqControlModeType) else 0.0
        return max(-back, min(power_w, quotient(told.EVMaximumChargePower)))

    def plans(self, most: int, now: float) -> tuple[Schedule, ...] | None:
        """Return the schedules to be offered; None while there are none.

        Args:
            most: entries that the EV can keep of each.
            now: the time.
        """
        schedules = self.evse.schedules(now)
        return None if schedules is None else tuple(each.within(most) for each in schedules[:_MOST_SCHEDULES])

    def without_power(self, now: float) -> bool:
        """Tell whether nothing is to flow: in standby, and where the SECC decides and wants an end or a pause ([V2G20-2115])."""
        return self.standby or (self.dynamic and self.evse.notification(now).kind in ("StopCharging", "Pause"))

    def tells_meter(self, request: dc.DC_ChargeLoopReqType | ac.AC_ChargeLoopReqType, now: float) -> bool:
        """Tell whether the meter's register is told: when asked for, at first, and to be confirmed.

        [V2G20-1082], [V2G20-1833], [V2G20-1083].
        """
        first, self.metered = not self.metered, True
        to_confirm = self.evse.notification(now).kind == "MeteringConfirmation"
        return request.MeterInfoRequested or to_confirm or (first and self.config.meter_info)

    def services(self, now: float) -> list[Service]:
        """Return the energy transfer services that there are."""
        if self.energy == "DC":
            return [Service.DC, *([Service.DC_BPT] if self.evse.dc_limits(now).max_discharge_a > 0 else [])]
        return [Service.AC, *([Service.AC_BPT] if self.evse.ac_limits(now).max_discharge_a > 0 else [])]

    def parameter_sets(self, service: Service, now: float) -> list[ParameterSet]:
        """Return how a service can be had: scheduled and dynamic."""
        limits = self.evse.ac_limits(now)
        connector = 2 if service.energy == "DC" or limits.phases > 1 else 1
        voltage = int(limits.nominal_voltage_v) if service.energy == "AC" else None
        return [ParameterSet(id=int(each), connector=connector, control=each, nominal_voltage_v=voltage) for each in ControlMode]

    def needs_of(
        self, request: ac.AC_ChargeParameterDiscoveryReqType | dc.DC_ChargeParameterDiscoveryReqType, now: float
    ) -> ChargingNeeds | None:
        """Return what the EV tells of itself; None when that does not belong to the service it has chosen."""
        both = self.parts.service.bidirectional
        if isinstance(request, dc.DC_ChargeParameterDiscoveryReqType):
            told = request.DC_CPDReqEnergyTransferMode
            if isinstance(told, dc.BPT_DC_CPDReqEnergyTransferModeType) is not both:
                return None
            needs = ChargingNeeds(
                mode="DC_extended",
                max_voltage_v=quotient(told.EVMaximumVoltage),
                max_current_a=quotient(told.EVMaximumChargeCurrent),
                max_power_w=quotient(told.EVMaximumChargePower),
                min_voltage_v=quotient(told.EVMinimumVoltage),
            )
            if isinstance(told, dc.BPT_DC_CPDReqEnergyTransferModeType):
                current, power = quotient(told.EVMaximumDischargeCurrent), quotient(told.EVMaximumDischargePower)
                needs = msgspec.structs.replace(needs, max_discharge_a=abs(current), max_discharge_w=abs(power))
            return needs if needs.max_voltage_v >= self.evse.dc_limits(now).min_voltage_v else None
        asked = request.AC_CPDReqEnergyTransferMode
        if isinstance(asked, ac.BPT_AC_CPDReqEnergyTransferModeType) is not both:
            return None
        limits = self.evse.ac_limits(now)
        power = quotient(asked.EVMaximumChargePower)
        return ChargingNeeds(
            mode="AC_three_phase_core" if limits.phases > 1 else "AC_single_phase_core",
            max_voltage_v=limits.nominal_voltage_v,
            max_current_a=power / limits.nominal_voltage_v / limits.phases,
            min_current_a=quotient(asked.EVMinimumChargePower) / limits.nominal_voltage_v / limits.phases,
            max_power_w=power,
        )

    def dc_demand(self, told: ct.CLReqControlModeType, now: float) -> Demand | None:
        """Set the output as the EV demands, or as the EVSE decides within the EV's limits; None for the other mode's request."""
        both = self.parts.service.bidirectional
        match told:
            case dc.Scheduled_DC_CLReqControlModeType() if not self.dynamic:
                current = quotient(told.EVTargetCurrent)
                current = 0.0 if self.standby else current if both else max(0.0, current)
                return self.output.demand(quotient(told.EVTargetVoltage), current, now, self.needs)
            case dc.Dynamic_DC_CLReqControlModeType() if self.dynamic:
                voltage = max(1.0, self.evse.present(now).voltage_v)
                most = min(quotient(told.EVMaximumChargeCurrent), quotient(told.EVMaximumChargePower) / voltage)
                least = 0.0
                if both and isinstance(told, dc.BPT_Dynamic_DC_CLReqControlModeType):
                    back = abs(quotient(told.EVMaximumDischargePower)) / voltage
                    least = -min(abs(quotient(told.EVMaximumDischargeCurrent)), back)
                wanted = 0.0 if self.without_power(now) else self.evse.target_power(now) / voltage
                current = max(least, min(wanted, most))
                return self.output.demand(quotient(told.EVMaximumVoltage), current, now, self.needs)
        return None

    def profile_objection(self, request: cm.PowerDeliveryReqType) -> Code | None:
        """Tell what is wrong with the power profile; in scheduled control there must be one."""
        if self.dynamic:
            return None
        profile = request.EVPowerProfile
        if profile is None or profile.Scheduled_EVPPTControlMode is None:
            return "FAILED_EVPowerProfileInvalid"
        chosen = self.schedule(profile.Scheduled_EVPPTControlMode.SelectedScheduleTupleID)
        if chosen is None:
            return "FAILED_ScheduleSelectionInvalid"
        if not keeps_to(profile_of(profile), chosen):
            return "FAILED_EVPowerProfileInvalid"
        self.schedule_id = chosen.id
        return None

    def choice_of(self, request: cm.PowerDeliveryReqType) -> Choice:
        """Return what the EV has chosen; its profile in dynamic control is the most that it takes."""
        chosen = self.schedule(self.schedule_id) if self.schedule_id is not None and not self.dynamic else None
        return Choice(schedule=chosen, profile=tuple(profile_of(request.EVPowerProfile)) if request.EVPowerProfile else ())

    def cp_is_awaited(self, now: float) -> bool:
        """Tell whether the EV is not in state C yet, and still has time to."""
        return self.state_c_is_awaited(_CP_TIME, now)

    def start(self, now: float) -> Code | None:
        """Let energy flow; return what stands against it."""
        if self.evse.dc_status(now) in ("EVSE_Malfunction", "EVSE_EmergencyShutdown"):
            return "FAILED_PowerDeliveryNotApplied"
        if self.evse.cp_state(now) not in READY:
            return "FAILED_PowerDeliveryNotApplied"
        if not self.evse.close_contactor(now):
            return "FAILED_ContactorError"
        self.metered = self.metered and self.charging
        self.charging, self.standby = True, False
        return None

    def stop(self, now: float) -> Code | None:
        """Let no more energy flow; return what went wrong."""
        self.charging = self.standby = False
        self.evse.switch_off(now)
        return None if self.evse.open_contactor(now) else "FAILED_ContactorError"


def with_wishes(needs: ChargingNeeds, request: cm.ScheduleExchangeReqType) -> ChargingNeeds:
    """Return the needs with what the EV wishes when schedules are exchanged: departure, energy, length of schedules."""
    told = request.Dynamic_SEReqControlMode or request.Scheduled_SEReqControlMode
    if told is None:
        return needs
    return msgspec.structs.replace(
        needs,
        departure_s=told.DepartureTime,
        energy_wh=quotient(told.EVTargetEnergyRequest) if told.EVTargetEnergyRequest is not None else None,
        max_entries=request.MaximumSupportingPoints,
    )


def profile_of(told: cm.EVPowerProfileType) -> list[ProfileEntry]:
    """Return a power profile with the starts of its entries instead of their durations."""
    entries: list[ProfileEntry] = []
    at = 0
    for each in told.EVPowerProfileEntries.EVPowerProfileEntry:
        entries.append(ProfileEntry(at, quotient(each.Power)))
        at += each.Duration
    return entries
