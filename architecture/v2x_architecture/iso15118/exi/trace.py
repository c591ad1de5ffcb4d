"""Where each value of a message stands in its bits, and what deviates from the schema."""

from __future__ import annotations

import msgspec


class Mark(msgspec.Struct, frozen=True):
    """An element or attribute, and its bits.

    Attributes:
        pointer: JSON pointer in the plain form of the message, which is the grammar path: ``/V2G_Message/Body/…``.
        event: the bit at which its event code begins.
        offset: the first bit of its value; for an element with content of its own, the first bit after its event code.
        width: number of bits from there to the end of its value or element.
        text: its value as it stands in XML; None for an element with content of its own.
    """

    pointer: str
    event: int
    offset: int
    width: int
    text: str | None = None


class Deviation(msgspec.Struct, frozen=True):
    """Something that the schema does not declare, but an EXI stream that is not strict can say.

    Attributes:
        pointer: of the element that it stands in.
        offset: the bit at which its event code begins.
        event: what it is: ``EE``, ``AT(*)``, ``SE(*)``, ``CH [untyped value]`` and so on (EXI 1.0, 8.5.4.4.1).
        text: name or value.
    """

    pointer: str
    offset: int
    event: str
    text: str = ""


class Trace(msgspec.Struct, frozen=True):
    """What the careful reader noted on its way.

    Attributes:
        marks: of all elements and attributes, in the order in which they end.
        deviations: in the order in which they came.
        end: number of bits of the document, without padding.
    """

    marks: tuple[Mark, ...]
    deviations: tuple[Deviation, ...]
    end: int

    def at(self, pointer: str) -> Mark | None:
        """Return the mark of a pointer; for a member of a list that is too far, or an absent field, None."""
        return next((mark for mark in self.marks if mark.pointer == pointer), None)
