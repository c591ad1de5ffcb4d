"""EVCCs of ISO 15118-2 with one thing wrong each: what they ask for in which order, and how they follow limits and wishes."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

from v2x_architecture.iso15118.evcc import Ending, Outcome, Wish
from v2x_architecture.iso15118.evcc.dialogue import NO_SESSION
from v2x_architecture.iso15118.evcc.iso2 import Iso2Dialogue, schedules_of
from v2x_architecture.iso15118.evcc.script import Ask, Ended, Reply, Step, Steps
from v2x_architecture.iso15118.evcc.vehicle import Limits
from v2x_architecture.iso15118.exi.messages import iso2

# The order of a session


class _BeginsAnew(Iso2Dialogue):
    """Sets a session up once more, on the same connection, where it should end."""

    about: ClassVar[Ending]

    def run(self) -> Steps[Outcome]:
        """Hold the session, then another one."""
        try:
            return (yield from super().run())
        except Ended as end:
            if end.outcome.ending is not self.about:
                raise
        self.session_id = NO_SESSION
        return (yield from super().run())


class BeginsAnewWhenRefused(_BeginsAnew):
    """Sets a session up once more when it is told no."""

    about = Ending.REFUSED


class BeginsAnewWhenAnsweredFromElsewhere(_BeginsAnew):
    """Sets a session up once more when it is answered in another one."""

    about = Ending.UNKNOWN_SESSION


class SkipsAuthorization(Iso2Dialogue):
    """Goes from its choice of payment to the parameters: external payment needs no authorization, it holds."""

    def authorization(self) -> Steps[None]:
        """Do nothing."""
        return
        yield


class SkipsServices(Iso2Dialogue):
    """Knows the service of charging and its modes by heart."""

    service_id = 1

    def service_discovery(self) -> Steps[None]:
        """Take its own mode."""
        self.mode = self.ev.modes[0]
        return
        yield


class SkipsStart(Iso2Dialogue):
    """Has energy flow without having asked for it."""

    def power_delivery(self, progress: iso2.chargeProgressType) -> Steps[None]:
        """Leave the start out."""
        if progress != "Start":
            yield from super().power_delivery(progress)


class SkipsStop(Iso2Dialogue):
    """Stops the session without stopping the flow of energy first."""

    def power_delivery(self, progress: iso2.chargeProgressType) -> Steps[None]:
        """Leave the stop out."""
        if progress != "Stop":
            yield from super().power_delivery(progress)


class StopsTwice(Iso2Dialogue):
    """Stops the flow of energy once more when it has stopped."""

    def power_delivery(self, progress: iso2.chargeProgressType) -> Steps[None]:
        """Ask twice."""
        yield from super().power_delivery(progress)
        if progress == "Stop":
            yield from super().power_delivery(progress)


class LooksForWeldsFirst(Iso2Dialogue):
    """Looks for welded contactors before it has stopped the flow of energy."""

    def power_delivery(self, progress: iso2.chargeProgressType) -> Steps[None]:
        """Look, then stop."""
        if progress == "Stop" and not self.mode.startswith("AC"):
            yield from self.ask(iso2.WeldingDetectionReqType(DC_EVStatus=self.status()), iso2.WeldingDetectionResType)
        yield from super().power_delivery(progress)


class LooksForWeldsForEver(Iso2Dialogue):
    """Looks for welded contactors without end."""

    def welding_detection(self) -> Steps[None]:
        """Ask again and again."""
        while True:
            yield from self.ask(iso2.WeldingDetectionReqType(DC_EVStatus=self.status()), iso2.WeldingDetectionResType)
            yield from self.wait(self.config.ongoing_s)


# Renegotiation, and ends that are asked for


class StopsLate(Iso2Dialogue):
    """Stops a minute after it was asked to, whatever time it is given."""

    asked_at: float | None = None

    def wish_under(self, status: iso2.EVSEStatusType) -> Wish:
        """Take its time."""
        wish = super().wish_under(status)
        if status.EVSENotification != "StopCharging":
            return wish
        if self.asked_at is None:
            self.asked_at = self.now
        return wish if self.now - self.asked_at > 60.0 else Wish.CHARGE


class RenegotiatesWithoutChecks(Iso2Dialogue):
    """Goes from a renegotiation to PowerDelivery, without cable check and pre-charge."""

    checked = False

    def cable_check(self) -> Steps[None]:
        """Check once."""
        if not self.checked:
            yield from super().cable_check()

    def pre_charge(self) -> Steps[None]:
        """Pre-charge once."""
        if not self.checked:
            yield from super().pre_charge()
        self.checked = True


# Limits


class FollowsLate(Iso2Dialogue):
    """Draws by the limits of a minute ago."""

    before: tuple[tuple[float, Limits], ...] = ()

    def within_profile(self) -> Limits:
        """Look back."""
        self.before = (*self.before, (self.now, super().within_profile()))
        old = [limits for at, limits in self.before if at <= self.now - 60.0]
        return old[-1] if old else self.before[0][1]


class LimitsInAdvance(Iso2Dialogue):
    """Looks at the EVSE's limits also while the EVSE works them out."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look at them."""
        found = super().expect(message, body, session_id, wanted)
        if isinstance(found, iso2.ChargeParameterDiscoveryResType) and found.EVSEProcessing == "Ongoing":
            self.choose(schedules_of(found.SASchedules))
        return found


class ChecksCableInAc(Iso2Dialogue):
    """Has the cable checked before it charges with AC, too."""

    def charge_ac(self) -> Steps[Wish]:
        """Check, then charge."""
        yield from self.cable_check()
        return (yield from super().charge_ac())


class HastyWithParameters(Iso2Dialogue):
    """Waits for the EVSE's parameters for 400 ms only."""

    def step(self, step: Step) -> Steps[Reply]:
        """Shorten that time."""
        if isinstance(step, Ask) and step.name == "ChargeParameterDiscovery":
            step = dataclasses.replace(step, timeout=0.4)
        return (yield from super().step(step))
