"""SECCs of DIN SPEC 70121 with one thing wrong each: sessions as they should not be held."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from v2x_architecture.iso15118.charging import ChargingNeeds, DcLimits, Schedule
from v2x_architecture.iso15118.exi import Decoded, ExiError, Schema, codec
from v2x_architecture.iso15118.exi.messages import din
from v2x_architecture.iso15118.secc import Output, Secc
from v2x_architecture.iso15118.secc.dialogue import Answer, Later, NoAnswer, Objection
from v2x_architecture.iso15118.secc.din import Code, DinDialogue
from v2x_architecture.iso15118.secc.evse import Authorization, Check
from v2x_architecture.iso15118.v2gtp import Discarded, Event
from v2x_architecture.iso15118.values import number

_SETUP = din.V2G_Message(
    Header=din.MessageHeaderType(SessionID=bytes(8)), Body=din.BodyType(BodyElement=din.SessionSetupReqType(EVCCID=bytes(6)))
)

# Order and session


class AnyOrder(DinDialogue):
    """Takes requests in any order."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Look at the session only."""
        found = super().objection(request, session_id)
        return None if found == "FAILED_SequenceError" else found


class NoSequenceError(DinDialogue):
    """Says FAILED where it is to say what is wrong."""

    def refuse(self, request: din.BodyBaseType, code: Code, now: float) -> din.BodyBaseType:
        """Say FAILED."""
        return super().refuse(request, "FAILED", now)


class AnotherResponse(DinDialogue):
    """Refuses whatever it is asked out of turn with the response to SessionStopReq."""

    def refuse(self, request: din.BodyBaseType, code: Code, now: float) -> din.BodyBaseType:
        """Refuse a request that was not made."""
        return super().refuse(din.SessionStopType() if code == "FAILED_SequenceError" else request, code, now)


class Mute(DinDialogue):
    """Hangs up on what it does not take, without an answer."""

    def refuse(self, request: din.BodyBaseType, code: Code, now: float) -> din.BodyBaseType:
        """Give no response."""
        raise NoAnswer(code)


class HoldsOn(DinDialogue):
    """Refuses, and keeps the connection all the same."""

    def answer(self, message: object, now: float) -> Answer | Later:
        """Do not end after a response that says no."""
        given = super().answer(message, now)
        if isinstance(given, Later):
            return given
        stopped = given.name == "SessionStopRes" and self.state == "End"
        return given if stopped else msgspec.structs.replace(given, end=None)


class AnySession(DinDialogue):
    """Takes requests of any session."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Look at the place of the request only."""
        return super().objection(request, self.session_id)


class SessionFirst(DinDialogue):
    """Calls a session unknown before there is any."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Look at the session first, even where there is none."""
        early = self.state == "SessionSetup" and request != "SessionSetupReq"
        return "FAILED_UnknownSession" if early else super().objection(request, session_id)


class Narrow(DinDialogue):
    """Does not take a request where it has its place.

    Attributes:
        request: its name. states: where.
    """

    request: ClassVar[str]
    states: ClassVar[tuple[str, ...]]

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Object to that one."""
        refused = request == self.request and self.state in self.states
        return "FAILED_SequenceError" if refused else super().objection(request, session_id)


class NoStopAfterCableCheck(Narrow):
    """Takes no SessionStopReq once the cable has been checked."""

    request, states = "SessionStopReq", ("PreCharge", "PreChargeOrPowerDelivery")


class NoStopAfterServices(Narrow):
    """Takes no SessionStopReq before the EV has told its limits."""

    request, states = "SessionStopReq", ("ServicePaymentSelection", "ContractAuthentication", "ChargeParameterDiscovery")


class NoCableCheck(Narrow):
    """Takes no CableCheckReq after the parameters."""

    request, states = "CableCheckReq", ("CableCheck",)


class NoPreCharge(Narrow):
    """Takes no PreChargeReq after the cable check."""

    request, states = "PreChargeReq", ("PreCharge",)


class OnePreCharge(Narrow):
    """Takes one PreChargeReq only."""

    request, states = "PreChargeReq", ("PreChargeOrPowerDelivery",)


class OneAuthentication(DinDialogue):
    """Takes ContractAuthenticationReq until it has said Ongoing."""

    _again = False

    def contract_authentication(self, request: din.ContractAuthenticationReqType, now: float) -> din.BodyBaseType:
        """Go where nothing is taken."""
        response = super().contract_authentication(request, now)
        self._again = getattr(response, "EVSEProcessing", "") == "Ongoing"
        return response

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Object to the second one."""
        second = request == "ContractAuthenticationReq" and self._again
        return "FAILED_SequenceError" if second else super().objection(request, session_id)


class OneParameters(DinDialogue):
    """Takes ChargeParameterDiscoveryReq until it has said Ongoing."""

    _again = False

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Object to the second one."""
        second = request == "ChargeParameterDiscoveryReq" and self._again
        self._again = self._again or request == "ChargeParameterDiscoveryReq"
        return "FAILED_SequenceError" if second else super().objection(request, session_id)


class NoCurrentDemand(Narrow):
    """Takes no CurrentDemandReq after PowerDeliveryRes."""

    request, states = "CurrentDemandReq", ("CurrentDemand",)


class NoEnd(Narrow):
    """Takes no PowerDeliveryReq while energy flows."""

    request, states = "PowerDeliveryReq", ("CurrentDemandOrPowerDelivery",)


class NoWeldingDetection(Narrow):
    """Takes no WeldingDetectionReq."""

    request, states = "WeldingDetectionReq", ("WeldingDetectionOrSessionStop",)


class NoStopAtTheEnd(Narrow):
    """Takes no SessionStopReq at the end."""

    request, states = "SessionStopReq", ("WeldingDetectionOrSessionStop",)


class PowerWithoutPreCharge(DinDialogue):
    """Lets energy flow without pre-charge, and pre-charges while the cable is still being checked."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Take them."""
        early = (self.state, request) in (("PreCharge", "PowerDeliveryReq"), ("CableCheck", "PreChargeReq"))
        return None if early else super().objection(request, session_id)


# Session setup, services, authorization


class OneSession(DinDialogue):
    """Gives every session the same id."""

    def session_setup(self, request: din.SessionSetupReqType, now: float) -> din.BodyBaseType:
        """Begin the session of always."""
        response = super().session_setup(request, now)
        self.session_id = bytes.fromhex("0102030405060708")
        return response


class AnySessionJoined(DinDialogue):
    """Goes on with whatever session it is asked for."""

    def answer(self, message: object, now: float) -> Answer | Later:
        """Take the SessionID of the request."""
        given = super().answer(message, now)
        if isinstance(given, Later):
            return given
        if given.name != "SessionSetupRes" or not isinstance(message, din.V2G_Message) or not any(message.Header.SessionID):
            return given
        self.session_id = message.Header.SessionID
        assert isinstance(given.message, din.V2G_Message)
        given.message.Header.SessionID = self.session_id
        return given


class MacOnly(DinDialogue):
    """Takes EVCCIDs of 6 octets only."""

    def session_setup(self, request: din.SessionSetupReqType, now: float) -> din.BodyBaseType:
        """Refuse a longer one."""
        return super().session_setup(request, now) if len(request.EVCCID) <= 6 else self.refuse(request, "FAILED", now)


class EvseIdAtRandom(DinDialogue):
    """Tells another EVSEID each time."""

    def session_setup(self, request: din.SessionSetupReqType, now: float) -> din.BodyBaseType:
        """Take it from the session."""
        response = super().session_setup(request, now)
        assert isinstance(response, din.SessionSetupResType)
        response.EVSEID = self.session_id
        return response


class AnyPayment(DinDialogue):
    """Takes whatever services and payment are selected."""

    def service_payment_selection(self, request: din.ServicePaymentSelectionReqType, now: float) -> din.BodyBaseType:
        """Take them."""
        return din.ServicePaymentSelectionResType(ResponseCode="OK")


class NobodyIsAsked(DinDialogue):
    """Says that the customer is known, whoever it is."""

    def contract_authentication(self, request: din.ContractAuthenticationReqType, now: float) -> din.BodyBaseType:
        """Ask nobody."""
        return din.ContractAuthenticationResType(ResponseCode="OK", EVSEProcessing="Finished")


class NeverDone(DinDialogue):
    """Does not hear that the customer is known by now."""

    _ongoing_once = False

    def contract_authentication(self, request: din.ContractAuthenticationReqType, now: float) -> din.BodyBaseType:
        """Keep to Ongoing."""
        self._ongoing_once = self._ongoing_once or self.evse.authorization(now) is Authorization.ONGOING
        if self._ongoing_once:
            return din.ContractAuthenticationResType(ResponseCode="OK", EVSEProcessing="Ongoing")
        return super().contract_authentication(request, now)


# Parameters


class AnyEnergy(DinDialogue):
    """Takes AC for DC."""

    def charge_parameter_discovery(self, request: din.ChargeParameterDiscoveryReqType, now: float) -> din.BodyBaseType:
        """Take every way of energy transfer for its own."""
        request.EVRequestedEnergyTransferType = "DC_extended"
        return super().charge_parameter_discovery(request, now)

    def needs_of(self, request: din.ChargeParameterDiscoveryReqType) -> ChargingNeeds | None:
        """Make something of AC parameters."""
        return super().needs_of(request) or ChargingNeeds(mode="DC_extended", max_voltage_v=400.0, max_current_a=32.0)


class AnyLimits(DinDialogue):
    """Goes on with any EV, whatever its limits are."""

    def can_serve(self, needs: ChargingNeeds, now: float) -> bool:
        """Serve it."""
        return True


class NoScheduleYet(DinDialogue):
    """Says Finished though it has no schedule yet."""

    def charge_parameter_discovery(self, request: din.ChargeParameterDiscoveryReqType, now: float) -> din.BodyBaseType:
        """Wait for nothing."""
        response = super().charge_parameter_discovery(request, now)
        if isinstance(response, din.ChargeParameterDiscoveryResType) and response.EVSEProcessing == "Ongoing":
            response.EVSEProcessing = "Finished"
        return response


# Cable check and pre-charge


class Unchecked(DinDialogue):
    """Calls every cable safe."""

    def cable_check(self, request: din.CableCheckReqType, now: float) -> din.BodyBaseType:
        """Say that it is."""
        check = self.output.cable_check(now)
        return self.parts.cable_check("OK", "Ongoing" if check is Check.ONGOING else "Finished", now, isolation="Valid")


class CheckForEver(DinDialogue):
    """Checks the cable for ever."""

    def cable_check(self, request: din.CableCheckReqType, now: float) -> din.BodyBaseType:
        """Go on."""
        return self.parts.cable_check("OK", "Ongoing", now)


class AnyState(DinDialogue):
    """Checks the cable in any state of the control pilot."""

    def cable_check(self, request: din.CableCheckReqType, now: float) -> din.BodyBaseType:
        """Look at the cable only."""
        check = self.evse.cable_check(now)
        return self.parts.cable_check("OK", "Ongoing" if check is Check.ONGOING else "Finished", now, isolation="Valid")


class NoStopInCableCheck(DinDialogue):
    """Checks the cable to the end though it is to stop, and says FAILED then."""

    def cable_check(self, request: din.CableCheckReqType, now: float) -> din.BodyBaseType:
        """Fail when it is to stop."""
        stopped = self.evse.dc_status(now) == "EVSE_Shutdown"
        return self.refuse(request, "FAILED", now) if stopped else super().cable_check(request, now)


class PreChargeForEver(DinDialogue):
    """Pre-charges for as long as it is asked to."""

    def too_long(self, what: str, now: float, timer: str = "V2G_SECC_Ongoing_Performance_Time") -> bool:
        """Find nothing too long."""
        return False


class ImpatientPreCharge(DinDialogue):
    """Gives up pre-charging after 5 s."""

    def too_long(self, what: str, now: float, timer: str = "V2G_SECC_Ongoing_Performance_Time") -> bool:
        """Wait for 5 s only."""
        return self.ongoing_for(what, now) > 5.0


class Echo(DinDialogue):
    """Tells the voltage that it was asked for, whatever there is."""

    def pre_charge(self, request: din.PreChargeReqType, now: float) -> din.BodyBaseType:
        """Repeat the target."""
        response = self.parts.pre_charge("OK", now)
        response.EVSEPresentVoltage = request.EVTargetVoltage
        return response


class AnyStateAfterwards(DinDialogue):
    """Does not look at the control pilot after charging."""

    def kept_waiting(self, request: din.BodyBaseType, now: float) -> din.BodyBaseType | Later | None:
        """Keep nobody waiting."""
        return None


class AnySchedule(DinDialogue):
    """Takes a charging profile of any schedule."""

    def schedule(self, schedule_id: int) -> Schedule | None:
        """Take it for the first one."""
        return self.schedules[0]


# Power


class PowerAllTheSame(DinDialogue):
    """Lets energy flow with a supply that does not work."""

    def start(self, request: din.PowerDeliveryReqType, now: float) -> Code | None:
        """Start."""
        return None


class NoLimits(DinDialogue):
    """Gives all that the hardware can, whatever its limits are."""

    def current_demand(self, request: din.CurrentDemandReqType, now: float) -> din.BodyBaseType:
        """Set the supply to the target."""
        response = super().current_demand(request, now)
        self.evse.set_dc(number(request.EVTargetVoltage), number(request.EVTargetCurrent), now)
        if isinstance(response, din.CurrentDemandResType):
            flows = din.PhysicalValueType(Multiplier=-1, Unit="A", Value=int(self.evse.present(now).current_a * 10))
            response.EVSEPresentCurrent = flows
        return response


class OldLimits(DinDialogue):
    """Tells the limits of the beginning for ever."""

    _limits: DcLimits | None = None

    def current_demand(self, request: din.CurrentDemandReqType, now: float) -> din.BodyBaseType:
        """Tell them."""
        response = super().current_demand(request, now)
        self._limits = self._limits or self.evse.dc_limits(now)
        if isinstance(response, din.CurrentDemandResType):
            most = int(self._limits.max_current_a * 10)
            response.EVSEMaximumCurrentLimit = din.PhysicalValueType(Multiplier=-1, Unit="A", Value=most)
        return response


class NoEmergency(DinDialogue):
    """Goes on in an emergency, and tells it."""

    def current_demand(self, request: din.CurrentDemandReqType, now: float) -> din.BodyBaseType:
        """Give what is demanded."""
        target = number(request.EVTargetCurrent)
        demand = self.output.demand(number(request.EVTargetVoltage), target, now, self.needs)
        return self.parts.demand("OK", demand, now)


class AllOrNothing(DinDialogue):
    """Refuses CurrentDemandReq without the EV's limits."""

    def current_demand(self, request: din.CurrentDemandReqType, now: float) -> din.BodyBaseType:
        """Ask for what need not be there."""
        bare = request.EVMaximumCurrentLimit is None or request.RemainingTimeToFullSoC is None
        return self.refuse(request, "FAILED", now) if bare else super().current_demand(request, now)


class StaysOn(DinDialogue):
    """Leaves the supply on when a session ends other than in order."""

    def halt(self, now: float) -> None:
        """Leave everything as it is."""
        self.state = "End"


# The connection


class EverWaiting(Secc):
    """Waits for the next request for ten minutes."""

    def sequence_timeout(self) -> float:
        """Wait."""
        return 600.0


class Impatient(Secc):
    """Waits for the next request for twenty seconds."""

    def sequence_timeout(self) -> float:
        """Wait less than an EV may take."""
        return 20.0


class Guesses(Secc):
    """Takes what it cannot read for the request that it waits for."""

    def malformed(self, error: ExiError, now: float) -> list[Output]:
        """Answer OK."""
        assert self.dialogue is not None
        request = din.ServiceDiscoveryReqType()
        header = din.MessageHeaderType(SessionID=self.dialogue.session_id)
        return self.take(_decoded(din.V2G_Message(Header=header, Body=din.BodyType(BodyElement=request))), now)


class AnyVersion(Secc):
    """Takes messages of any version of V2GTP."""

    def receive(self, event: Event, now: float) -> list[Output]:
        """Take what is to be discarded for a request for a session."""
        return self.take(_decoded(_SETUP), now) if isinstance(event, Discarded) else super().receive(event, now)


def _decoded(message: din.V2G_Message) -> Decoded:
    grammar = codec(Schema.DIN)
    return grammar.decode(grammar.encode(message))
