"""CSMSs for OCPP 2.0.1 that do wrong on the connection itself, where no tap step can stand in for them."""

from __future__ import annotations

from collections.abc import Sequence

from v2x_architecture.ocpp.csms import ReferenceCsms
from v2x_architecture.ocpp.server import OcppServer
from websockets.asyncio.server import ServerConnection
from websockets.typing import Subprotocol


class _AgreesToAnything(OcppServer):
    def _select_subprotocol(self, _: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return Subprotocol("ocpp1.5")


class CsmsThatAgreesToAnything(ReferenceCsms):
    """Agrees to a version that nobody offered."""

    server = _AgreesToAnything
