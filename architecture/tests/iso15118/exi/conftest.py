"""Payloads and messages that the tests of EXI share."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from v2x_architecture.iso15118.exi import Child, Codec, Nil, Node, Schema, codec
from v2x_architecture.iso15118.exi.events import Event
from v2x_architecture.iso15118.exi.grammar import Kind, Record
from v2x_architecture.iso15118.exi.qnames import XSI, spelled
from v2x_architecture.iso15118.exi.values import Simple


@pytest.fixture(scope="session")
def captures() -> list[dict[str, Any]]:
    """Payloads of real vehicles and stations, with what EXIficient decodes them to."""
    lines = Path(__file__).with_name("captures.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


class Maker:
    """Makes messages by walking the grammar at random; what it makes can be encoded, though its facets may be broken.

    Args:
        known: codec of the set.
        source: of chance.
        valid: keep to the facets, at their borders above all.
        nil: how often an element is nil.
        extended: how often an element is of a type that extends its own, where there is one.
    """

    def __init__(
        self, known: Codec, source: random.Random, *, valid: bool = False, nil: float = 0.0, extended: float = 0.0
    ) -> None:
        self.known, self.random = known, source
        self.valid, self.nil, self.extended = valid, nil, extended

    def document(self) -> tuple[str, Any]:
        """Make a document: its name, and what is in it."""
        grammar = self.known.grammar
        element = grammar.table.elements[self.random.choice(grammar.documents)]
        return element.name, self.value(grammar.kind(element.type), 0)

    def fragment(self) -> tuple[str, Any]:
        """Make a fragment."""
        grammar, elements = self.known.grammar, self.known.grammar.table.elements
        alone = [code for code, each in enumerate(grammar.fragments) if len({elements[k].type for k in each}) == 1]
        code = self.random.choice(alone)
        return grammar.fragment_names[code], self.value(grammar.kind(elements[grammar.fragments[code][0]].type), 0)

    def value(self, kind: Kind, depth: int) -> Any:
        """Make a value of an element of a type."""
        if self.random.random() < self.nil:
            uses = kind.attributes if isinstance(kind, Record) else ()
            kept = [use for use in uses if use.required or self.random.random() < 0.5]
            return Nil({use.name: self.value_of(self.known.grammar.kind(use.type)) for use in kept})
        if isinstance(kind, Simple):
            return self.value_of(kind)
        if self.extended and self.random.random() < self.extended:
            kinds = self.known.grammar.records.values()
            kind = self.random.choice([each for each in kinds if issubclass(each.message, kind.message)] or [kind])
        return self.message(kind, depth)

    def message(self, kind: Record, depth: int) -> Any:
        """Make an element of a complex type."""
        fields: dict[str, Any] = {}
        state = kind.start
        for step in range(10_000):
            if not state.width:
                state.expand()
            end = next((each for each in state.productions if each.event is Event.EE), None)
            possible = [each for each in state.productions if each is not end]
            # Lists and optional parts end sooner the deeper and longer a message already is.
            if end and (not possible or self.random.random() < 0.3 + 0.1 * depth + 0.05 * step):
                return kind.message(**fields)
            production = self.random.choice(possible)
            self.take(production, kind, fields, depth)
            state = production.next
        raise AssertionError(f"{kind.name} never ends")

    def take(self, production: Any, kind: Record, fields: dict[str, Any], depth: int) -> None:
        content = fields.setdefault("content", []) if kind.shape.is_open else []
        if production.event is Event.CH_UNTYPED:
            content.append(self.text())
        elif production.event is Event.SE_ANY:
            content.append(self.any_element(depth + 1))
        elif production.event is not Event.SE:
            fields[production.field] = self.value_of(production.kind)
        elif kind.shape.is_open:
            content.append(Child(production.name, self.value(production.kind, depth + 1)))
        elif production.many:
            fields.setdefault(production.field, []).append(self.value(production.kind, depth + 1))
        else:
            value = fields[production.field] = self.value(production.kind, depth + 1)
            if isinstance(value, Nil) and isinstance(production.key, tuple):
                value.name = production.name

    def any_element(self, depth: int) -> Child:
        """Make an element that a wildcard lets in: of the schema, of none, or of none but of a type of the schema."""
        grammar = self.known.grammar
        pick = self.random.random()
        if pick < 0.3 and depth < 4:
            element = grammar.table.elements[self.random.choice(grammar.documents)]
            return Child(element.name, self.value(grammar.kind(element.type), depth), grammar.table.namespaces[element.namespace])
        namespace, name = self.random.choice(["", "urn:a", "urn:b\u00e9"]), self.random.choice(["a", "b", "type", "namespace"])
        if pick < 0.4 and depth < 4:
            said = self.random.choice(sorted(grammar.types_by_name))
            return Child(name, self.value(grammar.kind(grammar.types_by_name[said]), depth), namespace, spelled(said))
        attributes = [self.random.choice([("", "k", "1"), ("urn:a", "k", ""), (XSI, "nil", "true")]) for _ in range(depth % 3)]
        many = self.random.randrange(4) if depth < 6 else 0
        items = [self.random.choice([self.text, lambda: self.any_element(depth + 1)])() for _ in range(many)]
        return Child(name, Node(attributes, items), namespace)

    def value_of(self, kind: Kind) -> Any:
        """Make a value of a simple type."""
        assert isinstance(kind, Simple)
        model, facets = kind.model, kind.facets
        match model.coding:
            case "boolean":
                return self.random.random() < 0.5
            case "enumeration":
                return self.random.choice(model.values)
            case "bits" | "unsigned" | "integer" if self.valid:
                least = facets.minimum if facets.minimum is not None else -(2**63) if model.coding == "integer" else 0
                most = facets.maximum if facets.maximum is not None else 2**63 - 1
                return self.random.choice([least, most, max(least, min(most, 0)), self.random.randint(least, most)])
            case "bits":
                return model.low + self.random.getrandbits(model.width)
            case "unsigned":
                return self.random.getrandbits(self.random.randint(1, 64))
            case "integer":
                return self.random.getrandbits(self.random.randint(1, 63)) - self.random.getrandbits(self.random.randint(1, 63))
            case "hex" | "base64":
                return self.random.randbytes(self.length(facets, [0, 1, 8, 20]))
        if self.valid and facets.name:
            return "a" * max(1, self.length(facets, [1, 5]))
        return self.text(self.length(facets, [0, 1, 3, 12]))

    def length(self, facets: Any, usual: list[int]) -> int:
        """Choose a length; of a valid value one that its type allows, the least and the most among them."""
        if not self.valid:
            return self.random.choice(usual)
        if facets.length is not None:
            return int(facets.length)
        least, most = facets.min_length or 0, facets.max_length
        return self.random.choice([least, most if most is not None else max(usual), max(least, min(most or 99, usual[-1]))])

    def text(self, length: int | None = None) -> str:
        """Make text; valid text has characters of XML only."""
        letters = "aZ09-_ é€😀" if self.valid else "aZ09-_ é€😀\0"
        return "".join(
            self.random.choice(letters) for _ in range(self.random.choice([0, 1, 3, 12]) if length is None else length)
        )


@pytest.fixture(scope="session")
def make() -> Callable[[Schema, int], tuple[str, Any]]:
    """Make a message of a schema set from a seed: the name of its document, and what is in it."""
    return lambda schema, seed: Maker(codec(schema), random.Random(seed)).document()


@pytest.fixture(scope="session")
def maker() -> type[Maker]:
    """The class that makes messages."""
    return Maker
