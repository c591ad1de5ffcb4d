"""Charging stations made of the PyPI package ``ocpp``, which shares no code with ours, in real time."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
import websockets
from ocpp.routing import on
from ocpp.v16 import ChargePoint as ChargePoint16
from ocpp.v16 import call as call16
from ocpp.v16 import call_result as result16
from ocpp.v201 import ChargePoint as ChargePoint201
from ocpp.v201 import call as call201
from ocpp.v201 import call_result as result201
from v2x_architecture.clock import SystemClock
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms, TokenSpec

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
async def csms():
    config = CsmsConfig(tokens=(TokenSpec(id_token="T1", group="G"),), stations={"CS1": "secret"}, energy_price=0.5)
    async with ReferenceCsms(config, SystemClock()) as running:
        yield running


class Station16(ChargePoint16):
    @on("GetConfiguration")
    def configuration(self, key=()):
        return result16.GetConfiguration([{"key": name, "readonly": False, "value": "1"} for name in key])

    @on("RemoteStartTransaction")
    def remote_start(self, id_tag, connector_id=None, charging_profile=None):
        return result16.RemoteStartTransaction("Accepted")

    @on("SetChargingProfile")
    def profile(self, connector_id, cs_charging_profiles):
        return result16.SetChargingProfile("Accepted")


class Station201(ChargePoint201):
    @on("GetVariables")
    def variables(self, get_variable_data):
        return result201.GetVariables(
            [{**data, "attribute_status": "Accepted", "attribute_value": "1"} for data in get_variable_data]
        )

    @on("RequestStartTransaction")
    def remote_start(self, id_token, remote_start_id, **_):
        return result201.RequestStartTransaction("Accepted")

    @on("SendLocalList")
    def local_list(self, version_number, update_type, local_authorization_list=()):
        return result201.SendLocalList("Accepted")


@asynccontextmanager
async def connected(csms, make, subprotocol):
    headers = {"Authorization": "Basic Q1MxOnNlY3JldA=="}  # CS1:secret
    async with websockets.connect(f"{csms.url}/CS1", subprotocols=[subprotocol], additional_headers=headers, proxy=None) as ws:
        station = make("CS1", ws)
        task = asyncio.create_task(station.start())
        yield station
        await ws.close()
        with suppress(websockets.ConnectionClosed):
            await task


async def test_16(csms):
    async with connected(csms, Station16, "ocpp1.6") as station:
        assert (await station.call(call16.BootNotification("Wallbox", "ACME"))).status == "Accepted"
        assert (await station.call(call16.Heartbeat())).current_time.endswith("Z")
        await station.call(call16.StatusNotification(1, "NoError", "Available"))
        assert (await station.call(call16.Authorize("t1"))).id_tag_info == {"status": "Accepted", "parent_id_tag": "G"}
        started = await station.call(call16.StartTransaction(1, "T1", 0, "2026-03-01T12:00:00Z"))
        value = {"timestamp": "2026-03-01T12:10:00Z", "sampled_value": [{"value": "500", "unit": "Wh"}]}
        await station.call(call16.MeterValues(1, [value], started.transaction_id))
        stop = call16.StopTransaction(1000, "2026-03-01T13:00:00Z", started.transaction_id, id_tag="T1")
        assert (await station.call(stop)).id_tag_info["status"] == "Accepted"
        assert (await station.call(call16.DataTransfer("org.acme"))).status == "UnknownVendorId"
        assert await csms.remote_start("CS1", "T1", evse=1) == {"status": "Accepted"}
        result = await csms.get_variables("CS1", [{"key": "HeartbeatInterval"}])
        assert result == {"results": [{"key": "HeartbeatInterval", "readonly": False, "value": "1"}]}
        assert (await csms.call("CS1", "ClearCache", {}))["error"]["code"] == "NotImplemented"


async def test_201(csms):
    async with connected(csms, Station201, "ocpp2.0.1") as station:
        boot = call201.BootNotification({"model": "Wallbox", "vendor_name": "ACME"}, "PowerUp")
        assert (await station.call(boot)).status == "Accepted"
        assert (await station.call(call201.Heartbeat())).current_time.endswith("Z")
        await station.call(call201.StatusNotification("2026-03-01T12:00:00Z", "Available", 1, 1))
        token = {"id_token": "T1", "type": "ISO14443"}
        assert (await station.call(call201.Authorize(token))).id_token_info["group_id_token"]["id_token"] == "G"

        def event(kind, seq_no, wh, context, **more):
            value = {"timestamp": "2026-03-01T12:00:00Z", "sampled_value": [{"value": wh, "context": context}]}
            info = {"transaction_id": "TX1"}
            return call201.TransactionEvent(kind, "2026-03-01T12:00:00Z", "Authorized", seq_no, info, meter_value=[value], **more)

        started = await station.call(event("Started", 0, 0, "Transaction.Begin", id_token=token, evse={"id": 1}))
        assert started.id_token_info["status"] == "Accepted"
        ended = await station.call(event("Ended", 1, 2000, "Transaction.End"))
        assert (ended.total_cost, ended.id_token_info) == (1.0, None)
        assert (await csms.remote_start("CS1", "T1", evse=1))["status"] == "Accepted"
        assert await csms.send_local_list("CS1") == {"status": "Accepted", "version": 1}
        wanted = {"component": {"name": "AuthCtrlr"}, "variable": {"name": "Enabled"}}
        [result] = (await csms.get_variables("CS1", [wanted]))["results"]
        assert result["attributeValue"] == "1"
