"""The protocol negotiation before every session (15118-2: 8.2; 15118-20: 8.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from v2x_architecture.iso15118.editions import Application
from v2x_architecture.iso15118.exi.messages.app_protocol import (
    AppProtocolType,
    responseCodeType,
    supportedAppProtocolReq,
    supportedAppProtocolRes,
)


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """What an SECC chooses of an offer.

    Attributes:
        application: the protocol; None when there is none that both have.
        schema_id: of the entry that was chosen.
        minor_deviation: whether the minor versions differ.
    """

    application: Application | None = None
    schema_id: int | None = None
    minor_deviation: bool = False

    @property
    def response_code(self) -> responseCodeType:
        """What the response says."""
        if self.application is None:
            return "Failed_NoNegotiation"
        return "OK_SuccessfulNegotiationWithMinorDeviation" if self.minor_deviation else "OK_SuccessfulNegotiation"

    def response(self) -> supportedAppProtocolRes:
        """Return the message."""
        return supportedAppProtocolRes(ResponseCode=self.response_code, SchemaID=self.schema_id)


def offer(applications: Sequence[Application], first_schema_id: int = 1) -> supportedAppProtocolReq:
    """Return an EVCC's offer.

    Args:
        applications: what it speaks, at most 20; the first is the dearest to it.
        first_schema_id: SchemaID of the first; those of the others follow.
    """
    return supportedAppProtocolReq(
        AppProtocol=[
            AppProtocolType(
                ProtocolNamespace=each.namespace,
                VersionNumberMajor=each.major,
                VersionNumberMinor=each.minor,
                SchemaID=first_schema_id + place - 1,
                Priority=place,
            )
            for place, each in enumerate(applications, start=1)
        ]
    )


def choose(request: supportedAppProtocolReq, supported: Iterable[Application]) -> Agreement:
    """Return what an SECC agrees to: of what both have, the EV's dearest.

    The major versions must be the same, the minor ones need not be ([V2G2-170], [V2G2-172]).

    Args:
        request: the EV's offer; priority 1 is the dearest.
        supported: what the SECC speaks.
    """
    spoken = {(each.namespace, each.major): each for each in supported}
    for entry in sorted(request.AppProtocol, key=lambda each: each.Priority):
        application = spoken.get((entry.ProtocolNamespace, entry.VersionNumberMajor))
        if application is not None:
            deviates = entry.VersionNumberMinor != application.minor
            return Agreement(application=application, schema_id=entry.SchemaID, minor_deviation=deviates)
    return Agreement()


def chosen(
    response: supportedAppProtocolRes, request: supportedAppProtocolReq, offered: Sequence[Application]
) -> Application | None:
    """Return the protocol that an SECC has chosen of an EVCC's offer; None when it has chosen none, or what was not offered.

    A response that leaves the SchemaID out is taken when only one was offered.
    """
    if response.ResponseCode == "Failed_NoNegotiation":
        return None
    if response.SchemaID is None:
        return offered[0] if len(offered) == 1 else None
    for entry, application in zip(request.AppProtocol, offered, strict=True):
        if entry.SchemaID == response.SchemaID:
            return application
    return None
