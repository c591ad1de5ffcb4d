"""Reads XSDs into the components of a table.

Only what the schemas of V2G use is supported; everything else is refused, never ignored.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from v2x_architecture.iso15118.exi.errors import TableError
from v2x_architecture.iso15118.exi.generator.simple import SimpleTypes
from v2x_architecture.iso15118.exi.generator.sources import XSD, XSD_NAMESPACE, Document, Sources
from v2x_architecture.iso15118.exi.model import (
    FORMAT,
    UNBOUNDED,
    Attribute,
    ChoiceParticle,
    ComplexType,
    Element,
    ElementParticle,
    Facets,
    Particle,
    SequenceParticle,
    SimpleType,
    Table,
    WildcardParticle,
)

type Name = tuple[str, str]
"""Namespace and local name."""


@dataclass
class _Complex:
    """A complex type being read: its parts are filled in after its position is known, so that types may refer to each other."""

    name: str
    namespace: str
    named: bool
    base: int | None = None
    abstract: bool = False
    attributes: list[tuple[Name, int, bool]] = field(default_factory=list)
    content: Particle | None = None
    text: int | None = None
    mixed: bool = False


@dataclass
class _Element:
    namespace: str
    name: str
    type: int = -1
    is_global: bool = False
    head: int | None = None
    abstract: bool = False


def read_table(sources: Sources, schema: str, namespace: str) -> Table:
    """Return the table of a schema set.

    Args:
        sources: where the XSDs are.
        schema: name of the set.
        namespace: that its documents begin in.

    Raises:
        TableError: an XSD is missing, or uses what is not supported.
    """
    return _Reader(sources.closure(namespace), schema).table()


class _Reader:
    def __init__(self, documents: list[Document], schema: str) -> None:
        self._documents = documents
        self._schema = schema
        self._raw: dict[tuple[str, Name], tuple[ET.Element, Document]] = {}
        self._types: list[_Complex | SimpleType] = []
        self._type_of: dict[Name, int] = {}
        self._elements: list[_Element] = []
        self._element_of: dict[Name, int] = {}
        self._local: dict[tuple[Name, int], int] = {}
        self._names: dict[str, set[str]] = {"": set()}
        self._simple = SimpleTypes(self._add_simple, self._definition)
        for document in documents:
            self._names.setdefault(document.namespace, set())
            for child in document.root:
                kind = child.tag.removeprefix(XSD)
                if kind in ("element", "complexType", "simpleType", "attribute"):
                    key = "type" if kind.endswith("Type") else kind
                    self._raw[key, (document.namespace, child.get("name", ""))] = child, document
                    self._names[document.namespace].add(child.get("name", ""))
                elif kind not in ("import", "annotation"):
                    raise TableError(f"{document.name} has a {kind}, which is not supported")
        self._namespaces = ["", *sorted(name for name in self._names if name)]

    def table(self) -> Table:
        for kind, name in self._raw:
            if kind == "element":
                self._global(name)
            elif kind == "type":
                self._type(name)
        position = {name: k for k, name in enumerate(self._namespaces)}
        return Table(
            format=FORMAT,
            schema=self._schema,
            sources={document.name: document.digest for document in sorted(self._documents, key=lambda each: each.name)},
            namespaces=tuple(self._namespaces),
            names=tuple(tuple(sorted(self._names[name])) for name in self._namespaces),
            types=tuple(_finished(each, position) for each in self._types),
            elements=tuple(
                Element(position[each.namespace], each.name, each.type, each.is_global, each.head, each.abstract)
                for each in self._elements
            ),
        )

    # Types

    def _definition(self, name: Name) -> tuple[ET.Element, Document]:
        try:
            return self._raw["type", name]
        except KeyError:
            raise TableError(f"the type {name[1]} of {name[0]} is not defined") from None

    def _type(self, name: Name) -> int:
        if name not in self._type_of:
            if name[0] == XSD_NAMESPACE:
                self._type_of[name] = self._simple.builtin(name[1])
            else:
                node, document = self._definition(name)
                if node.tag == f"{XSD}complexType":
                    self._type_of[name] = len(self._types)
                    self._complex(node, document, name[1], named=True)
                else:
                    self._type_of[name] = self._simple.defined(node, document, name[1])
        return self._type_of[name]

    def _add_simple(
        self, name: str, namespace: str, coding: str, low: int, width: int, values: tuple[str, ...], facets: Facets
    ) -> int:
        # Built-in types stand in the empty namespace: they are not of the set's own.
        self._types.append(SimpleType(name, self._namespaces.index(namespace), coding, low, width, values, facets))
        return len(self._types) - 1

    def _complex(self, node: ET.Element, document: Document, name: str, *, named: bool) -> int:
        made = _Complex(name, document.namespace, named, abstract=_true(node, "abstract"), mixed=_true(node, "mixed"))
        self._types.append(made)
        position = len(self._types) - 1
        body = node
        derived = [child for child in node if child.tag in (f"{XSD}complexContent", f"{XSD}simpleContent")]
        if derived:
            extension = derived[0].find(f"{XSD}extension")
            if extension is None:
                raise TableError(f"the type {name} is no extension, which is not supported")
            body = extension
            base = self._type(document.resolve(extension.get("base", "")))
            inherited = self._types[base]
            if isinstance(inherited, SimpleType):
                made.text = base
            else:
                made.base, made.text, made.content = base, inherited.text, inherited.content
                made.attributes = list(inherited.attributes)
                made.mixed = made.mixed or inherited.mixed
        own: Particle | None = None
        for child in body:
            kind = child.tag.removeprefix(XSD)
            if kind in ("sequence", "choice"):
                own = self._particle(child, document)
            elif kind == "attribute":
                made.attributes.append(self._attribute(child, document))
            elif kind not in ("annotation", "complexContent", "simpleContent"):
                raise TableError(f"the type {name} has a {kind}, which is not supported")
        if own is not None:
            made.content = own if made.content is None else SequenceParticle(1, 1, (made.content, own))
        made.attributes.sort(key=lambda use: (use[0][1], use[0][0]))
        return position

    def _attribute(self, node: ET.Element, document: Document) -> tuple[Name, int, bool]:
        if node.get("ref") or node.get("type") is None:
            raise TableError(f"{document.name} has an attribute without a named type, which is not supported")
        qualified = node.get("form", "qualified" if document.attributes_qualified else "") == "qualified"
        name = (document.namespace if qualified else "", node.get("name", ""))
        self._names[name[0]].add(name[1])
        return name, self._type(document.resolve(node.get("type", ""))), node.get("use") == "required"

    # Particles and elements

    def _particle(self, node: ET.Element, document: Document) -> Particle:
        minimum, most = int(node.get("minOccurs", "1")), node.get("maxOccurs", "1")
        maximum = UNBOUNDED if most == "unbounded" else int(most)
        kind = node.tag.removeprefix(XSD)
        if kind == "element":
            ref = node.get("ref")
            element = self._global(document.resolve(ref)) if ref else self._declared(node, document)
            return ElementParticle(minimum, maximum, element)
        if kind == "any":
            if node.get("namespace", "##any") not in ("##any", "##other"):
                raise TableError(f"{document.name} has a wildcard for {node.get('namespace')}, which is not supported")
            return WildcardParticle(minimum, maximum)
        if kind in ("sequence", "choice"):
            children = tuple(self._particle(child, document) for child in node if child.tag != f"{XSD}annotation")
            return (SequenceParticle if kind == "sequence" else ChoiceParticle)(minimum, maximum, children)
        raise TableError(f"{document.name} has a {kind} in a content model, which is not supported")

    def _global(self, name: Name) -> int:
        if name in self._element_of:
            return self._element_of[name]
        try:
            node, document = self._raw["element", name]
        except KeyError:
            raise TableError(f"the element {name[1]} of {name[0]} is not declared") from None
        made = _Element(*name, is_global=True, abstract=_true(node, "abstract"))
        self._elements.append(made)
        position = self._element_of[name] = len(self._elements) - 1
        head = node.get("substitutionGroup")
        made.head = self._global(document.resolve(head)) if head else None
        made.type = self._element_type(node, document)
        return position

    def _declared(self, node: ET.Element, document: Document) -> int:
        """Return the position of a local element; those of the same name and type share one."""
        if node.get("nillable"):
            raise TableError(f"{document.name} has a nillable element, which is not supported")
        qualified = node.get("form", "qualified" if document.elements_qualified else "") == "qualified"
        name = (document.namespace if qualified else "", node.get("name", ""))
        self._names[name[0]].add(name[1])
        kind = self._element_type(node, document)
        if (name, kind) not in self._local:
            self._elements.append(_Element(*name, type=kind))
            self._local[name, kind] = len(self._elements) - 1
        return self._local[name, kind]

    def _element_type(self, node: ET.Element, document: Document) -> int:
        if node.get("type"):
            return self._type(document.resolve(node.get("type", "")))
        for child in node:
            if child.tag == f"{XSD}complexType":
                return self._complex(child, document, node.get("name", ""), named=False)
            if child.tag == f"{XSD}simpleType":
                return self._simple.defined(child, document, "")
        raise TableError(f"the element {node.get('name')} in {document.name} has no type, which is not supported")


def _true(node: ET.Element, name: str) -> bool:
    return node.get(name) in ("true", "1")


def _finished(made: _Complex | SimpleType, position: dict[str, int]) -> ComplexType | SimpleType:
    if isinstance(made, SimpleType):
        return made
    return ComplexType(
        name=made.name,
        namespace=position[made.namespace],
        named=made.named,
        base=made.base,
        abstract=made.abstract,
        attributes=tuple(Attribute(position[name[0]], name[1], kind, required) for name, kind, required in made.attributes),
        content=made.content,
        text=made.text,
        mixed=made.mixed,
    )
