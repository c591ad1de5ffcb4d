"""The plain form of a message: dictionaries, lists and JSON's own values, keyed by element and attribute names as in XML.

It is what the journal, the command line and rewriting work on. Octets are text: upper case hexadecimal or base64, as the schema
has them. Absent fields are left out; present but empty ones are not.

Open content is a list under ``content``: text, and objects of one element each. An element that a wildcard let in has its
``namespace`` beside it, and its ``type`` where it names that itself; of one that no schema declares there are ``attributes``
and ``content``. An element that is nil is ``{"xsi:nil": true}``, with its attributes; one that names a type which extends its
own has ``xsi:type``, as ``{urn:…}name``.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from v2x_architecture.iso15118.exi.binding import CONTENT, TEXT
from v2x_architecture.iso15118.exi.errors import EncodeError, InvalidValue
from v2x_architecture.iso15118.exi.grammar import Kind, Record
from v2x_architecture.iso15118.exi.nodes import Child, Nil, Node
from v2x_architecture.iso15118.exi.plan import Leaf, Many, Octets, One, Substituted, plan_of
from v2x_architecture.iso15118.exi.qnames import parted, spelled
from v2x_architecture.iso15118.exi.schema_codec import Codec, Decoded, no_such_element
from v2x_architecture.iso15118.exi.values import Simple, Value

NIL: Final = "xsi:nil"
"""Key of what stands for an element that is nil."""

TYPE: Final = "xsi:type"
"""Key of the type that an element names itself."""

_BESIDE: Final = ("namespace", "type")

type Plain = dict[str, Any] | list[Any] | str | int | bool
"""A JSON value."""


def to_plain(decoded: Decoded) -> dict[str, Plain]:
    """Return the plain form of what was decoded: the name of its element, and what is in it."""
    codec = decoded.codec
    kind = root_kind(codec, decoded.name, fragment=decoded.is_fragment, structured=isinstance(decoded.message, msgspec.Struct))
    return {decoded.name: _plain(codec, kind, decoded.message)}


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
    kind = root_kind(codec, name, fragment=fragment, structured=isinstance(content, dict))
    return name, _message(codec, kind, content, f"/{name.rpartition('}')[2]}")


def root_kind(codec: Codec, name: str, *, fragment: bool = False, structured: bool = True) -> Kind:
    """Return the type of the element that a document or fragment begins with.

    Args:
        codec: of the schema set.
        name: of the element.
        fragment: whether it begins a fragment.
        structured: which type is meant where a name has several: one with fields or a plain value.

    Raises:
        EncodeError: there is none of the name.
    """
    grammar = codec.grammar
    codes = grammar.fragment_codes if fragment else grammar.document_codes
    if name not in codes:
        raise no_such_element(codec.schema, name, codes)
    positions = grammar.fragments[codes[name]] if fragment else (grammar.documents[codes[name]],)
    kinds = [grammar.kind(grammar.table.elements[position].type) for position in positions]
    return next((kind for kind in kinds if isinstance(kind, Record) is structured), kinds[0])


# To plain


def _plain(codec: Codec, kind: Kind, value: Any) -> Plain:
    if isinstance(kind, Simple):
        if type(value) is bytes:
            return kind.text(value)
        return value if type(value) is not Nil else _plain_nil(codec, kind, value)
    found: dict[str, Any] = {}
    if type(value) is not kind.message:
        if type(value) is Nil:
            return _plain_nil(codec, kind, value)
        kind = extending(codec, kind, value)
        found[TYPE] = spelled(codec.grammar.type_name(kind.model))
    for step in kind.plan or plan_of(codec.grammar, kind):
        content = getattr(value, step.field)
        if content is None:
            continue
        if type(step) is Leaf:
            found[step.field] = content if type(content) is not Nil else _plain_nil(codec, step.kind, content)
        elif type(step) is One:
            found[step.field] = _plain(codec, step.kind, content)
        elif type(step) is Octets:
            found[step.field] = step.kind.text(content) if type(content) is bytes else _plain(codec, step.kind, content)
        elif type(step) is Substituted:
            name, element = standing_for(codec, step, content)
            found[name] = _plain(codec, element, content)
        elif type(step) is Many and content:
            found[step.field] = [_plain(codec, step.kind, item) for item in content]
    if kind.shape.is_open and getattr(value, CONTENT):
        found[CONTENT] = [_plain_item(codec, kind, item) for item in getattr(value, CONTENT)]
    return found


def attributes_of(codec: Codec, kind: Kind) -> dict[str, Kind]:
    """Return the types of the attributes of an element by their names."""
    return {} if isinstance(kind, Simple) else {use.name: codec.grammar.kind(use.type) for use in kind.attributes}


def extending(codec: Codec, kind: Record, value: Any) -> Record:
    """Return the type of a value that is one of a type that extends another: an element may say so (xsi:type).

    Raises:
        EncodeError: it is none.
    """
    found = codec.grammar.records.get(type(value)) if issubclass(type(value), kind.message) else None
    if found is None:
        raise EncodeError(f"a {type(value).__name__} stands where a {kind.message.__name__} belongs")
    return found


def _plain_nil(codec: Codec, kind: Kind, nil: Nil) -> dict[str, Any]:
    uses = attributes_of(codec, kind)
    return {NIL: True, **{name: _plain(codec, uses[name], each) for name, each in nil.attributes.items()}}


def standing_for(codec: Codec, step: Substituted, value: object) -> tuple[str, Record]:
    """Return name and type of the element that a value stands for.

    Raises:
        EncodeError: it stands for none.
    """
    if type(value) in step.members:
        return step.members[type(value)]
    if isinstance(value, Nil):
        for name, kind in step.members.values():
            if name == value.name:
                return name, kind
    for each in type(value).__mro__:
        if each in step.members:
            return step.members[each]
    raise EncodeError(f"a {type(value).__name__} cannot stand for {step.field}")


def _plain_item(codec: Codec, kind: Record | None, item: Child | str) -> Plain:
    if isinstance(item, str):
        return item
    element = child_kind(codec, kind, item)
    content = _plain_node(codec, item.value) if element is None else _plain(codec, element, item.value)
    if kind is not None and not item.namespace and not item.type and element is not None:
        return {item.name: content}
    said: dict[str, Any] = {"type": item.type} if item.type else {}
    if item.name in _BESIDE:
        return {**said, spelled((item.namespace, item.name)): content}
    return {"namespace": item.namespace, **said, item.name: content}


def _plain_node(codec: Codec, node: Node) -> dict[str, Any]:
    attributes = [{"namespace": each[0], "name": each[1], "value": each[2]} for each in node.attributes]
    return {"attributes": attributes, CONTENT: [_plain_item(codec, None, each) for each in node.content]}


def child_kind(codec: Codec, kind: Record | None, child: Child) -> Kind | None:
    """Return the type of an element in open content; None for one that no schema declares.

    Args:
        codec: of the schema set.
        kind: whose content it is; None for that of an element that no schema declares.
        child: the element.

    Raises:
        EncodeError: it does not belong there.
    """
    if isinstance(child.value, Node):
        return None
    if child.type:
        position = codec.grammar.types_by_name.get(parted(child.type))
        if position is None:
            raise EncodeError(f"there is no type {child.type} for {child.name}")
        return codec.grammar.kind(position)
    if child.namespace or kind is None:
        return _global(codec, child.namespace, child.name)
    return open_child(codec, kind, child.name)


def _global(codec: Codec, namespace: str, name: str) -> Kind:
    grammar = codec.grammar
    position = grammar.globals_by_name.get((namespace, name))
    if position is None:
        raise EncodeError(f"no schema declares {name} of {namespace or 'no namespace'}")
    return grammar.kind(grammar.table.elements[position].type)


def open_child(codec: Codec, kind: Record, name: str) -> Kind:
    """Return the type of a named element in open content."""
    for element in kind.elements:
        declared = codec.grammar.table.elements[element]
        if declared.name == name:
            return codec.grammar.kind(declared.type)
    raise EncodeError(f"{name} does not belong in {kind.name}")


# From plain


def _message(codec: Codec, kind: Kind, content: object, path: str) -> Any:
    if isinstance(content, dict) and content.get(NIL) is True:
        return _nil(codec, kind, content, path)
    if isinstance(kind, Simple):
        return _value(kind, content, path)
    if not isinstance(content, dict):
        raise EncodeError(f"{content!r} is no object", path=path)
    if TYPE in content:
        content = dict(content)
        kind = _extended(codec, kind, str(content.pop(TYPE)), path)
    fields: dict[str, Any] = {}
    known = fields_of(codec, kind)
    heads = {each.name for each in kind.shape.fields.values() if each.substituted}
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
            made = fields[field] = _message(codec, element, item, here)
            if isinstance(made, Nil) and field in heads:
                made.name = key
    missing = [name for name in kind.message.__struct_fields__ if name in kind.required and name not in fields]
    if missing:
        raise EncodeError(f"{kind.name} lacks {', '.join(missing)}", path=path)
    return kind.message(**fields)


def _extended(codec: Codec, kind: Record, said: str, path: str) -> Record:
    position = codec.grammar.types_by_name.get(parted(said))
    found = None if position is None else codec.grammar.kind(position)
    if not isinstance(found, Record) or not issubclass(found.message, kind.message):
        raise EncodeError(f"{said} is no type that extends {kind.name}", path=path)
    return found


def _nil(codec: Codec, kind: Kind, content: dict[str, object], path: str) -> Nil:
    uses = attributes_of(codec, kind)
    attributes = {name: each for name, each in content.items() if name != NIL}
    if unknown := sorted(attributes.keys() - uses.keys()):
        raise EncodeError(f"{kind.name} has no attribute {unknown[0]}", path=path)
    return Nil({name: _message(codec, uses[name], each, f"{path}/{name}") for name, each in attributes.items()})


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


def _item(codec: Codec, kind: Record | None, item: object, path: str) -> Child | str:
    if isinstance(item, str):
        return item
    names = [key for key in item if key not in _BESIDE] if isinstance(item, dict) else []
    if not isinstance(item, dict) or len(names) != 1 or not all(isinstance(item.get(key, ""), str) for key in _BESIDE):
        raise EncodeError(
            "an item of open content is text, or an object with one key, the name of its element (and namespace, type)", path=path
        )
    key, content = names[0], item[names[0]]
    namespace, name = parted(key) if key.startswith("{") else (item.get("namespace", ""), key)
    child, here = Child(name, None, namespace, item.get("type", "")), f"{path}/{name}"
    is_any = kind is None or "namespace" in item or key.startswith("{") or bool(child.type)
    if is_any and not child.type and (namespace, name) not in codec.grammar.globals_by_name:
        child.value = _node(codec, content, here)
    else:
        element = child_kind(codec, None if is_any else kind, child)
        assert element is not None
        child.value = _message(codec, element, content, here)
    return child


def _node(codec: Codec, content: object, path: str) -> Node:
    if not isinstance(content, dict) or not content.keys() <= {"attributes", CONTENT}:
        raise EncodeError("an element that no schema declares is an object with attributes and content", path=path)
    node = Node([], [])
    for k, each in enumerate(_list(content.get("attributes", []), path)):
        if not isinstance(each, dict) or not all(isinstance(each.get(key), str) for key in ("name", "value")):
            raise EncodeError("an attribute is an object with namespace, name and value", path=f"{path}/attributes/{k}")
        node.attributes.append((str(each.get("namespace", "")), each["name"], each["value"]))
    items = _list(content.get(CONTENT, []), path)
    node.content.extend(_item(codec, None, each, f"{path}/{CONTENT}/{k}") for k, each in enumerate(items))
    return node
