"""Values as messages carry them: times, integers, identifiers."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.errors import CallRefused

_INT64 = 2**63
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def stamp(moment: datetime) -> str:
    """Return a time as OCPP likes it best: UTC, ``Z``, milliseconds (2.0.1 part 2, 2.1.4; 1.6 3.13).

    More than three decimals or another offset are legal, and known stations trip on them.
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """Read a time; one without an offset is taken as UTC, as stations in the field mean it.

    Raises:
        CallRefused: it is no date and time of RFC 3339 (a schema's ``format`` is not asserted).
    """
    try:
        moment = datetime.fromisoformat(text.upper()) if "T" in text.upper() else None
        if moment is not None:
            return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass  # refused as any other text
    raise CallRefused(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, f"{text[:64]!r} is no date and time")


def integer(value: Any) -> int:
    """Read an integer: JSON Schema counts 1.0 as one, and sets no bounds.

    Raises:
        CallRefused: it is beyond 64 bits, which no OCPP integer is.
    """
    number = int(value)
    if not -_INT64 <= number < _INT64:
        raise CallRefused(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, f"{number} is no 32-bit integer")
    return number


def optional_integer(value: Any) -> int | None:
    """Read an integer that may be absent."""
    return None if value is None else integer(value)


def token_key(id_token: str) -> str:
    """Return an identifier as it is compared: without regard to case (1.6 CiString20Type; 2.0.1 identifierString)."""
    return storable(id_token.casefold())


def storable(text: str) -> str:
    """Return a text as databases take it: NUL and lone surrogates, which JSON allows, become U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)
