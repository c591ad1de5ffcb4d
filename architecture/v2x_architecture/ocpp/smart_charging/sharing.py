"""Sharing what the whole station may draw between its EVSEs (K04; 1.6: 3.13.3)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, slots=True)
class Demand:
    """What one EVSE could use.

    Args:
        evse: its id.
        amount: at most this much, A or W, the same unit for all.
        minimum: below this it is better not to charge at all (minChargingRate, or what a control pilot can say).
        priority: chargingPriority, the higher the more important (K03.FR.04).
    """

    evse: int
    amount: Fraction
    minimum: Fraction = Fraction(0)
    priority: int = 0


def share(total: Fraction, demands: Iterable[Demand]) -> dict[int, Fraction]:
    """Return how much each EVSE gets: equal parts, none more than it asks, in sum never more than the total (K04.FR.05).

    Where a part would fall below the minimum of its EVSE, the least important demand (of equals: the last) waits with nothing
    until the parts of the others suffice.
    """
    waiting = sorted(demands, key=lambda demand: -demand.priority)
    parts = {demand.evse: Fraction(0) for demand in waiting}
    while waiting:
        filled = _fill(total, waiting)
        if all(filled[demand.evse] >= min(demand.minimum, demand.amount) for demand in waiting):
            return parts | filled
        waiting.pop()
    return parts


def _fill(total: Fraction, demands: list[Demand]) -> dict[int, Fraction]:
    """Pour the total evenly until every demand is met or nothing is left."""
    parts: dict[int, Fraction] = {}
    for index, demand in enumerate(ordered := sorted(demands, key=lambda demand: demand.amount)):
        parts[demand.evse] = min(demand.amount, total / (len(ordered) - index))
        total -= parts[demand.evse]
    return parts
