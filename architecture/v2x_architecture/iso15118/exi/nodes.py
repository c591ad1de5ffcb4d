"""Content that no fixed set of fields can hold: in XML signatures, and what schemas do not declare."""

from __future__ import annotations

from typing import Any

import msgspec


class Child(msgspec.Struct):
    """An element in open content.

    Attributes:
        name: local name.
        value: a message class or a value of a simple type for an element that the schema declares, else a `Node`.
        namespace: of an element that a wildcard let in; empty for one that the content model names.
    """

    name: str
    value: Any
    namespace: str = ""


class Node(msgspec.Struct):
    """An element that no schema declares.

    Attributes:
        attributes: namespace, local name and value of each.
        content: text and elements, in order.
    """

    attributes: list[tuple[str, str, str]] = []
    content: list[Child | str] = []
