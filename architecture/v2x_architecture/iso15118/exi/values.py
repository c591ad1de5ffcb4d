"""Values of simple types: how they are read and written, and what text stands for them (EXI 1.0, 7.1)."""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Sequence
from typing import Final

from v2x_architecture.iso15118.exi.bits import BitReader, BitWriter
from v2x_architecture.iso15118.exi.errors import EncodeError, InvalidValue, UnexpectedEvent
from v2x_architecture.iso15118.exi.model import Facets, SimpleType

_WHOLE: Final = re.compile(r"[+-]?[0-9]+")

type Value = str | bytes | int | bool
"""What a simple type has for values; an enumeration's are strings."""

type Read = Callable[[BitReader], Value]
type Write = Callable[[BitWriter, object], None]

_LITERAL: Final = 2
"""A string that is not in the string table is preceded by its length plus two; V2G has no value tables."""


class Simple:
    """A simple type at work.

    Attributes:
        name: of the type; empty for an anonymous one.
        model: as it stands in the table.
        read: reads a value.
        read_element: reads a value as the whole content of an element: the events CH and EE are a bit each.
        write: writes a value.
        narrow_width: number of bits of a value, where all have the same small number.
        narrow_values: the values by these bits; None where they have not.
    """

    __slots__ = ("model", "name", "narrow_values", "narrow_width", "read", "read_element", "write")

    def __init__(self, model: SimpleType) -> None:
        self.model = model
        self.name = model.name
        self.read, self.write = _CODINGS[model.coding](model)
        self.narrow_width = 1 if model.coding == "boolean" else model.width
        self.narrow_values = _narrow_values(model)
        self.read_element = (
            _element(self.read) if self.narrow_values is None else _narrow_element(self.narrow_width, self.narrow_values)
        )

    @property
    def facets(self) -> Facets:
        """What the type allows."""
        return self.model.facets

    def text(self, value: Value) -> str:
        """Return the text of a value, as it stands in XML."""
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, bytes):
            return value.hex().upper() if self.model.coding == "hex" else binascii.b2a_base64(value, newline=False).decode()
        return str(value)

    def value(self, text: str) -> Value:
        """Return the value that a text stands for.

        Raises:
            InvalidValue: the text is none of the type.
        """
        bare = text.strip()
        coding = self.model.coding
        try:
            if coding == "string":
                return text
            if coding == "enumeration" and bare in self.model.values:
                return bare
            if coding == "boolean" and bare in _BOOLEANS:
                return _BOOLEANS[bare]
            if coding == "hex":
                return bytes.fromhex(bare)
            if coding == "base64":
                return binascii.a2b_base64("".join(bare.split()), strict_mode=True)
            if coding in ("bits", "unsigned", "integer") and _WHOLE.fullmatch(bare):
                return int(bare)
        except ValueError:
            pass
        raise InvalidValue(f"{text!r} is no {self.name or coding}")


_BOOLEANS: Final = {"true": True, "1": True, "false": False, "0": False}


def _boolean(model: SimpleType) -> tuple[Read, Write]:
    def read(reader: BitReader) -> bool:
        return reader.bits(1) == 1

    def write(writer: BitWriter, value: object) -> None:
        if not isinstance(value, bool):
            raise EncodeError(f"{value!r} is no boolean")
        writer.bits(int(value), 1)

    return read, write


def _bits(model: SimpleType) -> tuple[Read, Write]:
    low, width = model.low, model.width

    def read(reader: BitReader) -> int:
        return low + reader.bits(width)

    def write(writer: BitWriter, value: object) -> None:
        if type(value) is not int or (value - low) >> width:
            raise EncodeError(f"{value!r} is no number from {low} to {low + (1 << width) - 1}")
        writer.bits(value - low, width)

    return read, write


def _unsigned(model: SimpleType) -> tuple[Read, Write]:
    def write(writer: BitWriter, value: object) -> None:
        if type(value) is not int or value < 0:
            raise EncodeError(f"{value!r} is no number from 0 on")
        writer.unsigned(value)

    return BitReader.unsigned, write


def _integer(model: SimpleType) -> tuple[Read, Write]:
    def read(reader: BitReader) -> int:
        negative = reader.bits(1)
        value = reader.unsigned()
        return -value - 1 if negative else value

    def write(writer: BitWriter, value: object) -> None:
        if type(value) is not int:
            raise EncodeError(f"{value!r} is no whole number")
        writer.bits(int(value < 0), 1)
        writer.unsigned(-value - 1 if value < 0 else value)

    return read, write


def _octets(model: SimpleType) -> tuple[Read, Write]:
    def read(reader: BitReader) -> bytes:
        return reader.octets(reader.unsigned())

    def write(writer: BitWriter, value: object) -> None:
        if not isinstance(value, bytes):
            raise EncodeError(f"{value!r} is not of type bytes")
        writer.unsigned(len(value))
        writer.octets(value)

    return read, write


def read_string(reader: BitReader) -> str:
    """Return a string that no string table holds.

    Raises:
        InvalidValue: it refers to a value table, which V2G has not (valuePartitionCapacity is 0).
    """
    at = reader.position
    length = reader.unsigned() - _LITERAL
    if length < 0:
        raise InvalidValue("a string refers to a value table; there is none", at)
    return reader.characters(length)


def write_string(writer: BitWriter, value: object) -> None:
    """Write a string as a literal.

    Raises:
        EncodeError: it is no string, or has what is no character.
    """
    if not isinstance(value, str):
        raise EncodeError(f"{value!r} is no string")
    writer.unsigned(len(value) + _LITERAL)
    writer.characters(value)


def _string(model: SimpleType) -> tuple[Read, Write]:
    return read_string, write_string


def _enumeration(model: SimpleType) -> tuple[Read, Write]:
    values, width = model.values, model.width
    codes: dict[object, int] = {value: code for code, value in enumerate(values)}

    def read(reader: BitReader) -> str:
        code = reader.bits(width)
        if code >= len(values):
            raise InvalidValue(f"{code} is no value of {model.name or 'the enumeration'}", reader.position - width)
        return values[code]

    def write(writer: BitWriter, value: object) -> None:
        if not isinstance(value, str) or value not in codes:
            raise EncodeError(f"{value!r} is no value of {model.name or 'the enumeration'}")
        writer.bits(codes[value], width)

    return read, write


_CODINGS: Final[dict[str, Callable[[SimpleType], tuple[Read, Write]]]] = {
    "boolean": _boolean,
    "bits": _bits,
    "unsigned": _unsigned,
    "integer": _integer,
    "hex": _octets,
    "base64": _octets,
    "string": _string,
    "enumeration": _enumeration,
}


def _element(read: Read) -> Read:
    def read_element(reader: BitReader) -> Value:
        if reader.bits(1):
            raise UnexpectedEvent("the content is not what its type asks for", reader.position - 1)
        value = read(reader)
        if reader.bits(1):
            raise UnexpectedEvent("the element does not end after its value", reader.position - 1)
        return value

    return read_element


def _narrow_values(model: SimpleType) -> Sequence[Value] | None:
    """Return the values of a type by their bits, where these are few; those of an enumeration may be too few for its bits."""
    match model.coding:
        case "boolean":
            return (False, True)
        case "bits":
            return range(model.low, model.low + (1 << model.width))
        case "enumeration":
            return model.values
    return None


def _narrow_element(width: int, values: Sequence[Value]) -> Read:
    """Return how to read a value of few bits together with the two events around it: one look instead of three."""
    events = 1 | 1 << (width + 1)
    mask = (1 << width) - 1

    def read_element(reader: BitReader) -> Value:
        seen = reader.bits(width + 2)
        if seen & events:
            raise UnexpectedEvent("the content is not what its type asks for", reader.position - width - 2)
        try:
            return values[(seen >> 1) & mask]
        except IndexError:
            raise InvalidValue("not a value of the enumeration", reader.position - width - 1) from None

    return read_element
