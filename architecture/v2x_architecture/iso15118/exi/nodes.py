"""What no fixed set of fields can hold: open content of XML signatures, what no schema declares, and elements that are nil."""

from __future__ import annotations

from typing import Any

import msgspec


class Child(msgspec.Struct):
    """An element in open content.

    Attributes:
        name: local name.
        value: a message class or a value of a simple type for an element that the schema declares, else a `Node`.
        namespace: of an element that a wildcard let in; empty for one that the content model names.
        type: of an element that no schema declares, but that names the type of its value itself (xsi:type), as ``{urn:…}name``.
    """

    name: str
    value: Any
    namespace: str = ""
    type: str = ""


class Node(msgspec.Struct):
    """An element that no schema declares.

    Attributes:
        attributes: namespace, local name and value of each; of an xsi:type the value is ``{urn:…}name``.
        content: text and elements, in order.
    """

    attributes: list[tuple[str, str, str]] = []
    content: list[Child | str] = []


class Nil(msgspec.Struct):
    """What stands for the value of an element that says it is nil (xsi:nil), whatever its type.

    No schema of V2G lets an element be nil. It may be written, and only a codec that was made for it reads it.

    Attributes:
        attributes: of the element, by their names.
        name: of the element, where the field is for one that others may stand for.
    """

    attributes: dict[str, Any] = {}
    name: str = ""
