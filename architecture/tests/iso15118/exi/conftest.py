"""Payloads and messages that the tests of EXI share."""

import json
import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from v2x_architecture.iso15118.exi import Child, Codec, Schema, codec
from v2x_architecture.iso15118.exi.events import Event
from v2x_architecture.iso15118.exi.grammar import Kind, Record
from v2x_architecture.iso15118.exi.values import Simple


@pytest.fixture(scope="session")
def captures() -> list[dict[str, Any]]:
    """Payloads of real vehicles and stations, with what EXIficient decodes them to."""
    lines = Path(__file__).with_name("captures.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


class OnlyWildcards(Exception):
    """A type whose content cannot do without elements of other schemas."""


class Maker:
    """Makes messages by walking the grammar at random; what it makes can be encoded, though its facets may be broken."""

    def __init__(self, known: Codec, source: random.Random) -> None:
        self.known, self.random = known, source

    def document(self) -> tuple[str, Any]:
        grammar = self.known.grammar
        while True:
            element = grammar.table.elements[self.random.choice(grammar.documents)]
            kind = grammar.kind(element.type)
            if isinstance(kind, Record):
                with suppress(OnlyWildcards):
                    return element.name, self.value(kind, 0)

    def value(self, kind: Kind, depth: int) -> Any:
        return self.simple(kind) if isinstance(kind, Simple) else self.message(kind, depth)

    def message(self, kind: Record, depth: int) -> Any:
        fields: dict[str, Any] = {}
        state = kind.start
        for step in range(60):
            if not state.width:
                state.expand()
            possible = [each for each in state.productions if each.event is not Event.SE_ANY]
            end = next((each for each in possible if each.event is Event.EE), None)
            # Lists and optional parts end sooner the deeper and longer a message already is.
            if end and (len(possible) == 1 or self.random.random() < 0.3 + 0.1 * depth + 0.05 * step):
                return kind.message(**fields)
            production = self.random.choice([each for each in possible if each is not end])
            self.take(production, kind, fields, depth)
            state = production.next
        raise OnlyWildcards(kind.name)

    def take(self, production: Any, kind: Record, fields: dict[str, Any], depth: int) -> None:
        if production.event is Event.CH_UNTYPED:
            fields.setdefault("content", []).append(self.text())
            return
        value = self.value(production.kind, depth + 1)
        if kind.shape.is_open and production.event is Event.SE:
            fields.setdefault("content", []).append(Child(production.name, value))
        elif production.many:
            fields.setdefault(production.field, []).append(value)
        else:
            fields[production.field] = value

    def simple(self, kind: Simple) -> Any:
        model = kind.model
        match model.coding:
            case "boolean":
                return self.random.random() < 0.5
            case "bits":
                return model.low + self.random.getrandbits(model.width)
            case "unsigned":
                return self.random.getrandbits(self.random.randint(1, 64))
            case "integer":
                return self.random.getrandbits(self.random.randint(1, 63)) - self.random.getrandbits(self.random.randint(1, 63))
            case "hex" | "base64":
                return self.random.randbytes(self.random.choice([0, 1, 8, 20]))
            case "enumeration":
                return self.random.choice(model.values)
        return self.text()

    def text(self) -> str:
        return "".join(self.random.choice("aZ09-_ é€😀\0") for _ in range(self.random.choice([0, 1, 3, 12])))


@pytest.fixture(scope="session")
def make() -> Callable[[Schema, int], tuple[str, Any]]:
    """Make a message of a schema set from a seed: the name of its document, and what is in it."""
    return lambda schema, seed: Maker(codec(schema), random.Random(seed)).document()
