"""SECCs of ISO 15118-20 that plan, or decide, without their EV; and that know too few messages."""

from __future__ import annotations

import msgspec
from v2x_architecture.iso15118.charging import Schedule, keeps_to
from v2x_architecture.iso15118.exi.messages import iso20_ac as ac
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.secc.dc import Demand
from v2x_architecture.iso15118.secc.dialogue import Later, NoAnswer
from v2x_architecture.iso15118.secc.iso20 import Code, Iso20Dialogue, profile_of
from v2x_architecture.iso15118.services20 import ControlMode

_DAY = 86_400


class EveryEntry(Iso20Dialogue):
    """Offers schedules with as many entries as it has."""

    def plans(self, most: int, now: float) -> tuple[Schedule, ...] | None:
        """Look at nothing."""
        return self.evse.schedules(now)


class FirstEntries(Iso20Dialogue):
    """Cuts schedules off behind what the EV can keep, and has the last entry last."""

    def plans(self, most: int, now: float) -> tuple[Schedule, ...] | None:
        """Have the power of the last entry that is kept last to the end."""
        schedules = self.evse.schedules(now)
        return None if schedules is None else tuple(_cut(each, most) for each in schedules)


def _cut(schedule: Schedule, most: int) -> Schedule:
    kept = schedule.entries[:most]
    last = msgspec.structs.replace(kept[-1], duration_s=_DAY)
    return Schedule(id=schedule.id, entries=(*kept[:-1], last))


class AlwaysADay(Iso20Dialogue):
    """Plans for a day, whenever the EV leaves."""

    def plans(self, most: int, now: float) -> tuple[Schedule, ...] | None:
        """Have every schedule last for a day."""
        schedules = super().plans(most, now)
        return None if schedules is None else tuple(each.lasting(_DAY) for each in schedules)


class FirstEntryOnly(Iso20Dialogue):
    """Looks at the first entry of a power profile only."""

    def profile_objection(self, request: cm.PowerDeliveryReqType) -> Code | None:
        """Leave what comes later aside."""
        code = super().profile_objection(request)
        if code != "FAILED_EVPowerProfileInvalid" or request.EVPowerProfile is None or not self.schedules:
            return code
        self.schedule_id = self.schedules[0].id
        return None if keeps_to(profile_of(request.EVPowerProfile)[:1], self.schedules[0].within(1)) else self._first(request)

    def _first(self, request: cm.PowerDeliveryReqType) -> Code | None:
        assert request.EVPowerProfile is not None
        entry = profile_of(request.EVPowerProfile)[0]
        return None if entry.max_power_w <= self.schedules[0].entries[0].max_power_w else "FAILED_EVPowerProfileInvalid"


class AnyControlMode(Iso20Dialogue):
    """Goes on in whatever control mode a request is in."""

    def schedule_exchange(self, request: cm.ScheduleExchangeReqType, now: float) -> ct.V2GResponseType:
        """Change over."""
        told = request.Dynamic_SEReqControlMode is not None
        self.parts.control = ControlMode.DYNAMIC if told else ControlMode.SCHEDULED
        return super().schedule_exchange(request, now)

    def dc_demand(self, told: ct.CLReqControlModeType, now: float) -> Demand | None:
        """Change over."""
        dynamic = isinstance(told, dc.Dynamic_DC_CLReqControlModeType)
        self.parts.control = ControlMode.DYNAMIC if dynamic else ControlMode.SCHEDULED
        return super().dc_demand(told, now)


class FirstLimits(Iso20Dialogue):
    """Keeps to what the EV took at first, whatever it says afterwards."""

    def dc_demand(self, told: ct.CLReqControlModeType, now: float) -> Demand | None:
        """Take the limits for those of before."""
        if isinstance(told, dc.Dynamic_DC_CLReqControlModeType) and self.needs is not None:
            told.EVMaximumChargeCurrent = ct.RationalNumberType(Exponent=0, Value=int(self.needs.max_current_a))
        return super().dc_demand(told, now)

    def within_ev(self, told: ac.Dynamic_AC_CLReqControlModeType, power_w: float) -> float:
        """Look at no limit of the loop."""
        return power_w


class StartsAtOnce(Iso20Dialogue):
    """Lets energy flow although the EV is not ready."""

    def power_delivery(self, request: cm.PowerDeliveryReqType, now: float) -> ct.V2GResponseType | Later:
        """Take every EV for ready."""
        request.EVProcessing = "Finished"
        return super().power_delivery(request, now)


class RefusesTheUnready(Iso20Dialogue):
    """Refuses an EV that wants energy and is not ready."""

    def power_delivery(self, request: cm.PowerDeliveryReqType, now: float) -> ct.V2GResponseType | Later:
        """Wait for nobody."""
        if request.EVProcessing == "Ongoing":
            return self.refuse(request, "FAILED", now)
        return super().power_delivery(request, now)


class KnowsNoParking(Iso20Dialogue):
    """Hangs up on messages of pads and pantographs."""

    def refuse(self, request: ct.V2GRequestType, code: Code, now: float) -> ct.V2GResponseType:
        """Have no response."""
        if isinstance(request, cm.VehicleCheckInReqType | cm.VehicleCheckOutReqType):
            raise NoAnswer("what is this?")
        return super().refuse(request, code, now)


class ParksVehicles(Iso20Dialogue):
    """Takes vehicles in and lets them out wherever the session is."""

    def refuse(self, request: ct.V2GRequestType, code: Code, now: float) -> ct.V2GResponseType:
        """Say OK to them."""
        parking = isinstance(request, cm.VehicleCheckInReqType | cm.VehicleCheckOutReqType)
        return super().refuse(request, "OK" if parking else code, now)


class KnowsNoCertificates(Iso20Dialogue):
    """Answers requests for certificates with the response to another request."""

    def refuse(self, request: ct.V2GRequestType, code: Code, now: float) -> ct.V2GResponseType:
        """Have one response for all that it does not know."""
        if isinstance(request, cm.CertificateInstallationReqType):
            return cm.AuthorizationResType(Header=self.parts.header(now), ResponseCode=code, EVSEProcessing="Finished")
        return super().refuse(request, code, now)


class StrictAboutDisplays(Iso20Dialogue):
    """Refuses an EV that shows its driver more than its state of charge, or says why it ends."""

    def dc_charge_loop(self, request: dc.DC_ChargeLoopReqType, now: float) -> ct.V2GResponseType:
        """Have no room for more."""
        shown = request.DisplayParameters
        if shown is not None and shown.BatteryEnergyCapacity is not None:
            return self.refuse(request, "FAILED", now)
        return super().dc_charge_loop(request, now)


class StrictAboutEndings(Iso20Dialogue):
    """Refuses an EV that says why it ends."""

    def session_stop(self, request: cm.SessionStopReqType, now: float) -> ct.V2GResponseType:
        """Have no room for more."""
        if request.EVTerminationExplanation is not None:
            return self.refuse(request, "FAILED", now)
        return super().session_stop(request, now)
