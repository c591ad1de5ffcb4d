"""Distinguished names as TLS lists them: those of the roots that a side trusts."""

from __future__ import annotations

from cryptography.x509 import Name, NameAttribute, ObjectIdentifier, RelativeDistinguishedName

from v2x_adapters.tls_probe.wire import Malformed, Reader

_SEQUENCE, _SET, _OID = 0x30, 0x31, 0x06
_ENCODINGS = {0x1E: "utf-16-be", 0x14: "latin-1", 0x1C: "utf-32-be"}
"""Strings that are not UTF-8 or a part of it: BMPString, TeletexString, UniversalString."""


def names(data: bytes) -> tuple[str, ...]:
    """Read a list of names in DER (RFC 8446: 4.2.4; RFC 5246: 7.4.4), and write them as RFC 4514 does.

    Raises:
        Malformed: it is none.
    """
    found: list[str] = []
    reader = Reader(Reader(data).vector(2))
    while reader:
        found.append(written(reader.vector(2)))
    return tuple(found)


def written(der: bytes) -> str:
    """Write a name as RFC 4514 does.

    Raises:
        Malformed: it is none.
    """
    try:
        parts = [
            RelativeDistinguishedName([_attribute(pair) for pair in _elements(part, _SEQUENCE)])
            for name in _elements(der, _SEQUENCE)
            for part in _elements(name, _SET)
        ]
        return Name(parts).rfc4514_string()
    except ValueError as error:
        raise Malformed(f"{der.hex()} is no distinguished name: {error}") from error


def _element(reader: Reader) -> tuple[int, bytes]:
    """Take one element of DER: its tag and what it holds."""
    tag, length = reader.number(1), reader.number(1)
    return tag, reader.take(length if length < 0x80 else reader.number(length & 0x7F))


def _elements(data: bytes, tag: int) -> list[bytes]:
    """Return what the elements hold that follow each other; all have the same tag."""
    reader, found = Reader(data), list[bytes]()
    while reader:
        each, inner = _element(reader)
        if each != tag:
            raise ValueError(f"tag 0x{each:02x} is where 0x{tag:02x} belongs")
        found.append(inner)
    return found


def _attribute(pair: bytes) -> NameAttribute[str]:
    reader = Reader(pair)
    tag, oid = _element(reader)
    if tag != _OID:
        raise ValueError("an attribute has no type")
    kind, value = _element(reader)
    # The length of a country's name is no matter here.
    return NameAttribute(_oid(oid), value.decode(_ENCODINGS.get(kind, "utf-8")), _validate=False)


def _oid(data: bytes) -> ObjectIdentifier:
    arcs, value = list[int](), 0
    for octet in data:
        value = value << 7 | octet & 0x7F
        if octet < 0x80:
            arcs, value = [*arcs, value], 0
    first = min(arcs[0] // 40, 2) if arcs else 0
    return ObjectIdentifier(".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))) if arcs else ObjectIdentifier("")
