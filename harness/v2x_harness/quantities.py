"""Which fields of a protocol's messages are quantities over time, as data; and what stands in them, read off decoded forms.

A protocol suite hands its table to the harness; the table travels in the bundle's catalogue, so that reports draw the curves of
any protocol without knowing one, and rules can look names and units up in the same place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

import msgspec

from v2x_harness.events import Json

# What is nested deeper is looked at by nobody: no message is, and hostile ones are.
_DEEPEST = 40
# No quantity of a charging session is larger, however it is written.
_LARGEST = 1e30


class Curve(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One quantity over time.

    Attributes:
        id: unique in its protocol: ``evse_present_voltage``.
        name: for people: ``EVSE present``; the unit says of what.
        unit: SI unit of the values, or ``%``. Curves of the same unit share a diagram.
        kind: ``present`` (measured), ``target``, ``limit``, ``offer`` (a schedule), ``plan`` (the one that is chosen).
        fields: names of the fields that hold it, at any depth; several in one message (phases) are added up.
        below: its fields state a magnitude in the direction that counts negative, as limits of discharging do.
        factors: ids of curves; in each message that has them all it is their product.
    """

    id: str
    name: str
    unit: str
    kind: Literal["present", "target", "limit", "offer", "plan"]
    fields: tuple[str, ...] = ()
    below: bool = False
    factors: tuple[str, ...] = ()


class Schedule(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Values over a time that is yet to come, as a list of entries in one message.

    Attributes:
        curve: id of the curve that its values belong to.
        entries: name of the list.
        value: names of the fields of an entry that are added up.
        start: steps to the field with the seconds from the message to the entry; without it entries follow one another.
        duration: steps to the field with an entry's seconds; without it an entry lasts until the next one.
        inside: name of an object that the list must stand in, at any depth; empty for any.
    """

    curve: str
    entries: str
    value: tuple[str, ...]
    start: tuple[str, ...] = ()
    duration: tuple[str, ...] = ()
    inside: str = ""


class Quantities(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The quantities of one protocol.

    Attributes:
        protocol: its name, as in a link's ``protocol`` before the slash.
        value, exponents: how a number is written that is no JSON number: an object with these members, the exponent of ten
            under one of several names.
    """

    protocol: str
    curves: tuple[Curve, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    value: str = ""
    exponents: tuple[str, ...] = ()


class Planned(NamedTuple):
    """A schedule out of a message.

    Attributes:
        curve: id of its curve.
        steps: seconds from the message on, and the value from then on.
        end: seconds from the message to the end of the last entry; None where that is open.
    """

    curve: str
    steps: tuple[tuple[float, float], ...]
    end: float | None


class QuantityReader:
    """Takes the quantities of one protocol out of decoded messages. Never raises for what a product sent.

    Args:
        quantities: of the protocol.
    """

    def __init__(self, quantities: Quantities) -> None:
        self.quantities = quantities
        self._curves = {field: curve for curve in quantities.curves for field in curve.fields}
        self._products = [curve for curve in quantities.curves if curve.factors]
        self._schedules: dict[str, list[Schedule]] = {}
        for schedule in quantities.schedules:
            self._schedules.setdefault(schedule.entries, []).append(schedule)
        self._below = {curve.id for curve in quantities.curves if curve.below}

    def number(self, content: Json) -> float | None:
        """Return a number however the protocol writes it; None for anything else."""
        exponent = 0
        if isinstance(content, dict):
            stated = next((content[name] for name in self.quantities.exponents if name in content), 0)
            if not isinstance(stated, int) or abs(stated) > 30:
                return None
            content, exponent = content.get(self.quantities.value), stated
        if isinstance(content, bool) or not isinstance(content, int | float) or not abs(content) <= _LARGEST:
            return None
        return content * float(10**exponent) if exponent >= 0 else content / float(10**-exponent)

    def values(self, form: Json) -> dict[str, float]:
        """Return what a message says, by the ids of curves."""
        found: dict[str, float] = {}
        for name, content, _ in _members(form, ()):
            curve = self._curves.get(name)
            if curve is not None and (number := self.number(content)) is not None:
                found[curve.id] = found.get(curve.id, 0.0) + (-abs(number) if curve.below else number)
        for curve in self._products:
            if all(factor in found for factor in curve.factors):
                product = 1.0
                for factor in curve.factors:
                    product *= found[factor]
                found[curve.id] = product
        return found

    def planned(self, form: Json) -> list[Planned]:
        """Return the schedules in a message: of several alternatives the first."""
        plans: dict[str, Planned] = {}
        for name, content, inside in _members(form, ()):
            for schedule in self._schedules.get(name, ()):
                if isinstance(content, list) and (not schedule.inside or schedule.inside in inside):
                    plan = self._plan(schedule, content)
                    if plan is not None:
                        plans.setdefault(schedule.curve, plan)
        return list(plans.values())

    def _plan(self, schedule: Schedule, entries: Sequence[Json]) -> Planned | None:
        steps: list[tuple[float, float]] = []
        at: float | None = 0.0
        for entry in entries:
            numbers = [n for name in schedule.value if (n := self.number(_at(entry, (name,)))) is not None]
            start = self.number(_at(entry, schedule.start)) if schedule.start else at
            if not numbers or start is None:
                continue
            value = sum(numbers)
            steps.append((start, -abs(value) if schedule.curve in self._below else value))
            lasts = self.number(_at(entry, schedule.duration)) if schedule.duration else None
            at = None if lasts is None else start + lasts
        return Planned(schedule.curve, tuple(steps), at) if steps else None


def _members(form: Json, inside: tuple[str, ...]) -> Iterator[tuple[str, Json, tuple[str, ...]]]:
    """Give every member of every object in a form, with the names of the objects it stands in."""
    if len(inside) > _DEEPEST:
        return
    if isinstance(form, dict):
        for name, content in form.items():
            yield name, content, inside
            if isinstance(content, dict | list):
                yield from _members(content, (*inside, name))
    elif isinstance(form, list):
        for content in form:
            yield from _members(content, (*inside, ""))


def _at(form: Json, steps: Sequence[str]) -> Json:
    for step in steps:
        if not isinstance(form, dict):
            return None
        form = form.get(step)
    return form
