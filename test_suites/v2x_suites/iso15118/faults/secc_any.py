"""SECCs of whatever edition with one thing wrong each; the edition's own session is what the wrong one is made of."""

from __future__ import annotations

from typing import ClassVar

import msgspec
from v2x_architecture.iso15118.charging import ChargingNeeds, Schedule
from v2x_architecture.iso15118.exi.messages import din, iso2
from v2x_architecture.iso15118.secc import Secc
from v2x_architecture.iso15118.secc.dc import DcOutput
from v2x_architecture.iso15118.secc.dialogue import NO_SESSION, Dialogue, Objection
from v2x_architecture.iso15118.secc.din_parts import DinParts
from v2x_architecture.iso15118.secc.evse import Check
from v2x_architecture.iso15118.secc.iso2_parts import Iso2Parts
from v2x_architecture.iso15118.sequences import END

type CableChecked = din.CableCheckResType | iso2.CableCheckResType
type PreCharged = din.PreChargeResType | iso2.PreChargeResType

# Order and session


class AnyOrder(Dialogue):
    """Takes requests in any order."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Look at the session only."""
        objection = super().objection(request, session_id)
        return None if objection == "FAILED_SequenceError" else objection


class AnySession(Dialogue):
    """Takes requests of any session."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Look at the place of the request only."""
        return super().objection(request, self.session_id)


class ZeroSession(Dialogue):
    """Takes a SessionID of zero for its own."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Let the session through that is none."""
        return super().objection(request, self.session_id if session_id == NO_SESSION else session_id)


class SessionFirst(Dialogue):
    """Calls a session unknown before there is any."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Look at the session first, even where there is none."""
        early = request != "SessionSetupReq" and self.session_id == NO_SESSION
        return "FAILED_UnknownSession" if early else super().objection(request, session_id)


class SessionBesideThePoint(Dialogue):
    """Calls a request of another session out of sequence."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Leave the session out of it."""
        found = super().objection(request, session_id)
        return "FAILED_SequenceError" if found == "FAILED_UnknownSession" else found


class UnknownForMisplaced(Dialogue):
    """Calls what is out of place a request of an unknown session."""

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Give the other reason."""
        found = super().objection(request, session_id)
        return "FAILED_UnknownSession" if found == "FAILED_SequenceError" else found


class Narrow(Dialogue):
    """Does not take a request where it has its place.

    Attributes:
        request: its name. states: where. nth: the how manieth time on.
    """

    request: ClassVar[str]
    states: ClassVar[tuple[str, ...]]
    nth: ClassVar[int] = 1
    _count = 0

    def objection(self, request: str, session_id: bytes) -> Objection | None:
        """Object to that one."""
        if request == self.request and self.state in self.states:
            self._count += 1
            if self._count >= self.nth:
                return "FAILED_SequenceError"
        return super().objection(request, session_id)


class NoStopAfterCableCheck(Narrow):
    """Takes no SessionStopReq once the cable has been checked."""

    request, states = "SessionStopReq", ("PreCharge", "PreChargeOrPowerDelivery")


class NoStopAfterServices(Narrow):
    """Takes no SessionStopReq before the EV has told its limits (DIN SPEC 70121)."""

    request, states = "SessionStopReq", ("ServicePaymentSelection", "ContractAuthentication", "ChargeParameterDiscovery")


class OneParameters(Narrow):
    """Takes ChargeParameterDiscoveryReq once only."""

    request, states, nth = "ChargeParameterDiscoveryReq", ("ChargeParameterDiscovery",), 2


class NoCableCheck(Narrow):
    """Takes no CableCheckReq after the parameters."""

    request, states = "CableCheckReq", ("CableCheck",)


class NoPreCharge(Narrow):
    """Takes no PreChargeReq after the cable check."""

    request, states = "PreChargeReq", ("PreCharge",)


class OnePreCharge(Narrow):
    """Takes one PreChargeReq only."""

    request, states = "PreChargeReq", ("PreChargeOrPowerDelivery",)


class NoCurrentDemand(Narrow):
    """Takes no CurrentDemandReq after PowerDeliveryRes."""

    request, states = "CurrentDemandReq", ("CurrentDemand",)


class NoEnd(Narrow):
    """Takes no PowerDeliveryReq while energy flows."""

    request, states = "PowerDeliveryReq", ("CurrentDemandOrPowerDelivery",)


class NoWeldingDetection(Narrow):
    """Takes no WeldingDetectionReq."""

    request, states = "WeldingDetectionReq", ("WeldingDetectionOrSessionStop",)


class NoStopAtTheEnd(Narrow):
    """Takes no SessionStopReq at the end."""

    request, states = "SessionStopReq", ("WeldingDetectionOrSessionStop",)


# Energy


class AnyLimits(Dialogue):
    """Goes on with any EV of the older editions, whatever its limits are."""

    def can_serve(self, needs: ChargingNeeds, now: float) -> bool:
        """Serve it."""
        return True


class AnySchedule(Dialogue):
    """Takes whatever schedule is chosen."""

    def schedule(self, schedule_id: int) -> Schedule | None:
        """Take it for the first one."""
        return self.schedules[0] if self.schedules else None


class EndlessPatience(Dialogue):
    """Has an EV wait for as long as it likes."""

    def too_long(self, what: str, now: float, timer: str = "") -> bool:
        """Find nothing too long."""
        return False


class StaysOn(Dialogue):
    """Leaves the output as it is when a session ends other than in order."""

    def halt(self, now: float) -> None:
        """Leave everything as it is."""
        self.state = END


class Older(Dialogue):
    """A session of DIN SPEC 70121 or ISO 15118-2, which charge with DC alike."""

    parts: DinParts | Iso2Parts
    output: DcOutput

    def checked(self, check: Check, now: float) -> CableChecked:
        """Tell how a cable check goes that cannot fail."""
        return self.parts.cable_check("OK", "Ongoing" if check is Check.ONGOING else "Finished", now, isolation="Valid")


class AnyStateAfterwards(Older):
    """Does not look at the control pilot after DC charging."""

    def kept_waiting(self, request: object, now: float) -> None:
        """Keep nobody waiting."""


class Unchecked(Older):
    """Calls every cable safe."""

    def cable_check(self, request: object, now: float) -> CableChecked:
        """Say that it is."""
        return self.checked(self.output.cable_check(now), now)


class AnyState(Older):
    """Checks the cable in any state of the control pilot."""

    def cable_check(self, request: object, now: float) -> CableChecked:
        """Look at the cable only."""
        return self.checked(self.evse.cable_check(now), now)


class CheckForEver(Older):
    """Checks the cable for ever."""

    def cable_check(self, request: object, now: float) -> CableChecked:
        """Go on."""
        return self.parts.cable_check("OK", "Ongoing", now)


class Echo(Older):
    """Tells the voltage that it was asked for, whatever there is."""

    def pre_charge(self, request: din.PreChargeReqType | iso2.PreChargeReqType, now: float) -> PreCharged:
        """Repeat the target."""
        return msgspec.structs.replace(self.parts.pre_charge("OK", now), EVSEPresentVoltage=request.EVTargetVoltage)


# The connection


class EverWaiting(Secc):
    """Waits for the next request for a day."""

    def setup_time(self) -> float:
        """Wait for the first as long, too."""
        return 86_400.0

    def sequence_timeout(self) -> float:
        """Wait."""
        return 86_400.0
