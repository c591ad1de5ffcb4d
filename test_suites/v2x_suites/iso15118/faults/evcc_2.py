"""EVCCs of ISO 15118-2 with one thing wrong each: how they wait, and what they do about what they are answered."""

from __future__ import annotations

from typing import ClassVar

from v2x_architecture.coupling import CpState
from v2x_architecture.iso15118.charging import Schedule
from v2x_architecture.iso15118.evcc import Ending, Outcome, Wish
from v2x_architecture.iso15118.evcc.dialogue import NO_SESSION
from v2x_architecture.iso15118.evcc.iso2 import Iso2Dialogue
from v2x_architecture.iso15118.evcc.script import Ended, Steps
from v2x_architecture.iso15118.evcc.vehicle import Demand, Limits
from v2x_architecture.iso15118.exi.messages import iso2


class IsImpatient(Iso2Dialogue):
    """Gives up after 5 s while the SECC is not ready, customers included."""

    def wait_ready(self, message: str, since: float, timer: str, more: str = "") -> Steps[None]:
        """Wait for 5 s at most."""
        self.begun = getattr(self, "begun", self.now)
        if self.now - self.begun > 5.0:
            raise Ended(Outcome(ending=Ending.ONGOING_TIMEOUT, message=message))
        yield from super().wait_ready(message, since, timer, more)


class AuthorizesTwice(Iso2Dialogue):
    """Asks to be authorized once more when it has the EVSE's parameters."""

    def charge_parameter_discovery(self) -> Steps[None]:
        """Exchange parameters, and ask."""
        yield from super().charge_parameter_discovery()
        yield from self.authorization()


class NeedsNames(Iso2Dialogue):
    """Cannot do without the name of the charge service."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look for it."""
        found = super().expect(message, body, session_id, wanted)
        if isinstance(found, iso2.ServiceDiscoveryResType) and found.ChargeService.ServiceName is None:
            raise self.unsuitable(message, "the charge service has no name")
        return found


class NeedsLimits(Iso2Dialogue):
    """Cannot do without limits in every response while energy flows."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look for them."""
        found = super().expect(message, body, session_id, wanted)
        lacking = (isinstance(found, iso2.CurrentDemandResType) and found.EVSEMaximumCurrentLimit is None) or (
            isinstance(found, iso2.ChargingStatusResType) and found.EVSEMaxCurrent is None
        )
        if lacking:
            raise self.unsuitable(message, "there are no limits")
        return found


class ReadsTwelveEntries(Iso2Dialogue):
    """Has room for 12 entries of a schedule."""

    def choose(self, schedules: list[Schedule]) -> None:
        """Give up on longer ones."""
        if any(len(each.entries) > 12 for each in schedules):
            raise self.unsuitable("ChargeParameterDiscovery", "there are too many entries")
        super().choose(schedules)


class ChoosesAnother(Iso2Dialogue):
    """Chooses a schedule that was not offered."""

    def choose(self, schedules: list[Schedule]) -> None:
        """Choose, and tell of another one."""
        super().choose(schedules)
        assert self.schedule is not None
        self.schedule = Schedule(id=99, entries=self.schedule.entries)


class RenegotiatesAtOnce(Iso2Dialogue):
    """Takes the wish for a renegotiation up where there is nothing yet to renegotiate."""

    def power_delivery(self, progress: iso2.chargeProgressType) -> Steps[None]:
        """Begin with Renegotiate when that was wanted."""
        yield from super().power_delivery("Renegotiate" if progress == "Start" and self.wanted else progress)

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Hear what is wanted."""
        found = super().expect(message, body, session_id, wanted)
        if isinstance(found, iso2.ChargeParameterDiscoveryResType):
            told = found.EVSEChargeParameter
            self.wanted = (
                isinstance(told, iso2.AC_EVSEChargeParameterType) and told.AC_EVSEStatus.EVSENotification == "ReNegotiation"
            )
        return found

    wanted = False


class StartsAnewInstead(Iso2Dialogue):
    """Goes back to the services when it renegotiates."""

    def run(self) -> Steps[Outcome]:
        """Hold the session, by a chart of its own."""
        yield from self.session_setup()
        wish = Wish.RENEGOTIATE
        while wish is Wish.RENEGOTIATE:
            yield from self.service_discovery()
            yield from self.payment_service_selection()
            yield from self.authorization()
            yield from self.charge_parameter_discovery()
            wish = yield from (self.charge_ac() if self.mode.startswith("AC") else self.charge_dc())
        yield from self.session_stop(wish)
        return Outcome(ending=Ending.FINISHED)


class NeverDoneRenegotiating(Iso2Dialogue):
    """Renegotiates again and again once it was asked to."""

    asked = False

    def wish_under(self, status: iso2.EVSEStatusType) -> Wish:
        """Want it for ever."""
        wish = super().wish_under(status)
        self.asked |= wish is Wish.RENEGOTIATE
        return Wish.RENEGOTIATE if self.asked else wish


class LeavesWithoutAWord(Iso2Dialogue):
    """Ends the connection instead of the session."""

    def session_stop(self, wish: Wish) -> Steps[None]:
        """End."""
        raise Ended(Outcome(ending=Ending.FINISHED, message="SessionStop"))
        yield


class StopsUnderLoad(Iso2Dialogue):
    """Stops the flow of current without having demanded none first, and keeps its contactors closed until it is unplugged."""

    def current_demand(self) -> Steps[Wish]:
        """Demand current until it is over."""
        while True:
            demand = self.ev.demand(self.within_profile(), self.now)
            response = yield from self.ask(self.demand_request(demand, Wish.CHARGE), iso2.CurrentDemandResType)
            wish = self.wish_under(response.DC_EVSEStatus)
            if wish is not Wish.CHARGE:
                return wish
            yield from self.wait(self.config.demand_s)


class ReadyLate(Iso2Dialogue):
    """Is ready for energy only when the EVSE has granted it."""

    def charge_ac(self) -> Steps[Wish]:
        """Charge, in state B until the response is there."""
        yield from self.power_delivery("Start")
        return (yield from super().charge_ac())


class ReadyFromTheStart(Iso2Dialogue):
    """Is ready for energy from the beginning of the session."""

    def session_setup(self) -> Steps[None]:
        """Go to state C."""
        self.ev.set_cp(CpState.C, self.now)
        yield from super().session_setup()


class ClosesBeforeVoltage(Iso2Dialogue):
    """Closes its contactors when pre-charging begins."""

    def pre_charge(self) -> Steps[None]:
        """Close them first."""
        self.ev.set_contactor(closed=True, now=self.now)
        yield from super().pre_charge()


class DrawsAllItCan(Iso2Dialogue):
    """Plans with the schedule, and draws by the EVSE's limits."""

    def within_profile(self) -> Limits:
        """Forget the plan."""
        return self.limits


class RushesAfterEmergency(Iso2Dialogue):
    """Sees an emergency only with the fifth response that tells of it."""

    heard = 0

    def wish_under(self, status: iso2.EVSEStatusType) -> Wish:
        """Count."""
        wish = super().wish_under(status)
        self.heard += wish is Wish.STOP
        return wish if self.heard > 5 else Wish.CHARGE


class IdlesAfterStop(Iso2Dialogue):
    """Demands no current any more when it is to stop, and goes on so."""

    def current_demand(self) -> Steps[Wish]:
        """Demand current, then none."""
        wish = Wish.CHARGE
        while True:
            demand = self.ev.demand(self.within_profile(), self.now)
            if wish is not Wish.CHARGE:
                demand = Demand(voltage_v=demand.voltage_v, current_a=0.0)
            response = yield from self.ask(self.demand_request(demand, wish), iso2.CurrentDemandResType)
            wish = wish if wish is not Wish.CHARGE else self.wish_under(response.DC_EVSEStatus)
            yield from self.wait(self.config.demand_s)


class OldSessionAgain(Iso2Dialogue):
    """Asks for the session that it had before, though it was not paused."""

    had: ClassVar[bytes] = NO_SESSION

    def session_setup(self) -> Steps[None]:
        """Remember."""
        self.session_id = OldSessionAgain.had
        yield from super().session_setup()
        OldSessionAgain.had = self.session_id


class ChangesItsMind(Iso2Dialogue):
    """Comes back from a pause with another way of energy transfer."""

    def service_discovery(self) -> Steps[None]:
        """Take the last one."""
        yield from super().service_discovery()
        if self.config.resume is not None:
            self.mode = "DC_core" if self.mode != "DC_core" else "DC_extended"
