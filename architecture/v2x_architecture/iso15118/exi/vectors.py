"""Judges files of known payloads: whether they decode, to the values that another codec found, and encode to the same bytes."""

from __future__ import annotations

import gzip
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import msgspec

from v2x_architecture.iso15118.exi.errors import ExiError, Unsupported
from v2x_architecture.iso15118.exi.schema_codec import Decoded, codec
from v2x_architecture.iso15118.exi.schemas import Schema
from v2x_architecture.iso15118.exi.walk import values
from v2x_architecture.iso15118.exi.xml import from_xml


class Vector(msgspec.Struct, frozen=True):
    """A line of a file of payloads; other keys than these are ignored.

    Attributes:
        schema: the set.
        hex: the payload.
        expected_xml: what another codec decoded it to; None or empty where none could.
        fragment: whether it is a fragment.
    """

    schema: str
    hex: str
    expected_xml: str | None = None
    fragment: bool = False


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
    """

    schema: str
    name: str = ""
    decoded: bool = False
    value_equal: bool | None = None
    byte_exact: bool = False
    problem: str = ""
    bit_offset: int | None = None
    pointer: str = ""


def read_lines(path: Path, progress: Callable[[int], None] | None = None) -> Iterator[bytes]:
    """Give the lines of a file, which may be compressed with gzip.

    Args:
        path: of the file.
        progress: told how many octets of the file have been read since it was last told.

    Raises:
        OSError: the file cannot be read, or is damaged (`EOFError` when it is cut off).
    """
    with path.open("rb") as file:
        raw: IO[bytes] = file
        stream: IO[bytes] = io.BufferedReader(gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw
        told = 0
        for line in stream:
            if progress and (read := raw.tell()) > told:
                progress(read - told)
                told = read
            if line.strip():
                yield line


def read_vector(line: bytes) -> Vector:
    """Return what a line holds.

    Raises:
        ValueError: it is no JSON object with ``schema`` and ``hex``.
    """
    vector = msgspec.json.decode(line, type=Vector)
    bytes.fromhex(vector.hex)
    return vector


def judge(vector: Vector) -> Outcome:
    """Decode a payload, compare it with what is expected, and encode it again."""
    try:
        schema = Schema(vector.schema)
    except ValueError:
        return Outcome(schema=vector.schema, problem=f"there is no grammar of {vector.schema}")
    known = codec(schema)
    payload = bytes.fromhex(vector.hex)
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
    known = codec(decoded.schema)
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
    if not xml:
        return None, "", ""
    known = codec(decoded.schema)
    try:
        name, expected = from_xml(known, xml, fragment=decoded.is_fragment)
    except Unsupported:
        return None, "", ""
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
