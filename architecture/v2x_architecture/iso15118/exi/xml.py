"""Messages from XML, as other EXI processors write and read it: for comparing with them.

XML is no form to keep messages in: it cannot carry what real vehicles send, such as NUL characters. Some processors write
references to them all the same (``&#0;``), which are understood. Elements and attributes of the schema are found by their local
names, in whatever namespace or none. White space between elements counts for nothing.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any, Final

from v2x_architecture.iso15118.exi.binding import CONTENT, TEXT
from v2x_architecture.iso15118.exi.errors import EncodeError, InvalidValue
from v2x_architecture.iso15118.exi.grammar import Kind, Record
from v2x_architecture.iso15118.exi.nodes import Child, Nil, Node
from v2x_architecture.iso15118.exi.plain import attributes_of, child_kind, fields_of, root_kind
from v2x_architecture.iso15118.exi.qnames import XSI, Name, parted, spelled
from v2x_architecture.iso15118.exi.schema_codec import Codec
from v2x_architecture.iso15118.exi.values import Simple


def from_xml(codec: Codec, text: str, *, fragment: bool = False) -> tuple[str, Any]:
    """Return name and message of an XML document of the schema set.

    Raises:
        EncodeError: the text is no XML, or the schema has no place for what is in it.
    """
    builder = _Builder()
    # Documents are small and given by the user; expat itself refuses entity bombs.
    parser = ET.XMLParser(target=builder)  # noqa: S314
    try:
        parser.feed(_REFERENCE.sub(_stand_in, text.strip()))
        root = parser.close()
    except (ET.ParseError, UnicodeEncodeError) as error:
        raise EncodeError(f"no XML: {error}") from None
    local = _local(root.tag)
    name = root.tag if fragment and root.tag in codec.grammar.fragment_codes else local
    kind = root_kind(codec, name, fragment=fragment, structured=bool(root.attrib or len(root)))
    return name, _Parsing(codec, builder.prefixes).message(kind, root, f"/{local}")


class _Builder(ET.TreeBuilder):
    """Makes elements, and keeps what namespaces the prefixes stand for."""

    def __init__(self) -> None:
        super().__init__()
        self.prefixes: dict[str, str] = {}

    def start_ns(self, prefix: str, uri: str) -> None:
        """Note a prefix."""
        self.prefixes[prefix or ""] = uri


class _Parsing:
    """The way through one document.

    Args:
        codec: of the schema set.
        prefixes: namespace by prefix; a document that gives one prefix two meanings is not understood where it names types.
    """

    def __init__(self, codec: Codec, prefixes: dict[str, str]) -> None:
        self._codec, self._prefixes = codec, prefixes

    def message(self, kind: Kind, node: ET.Element, path: str) -> Any:
        """Return the value of an element."""
        if node.get(f"{{{XSI}}}nil") in ("true", "1"):
            return Nil(self._attributes(kind, node, path))
        if (isinstance(kind, Simple) or kind.text is not None) and len(node):
            raise EncodeError(f"{kind.name or 'the value'} has no {_local(node[0].tag)}", path=path)
        if isinstance(kind, Simple):
            return _value(kind, node.text or "", path)
        said = node.get(f"{{{XSI}}}type")
        kind = kind if said is None else self._extending(kind, self._type(said), path)
        fields: dict[str, Any] = self._attributes(kind, node, path)
        if kind.text is not None:
            fields[TEXT] = _value(kind.text, node.text or "", f"{path}/{TEXT}")
        elif kind.shape.is_open:
            fields[CONTENT] = self._items(kind, node, path)
        else:
            self._children(kind, node, path, fields)
        missing = [name for name in kind.message.__struct_fields__ if name in kind.required and name not in fields]
        if missing:
            raise EncodeError(f"{kind.name} lacks {', '.join(missing)}", path=path)
        return kind.message(**fields)

    def _attributes(self, kind: Kind, node: ET.Element, path: str) -> dict[str, Any]:
        uses, found = attributes_of(self._codec, kind), {}
        for attribute, text in node.attrib.items():
            name = _local(attribute)
            if attribute.startswith(f"{{{XSI}}}"):
                continue
            if name not in uses:
                raise EncodeError(f"{kind.name} has no attribute {name}", path=path)
            simple = uses[name]
            assert isinstance(simple, Simple)
            found[name] = _value(simple, text, f"{path}/{name}")
        return found

    def _children(self, kind: Record, node: ET.Element, path: str, fields: dict[str, Any]) -> None:
        if stray := next((text for text in (node.text, *(child.tail for child in node)) if _counts(text, alone=False)), None):
            raise EncodeError(f"text {stray.strip()!r} does not belong in {kind.name}", path=path)
        known = fields_of(self._codec, kind)
        heads = {each.name for each in kind.shape.fields.values() if each.substituted}
        for child in node:
            name = _local(child.tag)
            if name not in known:
                raise EncodeError(f"{kind.name} has no {name}", path=path)
            field, element, many = known[name]
            if many:
                items = fields.setdefault(field, [])
                items.append(self.message(element, child, f"{path}/{name}/{len(items)}"))
            elif field in fields:
                raise EncodeError(f"{field} is given twice", path=f"{path}/{name}")
            else:
                value = fields[field] = self.message(element, child, f"{path}/{name}")
                if isinstance(value, Nil) and field in heads:
                    value.name = name

    # Open content

    def _items(self, kind: Record | None, node: ET.Element, path: str) -> list[Child | str]:
        """Return text and elements in order; an element without schema has no kind."""
        found: list[Child | str] = []
        is_mixed = kind is None or kind.model.mixed
        if is_mixed and _counts(node.text, alone=not len(node)):
            found.append((node.text or "").translate(_BACK))
        for child in node:
            found.append(self._child(kind, child, f"{path}/{CONTENT}/{len(found)}/{_local(child.tag)}"))
            if is_mixed and _counts(child.tail, alone=False):
                found.append((child.tail or "").translate(_BACK))
        return found

    def _child(self, kind: Record | None, node: ET.Element, path: str) -> Child:
        namespace, local = parted(node.tag)
        said = node.get(f"{{{XSI}}}type")
        grammar = self._codec.grammar
        declared = [grammar.table.elements[each] for each in kind.elements] if kind is not None else []
        if any(each.name == local and namespace in ("", grammar.table.namespaces[each.namespace]) for each in declared):
            child = Child(local, None)
        elif (namespace, local) in grammar.globals_by_name:
            child, kind = Child(local, None, namespace), None
        elif said is not None and self._type(said) in grammar.types_by_name:
            child, kind = Child(local, None, namespace, spelled(self._type(said))), None
        else:
            child = Child(local, Node([], []), namespace)
            for attribute, text in node.attrib.items():
                is_type = attribute == f"{{{XSI}}}type"
                child.value.attributes.append(
                    (*parted(attribute), spelled(self._type(text)) if is_type else text.translate(_BACK))
                )
            child.value.content.extend(self._items(None, node, path))
            return child
        element = child_kind(self._codec, kind, child)
        assert element is not None
        child.value = self.message(element, node, path)
        return child

    def _type(self, said: str) -> Name:
        prefix, _, local = said.strip().rpartition(":")
        return self._prefixes.get(prefix, ""), local

    def _extending(self, kind: Record, name: Name, path: str) -> Record:
        grammar = self._codec.grammar
        found = grammar.kind(grammar.types_by_name[name]) if name in grammar.types_by_name else None
        if not isinstance(found, Record) or not issubclass(found.message, kind.message):
            raise EncodeError(f"xsi:type says {name[1]} of {name[0] or 'no namespace'} for a {kind.name}", path=path)
        return found


_REFERENCE: Final = re.compile(r"&#(?:([0-9]{1,2})|[xX]([01]?[0-9a-fA-F]));")
_STAND_IN: Final = 0x10FF00
"""Of the private use area: the characters that XML has not, in order, while a document is parsed."""
_BACK: Final = {_STAND_IN + code: code for code in range(32)}


def _stand_in(reference: re.Match[str]) -> str:
    code = int(reference[1]) if reference[1] else int(reference[2], 16)
    return chr(_STAND_IN + code) if code < 32 and code not in (9, 10, 13) else reference[0]


def _counts(text: str | None, *, alone: bool) -> bool:
    """Tell whether text is more than white space between elements."""
    return bool(text) and (alone or not (text or "").isspace())


def _value(kind: Simple, text: str, path: str) -> Any:
    try:
        return kind.value(text.translate(_BACK))
    except InvalidValue as error:
        raise EncodeError(error.text, path=path) from None


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
