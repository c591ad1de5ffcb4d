import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

import pytest
from v2x_architecture.ocpp.client import OcppClient
from v2x_architecture.ocpp.endpoint import Endpoint
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.server import OcppServer
from v2x_harness.clock import VirtualTimeLoop

NOW = "2025-01-01T00:00:00Z"


@pytest.fixture
def anyio_backend():
    return "asyncio", {"loop_factory": VirtualTimeLoop}


@dataclass
class Line:
    """A station and a CSMS that are connected over a loopback socket, each with a scripted handler."""

    server: OcppServer
    client: OcppClient
    station: Endpoint
    csms: Endpoint
    seen: list[tuple[str, dict]] = field(default_factory=list)


@pytest.fixture
async def line(anyio_backend) -> AsyncIterator[Callable]:
    """Connect a station to a CSMS: ``await line(version, csms=handler, station=handler, **settings)``."""
    opened: list[Line] = []

    async def connect(version="2.0.1", *, csms=None, station=None, server=None, client=None) -> Line:
        seen: list[tuple[str, dict]] = []

        async def heartbeats(action, payload):
            seen.append((action, payload))
            if action == "Heartbeat":
                return {"currentTime": NOW}
            raise CallRefused("NotSupported", f"no {action} here")

        arrived = asyncio.get_running_loop().create_future()

        async def on_connect(endpoint):
            arrived.set_result(endpoint)
            return csms or heartbeats

        the_server = await OcppServer(on_connect=on_connect, versions=[version], **(server or {})).start()
        the_client = OcppClient(
            url=the_server.url, identity="CS001", versions=[version], handler=station or heartbeats, **(client or {})
        )
        endpoint = (await the_client.connect()).start()
        opened.append(Line(the_server, the_client, endpoint, await arrived, seen))
        return opened[-1]

    yield connect
    for one in opened:
        await one.station.close()
        await one.server.stop()
