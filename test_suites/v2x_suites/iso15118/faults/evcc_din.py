"""EVCCs of DIN SPEC 70121 with one thing wrong each."""

from __future__ import annotations

from v2x_architecture.iso15118.evcc import Ending, Outcome
from v2x_architecture.iso15118.evcc.din import DinDialogue
from v2x_architecture.iso15118.evcc.script import Ended, Steps
from v2x_architecture.iso15118.evcc.vehicle import Demand
from v2x_architecture.iso15118.exi.messages import din

_LONG = 100_000.0


class TakesBeginningOfSession(DinDialogue):
    """Compares as many octets of a SessionID as there are."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Fill it up."""
        return super().expect(message, body, session_id + self.session_id[len(session_id) :], wanted)


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


class LeavesWithoutAWord(DinDialogue):
    """Ends the connection when it has what it wants, instead of the session."""

    def welding_detection(self) -> Steps[None]:
        """End."""
        raise Ended(Outcome(ending=Ending.FINISHED, message="PowerDelivery"))
        yield


class SkipsStop(DinDialogue):
    """Stops the session without stopping the flow of energy first."""

    def power_delivery(self, *, ready: bool) -> Steps[None]:
        """Leave the stop out."""
        if ready:
            yield from super().power_delivery(ready=ready)
