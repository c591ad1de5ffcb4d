"""EVCCs of ISO 15118-20 that do not do as their SECC wants, or do not put up with all that it tells."""

from __future__ import annotations

from abc import ABC, abstractmethod

from v2x_architecture.iso15118.charging import Schedule
from v2x_architecture.iso15118.evcc.iso20 import Iso20Dialogue
from v2x_architecture.iso15118.evcc.script import Ended, Ending, Outcome, Steps
from v2x_architecture.iso15118.evcc.vehicle import Limits, Wish
from v2x_architecture.iso15118.exi.messages import iso20_common_messages as cm
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.exi.messages import iso20_dc as dc


class HearsNoServiceRenegotiation(Iso20Dialogue):
    """Leaves the wish aside that it choose its service anew."""

    def wish_under(self, response: ct.ChargeLoopResType) -> Wish:
        """Hear all but that."""
        wish = super().wish_under(response)
        return Wish.CHARGE if wish is Wish.CHANGE_SERVICE else wish


class AuthorizesAgain(Iso20Dialogue):
    """Begins with authorization again when it chooses its service anew."""

    def session_stop(self, wish: Wish) -> Steps[None]:
        """Authorize behind it."""
        yield from super().session_stop(wish)
        if wish is Wish.CHANGE_SERVICE:
            yield from self.authorization_setup()


class ChangesAnyway(Iso20Dialogue):
    """Asks for another service where there is none to be chosen anew."""

    def wish_under(self, response: ct.ChargeLoopResType) -> Wish:
        """Believe that there is."""
        self.may_change = True
        return super().wish_under(response)


class KeepsItsSchedule(Iso20Dialogue):
    """Keeps to its first schedule when it is to plan anew."""

    def choose(self, schedules: list[Schedule]) -> None:
        """Choose once."""
        if self.schedule is None:
            super().choose(schedules)


class StopsForGood(Iso20Dialogue):
    """Stops charging when it is to plan anew."""

    def wish_under(self, response: ct.ChargeLoopResType) -> Wish:
        """Take it for the end."""
        wish = super().wish_under(response)
        return Wish.STOP if wish is Wish.RENEGOTIATE else wish


class HearsNoPause(Iso20Dialogue):
    """Charges on when it is asked for a pause."""

    def wish_under(self, response: ct.ChargeLoopResType) -> Wish:
        """Hear all but that."""
        wish = super().wish_under(response)
        return Wish.CHARGE if wish is Wish.PAUSE else wish


class _Strict(Iso20Dialogue, ABC):
    """Ends over what it has no room for."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look whether there is room."""
        if self.is_too_much(body):
            raise Ended(Outcome(ending=Ending.MALFORMED, message=message, text="there is no room for that"))
        return super().expect(message, body, session_id, wanted)

    @abstractmethod
    def is_too_much(self, body: object) -> bool:
        """Tell whether there is no room for it."""


class NoRoomForGoals(_Strict):
    """Ends where the SECC tells states of charge that it aims at."""

    def is_too_much(self, body: object) -> bool:
        """Look for them in the loop."""
        mode = body.CLResControlMode if isinstance(body, dc.DC_ChargeLoopResType) else None
        return isinstance(mode, dc.Dynamic_DC_CLResControlModeType) and mode.TargetSOC is not None


class BewilderedByServices(_Strict):
    """Ends where the SECC has value added services."""

    def is_too_much(self, body: object) -> bool:
        """Look for them."""
        return isinstance(body, cm.ServiceDiscoveryResType) and body.VASList is not None


class BewilderedByParameters(_Strict):
    """Knows no parameter set with a parameter that it does not know."""

    def is_too_much(self, body: object) -> bool:
        """Look for one."""
        if not isinstance(body, cm.ServiceDetailResType):
            return False
        return any(each.Name.startswith("X-") for chosen in body.ServiceParameterList.ParameterSet for each in chosen.Parameter)


class FirstEntryForGood(Iso20Dialogue):
    """Keeps to the first entry of its schedule for good."""

    def within_profile(self) -> Limits:
        """Stop the clock of the schedule."""
        self.started = self.now
        return super().within_profile()
