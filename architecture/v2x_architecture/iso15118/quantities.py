"""Physical values as each edition writes them, for both sides."""

from __future__ import annotations

from v2x_architecture.iso15118.exi.messages import din, iso2
from v2x_architecture.iso15118.exi.messages import iso20_common_types as ct
from v2x_architecture.iso15118.values import scaled


def din_value(value: float, unit: din.unitSymbolType, decimals: int = 1) -> din.PhysicalValueType:
    """Return a physical value of DIN SPEC 70121, rounded towards zero to so many decimals."""
    multiplier, whole = scaled(value, decimals)
    return din.PhysicalValueType(Multiplier=multiplier, Unit=unit, Value=whole)


def iso2_value(value: float, unit: iso2.unitSymbolType, decimals: int = 1) -> iso2.PhysicalValueType:
    """Return a physical value of 15118-2, rounded towards zero to so many decimals."""
    multiplier, whole = scaled(value, decimals)
    return iso2.PhysicalValueType(Multiplier=multiplier, Unit=unit, Value=whole)


def rational(value: float, decimals: int = 1) -> ct.RationalNumberType:
    """Return a rational number of 15118-20, rounded towards zero to so many decimals."""
    exponent, whole = scaled(value, decimals, range(-6, 13))
    return ct.RationalNumberType(Exponent=exponent, Value=whole)
