"""What `v2x init --listen` does to a station that comes."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from v2x_harness.errors import AdapterError
from v2x_suites.ocpp.probe import probe_station
from websockets.asyncio.client import connect

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def address():
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    where = "{}:{}".format(*server.sockets[0].getsockname())
    server.close()
    await server.wait_closed()
    return where


async def dial(address):
    async with asyncio.timeout(20):
        while True:
            try:
                return await connect(f"ws://{address}/CS%207", subprotocols=["ocpp1.6"])
            except OSError:
                await asyncio.sleep(0.05)


async def test_a_station_that_says_other_things_first_is_heard_until_it_boots(address):
    looking = asyncio.create_task(probe_station(address, 20))
    async with await dial(address) as socket:
        await socket.send("no JSON")
        await socket.send('[2,"1","Heartbeat",{}]')
        assert json.loads(await socket.recv())[:2] == [4, "1"]
        await socket.send('[2,"2","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]')
        _, message_id, answer = json.loads(await socket.recv())
        found = await looking
    assert (found.versions, found.identity, found.vendor, found.name) == (("1.6",), "CS 7", "V", "M")
    assert (message_id, answer["status"]) == ("2", "Rejected")
    assert answer["interval"] <= 10
    assert abs(datetime.fromisoformat(answer["currentTime"]) - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_station_that_goes_before_it_boots_is_waited_for_again(address):
    looking = asyncio.create_task(probe_station(address, 20))
    await (await dial(address)).close()
    async with await dial(address) as socket:
        await socket.send('[2,"2","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]')
        await socket.recv()
        assert (await looking).name == "M"


async def test_nobody_is_said_to_have_come(address):
    with pytest.raises(AdapterError, match="no station has connected"):
        await probe_station(address, 0.05)
