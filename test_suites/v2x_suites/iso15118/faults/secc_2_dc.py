"""SECCs of ISO 15118-2 with one thing wrong each, in DC charging."""

from __future__ import annotations

from v2x_architecture.iso15118.charging import ChargingNeeds, DcLimits, Schedule
from v2x_architecture.iso15118.exi.messages import iso2
from v2x_architecture.iso15118.secc.dialogue import Later, Objection
from v2x_architecture.iso15118.secc.evse import Check
from v2x_architecture.iso15118.secc.iso2 import Code, Iso2Dialogue
from v2x_architecture.iso15118.values import number

# Order


class PowerWithoutPreCharge(Iso2Dialogue):
    """Lets energy flow, and pre-charges, before its turn."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Take them."""
        early = self.state in ("CableCheck", "PreCharge") and request in ("PowerDeliveryReq", "PreChargeReq")
        return None if early else super().objection(request, session_id)


class StraightToPower(Iso2Dialogue):
    """Has no cable check after a renegotiation: it waits for PowerDeliveryReq at once."""

    _again = False

    def renegotiate(self, now: float) -> Code | None:
        """Remember that there was one."""
        self._again = True
        return super().renegotiate(now)

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Object to a cable check then."""
        skipped = self._again and request == "CableCheckReq"
        return "FAILED_SequenceError" if skipped else super().objection(request, session_id)


# Parameters


class AnyMode(Iso2Dialogue):
    """Takes every energy transfer mode for its own."""

    def charge_parameter_discovery(self, request: iso2.ChargeParameterDiscoveryReqType, now: float) -> iso2.BodyBaseType:
        """Make DC of it."""
        request.RequestedEnergyTransferMode = "DC_extended"
        return super().charge_parameter_discovery(request, now)

    def needs_of(self, request: iso2.ChargeParameterDiscoveryReqType) -> ChargingNeeds | None:
        """Make something of AC parameters."""
        return super().needs_of(request) or ChargingNeeds(mode="DC_extended", max_voltage_v=400.0, max_current_a=32.0)


class AllParameters(Iso2Dialogue):
    """Refuses an EV that does not tell all of itself."""

    def can_serve(self, needs: ChargingNeeds, now: float) -> bool:
        """Ask for what need not be there."""
        told = needs.max_power_w is not None and needs.capacity_wh is not None
        return told and super().can_serve(needs, now)


class NoScheduleYet(Iso2Dialogue):
    """Says Finished though it has no schedule yet."""

    def charge_parameter_discovery(self, request: iso2.ChargeParameterDiscoveryReqType, now: float) -> iso2.BodyBaseType:
        """Wait for nothing."""
        response = super().charge_parameter_discovery(request, now)
        if isinstance(response, iso2.ChargeParameterDiscoveryResType) and response.EVSEProcessing == "Ongoing":
            response.EVSEProcessing = "Finished"
        return response


class FirstScheduleOnly(Iso2Dialogue):
    """Offers schedules of which it takes the first only."""

    def schedule(self, schedule_id: int) -> Schedule | None:
        """Know the first."""
        return self.schedules[0] if self.schedules and self.schedules[0].id == schedule_id else None


# Cable check and pre-charge


class FaultIgnored(Iso2Dialogue):
    """Tells a fault of the insulation, and pre-charges all the same."""

    def cable_check(self, request: iso2.CableCheckReqType, now: float) -> iso2.BodyBaseType:
        """Tell it, with OK."""
        check = self.output.cable_check(now)
        return self.parts.cable_check("OK", "Ongoing" if check is Check.ONGOING else "Finished", now, isolation="Fault")

    def pre_charge(self, request: iso2.PreChargeReqType, now: float) -> iso2.BodyBaseType:
        """Have the voltage there at once."""
        response = self.parts.pre_charge("OK", now)
        response.EVSEPresentVoltage = request.EVTargetVoltage
        return response


class StateCOnly(Iso2Dialogue):
    """Checks the cable in state C of the control pilot only."""

    def cable_check(self, request: iso2.CableCheckReqType, now: float) -> iso2.BodyBaseType:
        """Refuse state D."""
        return self.refuse(request, "FAILED", now) if self.evse.cp_state(now) == "D" else super().cable_check(request, now)


# Power


class AnyProfile(Iso2Dialogue):
    """Takes whatever charging profile it is told."""

    def profile_objection(self, request: iso2.PowerDeliveryReqType, chosen: Schedule) -> Code | None:
        """Find nothing wrong."""
        return None


class NoProfile(Iso2Dialogue):
    """Refuses to start without a charging profile."""

    def profile_objection(self, request: iso2.PowerDeliveryReqType, chosen: Schedule) -> Code | None:
        """Ask for what need not be there."""
        absent = request.ChargingProfile is None
        return "FAILED_ChargingProfileInvalid" if absent else super().profile_objection(request, chosen)


class StrictProfile(Iso2Dialogue):
    """Refuses a charging profile that uses all of the schedule."""

    def profile_objection(self, request: iso2.PowerDeliveryReqType, chosen: Schedule) -> Code | None:
        """Take none."""
        return "FAILED_ChargingProfileInvalid"


class PowerAllTheSame(Iso2Dialogue):
    """Lets energy flow with a supply that does not work."""

    def start(self, now: float) -> Code | None:
        """Start."""
        self.charging = True
        return None


class OfNothing(Iso2Dialogue):
    """Renegotiates before anything was agreed on."""

    def renegotiate(self, now: float) -> Code | None:
        """Have no objection."""
        return None


class OnWhileRenegotiating(Iso2Dialogue):
    """Leaves the supply on while a renegotiation goes on."""

    def renegotiate(self, now: float) -> Code | None:
        """Stop nothing."""
        self.charging, self.stopped = False, True
        return None


class NoRenegotiation(Iso2Dialogue):
    """Refuses to renegotiate, though it says that it can."""

    def renegotiate(self, now: float) -> Code | None:
        """Say no."""
        return "FAILED"


class NoStopWithErrors(Iso2Dialogue):
    """Refuses to stop for an EV that tells an error."""

    def power_delivery(self, request: iso2.PowerDeliveryReqType, now: float) -> iso2.BodyBaseType | Later:
        """Look at the error first."""
        told = request.EVPowerDeliveryParameter
        wrong = isinstance(told, iso2.DC_EVPowerDeliveryParameterType) and told.DC_EVStatus.EVErrorCode != "NO_ERROR"
        return self.refuse(request, "FAILED", now) if wrong else super().power_delivery(request, now)


# Current


class NoLimits(Iso2Dialogue):
    """Gives all that the hardware can, whatever its limits are."""

    def current_demand(self, request: iso2.CurrentDemandReqType, now: float) -> iso2.BodyBaseType:
        """Set the supply to the target."""
        response = super().current_demand(request, now)
        self.evse.set_dc(number(request.EVTargetVoltage), number(request.EVTargetCurrent), now)
        if isinstance(response, iso2.CurrentDemandResType):
            flows = int(self.evse.present(now).current_a * 10)
            response.EVSEPresentCurrent = iso2.PhysicalValueType(Multiplier=-1, Unit="A", Value=flows)
        return response


class EchoInTheLoop(Iso2Dialogue):
    """Tells the voltage that it was asked for while energy flows."""

    def current_demand(self, request: iso2.CurrentDemandReqType, now: float) -> iso2.BodyBaseType:
        """Repeat the target."""
        response = super().current_demand(request, now)
        if isinstance(response, iso2.CurrentDemandResType):
            response.EVSEPresentVoltage = request.EVTargetVoltage
        return response


class Sluggish(Iso2Dialogue):
    """Changes its current by 0.2 A with each response."""

    _last = 0.0

    def current_demand(self, request: iso2.CurrentDemandReqType, now: float) -> iso2.BodyBaseType:
        """Go a small step."""
        target = number(request.EVTargetCurrent)
        self._last += max(-0.2, min(0.2, target - self._last))
        request.EVTargetCurrent = iso2.PhysicalValueType(Multiplier=-1, Unit="A", Value=int(self._last * 10))
        return super().current_demand(request, now)


class OldLimits(Iso2Dialogue):
    """Tells the limits of the beginning for ever."""

    _limits: DcLimits | None = None

    def current_demand(self, request: iso2.CurrentDemandReqType, now: float) -> iso2.BodyBaseType:
        """Tell them."""
        response = super().current_demand(request, now)
        self._limits = self._limits or self.evse.dc_limits(now)
        if isinstance(response, iso2.CurrentDemandResType):
            most = int(self._limits.max_current_a * 10)
            response.EVSEMaximumCurrentLimit = iso2.PhysicalValueType(Multiplier=-1, Unit="A", Value=most)
        return response


class NoEmergency(Iso2Dialogue):
    """Goes on in an emergency, and tells it."""

    def current_demand(self, request: iso2.CurrentDemandReqType, now: float) -> iso2.BodyBaseType:
        """Give what is demanded."""
        demand = self.output.demand(number(request.EVTargetVoltage), number(request.EVTargetCurrent), now, self.needs)
        return self.parts.demand("OK", demand, self.schedule_id or 1, now)


class EmergencyWithCurrent(Iso2Dialogue):
    """Says FAILED in an emergency, with the current still flowing."""

    def current_demand(self, request: iso2.CurrentDemandReqType, now: float) -> iso2.BodyBaseType:
        """Refuse before anything is switched off."""
        if self.evse.dc_status(now) == "EVSE_EmergencyShutdown":
            return self.refuse(request, "FAILED", now)
        return super().current_demand(request, now)


class AllOrNothing(Iso2Dialogue):
    """Refuses CurrentDemandReq without the EV's limits."""

    def current_demand(self, request: iso2.CurrentDemandReqType, now: float) -> iso2.BodyBaseType:
        """Ask for what need not be there."""
        bare = request.EVMaximumCurrentLimit is None
        return self.refuse(request, "FAILED", now) if bare else super().current_demand(request, now)
