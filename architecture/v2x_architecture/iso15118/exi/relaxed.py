"""Fragments that begin with an element whose name stands for several types (EXI 1.0, 8.5.3).

Their grammar knows every name of the schema and nothing of the types: attributes have their types, content is text. Of V2G there
are two: the eMAID of ISO 15118-2, over which the response to a certificate installation is signed, and a delay of AC_DER_IEC. All
their types are of text or a number, with attributes or without; elements within them are refused. Attributes of one name have
one type in these sets, as they must here.
"""

from __future__ import annotations

from typing import Any

from v2x_architecture.iso15118.exi.binding import TEXT
from v2x_architecture.iso15118.exi.bits import BitReader, BitWriter
from v2x_architecture.iso15118.exi.errors import EncodeError, ExiError, InvalidValue, UnexpectedEvent
from v2x_architecture.iso15118.exi.grammar import Grammar, Kind, Record
from v2x_architecture.iso15118.exi.model import Attribute, ComplexType
from v2x_architecture.iso15118.exi.trace import Mark, Trace
from v2x_architecture.iso15118.exi.values import Simple, Value, read_string, write_string


class Relaxed:
    """The grammar of such an element.

    Args:
        grammar: of the schema set.
        positions: of the elements of the name.
    """

    def __init__(self, grammar: Grammar, positions: tuple[int, ...]) -> None:
        elements = grammar.table.elements
        self._grammar = grammar
        self._name = elements[positions[0]].name
        self._kinds: list[Kind] = [grammar.kind(elements[position].type) for position in positions]
        uses: dict[tuple[str, int], Attribute] = {}
        for model in grammar.table.types:
            if isinstance(model, ComplexType):
                uses |= {(use.name, use.namespace): use for use in model.attributes}
        self._uses = [uses[key] for key in sorted(uses)]
        names = len(grammar.fragments)
        # First the attributes and AT(*), then elements and SE(*), EE, CH; after content, no attributes.
        self._first_content = len(self._uses) + 1 + names + 1
        self._first_width = (self._first_content + 2).bit_length()
        self._then_content = names + 1
        self._then_width = (self._then_content + 2).bit_length()

    def read(self, reader: BitReader, event: int) -> tuple[Any, Trace]:
        """Read attributes, content and end of the element.

        Raises:
            DecodeError: the bits are none of its types.
        """
        try:
            return self._read(reader, event)
        except ExiError as error:
            error.path = error.path or f"/{self._name}"
            error.bit_offset = reader.position if error.bit_offset is None else error.bit_offset
            raise

    def _read(self, reader: BitReader, event: int) -> tuple[Any, Trace]:
        start = reader.position
        fields: dict[str, Value] = {}
        marks: list[Mark] = []
        while True:
            at = reader.position
            code = reader.bits(self._first_width)
            if code >= len(self._uses):
                break
            use = self._uses[code]
            simple = self._simple(use)
            offset = reader.position
            fields[use.name] = simple.read(reader)
            text = simple.text(fields[use.name])
            marks.append(Mark(f"/{self._name}/{use.name}", at, offset, reader.position - offset, text))
        content_at, offset, text = at, reader.position, ""
        if code == self._first_content + 1:
            text = read_string(reader)
            at = reader.position
            code = reader.bits(self._then_width) - self._then_content + self._first_content
        if code != self._first_content:
            raise UnexpectedEvent("an element or attribute that belongs to none of the types of its name", at)
        width = max(at - offset, 0)
        for kind in self._kinds:
            value = _made(kind, fields | {TEXT: text})
            if value is None:
                continue
            if isinstance(kind, Record):
                marks.append(Mark(f"/{self._name}/{TEXT}", content_at, offset, width, text))
                marks.append(Mark(f"/{self._name}", event, start, reader.position - start))
            else:
                marks.append(Mark(f"/{self._name}", event, offset, width, text))
            return value, Trace(tuple(marks), (), reader.position)
        raise InvalidValue(f"{text!r} is no value of {' or '.join(kind.name for kind in self._kinds)}", offset)

    def write(self, writer: BitWriter, value: object) -> None:
        """Write attributes, content and end of the element.

        Raises:
            EncodeError: the value is of none of its types.
        """
        record = next((each for each in self._kinds if isinstance(each, Record) and type(value) is each.message), None)
        kind = record.text if record is not None else next((each for each in self._kinds if isinstance(each, Simple)), None)
        if kind is None:
            raise EncodeError(
                f"a {type(value).__name__} stands where one of {', '.join(each.name for each in self._kinds)} belongs"
            )
        own = {(use.name, use.namespace) for use in record.attributes} if record is not None else set()
        for code, use in enumerate(self._uses):
            attribute = getattr(value, use.name) if (use.name, use.namespace) in own else None
            if attribute is not None:
                writer.bits(code, self._first_width)
                self._simple(use).write(writer, attribute)
        content: Any = getattr(value, TEXT) if record is not None else value
        kind.write(BitWriter(), content)
        writer.bits(self._first_content + 1, self._first_width)
        write_string(writer, kind.text(content))
        writer.bits(self._then_content, self._then_width)

    def _simple(self, use: Attribute) -> Simple:
        kind = self._grammar.kind(use.type)
        assert isinstance(kind, Simple)
        return kind


def _made(kind: Kind, content: dict[str, Any]) -> Any:
    """Return the value of a type that attributes and text make; None when they make none."""
    simple = kind if isinstance(kind, Simple) else kind.text
    names = {TEXT} if isinstance(kind, Simple) else {TEXT, *(use.name for use in kind.attributes)}
    if simple is None or not content.keys() <= names or (isinstance(kind, Record) and not kind.required <= content.keys()):
        return None
    try:
        value = simple.value(content[TEXT])
    except InvalidValue:
        return None
    return value if isinstance(kind, Simple) else kind.message(**(content | {TEXT: value}))
