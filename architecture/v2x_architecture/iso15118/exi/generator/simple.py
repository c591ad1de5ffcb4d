"""Reads simple types: how their values are coded (EXI 1.0, 7.1 and 8.5.4.1.2), and what facets they have."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import msgspec

from v2x_architecture.iso15118.exi.errors import TableError
from v2x_architecture.iso15118.exi.generator.sources import XSD, XSD_NAMESPACE, Document
from v2x_architecture.iso15118.exi.model import Facets

_BITS_UP_TO: Final = 4096
"""An integer type whose range has at most so many values is coded in a fixed number of bits (EXI 1.0, 7.1.5)."""

_INTEGERS: Final = {
    "byte": (-128, 127),
    "short": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "long": (-(2**63), 2**63 - 1),
    "unsignedByte": (0, 2**8 - 1),
    "unsignedShort": (0, 2**16 - 1),
    "unsignedInt": (0, 2**32 - 1),
    "unsignedLong": (0, 2**64 - 1),
    "integer": (None, None),
}
_OTHERS: Final = {
    "boolean": "boolean",
    "hexBinary": "hex",
    "base64Binary": "base64",
    "string": "string",
    "anyURI": "string",
    "ID": "string",
    "IDREF": "string",
}
_FACETS: Final = {
    "length": "length",
    "minLength": "min_length",
    "maxLength": "max_length",
    "minInclusive": "minimum",
    "maxInclusive": "maximum",
}

type Add = Callable[[str, str, str, int, int, tuple[str, ...], Facets], int]
"""Takes name, namespace, coding, low, width, values and facets; returns the position."""


@dataclass(frozen=True)
class _Meaning:
    """What a type inherits: ``coding`` is that of its built-in ancestor, ``integer`` for all numbers."""

    coding: str
    values: tuple[str, ...]
    facets: Facets


class SimpleTypes:
    """Reads simple types and adds each to the table.

    Args:
        add: called for each.
        definition: finds a type by namespace and name.
    """

    def __init__(self, add: Add, definition: Callable[[tuple[str, str]], tuple[ET.Element, Document]]) -> None:
        self._add, self._definition = add, definition

    def builtin(self, name: str) -> int:
        """Add a built-in type and return its position."""
        return self._added(name, "", _builtin(name))

    def defined(self, node: ET.Element, document: Document, name: str) -> int:
        """Add a type that the schema defines and return its position."""
        return self._added(name, document.namespace if name else "", self._meaning(node, document))

    def _meaning(self, node: ET.Element, document: Document) -> _Meaning:
        restriction = node.find(f"{XSD}restriction")
        if restriction is None or not restriction.get("base"):
            raise TableError(f"the simple type {node.get('name')} in {document.name} is no restriction, which is not supported")
        base = document.resolve(restriction.get("base", ""))
        inherited = _builtin(base[1]) if base[0] == XSD_NAMESPACE else self._meaning(*self._definition(base))
        values: list[str] = []
        facets: dict[str, int] = {}
        for child in restriction:
            kind = child.tag.removeprefix(XSD)
            if kind == "enumeration":
                values.append(child.get("value", ""))
            elif kind in _FACETS:
                facets[_FACETS[kind]] = int(child.get("value", ""))
            elif kind != "annotation":
                # A pattern would restrict the character set and so change the coding (EXI 1.0, 7.1.10.1).
                raise TableError(f"the simple type {node.get('name')} has the facet {kind}, which is not supported")
        return _Meaning(inherited.coding, tuple(values) or inherited.values, msgspec.structs.replace(inherited.facets, **facets))

    def _added(self, name: str, namespace: str, meaning: _Meaning) -> int:
        coding, low, width = meaning.coding, 0, 0
        minimum, maximum = meaning.facets.minimum, meaning.facets.maximum
        if meaning.values:
            if coding != "string":
                raise TableError(f"the enumeration {name} is not of strings, which is not supported")
            coding, width = "enumeration", (len(meaning.values) - 1).bit_length()
        elif coding == "integer" and minimum is not None:
            if maximum is not None and maximum - minimum < _BITS_UP_TO:
                coding, low, width = "bits", minimum, (maximum - minimum).bit_length()
            elif minimum >= 0:
                coding = "unsigned"
        return self._add(name, namespace, coding, low, width, meaning.values, meaning.facets)


def _builtin(name: str) -> _Meaning:
    if name in _INTEGERS:
        minimum, maximum = _INTEGERS[name]
        return _Meaning("integer", (), Facets(minimum=minimum, maximum=maximum))
    if name in _OTHERS:
        return _Meaning(_OTHERS[name], (), Facets(name=name in ("ID", "IDREF")))
    raise TableError(f"the built-in type {name} is not supported")
