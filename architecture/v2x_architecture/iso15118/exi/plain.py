"""The plain form of a message: dictionaries, lists and JSON's own values, keyed by element and attribute names as in XML.

It is what the journal, the command line and rewriting work on. Octets are text: upper case hexadecimal or base64, as the schema
has them. Absent fields are left out; present but empty ones are not.
"""

from __future__ import annotations

from typing import Any

from v2x_architecture.iso15118.exi.binding import CONTENT, TEXT
from v2x_architecture.iso15118.exi.errors import EncodeError, InvalidValue
from v2x_architecture.iso15118.exi.grammar import Kind, Record
from v2x_architecture.iso15118.exi.nodes import Child, Node
from v2x_architecture.iso15118.exi.plan import Leaf, Many, Octets, One, Substituted, plan_of
from v2x_architecture.iso15118.exi.schema_codec import Codec, Decoded, no_such_element
from v2x_architecture.iso15118.exi.values import Simple, Value

type Plain = dict[str, Any] | list[Any] | str | int | bool
"""A JSON value."""


def to_plain(decoded: Decoded) -> dict[str, Plain]:
    """Return the plain form of what was decoded: the name of its element, and what is in it."""
    codec = decoded.codec
    return {decoded.name: _plain(codec, root_kind(codec, decoded.name, fragment=decoded.is_fragment), decoded.message)}


def message_to_plain(codec: Codec, name: str, message: object) -> dict[str, Plain]:
    """Return the plain form of a message of ours, which a document of this name would hold.

    Raises:
        EncodeError: the schema has no such document, or the message does not belong there.
    """
    return {name: _plain(codec, root_kind(codec, name), message)}


def from_plain(codec: Codec, plain: object, *, fragment: bool = False) -> tuple[str, Any]:
    """Return name and message that a plain form stands for.

    Raises:
        EncodeError: it stands for none.
    """
    if not isinstance(plain, dict) or len(plain) != 1:
        raise EncodeError("a message is an object with one key, the name of its element")
    ((name, content),) = plain.items()
    return name, _message(codec, root_kind(codec, name, fragment=fragment), content, f"/{name.rpartition('}')[2]}")


def root_kind(codec: Codec, name: str, *, fragment: bool = False) -> Kind:
    """Return the type of the element that a document or fragment begins with.

    Raises:
        EncodeError: there is none of the name.
    """
    grammar = codec.grammar
    codes = grammar.fragment_codes if fragment else grammar.document_codes
    if name not in codes:
        raise no_such_element(codec.schema, name, codes)
    position = grammar.fragments[codes[name]][0] if fragment else grammar.documents[codes[name]]
    return grammar.kind(grammar.table.elements[position].type)


# To plain


def _plain(codec: Codec, kind: Kind, value: Any) -> Plain:
    if isinstance(kind, Simple):
        return kind.text(value) if isinstance(value, bytes) else value
    if type(value) is not kind.message:
        raise EncodeError(f"a {type(value).__name__} stands where a {kind.message.__name__} belongs")
    found: dict[str, Any] = {}
    for step in kind.plan or plan_of(codec.grammar, kind):
        content = getattr(value, step.field)
        if content is None:
            continue
        if type(step) is Leaf:
            found[step.field] = content
        elif type(step) is One:
            found[step.field] = _plain(codec, step.kind, content)
        elif type(step) is Octets:
            found[step.field] = step.kind.text(content)
        elif type(step) is Substituted:
            name, element = standing_for(step, content)
            found[name] = _plain(codec, element, content)
        elif type(step) is Many and content:
            found[step.field] = [_plain(codec, step.kind, item) for item in content]
    if kind.shape.is_open and getattr(value, CONTENT):
        found[CONTENT] = [_plain_item(codec, kind, item) for item in getattr(value, CONTENT)]
    return found


def standing_for(step: Substituted, value: object) -> tuple[str, Record]:
    """Return name and type of the element that a value stands for.

    Raises:
        EncodeError: it stands for none.
    """
    if type(value) not in step.members:
        raise EncodeError(f"a {type(value).__name__} cannot stand for {step.field}")
    return step.members[type(value)]


def _plain_item(codec: Codec, kind: Record, item: Child | str) -> Plain:
    if isinstance(item, str):
        return item
    named = {"namespace": item.namespace} if item.namespace else {}
    if isinstance(item.value, Node):
        attributes = [{"namespace": each[0], "name": each[1], "value": each[2]} for each in item.value.attributes]
        return {
            **named,
            item.name: {"attributes": attributes, CONTENT: [_plain_item(codec, kind, e) for e in item.value.content]},
        }
    element = root_kind(codec, item.name) if item.namespace else open_child(codec, kind, item.name)
    return {**named, item.name: _plain(codec, element, item.value)}


def open_child(codec: Codec, kind: Record, name: str) -> Kind:
    """Return the type of a named element in open content."""
    for element in kind.elements:
        declared = codec.grammar.table.elements[element]
        if declared.name == name:
            return codec.grammar.kind(declared.type)
    raise EncodeError(f"{name} does not belong in {kind.name}")


# From plain


def _message(codec: Codec, kind: Kind, content: object, path: str) -> Any:
    if isinstance(kind, Simple):
        return _value(kind, content, path)
    if not isinstance(content, dict):
        raise EncodeError(f"{content!r} is no object", path=path)
    fields: dict[str, Any] = {}
    known = fields_of(codec, kind)
    for key, item in content.items():
        if key not in known:
            raise EncodeError(f"{kind.name} has no {key}; it has {', '.join(known) or 'nothing'}", path=path)
        field, element, many = known[key]
        here = f"{path}/{key}"
        if key == CONTENT and kind.shape.is_open:
            fields[CONTENT] = [_item(codec, kind, each, f"{here}/{k}") for k, each in enumerate(_list(item, here))]
        elif many:
            fields[field] = [_message(codec, element, each, f"{here}/{k}") for k, each in enumerate(_list(item, here))]
        elif field in fields:
            raise EncodeError(f"{field} is given twice", path=here)
        else:
            fields[field] = _message(codec, element, item, here)
    missing = [name for name in kind.message.__struct_fields__ if name in kind.required and name not in fields]
    if missing:
        raise EncodeError(f"{kind.name} lacks {', '.join(missing)}", path=path)
    return kind.message(**fields)


def fields_of(codec: Codec, kind: Record) -> dict[str, tuple[str, Kind, bool]]:
    """Return field, type, and whether it is a list, by the key in the plain form, which is the name in XML."""
    grammar = codec.grammar
    known: dict[str, tuple[str, Kind, bool]] = {use.name: (use.name, grammar.kind(use.type), False) for use in kind.attributes}
    if kind.text is not None:
        known[TEXT] = (TEXT, kind.text, False)
    if kind.shape.is_open:
        known[CONTENT] = (CONTENT, kind, True)
    for declared, field in kind.shape.fields.items():
        for member in grammar.members(declared) if field.substituted else (declared,):
            element = grammar.table.elements[member]
            known[element.name] = (field.name, grammar.kind(element.type), field.many)
    return known


def _value(kind: Simple, content: object, path: str) -> Value:
    octets = kind.model.coding in ("hex", "base64")
    if isinstance(content, str) and octets:
        try:
            return kind.value(content)
        except InvalidValue as error:
            raise EncodeError(error.text, path=path) from None
    if octets or not isinstance(content, str | int | bool):
        raise EncodeError(f"{content!r} is no {kind.name or kind.model.coding}", path=path)
    return content


def _list(content: object, path: str) -> list[Any]:
    if not isinstance(content, list):
        raise EncodeError(f"{content!r} is no list", path=path)
    return content


def _item(codec: Codec, kind: Record, item: object, path: str) -> Child | str:
    if isinstance(item, str):
        return item
    if not isinstance(item, dict) or len(item) != 1:
        raise EncodeError("an item of open content is text, or an object with one key, the name of its element", path=path)
    ((name, content),) = item.items()
    return Child(name, _message(codec, open_child(codec, kind, name), content, f"{path}/{name}"))
