"""The reference station as a whole: its verbs, and its life against the reference CSMS over real sockets."""

from __future__ import annotations

import asyncio

import pytest
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms
from v2x_architecture.ocpp.station import CannotDo, EvseConfig, ReferenceStation, StationConfig

pytestmark = pytest.mark.anyio


async def test_impossible_verbs_are_refused_in_words(bench):
    station = bench.station
    with pytest.raises(CannotDo, match="no vehicle is plugged in on EVSE 1"):
        await station.unplug()
    with pytest.raises(CannotDo, match="there is no EVSE or connector 7"):
        await station.plug_in(7)
    with pytest.raises(CannotDo, match="EVSE 1 has no connector 2"):
        await station.plug_in(1, 2)
    await station.plug_in()
    with pytest.raises(CannotDo, match="a vehicle is already plugged in"):
        await station.plug_in()
    with pytest.raises(CannotDo, match="there is no EVSE 3"):
        await station.present_token("A", evse=3)
    with pytest.raises(CannotDo, match="there is no variable Nothing"):
        await station.configure("1", key="Nothing")
    await station.stop()
    with pytest.raises(CannotDo, match="no power"):
        await station.press_stop()
    await station.stop()


async def test_configure_reaches_read_only_variables_too(bench):
    await bench.station.configure("7", component="LocalAuthListCtrlr", variable="ItemsPerMessage")
    assert bench.firmware.device.get("LocalAuthListCtrlr.ItemsPerMessage") == "7"
    await bench.station.configure(True, key="TxCtrlr.TxBeforeAcceptedEnabled")
    assert bench.firmware.settings.tx_before_accepted


async def test_send_makes_the_station_send_anything(bench):
    result = await bench.station.send("DataTransfer", {"vendorId": "org.example"})
    assert "result" in result
    assert bench.peer.all("DataTransfer") == [{"vendorId": "org.example"}]


async def test_observe(bench):
    await bench.charging()
    seen = await bench.station.observe()
    assert seen["online"] is True
    assert seen["evses"]["1"]["power_w"] == 11_040
    assert seen["evses"]["1"]["state"] == "Charging"


async def test_a_fault_is_a_subclass_that_overrides_one_method(bench_of):
    from v2x_architecture.ocpp.v201.station import Firmware201

    class Backwards(Firmware201):
        def next_sequence_number(self, transaction):
            return -super().next_sequence_number(transaction) + 100

    bench = await bench_of(firmware=Backwards)
    await bench.charging()
    assert [event["seqNo"] for event in bench.peer.all("TransactionEvent")] == [100, 99, 98]


async def test_restart_of_the_process_keeps_what_the_file_holds(bench_of, tmp_path):
    path = str(tmp_path / "station.db")
    bench = await bench_of(storage=path)
    await bench.peer.set(TxCtrlr__EVConnectionTimeOut=12)
    await bench.charging()
    await asyncio.sleep(1800)
    await bench.station.stop()
    again = await bench_of(storage=path, boot=False)
    ended = await again.peer.expect("TransactionEvent", eventType="Ended")
    assert ended["transactionInfo"]["stoppedReason"] == "PowerLoss"
    assert ended["meterValue"][-1]["sampledValue"][0]["value"] == pytest.approx(5_520, rel=0.01)
    assert again.firmware.settings.ev_connection_timeout_s == 12


@pytest.fixture
async def csms(anyio_backend):
    csms = ReferenceCsms(CsmsConfig(), LoopClock())
    await csms.start()
    yield csms
    await csms.stop()


@pytest.fixture
async def station_at(anyio_backend):
    stations = []

    async def make(url, **config):
        station = ReferenceStation(StationConfig(url=url, **config), LoopClock())
        stations.append(station)
        await station.start()
        return station

    yield make
    for station in stations:
        await station.stop()


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_day_with_the_reference_csms(csms, station_at, version):
    await csms.set_token("GOOD")
    station = await station_at(csms.url, version=version, evses=(EvseConfig(), EvseConfig()))
    await asyncio.sleep(5)
    assert (await csms.stations())["stations"][0]["registration"] == "Accepted"
    await station.plug_in()
    await station.present_token("GOOD")
    await asyncio.sleep(1800)
    seen = (await station.observe())["evses"]["1"]
    assert (seen["state"], seen["power_w"]) == ("Charging", 11_040)
    limit = {"A": 8.0}
    if version == "2.0.1":
        schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit["A"]}]}
        profile = {"id": 1, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Relative"}
        payload = {"evseId": 1, "chargingProfile": profile | {"chargingSchedule": [schedule]}}
    else:
        schedule = {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit["A"]}]}
        profile = {"chargingProfileId": 1, "stackLevel": 0, "chargingProfileKind": "Relative"}
        profile |= {"chargingProfilePurpose": "TxDefaultProfile", "chargingSchedule": schedule}
        payload = {"connectorId": 1, "csChargingProfiles": profile}
    answer = await csms.call("CS001", "SetChargingProfile", payload)
    assert answer["result"]["status"] == "Accepted"
    await asyncio.sleep(10)
    assert (await station.observe())["evses"]["1"]["power_w"] == pytest.approx(8 * 230 * 3)
    await station.network_down()
    await asyncio.sleep(600)
    await station.present_token("GOOD")
    await asyncio.sleep(60)
    await station.unplug()
    await station.network_up()
    await asyncio.sleep(120)
    seen = await station.observe()
    assert seen["queued"] == 0
    assert seen["evses"]["1"]["transaction"] is None
    kind = {"type": "Immediate"} if version == "2.0.1" else {"type": "Hard"}
    assert (await csms.call("CS001", "Reset", kind))["result"]["status"] == "Accepted"
    await asyncio.sleep(30)
    assert (await station.observe())["online"] is True


@pytest.fixture
async def server(anyio_backend):
    """A CSMS whose answers a test decides: ``server.answer = async (action) -> payload``."""
    from types import SimpleNamespace

    from v2x_architecture.ocpp.server import OcppServer

    seen = []

    async def answer(action, payload):
        seen.append(action)
        return await state.answer(action)

    async def on_connect(endpoint):
        return answer

    listening = await OcppServer(on_connect=on_connect, versions=("2.0.1", "1.6")).start()
    state = SimpleNamespace(answer=None, seen=seen, url=listening.url)
    yield state
    await listening.stop()


async def empty(action):
    return {}


async def callerror(action):
    from v2x_architecture.ocpp.errors import CallRefused

    raise CallRefused("InternalError")


async def mute(action):
    await asyncio.sleep(3600)


async def good(action):
    if action == "BootNotification":
        return {"currentTime": "2025-06-01T08:00:00Z", "interval": 300, "status": "Accepted"}
    return {"currentTime": "2025-06-01T08:00:00Z"} if action == "Heartbeat" else {}


@pytest.mark.parametrize("validate", [True, False])
@pytest.mark.parametrize("bad", [empty, callerror, mute])
async def test_a_bad_csms_is_tried_again_patiently_until_it_is_a_good_one(server, station_at, bad, validate):
    server.answer = bad
    station = await station_at(server.url, validate=validate, boot_retry_s=20)
    await asyncio.sleep(200)
    assert 4 <= server.seen.count("BootNotification") <= 11
    assert set(server.seen) == {"BootNotification"}
    assert (await station.observe())["online"] is False
    server.answer = good
    await asyncio.sleep(60)
    assert (await station.observe())["online"] is True
    assert "StatusNotification" in server.seen


@pytest.mark.parametrize("profile", [2, 3])
async def test_security_profiles_2_and_3(station_at, tmp_path, profile):
    from v2x_architecture.ocpp.pki import write_pki
    from v2x_architecture.ocpp.station import TlsFiles
    from v2x_architecture.ocpp.tls import ServerTls

    pki = write_pki(tmp_path, identity="CS001")
    config = CsmsConfig(
        stations={"CS001": "a password of length"},
        security_profile=profile,
        tls=ServerTls(pki.csms.certificate, pki.csms.key, client_ca=pki.root if profile == 3 else None),
    )
    csms = ReferenceCsms(config, LoopClock())
    await csms.start()
    own = {"certificate": str(pki.station.certificate), "key": str(pki.station.key)} if profile == 3 else {}
    station = await station_at(
        csms.url,
        serial_number="CS001",
        password="a password of length" if profile == 2 else None,
        tls=TlsFiles(ca=str(pki.root), **own),
    )
    await asyncio.sleep(5)
    assert (await station.observe())["online"] is True
    item = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "SecurityProfile"}}
    answer = await csms.call("CS001", "GetVariables", {"getVariableData": [item]})
    assert answer["result"]["getVariableResult"][0]["attributeValue"] == str(profile)
    await station.stop()
    await csms.stop()
