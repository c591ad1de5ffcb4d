"""The error codes of the RPC framework, as each version spells them (1.6 table 7; 2.0.1 table 8; 2.1 table 9).

Code that answers errors uses the names of 2.x throughout; :func:`spell` gives the name on the wire.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from v2x_architecture.ocpp.versions import Version


class ErrorCode(StrEnum):
    """An error code under its 2.x name."""

    FORMAT_VIOLATION = "FormatViolation"
    GENERIC_ERROR = "GenericError"
    INTERNAL_ERROR = "InternalError"
    MESSAGE_TYPE_NOT_SUPPORTED = "MessageTypeNotSupported"
    NOT_IMPLEMENTED = "NotImplemented"
    NOT_SUPPORTED = "NotSupported"
    OCCURRENCE_CONSTRAINT_VIOLATION = "OccurrenceConstraintViolation"
    PROPERTY_CONSTRAINT_VIOLATION = "PropertyConstraintViolation"
    PROTOCOL_ERROR = "ProtocolError"
    RPC_FRAMEWORK_ERROR = "RpcFrameworkError"
    SECURITY_ERROR = "SecurityError"
    TYPE_CONSTRAINT_VIOLATION = "TypeConstraintViolation"


# 1.6 has two names of its own (one a slip of the pen that its errata keep on purpose) and lacks two codes of 2.x:
# what is no proper call is "not conform the PDU structure" there.
_IN_1_6: Final[Mapping[str, str]] = {
    ErrorCode.FORMAT_VIOLATION: "FormationViolation",
    ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION: "OccurenceConstraintViolation",
    ErrorCode.RPC_FRAMEWORK_ERROR: "FormationViolation",
    ErrorCode.MESSAGE_TYPE_NOT_SUPPORTED: "GenericError",
}
_2_X: Final[frozenset[str]] = frozenset(ErrorCode)
_ALLOWED: Final[dict[Version, frozenset[str]]] = {
    "1.6": frozenset(_IN_1_6.get(code, code) for code in _2_X),
    "2.0.1": _2_X,
    "2.1": _2_X,
}
_MEANING_IN_1_6: Final[Mapping[str, ErrorCode]] = {
    "FormationViolation": ErrorCode.FORMAT_VIOLATION,
    "OccurenceConstraintViolation": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
}


def spell(code: str, version: Version) -> str:
    """Return how ``version`` spells a code that is given by its 2.x name (or already by its own)."""
    return str((_IN_1_6 if version == "1.6" else _MEANING_IN_1_6).get(code, code))


def meaning(code: str) -> ErrorCode | None:
    """Return the code that a peer's spelling stands for, None when no version has it."""
    if code in _MEANING_IN_1_6:
        return _MEANING_IN_1_6[code]
    return ErrorCode(code) if code in _2_X else None


def allowed(version: Version) -> frozenset[str]:
    """Return the codes that a CALLERROR of that version may carry, as spelled there."""
    return _ALLOWED[version]
