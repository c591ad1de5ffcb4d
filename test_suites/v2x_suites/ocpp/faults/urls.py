"""CSMSs of either version that want a station's connection URL to be another than OCPP-J says."""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar, override

from v2x_architecture.ocpp.csms import ReferenceCsms
from v2x_architecture.ocpp.server import OcppServer
from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response


class _WantsASlash(OcppServer):
    @property
    @override
    def url(self) -> str:
        return f"{super().url}/{{identity}}/"

    @override
    async def _process_request(self, ws: ServerConnection, request: Request) -> Response | None:
        if not request.path.endswith("/"):
            return ws.respond(HTTPStatus.NOT_FOUND, "not found\n")
        request.path = request.path.rstrip("/")
        return await super()._process_request(ws, request)


class CsmsThatWantsASlash(ReferenceCsms):
    """Serves no URL that ends with the identity, only those with a slash behind it."""

    server: ClassVar[type[OcppServer]] = _WantsASlash
