"""How the fields of a message are gone through, worked out once for each type: journals and rules do it with every message."""

from __future__ import annotations

import msgspec

from v2x_architecture.iso15118.exi.binding import TEXT
from v2x_architecture.iso15118.exi.grammar import Grammar, Kind, Record
from v2x_architecture.iso15118.exi.values import Simple


class Leaf(msgspec.Struct, frozen=True):
    """A field with a value of simple type, an attribute or the text among them."""

    field: str
    kind: Simple


class Octets(msgspec.Struct, frozen=True):
    """A field with octets."""

    field: str
    kind: Simple


class One(msgspec.Struct, frozen=True):
    """A field with an element of complex type."""

    field: str
    kind: Record


class Many(msgspec.Struct, frozen=True):
    """A field with a list of elements."""

    field: str
    kind: Kind


class Substituted(msgspec.Struct, frozen=True):
    """A field with an element that others may stand for: their names and types, by the class of the value."""

    field: str
    members: dict[type, tuple[str, Record]]


type Step = Leaf | Octets | One | Many | Substituted
"""A field; a step of another kind for each way to take it."""


def plan_of(grammar: Grammar, kind: Record) -> tuple[Step, ...]:
    """Return the fields of a type in the order of the bits; content that is no fixed set of fields is none of them."""
    if kind.plan is None:
        kind.plan = _worked_out(grammar, kind)
    return kind.plan


def _worked_out(grammar: Grammar, kind: Record) -> tuple[Step, ...]:
    steps = [_step(use.name, grammar.kind(use.type)) for use in kind.attributes]
    if kind.text is not None:
        steps.append(_step(TEXT, kind.text))
    for declared, field in kind.shape.fields.items():
        element = grammar.kind(grammar.table.elements[declared].type)
        if field.many:
            steps.append(Many(field.name, element))
        elif field.substituted:
            steps.append(Substituted(field.name, _members(grammar, declared)))
        else:
            steps.append(_step(field.name, element))
    return tuple(steps)


def _step(field: str, kind: Kind) -> Step:
    if isinstance(kind, Record):
        return One(field, kind)
    return Octets(field, kind) if kind.model.coding in ("hex", "base64") else Leaf(field, kind)


def _members(grammar: Grammar, declared: int) -> dict[type, tuple[str, Record]]:
    found: dict[type, tuple[str, Record]] = {}
    for each in grammar.members(declared):
        element = grammar.table.elements[each]
        kind = grammar.kind(element.type)
        if isinstance(kind, Record):
            found.setdefault(kind.message, (element.name, kind))
    return found
