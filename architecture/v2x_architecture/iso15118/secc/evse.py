"""What an SECC needs of its EVSE: the port to authorization, power electronics, contactor and meter."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from v2x_architecture.coupling import CpState, Present
from v2x_architecture.iso15118.charging import (
    AcLimits,
    ChargingNeeds,
    Choice,
    DcLimits,
    DcStatus,
    EnergyTransferMode,
    Notification,
    Schedule,
)


class Authorization(StrEnum):
    """Whether energy may flow, by external means (EIM)."""

    ONGOING = "ongoing"
    """It is being found out."""
    WAITING = "waiting"
    """The customer has to do something first."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"


class Check(StrEnum):
    """How the test of cable and isolation goes."""

    ONGOING = "ongoing"
    PASSED = "passed"
    FAILED = "failed"


class Evse(Protocol):
    """An EVSE as its SECC sees it. All methods take the time: seconds of a clock that never goes back."""

    @property
    def evse_id(self) -> str:
        """EVSEID, as ISO 15118-2 has it (annex H)."""
        ...

    @property
    def modes(self) -> tuple[EnergyTransferMode, ...]:
        """Ways of energy transfer that there are."""
        ...

    def authorization(self, now: float) -> Authorization:
        """Tell whether energy may flow."""
        ...

    def set_needs(self, needs: ChargingNeeds, now: float) -> None:
        """Hear what the EV told of itself; in 15118-20 its wishes come later than its limits, and both are told then."""
        ...

    def set_soc(self, soc: float, now: float) -> None:
        """Hear the EV's state of charge (percent)."""
        ...

    def set_ev_power(self, power_w: float, now: float) -> None:
        """Hear what the EV says that it draws in AC (W), negative when it gives."""
        ...

    def schedules(self, now: float) -> tuple[Schedule, ...] | None:
        """Return the schedules for such needs; None while they are being worked out."""
        ...

    def choose(self, choice: Choice, now: float) -> None:
        """Hear what the EV has chosen: energy may flow."""
        ...

    def end(self, now: float, *, paused: bool) -> None:
        """Hear that the EV ends the session in order, or pauses it."""
        ...

    def ac_limits(self, now: float) -> AcLimits:
        """Return what it offers in AC."""
        ...

    def dc_limits(self, now: float) -> DcLimits:
        """Return what it offers in DC."""
        ...

    def cp_state(self, now: float) -> CpState:
        """Return the state of the control pilot."""
        ...

    def notification(self, now: float) -> Notification:
        """Return what it wants of the EV."""
        ...

    def rcd(self, now: float) -> bool:
        """Tell whether the residual current device of AC has tripped."""
        ...

    def dc_status(self, now: float) -> DcStatus:
        """Return the state of the DC supply."""
        ...

    def cable_check(self, now: float) -> Check:
        """Begin the test of cable and isolation when called first, and tell how it goes."""
        ...

    def close_contactor(self, now: float) -> bool:
        """Connect the EV; return whether it worked."""
        ...

    def open_contactor(self, now: float) -> bool:
        """Disconnect the EV; return whether it worked."""
        ...

    def set_dc(self, voltage_v: float, current_a: float, now: float) -> None:
        """Set the DC supply (V, A)."""
        ...

    def switch_off(self, now: float) -> None:
        """Switch the DC supply off."""
        ...

    def present(self, now: float) -> Present:
        """Measure what flows."""
        ...

    def target_power(self, now: float) -> float:
        """Return what it wants to flow in dynamic control (W); negative to take back."""
        ...

    def exported(self, now: float) -> float:
        """Return the meter's export register: what the EV has given back (Wh)."""
        ...

    def meter(self, now: float) -> tuple[str, float]:
        """Return the meter's id and its import register (Wh)."""
        ...
