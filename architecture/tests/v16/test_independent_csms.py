"""A central system made of the PyPI package ``ocpp``, which shares no code with ours, in virtual time."""

import asyncio
from contextlib import suppress

import pytest
import websockets
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call
from ocpp.v16 import call_result as result
from v2x_architecture.ocpp.station.config import EvseConfig, StationConfig
from v2x_architecture.ocpp.station.station import ReferenceStation

pytestmark = pytest.mark.anyio


class CentralSystem(ChargePoint):
    """The central system's side of one connection; it validates every message against the library's own schemas."""

    def __init__(self, identity, connection, clock):
        super().__init__(identity, connection)
        self.clock = clock
        self.seen = []
        self.transactions = 0

    def saw(self, action, **fields):
        self.seen.append((action, fields))

    def sent(self, action):
        return [fields for name, fields in self.seen if name == action]

    @property
    def time(self):
        return self.clock.now().isoformat().replace("+00:00", "Z")

    @on("BootNotification")
    def boot(self, **fields):
        self.saw("BootNotification", **fields)
        return result.BootNotification(current_time=self.time, interval=300, status="Accepted")

    @on("Heartbeat")
    def heartbeat(self):
        self.saw("Heartbeat")
        return result.Heartbeat(current_time=self.time)

    @on("StatusNotification")
    def status(self, **fields):
        self.saw("StatusNotification", **fields)
        return result.StatusNotification()

    @on("Authorize")
    def authorize(self, id_tag):
        self.saw("Authorize", id_tag=id_tag)
        return result.Authorize(id_tag_info={"status": "Accepted", "parentIdTag": "P"})

    @on("StartTransaction")
    def start_transaction(self, **fields):
        self.saw("StartTransaction", **fields)
        self.transactions += 1
        return result.StartTransaction(transaction_id=self.transactions, id_tag_info={"status": "Accepted"})

    @on("MeterValues")
    def meter_values(self, **fields):
        self.saw("MeterValues", **fields)
        return result.MeterValues()

    @on("StopTransaction")
    def stop_transaction(self, **fields):
        self.saw("StopTransaction", **fields)
        return result.StopTransaction(id_tag_info={"status": "Accepted"})


@pytest.fixture
async def central(csms, monkeypatch):
    """A list of the connections made to a listening central system, and its URL."""
    # The library validates in a thread, for which a virtual clock does not wait.
    monkeypatch.setattr("ocpp.messages.ASYNC_VALIDATION", False)
    connections = []

    async def serve(ws):
        connection = CentralSystem(ws.request.path.rpartition("/")[2], ws, csms.clock)
        connections.append(connection)
        with suppress(websockets.ConnectionClosed):
            await connection.start()

    async with websockets.serve(serve, "127.0.0.1", 0, subprotocols=["ocpp1.6"], ping_interval=None) as server:
        yield connections, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"


@pytest.fixture
async def station(central, csms):
    _, url = central
    measurands = "Energy.Active.Import.Register,Current.Import,Voltage,Power.Active.Import,Frequency,SoC"
    keys = {
        "MeterValueSampleInterval": 60,
        "MeterValuesSampledData": measurands,
        "StopTxnSampledData": measurands,
        "ClockAlignedDataInterval": 900,
    }
    config = StationConfig(url=url, identity="CP1", version="1.6", evses=(EvseConfig(), EvseConfig()), variables=keys)
    actor = ReferenceStation(config, csms.clock)
    await actor.start()
    await asyncio.sleep(1)
    yield actor
    await actor.stop()


async def test_a_session_with_an_independent_central_system(central, station):
    (peer,) = central[0]
    assert [each["connector_id"] for each in peer.sent("StatusNotification")] == [0, 1, 2]
    await station.plug_in(1)
    await station.present_token("TAG1", evse=1)
    await asyncio.sleep(1000)
    assert peer.sent("StartTransaction")[0]["id_tag"] == "TAG1"
    assert len([each for each in peer.sent("MeterValues") if each.get("transaction_id") == 1]) >= 16
    answer = await peer.call(call.RemoteStopTransaction(transaction_id=1))
    assert answer.status == "Accepted"
    await asyncio.sleep(1)
    (stop,) = peer.sent("StopTransaction")
    assert (stop["transaction_id"], stop["reason"]) == (1, "Remote")
    assert len(stop["transaction_data"]) >= 17
    await asyncio.sleep(700)
    assert peer.sent("Heartbeat")


async def test_operations_of_an_independent_central_system(central, station):
    (peer,) = central[0]
    configuration = await peer.call(call.GetConfiguration(key=["NumberOfConnectors"]))
    assert configuration.configuration_key == [{"key": "NumberOfConnectors", "readonly": True, "value": "2"}]
    assert (await peer.call(call.ChangeConfiguration(key="HeartbeatInterval", value="0"))).status == "Rejected"
    entry = {"id_tag": "LOCAL", "id_tag_info": {"status": "Accepted"}}
    update = call.SendLocalList(list_version=1, update_type="Full", local_authorization_list=[entry])
    assert (await peer.call(update)).status == "Accepted"
    assert (await peer.call(call.GetLocalListVersion())).list_version == 1
    profile = {
        "charging_profile_id": 1,
        "stack_level": 0,
        "charging_profile_purpose": "TxProfile",
        "charging_profile_kind": "Relative",
        "charging_schedule": {"charging_rate_unit": "A", "charging_schedule_period": [{"start_period": 0, "limit": 10.0}]},
    }
    start = call.RemoteStartTransaction(id_tag="APP", connector_id=2, charging_profile=profile)
    assert (await peer.call(start)).status == "Accepted"
    await station.plug_in(2)
    await asyncio.sleep(1)
    schedule = await peer.call(call.GetCompositeSchedule(connector_id=2, duration=60))
    assert schedule.charging_schedule["charging_schedule_period"][0]["limit"] == 10.0
    assert (await peer.call(call.ClearChargingProfile(id=1))).status == "Accepted"
    assert (await peer.call(call.TriggerMessage(requested_message="StatusNotification"))).status == "Accepted"
    assert (await peer.call(call.UnlockConnector(connector_id=2))).status == "Unlocked"
    await asyncio.sleep(1)
    assert peer.sent("StopTransaction")[0]["reason"] == "UnlockCommand"
    assert (await peer.call(call.ChangeAvailability(connector_id=0, type="Inoperative"))).status == "Accepted"
    assert (await peer.call(call.Reset(type="Soft"))).status == "Accepted"
    await asyncio.sleep(30)
    booted = central[0][-1]
    assert booted is not peer
    assert {each["status"] for each in booted.sent("StatusNotification")} == {"Unavailable"}


async def test_offline_transactions_reach_an_independent_central_system_in_order(central, station):
    await station.present_token("TAG1", evse=1)
    await asyncio.sleep(1)
    await station.network_down()
    await station.plug_in(1)
    await asyncio.sleep(125)
    await station.press_stop(1)
    await station.network_up()
    await asyncio.sleep(30)
    peer = central[0][-1]
    about = [name for name, _ in peer.seen if name in ("StartTransaction", "MeterValues", "StopTransaction")]
    assert about == ["StartTransaction", "MeterValues", "MeterValues", "StopTransaction"]
    assert [each["transaction_id"] for each in peer.sent("MeterValues")] == [1, 1]
