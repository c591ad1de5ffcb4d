"""Goes through the plain values of a message, in the order in which they stand in the bits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from v2x_architecture.iso15118.exi.binding import CONTENT, TEXT
from v2x_architecture.iso15118.exi.grammar import Kind
from v2x_architecture.iso15118.exi.nodes import Node
from v2x_architecture.iso15118.exi.plain import member, open_child, root_kind
from v2x_architecture.iso15118.exi.schema_codec import Codec
from v2x_architecture.iso15118.exi.values import Simple, Value


def values(codec: Codec, name: str, message: object, *, fragment: bool = False) -> Iterator[tuple[str, Simple, Value]]:
    """Give each value of simple type with its pointer and its type.

    Args:
        codec: of the schema set.
        name: of the element that the document or fragment begins with.
        message: what it holds.
        fragment: whether it is a fragment.

    Raises:
        EncodeError: the schema has no such element, or the message does not belong there.
    """
    yield from _values(codec, root_kind(codec, name, fragment=fragment), message, f"/{name.rpartition('}')[2]}")


def _values(codec: Codec, kind: Kind, value: Any, pointer: str) -> Iterator[tuple[str, Simple, Value]]:
    if isinstance(kind, Simple):
        yield pointer, kind, value
        return
    grammar = codec.grammar
    for use in kind.attributes:
        if (attribute := getattr(value, use.name)) is not None:
            yield from _values(codec, grammar.kind(use.type), attribute, f"{pointer}/{use.name}")
    if kind.text is not None:
        yield f"{pointer}/{TEXT}", kind.text, getattr(value, TEXT)
    elif kind.shape.is_open:
        for index, item in enumerate(getattr(value, CONTENT)):
            if not isinstance(item, str) and not isinstance(item.value, Node):
                child = root_kind(codec, item.name) if item.namespace else open_child(codec, kind, item.name)
                yield from _values(codec, child, item.value, f"{pointer}/{CONTENT}/{index}/{item.name}")
    for declared, field in kind.shape.fields.items():
        content = getattr(value, field.name)
        if field.many:
            element = grammar.kind(grammar.table.elements[declared].type)
            for index, item in enumerate(content):
                yield from _values(codec, element, item, f"{pointer}/{field.name}/{index}")
        elif content is not None:
            name, element = member(codec, declared, field, content)
            yield from _values(codec, element, content, f"{pointer}/{name}")
