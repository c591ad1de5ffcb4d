"""Payloads as people give them: hexadecimal, files, with a V2GTP header or without."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import msgspec
from v2x_architecture.iso15118.exi import PAYLOAD_TYPES, Schema
from v2x_architecture.iso15118.exi.hexadecimal import octets
from v2x_harness.errors import HarnessError

_V2GTP: Final = b"\x01\xfe"
_V2GTP_LENGTH: Final = 8
_SHOWN: Final = 60
_CAPTURES: Final = (b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4", b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d", b"\x0a\x0d\x0d\x0a")
"""What files of pcap and pcapng begin with."""


class Payload(msgspec.Struct, frozen=True):
    """An EXI payload.

    Attributes:
        data: its bytes.
        payload_type: of the V2GTP header that stood before it; None when there was none.
    """

    data: bytes
    payload_type: int | None = None


def payload_of(source: str) -> Payload:
    """Return the payload that an argument of the command line stands for.

    Args:
        source: hexadecimal, the name of a file (of bytes or of hexadecimal), or ``-`` for standard input.

    Raises:
        HarnessError: it is neither.
    """
    digits = None if source == "-" else _hex(source)
    if digits is not None:
        return _opened(digits)
    try:
        data = sys.stdin.buffer.read() if source == "-" else Path(source).read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        shown = source if len(source) <= _SHOWN else f"{source[:_SHOWN]}…"
        raise HarnessError(f"{shown} is neither hexadecimal ({_why_not(source)}) nor a file that can be read: {reason}") from None
    try:
        digits = _hex(data.decode("ascii"))
    except UnicodeDecodeError:
        digits = None
    if digits is None and (hint := _elsewhere(data)):
        raise HarnessError(f"{'standard input' if source == '-' else source} is no payload", hint)
    return _opened(data if digits is None else digits)


def sets_of(payload: Payload) -> tuple[Schema, ...]:
    """Return the schema sets that a payload can belong to."""
    if payload.payload_type is None:
        return tuple(Schema)
    return PAYLOAD_TYPES.get(payload.payload_type, tuple(Schema))


def _hex(text: str) -> bytes | None:
    try:
        return octets(text)
    except ValueError:
        return None


def _elsewhere(data: bytes) -> str:
    """Return which command a file is for that is none of a payload; empty for any other file."""
    if data.startswith(_CAPTURES):
        return "v2x check reads captures"
    if data.lstrip().startswith(b"{"):
        return "v2x exi check reads payloads of such lines, v2x exi encode messages"
    return "v2x exi encode reads messages in XML" if data.lstrip().startswith(b"<") else ""


def _why_not(text: str) -> object:
    try:
        return octets(text)
    except ValueError as error:
        return error


def _opened(data: bytes) -> Payload:
    if not data:
        raise HarnessError("the payload is empty")
    if not data.startswith(_V2GTP):
        return Payload(data)
    if len(data) < _V2GTP_LENGTH:
        raise HarnessError("there is a V2GTP header that is cut off, and no payload")
    length = int.from_bytes(data[4:_V2GTP_LENGTH])
    if length != len(data) - _V2GTP_LENGTH:
        raise HarnessError(f"the V2GTP header promises {length} bytes; {len(data) - _V2GTP_LENGTH} follow")
    return Payload(data[_V2GTP_LENGTH:], int.from_bytes(data[2:4]))
