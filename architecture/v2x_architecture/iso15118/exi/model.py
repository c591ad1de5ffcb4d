"""The schema components that EXI grammars are made of, as they stand in the committed tables.

A table is one JSON document a schema set: arrays without keys, types and elements refer to each other by position.
"""

from __future__ import annotations

from typing import Final

import msgspec

FORMAT: Final = 1
"""Of the tables; raised when their meaning changes."""

UNBOUNDED: Final = -1


class Facets(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a simple type allows beyond what its coding can carry.

    Attributes:
        length, min_length, max_length: in characters, or octets of a binary value.
        minimum, maximum: inclusive bounds of a number.
        name: the value is an XML name without colon (ID, IDREF).
    """

    length: int | None = None
    min_length: int | None = None
    max_length: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    name: bool = False


class SimpleType(msgspec.Struct, frozen=True, array_like=True, tag="s"):
    """A simple type, by the way its values are coded (EXI 1.0, 7.1).

    Attributes:
        name: of the type; empty for an anonymous one.
        namespace: position of its namespace.
        coding: ``boolean``, ``hex``, ``base64``, ``bits`` (n-bit unsigned with an offset), ``unsigned``, ``integer``,
            ``string`` or ``enumeration``.
        low: value of the offset of ``bits``.
        width: number of bits of ``bits`` and ``enumeration``.
        values: of the enumeration, in schema order.
        facets: what it allows.
    """

    name: str
    namespace: int
    coding: str
    low: int
    width: int
    values: tuple[str, ...]
    facets: Facets


class ElementParticle(msgspec.Struct, frozen=True, array_like=True, tag="e"):
    """An element (position in the table), so many times."""

    minimum: int
    maximum: int
    element: int


class WildcardParticle(msgspec.Struct, frozen=True, array_like=True, tag="*"):
    """Any element, so many times."""

    minimum: int
    maximum: int


class SequenceParticle(msgspec.Struct, frozen=True, array_like=True, tag="+"):
    """Particles after each other, so many times."""

    minimum: int
    maximum: int
    children: tuple[Particle, ...]


class ChoiceParticle(msgspec.Struct, frozen=True, array_like=True, tag="|"):
    """One of these particles, so many times."""

    minimum: int
    maximum: int
    children: tuple[Particle, ...]


type Particle = ElementParticle | WildcardParticle | SequenceParticle | ChoiceParticle


class Attribute(msgspec.Struct, frozen=True, array_like=True):
    """An attribute use; ``type`` is a position."""

    namespace: int
    name: str
    type: int
    required: bool


class ComplexType(msgspec.Struct, frozen=True, array_like=True, tag="c"):
    """A complex type.

    Attributes:
        name: of the type; of the element for an anonymous one.
        namespace: position of its namespace.
        named: whether the schema gives it a name.
        base: position of the type that it extends, None for none.
        abstract: whether only what extends it may stand in a message.
        attributes: inherited ones included, in EXI order (local name, namespace).
        content: inherited content included; None for empty or simple content.
        text: position of the simple type of simple content.
        mixed: whether characters may stand between the elements.
    """

    name: str
    namespace: int
    named: bool
    base: int | None
    abstract: bool
    attributes: tuple[Attribute, ...]
    content: Particle | None
    text: int | None
    mixed: bool


class Element(msgspec.Struct, frozen=True, array_like=True):
    """An element declaration.

    Attributes:
        namespace: position of its namespace.
        name: local name.
        type: position of its type.
        is_global: whether a document may begin with it.
        head: position of the element that it may stand for, None for none.
        abstract: whether only what substitutes it may stand in a message.
    """

    namespace: int
    name: str
    type: int
    is_global: bool
    head: int | None
    abstract: bool


class Table(msgspec.Struct, frozen=True, kw_only=True):
    """All components of a schema set.

    Attributes:
        format: of the table.
        schema: name of the set.
        sources: file name of each XSD and its SHA-256, so that a stale table can be told from a changed XSD.
        namespaces: sorted; the empty one is first.
        names: for each namespace the local names of its elements, attributes and types, sorted (the EXI string table).
        types, elements: see there.
    """

    format: int
    schema: str
    sources: dict[str, str]
    namespaces: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    types: tuple[SimpleType | ComplexType, ...]
    elements: tuple[Element, ...]
