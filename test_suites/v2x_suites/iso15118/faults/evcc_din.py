"""EVCCs of DIN SPEC 70121 with one thing wrong each."""

from __future__ import annotations

from typing import ClassVar

from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.evcc import Ending, Evcc, Outcome
from v2x_architecture.iso15118.evcc.din import DinDialogue
from v2x_architecture.iso15118.evcc.script import Ended, Steps, Wait
from v2x_architecture.iso15118.evcc.vehicle import Demand
from v2x_architecture.iso15118.exi import ExiError, codec
from v2x_architecture.iso15118.exi.messages import din
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.v2gtp import Received

_LONG = 100_000.0


class _Stubborn(DinDialogue):
    """Asks again, where a session should end."""

    about: ClassVar[Ending]

    def ask[T](self, request: din.BodyBaseType, wanted: type[T]) -> Steps[T]:
        """Ask until the answer suits."""
        while True:
            try:
                return (yield from super().ask(request, wanted))
            except Ended as end:
                if end.outcome.ending is not self.about:
                    raise


class AsksAgainWhenRefused(_Stubborn):
    """Sends a request again that was answered FAILED."""

    about = Ending.REFUSED


class AsksAgainWhenAnsweredOtherwise(_Stubborn):
    """Sends a request again that was answered with the response to another one."""

    about = Ending.UNEXPECTED


class TakesAnySession(DinDialogue):
    """Takes responses of any session."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look at the response only."""
        return super().expect(message, body, self.session_id, wanted)


class TakesBeginningOfSession(DinDialogue):
    """Compares as many octets of a SessionID as there are."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Fill it up."""
        return super().expect(message, body, session_id + self.session_id[len(session_id) :], wanted)


class KeepsConnection(DinDialogue):
    """Leaves the connection open when a session has ended, in order or not."""

    def run(self) -> Steps[Outcome]:
        """Hold the session, then stay."""
        try:
            outcome = yield from super().run()
        except Ended as end:
            outcome = end.outcome
        yield from self.step(Wait(60.0))
        return outcome


class HoldsOn(DinDialogue):
    """Leaves contactors and control pilot as they are when a session breaks."""

    def let_go(self) -> None:
        """Do nothing."""


class WaitsForever(DinDialogue):
    """Asks without end while the SECC is not ready."""

    def wait_ready(self, message: str, since: float, timer: str, more: str = "") -> Steps[None]:
        """Wait as if it had just begun."""
        yield from super().wait_ready(message, self.now, timer, more)


class AsksOnce(DinDialogue):
    """Takes a response that is not ready for the end."""

    def wait_ready(self, message: str, since: float, timer: str, more: str = "") -> Steps[None]:
        """End."""
        raise Ended(Outcome(ending=Ending.UNSUITABLE, message=message))
        yield


class UsesParametersInAdvance(DinDialogue):
    """Looks at the EVSE's voltage also while the EVSE works it out."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look at it."""
        found = super().expect(message, body, session_id, wanted)
        if isinstance(found, din.ChargeParameterDiscoveryResType):
            told = found.EVSEChargeParameter
            if isinstance(told, din.DC_EVSEChargeParameterType) and told.EVSEMaximumVoltageLimit.Value == 0:
                raise self.unsuitable(message, "the EVSE has no voltage")
        return found


class NeedsPower(DinDialogue):
    """Cannot do with a schedule without power."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look for it."""
        found = super().expect(message, body, session_id, wanted)
        if isinstance(found, din.ChargeParameterDiscoveryResType) and found.EVSEProcessing == "Finished":
            told = found.SASchedules
            if isinstance(told, din.SAScheduleListType) and not told.SAScheduleTuple[0].PMaxSchedule.PMaxScheduleEntry[0].PMax:
                raise self.unsuitable(message, "the schedule has no power")
        return found


class NeedsLimits(DinDialogue):
    """Cannot do without any limit that a response may have."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look for them."""
        found = super().expect(message, body, session_id, wanted)
        told = found.EVSEChargeParameter if isinstance(found, din.ChargeParameterDiscoveryResType) else found
        if isinstance(told, din.DC_EVSEChargeParameterType | din.CurrentDemandResType) and told.EVSEMaximumPowerLimit is None:
            raise self.unsuitable(message, "there are no limits")
        return found


class NeedsEvseId(DinDialogue):
    """Cannot do without an EVSEID."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look for it."""
        found = super().expect(message, body, session_id, wanted)
        if isinstance(found, din.SessionSetupResType) and not any(found.EVSEID):
            raise self.unsuitable(message, "there is no EVSEID")
        return found


class StopsLate(DinDialogue):
    """Demands current for 8 s after it was told to stop."""

    heard: float | None = None

    def is_to_stop(self, status: din.DC_EVSEStatusType) -> bool:
        """Take its time."""
        wanted = super().is_to_stop(status)
        if wanted and self.heard is None:
            self.heard = self.now
        return wanted and self.heard is not None and self.now - self.heard > 8.0


class IdlesAfterStop(DinDialogue):
    """Demands no current any more when it is to stop, and goes on so."""

    def current_demand(self) -> Steps[None]:
        """Demand current, then none."""
        over = False
        while True:
            demand = self.ev.demand(self.limits, self.now)
            if over:
                demand = Demand(voltage_v=demand.voltage_v, current_a=0.0)
            response = yield from self.ask(self.demand_request(demand, over=over), din.CurrentDemandResType)
            over = over or self.is_to_stop(response.DC_EVSEStatus)
            yield from self.wait(self.config.demand_s)


class GivesUpOnLessCurrent(DinDialogue):
    """Ends the session when the EVSE has less than before."""

    def take_limits(self, response: din.CurrentDemandResType) -> None:
        """Compare with what was told before."""
        before = self.limits.current_a
        super().take_limits(response)
        if self.limits.current_a < before:
            raise self.unsuitable("CurrentDemand", "there is less current")


class LeavesWithoutAWord(DinDialogue):
    """Ends the connection when it has what it wants, instead of the session."""

    def welding_detection(self) -> Steps[None]:
        """End."""
        raise Ended(Outcome(ending=Ending.FINISHED, message="PowerDelivery"))
        yield


class NeverGivesUp(Evcc):
    """Waits for a response as long as it takes."""

    def handle_timeout(self, now: float) -> list[Send]:
        """Do nothing about a response that does not come."""
        if self.asked is not None and self._deadline is not None and now >= self._deadline:
            self._deadline = now + _LONG
            return []
        return super().handle_timeout(now)


class HangsWhenUnreadable(Evcc):
    """Waits without end once it could not read a response."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Send]:
        """Look whether it can be read."""
        asked = self.asked
        if asked is not None and isinstance(event, Received) and event.payload_type == asked.payload_type:
            try:
                codec(asked.schema).decode(event.payload)
            except ExiError:
                self._deadline = now + _LONG
                return []
        return super().receive(event, now)
