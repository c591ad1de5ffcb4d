"""Messages from XML, as other EXI processors write and read it: for comparing with them.

XML is no form to keep messages in: it cannot carry what real vehicles send, such as NUL characters.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import Any

from v2x_architecture.iso15118.exi.binding import TEXT
from v2x_architecture.iso15118.exi.errors import EncodeError, InvalidValue, Unsupported
from v2x_architecture.iso15118.exi.grammar import Kind, Record
from v2x_architecture.iso15118.exi.plain import fields_of, root_kind
from v2x_architecture.iso15118.exi.schema_codec import Codec
from v2x_architecture.iso15118.exi.values import Simple


def from_xml(codec: Codec, text: str, *, fragment: bool = False) -> tuple[str, Any]:
    """Return name and message of an XML document of the schema set.

    Raises:
        EncodeError: the text is no XML, or the schema has no place for what is in it.
        Unsupported: it has content that no fixed set of fields can hold.
    """
    try:
        # Documents are small and given by the user; expat itself refuses entity bombs.
        root = ET.fromstring(text)  # noqa: S314
    except ET.ParseError as error:
        raise EncodeError(f"no XML: {error}") from None
    local = _local(root.tag)
    name = root.tag if fragment and root.tag in codec.grammar.fragment_codes else local
    return name, _message(codec, root_kind(codec, name, fragment=fragment), root, f"/{local}")


def _message(codec: Codec, kind: Kind, node: ET.Element, path: str) -> Any:
    if isinstance(kind, Simple):
        return _value(kind, node.text or "", path)
    fields: dict[str, Any] = {}
    known = fields_of(codec, kind)
    for attribute, text in node.attrib.items():
        name = _local(attribute)
        if name not in known:
            raise EncodeError(f"{kind.name} has no attribute {name}", path=path)
        simple = known[name][1]
        assert isinstance(simple, Simple)
        fields[name] = _value(simple, text, f"{path}/{name}")
    if kind.text is not None:
        fields[TEXT] = _value(kind.text, node.text or "", f"{path}/{TEXT}")
    if kind.shape.is_open:
        if len(node) or (node.text or "").strip():
            raise Unsupported("open content is not read from XML", path=path)
    else:
        _children(codec, kind, node, path, fields)
    missing = [name for name in kind.message.__struct_fields__ if name in kind.required and name not in fields]
    if missing:
        raise EncodeError(f"{kind.name} lacks {', '.join(missing)}", path=path)
    return kind.message(**fields)


def _children(codec: Codec, kind: Record, node: ET.Element, path: str, fields: dict[str, Any]) -> None:
    known = fields_of(codec, kind)
    for child in node:
        name = _local(child.tag)
        if name not in known:
            raise EncodeError(f"{kind.name} has no {name}", path=path)
        field, element, many = known[name]
        if many:
            items = fields.setdefault(field, [])
            items.append(_message(codec, element, child, f"{path}/{name}/{len(items)}"))
        else:
            fields[field] = _message(codec, element, child, f"{path}/{name}")


def _value(kind: Simple, text: str, path: str) -> Any:
    try:
        return kind.value(text)
    except InvalidValue as error:
        raise EncodeError(error.text, path=path) from None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
