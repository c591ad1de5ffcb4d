"""Strict validation: what a message holds that can be coded, but that its schema does not allow.

Decoding is lenient, for vehicles and stations in the field are not valid in every detail; what they get wrong is found here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import msgspec

from v2x_architecture.iso15118.exi.schema_codec import Codec, Decoded
from v2x_architecture.iso15118.exi.values import Simple, Value
from v2x_architecture.iso15118.exi.walk import values

_NAME: Final = re.compile(r"[^\W\d][\w.\-]*")
_SHOWN: Final = 80


class Violation(msgspec.Struct, frozen=True):
    """A value that its type does not allow.

    Attributes:
        pointer: of the value in the plain form of the message; empty for the payload as a whole.
        offset: its first bit; None for a message that was not decoded.
        facet: which rule: ``length``, ``minLength``, ``maxLength``, ``minInclusive``, ``maxInclusive``, ``NCName``,
            ``character`` (none of XML), ``deviation`` (the schema does not declare it), ``padding`` or ``trailing``.
        value: what stands there.
        expected: what may stand there.
    """

    pointer: str
    offset: int | None
    facet: str
    value: str
    expected: str


def validate(decoded: Decoded) -> list[Violation]:
    """Return what a payload holds against its schema, with the bits where it stands."""
    found = [
        *validate_message(decoded.codec, decoded.name, decoded.message, fragment=decoded.is_fragment),
        *_deviations(decoded),
        *_end(decoded),
    ]
    if not found:
        return found
    offsets = {mark.pointer: mark.offset for mark in decoded.trace.marks}
    return [each if each.offset is not None else msgspec.structs.replace(each, offset=offsets[each.pointer]) for each in found]


def validate_message(codec: Codec, name: str, message: object, *, fragment: bool = False) -> list[Violation]:
    """Return what a message holds against its schema.

    Args:
        codec: of the schema set.
        name: of the element that the document or fragment begins with.
        message: what it holds.
        fragment: whether it is a fragment.

    Raises:
        EncodeError: the schema has no such element, or the message does not belong there.
    """
    return [
        Violation(pointer, None, facet, _shown(kind.text(value)), expected)
        for pointer, kind, value in values(codec, name, message, fragment=fragment)
        for facet, expected in _broken(kind, value)
    ]


def _broken(kind: Simple, value: Value) -> Iterator[tuple[str, str]]:
    facets = kind.facets
    if isinstance(value, str | bytes) and not kind.model.values:
        what = "octets" if isinstance(value, bytes) else "characters"
        if facets.length is not None and len(value) != facets.length:
            yield "length", f"{facets.length} {what}, not {len(value)}"
        if facets.min_length is not None and len(value) < facets.min_length:
            yield "minLength", f"at least {facets.min_length} {what}, not {len(value)}"
        if facets.max_length is not None and len(value) > facets.max_length:
            yield "maxLength", f"at most {facets.max_length} {what}, not {len(value)}"
    if isinstance(value, str):
        if facets.name and not _NAME.fullmatch(value):
            yield "NCName", "an XML name without colon"
        if not value.isprintable():
            for strange in sorted(each for each in set(value) if not _in_xml(ord(each)))[:1]:
                yield "character", f"characters of XML, not {ord(strange):#x}"
    elif isinstance(value, int):
        if facets.minimum is not None and value < facets.minimum:
            yield "minInclusive", f"at least {facets.minimum}"
        if facets.maximum is not None and value > facets.maximum:
            yield "maxInclusive", f"at most {facets.maximum}"


def _in_xml(code: int) -> bool:
    """Return whether XML 1.0 has the character (2.2)."""
    return code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code >= 0x10000


def _deviations(decoded: Decoded) -> Iterator[Violation]:
    for each in decoded.deviations:
        yield Violation(each.pointer, each.offset, "deviation", _shown(each.text), f"no {each.event}")


def _end(decoded: Decoded) -> Iterator[Violation]:
    end = 8 * (len(decoded.raw) - len(decoded.trailing))
    if decoded.trailing:
        yield Violation("", end, "trailing", decoded.trailing.hex(), "nothing after the document")
    used = decoded.end
    padding = int.from_bytes(decoded.raw) >> 8 * len(decoded.trailing) & ((1 << (end - used)) - 1)
    if padding:
        yield Violation("", used, "padding", f"{padding:0{end - used}b}", "zero bits")


def _shown(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
