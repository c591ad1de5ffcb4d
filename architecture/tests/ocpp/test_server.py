import asyncio

import pytest
from v2x_architecture.ocpp.client import OcppClient
from v2x_architecture.ocpp.credentials import BasicCredentials
from v2x_architecture.ocpp.errors import HandshakeRefused
from v2x_architecture.ocpp.server import OcppServer, Refusal
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from .conftest import NOW

pytestmark = pytest.mark.anyio


async def answer(action, payload):
    return {"currentTime": NOW}


async def on_connect(_):
    return answer


@pytest.fixture
async def server(anyio_backend):
    async with OcppServer(on_connect=on_connect, versions=["1.6", "2.0.1"], path="/ocpp") as one:
        yield one


async def raw(url, *, headers=(), subprotocols=("ocpp1.6",)):
    return await connect(url, additional_headers=list(headers), subprotocols=subprotocols or None, proxy=None, compression=None)


async def status_of(url, **settings):
    with pytest.raises(InvalidStatus) as caught:
        await raw(url, **settings)
    return caught.value.response.status_code, caught.value.response.headers


@pytest.mark.parametrize("path", ["", "/", "/CS001", "/ocpp", "/ocpp/", "/ocpp/a/b", "/ocpp/%FF"])
async def test_a_path_without_an_identity_is_not_found(server, path):
    root = server.url.removesuffix("/ocpp")
    assert (await status_of(root + path))[0] == 404


@pytest.mark.parametrize("identity", ["CS001", "RDAM|123", "a/b", "ÄÖÜ €", "100%", "+", "x" * 48])
async def test_an_identity_is_decoded(server, identity):
    endpoint = await OcppClient(url=server.url, identity=identity, versions=["1.6"]).connect()
    endpoint.start()
    await endpoint.call("Heartbeat")
    assert list(server.connections) == [identity]
    await endpoint.close()
    await asyncio.sleep(1)
    assert server.connections == {}


async def test_the_order_of_versions_is_the_stations(server):
    for offered, taken in ((("ocpp2.0.1", "ocpp1.6"), "ocpp2.0.1"), (("ocpp2.1", "ocpp1.6", "ocpp2.0.1"), "ocpp1.6")):
        ws = await raw(f"{server.url}/CS001", subprotocols=offered)
        assert ws.subprotocol == taken
        await ws.close()


@pytest.mark.parametrize("offered", [None, ("ocpp1.5",), ("ocpp2.1", "mqtt")])
async def test_no_common_version_completes_the_handshake_and_closes(server, offered):
    ws = await raw(f"{server.url}/CS001", subprotocols=offered)
    assert ws.response.status_code == 101
    assert "Sec-WebSocket-Protocol" not in ws.response.headers
    with pytest.raises(ConnectionClosed):
        await ws.recv()
    assert ws.close_code == 1002
    assert server.connections == {}


@pytest.mark.parametrize(
    "header",
    [
        "Bearer x",
        "Basic !!!",
        BasicCredentials("CS002", b"secret").header(),
        BasicCredentials("cs001", b"secret").header(),
        BasicCredentials("CS001", b"Secret").header(),
        None,
    ],
)
async def test_credentials_that_do_not_fit_are_401(server, header):
    async def authenticate(identity, password, certificate):
        return password == b"secret"

    server.authenticate = authenticate
    refused = []
    server.on_refuse = lambda identity, refusal: refused.append((identity, refusal.status))
    status, headers = await status_of(f"{server.url}/CS001", headers=[("Authorization", header)] if header else [])
    assert status == 401
    assert headers["WWW-Authenticate"].startswith('Basic realm="')
    assert refused == [("CS001", 401)]


async def test_two_authorization_headers_are_none(server):
    header = BasicCredentials("CS001", b"x").header()
    assert (await status_of(f"{server.url}/CS001", headers=[("Authorization", header)] * 2))[0] == 401


@pytest.mark.parametrize("password", [b"\x00\x01\x02", b"a:b:c", b"", b"\xff" * 20, "pässword".encode()])
async def test_a_password_may_be_any_bytes(server, password):
    async def authenticate(identity, got, certificate):
        return got == password and certificate is None

    server.authenticate = authenticate
    endpoint = await OcppClient(url=server.url, identity="CS001", versions=["1.6"], password=password).connect()
    await endpoint.close()


async def test_an_authenticator_may_refuse_in_its_own_way(server):
    async def authenticate(identity, password, certificate):
        return Refusal(403, "blocked")

    server.authenticate = authenticate
    with pytest.raises(HandshakeRefused, match="HTTP 403"):
        await OcppClient(url=server.url, identity="CS001", versions=["1.6"]).connect()


async def test_a_newer_connection_of_a_station_replaces_the_older(server):
    closed = []
    server.on_close = closed.append
    client = OcppClient(url=server.url, identity="CS001", versions=["1.6"])
    older = (await client.connect()).start()
    await older.call("Heartbeat")
    newer = (await client.connect()).start()
    await newer.call("Heartbeat")
    await older.wait_closed()
    assert older.close_code == 1008
    assert server.connections["CS001"].identity == "CS001"
    assert await server.connections["CS001"].ws.ping()
    await newer.close()
    await asyncio.sleep(1)
    assert len(closed) == 2
    assert server.connections == {}


async def test_a_half_open_older_connection_does_not_stand_in_the_way(server):
    client = OcppClient(url=server.url, identity="CS001", versions=["1.6"])
    older = await client.connect()
    older.ws.transport.pause_reading()
    newer = (await client.connect()).start()
    assert await newer.call("Heartbeat") == {"currentTime": NOW}
    await asyncio.sleep(30)
    await newer.close()
    older.ws.transport.abort()
    await server.stop()


async def test_stop_tells_the_stations_that_it_goes_away(server):
    endpoint = (await OcppClient(url=server.url, identity="CS001", versions=["1.6"]).connect()).start()
    await server.stop()
    await endpoint.wait_closed()
    assert endpoint.close_code == 1001
    with pytest.raises(RuntimeError, match="not been started"):
        _ = server.url


async def test_events_of_every_station_can_be_seen(server):
    seen = []
    server.on_event = lambda endpoint, event: seen.append((endpoint.identity, event.action))
    for identity in ("A", "B"):
        endpoint = (await OcppClient(url=server.url, identity=identity, versions=["2.0.1"]).connect()).start()
        await endpoint.call("Heartbeat")
        await endpoint.close()
    assert seen == [("A", "Heartbeat"), ("B", "Heartbeat")]


async def test_a_plain_http_request_is_not_upgraded(server):
    host, port = "127.0.0.1", int(server.url.rsplit(":", 1)[1].split("/")[0])
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"GET /ocpp/CS001 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b" 426 " in await reader.readline()
    writer.close()
    await writer.wait_closed()
