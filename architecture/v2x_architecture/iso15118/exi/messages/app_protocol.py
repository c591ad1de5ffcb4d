"""urn:iso:15118:2:2010:AppProtocol.

Written by ``v2x exi tables``; changes belong in the generator.
"""

from __future__ import annotations

from typing import Literal

import msgspec

type responseCodeType = Literal["OK_SuccessfulNegotiation", "OK_SuccessfulNegotiationWithMinorDeviation", "Failed_NoNegotiation"]


class supportedAppProtocolReq(msgspec.Struct, kw_only=True):
    """Content of the element ``supportedAppProtocolReq``."""

    AppProtocol: list[AppProtocolType]


class AppProtocolType(msgspec.Struct, kw_only=True):
    """A ``AppProtocolType``.

    Attributes:
        ProtocolNamespace: at most 100 characters.
        VersionNumberMajor: 0 to 4294967295.
        VersionNumberMinor: 0 to 4294967295.
        SchemaID: 0 to 255.
        Priority: 1 to 20.
    """

    ProtocolNamespace: str
    VersionNumberMajor: int
    VersionNumberMinor: int
    SchemaID: int
    Priority: int


class supportedAppProtocolRes(msgspec.Struct, kw_only=True):
    """Content of the element ``supportedAppProtocolRes``.

    Attributes:
        SchemaID: 0 to 255.
    """

    ResponseCode: responseCodeType
    SchemaID: int | None = None
