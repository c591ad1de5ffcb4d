from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from v2x_adapters.ocpp.reference import ReferenceCsmsProduct, ReferenceStationProduct
from v2x_architecture.clock import LoopClock
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.operator import Placement

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return ("asyncio", {"loop_factory": VirtualTimeLoop})


def placed(role: str, version: str, tmp_path: Path, **where: object) -> Placement:
    return Placement(role=role, protocol="ocpp", version=version, workdir=str(tmp_path), **where)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_cast_of_both_boots_and_is_operated(tmp_path: Path, version: str) -> None:
    clock = LoopClock()
    csms, station = ReferenceCsmsProduct(clock=clock), ReferenceStationProduct(clock=clock)
    ready = await csms.start(
        placed("csms", version, tmp_path, identities={"CS 1": "a-password-of-sixteen"}, settings={"interval": 77})
    )
    assert ready.endpoint.startswith("ws://127.0.0.1:")
    assert {"call", "set_token", "set_boot", "stations", "forget"} <= set(ready.verbs)
    ready = await station.start(
        placed("station", version, tmp_path, connect_to=ready.endpoint, identity="CS 1", password="a-password-of-sixteen")
    )
    assert {"plug_in", "present_token", "power_cycle", "send"} <= set(ready.verbs)
    assert "start" not in ready.verbs
    async with asyncio.timeout(60):
        while (await station.do("observe", {}))["registration"] != "Accepted":  # noqa: ASYNC110 - observed from outside
            await asyncio.sleep(0.05)
    name = "TriggerMessage"
    assert "result" in await csms.do("call", {"station": "CS 1", "action": name, "payload": {"requestedMessage": "Heartbeat"}})
    await station.do("plug_in", {"evse": 1})
    with pytest.raises(AdapterError, match="reference station cannot plug_in"):
        await station.do("plug_in", {"evse": 9})
    await station.stop()
    await csms.stop()


async def test_a_vehicle_that_speaks_iso15118_is_plugged_in_like_any_other(tmp_path: Path) -> None:
    clock = LoopClock()
    csms, station = ReferenceCsmsProduct(clock=clock), ReferenceStationProduct(clock=clock)
    password = "a-password-of-sixteen"
    ready = await csms.start(placed("csms", "2.0.1", tmp_path, identities={"CS 1": password}))
    await csms.do("set_token", {"id_token": "GOOD"})
    evse = {
        "current": "DC",
        "phases": 1,
        "voltage_v": 400,
        "tethered": True,
        "secc": {"sdp": False, "protocols": ["iso2", "din"]},
    }
    where = {"connect_to": ready.endpoint, "identity": "CS 1", "password": password}
    await station.start(placed("station", "2.0.1", tmp_path, settings={"evses": [evse]}, **where))
    await station.do("plug_in", {"vehicle": {"soc": 79.9}, "evcc": {"protocols": ["din"], "target_soc": 80}})
    await asyncio.sleep(2)
    await station.do("present_token", {"id_token": "GOOD"})
    await asyncio.sleep(120)
    seen = (await station.do("observe", {}))["evses"]["1"]
    assert (seen["iso15118"], seen["transaction"]) == ("End", None)
    assert seen["meter_wh"] == pytest.approx(60, rel=0.2)
    with pytest.raises(AdapterError, match="there is no protocol iso3"):
        await station.do("plug_in", {"evcc": {"protocols": ["iso3"]}})
    port = seen["secc"]["port"]
    other = ReferenceStationProduct(clock=clock)
    with pytest.raises(AdapterError, match="SECC of the reference station cannot listen"):
        await other.start(
            placed("station", "2.0.1", tmp_path, settings={"evses": [evse | {"secc": {"sdp": False, "port": port}}]})
        )
    await station.stop()
    await csms.stop()


@pytest.mark.parametrize("product", [ReferenceCsmsProduct(), ReferenceStationProduct()])
async def test_what_does_not_run_cannot_be_operated(product) -> None:
    await product.stop()
    with pytest.raises(AdapterError, match="is not running"):
        await product.do("stations", {})


async def test_verbs_and_arguments_that_there_are_not_are_explained(tmp_path: Path) -> None:
    csms = ReferenceCsmsProduct()
    await csms.start(placed("csms", "1.6", tmp_path))
    with pytest.raises(UnsupportedVerb, match="cannot plug_in") as unsupported:
        await csms.do("plug_in", {})
    assert "set_token" in unsupported.value.hint
    with pytest.raises(UnsupportedVerb):
        await csms.do("stop", {})
    with pytest.raises(AdapterError, match="with station, nonsense: got an unexpected keyword argument"):
        await csms.do("forget", {"station": "x", "nonsense": 1})
    with pytest.raises(AdapterError, match="cannot set_boot"):
        await csms.do("set_boot", {"status": "Perhaps"})
    await csms.stop()


@pytest.mark.parametrize(
    ("role", "settings", "message"),
    [
        ("csms", {"interval": "often"}, "the setting interval of the reference actor is wrong"),
        ("station", {"evses": []}, "an EVSE|at least one EVSE"),
        ("station", {"evses": [{"phases": 7}]}, "the setting evses of the reference actor is wrong"),
    ],
)
async def test_a_setting_that_is_wrong_is_named(tmp_path: Path, role: str, settings: dict[str, object], message: str) -> None:
    product = ReferenceCsmsProduct() if role == "csms" else ReferenceStationProduct()
    with pytest.raises(AdapterError, match=message):
        await product.start(placed(role, "1.6", tmp_path, settings=settings))


async def test_settings_of_others_are_left_alone(tmp_path: Path) -> None:
    csms = ReferenceCsmsProduct()
    await csms.start(placed("csms", "1.6", tmp_path, settings={"id_token": "A1", "interval": 5}))
    assert csms.running
    assert csms.running.config.interval == 5
    await csms.stop()


async def test_a_port_that_is_taken_is_an_adapter_error(tmp_path: Path) -> None:
    first, second = ReferenceCsmsProduct(), ReferenceCsmsProduct()
    ready = await first.start(placed("csms", "1.6", tmp_path))
    with pytest.raises(AdapterError, match="cannot listen on"):
        await second.start(placed("csms", "1.6", tmp_path, listen=ready.endpoint.removeprefix("ws://").split("/")[0]))
    await first.stop()
