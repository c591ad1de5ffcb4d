"""What a look at an SECC or an EVCC tells, when only the address is known."""

from __future__ import annotations

import asyncio

from v2x_adapters.iso15118.places import Place
from v2x_architecture.iso15118.editions import APPLICATIONS, Edition
from v2x_architecture.iso15118.exi import ExiError, Schema, codec
from v2x_architecture.iso15118.exi.messages.app_protocol import supportedAppProtocolReq, supportedAppProtocolRes
from v2x_architecture.iso15118.negotiation import chosen, offer
from v2x_architecture.iso15118.sdp import Request, Security
from v2x_architecture.iso15118.tcp import ConnectFailed, connect
from v2x_architecture.iso15118.udp import NotFound, discover, scope_of
from v2x_architecture.iso15118.v2gtp import PayloadType, Received
from v2x_harness.errors import AdapterError
from v2x_harness.protocol import Probed
from v2x_harness.subject import Endpoint

_VERSIONS = {Edition.DIN: "din", Edition.ISO2: "2", Edition.ISO20: "20"}


async def probe_secc(endpoint: Endpoint, timeout: float) -> Probed:
    """Ask an SECC over SDP where it listens, and offer it one protocol after another, each on a connection of its own.

    Args:
        endpoint: ``url`` says where it is.
        timeout: seconds for each step.

    Raises:
        AdapterError: nobody answers.
    """
    place = Place.of(endpoint.url)
    notes: list[str] = []
    host, port, secure = place.host, place.port, place.scheme == "tls"
    try:
        async with asyncio.timeout(timeout):
            if place.scheme == "sdp":
                answer = await discover(Request(Security.NONE), place.interface, host=place.host or "::1", port=place.port)
                host, port, secure = str(answer.address), answer.port, answer.security is Security.TLS
                notes.append(f"SDP: {host} port {port}, {'TLS' if secure else 'no TLS'}")
    except TimeoutError as error:
        raise AdapterError(
            f"no SECC answers over SDP at {endpoint.url} within {timeout:g} s", "is the cable plugged in?"
        ) from error
    except (NotFound, OSError) as error:
        raise AdapterError(f"no SECC answers over SDP at {endpoint.url}: {error}", "is the cable plugged in?") from error
    if secure:
        return Probed(notes=(*notes, "it wants TLS: what it speaks is told only to an EVCC whose certificate it accepts"))
    versions: dict[str, None] = {}
    for application in APPLICATIONS.values():
        request = offer([application])
        response = await _ask(host, port, place.interface, request, timeout)
        if response is not None and chosen(response, request, [application]) is not None:
            versions[_VERSIONS[application.edition]] = None
    return Probed(versions=tuple(versions), notes=tuple(notes))


async def _ask(
    host: str, port: int, interface: str | None, request: supportedAppProtocolReq, timeout: float
) -> supportedAppProtocolRes | None:
    """Return what the SECC answers to an offer; None where that is nothing that can be read."""
    try:
        async with asyncio.timeout(timeout):
            link = await connect(host, port, scope=scope_of(interface) if interface else 0)
            try:
                link.send(PayloadType.EXI, codec(Schema.SAP).encode(request))
                event = await link.receive()
            finally:
                await link.close()
    except (ConnectFailed, OSError, TimeoutError) as error:
        raise AdapterError(f"the SECC at [{host}]:{port} does not answer: {error}") from error
    if not isinstance(event, Received):
        return None
    try:
        message = codec(Schema.SAP).decode(event.payload).message
    except ExiError:
        return None
    return message if isinstance(message, supportedAppProtocolRes) else None
