"""SECCs of DIN SPEC 70121 with one thing wrong each: sessions as they should not be held."""

from __future__ import annotations

import msgspec
from v2x_architecture.iso15118.charging import ChargingNeeds, DcLimits
from v2x_architecture.iso15118.exi import Decoded, ExiError, Schema, codec
from v2x_architecture.iso15118.exi.messages import din
from v2x_architecture.iso15118.secc import Output, Secc
from v2x_architecture.iso15118.secc.dialogue import Answer, Later, NoAnswer, Objection
from v2x_architecture.iso15118.secc.din import Code, DinDialogue
from v2x_architecture.iso15118.secc.evse import Authorization
from v2x_architecture.iso15118.v2gtp import Discarded, Event
from v2x_architecture.iso15118.values import number

_SETUP = din.V2G_Message(
    Header=din.MessageHeaderType(SessionID=bytes(8)), Body=din.BodyType(BodyElement=din.SessionSetupReqType(EVCCID=bytes(6)))
)

# Order and session


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


class NoScheduleYet(DinDialogue):
    """Says Finished though it has no schedule yet."""

    def charge_parameter_discovery(self, request: din.ChargeParameterDiscoveryReqType, now: float) -> din.BodyBaseType:
        """Wait for nothing."""
        response = super().charge_parameter_discovery(request, now)
        if isinstance(response, din.ChargeParameterDiscoveryResType) and response.EVSEProcessing == "Ongoing":
            response.EVSEProcessing = "Finished"
        return response


# Cable check and pre-charge


class NoStopInCableCheck(DinDialogue):
    """Checks the cable to the end though it is to stop, and says FAILED then."""

    def cable_check(self, request: din.CableCheckReqType, now: float) -> din.BodyBaseType:
        """Fail when it is to stop."""
        stopped = self.evse.dc_status(now) == "EVSE_Shutdown"
        return self.refuse(request, "FAILED", now) if stopped else super().cable_check(request, now)


class ImpatientPreCharge(DinDialogue):
    """Gives up pre-charging after 5 s."""

    def too_long(self, what: str, now: float, timer: str = "V2G_SECC_Ongoing_Performance_Time") -> bool:
        """Wait for 5 s only."""
        return self.ongoing_for(what, now) > 5.0


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


# The connection


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
