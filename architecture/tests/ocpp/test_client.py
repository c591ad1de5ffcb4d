import asyncio
import socket
from itertools import pairwise

import pytest
from v2x_architecture.ocpp.backoff import BackOff
from v2x_architecture.ocpp.client import OcppClient, Opening, open_websocket
from v2x_architecture.ocpp.errors import CallTimeout, ConnectionLost, HandshakeRefused
from v2x_architecture.ocpp.server import OcppServer, Refusal

from .conftest import NOW

pytestmark = pytest.mark.anyio

WAITS = BackOff(wait_minimum=10, random_range=0, repeat_times=2)


async def answer(action, payload):
    return {"currentTime": NOW}


@pytest.fixture
async def server(anyio_backend):
    async def on_connect(_):
        return answer

    async with OcppServer(on_connect=on_connect, versions=["1.6", "2.0.1"]) as one:
        yield one


@pytest.fixture
def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
async def listen(anyio_backend):
    """Listen on a port and let a function speak there: ``await listen(speak)`` gives the URL."""
    listeners, writers = [], []

    async def start(speak=None) -> str:
        async def serve(reader, writer):
            writers.append(writer)
            await reader.readuntil(b"\r\n\r\n")
            if speak is not None:
                await speak(writer)

        listeners.append(await asyncio.start_server(serve, "127.0.0.1", 0))
        return f"ws://127.0.0.1:{listeners[-1].sockets[0].getsockname()[1]}"

    yield start
    for writer in writers:
        writer.close()
        await writer.wait_closed()
    for listener in listeners:
        listener.close()
        await listener.wait_closed()


def loop_time() -> float:
    return asyncio.get_running_loop().time()


async def test_the_first_version_of_ours_that_the_csms_speaks_is_taken(server):
    endpoint = await OcppClient(url=server.url, identity="CS001", versions=["2.1", "1.6", "2.0.1"]).connect()
    assert endpoint.version == "1.6"
    await endpoint.close()


async def test_a_csms_without_a_common_version_closes_with_1002_after_the_handshake(server):
    with pytest.raises(HandshakeRefused, match=r"agreed to none of ocpp2\.1") as caught:
        await OcppClient(url=server.url, identity="CS001", versions=["2.1"]).connect()
    assert caught.value.status == 101


async def test_a_refusal_tells_its_http_status(server):
    async def authenticate(identity, password, certificate):
        return {"right": True, "wrong": False}.get(identity, Refusal(404, "who?"))

    server.authenticate = authenticate
    for identity, status in (("wrong", 401), ("unknown", 404)):
        with pytest.raises(HandshakeRefused, match=f"HTTP {status}") as caught:
            await OcppClient(url=server.url, identity=identity, versions=["1.6"]).connect()
        assert caught.value.status == status
    await (await OcppClient(url=server.url, identity="right", versions=["1.6"]).connect()).close()


async def test_nobody_listening_is_an_os_error(free_port):
    with pytest.raises(OSError, match="Connect call failed"):
        await OcppClient(url=f"ws://127.0.0.1:{free_port}", identity="CS001", versions=["1.6"]).connect()


async def test_a_host_name_is_looked_up_without_losing_virtual_time(server):
    url = server.url.replace("127.0.0.1", "localhost")
    before = loop_time()
    endpoint = await OcppClient(url=url, identity="CS001", versions=["1.6"]).connect()
    assert loop_time() - before < 5
    await endpoint.close()


async def test_a_listener_that_says_nothing_times_out(listen):
    url = await listen()
    before = loop_time()
    with pytest.raises(TimeoutError):
        await OcppClient(url=url, identity="CS001", versions=["1.6"], open_timeout=7).connect()
    assert 7 <= loop_time() - before < 8


@pytest.mark.parametrize(
    "reply", [b"", b"hello\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 101 Switching Protocols\r\n\r\n"]
)
async def test_a_listener_that_speaks_no_websocket_refuses_the_handshake(listen, reply):
    async def speak(writer):
        writer.write(reply)
        await writer.drain()
        writer.close()

    url = await listen(speak)
    with pytest.raises(HandshakeRefused):
        await OcppClient(url=url, identity="CS001", versions=["1.6"]).connect()


async def test_a_client_reconnects_after_the_back_off_and_starts_over_after_success(server):
    opened, closed = [], []
    client = OcppClient(
        url=server.url,
        identity="CS001",
        versions=["1.6"],
        backoff=WAITS,
        on_open=lambda endpoint: opened.append(loop_time()),
        on_close=lambda endpoint: closed.append(loop_time()),
    )
    running = asyncio.create_task(client.run_forever())
    for _ in range(3):
        await asyncio.sleep(5)
        await server.connections["CS001"].close(1012)
        await asyncio.sleep(10)
    await asyncio.sleep(5)
    await client.stop()
    await running
    assert len(opened) == len(closed) == 4
    assert [round(later - earlier) for later, earlier in zip(opened[1:], closed, strict=False)] == [10, 10, 10]


async def test_failed_attempts_wait_longer_each_time(free_port):
    failures = []
    client = OcppClient(
        url=f"ws://127.0.0.1:{free_port}",
        identity="CS001",
        versions=["1.6"],
        backoff=WAITS,
        on_failure=lambda error: failures.append(loop_time()),
    )
    running = asyncio.create_task(client.run_forever())
    await asyncio.sleep(160)
    await client.stop()
    await running
    assert [round(b - a) for a, b in pairwise(failures)] == [10, 20, 40, 40, 40]


async def test_stop_ends_an_attempt_that_hangs(listen):
    client = OcppClient(url=await listen(), identity="CS001", versions=["1.6"], open_timeout=1000)
    running = asyncio.create_task(client.run_forever())
    await asyncio.sleep(5)
    before = loop_time()
    await client.stop()
    await running
    assert loop_time() - before < 1


async def test_stop_can_drop_the_line(server):
    client = OcppClient(url=server.url, identity="CS001", versions=["1.6"])
    running = asyncio.create_task(client.run_forever())
    await asyncio.sleep(5)
    peer = server.connections["CS001"]
    await client.stop(abort=True)
    await running
    await peer.wait_closed()
    assert peer.close_code == 1006
    assert client.endpoint is None


async def test_cancelling_a_client_drops_the_line(server):
    client = OcppClient(url=server.url, identity="CS001", versions=["1.6"])
    running = asyncio.create_task(client.run_forever())
    await asyncio.sleep(5)
    peer = server.connections["CS001"]
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await peer.wait_closed()


async def test_what_is_changed_on_a_client_counts_from_the_next_attempt(server):
    seen = []

    async def authenticate(identity, password, certificate):
        seen.append(password)
        return True

    server.authenticate = authenticate
    client = OcppClient(url=server.url, identity="CS001", versions=["1.6"], password="ÄÖ", backoff=WAITS)
    running = asyncio.create_task(client.run_forever())
    await asyncio.sleep(5)
    client.password = b"\x00:\xff"
    await server.connections["CS001"].close()
    await asyncio.sleep(15)
    await client.stop()
    await running
    assert seen == ["ÄÖ".encode(), b"\x00:\xff"]


async def test_a_connector_of_ones_own_opens_the_websocket(server):
    openings: list[Opening] = []

    async def connector(opening):
        openings.append(opening)
        return await open_websocket(opening)

    client = OcppClient(
        url=server.url, identity="CS 1", versions=["1.6"], connector=connector, headers=[("X-Trace", "1")], password=b"p"
    )
    endpoint = await client.connect()
    await endpoint.close()
    [opening] = openings
    assert opening.url.endswith("/CS%201")
    assert opening.subprotocols == ["ocpp1.6"]
    assert dict(opening.headers) == {"X-Trace": "1", "Authorization": "Basic Q1MgMTpw"}


async def test_compression_is_negotiated_when_both_sides_want_it(server):
    async def extensions(**settings) -> str:
        client = OcppClient(url=server.url, identity="CS001", versions=["1.6"], **settings)
        endpoint = (await client.connect()).start()
        assert await endpoint.call("Heartbeat") == {"currentTime": NOW}
        await endpoint.close()
        return endpoint.ws.response.headers.get("Sec-WebSocket-Extensions", "")

    assert await extensions(compression="deflate") == ""
    await server.stop()
    server.compression = "deflate"
    await server.start()
    assert "permessage-deflate" in await extensions(compression="deflate")
    assert await extensions() == ""


async def test_a_call_on_a_line_that_went_dead_ends_in_time(server):
    endpoint = (await OcppClient(url=server.url, identity="CS001", versions=["1.6"], call_timeout=3).connect()).start()
    server.connections["CS001"].ws.transport.pause_reading()
    with pytest.raises(CallTimeout):
        await endpoint.call("Heartbeat")
    call = asyncio.create_task(endpoint.call("Heartbeat"))
    await asyncio.sleep(1)
    await endpoint.abort()
    with pytest.raises(ConnectionLost):
        await call
    server.connections["CS001"].ws.transport.abort()
