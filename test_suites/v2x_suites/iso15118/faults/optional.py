"""SECCs and EVCCs that have no room for what is optional."""

from __future__ import annotations

from v2x_architecture.iso15118.charging import Schedule
from v2x_architecture.iso15118.evcc.iso2 import Iso2Dialogue as Evcc2Dialogue
from v2x_architecture.iso15118.evcc.iso20 import Iso20Dialogue as Evcc20Dialogue
from v2x_architecture.iso15118.evcc.script import Ended, Ending, Outcome
from v2x_architecture.iso15118.exi.messages import iso2
from v2x_architecture.iso15118.exi.messages import iso20_ac as ac
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.secc.iso2 import Code, Iso2Dialogue
from v2x_architecture.iso15118.secc.iso20 import Iso20Dialogue

_LITTLE = 2**31


def _too_much(message: str) -> Ended:
    return Ended(Outcome(ending=Ending.MALFORMED, message=message, text="there is no room for that"))


class NoRoomForPrices(Evcc20Dialogue):
    """Ends where a schedule has prices with rules."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look for them."""
        told = body.Scheduled_SEResControlMode if isinstance(body, cm.ScheduleExchangeResType) else None
        if told is not None and any(each.ChargingSchedule.AbsolutePriceSchedule is not None for each in told.ScheduleTuple):
            raise _too_much(message)
        return super().expect(message, body, session_id, wanted)


class NoRoomForTheGrid(Evcc20Dialogue):
    """Ends where the SECC tells a frequency."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look for it."""
        if isinstance(body, ac.AC_ChargeLoopResType) and body.EVSETargetFrequency is not None:
            raise _too_much(message)
        return super().expect(message, body, session_id, wanted)


class NoRoomForRamps(Evcc20Dialogue):
    """Ends where the SECC tells how fast its power may change."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look for it."""
        limits = body.AC_CPDResEnergyTransferMode if isinstance(body, ac.AC_ChargeParameterDiscoveryResType) else None
        if limits is not None and limits.EVSEPowerRampLimitation is not None:
            raise _too_much(message)
        return super().expect(message, body, session_id, wanted)


class NoRoomForOthers(Iso20Dialogue):
    """Refuses requests that tell how much energy there is for others."""

    def dc_charge_loop(self, request: dc.DC_ChargeLoopReqType, now: float) -> ct.V2GResponseType:
        """Look for it."""
        told = request.CLReqControlMode
        if isinstance(told, dc.BPT_Dynamic_DC_CLReqControlModeType) and told.EVMaximumV2XEnergyRequest is not None:
            return self.refuse(request, "FAILED", now)
        return super().dc_charge_loop(request, now)


class NoRoomForPhases(Iso2Dialogue):
    """Refuses charging profiles that tell how many phases are in use."""

    def profile_objection(self, request: iso2.PowerDeliveryReqType, chosen: Schedule) -> Code | None:
        """Look for it."""
        profile = request.ChargingProfile
        if profile is not None and any(each.ChargingProfileEntryMaxNumberOfPhasesInUse for each in profile.ProfileEntry):
            return "FAILED_ChargingProfileInvalid"
        return super().profile_objection(request, chosen)


class SmallMeter(Evcc2Dialogue):
    """Ends where a meter shows more than 32 bits."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look how much it shows."""
        meter = getattr(body, "MeterInfo", None)
        if isinstance(meter, iso2.MeterInfoType) and (meter.MeterReading or 0) > _LITTLE:
            raise _too_much(message)
        return super().expect(message, body, session_id, wanted)
