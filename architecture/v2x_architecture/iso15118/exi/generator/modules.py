"""Writes the modules of message classes from the tables."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

from v2x_architecture.iso15118.exi.binding import CONTENT, MODULES, TEXT, Field, Shape, module_of
from v2x_architecture.iso15118.exi.errors import TableError
from v2x_architecture.iso15118.exi.model import ComplexType, Facets, SimpleType, Table

_PYTHON = {
    "boolean": "bool",
    "bits": "int",
    "unsigned": "int",
    "integer": "int",
    "hex": "bytes",
    "base64": "bytes",
    "string": "str",
    "enumeration": "str",
}
_WIDTH = 130
_EXI = "v2x_architecture.iso15118.exi"
_FEW = 3


def write_modules(tables: Iterable[Table]) -> dict[str, str]:
    """Return the text of each module that has anything of these tables in it by its name.

    Raises:
        TableError: two tables disagree about a type.
    """
    modules: dict[str, _Module] = {name: _Module(name) for name in MODULES.values()}
    for table in tables:
        for position, model in enumerate(table.types):
            if isinstance(model, ComplexType):
                modules[module_of(table.namespaces[model.namespace])].add_class(table, position)
            elif model.name and model.values:
                modules[module_of(table.namespaces[model.namespace])].add_values(model)
    return {name: module.text() for name, module in modules.items() if module}


class _Module:
    def __init__(self, name: str) -> None:
        self._name = name
        self._values: dict[str, str] = {}
        self._classes: dict[str, str] = {}
        self._bases: dict[str, str] = {}
        self._imports: dict[str, set[str]] = {}
        self._open = False
        self._namespaces: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._namespaces)

    def text(self) -> str:
        imports = [_import(f"{_EXI}.messages.{module}", names) for module, names in sorted(self._imports.items())]
        if self._open:
            imports.append(_import(f"{_EXI}.nodes", {"Child"}))
        parts = [
            f'"""{"; ".join(sorted(self._namespaces))}.\n',
            'Written by ``v2x exi tables``; changes belong in the generator.\n"""\n',
            "from __future__ import annotations\n",
            *(["from typing import Literal\n"] if self._values else []),
            "import msgspec\n",
            *([*imports, ""] if imports else []),
        ]
        ordered: list[str] = []
        for name in self._classes:
            self._in_order(name, ordered)
        body = [self._values[name] for name in sorted(self._values)] + [self._classes[name] for name in ordered]
        return "\n".join(parts) + ("\n" if self._values else "\n\n") + "\n\n".join(body)

    def _in_order(self, name: str, ordered: list[str]) -> None:
        """Put a class after its base."""
        if name in ordered or name not in self._classes:
            return
        self._in_order(self._bases[name], ordered)
        ordered.append(name)

    def add_values(self, model: SimpleType) -> None:
        values = ", ".join(f'"{value}"' for value in model.values)
        text = f"type {model.name} = Literal[{values}]\n"
        if len(text) > _WIDTH:
            text = f"type {model.name} = Literal[\n" + "".join(f'    "{value}",\n' for value in model.values) + "]\n"
        self._agree(self._values, model.name, text)

    def add_class(self, table: Table, position: int) -> None:
        model = table.types[position]
        assert isinstance(model, ComplexType)
        namespace = table.namespaces[model.namespace]
        self._namespaces.add(namespace)
        inherited: frozenset[str] = frozenset()
        base = "msgspec.Struct"
        if model.base is not None:
            parent = table.types[model.base]
            assert isinstance(parent, ComplexType)
            base = self._reference(table, parent)
            inherited = _names(table, model.base)
        self._bases[model.name] = base
        fields = list(_fields(table, position, self, inherited))
        head = f"class {model.name}({base}, kw_only=True):"
        lines = [head, f'    """{_purpose(table, position)}']
        if any(line.meaning for line in fields):
            lines += ["", "    Attributes:"]
            lines += [f"        {line.name}: {line.meaning}." for line in fields if line.meaning]
            lines.append('    """')
        else:
            lines[-1] += '"""'
        if fields:
            lines.append("")
            lines += [f"    {line.name}: {line.annotation}" for line in fields]
        self._agree(self._classes, model.name, "\n".join(lines) + "\n")

    def annotation(self, table: Table, kind: SimpleType | ComplexType) -> str:
        """Return how a type is written in an annotation."""
        if isinstance(kind, ComplexType):
            return self._reference(table, kind)
        if kind.values and kind.name:
            return self._reference(table, kind)
        return _PYTHON[kind.coding]

    def mark_open(self) -> None:
        self._open = True

    def _reference(self, table: Table, kind: SimpleType | ComplexType) -> str:
        module = module_of(table.namespaces[kind.namespace])
        if module != self._name:
            self._imports.setdefault(module, set()).add(kind.name)
        return kind.name

    def _agree(self, known: dict[str, str], name: str, text: str) -> None:
        if known.setdefault(name, text) != text:
            raise TableError(f"two schema sets have different types {name} in {self._name}")


class _Line:
    """A field as it is written: its name, its annotation with default, and what is said about it."""

    def __init__(self, name: str, annotation: str, meaning: str) -> None:
        self.name, self.annotation, self.meaning = name, annotation, meaning


def _names(table: Table, position: int) -> frozenset[str]:
    """Return the names of all fields of a type."""
    model = table.types[position]
    assert isinstance(model, ComplexType)
    shape = Shape(table, model)
    special = {CONTENT} if shape.is_open else {TEXT} if model.text is not None else set()
    return frozenset({field.name for field in shape.fields.values()} | {use.name for use in model.attributes} | special)


def _fields(table: Table, position: int, module: _Module, inherited: frozenset[str]) -> Iterator[_Line]:
    model = table.types[position]
    assert isinstance(model, ComplexType)
    shape = Shape(table, model)
    for element, field in shape.fields.items():
        if field.name in inherited:
            continue
        declared = table.elements[element]
        kind = table.types[declared.type]
        yield _Line(field.name, _element_annotation(module.annotation(table, kind), field), _meaning(table, kind, field))
    if shape.is_open and CONTENT not in inherited:
        module.mark_open()
        yield _Line(CONTENT, "list[Child | str] = []", "text and elements in order")
    if model.text is not None and TEXT not in inherited:
        kind = table.types[model.text]
        assert isinstance(kind, SimpleType)
        yield _Line(TEXT, module.annotation(table, kind), "; ".join(_allowed(kind)))
    for use in model.attributes:
        if use.name in inherited:
            continue
        kind = table.types[use.type]
        assert isinstance(kind, SimpleType)
        optional = "" if use.required else " | None = None"
        yield _Line(use.name, module.annotation(table, kind) + optional, "; ".join(["attribute", *_allowed(kind)]))


def _element_annotation(name: str, field: Field) -> str:
    if field.many:
        return f"list[{name}] = []" if field.optional else f"list[{name}]"
    return f"{name} | None = None" if field.optional else name


def _meaning(table: Table, kind: SimpleType | ComplexType, field: Field) -> str:
    facts = []
    if isinstance(kind, SimpleType):
        number = kind.coding in ("bits", "unsigned", "integer")
        facts += _allowed(kind)
    else:
        number = kind.name in ("PhysicalValueType", "RationalNumberType")
    unit = _unit(field.name) if number else ""
    if field.substituted:
        facts.append("the class tells the element")
    return "; ".join(([f"in {unit}"] if unit else []) + facts)


def _allowed(kind: SimpleType) -> list[str]:
    if kind.values:
        return []
    facets: Facets = kind.facets
    what = "octets" if kind.coding in ("hex", "base64") else "characters"
    if facets.length is not None:
        return [f"{facets.length} {what}"]
    if facets.min_length is not None and facets.max_length is not None:
        return [f"{facets.min_length} to {facets.max_length} {what}"]
    if facets.max_length is not None:
        return [f"at most {facets.max_length} {what}"]
    if facets.minimum is not None and facets.maximum is not None:
        return [f"{facets.minimum} to {facets.maximum}"]
    return []


def _purpose(table: Table, position: int) -> str:
    model = table.types[position]
    assert isinstance(model, ComplexType)
    if model.abstract:
        return "What the types that extend it have in common."
    # Of its own namespace only: what other namespaces make of it differs between the sets.
    elements = sorted({each.name for each in table.elements if each.type == position and each.namespace == model.namespace})
    if 0 < len(elements) <= _FEW:
        names = ", ".join(f"``{name}``" for name in elements)
        return f"Content of the element{'s' if len(elements) > 1 else ''} {names}."
    return f"A ``{model.name}``."


@cache
def _units() -> list[tuple[re.Pattern[str], re.Pattern[str], str]]:
    rules = tomllib.loads(files(__package__).joinpath("units.toml").read_text(encoding="utf-8"))["unit"]
    return [(re.compile(rule["name"]), re.compile(rule.get("unless", "(?!)")), rule["unit"]) for rule in rules]


def _unit(name: str) -> str:
    for pattern, unless, unit in _units():
        if pattern.fullmatch(name) and not unless.fullmatch(name):
            return unit
    return ""


def _import(module: str, names: Iterable[str]) -> str:
    line = f"from {module} import {', '.join(sorted(names))}"
    return (
        line if len(line) <= _WIDTH else f"from {module} import (\n" + "".join(f"    {name},\n" for name in sorted(names)) + ")"
    )
