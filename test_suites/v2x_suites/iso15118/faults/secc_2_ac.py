"""SECCs of ISO 15118-2 with one thing wrong each in AC, in the end of a session, and in pauses."""

from __future__ import annotations

from v2x_architecture.iso15118.charging import ChargingNeeds, Schedule, ScheduleEntry
from v2x_architecture.iso15118.exi.messages import iso2
from v2x_architecture.iso15118.secc.dialogue import NO_SESSION, Later
from v2x_architecture.iso15118.secc.iso2 import Code, Iso2Dialogue

_DAY = 86_400


class AnyMode(Iso2Dialogue):
    """Takes every way of energy transfer, whatever it has."""

    def charge_parameter_discovery(self, request: iso2.ChargeParameterDiscoveryReqType, now: float) -> iso2.BodyBaseType:
        """Give AC to all."""
        self.energy = "AC"
        self.schedules = self.evse.schedules(now) or ()
        return self.parts.parameters("OK", "Finished", "AC", now, self.schedules)


class AnyParameters(Iso2Dialogue):
    """Does not look at what the EV says of itself."""

    def needs_of(self, request: iso2.ChargeParameterDiscoveryReqType) -> ChargingNeeds | None:
        """Have an EV like any other."""
        return super().needs_of(request) or ChargingNeeds(
            mode=request.RequestedEnergyTransferMode, max_voltage_v=400.0, max_current_a=32.0
        )

    def can_serve(self, needs: ChargingNeeds, now: float) -> bool:
        """Serve everybody."""
        return True


class DepartureNotLookedAt(Iso2Dialogue):
    """Makes schedules for a day, whenever the EV leaves."""

    def needs_of(self, request: iso2.ChargeParameterDiscoveryReqType) -> ChargingNeeds | None:
        """Leave the departure out."""
        if isinstance(request.EVChargeParameter, iso2.AC_EVChargeParameterType):
            request.EVChargeParameter.DepartureTime = None
        return super().needs_of(request)


class DepartureKept(Iso2Dialogue):
    """Keeps the schedule that it has made first, whatever the EV says later."""

    def charge_parameter_discovery(self, request: iso2.ChargeParameterDiscoveryReqType, now: float) -> iso2.BodyBaseType:
        """Offer what was offered."""
        first = self.schedules
        response = super().charge_parameter_discovery(request, now)
        if not first:
            return response
        self.schedules = first
        return self.parts.parameters("OK", "Finished", self.energy, now, first)


class HourOnly(Iso2Dialogue):
    """Makes schedules for an hour."""

    def charge_parameter_discovery(self, request: iso2.ChargeParameterDiscoveryReqType, now: float) -> iso2.BodyBaseType:
        """Offer an hour."""
        super().charge_parameter_discovery(request, now)
        self.schedules = (Schedule(id=1, entries=(ScheduleEntry(start_s=0, max_power_w=11_000, duration_s=3600),)),)
        return self.parts.parameters("OK", "Finished", self.energy, now, self.schedules)


class AllEntries(Iso2Dialogue):
    """Offers schedules with as many entries as they have."""

    def charge_parameter_discovery(self, request: iso2.ChargeParameterDiscoveryReqType, now: float) -> iso2.BodyBaseType:
        """Leave out how many the EV can keep."""
        request.MaxEntriesSAScheduleTuple = None
        return super().charge_parameter_discovery(request, now)


class OneIdForSchedules(Iso2Dialogue):
    """Offers two schedules of one id."""

    def charge_parameter_discovery(self, request: iso2.ChargeParameterDiscoveryReqType, now: float) -> iso2.BodyBaseType:
        """Offer everything twice."""
        response = super().charge_parameter_discovery(request, now)
        if isinstance(response, iso2.ChargeParameterDiscoveryResType) and isinstance(
            response.SASchedules, iso2.SAScheduleListType
        ):
            response.SASchedules.SAScheduleTuple *= 2
        return response


class AnyProfile(Iso2Dialogue):
    """Takes every charging profile."""

    def profile_objection(self, request: iso2.PowerDeliveryReqType, chosen: Schedule) -> Code | None:
        """Have nothing against it."""
        return None


class FirstPartOfTheScheduleOnly(Iso2Dialogue):
    """Holds a charging profile against the first part of its schedule only."""

    def profile_objection(self, request: iso2.PowerDeliveryReqType, chosen: Schedule) -> Code | None:
        """Take the first power for that of the whole day."""
        first = ScheduleEntry(start_s=0, max_power_w=chosen.entries[0].max_power_w, duration_s=_DAY)
        return super().profile_objection(request, Schedule(id=chosen.id, entries=(first,)))


class ProfileWanted(Iso2Dialogue):
    """Lets no energy flow without a charging profile, which is optional."""

    def profile_objection(self, request: iso2.PowerDeliveryReqType, chosen: Schedule) -> Code | None:
        """Take no profile for a bad one."""
        return "FAILED_ChargingProfileInvalid" if request.ChargingProfile is None else super().profile_objection(request, chosen)


class NoProfileAtAll(Iso2Dialogue):
    """Refuses charging profiles that are not the schedule itself."""

    def profile_objection(self, request: iso2.PowerDeliveryReqType, chosen: Schedule) -> Code | None:
        """Compare the number of entries."""
        entries = request.ChargingProfile.ProfileEntry if request.ChargingProfile is not None else []
        return None if len(entries) == len(chosen.entries) else "FAILED_ChargingProfileInvalid"


class RenegotiatesAnyTime(Iso2Dialogue):
    """Goes back to the parameters though no energy was asked for."""

    def renegotiate(self, now: float) -> Code | None:
        """Have nothing against it."""
        return None


class NeverRenegotiates(Iso2Dialogue):
    """Refuses to go back to the parameters."""

    def renegotiate(self, now: float) -> Code | None:
        """Refuse."""
        return "FAILED"


class PilotNotLookedAt(Iso2Dialogue):
    """Closes its contactor whatever the state of the control pilot."""

    def cp_is_awaited(self, now: float) -> bool:
        """Do not wait."""
        return False

    def start(self, now: float) -> Code | None:
        """Close the contactor, in state B as well."""
        self.evse.close_contactor(now)
        self.charging, self.stopped = True, False
        return None


class PilotNotAwaited(Iso2Dialogue):
    """Refuses an EV that is not in state C when its request comes."""

    def cp_is_awaited(self, now: float) -> bool:
        """Do not wait."""
        return False


class ContactorStaysOpen(Iso2Dialogue):
    """Says OK and leaves its contactor open."""

    def start(self, now: float) -> Code | None:
        """Do nothing."""
        self.charging, self.stopped = True, False
        return None


class ContactorStaysClosed(Iso2Dialogue):
    """Leaves its contactor closed when the EV stops charging."""

    def stop(self, now: float) -> Code | None:
        """Do nothing."""
        self.charging, self.stopped = False, True
        return None


class ContactorStaysClosedAtTheEnd(Iso2Dialogue):
    """Leaves its contactor closed when a session ends before the EV has stopped charging."""

    def halt(self, now: float) -> None:
        """Do nothing."""


class NoStateD(Iso2Dialogue):
    """Takes state D of the control pilot for a fault."""

    def power_delivery(self, request: iso2.PowerDeliveryReqType, now: float) -> iso2.BodyBaseType | Later:
        """Refuse it."""
        if self.evse.cp_state(now) == "D":
            return self.refuse(request, "FAILED_PowerDeliveryNotApplied", now)
        return super().power_delivery(request, now)


class StuckInTheLoop(Iso2Dialogue):
    """Tells the current that it had when energy began to flow."""

    def charging_status(self, request: iso2.ChargingStatusReqType, now: float) -> iso2.BodyBaseType:
        """Tell the first response again."""
        first: iso2.BodyBaseType = vars(self).setdefault("first", super().charging_status(request, now))
        return first


class NoPause(Iso2Dialogue):
    """Forgets the session that is paused."""

    def session_stop(self, request: iso2.SessionStopReqType, now: float) -> iso2.BodyBaseType | Later:
        """Say OK, and forget it."""
        response = super().session_stop(request, now)
        self.memory.paused = None
        return response


class JoinsByAnyId(Iso2Dialogue):
    """Joins the session that is paused, whichever is asked for."""

    def session_setup(self, request: iso2.SessionSetupReqType, session_id: bytes, now: float) -> iso2.BodyBaseType:
        """Ask for the right one."""
        paused = self.memory.paused
        return super().session_setup(request, paused.session_id if paused is not None else session_id, now)


class StopsAsIfPaused(Iso2Dialogue):
    """Keeps every session to be joined again, also one that was terminated."""

    def session_setup(self, request: iso2.SessionSetupReqType, session_id: bytes, now: float) -> iso2.BodyBaseType:
        """Join any session but none."""
        if session_id == NO_SESSION:
            return super().session_setup(request, session_id, now)
        self.session_id = session_id
        return iso2.SessionSetupResType(ResponseCode="OK_OldSessionJoined", EVSEID=self.evse.evse_id)


class JoinsUnderAnotherId(Iso2Dialogue):
    """Joins the session that was paused, and gives it another id."""

    def session_setup(self, request: iso2.SessionSetupReqType, session_id: bytes, now: float) -> iso2.BodyBaseType:
        """Take a new id all the same."""
        response = super().session_setup(request, session_id, now)
        self.session_id = self.memory.new_id()
        return response


class NewSessionUnderOldId(Iso2Dialogue):
    """Gives the id of a paused session to a new one."""

    def session_setup(self, request: iso2.SessionSetupReqType, session_id: bytes, now: float) -> iso2.BodyBaseType:
        """Take the id that is there."""
        paused = self.memory.paused
        response = super().session_setup(request, session_id, now)
        if paused is not None:
            self.session_id = paused.session_id
        return response


class ForgetsTheSchedule(Iso2Dialogue):
    """Offers every schedule anew to an EV that has come back."""

    def agreed_before(self, now: float) -> tuple[Schedule, ...]:
        """Know nothing."""
        return ()


class NoStopBeforeEnergy(Iso2Dialogue):
    """Refuses SessionStopReq without a word of what is wrong, before energy was spoken of."""

    def session_stop(self, request: iso2.SessionStopReqType, now: float) -> iso2.BodyBaseType | Later:
        """Refuse."""
        return super().session_stop(request, now) if self.stopped else self.refuse(request, "FAILED_UnknownSession", now)
