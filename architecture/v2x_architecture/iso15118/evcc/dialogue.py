"""What an EVCC's dialogues of all editions have in common: asking, waiting, and keeping to what was agreed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

import msgspec

from v2x_architecture.coupling import CpState
from v2x_architecture.iso15118.charging import ProfileEntry, Schedule, power_of
from v2x_architecture.iso15118.editions import Application
from v2x_architecture.iso15118.evcc.script import Ended, Ending, EvccConfig, Outcome, Paused, Reply, Step, Steps, Wait
from v2x_architecture.iso15118.evcc.vehicle import Ev, Limits
from v2x_architecture.iso15118.timers import timers

NO_SESSION: Final = bytes(8)
"""SessionID before there is one."""
NO_CURRENT: Final = 1.0
"""Current below which contactors may be opened (A)."""
SAFE_VOLTAGE: Final = 60.0
"""Voltage below which contactors are known to have opened (V)."""
WELDING_CHECKS: Final = 10
"""Most WeldingDetectionReq that are sent while the voltage falls."""


class Dialogue(ABC):
    """A session, once the protocol is agreed on.

    Args:
        application: the protocol.
        ev: that energy goes to.
        config: how the EVCC behaves.
        now: the time.
    """

    def __init__(self, application: Application, ev: Ev, config: EvccConfig, now: float) -> None:
        self.application, self.ev, self.config = application, ev, config
        self.timers = timers(application.edition)
        self.now = now
        self.session_id = NO_SESSION
        if config.resume is not None and config.resume.application == application.name:
            self.session_id = config.resume.session_id
        self.limits = Limits()
        self.schedule: Schedule | None = None
        self.profile: tuple[ProfileEntry, ...] = ()
        self.started = now

    @abstractmethod
    def run(self) -> Steps[Outcome]:
        """Hold the session."""

    @property
    def paused(self) -> Paused:
        """What is to be kept of the session when it is paused."""
        return Paused(application=self.application.name, session_id=self.session_id)

    def step(self, step: Step) -> Steps[Reply]:
        """Have a step done."""
        reply = yield step
        self.now = reply.now
        return reply

    def wait(self, seconds: float) -> Steps[None]:
        """Wait."""
        if seconds > 0:
            yield from self.step(Wait(seconds))

    def wait_ready(self, message: str, since: float, timer: str, more: str = "") -> Steps[None]:
        """Wait before the SECC is asked again whether it is ready.

        Args:
            message: that is asked.
            since: when it was asked first.
            timer: how long that may go on.
            more: why it is not ready, where that is known.

        Raises:
            Ended: it has gone on for too long.
        """
        if self.now - since + self.config.ongoing_s > self.timers.session[timer]:
            text = f"{message}: {more or 'not ready'} after {self.now - since:.1f} s; {timer} is {self.timers.session[timer]:g} s"
            raise Ended(Outcome(ending=Ending.ONGOING_TIMEOUT, message=message, text=text))
        yield from self.wait(self.config.ongoing_s)

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Return a response, when it is one that the session can go on with.

        Raises:
            Ended: it is another one, of another session, or says no.
        """
        if not isinstance(body, wanted):
            text = f"{type(body).__name__.removesuffix('Type')} came instead of {message}Res"
            raise Ended(Outcome(ending=Ending.UNEXPECTED, message=message, text=text))
        code: str = getattr(body, "ResponseCode", "")
        if code.startswith("FAILED"):
            raise Ended(Outcome(ending=Ending.REFUSED, message=message, code=code, text=f"{message}Res says {code}"))
        if message != "SessionSetup" and session_id != self.session_id:
            text = f"{message}Res is of session {session_id.hex()}, not of {self.session_id.hex()}"
            raise Ended(Outcome(ending=Ending.UNKNOWN_SESSION, message=message, text=text))
        return body

    def unsuitable(self, message: str, text: str) -> Ended:
        """Return the end of a session with an EVSE that the EV cannot use."""
        return Ended(Outcome(ending=Ending.UNSUITABLE, message=message, text=text))

    def choose(self, schedules: list[Schedule]) -> None:
        """Choose a schedule and a profile.

        Raises:
            Ended: none is offered.
        """
        if not schedules:
            raise self.unsuitable("ChargeParameterDiscovery", "no schedule is offered")
        self.schedule, self.profile = self.ev.choose(schedules, self.now)

    def begin(self) -> None:
        """Begin with the charging profile."""
        self.started = self.now

    def keep_to(self, voltage_v: float | None, current_a: float | None, power_w: float | None) -> None:
        """Keep to the EVSE's limits that are told while energy flows (V, A, W); what is None stays as it was."""
        told = {"voltage_v": voltage_v, "current_a": current_a, "power_w": power_w}
        self.limits = msgspec.structs.replace(self.limits, **{name: value for name, value in told.items() if value is not None})

    def within_profile(self) -> Limits:
        """Return the EVSE's limits, and the profile's of this moment; without a profile those of the schedule."""
        at = self.now - self.started
        if self.profile:
            power = power_of(self.profile, at)
        elif self.schedule is not None:
            power = self.schedule.max_power(at)
        else:
            return self.limits
        return msgspec.structs.replace(self.limits, power_w=min(self.limits.power_w, power))

    def let_go(self) -> None:
        """Take no more energy, whatever the reason."""
        self.ev.draw(Limits(voltage_v=0, current_a=0, power_w=0), self.now)
        self.ev.set_contactor(closed=False, now=self.now)
        self.ev.set_cp(CpState.B, self.now)
