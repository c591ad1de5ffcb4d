"""Goes through the plain values of a message, in the order in which they stand in the bits."""

from __future__ import annotations

from typing import Any

from v2x_architecture.iso15118.exi.binding import CONTENT
from v2x_architecture.iso15118.exi.grammar import Kind
from v2x_architecture.iso15118.exi.nodes import Node
from v2x_architecture.iso15118.exi.plain import open_child, root_kind, standing_for
from v2x_architecture.iso15118.exi.plan import Leaf, Many, Octets, One, Substituted, plan_of
from v2x_architecture.iso15118.exi.schema_codec import Codec
from v2x_architecture.iso15118.exi.values import Simple, Value

type Found = tuple[str, Simple, Value]
"""Pointer, type and value."""


def values(codec: Codec, name: str, message: object, *, fragment: bool = False) -> list[Found]:
    """Return each value of simple type with its pointer and its type.

    Args:
        codec: of the schema set.
        name: of the element that the document or fragment begins with.
        message: what it holds.
        fragment: whether it is a fragment.

    Raises:
        EncodeError: the schema has no such element, or the message does not belong there.
    """
    found: list[Found] = []
    _collect(codec, root_kind(codec, name, fragment=fragment), message, f"/{name.rpartition('}')[2]}", found)
    return found


def _collect(codec: Codec, kind: Kind, value: Any, pointer: str, found: list[Found]) -> None:
    if isinstance(kind, Simple):
        found.append((pointer, kind, value))
        return
    for step in kind.plan or plan_of(codec.grammar, kind):
        content = getattr(value, step.field)
        if content is None:
            continue
        if type(step) is Leaf or type(step) is Octets:
            found.append((f"{pointer}/{step.field}", step.kind, content))
        elif type(step) is One:
            _collect(codec, step.kind, content, f"{pointer}/{step.field}", found)
        elif type(step) is Substituted:
            name, element = standing_for(step, content)
            _collect(codec, element, content, f"{pointer}/{name}", found)
        elif type(step) is Many:
            for index, item in enumerate(content):
                _collect(codec, step.kind, item, f"{pointer}/{step.field}/{index}", found)
    if kind.shape.is_open:
        for index, item in enumerate(getattr(value, CONTENT)):
            if not isinstance(item, str) and not isinstance(item.value, Node):
                child = root_kind(codec, item.name) if item.namespace else open_child(codec, kind, item.name)
                _collect(codec, child, item.value, f"{pointer}/{CONTENT}/{index}/{item.name}", found)
