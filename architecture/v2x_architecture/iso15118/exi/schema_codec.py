"""The codec of a schema set: bytes to messages and back."""

from __future__ import annotations

import pkgutil
from functools import cache, cached_property
from typing import Any, Final

import msgspec

from v2x_architecture.iso15118.exi.bits import DEFAULT_LIMITS, BitReader, BitWriter, Limits
from v2x_architecture.iso15118.exi.careful import CarefulReader
from v2x_architecture.iso15118.exi.errors import (
    EncodeError,
    ExiError,
    HeaderError,
    LimitExceeded,
    TableError,
    TrailingData,
    UnexpectedEvent,
    Unsupported,
)
from v2x_architecture.iso15118.exi.grammar import Grammar, Record
from v2x_architecture.iso15118.exi.model import FORMAT, Table
from v2x_architecture.iso15118.exi.relaxed import Relaxed
from v2x_architecture.iso15118.exi.schemas import Schema
from v2x_architecture.iso15118.exi.trace import Deviation, Trace
from v2x_architecture.iso15118.exi.writer import Stream

HEADER: Final = 0x80
"""The EXI header of V2G: no cookie, no options, version 1 (EXI 1.0, 5)."""


class Decoded:
    """What became of a payload.

    Attributes:
        codec: what decoded it.
        schema: the set.
        name: local name of the element that the document or fragment begins with; of a fragment with its namespace
            (``{urn:…}SessionID``) where the set has several of the name.
        message: the message, or the value of a fragment of simple type.
        raw: the payload as it came; forward this, not what would be encoded again.
        is_fragment: whether it is a fragment.
        end: number of bits of the document, without padding.
        trailing: bytes after the document: none, or the one zero byte that some vehicles send.
        deviations: what the schema does not declare.
    """

    __slots__ = ("__dict__", "codec", "deviations", "end", "is_fragment", "message", "name", "raw", "schema", "trailing")

    def __init__(
        self,
        codec: Codec,
        name: str,
        message: Any,
        raw: bytes,
        end: int,
        *,
        is_fragment: bool = False,
        trailing: bytes = b"",
        deviations: tuple[Deviation, ...] = (),
    ) -> None:
        self.codec = codec
        self.schema = codec.schema
        self.name, self.message, self.raw = name, message, raw
        self.end = end
        self.is_fragment, self.trailing, self.deviations = is_fragment, trailing, deviations

    def __repr__(self) -> str:
        return f"<Decoded {self.schema.value} {self.name} {len(self.raw)} B>"

    @property
    def message_name(self) -> str:
        """Name of the message as the specification has it: of DIN and -2 that of the element in the body."""
        body = getattr(getattr(self.message, "Body", None), "BodyElement", None)
        return self.name if body is None else self.codec.grammar.substitutes[type(body)]

    @cached_property
    def trace(self) -> Trace:
        """Where everything stands in the bits; found by reading the payload a second time, when first asked for."""
        return self.codec.trace(self.raw, fragment=self.is_fragment)


class Codec:
    """Reads and writes the messages of a schema set.

    Args:
        schema: the set.
        limits: on what a payload may ask for.
        nillable: whether elements may be nil (xsi:nil), which no schema of V2G lets them be: their values are then `Nil`.

    Raises:
        TableError: the committed table cannot be read.
    """

    def __init__(self, schema: Schema, limits: Limits = DEFAULT_LIMITS, *, nillable: bool = False) -> None:
        self.schema = schema
        self.limits = limits
        self.nillable = nillable
        self.grammar = Grammar(_table(schema))

    def decode(self, payload: bytes) -> Decoded:
        """Read a document.

        Raises:
            DecodeError: the payload is none, or asks for too much; the sender is at fault.
            Unsupported: it uses what V2G has no use for.
        """
        return self._decode(payload, fragment=False)

    def decode_fragment(self, payload: bytes) -> Decoded:
        """Read a fragment with one element, as signatures are made over.

        Raises:
            DecodeError: the payload is none, or asks for too much; the sender is at fault.
            Unsupported: it uses what V2G has no use for.
        """
        return self._decode(payload, fragment=True)

    def encode(self, message: msgspec.Struct, name: str = "") -> bytes:
        """Write a document.

        Args:
            message: an object of the class of a global element's type.
            name: of the element, where its type does not tell.

        Raises:
            EncodeError: the message does not fit the schema so that no bits stand for it.
        """
        grammar = self.grammar
        code = self._code(grammar.document_codes, message, name)
        writer = _begun()
        writer.bits(code, grammar.document_width)
        self._write(writer, grammar.documents[code], message)
        return writer.data()

    def encode_fragment(self, value: object, name: str) -> bytes:
        """Write a fragment with one element.

        Args:
            value: a message, or a plain value for an element of simple type.
            name: of the element; with its namespace (``{urn:…}SessionID``) where the set has several of the name.

        Raises:
            EncodeError: the value does not fit the schema so that no bits stand for it.
        """
        grammar = self.grammar
        code = self._code(grammar.fragment_codes, value, name)
        writer = _begun()
        writer.bits(code, grammar.fragment_width)
        positions = grammar.fragments[code]
        if self._is_relaxed(positions):
            Relaxed(grammar, positions).write(writer, value)
        else:
            self._write(writer, positions[0], value)
        writer.bits(len(grammar.fragments) + 1, grammar.fragment_width)
        return writer.data()

    def trace(self, payload: bytes, *, fragment: bool = False) -> Trace:
        """Return where everything stands in the bits of a payload.

        Raises:
            DecodeError: the payload is no document, or asks for too much.
            Unsupported: it uses what V2G has no use for.
        """
        return self._carefully(payload, fragment=fragment)[1]

    def _decode(self, payload: bytes, *, fragment: bool) -> Decoded:
        try:
            reader = self._opened(payload)
            positions, name = self._root(reader, fragment=fragment)
            if self._is_relaxed(positions):
                return self._carefully(payload, fragment=fragment)[0]
            message = self.grammar.kind(self.grammar.table.elements[positions[0]].type).read_element(reader)
            trailing = self._end(payload, reader, fragment=fragment)
        except ExiError:
            return self._carefully(payload, fragment=fragment)[0]
        return Decoded(self, name, message, payload, reader.position, is_fragment=fragment, trailing=trailing)

    def _carefully(self, payload: bytes, *, fragment: bool) -> tuple[Decoded, Trace]:
        reader = self._opened(payload)
        event = reader.position
        positions, name = self._root(reader, fragment=fragment)
        if self._is_relaxed(positions):
            message, trace = Relaxed(self.grammar, positions).read(reader, event)
            trailing = self._end(payload, reader, fragment=fragment)
            trace = msgspec.structs.replace(trace, end=reader.position)
        else:
            careful = CarefulReader(self.grammar, reader, self.limits, nillable=self.nillable)
            message = careful.root(positions[0], event)
            trailing = self._end(payload, reader, fragment=fragment)
            trace = careful.trace
        deviations = trace.deviations
        decoded = Decoded(self, name, message, payload, trace.end, is_fragment=fragment, trailing=trailing, deviations=deviations)
        return decoded, trace

    def _opened(self, payload: bytes) -> BitReader:
        if len(payload) > self.limits.payload:
            raise LimitExceeded(f"a payload of {len(payload)} octets; the limit is {self.limits.payload}", 0)
        reader = BitReader(payload, self.limits)
        header = reader.bits(8)
        if header != HEADER:
            raise HeaderError(f"the payload begins with {header:#04x}, not with {HEADER:#04x}", 0)
        return reader

    def _root(self, reader: BitReader, *, fragment: bool) -> tuple[tuple[int, ...], str]:
        """Read the event code of the first element, and return the positions of those of its name in the table, and the name."""
        grammar, at = self.grammar, reader.position
        if fragment:
            code, known = reader.bits(grammar.fragment_width), len(grammar.fragments)
        else:
            code, known = reader.bits(grammar.document_width), len(grammar.documents)
        if code < known and fragment:
            return grammar.fragments[code], grammar.fragment_names[code]
        if code < known:
            return (grammar.documents[code],), grammar.table.elements[grammar.documents[code]].name
        if code == known:
            raise Unsupported(f"it begins with an element that {self.schema.value} does not declare", at)
        raise UnexpectedEvent(f"event code {code} where {self.schema.value} has {known} elements", at)

    def _is_relaxed(self, positions: tuple[int, ...]) -> bool:
        """Tell whether elements of one name have several types."""
        return len(positions) > 1 and len({self.grammar.table.elements[position].type for position in positions}) > 1

    def _end(self, payload: bytes, reader: BitReader, *, fragment: bool) -> bytes:
        """Read the end, and return what follows it."""
        if fragment:
            at, end = reader.position, len(self.grammar.fragments) + 1
            if reader.bits(self.grammar.fragment_width) != end:
                raise UnexpectedEvent("the fragment does not end after its first element", at)
        trailing = payload[(reader.position + 7) >> 3 :]
        if trailing not in (b"", b"\0"):
            raise TrailingData(f"{len(trailing)} bytes follow the end", reader.position)
        return trailing

    def _code(self, codes: dict[str, int], value: object, name: str) -> int:
        if not name:
            names = self._documents_of.get(type(value), ())
            if len(names) != 1:
                several = f"several, give the name: {', '.join(names)}" if names else "none"
                raise EncodeError(f"documents of {self.schema.value} that hold a {type(value).__name__}: {several}")
            name = names[0]
        if name not in codes:
            raise no_such_element(self.schema, name, codes)
        return codes[name]

    @cached_property
    def _documents_of(self) -> dict[type, list[str]]:
        found: dict[type, list[str]] = {}
        for position in self.grammar.documents:
            element = self.grammar.table.elements[position]
            kind = self.grammar.kind(element.type)
            if isinstance(kind, Record):
                found.setdefault(kind.message, []).append(element.name)
        return found

    def _write(self, writer: BitWriter, position: int, value: object) -> None:
        element = self.grammar.table.elements[position]
        try:
            Stream(self.grammar, writer).element(self.grammar.kind(element.type), value)
        except EncodeError as error:
            error.path = f"/{element.name}{error.path}"
            raise


def no_such_element(schema: Schema, name: str, codes: dict[str, int]) -> EncodeError:
    """Return the error for a name that no document or fragment begins with."""
    several = [each for each in codes if each.endswith("}" + name)]
    hint = f"; it has {' and '.join(several)}" if several else ""
    return EncodeError(f"{schema.value} has no element {name} to begin with{hint}")


def _begun() -> BitWriter:
    writer = BitWriter()
    writer.bits(HEADER, 8)
    return writer


def _table(schema: Schema) -> Table:
    try:
        # Not importlib.resources, whose import takes longer than all the rest.
        table = msgspec.json.decode(pkgutil.get_data(__package__, f"tables/{schema.value}.json") or b"", type=Table)
    except (OSError, msgspec.DecodeError) as error:
        raise TableError(f"the grammar table of {schema.value} cannot be read: {error}") from error
    if table.format != FORMAT:
        raise TableError(f"the grammar table of {schema.value} has format {table.format}, not {FORMAT}")
    return table


@cache
def codec(schema: Schema) -> Codec:
    """Return the codec of a schema set with the usual limits; it is made when first asked for.

    Raises:
        TableError: the committed table cannot be read.
    """
    return Codec(schema)
