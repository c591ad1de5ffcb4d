"""EVCCs of the older editions that do not put up with what changes while energy flows, or with what they are told besides."""

from __future__ import annotations

from abc import ABC, abstractmethod

import msgspec
from v2x_architecture.iso15118.evcc.din import DinDialogue
from v2x_architecture.iso15118.evcc.iso2 import Iso2Dialogue
from v2x_architecture.iso15118.evcc.script import Ended, Ending, Outcome
from v2x_architecture.iso15118.evcc.vehicle import Limits
from v2x_architecture.iso15118.exi.messages import din, iso2

_LEAST = 6.0


class _Strict(Iso2Dialogue, ABC):
    """Ends over what it does not put up with."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look whether it does."""
        if self.is_too_much(body):
            raise Ended(Outcome(ending=Ending.UNSUITABLE, message=message, text="that is too much"))
        return super().expect(message, body, session_id, wanted)

    @abstractmethod
    def is_too_much(self, body: object) -> bool:
        """Tell whether it does not put up with it."""


class EndsWithoutCurrent(_Strict):
    """Ends the session when there is no current for a while."""

    def is_too_much(self, body: object) -> bool:
        """Look how much there is."""
        match body:
            case iso2.ChargingStatusResType(EVSEMaxCurrent=iso2.PhysicalValueType(Value=0)):
                return True
            case iso2.CurrentDemandResType(EVSEMaximumCurrentLimit=iso2.PhysicalValueType(Value=0)):
                return True
        return False


class NeedsSignedTariffs(_Strict):
    """Ends when a schedule has a tariff that nobody has signed."""

    def is_too_much(self, body: object) -> bool:
        """Look for one."""
        told = body.SASchedules if isinstance(body, iso2.ChargeParameterDiscoveryResType) else None
        return isinstance(told, iso2.SAScheduleListType) and any(each.SalesTariff is not None for each in told.SAScheduleTuple)


class NeverAgain(Iso2Dialogue):
    """Takes no energy any more once there was none."""

    spent = False

    def within_profile(self) -> Limits:
        """Remember that there was none."""
        limits = super().within_profile()
        self.spent = self.spent or limits.current_a == 0
        return msgspec.structs.replace(limits, current_a=0.0) if self.spent else limits


class SixAmperesAtLeast(Iso2Dialogue):
    """Draws 6 A at least."""

    def within_profile(self) -> Limits:
        """Take no less for a limit."""
        limits = super().within_profile()
        return msgspec.structs.replace(limits, current_a=max(_LEAST, limits.current_a))


class FirstEntryForGood(Iso2Dialogue):
    """Keeps to the first entry of its schedule for good."""

    def within_profile(self) -> Limits:
        """Stop the clock of the schedule."""
        self.started = self.now
        return super().within_profile()


class AsksForAllAgain(Iso2Dialogue):
    """Asks for as much energy after a pause as before."""

    def parameters(self) -> iso2.EVChargeParameterType:
        """Have the vehicle remember."""
        told = super().parameters()
        if isinstance(told, iso2.AC_EVChargeParameterType):
            told.EAmount = vars(self.ev).setdefault("asked", told.EAmount)
        return told


class EndsWithoutCurrentDin(DinDialogue):
    """Ends the session when there is no current for a while."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look how much there is."""
        limit = body.EVSEMaximumCurrentLimit if isinstance(body, din.CurrentDemandResType) else None
        if limit is not None and limit.Value == 0:
            raise Ended(Outcome(ending=Ending.UNSUITABLE, message=message, text="there is no current"))
        return super().expect(message, body, session_id, wanted)


class ReadyWhenever(DinDialogue):
    """Has all the time until energy flows."""

    def ready_in_time(self) -> None:
        """Look at no clock."""


class BewilderedByServices(DinDialogue):
    """Ends where the SECC lists services beside charging."""

    def expect[T](self, message: str, body: object, session_id: bytes, wanted: type[T]) -> T:
        """Look for them."""
        if isinstance(body, din.ServiceDiscoveryResType) and body.ServiceList is not None:
            raise Ended(Outcome(ending=Ending.UNSUITABLE, message=message, text="what are these?"))
        return super().expect(message, body, session_id, wanted)
