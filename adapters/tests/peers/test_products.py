"""The third-party products themselves, where they are installed: started, operated over OCPP, stopped."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from v2x_adapters import peers
from v2x_adapters.ocpp.reference import ReferenceCsmsProduct
from v2x_adapters.process import AdapterProduct
from v2x_architecture.ocpp.client import OcppClient, Opening, open_websocket
from v2x_architecture.ocpp.endpoint import Endpoint, Validation
from v2x_architecture.ocpp.errors import HandshakeRefused
from v2x_harness.errors import UnsupportedVerb
from v2x_harness.operator import Placement, Ready
from websockets.asyncio.client import ClientConnection

pytestmark = pytest.mark.anyio
IDENTITY, PASSWORD = "CS-001", "a-password-of-sixteen"
CSMSS = [("ocpp-csms", "1.6"), ("arthexis", "1.6"), ("arthexis", "2.0.1"), ("ocpp-rpc", "1.6"), ("ocpp-rpc", "2.0.1")]
BOOT = {
    "1.6": {"chargePointVendor": "V2X", "chargePointModel": "Test"},
    "2.0.1": {"reason": "PowerUp", "chargingStation": {"vendorName": "V2X", "model": "Test"}},
}
TOKEN = {"1.6": {"idTag": "A1"}, "2.0.1": {"idToken": {"idToken": "A1", "type": "ISO14443"}}}
INFO = {"1.6": "idTagInfo", "2.0.1": "idTokenInfo"}

type Connect = Callable[[Ready, str], Awaitable[Endpoint]]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def product(request: pytest.FixtureRequest) -> AsyncIterator[AdapterProduct]:
    name = request.node.callspec.params["name"]
    if reason := peers.why_not_ready(peers.peer(name)):
        pytest.skip(f"blocked: {name}: {reason}")
    made = AdapterProduct({"adapter": name})
    yield made
    await made.stop()


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """Connect as a station that accepts every CALL it gets."""
    running: list[asyncio.Task[None]] = []
    endpoints: list[Endpoint] = []

    async def handler(action: str, payload: object) -> dict[str, object]:
        return {"status": "Accepted"}

    async def connected(ready: Ready, version: str) -> Endpoint:
        base, _, suffix = ready.endpoint.partition("/{identity}")

        async def opened(opening: Opening) -> ClientConnection:
            return await open_websocket(replace(opening, url=opening.url + suffix))

        client = OcppClient(
            url=base,
            identity=IDENTITY,
            versions=(version,),
            password=PASSWORD,
            handler=handler,
            connector=opened,
            validation=Validation(requests=False, responses=False, outgoing=False),
        )
        endpoint = await client.connect()
        running.append(asyncio.create_task(endpoint.run()))
        endpoints.append(endpoint)
        return endpoint

    yield connected
    for endpoint in endpoints:
        await endpoint.close(1000)
    await asyncio.gather(*running, return_exceptions=True)


def placed(role: str, version: str, tmp_path: Path, **where: object) -> Placement:
    return Placement(role=role, protocol="ocpp", version=version, workdir=str(tmp_path), **where)


@pytest.mark.parametrize(("name", "version"), CSMSS)
async def test_a_csms_serves_a_station_and_is_operated(
    product: AdapterProduct, connect: Connect, tmp_path: Path, name: str, version: str
) -> None:
    ready = await product.start(placed("csms", version, tmp_path, identities={IDENTITY: PASSWORD}))
    assert ready.product_version in "".join(peers.peer(name).requirements)
    await product.do("set_token", {"id_token": "A1"})
    station = await connect(ready, version)
    assert (await station.call("BootNotification", BOOT[version]))["status"] == "Accepted"
    assert (await station.call("Authorize", TOKEN[version]))[INFO[version]]["status"] == "Accepted"
    call = {"station": IDENTITY, "action": "TriggerMessage", "payload": {"requestedMessage": "Heartbeat"}}
    assert await product.do("call", call) == {"result": {"status": "Accepted"}}
    assert (await product.do("stations", {}))["stations"] == [IDENTITY]
    with pytest.raises(UnsupportedVerb):
        await product.do("plug_in", {})
    assert (await product.do("call", {**call, "station": "nobody"}))["error"]["code"] == "NotConnected"
    await product.stop()
    assert product.left_in_order


@pytest.mark.parametrize(("name", "version"), CSMSS)
async def test_a_csms_refuses_a_wrong_password(
    product: AdapterProduct, connect: Connect, tmp_path: Path, name: str, version: str
) -> None:
    ready = await product.start(placed("csms", version, tmp_path, identities={IDENTITY: "another-password-than"}))
    with pytest.raises(HandshakeRefused):
        await connect(ready, version)


@pytest.mark.parametrize(("name", "version"), [("ocpp-station", "1.6"), ("ocpp-station", "2.0.1")])
async def test_the_station_boots_charges_and_is_controlled(
    product: AdapterProduct, tmp_path: Path, name: str, version: str
) -> None:
    csms = ReferenceCsmsProduct()
    ready = await csms.start(placed("csms", version, tmp_path, identities={IDENTITY: PASSWORD}))
    await csms.do("set_token", {"id_token": "A1"})
    where = {"connect_to": ready.endpoint, "identity": IDENTITY, "password": PASSWORD}
    await product.start(placed("station", version, tmp_path, **where))
    async with asyncio.timeout(20):
        while not any(each["registration"] == "Accepted" for each in (await csms.do("stations", {}))["stations"]):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
        await product.do("plug_in", {})
        await product.do("present_token", {"id_token": "A1"})
        while not (await product.do("observe", {}))["power_w"]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
        reset = {"station": IDENTITY, "action": "Reset", "payload": {"type": "Soft" if version == "1.6" else "OnIdle"}}
        status = "Accepted" if version == "1.6" else "Scheduled"
        assert await csms.do("call", reset) == {"result": {"status": status}}
        if version == "2.0.1":
            await product.do("press_stop", {})
        while (await product.do("observe", {}))["power_w"]:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.02)
    await product.stop()
    await csms.stop()
    assert product.left_in_order
