"""SECCs of ISO 15118-20 with one thing wrong each, from the exchange of limits to the end."""

from __future__ import annotations

import msgspec
from v2x_architecture.coupling import Present
from v2x_architecture.iso15118.charging import ChargingNeeds
from v2x_architecture.iso15118.exi.messages import iso20_ac as ac
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.quantities import rational
from v2x_architecture.iso15118.secc.dc import Demand
from v2x_architecture.iso15118.secc.dialogue import Answer, Dialogue, Later, NoAnswer, Objection
from v2x_architecture.iso15118.secc.iso20 import Iso20Dialogue
from v2x_architecture.iso15118.secc.outputs import CloseReason
from v2x_architecture.iso15118.services20 import ControlMode, Service
from v2x_architecture.iso15118.values import quotient

type Loop = ac.AC_ChargeLoopReqType | dc.DC_ChargeLoopReqType

# Limits and schedules


class AnyChargeParameter(Iso20Dialogue):
    """Takes limits of an EV that cannot be."""

    def needs_of(
        self, request: ac.AC_ChargeParameterDiscoveryReqType | dc.DC_ChargeParameterDiscoveryReqType, now: float
    ) -> ChargingNeeds | None:
        """Take the amount of them."""
        needs = super().needs_of(request, now)
        return msgspec.structs.replace(needs, max_current_a=abs(needs.max_current_a)) if needs is not None else None


class PlansForAnHour(Iso20Dialogue):
    """Plans for an hour for an EV that does not say when it departs."""

    def schedule_exchange(self, request: cm.ScheduleExchangeReqType, now: float) -> ct.V2GResponseType:
        """Cut it short."""
        response = super().schedule_exchange(request, now)
        assert isinstance(response, cm.ScheduleExchangeResType)
        if (scheduled := response.Scheduled_SEResControlMode) is not None:
            for each in scheduled.ScheduleTuple:
                for entry in each.ChargingSchedule.PowerSchedule.PowerScheduleEntries.PowerScheduleEntry:
                    entry.Duration = 3600
        return response


class SchedulesInDynamicMode(Iso20Dialogue):
    """Answers a wish for schedules in dynamic control."""

    def schedule_exchange(self, request: cm.ScheduleExchangeReqType, now: float) -> ct.V2GResponseType:
        """Answer in the other mode."""
        response = super().schedule_exchange(request, now)
        assert isinstance(response, cm.ScheduleExchangeResType)
        response.Scheduled_SEResControlMode = None
        response.Dynamic_SEResControlMode = cm.Dynamic_SEResControlModeType()
        return response


class SchedulesRefusedForNow(Iso20Dialogue):
    """Fails ScheduleExchangeReq while schedules are being worked out."""

    def schedule_exchange(self, request: cm.ScheduleExchangeReqType, now: float) -> ct.V2GResponseType:
        """Fail it."""
        response = super().schedule_exchange(request, now)
        waits = isinstance(response, cm.ScheduleExchangeResType) and response.EVSEProcessing == "Ongoing"
        return self.refuse(request, "FAILED", now) if waits else response


class SchedulesNeverReady(Iso20Dialogue):
    """Says without end that schedules are being worked out."""

    def schedule_exchange(self, request: cm.ScheduleExchangeReqType, now: float) -> ct.V2GResponseType:
        """Say so."""
        response = super().schedule_exchange(request, now)
        assert isinstance(response, cm.ScheduleExchangeResType)
        response.EVSEProcessing = "Ongoing"
        return response


class AnySchedule(Iso20Dialogue):
    """Takes the choice of a schedule that it does not offer."""

    def profile_objection(self, request: cm.PowerDeliveryReqType) -> ct.responseCodeType | None:
        """Have nothing against it."""
        code = super().profile_objection(request)
        return None if code == "FAILED_ScheduleSelectionInvalid" else code


class AnyProfile(Iso20Dialogue):
    """Takes a power profile that exceeds the schedule."""

    def profile_objection(self, request: cm.PowerDeliveryReqType) -> ct.responseCodeType | None:
        """Have nothing against it."""
        code = super().profile_objection(request)
        return None if code == "FAILED_EVPowerProfileInvalid" else code


# While energy flows


class LoopInOtherMode(Iso20Dialogue):
    """Answers each turn of the charge loop in the other control mode."""

    def respond(self, request: ct.V2GRequestType, now: float) -> ct.V2GResponseType | Later:
        """Turn the control mode round for as long as the answer is made."""
        if not isinstance(request, ac.AC_ChargeLoopReqType | dc.DC_ChargeLoopReqType):
            return super().respond(request, now)
        chosen = self.parts.control
        other = ControlMode.SCHEDULED if chosen is ControlMode.DYNAMIC else ControlMode.DYNAMIC
        response = super().respond(request, now)
        self.parts.control = other
        if isinstance(request, dc.DC_ChargeLoopReqType):
            response = self.parts.minimal(request, "OK", now)
        else:
            response = self.parts.ac_loop("OK", 1_000.0, now, meter=False)
        self.parts.control = chosen
        return response


class OneWayMode(Iso20Dialogue):
    """Answers an EV that may give energy back in the control mode for charging only."""

    def respond(self, request: ct.V2GRequestType, now: float) -> ct.V2GResponseType | Later:
        """Forget the way back for as long as the answer is made."""
        response = super().respond(request, now)
        if not isinstance(response, ac.AC_ChargeLoopResType | dc.DC_ChargeLoopResType):
            return response
        told = response.CLResControlMode
        name = type(told).__name__.removeprefix("BPT_")
        plain = getattr(ac if self.energy == "AC" else dc, name)
        response.CLResControlMode = plain(**{each: getattr(told, each) for each in plain.__struct_fields__})
        return response


class LimitsGrow(Iso20Dialogue):
    """Tells higher limits in the charge loop than before it."""

    def dc_charge_loop(self, request: dc.DC_ChargeLoopReqType, now: float) -> ct.V2GResponseType:
        """Tell twice the current."""
        response = super().dc_charge_loop(request, now)
        assert isinstance(response, dc.DC_ChargeLoopResType)
        told = response.CLResControlMode
        assert isinstance(told, dc.Scheduled_DC_CLResControlModeType | dc.Dynamic_DC_CLResControlModeType)
        told.EVSEMaximumChargeCurrent = rational(2 * self.evse.dc_limits(now).max_current_a)
        return response


class GivesWhatIsDemanded(Iso20Dialogue):
    """Gives as much current as the EV demands, whatever its limits."""

    def dc_charge_loop(self, request: dc.DC_ChargeLoopReqType, now: float) -> ct.V2GResponseType:
        """Say that it flows."""
        response = super().dc_charge_loop(request, now)
        asked = request.CLReqControlMode
        if isinstance(response, dc.DC_ChargeLoopResType) and isinstance(asked, dc.Scheduled_DC_CLReqControlModeType):
            response.EVSEPresentCurrent = asked.EVTargetCurrent
        return response


class TooHighTargetFails(Iso20Dialogue):
    """Fails an EV that demands more than there is."""

    def dc_charge_loop(self, request: dc.DC_ChargeLoopReqType, now: float) -> ct.V2GResponseType:
        """Look at the demand."""
        response = super().dc_charge_loop(request, now)
        too_high = isinstance(response, dc.DC_ChargeLoopResType) and response.EVSECurrentLimitAchieved
        return self.refuse(request, "FAILED_WrongChargeParameter", now) if too_high else response


class MeterFalls(Iso20Dialogue):
    """Tells a register that falls while the EV charges."""

    def respond(self, request: ct.V2GRequestType, now: float) -> ct.V2GResponseType | Later:
        """Count backwards."""
        response = super().respond(request, now)
        if isinstance(response, ac.AC_ChargeLoopResType | dc.DC_ChargeLoopResType) and response.MeterInfo is not None:
            left = vars(self)["left"] = vars(self).get("left", 1_000) - 1
            response.MeterInfo.ChargedEnergyReadingWh = left
        return response


class TargetOfEachPhase(Iso20Dialogue):
    """Tells a target for L2 and for L3 to an EV that told nothing of them."""

    def ac_charge_loop(self, request: ac.AC_ChargeLoopReqType, now: float) -> ct.V2GResponseType:
        """Share it out."""
        response = super().ac_charge_loop(request, now)
        assert isinstance(response, ac.AC_ChargeLoopResType)
        told = response.CLResControlMode
        if isinstance(told, ac.Dynamic_AC_CLResControlModeType):
            third = rational(quotient(told.EVSETargetActivePower) / 3, 0)
            told.EVSETargetActivePower = told.EVSETargetActivePower_L2 = told.EVSETargetActivePower_L3 = third
        return response


class TargetAboveLimit(Iso20Dialogue):
    """Tells a target above what it said that it can."""

    def ac_charge_loop(self, request: ac.AC_ChargeLoopReqType, now: float) -> ct.V2GResponseType:
        """Take what is the sum of the phases for one of them."""
        response = super().ac_charge_loop(request, now)
        assert isinstance(response, ac.AC_ChargeLoopResType)
        told = response.CLResControlMode
        if isinstance(told, ac.Dynamic_AC_CLResControlModeType):
            told.EVSETargetActivePower = rational(3 * quotient(told.EVSETargetActivePower), 0)
        return response


class StandbyFails(Iso20Dialogue):
    """Fails an EV that asks for standby."""

    def power_delivery(self, request: cm.PowerDeliveryReqType, now: float) -> ct.V2GResponseType | Later:
        """Know no standby."""
        if request.ChargeProgress == "Standby":
            return self.refuse(request, "FAILED", now)
        return super().power_delivery(request, now)


class StandbyForEver(Iso20Dialogue):
    """Delivers no energy any more once the EV was in standby."""

    def start(self, now: float) -> ct.responseCodeType | None:
        """Stay in it."""
        was = self.standby
        code = super().start(now)
        self.standby = was
        return code


# Both ways


class NeverBack(Iso20Dialogue):
    """Takes no energy back, though the service says that it does."""

    def dc_demand(self, told: ct.CLReqControlModeType, now: float) -> Demand | None:
        """Answer with nothing where something would flow back."""
        demand = super().dc_demand(told, now)
        if demand is None or demand.present.current_a >= 0:
            return demand
        return msgspec.structs.replace(demand, present=Present(demand.present.voltage_v))


class BackToldPositive(Iso20Dialogue):
    """Tells current that flows back without its sign."""

    def dc_demand(self, told: ct.CLReqControlModeType, now: float) -> Demand | None:
        """Take the amount of it."""
        demand = super().dc_demand(told, now)
        if demand is None:
            return None
        voltage, current = demand.present.voltage_v, abs(demand.present.current_a)
        return msgspec.structs.replace(demand, present=Present(voltage, current, voltage * current))


class EvLimitsForGivingIgnored(Iso20Dialogue):
    """Takes as much energy back as it wants, whatever the EV gives."""

    def respond(self, request: ct.V2GRequestType, now: float) -> ct.V2GResponseType | Later:
        """Think that the EV gives anything."""
        match request:
            case dc.DC_ChargeLoopReqType(CLReqControlMode=dc.BPT_Dynamic_DC_CLReqControlModeType() as told):
                told.EVMaximumDischargePower, told.EVMaximumDischargeCurrent = rational(1e6, 0), rational(1e3, 0)
            case ac.AC_ChargeLoopReqType(CLReqControlMode=ac.BPT_Dynamic_AC_CLReqControlModeType() as told):
                told.EVMaximumDischargePower = rational(1e6, 0)
        return super().respond(request, now)


class BackWithoutTheService(Iso20Dialogue):
    """Takes energy back with the service for charging only."""

    def dc_charge_loop(self, request: dc.DC_ChargeLoopReqType, now: float) -> ct.V2GResponseType:
        """Say that it flows back when that is demanded."""
        response = super().dc_charge_loop(request, now)
        asked = request.CLReqControlMode
        if isinstance(response, dc.DC_ChargeLoopResType) and isinstance(asked, dc.Scheduled_DC_CLReqControlModeType):
            response.EVSEPresentCurrent = asked.EVTargetCurrent
        return response

    def ac_charge_loop(self, request: ac.AC_ChargeLoopReqType, now: float) -> ct.V2GResponseType:
        """Set the target that the operator wants."""
        response = super().ac_charge_loop(request, now)
        assert isinstance(response, ac.AC_ChargeLoopResType)
        told = response.CLResControlMode
        if isinstance(told, ac.Dynamic_AC_CLResControlModeType) and self.parts.service is Service.AC:
            told.EVSETargetActivePower = rational(self.evse.target_power(now), 0)
        return response


# Sequence and session id


class EnergyBeforePreCharge(Iso20Dialogue):
    """Takes PowerDeliveryReq before the EV says that pre-charging is finished."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Have nothing against it."""
        if request == "PowerDeliveryReq" and self.state == "DC_PreCharge":
            return None
        return super().objection(request, session_id)


class AnyOrder(Iso20Dialogue):
    """Takes requests of the charge loop before it has begun."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Have nothing against them."""
        return None if request == "DC_ChargeLoopReq" else super().objection(request, session_id)


class WeldingDetectionAnyTime(Iso20Dialogue):
    """Takes DC_WeldingDetectionReq while energy flows."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Have nothing against it."""
        return None if request == "DC_WeldingDetectionReq" else super().objection(request, session_id)


class NoScheduleNeeded(Iso20Dialogue):
    """Takes PowerDeliveryReq of an EV that has not asked for a schedule."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Have nothing against it."""
        if request == "PowerDeliveryReq" and self.state == "ScheduleExchange":
            return None
        return super().objection(request, session_id)

    def profile_objection(self, request: cm.PowerDeliveryReqType) -> ct.responseCodeType | None:
        """Have nothing to compare the profile with."""
        return None


class AnySessionInTheLoop(Iso20Dialogue):
    """Does not look at SessionIDs once energy flows."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Take any for its own."""
        return super().objection(request, self.session_id if "ChargeLoop" in self.state else session_id)


# Timeouts


class TimesOutEarly(Iso20Dialogue):
    """Gives an EV 30 s for its next request."""

    def sequence_timeout(self) -> float:
        """Wait for less."""
        return min(30.0, super().sequence_timeout())


class LoopLikeTheRest(Iso20Dialogue):
    """Waits in the charge loop as long as anywhere else."""

    def sequence_timeout(self) -> float:
        """Know one time only."""
        return Dialogue.sequence_timeout(self)


class LoopFromPowerDeliveryOn(Iso20Dialogue):
    """Gives an EV 0.5 s for its first request of the charge loop, too."""

    def sequence_timeout(self) -> float:
        """Begin with PowerDeliveryRes."""
        return 0.5 if "ChargeLoop" in self.state else super().sequence_timeout()


class ImpatientInTheLoop(Iso20Dialogue):
    """Gives an EV 0.25 s for its next request in the charge loop."""

    def sequence_timeout(self) -> float:
        """Take the EV's own time for it."""
        return 0.25 if "ChargeLoop" in self.state else super().sequence_timeout()


# Ends, pauses, other services


class StopOnlyAfterEnergy(Iso20Dialogue):
    """Refuses SessionStopReq of an EV that has not charged."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Look at what was before."""
        if request == "SessionStopReq" and self.progress != "Stop":
            return "FAILED_SequenceError"
        return super().objection(request, session_id)


class StopNotAnswered(Iso20Dialogue):
    """Ends the connection upon SessionStopReq without a word."""

    def session_stop(self, request: cm.SessionStopReqType, now: float) -> ct.V2GResponseType:
        """Say nothing."""
        raise NoAnswer("it goes without saying")


class PauseForgotten(Iso20Dialogue):
    """Begins a new session with an EV that comes back from a pause."""

    def session_setup(self, request: cm.SessionSetupReqType, now: float) -> ct.V2GResponseType:
        """Forget."""
        self.memory.paused = None
        return super().session_setup(request, now)


class AuthorizesAgain(Iso20Dialogue):
    """Goes through authorization again when a session is joined."""

    def answer(self, message: object, now: float) -> Answer | Later:
        """Begin at the beginning."""
        answer = super().answer(message, now)
        if isinstance(message, cm.SessionSetupReqType) and self.state.endswith("ChargeParameterDiscovery"):
            self.state = "AuthorizationSetup"
        return answer


class JoinedUnderAnotherId(Iso20Dialogue):
    """Says that a paused session is joined, and gives it another SessionID."""

    def session_setup(self, request: cm.SessionSetupReqType, now: float) -> ct.V2GResponseType:
        """Make one up."""
        response = super().session_setup(request, now)
        if response.ResponseCode == "OK_OldSessionJoined":
            self.session_id = self.parts.session_id = self.memory.new_id()
            response.Header.SessionID = self.session_id
        return response


class JoinsWhoeverComes(Iso20Dialogue):
    """Joins the paused session with any EV, whatever SessionID it has."""

    def session_setup(self, request: cm.SessionSetupReqType, now: float) -> ct.V2GResponseType:
        """Take it for the one that was there."""
        paused = self.memory.paused
        if paused is not None:
            request.Header.SessionID = paused.session_id
        return super().session_setup(request, now)


class AnyPause(Iso20Dialogue):
    """Lets an EV pause in dynamic control as it likes."""

    def may_pause(self, now: float) -> bool:
        """Let it."""
        return True


class NoPauseInDynamicControl(Iso20Dialogue):
    """Asks for a pause in dynamic control, and refuses it."""

    def may_pause(self, now: float) -> bool:
        """Let nobody."""
        return not self.dynamic and super().may_pause(now)


class OtherServiceEnds(Iso20Dialogue):
    """Ends the session when the EV wants another service."""

    def answer(self, message: object, now: float) -> Answer | Later:
        """Take it for an end."""
        answer = super().answer(message, now)
        if isinstance(answer, Answer) and isinstance(message, cm.SessionStopReqType):
            return msgspec.structs.replace(answer, end=CloseReason.STOPPED)
        return answer


class OtherServiceNewId(Iso20Dialogue):
    """Gives the session another SessionID when the EV chooses another service."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Let the EV in with the id from before."""
        return super().objection(request, self.session_id if request == "ServiceDiscoveryReq" else session_id)

    def session_stop(self, request: cm.SessionStopReqType, now: float) -> ct.V2GResponseType:
        """Make a new one up afterwards."""
        response = super().session_stop(request, now)
        self.session_id = self.parts.session_id = self.memory.new_id()
        return response
