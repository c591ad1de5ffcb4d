"""Controls: subjects that are no products at all. Whatever passes on them was not tested.

Each accepts every verb of an operator and does nothing about it, so that no case is let off because it could not be run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson
from v2x_architecture.ocpp.versions import as_version
from v2x_harness.errors import AdapterError
from v2x_harness.events import Json
from v2x_harness.fault import Control
from v2x_harness.operator import Placement, Ready
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from v2x_suites.ocpp.happy import happy_answer

BEHAVIOURS = {
    "mute": "accepts the connection and never says anything",
    "empty": "answers {} to everything",
    "callerror": "answers a CALLERROR to everything",
    "minimal": "gives hard-coded happy answers and never initiates anything",
    "dies": "drops the connection after the first exchange",
}

_SUBPROTOCOLS = {"1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1"}
_BOOT: dict[str, Json] = {
    "1.6": {"chargePointVendor": "Control", "chargePointModel": "Control"},
    "2.0.1": {"reason": "PowerUp", "chargingStation": {"vendorName": "Control", "model": "Control"}},
}

# A control that boots, or that comes back after it has dropped the connection, waits so long between tries (s).
_AGAIN = 30.0

type _Socket = ClientConnection | ServerConnection


class ControlProduct:
    """A control in the place of a station or a CSMS.

    Args:
        control: which one.
    """

    def __init__(self, control: Control) -> None:
        self.control = control
        self._behaviour = control.id
        self._server: Server | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self, placement: Placement) -> Ready:
        """Listen, or connect and go on connecting, as the role wants.

        Raises:
            AdapterError: the address cannot be listened on.
        """
        if placement.role == "station":
            self._task = asyncio.create_task(self._stay_connected(placement))
            return Ready(product=f"control {self._behaviour}")
        host, _, port = placement.listen.rpartition(":")
        try:
            self._server = await serve(
                self._serve, host, int(port), select_subprotocol=_first, ping_interval=None, compression=None
            )
        except OSError as error:
            raise AdapterError(f"the control cannot listen on {placement.listen}: {error}") from error
        bound = next(iter(self._server.sockets)).getsockname()[1]
        return Ready(product=f"control {self._behaviour}", endpoint=f"ws://{host}:{bound}")

    async def stop(self) -> None:
        """Stop; a control that drops its connections has nothing to close in order."""
        if self._task:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        if self._server:
            self._server.close()
            await self._server.wait_closed()
            self._server = None

    async def do(self, verb: str, arguments: Mapping[str, Json]) -> Mapping[str, Json]:
        """Say that it was done, whatever it was."""
        return {}

    async def _serve(self, socket: ServerConnection) -> None:
        await self._answer(socket, self.control.version)

    async def _stay_connected(self, placement: Placement) -> None:
        url = f"{placement.connect_to.rstrip('/')}/{placement.identity}"
        while True:
            with suppress(OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
                subprotocols = [Subprotocol(_SUBPROTOCOLS[placement.version])]
                async with connect(url, subprotocols=subprotocols, ping_interval=None, compression=None) as socket:
                    if self._behaviour != "mute":
                        boot = [2, "boot", "BootNotification", _BOOT[placement.version]]
                        await socket.send(orjson.dumps(boot).decode())
                    await self._answer(socket, placement.version)
            await asyncio.sleep(_AGAIN)

    async def _answer(self, socket: _Socket, version: str) -> None:
        """Answer every CALL as this control does, until the connection closes."""
        exchanges = 0
        with suppress(ConnectionClosed):
            async for text in socket:
                frame = _call_in(text)
                if frame and self._behaviour != "mute":
                    await socket.send(orjson.dumps(self._reply(version, frame[1], frame[2])).decode())
                exchanges += 1
                if self._behaviour == "dies":
                    socket.transport.abort()
                    return

    def _reply(self, version: str, message_id: str, action: str) -> list[Any]:
        if self._behaviour == "empty":
            return [3, message_id, {}]
        if self._behaviour == "callerror":
            return [4, message_id, "InternalError", "", {}]
        try:
            return [3, message_id, happy_answer(as_version(version), action)]
        except LookupError:
            return [3, message_id, {}]


def _call_in(text: str | bytes) -> list[Any] | None:
    """Return the CALL that a frame holds; None for all else, which a control does not look at."""
    try:
        frame: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return frame if isinstance(frame, list) and len(frame) == 4 and frame[0] == 2 else None


def _first(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Agree to whatever is offered first: a control does not care."""
    return offered[0] if offered else None
