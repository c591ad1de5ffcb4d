"""EVCCs of whatever edition with one thing wrong each; the edition's own session is what the wrong one is made of."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from v2x_architecture.iso15118 import v2gtp
from v2x_architecture.iso15118.evcc import Evcc, Outcome
from v2x_architecture.iso15118.evcc.dialogue import Dialogue
from v2x_architecture.iso15118.evcc.script import Ask, Ended, Reply, Step, Steps, Wait
from v2x_architecture.iso15118.exi import ExiError, codec
from v2x_architecture.iso15118.exi.messages import din, iso2
from v2x_architecture.iso15118.sending import Send
from v2x_architecture.iso15118.v2gtp import PayloadType, Received

_LONG = 100_000.0

# Sessions


class _Stubborn(Dialogue):
    """Asks again, where a session should end."""

    def step(self, step: Step) -> Steps[Reply]:
        """Ask until the answer suits."""
        while True:
            reply = yield from super().step(step)
            if not isinstance(step, Ask) or not self.asks_again(step.name, reply.message):
                return reply

    @abstractmethod
    def asks_again(self, name: str, response: object) -> bool:
        """Tell whether a response is one that it asks again upon.

        Args:
            name: of the message pair that is waited for.
            response: that came.
        """


def _body(response: object) -> object:
    """Return what a response says: in the older editions the element of its body."""
    return response.Body.BodyElement if isinstance(response, din.V2G_Message | iso2.V2G_Message) else response


class AsksAgainWhenRefused(_Stubborn):
    """Sends a request again that was answered FAILED."""

    def asks_again(self, name: str, response: object) -> bool:
        """Look at its code."""
        code: str = getattr(_body(response), "ResponseCode", "")
        return code.startswith("FAILED")


class AsksAgainWhenAnsweredOtherwise(_Stubborn):
    """Sends a request again that was answered with the response to another one."""

    def asks_again(self, name: str, response: object) -> bool:
        """Look at its name."""
        return type(_body(response)).__name__.removesuffix("Type") != f"{name}Res"


class AsksAgainWhenAnsweredFromElsewhere(_Stubborn):
    """Sends a request again that was answered in another session (the older editions)."""

    def asks_again(self, name: str, response: object) -> bool:
        """Look at its session."""
        if name == "SessionSetup" or not isinstance(response, din.V2G_Message | iso2.V2G_Message):
            return False
        return response.Header.SessionID != self.session_id


class TakesAnySession(Dialogue):
    """Takes responses of any session."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look at the response only."""
        return super().expect(message, body, self.session_id, wanted)


class HoldsOn(Dialogue):
    """Leaves contactors, charger and control pilot as they are when a session breaks."""

    def let_go(self) -> None:
        """Do nothing."""


class WaitsForEver(Dialogue):
    """Asks without end while the SECC is not ready."""

    def wait_ready(self, message: str, since: float, timer: str, more: str = "") -> Steps[None]:
        """Wait as if it had just begun."""
        yield from super().wait_ready(message, self.now, timer, more)


class AsksOnce(Dialogue):
    """Takes a response without the voltage, or Ongoing, for the end of the session."""

    def wait_ready(self, message: str, since: float, timer: str, more: str = "") -> Steps[None]:
        """End."""
        raise self.unsuitable(message, "it is not ready")
        yield


class SkipsCableCheck(Dialogue):
    """Goes from the parameters to pre-charging."""

    def cable_check(self) -> Steps[None]:
        """Do nothing."""
        return
        yield


class SkipsPreCharge(Dialogue):
    """Goes from the cable check to PowerDelivery: its contactors close onto whatever voltage there is."""

    def pre_charge(self) -> Steps[None]:
        """Do nothing."""
        return
        yield


class GivesUpOnLessCurrent(Dialogue):
    """Ends the session when the EVSE has less than before."""

    def keep_to(self, voltage_v: float | None, current_a: float | None, power_w: float | None) -> None:
        """Compare with what was told before."""
        before = self.limits.current_a
        super().keep_to(voltage_v, current_a, power_w)
        if self.limits.current_a < before:
            raise self.unsuitable("CurrentDemand", "there is less current")


# State machines: what they do about time, and about what they cannot read


class KeepsConnection(Evcc):
    """Leaves the connection open when a session has ended, in order or not.

    Attributes:
        stays_s: for how long (s).
    """

    stays_s: ClassVar[float] = 60.0

    def script(self) -> Steps[Outcome]:
        """Hold the session, then stay."""
        try:
            outcome = yield from super().script()
        except Ended as end:
            outcome = end.outcome
        yield Wait(self.stays_s)
        return outcome


class Lingers(KeepsConnection):
    """Leaves the connection open for a second when a session has ended."""

    stays_s = 1.0


class NeverGivesUp(Evcc):
    """Waits for a response as long as it takes."""

    def handle_timeout(self, now: float) -> list[Send]:
        """Do nothing about a response that does not come."""
        if self.asked is not None and self._deadline is not None and now >= self._deadline:
            self._deadline = now + _LONG
            return []
        return super().handle_timeout(now)


class AsksAgainInTime(Evcc):
    """Sends a request again that is not answered in time."""

    def handle_timeout(self, now: float) -> list[Send]:
        """Send it again."""
        asked = self.asked
        if asked is None or self._deadline is None or now < self._deadline:
            return super().handle_timeout(now)
        self._deadline = now + asked.timeout
        return [Send(f"{asked.name}Req", asked.message, asked.payload_type, codec(asked.schema).encode(asked.message))]


class AsksAgainWhenUnreadable(Evcc):
    """Sends a request again whose response it cannot read."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Send]:
        """Look whether it can be read."""
        asked = self.asked
        if asked is not None and isinstance(event, Received) and event.payload_type == asked.payload_type:
            try:
                codec(asked.schema).decode(event.payload)
            except ExiError:
                self._deadline = now + asked.timeout
                return [Send(f"{asked.name}Req", asked.message, asked.payload_type, codec(asked.schema).encode(asked.message))]
        return super().receive(event, now)


class HangsWhenUnreadable(Evcc):
    """Waits without end, contactors closed, once it could not read a response."""

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


class ReadsAnyPayload(Evcc):
    """Takes whatever payload type for EXI."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Send]:
        """Call it EXI."""
        if isinstance(event, Received):
            event = Received(PayloadType.EXI, event.payload, event.header)
        return super().receive(event, now)


class EndsOverForeignPayload(Evcc):
    """Ends the session over a message of another payload type."""

    def receive(self, event: v2gtp.Event, now: float) -> list[Send]:
        """Look at the type."""
        if isinstance(event, Received) and self.asked is not None and event.payload_type != self.asked.payload_type:
            self.lost(now, "what is this?")
            return []
        return super().receive(event, now)
