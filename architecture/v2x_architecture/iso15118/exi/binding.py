"""Which message class stands for which complex type, and which field for which element.

The generator of the classes and the reader of the bits both ask here, so that they cannot disagree.
"""

from __future__ import annotations

import importlib
from typing import Final, cast

import msgspec

from v2x_architecture.iso15118.exi.errors import TableError
from v2x_architecture.iso15118.exi.model import (
    ComplexType,
    ElementParticle,
    Particle,
    Table,
    WildcardParticle,
)

TEXT: Final = "value"
"""Field of simple content."""

CONTENT: Final = "content"
"""Field of content that is no fixed set of fields."""

MODULES: Final = {
    "http://www.w3.org/2000/09/xmldsig#": "xmldsig",
    "urn:din:70121:2012:": "din",
    "urn:iso:15118:2:2010:": "app_protocol",
    "urn:iso:15118:2:2013:": "iso2",
    "urn:iso:std:iso:15118:-20:AC": "iso20_ac",
    "urn:iso:std:iso:15118:-20:AC-DER-IEC": "iso20_ac_der_iec",
    "urn:iso:std:iso:15118:-20:AC-DER-SAE": "iso20_ac_der_sae",
    "urn:iso:std:iso:15118:-20:ACDP": "iso20_acdp",
    "urn:iso:std:iso:15118:-20:CommonMessages": "iso20_common_messages",
    "urn:iso:std:iso:15118:-20:CommonTypes": "iso20_common_types",
    "urn:iso:std:iso:15118:-20:DC": "iso20_dc",
    "urn:iso:std:iso:15118:-20:WPT": "iso20_wpt",
}
"""Module of the message classes by namespace; one that ends in a colon is the beginning of several."""


class Field(msgspec.Struct, frozen=True):
    """A field for an element.

    Attributes:
        name: of the declared element, which is the head when others may stand for it.
        many: whether it is a list.
        optional: whether the element may be absent.
        substituted: whether others may stand for the element; the class of the value then tells which.
    """

    name: str
    many: bool
    optional: bool
    substituted: bool


class Shape:
    """How the content of a complex type becomes fields.

    Attributes:
        is_open: whether it has wildcards, text between elements or repeated groups, so that only a list can hold it.
        fields: by position of the declared element, in schema order; empty for an open type.
    """

    def __init__(self, table: Table, model: ComplexType) -> None:
        self._name = model.name
        self.is_open = model.mixed or _is_open(model.content)
        self.fields: dict[int, Field] = {}
        if not self.is_open and model.content is not None:
            self._collect(table, model.content, optional=False)

    def _collect(self, table: Table, particle: Particle, *, optional: bool) -> None:
        optional = optional or particle.minimum == 0
        if isinstance(particle, ElementParticle):
            element = table.elements[particle.element]
            substituted = any(_heads(table, each.head, particle.element) for each in table.elements)
            if particle.element in self.fields:
                raise TableError(f"{self._name} has {element.name} twice")
            if substituted and particle.maximum != 1:
                raise TableError(f"{self._name} has a list of {element.name} that others may stand for, which is not supported")
            self.fields[particle.element] = Field(element.name, particle.maximum != 1, optional, substituted)
        elif not isinstance(particle, WildcardParticle):
            choice = particle.__struct_config__.tag == "|"
            for child in particle.children:
                self._collect(table, child, optional=optional or (choice and len(particle.children) > 1))


def module_of(namespace: str) -> str:
    """Return the name of the module that holds the classes of a namespace.

    Raises:
        TableError: there is none.
    """
    for name, module in MODULES.items():
        if namespace == name or (name.endswith(":") and namespace.startswith(name)):
            return module
    raise TableError(f"no module holds the messages of {namespace}")


def message_class(table: Table, model: ComplexType) -> type[msgspec.Struct]:
    """Return the message class of a complex type.

    Raises:
        TableError: there is none: the committed classes are not those of the table.
    """
    name = module_of(table.namespaces[model.namespace])
    module = importlib.import_module(f".messages.{name}", __package__)
    try:
        return cast(type[msgspec.Struct], getattr(module, model.name))
    except AttributeError:
        raise TableError(f"the module of messages {name} has no {model.name}") from None


def _is_open(particle: Particle | None) -> bool:
    if particle is None or isinstance(particle, ElementParticle):
        return False
    if isinstance(particle, WildcardParticle):
        return True
    return particle.maximum != 1 or any(_is_open(child) for child in particle.children)


def _heads(table: Table, head: int | None, element: int) -> bool:
    return head is not None and (head == element or _heads(table, table.elements[head].head, element))
