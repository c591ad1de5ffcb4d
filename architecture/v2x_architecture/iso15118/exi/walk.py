"""Goes through the plain values of a message, in the order in which they stand in the bits."""

from __future__ import annotations

from typing import Any

import msgspec

from v2x_architecture.iso15118.exi.binding import CONTENT
from v2x_architecture.iso15118.exi.grammar import Kind, Record
from v2x_architecture.iso15118.exi.nodes import Child, Nil
from v2x_architecture.iso15118.exi.plain import attributes_of, child_kind, extending, root_kind, standing_for
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
    kind = root_kind(codec, name, fragment=fragment, structured=isinstance(message, msgspec.Struct))
    _collect(codec, kind, message, f"/{name.rpartition('}')[2]}", found)
    return found


def _collect(codec: Codec, kind: Kind, value: Any, pointer: str, found: list[Found]) -> None:
    if isinstance(kind, Simple):
        if type(value) is Nil:
            _collect_nil(codec, kind, value, pointer, found)
        else:
            found.append((pointer, kind, value))
        return
    if type(value) is not kind.message:
        if type(value) is Nil:
            _collect_nil(codec, kind, value, pointer, found)
            return
        kind = extending(codec, kind, value)
    for step in kind.plan or plan_of(codec.grammar, kind):
        content = getattr(value, step.field)
        if content is None:
            continue
        if type(step) is Leaf or type(step) is Octets:
            if type(content) is not Nil:
                found.append((f"{pointer}/{step.field}", step.kind, content))
        elif type(step) is One:
            _collect(codec, step.kind, content, f"{pointer}/{step.field}", found)
        elif type(step) is Substituted:
            name, element = standing_for(codec, step, content)
            _collect(codec, element, content, f"{pointer}/{name}", found)
        elif type(step) is Many:
            for index, item in enumerate(content):
                _collect(codec, step.kind, item, f"{pointer}/{step.field}/{index}", found)
    if kind.shape.is_open:
        _collect_items(codec, kind, getattr(value, CONTENT), pointer, found)


def _collect_nil(codec: Codec, kind: Kind, nil: Nil, pointer: str, found: list[Found]) -> None:
    uses = attributes_of(codec, kind)
    for name, content in nil.attributes.items():
        _collect(codec, uses[name], content, f"{pointer}/{name}", found)


def _collect_items(codec: Codec, kind: Record | None, items: list[Child | str], pointer: str, found: list[Found]) -> None:
    """Collect what is in open content; that of an element without schema has no kind."""
    for index, item in enumerate(items):
        if isinstance(item, str):
            continue
        here = f"{pointer}/{CONTENT}/{index}/{item.name}"
        element = child_kind(codec, kind, item)
        if element is not None:
            _collect(codec, element, item.value, here, found)
        else:
            _collect_items(codec, None, item.value.content, here, found)
