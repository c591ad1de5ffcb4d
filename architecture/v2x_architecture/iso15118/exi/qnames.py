"""Names that are spelled out in the stream, and elements that no schema declares (EXI 1.0, 7.1.7, 7.3 and 8.4.3).

V2G messages have next to no use for them, but a stream that is not strict may hold them anywhere.
"""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.exi.bits import BitReader, BitWriter
from v2x_architecture.iso15118.exi.errors import InvalidValue
from v2x_architecture.iso15118.exi.model import Table

type Name = tuple[str, str]
"""Namespace and local name."""

XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"
_XML: Final = "http://www.w3.org/XML/1998/namespace"
XSD: Final = "http://www.w3.org/2001/XMLSchema"
_XSD_NAMES: Final = """
    ENTITIES ENTITY ID IDREF IDREFS NCName NMTOKEN NMTOKENS NOTATION Name QName anySimpleType anyType anyURI base64Binary
    boolean byte date dateTime decimal double duration float gDay gMonth gMonthDay gYear gYearMonth hexBinary int integer
    language long negativeInteger nonNegativeInteger nonPositiveInteger normalizedString positiveInteger short string time
    token unsignedByte unsignedInt unsignedLong unsignedShort
"""


class Names:
    """The URI and local name partitions of the string table of one stream; it grows with what the stream spells out."""

    def __init__(self, table: Table) -> None:
        self._uris = ["", _XML, XSI, XSD]
        self._locals: dict[str, list[str]] = {
            "": list(table.names[0]),
            _XML: ["base", "id", "lang", "space"],
            XSI: ["nil", "type"],
            XSD: _XSD_NAMES.split(),
        }
        for uri, names in zip(table.namespaces[1:], table.names[1:], strict=True):
            self._uris.append(uri)
            self._locals[uri] = list(names)

    def read(self, reader: BitReader) -> Name:
        """Return a qualified name (EXI 1.0, 7.1.7).

        Raises:
            DecodeError: the bits are none.
        """
        at = reader.position
        code = reader.bits(len(self._uris).bit_length())
        if code > len(self._uris):
            raise InvalidValue(f"{code} is no namespace", at)
        if code:
            uri = self._uris[code - 1]
        else:
            uri = reader.characters(reader.unsigned())
            self._uris.append(uri)
            self._locals.setdefault(uri, [])
        known = self._locals[uri]
        at = reader.position
        length = reader.unsigned()
        if length:
            local = reader.characters(length - 1)
            known.append(local)
            return uri, local
        index = reader.bits(max(len(known) - 1, 0).bit_length())
        if index >= len(known):
            raise InvalidValue(f"{index} is no local name of {uri or 'no namespace'}", at)
        return uri, known[index]

    def write(self, writer: BitWriter, name: Name) -> None:
        """Write a qualified name (EXI 1.0, 7.1.7).

        Raises:
            EncodeError: it has what is no character.
        """
        uri, local = name
        width = len(self._uris).bit_length()
        if uri in self._locals:
            writer.bits(self._uris.index(uri) + 1, width)
        else:
            writer.bits(0, width)
            writer.unsigned(len(uri))
            writer.characters(uri)
            self._uris.append(uri)
            self._locals[uri] = []
        known = self._locals[uri]
        if local in known:
            writer.unsigned(0)
            writer.bits(known.index(local), max(len(known) - 1, 0).bit_length())
        else:
            writer.unsigned(len(local) + 1)
            writer.characters(local)
            known.append(local)


def spelled(name: Name) -> str:
    """Return a name as one text: ``{urn:…}name``."""
    return f"{{{name[0]}}}{name[1]}"


def parted(text: str) -> Name:
    """Return the name that a text spells."""
    uri, _, local = text.rpartition("}")
    return uri.removeprefix("{"), local


type Happening = tuple[str, str | Name]
"""An event of an element without schema: ``AT`` or ``SE`` with the name, or nothing with ``EE`` or ``CH``."""


class Learned:
    """The built-in grammar of an element that no schema declares: it learns what it has seen (EXI 1.0, 8.4.3).

    Attributes:
        tag: what may come in the start tag, the latest learned first: an attribute's or element's name, or ``EE`` or ``CH``.
        content: what may come after it; ``EE`` may from the beginning.
    """

    END: Final[Happening] = ("", "EE")
    TEXT: Final[Happening] = ("", "CH")
    ATTRIBUTE: Final = "AT"
    ELEMENT: Final = "SE"

    def __init__(self) -> None:
        self.tag: list[Happening] = []
        self.content: list[Happening] = [self.END]

    def next(self, reader: BitReader, names: Names, *, in_tag: bool) -> Happening:
        """Return what comes next, and learn it.

        Raises:
            DecodeError: the bits are no event.
        """
        learned = self.tag if in_tag else self.content
        at = reader.position
        code = reader.bits(len(learned).bit_length())
        if code < len(learned):
            return learned[code]
        if code > len(learned):
            raise InvalidValue(f"{code} is no event of an element without schema", at)
        kinds = _IN_TAG if in_tag else _IN_CONTENT
        kind = kinds[reader.bits(2 if in_tag else 1)]
        found: Happening = ("", kind) if kind in ("EE", "CH") else (kind, names.read(reader))
        if found not in learned:
            learned.insert(0, found)
        return found

    def write(self, writer: BitWriter, names: Names, event: Happening, *, in_tag: bool) -> None:
        """Write what comes next, and learn it.

        Raises:
            EncodeError: a name has what is no character.
        """
        learned = self.tag if in_tag else self.content
        width = len(learned).bit_length()
        if event in learned:
            writer.bits(learned.index(event), width)
            return
        kind, name = event
        writer.bits(len(learned), width)
        kinds = _IN_TAG if in_tag else _IN_CONTENT
        writer.bits(kinds.index(kind or str(name)), 2 if in_tag else 1)
        if isinstance(name, tuple):
            names.write(writer, name)
        learned.insert(0, event)


_IN_TAG: Final = ("EE", Learned.ATTRIBUTE, Learned.ELEMENT, "CH")
_IN_CONTENT: Final = (Learned.ELEMENT, "CH")
