"""EVCCs of ISO 15118-20 with one thing wrong each: sessions as they should not be held, and state machines that hold them."""

from __future__ import annotations

from typing import override

from v2x_architecture.iso15118.evcc import Evcc, Paused
from v2x_architecture.iso15118.evcc.iso20 import Iso20Dialogue
from v2x_architecture.iso15118.evcc.script import Ended, Ending, Outcome, Steps
from v2x_architecture.iso15118.evcc.vehicle import Wish
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc
from v2x_architecture.iso15118.values import quotient


class OnlyExternalPayment(Iso20Dialogue):
    """Ends when Plug and Charge is offered beside external payment."""

    @override
    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look for PnC."""
        if isinstance(body, cm.AuthorizationSetupResType) and "PnC" in body.AuthorizationServices:
            raise Ended(Outcome(ending=Ending.UNSUITABLE, message=message, text="PnC is offered"))
        return super().expect(message, body, session_id, wanted)


class EndsAtWarnings(Iso20Dialogue):
    """Ends at the first warning."""

    @override
    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Take a warning for a failure."""
        code: str = getattr(body, "ResponseCode", "")
        if code.startswith("WARNING"):
            raise Ended(Outcome(ending=Ending.REFUSED, message=message, code=code))
        return super().expect(message, body, session_id, wanted)


class NeverWaits(Iso20Dialogue):
    """Goes on although it is not authorized yet."""

    @override
    def authorization(self) -> Steps[None]:
        """Ask once."""
        eim = cm.EIM_AReqAuthorizationModeType()
        request = cm.AuthorizationReqType(Header=self.header(), SelectedAuthorizationService="EIM", EIM_AReqAuthorizationMode=eim)
        yield from self.ask(request, cm.AuthorizationResType)


class GoesOnAfterFailures(Iso20Dialogue):
    """Takes no notice of response codes."""

    @override
    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look at everything else."""
        if isinstance(body, wanted) and session_id == self.session_id:
            return body
        return super().expect(message, body, session_id, wanted)


class NeedsPrices(Iso20Dialogue):
    """Ends when schedules have no prices."""

    @override
    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look for prices."""
        if isinstance(body, cm.ScheduleExchangeResType) and body.Scheduled_SEResControlMode is not None:
            tuples = body.Scheduled_SEResControlMode.ScheduleTuple
            if not all(
                each.ChargingSchedule.PriceLevelSchedule or each.ChargingSchedule.AbsolutePriceSchedule for each in tuples
            ):
                raise Ended(Outcome(ending=Ending.UNSUITABLE, message=message, text="there are no prices"))
        return super().expect(message, body, session_id, wanted)


class ClosesAtAnyVoltage(Iso20Dialogue):
    """Does not look at the voltage before it closes its contactors."""

    @override
    def pre_charge(self) -> Steps[None]:
        """Ask twice, whatever comes."""
        for finished in (False, True):
            request = self.parts.pre_charge(self.ev.battery_voltage(self.now), self.now, finished=finished)
            yield from self.ask(request, dc.DC_PreChargeResType)


class FollowsNobody(Iso20Dialogue):
    """Draws what it likes in dynamic control."""

    @override
    def follow(self, told: ct.CLResControlModeType) -> None:
        """Draw all that it can."""
        self.ev.follow(11_000.0, self.now)


class NeverGives(Iso20Dialogue):
    """Draws nothing where it should give."""

    @override
    def follow(self, told: ct.CLResControlModeType) -> None:
        """Follow no target below zero."""
        target = getattr(told, "EVSETargetActivePower", None)
        self.ev.follow(max(0.0, quotient(target)) if target is not None else 0.0, self.now)


class KeepsItsFirstLimits(Iso20Dialogue):
    """Takes no notice of limits that are told while energy flows."""

    @override
    def take_limits(self, told: ct.CLResControlModeType) -> None:
        """Keep those of the beginning."""


class DeafToNotifications(Iso20Dialogue):
    """Takes no notice of what the EVSE wants."""

    @override
    def wish_under(self, response: ct.ChargeLoopResType) -> Wish:
        """Want what the driver wants."""
        return self.ev.wish(self.now)


class ForgetsPausedSessions(Evcc):
    """Keeps nothing of a session that it has paused."""

    @property
    @override
    def paused(self) -> Paused | None:
        """Keep nothing."""
        return None
