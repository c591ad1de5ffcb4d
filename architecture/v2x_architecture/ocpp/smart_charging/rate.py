"""How much may be drawn: a current on a number of phases, and its conversion to power and back without rounding."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

DEFAULT_PHASES = 3
"""Phases of a schedule period that names none (K01.FR.49; 1.6: 7.14)."""

LOWEST_PILOT_CURRENT = 6
"""A; the lowest current that a control pilot can offer. Below it an AC outlet can only pause (IEC 61851-1, annex A)."""


class RateUnit(StrEnum):
    """ChargingRateUnit: total power, or current per phase (K01.FR.50, K01.FR.51)."""

    WATTS = "W"
    AMPERES = "A"


@dataclass(frozen=True, slots=True)
class Rate:
    """A current per phase and the number of phases it may flow on. A direct current has one "phase".

    Args:
        amperes: A per phase, exact.
        phases: how many phases carry it, 1 to 3.
    """

    amperes: Fraction
    phases: int

    def lowest(self, other: Rate) -> Rate:
        """Return the rate that keeps to both: the lower current, on the fewer phases."""
        return Rate(min(self.amperes, other.amperes), min(self.phases, other.phases))


@dataclass(frozen=True, slots=True)
class Supply:
    """What feeds an EVSE, or the whole charging station, and its fixed local limit (K04.FR.02).

    Args:
        max_current: A per phase that the hardware stands.
        voltage: V, the nominal line voltage of the area, not a measured one (K01.FR.50); the output's for direct current.
        phases: phases that are wired; ignored for direct current.
        direct: whether the EV is fed direct current, where phase numbers mean nothing (K01.FR.44).
    """

    max_current: Fraction
    voltage: Fraction = Fraction(230)
    phases: int = DEFAULT_PHASES
    direct: bool = False

    @property
    def lines(self) -> int:
        """Phases that carry current: 1 for direct current."""
        return 1 if self.direct else self.phases

    @property
    def limit(self) -> Rate:
        """The local limit."""
        return Rate(self.max_current, self.lines)

    def rate(self, limit: Fraction, unit: RateUnit, phases: int | None) -> Rate:
        """Return what a schedule period allows here.

        A power is divided over the phases that the period names (three when it names none), not over those that are wired
        (K01.FR.50); a current is taken as it is (K01.FR.51; 1.6 errata 3.34). The period can only take phases away.
        """
        named = 1 if self.direct else (phases or DEFAULT_PHASES)
        amperes = limit if unit is RateUnit.AMPERES else limit / (self.voltage * named)
        return Rate(amperes, min(named, self.lines))

    def convert(self, rate: Rate, elsewhere: Supply) -> Rate:
        """Return what a rate at another supply is here: the same current where both alternate, the same power otherwise."""
        if self.direct or elsewhere.direct:
            return Rate(elsewhere.watts(rate) / (self.voltage * self.lines), self.lines)
        return Rate(rate.amperes, min(rate.phases, self.lines))

    def watts(self, rate: Rate) -> Fraction:
        """Return the total power in W of a rate."""
        return rate.amperes * rate.phases * self.voltage

    def measure(self, rate: Rate, unit: RateUnit) -> Fraction:
        """Return a rate in W (all phases) or A (each phase)."""
        return self.watts(rate) if unit is RateUnit.WATTS else rate.amperes

    def offered(self, rate: Rate) -> Fraction:
        """Return the current per phase in A that can really be offered: none where a control pilot cannot say so little."""
        if not self.direct and rate.amperes < LOWEST_PILOT_CURRENT:
            return Fraction(0)
        return min(rate.amperes, self.max_current)


def exact(number: float | Decimal | Fraction) -> Fraction:
    """Return a number of a message as it was written: 8.1 is 81/10."""
    return Fraction(number) if isinstance(number, Fraction) else Fraction(str(number))


def to_wire(value: Fraction) -> float:
    """Return a limit with the one decimal that a message may carry, rounded down so that it promises no more than there is."""
    return (value * 10).__floor__() / 10
