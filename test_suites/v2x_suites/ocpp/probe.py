"""Looks at an endpoint of which only the address is known: which versions it speaks, what it calls itself."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import quote, unquote

import orjson
from v2x_architecture.ocpp.versions import Version, subprotocol, version_of
from v2x_harness.errors import AdapterError
from v2x_harness.protocol import Probed
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

_VERSIONS: tuple[Version, ...] = ("1.6", "2.0.1")
_NOBODY = "is the CSMS running, and is the port right?"
# A station that was looked at comes again after so many seconds.
_AGAIN = 10


async def probe_csms(url: str, identity: str, password: str, timeout: float) -> Probed:
    """Offer each version by itself and see which is taken; nothing is sent.

    Raises:
        AdapterError: nobody listens there, or it is no WebSocket server.
    """
    versions, notes, unauthorized = list[str](), list[str](), False
    headers = {"Authorization": "Basic " + base64.b64encode(f"{identity}:{password}".encode()).decode()} if password else {}
    for version in _VERSIONS:
        offered = Subprotocol(subprotocol(version))
        target = f"{url.rstrip('/')}/{quote(identity, safe='')}"
        try:
            async with connect(target, subprotocols=[offered], additional_headers=headers, open_timeout=timeout) as socket:
                if socket.subprotocol == offered:
                    versions.append(version)
                else:
                    notes.append(f"took the connection for {version} without choosing the subprotocol {offered}")
        except InvalidStatus as error:
            unauthorized |= error.response.status_code == 401
            notes.append(f"refused {version} with HTTP {error.response.status_code}")
        except TimeoutError as error:
            raise AdapterError(
                f"{url} does not answer within {timeout:g} s", "is the CSMS running, and is the port right?"
            ) from error
        except OSError as error:
            raise AdapterError(f"cannot connect to {url}: {error}", _NOBODY) from error
        except (InvalidHandshake, ConnectionClosed) as error:
            notes.append(f"did not complete the handshake for {version}: {error}")
    return Probed(versions=tuple(versions), needs_password=unauthorized, notes=tuple(notes))


async def probe_station(listen: str, timeout: float) -> Probed:
    """Listen until a station connects, take its first BootNotification, and refuse it, so that it starts nothing.

    Raises:
        AdapterError: the address cannot be listened on, or no station came in time.
    """
    host, _, port = listen.rpartition(":")
    came: asyncio.Future[Probed] = asyncio.get_running_loop().create_future()

    def choose(connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        return next((o for o in offered if version_of(o) in _VERSIONS), None)

    async def take(socket: ServerConnection) -> None:
        version = version_of(socket.subprotocol)
        identity = unquote(socket.request.path.rsplit("/", 1)[-1]) if socket.request else ""
        with suppress(ConnectionClosed):  # it went before it booted, and may come again
            if payload := await _booted(socket):
                found(socket, version, identity, payload)

    def found(socket: ServerConnection, version: Version | None, identity: str, payload: dict[str, object]) -> None:
        nested = payload.get("chargingStation")
        said = nested if isinstance(nested, dict) else payload
        probed = Probed(
            versions=(version,) if version else (),
            identity=identity,
            vendor=str(said.get("vendorName", said.get("chargePointVendor", ""))),
            name=str(said.get("model", said.get("chargePointModel", ""))),
            product_version=str(said.get("firmwareVersion", "")),
            needs_password=bool(socket.request and "Authorization" in socket.request.headers),
        )
        if not came.done():
            came.set_result(probed)

    try:
        async with serve(take, host, int(port), select_subprotocol=choose), asyncio.timeout(timeout):
            return await came
    except TimeoutError as error:
        hint = f"point the station at ws://{listen}/ and try again"
        raise AdapterError(f"no station has connected to {listen} and booted within {timeout:g} s", hint) from error
    except OSError as error:
        raise AdapterError(f"cannot listen on {listen}: {error.strerror}", "choose another --listen") from error


async def _booted(socket: ServerConnection) -> dict[str, object]:
    """Refuse whatever a station says until it boots; reject that, and return what it said of itself."""
    async for message in socket:
        try:
            call = orjson.loads(message)
        except orjson.JSONDecodeError:
            continue
        match call:
            case [2, str(message_id), "BootNotification", dict(payload)]:
                # The true time: a station sets its clock by it, rejected or not.
                now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
                answer = {"status": "Rejected", "currentTime": now, "interval": _AGAIN}
                await socket.send(orjson.dumps([3, message_id, answer]).decode())
                return payload
            case [2, str(message_id), str(), *_]:
                await socket.send(orjson.dumps([4, message_id, "GenericError", "boot first", {}]).decode())
    return {}
