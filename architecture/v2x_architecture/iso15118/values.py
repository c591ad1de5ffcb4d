"""Physical values as messages carry them: a whole number and a power of ten."""

from __future__ import annotations

import math
from typing import Final, Protocol

_LARGEST: Final = 32767


class Physical(Protocol):
    """A ``PhysicalValueType`` of DIN SPEC 70121 or 15118-2."""

    Multiplier: int
    Value: int


class Rational(Protocol):
    """A ``RationalNumberType`` of 15118-20."""

    Exponent: int
    Value: int


def scaled(value: float, decimals: int = 1, exponents: range = range(-3, 4)) -> tuple[int, int]:
    """Return power of ten and whole number for a value, rounded towards zero so that a limit is never overstated.

    Args:
        value: in the unit of the message; what is too large becomes the largest there is.
        decimals: to keep, where the whole number has room for them.
        exponents: powers of ten that the message has.
    """
    exponent = max(-decimals, exponents[0])
    # What is a whole number but for the error of floating point stays that number.
    while abs(whole := math.trunc(round(value / 10**exponent, 6))) > _LARGEST:
        if exponent == exponents[-1]:
            return exponent, _LARGEST if value > 0 else -_LARGEST
        exponent += 1
    return exponent, whole


def number(value: Physical) -> float:
    """Return what a physical value stands for, in its unit."""
    return value.Value * 10.0**value.Multiplier if value.Multiplier >= 0 else value.Value / 10.0**-value.Multiplier


def quotient(value: Rational) -> float:
    """Return what a rational number stands for, in its unit."""
    return value.Value * 10.0**value.Exponent if value.Exponent >= 0 else value.Value / 10.0**-value.Exponent
