"""The SECC's side of DIN SPEC 70121 sessions: DC, paid for by external means; no pause and no renegotiation."""

from __future__ import annotations

from v2x_architecture.iso15118.charging import ChargingNeeds, Choice, ProfileEntry, Schedule, keeps_to
from v2x_architecture.iso15118.editions import Application
from v2x_architecture.iso15118.exi.messages import din
from v2x_architecture.iso15118.secc.config import Memory, SeccConfig
from v2x_architecture.iso15118.secc.dc import READY, DcOutput
from v2x_architecture.iso15118.secc.dialogue import Answer, Later, NoAnswer
from v2x_architecture.iso15118.secc.din_parts import DinParts
from v2x_architecture.iso15118.secc.evse import Authorization, Check, Evse
from v2x_architecture.iso15118.secc.older import OlderDialogue
from v2x_architecture.iso15118.secc.outputs import CloseReason
from v2x_architecture.iso15118.sequences import Facts
from v2x_architecture.iso15118.v2gtp import PayloadType
from v2x_architecture.iso15118.values import number

CHARGE_SERVICE = 1
"""ServiceID of charging."""

_WORKING = frozenset({"EVSE_Ready", "EVSE_IsolationMonitoringActive"})
"""Status codes of a DC supply that can give energy."""

type Code = din.responseCodeType


class DinDialogue(OlderDialogue[din.BodyBaseType]):
    """A session of DIN SPEC 70121.

    Args:
        application: the protocol.
        evse: that energy comes from.
        config: how the SECC behaves.
        memory: what it remembers between connections; here it makes session ids only.
    """

    def __init__(self, application: Application, evse: Evse, config: SeccConfig, memory: Memory) -> None:
        super().__init__(application, evse, config, memory)
        self.energy = "DC"
        self.parts = DinParts(evse, config)
        self.output = DcOutput(evse)

    def answer(self, message: object, now: float) -> Answer | Later:
        """Take a request and give the response to it, or have it looked at again.

        Raises:
            NoAnswer: no response belongs to it.
        """
        if not isinstance(message, din.V2G_Message):
            raise NoAnswer(f"{type(message).__name__} came without its envelope")
        request = message.Body.BodyElement
        name = element(request)
        if request is None or not name.endswith("Req"):
            raise NoAnswer(f"{name or 'an empty body'} came in state {self.state}")
        objection = self.objection(name, message.Header.SessionID)
        response = self.refuse(request, objection, now) if objection is not None else self.respond(request, now)
        if isinstance(response, Later):
            return response
        code: str = getattr(response, "ResponseCode", "FAILED")
        end, text = None, ""
        if code.startswith("FAILED"):
            end, text = CloseReason.REFUSED, f"{name} in state {self.state} was answered {code}"
        else:
            self.move(element(response), self.facts(request, response))
            if isinstance(request, din.SessionStopType):
                end = CloseReason.STOPPED
        header = din.MessageHeaderType(SessionID=self.session_id)
        sent = din.V2G_Message(Header=header, Body=din.BodyType(BodyElement=response))
        return Answer(name=element(response), message=sent, payload_type=PayloadType.EXI, end=end, text=text)

    def facts(self, request: din.BodyBaseType, response: din.BodyBaseType) -> Facts:
        """Return what decides on the next state."""
        progress = ""
        if isinstance(request, din.PowerDeliveryReqType):
            progress = "Start" if request.ReadyToChargeState else "Stop"
        return Facts(energy="DC", processing=getattr(response, "EVSEProcessing", ""), progress=progress)

    def refuse(self, request: din.BodyBaseType, code: Code, now: float) -> din.BodyBaseType:
        """Return the response that says no."""
        return self.parts.refusal(request, code, now)

    def respond(self, request: din.BodyBaseType, now: float) -> din.BodyBaseType | Later:
        """Return the response to a request that has its place."""
        match request:
            case din.SessionSetupReqType():
                return self.session_setup(request, now)
            case din.ServiceDiscoveryReqType():
                return self.service_discovery(request, now)
            case din.ServicePaymentSelectionReqType():
                return self.service_payment_selection(request, now)
            case din.ContractAuthenticationReqType():
                return self.contract_authentication(request, now)
            case din.ChargeParameterDiscoveryReqType():
                return self.charge_parameter_discovery(request, now)
            case din.CableCheckReqType():
                return self.cable_check(request, now)
            case din.PreChargeReqType():
                return self.pre_charge(request, now)
            case din.PowerDeliveryReqType():
                return self.power_delivery(request, now)
            case din.CurrentDemandReqType():
                return self.current_demand(request, now)
            case din.WeldingDetectionReqType():
                return self.welding_detection(request, now)
            case din.SessionStopType():
                return self.session_stop(request, now)
            case _:
                raise NoAnswer(f"the state table took {type(request).__name__}, which no session of this kind has")

    # The requests, in the order of a session

    def session_setup(self, request: din.SessionSetupReqType, now: float) -> din.BodyBaseType:
        """Begin a session; an EVCCID of any length is taken, as EVs send more than a MAC address."""
        self.output.look(now)
        self.session_id = self.memory.new_id()
        return din.SessionSetupResType(
            ResponseCode="OK_NewSessionEstablished",
            EVSEID=self.config.din_evse_id,
            DateTimeNow=int(self.config.epoch + now),
        )

    def service_discovery(self, request: din.ServiceDiscoveryReqType, now: float) -> din.BodyBaseType:
        """Tell what there is: DC charging, paid for by external means."""
        return self.parts.services("OK")

    def service_payment_selection(self, request: din.ServicePaymentSelectionReqType, now: float) -> din.BodyBaseType:
        """Take the EV's choice; there is external payment only ([V2G-DC-252])."""
        if request.SelectedPaymentOption != "ExternalPayment":
            return self.refuse(request, "FAILED_PaymentSelectionInvalid", now)
        if {each.ServiceID for each in request.SelectedServiceList.SelectedService} != {CHARGE_SERVICE}:
            return self.refuse(request, "FAILED_ServiceSelectionInvalid", now)
        return din.ServicePaymentSelectionResType(ResponseCode="OK")

    def contract_authentication(self, request: din.ContractAuthenticationReqType, now: float) -> din.BodyBaseType:
        """Tell whether energy may flow."""
        match self.evse.authorization(now):
            case Authorization.REJECTED:
                return self.refuse(request, "FAILED", now)
            case Authorization.ACCEPTED:
                return din.ContractAuthenticationResType(ResponseCode="OK", EVSEProcessing="Finished")
            case _:
                return din.ContractAuthenticationResType(ResponseCode="OK", EVSEProcessing="Ongoing")

    def charge_parameter_discovery(self, request: din.ChargeParameterDiscoveryReqType, now: float) -> din.BodyBaseType:
        """Exchange limits, and tell the power there is."""
        if request.EVRequestedEnergyTransferType not in self.evse.modes:
            return self.refuse(request, "FAILED_WrongEnergyTransferType", now)
        needs = self.needs_of(request)
        if needs is None or not self.can_serve(needs, now):
            return self.refuse(request, "FAILED_WrongChargeParameter", now)
        self.needs = needs
        self.evse.set_needs(needs, now)
        schedules = self.evse.schedules(now)
        if schedules is None:
            return self.parts.parameters("OK", "Ongoing", now)
        self.schedules = schedules
        return self.parts.parameters("OK", "Finished", now, schedules)

    def cable_check(self, request: din.CableCheckReqType, now: float) -> din.BodyBaseType:
        """Test cable and isolation."""
        self.evse.set_soc(request.DC_EVStatus.EVRESSSOC, now)
        check = self.output.cable_check(now)
        if check is Check.FAILED or request.DC_EVStatus.EVErrorCode != "NO_ERROR":
            return self.refuse(request, "FAILED", now)
        if self.evse.dc_status(now) == "EVSE_Shutdown":
            # The EVSE has the EV end the session, by that status ([V2G-DC-891]).
            self.evse.switch_off(now)
            return self.parts.cable_check("OK", "Finished", now)
        if check is Check.ONGOING and self.too_long("cable check", now, "V2G_SECC_CableCheck_Performance_Time"):
            return self.refuse(request, "FAILED", now)
        if check is Check.ONGOING:
            return self.parts.cable_check("OK", "Ongoing", now)
        return self.parts.cable_check("OK", "Finished", now, isolation="Valid")

    def pre_charge(self, request: din.PreChargeReqType, now: float) -> din.BodyBaseType:
        """Bring the output to the EV's voltage, for so long as PowerDeliveryReq may be waited for ([V2G-DC-969])."""
        if self.too_long("pre-charge", now, "V2G_SECC_PowerDelivery_Timeout"):
            return self.refuse(request, "FAILED", now)
        if self.output.pre_charge(number(request.EVTargetVoltage), number(request.EVTargetCurrent), now) is None:
            return self.refuse(request, "FAILED", now)
        return self.parts.pre_charge("OK", now)

    def power_delivery(self, request: din.PowerDeliveryReqType, now: float) -> din.BodyBaseType:
        """Begin or end the flow of energy."""
        code = self.start(request, now) if request.ReadyToChargeState else self.stop(now)
        if code is not None:
            return self.refuse(request, code, now)
        return din.PowerDeliveryResType(ResponseCode="OK", EVSEStatus=self.parts.status(now))

    def current_demand(self, request: din.CurrentDemandReqType, now: float) -> din.BodyBaseType:
        """Give the current that is demanded, within all limits."""
        self.evse.set_soc(request.DC_EVStatus.EVRESSSOC, now)
        if self.output.emergency(now):
            return self.refuse(request, "FAILED", now)
        demand = self.output.demand(number(request.EVTargetVoltage), number(request.EVTargetCurrent), now, self.needs)
        return self.parts.demand("OK", demand, now)

    def welding_detection(self, request: din.WeldingDetectionReqType, now: float) -> din.BodyBaseType | Later:
        """Tell the voltage at the output, by which the EV sees whether its contactors have opened."""
        kept = self.kept_waiting(request, now)
        return self.parts.welding_detection("OK", now) if kept is None else kept

    def session_stop(self, request: din.SessionStopType, now: float) -> din.BodyBaseType | Later:
        """End the session."""
        if (kept := self.kept_waiting(request, now)) is not None:
            return kept
        self.evse.end(now, paused=False)
        return din.SessionStopResType(ResponseCode="OK")

    # Decisions within

    def needs_of(self, request: din.ChargeParameterDiscoveryReqType) -> ChargingNeeds | None:
        """Return what the EV tells of itself; None when it tells of AC."""
        told = request.EVChargeParameter
        if not isinstance(told, din.DC_EVChargeParameterType):
            return None
        return ChargingNeeds(
            mode=request.EVRequestedEnergyTransferType,
            max_voltage_v=number(told.EVMaximumVoltageLimit),
            max_current_a=number(told.EVMaximumCurrentLimit),
            max_power_w=number(told.EVMaximumPowerLimit) if told.EVMaximumPowerLimit is not None else None,
            energy_wh=number(told.EVEnergyRequest) if told.EVEnergyRequest is not None else None,
            capacity_wh=number(told.EVEnergyCapacity) if told.EVEnergyCapacity is not None else None,
            soc=told.DC_EVStatus.EVRESSSOC,
            full_soc=told.FullSOC,
            bulk_soc=told.BulkSOC,
        )

    def can_serve(self, needs: ChargingNeeds, now: float) -> bool:
        """Tell whether what the EV says of itself makes sense, and this EVSE can serve it."""
        return needs.max_current_a > 0 and needs.max_voltage_v >= self.evse.dc_limits(now).min_voltage_v

    def start(self, request: din.PowerDeliveryReqType, now: float) -> Code | None:
        """Let energy flow; return what stands against it."""
        profile = request.ChargingProfile
        chosen: Schedule | None = self.schedules[0] if self.schedules else None
        entries: list[ProfileEntry] = []
        if profile is not None:
            chosen = self.schedule(profile.SAScheduleTupleID)
            if chosen is None:
                return "FAILED_TariffSelectionInvalid"
            entries = [
                ProfileEntry(each.ChargingProfileEntryStart, each.ChargingProfileEntryMaxPower) for each in profile.ProfileEntry
            ]
            if not keeps_to(entries, chosen):
                return "FAILED_ChargingProfileInvalid"
        if self.evse.dc_status(now) not in _WORKING or self.evse.cp_state(now) not in READY:
            return "FAILED_PowerDeliveryNotApplied"
        if not self.evse.close_contactor(now):
            return "FAILED_PowerDeliveryNotApplied"
        self.evse.choose(Choice(schedule=chosen, profile=tuple(entries)), now)
        return None

    def stop(self, now: float) -> Code | None:
        """Let no more energy flow; return what went wrong."""
        self.evse.switch_off(now)
        return None if self.evse.open_contactor(now) else "FAILED"


def element(body: din.BodyBaseType | None) -> str:
    """Return the name of a body's element; empty for none."""
    if body is None:
        return ""
    # The one type that is not named as its element.
    return "SessionStopReq" if isinstance(body, din.SessionStopType) else type(body).__name__.removesuffix("Type")
