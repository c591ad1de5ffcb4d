"""What can go wrong with EXI, and whose fault it is.

- The bytes are no EXI of the schema: :class:`DecodeError`, by kind :class:`HeaderError`, :class:`EndOfData`,
  :class:`UnexpectedEvent`, :class:`InvalidValue`, :class:`TrailingData`. The sender is at fault.
- The bytes ask for more than we are willing to spend: :class:`LimitExceeded`. The sender is at fault.
- The bytes may be EXI, but use what V2G messages have no use for: :class:`Unsupported`. It is ours to say no.
- A message of ours cannot be written: :class:`EncodeError`. We are at fault; nothing was written.
- The grammar tables cannot be made or read: :class:`TableError`. The installation is at fault.
"""

from __future__ import annotations

from enum import StrEnum


class Fault(StrEnum):
    """Whose fault an error is."""

    LOCAL = "local"
    REMOTE = "remote"


class ExiError(Exception):
    """Base of all errors of this package.

    Attributes:
        text: what is wrong, in words.
        bit_offset: of the bit where it was noticed, counted from the first bit of the payload; None where bits play no part.
        path: the grammar path, as ``/V2G_Message/Body/SessionSetupReq/EVCCID``; empty outside of any element.
        fault: whose fault it is.
    """

    fault = Fault.LOCAL

    def __init__(self, text: str, bit_offset: int | None = None, path: str = "") -> None:
        super().__init__(text, bit_offset, path)
        self.text = text
        self.bit_offset = bit_offset
        self.path = path

    def __str__(self) -> str:
        where = [f"at bit {self.bit_offset}"] if self.bit_offset is not None else []
        where += [f"in {self.path}"] if self.path else []
        return f"{self.text} ({' '.join(where)})" if where else self.text


class DecodeError(ExiError):
    """The bytes are no EXI document of the schema set."""

    fault = Fault.REMOTE


class HeaderError(DecodeError):
    """The first byte is not the EXI header that V2G asks for (0x80)."""


class EndOfData(DecodeError):
    """The payload ends in the middle of the document."""


class UnexpectedEvent(DecodeError):
    """An event code that has no meaning here, or an element that ends before its content is complete."""


class InvalidValue(DecodeError):
    """A value that its type has no room for: an enumeration index out of range, a string table hit, no character."""


class TrailingData(DecodeError):
    """More bytes follow the document than one zero byte."""


class LimitExceeded(DecodeError):
    """The payload is too long, too deep, or has too long a value or list."""


class Unsupported(ExiError):
    """Legal EXI that V2G messages have no use for, and that is not read or written here."""


class EncodeError(ExiError):
    """A message does not fit its schema so that no bits stand for it."""


class TableError(ExiError):
    """Grammar tables cannot be made from the XSDs, or cannot be read."""
