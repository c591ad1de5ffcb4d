"""Judges files of known payloads: whether they decode, to the values that another codec found, and encode to the same bytes."""

from __future__ import annotations

import gzip
import io
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import IO, Final, cast

import msgspec

from v2x_architecture.iso15118.exi.errors import ExiError
from v2x_architecture.iso15118.exi.facets import validate
from v2x_architecture.iso15118.exi.hexadecimal import octets
from v2x_architecture.iso15118.exi.schema_codec import Codec, Decoded
from v2x_architecture.iso15118.exi.schemas import PAYLOAD_TYPES, Schema
from v2x_architecture.iso15118.exi.walk import values
from v2x_architecture.iso15118.exi.xml import from_xml

_GZIP: Final = b"\x1f\x8b"
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
_V2GTP: Final = b"\x01\xfe"
_V2GTP_LENGTH: Final = 8
_MEMBERS: Final = re.compile(r"[\s,;+/-]+")


class Vector(msgspec.Struct, frozen=True):
    """A line of a file of payloads; other keys than these are ignored.

    Attributes:
        schema: the set, in either case; a V2GTP payload type (``32772`` or ``0x8004``) stands for its sets. Where several are
            named (``AC-AC_DER_IEC``), the payload has to be one of each.
        hex: the payload, as `hexadecimal.octets` reads it; a V2GTP header before it is taken off.
        expected_xml: what another codec decoded it to; None or empty where none could.
        fragment: whether it is a fragment.
    """

    schema: str
    hex: str
    expected_xml: str | None = None
    fragment: bool = False

    @property
    def payload(self) -> bytes:
        """The octets of the payload.

        Raises:
            ValueError: there are none.
        """
        data = octets(self.hex)
        if data.startswith(_V2GTP) and len(data) > _V2GTP_LENGTH == len(data) - int.from_bytes(data[4:_V2GTP_LENGTH]):
            return data[_V2GTP_LENGTH:]
        return data


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How a payload fared.

    Attributes:
        schema: the set.
        name: element that it begins with; empty when it could not be decoded.
        decoded: whether it could be decoded.
        value_equal: whether it holds the expected values; None when none are given.
        byte_exact: whether its message encodes to the same bytes.
        problem: what is wrong; empty when nothing is.
        bit_offset, pointer: where, if that is known.
        fits: of one that could not be decoded, what it may be instead: it decodes so, is valid, and encodes to the same bytes.
    """

    schema: str
    name: str = ""
    decoded: bool = False
    value_equal: bool | None = None
    byte_exact: bool = False
    problem: str = ""
    bit_offset: int | None = None
    pointer: str = ""
    fits: tuple[str, ...] = ()


def read_lines(file: IO[bytes], progress: Callable[[int], None] | None = None) -> Iterator[tuple[int, bytes]]:
    """Give the lines of a file with their numbers, from 1; blank ones are passed over.

    Args:
        file: open for reading; what it holds may be compressed with gzip.
        progress: told how many octets of the file have been read since it was last told.

    Raises:
        OSError: the file cannot be read, or is damaged (`EOFError` when it is cut off).
    """
    buffered = file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, file))
    is_compressed = buffered.peek(len(_GZIP)).startswith(_GZIP)
    stream: IO[bytes] = io.BufferedReader(gzip.GzipFile(fileobj=buffered)) if is_compressed else buffered
    told = 0
    for number, line in enumerate(stream, 1):
        if progress and (read := buffered.tell()) > told:
            progress(read - told)
            told = read
        text = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
        if text.strip():
            yield number, text


def read_vector(line: bytes) -> Vector:
    """Return what a line holds.

    Raises:
        ValueError: it is no JSON object with ``schema`` and ``hex``: what is wrong with it, and what to do.
    """
    try:
        vector = msgspec.json.decode(line, type=Vector)
    except msgspec.ValidationError as error:
        raise ValueError(_remedy(line, error)) from None
    except msgspec.DecodeError as error:
        hint = "; is the file compressed twice, or no JSON at all?" if line[:1] not in b"{[" else ""
        raise ValueError(f"{error}{hint}") from None
    try:
        empty = not vector.payload
    except ValueError as error:
        raise ValueError(f"hex: {error}") from None
    if empty:
        raise ValueError("hex: it has no digits")
    return vector


def _remedy(line: bytes, error: msgspec.ValidationError) -> str:
    """Return what is wrong with a line of JSON, and what to do."""
    given = msgspec.json.decode(line)
    if not isinstance(given, dict):
        return f"{error}; write an object a line, no array around them (jq -c '.[]' FILE makes them of one)"
    absent = [key for key in ("schema", "hex") if key not in given]
    if absent:
        return f"it has no {' and no '.join(f'`{key}`' for key in absent)}, but {', '.join(map(repr, given)) or 'nothing'}"
    return str(error)


def judge(vector: Vector) -> Outcome:
    """Decode a payload, compare it with what is expected, and encode it again.

    Raises:
        ValueError: the vector has no payload.
    """
    payload = vector.payload
    members = _named(vector.schema)
    if not members:
        known = f"; there are those of {', '.join(Schema)}"
        problem = f"there is no grammar of {vector.schema or 'nothing'}{known}"
        return Outcome(schema=vector.schema, problem=problem, fits=_fits(payload, ()))
    outcomes = [_best(_judged(schema, payload, vector) for schema in alternatives) for alternatives in members]
    worst = min(outcomes, key=_merit)
    if worst.decoded:
        return worst
    tried = {(schema, vector.fragment) for alternatives in members for schema in alternatives}
    return msgspec.structs.replace(worst, fits=_fits(payload, tried))


def _named(label: str) -> list[tuple[Schema, ...]]:
    """Return for each set that a label names, or payload type, the sets that it may be; nothing when one is unknown."""
    found: list[tuple[Schema, ...]] = []
    for each in [label] if label.strip().lower() in Schema else [part for part in _MEMBERS.split(label) if part]:
        name = each.strip().lower()
        if name in Schema:
            found.append((Schema(name),))
        else:
            try:
                found.append(PAYLOAD_TYPES[int(name, 0)])
            except (ValueError, KeyError):
                return []
    return found


def _merit(outcome: Outcome) -> tuple[bool, bool, bool]:
    return outcome.decoded, outcome.value_equal is not False, outcome.byte_exact


def _best(outcomes: Iterator[Outcome]) -> Outcome:
    """Return the first that nothing is wrong with, else the best."""
    tried: list[Outcome] = []
    for outcome in outcomes:
        if not outcome.problem:
            return outcome
        tried.append(outcome)
    return max(tried, key=_merit)


def _fits(payload: bytes, tried: object) -> tuple[str, ...]:
    """Return what a payload may be: documents and fragments of other sets that it is a valid encoding of, to the bit."""
    found = []
    for fragment in (False, True):
        for schema in Schema:
            if isinstance(tried, set) and (schema, fragment) in tried:
                continue
            known = _codec(schema)
            try:
                decoded = known.decode_fragment(payload) if fragment else known.decode(payload)
            except ExiError:
                continue
            if _again(decoded)[0] and not validate(decoded):
                found.append(f"{'fragment' if fragment else 'document'} of {schema} ({decoded.name})")
    return tuple(found)


@cache
def _codec(schema: Schema) -> Codec:
    """Return a codec that reads whatever can be read."""
    return Codec(schema, nillable=True)


def _judged(schema: Schema, payload: bytes, vector: Vector) -> Outcome:
    known = _codec(schema)
    try:
        decoded = known.decode_fragment(payload) if vector.fragment else known.decode(payload)
    except ExiError as error:
        return Outcome(schema=schema, problem=error.text, bit_offset=error.bit_offset, pointer=error.path)
    equal, problem, pointer = _compared(decoded, vector.expected_xml)
    exact, other = _again(decoded)
    return Outcome(
        schema=schema,
        name=decoded.name,
        decoded=True,
        value_equal=equal,
        byte_exact=exact,
        problem=problem or other,
        pointer=pointer,
    )


def _again(decoded: Decoded) -> tuple[bool, str]:
    """Return whether a message encodes to the bytes it came from, and why not."""
    known = decoded.codec
    try:
        encoded = (
            known.encode_fragment(decoded.message, decoded.name)
            if decoded.is_fragment
            else known.encode(decoded.message, decoded.name)
        )
    except ExiError as error:
        return False, str(error)
    if encoded == decoded.raw:
        return True, ""
    if decoded.deviations:
        first = decoded.deviations[0]
        return False, f"it deviates from the schema: {first.event} at bit {first.offset} in {first.pointer}"
    if decoded.trailing:
        return False, f"{len(decoded.trailing)} byte follows the document"
    return False, f"it encodes to {encoded.hex()}"


def _compared(decoded: Decoded, xml: str | None) -> tuple[bool | None, str, str]:
    """Return whether a message holds what XML says, what is different, and where."""
    if xml is None or not xml.strip():
        return None, "", ""
    known = decoded.codec
    try:
        name, expected = from_xml(known, xml, fragment=decoded.is_fragment)
    except ExiError as error:
        return False, f"the expected XML does not fit the schema: {error.text}", error.path
    if (name, expected) == (decoded.name, decoded.message):
        return True, "", ""
    if name != decoded.name:
        return False, f"it is a {decoded.name}; expected is a {name}", ""
    wanted = {pointer: kind.text(value) for pointer, kind, value in values(known, name, expected, fragment=decoded.is_fragment)}
    found = {
        pointer: kind.text(value) for pointer, kind, value in values(known, name, decoded.message, fragment=decoded.is_fragment)
    }
    for pointer in [*found, *wanted]:
        if found.get(pointer) != wanted.get(pointer):
            return False, f"{_quoted(found.get(pointer))}; expected is {_quoted(wanted.get(pointer))}", pointer
    return False, "it has other elements than expected", ""


def _quoted(text: str | None) -> str:
    return "nothing" if text is None else repr(text)
