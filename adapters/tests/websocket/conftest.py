"""A server behind a tap, and a client before it, on real loopback sockets, in virtual and in real time."""

import asyncio
import contextlib
import json

import pytest
from v2x_adapters.ocpp.labels import OcppDialect
from v2x_adapters.websocket import WebSocketTap
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.events import Frame, LinkEvent
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed


@pytest.fixture(params=["virtual", "real"])
def anyio_backend(request):
    return ("asyncio", {"loop_factory": VirtualTimeLoop} if request.param == "virtual" else {})


class Csms:
    """A server that keeps what it got and answers CALLs with empty CALLRESULTs."""

    def __init__(self):
        self.got, self.requests, self.sockets, self.closes = [], [], [], []
        self.refusal = None

    async def request(self, connection, request):
        self.requests.append(request)
        return self.refusal

    async def handle(self, socket):
        self.sockets.append(socket)
        with contextlib.suppress(ConnectionClosed):
            async for message in socket:
                self.got.append(message)
                with contextlib.suppress(ValueError):
                    form = json.loads(message)
                    if form[0] == 2:
                        await socket.send(json.dumps([3, form[1], {}]))
        self.closes.append(socket.close_code)


@pytest.fixture
async def csms():
    peer = Csms()
    async with serve(
        peer.handle,
        "127.0.0.1",
        0,
        subprotocols=["ocpp2.0.1", "ocpp1.6"],
        process_request=peer.request,
        ping_interval=None,
        max_size=None,
        compression=None,
    ) as server:
        peer.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"
        yield peer


class Seen(list):
    """The journal's events, as they were recorded."""

    def frames(self):
        return [(e.sender, e.label, e.fate) for e in self if isinstance(e, Frame)]

    def links(self, *kinds):
        return [e for e in self if isinstance(e, LinkEvent) and (not kinds or e.event in kinds)]


@pytest.fixture
def journal():
    return Seen()


@pytest.fixture
async def tap(csms, recorder):
    made = WebSocketTap(recorder, csms.url, OcppDialect(), subject="station")
    await made.start()
    yield made
    await made.stop()


@pytest.fixture
def station():
    def connected(tap, identity="CS001", **options):
        options = {"subprotocols": ["ocpp2.0.1"], "ping_interval": None, "max_size": None, "compression": None} | options
        return connect(f"{tap.url}/{identity}", **options)

    return connected


@pytest.fixture
def until():
    """Wait for something that happens in another party's code."""

    async def wait(condition):
        async with asyncio.timeout(60):
            while not condition():  # noqa: ASYNC110  (it is no event of ours)
                await asyncio.sleep(0.01)

    return wait
