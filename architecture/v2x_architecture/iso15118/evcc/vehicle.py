"""What an EVCC needs of its vehicle: the port to battery, charger, contactors, and what the driver wants."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Protocol

import msgspec

from v2x_architecture.coupling import CpState, Present
from v2x_architecture.iso15118.charging import ChargingNeeds, EnergyTransferMode, ProfileEntry, Schedule


class Wish(StrEnum):
    """What the vehicle wants while energy flows."""

    CHARGE = "charge"
    STOP = "stop"
    PAUSE = "pause"
    RENEGOTIATE = "renegotiate"
    STANDBY = "standby"
    """No energy for as long as this is wanted, while the session goes on. Of 15118-20; the others stop."""
    CHANGE_SERVICE = "change service"
    """To choose a service anew. Of 15118-20; the others stop."""


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """What an EVSE has told that it gives at most; infinite where it told nothing.

    Attributes:
        voltage_v: (V).
        current_a: in AC of a phase (A).
        power_w: on all phases (W), the charging profile's included.
    """

    voltage_v: float = float("inf")
    current_a: float = float("inf")
    power_w: float = float("inf")


class Demand(msgspec.Struct, frozen=True, kw_only=True):
    """What an EV demands in DC.

    Attributes:
        voltage_v: target voltage (V).
        current_a: target current (A); negative to give energy.
        remaining_s: until it is full (s); None where it does not know.
    """

    voltage_v: float
    current_a: float
    remaining_s: float | None = None


class Ev(Protocol):
    """A vehicle as its EVCC sees it. All methods take the time: seconds of a clock that never goes back."""

    @property
    def evcc_id(self) -> bytes:
        """EVCCID: the MAC address of the EVCC, 6 octets."""
        ...

    @property
    def modes(self) -> tuple[EnergyTransferMode, ...]:
        """Ways of energy transfer that it takes; the first is the dearest to it."""
        ...

    def needs(self, mode: EnergyTransferMode, now: float) -> ChargingNeeds:
        """Return what it tells of itself for a way of energy transfer."""
        ...

    def choose(self, schedules: Sequence[Schedule], now: float) -> tuple[Schedule, tuple[ProfileEntry, ...]]:
        """Choose one of the schedules that are offered, and the charging profile to keep to within it."""
        ...

    def wish(self, now: float) -> Wish:
        """Tell what it wants."""
        ...

    def soc(self, now: float) -> float:
        """Return the state of charge (percent)."""
        ...

    def set_cp(self, state: CpState, now: float) -> None:
        """Change the control pilot's state."""
        ...

    def set_contactor(self, *, closed: bool, now: float) -> None:
        """Close or open its contactors."""
        ...

    def battery_voltage(self, now: float) -> float:
        """Return the voltage that pre-charging is to reach (V)."""
        ...

    def demand(self, limits: Limits, now: float) -> Demand:
        """Return what it demands in DC."""
        ...

    def draw(self, limits: Limits, now: float) -> None:
        """Set its charger for AC to what it wants within limits; nothing with a limit of 0."""
        ...

    def follow(self, power_w: float, now: float) -> None:
        """Set its charger for AC to a target (W), negative to give, as far as it can."""
        ...

    def power(self, now: float) -> float:
        """Return what its charger for AC draws (W), negative when it gives."""
        ...

    def told(self, present: Present, now: float) -> None:
        """Hear what the EVSE says that it gives."""
        ...
