"""Booting: B01 to B04."""

from __future__ import annotations

import asyncio

import pytest

pytestmark = pytest.mark.anyio


async def test_cold_boot_reports_station_then_every_connector(bench_of):
    bench = await bench_of(boot=False)
    boot = await bench.peer.expect("BootNotification")
    assert boot["reason"] == "PowerUp"
    status = await bench.peer.expect("StatusNotification")
    assert (status["evseId"], status["connectorId"], status["connectorStatus"]) == (1, 1, "Available")
    event = await bench.peer.expect("SecurityEventNotification")
    assert event["type"] == "StartupOfTheDevice"


async def test_heartbeat_follows_the_interval_of_the_boot_answer(bench_of):
    bench = await bench_of(boot=False)
    bench.peer.script["BootNotification"] = lambda _: {"currentTime": bench.peer.time(), "interval": 42, "status": "Accepted"}
    await bench.peer.expect("SecurityEventNotification")
    before = bench.peer.now()
    await bench.peer.expect("Heartbeat", within=50)
    assert 41 <= bench.peer.now() - before <= 43


async def test_pending_station_says_nothing_but_what_it_is_asked_for(bench_of):
    bench = await bench_of(boot=False)
    bench.peer.script["BootNotification"] = lambda _: {"currentTime": bench.peer.time(), "interval": 30, "status": "Pending"}
    await bench.peer.expect("BootNotification")
    await bench.station.plug_in()
    await bench.peer.quiet(during=25)
    item = {"component": {"name": "TxCtrlr"}, "variable": {"name": "TxStartPoint"}}
    answer = await bench.peer.ask("GetVariables", {"getVariableData": [item]})
    assert answer["getVariableResult"][0]["attributeStatus"] == "Accepted"
    assert (await bench.peer.ask("GetBaseReport", {"requestId": 5, "reportBase": "SummaryInventory"}))["status"] == "Accepted"
    assert (await bench.peer.expect("NotifyReport"))["requestId"] == 5
    start = {"idToken": {"idToken": "A", "type": "Central"}, "remoteStartId": 1, "evseId": 1}
    assert (await bench.peer.ask("RequestStartTransaction", start))["status"] == "Rejected"
    del bench.peer.script["BootNotification"]
    await bench.peer.expect("BootNotification", within=6)
    await bench.peer.expect("StatusNotification", connectorStatus="Occupied")


async def test_triggered_boot_notification_comes_before_the_interval_is_over(bench_of):
    bench = await bench_of(boot=False)
    bench.peer.script["BootNotification"] = lambda _: {"currentTime": bench.peer.time(), "interval": 300, "status": "Pending"}
    await bench.peer.expect("BootNotification")
    await asyncio.sleep(1)
    assert (await bench.peer.ask("TriggerMessage", {"requestedMessage": "BootNotification"}))["status"] == "Accepted"
    await bench.peer.expect("BootNotification", within=1)


async def test_rejected_station_refuses_calls_and_tries_again_after_the_interval(bench_of):
    bench = await bench_of(boot=False)
    bench.peer.script["BootNotification"] = lambda _: {"currentTime": bench.peer.time(), "interval": 60, "status": "Rejected"}
    await bench.peer.expect("BootNotification")
    await asyncio.sleep(1)
    assert await bench.peer.refused("ClearCache") == "SecurityError"
    await bench.peer.quiet(during=55)
    await bench.peer.expect("BootNotification", within=5)


async def test_interval_zero_leaves_the_wait_to_the_station(bench_of):
    bench = await bench_of(boot=False, boot_retry_s=20)
    bench.peer.script["BootNotification"] = lambda _: {"currentTime": bench.peer.time(), "interval": 0, "status": "Rejected"}
    await bench.peer.expect("BootNotification")
    await bench.peer.quiet(during=19)
    await bench.peer.expect("BootNotification", within=2)


async def test_after_a_short_absence_only_changed_connectors_are_reported(bench_of):
    bench = await bench_of(variables={"OCPPCommCtrlr.OfflineThreshold": 600})
    bench.peer.cut()
    await asyncio.sleep(30)
    bench.peer.reachable = True
    await bench.peer.expect("Heartbeat")
    await bench.peer.quiet("StatusNotification", during=5)
    bench.peer.cut()
    await asyncio.sleep(1)
    await bench.station.plug_in()
    bench.peer.reachable = True
    await bench.peer.expect("StatusNotification", connectorStatus="Occupied")
    assert len(bench.peer.all("BootNotification")) == 1


async def test_status_that_a_connection_took_with_it_is_reported_over_the_next(bench_of):
    bench = await bench_of(variables={"OCPPCommCtrlr.OfflineThreshold": 600})
    await bench.station.plug_in()
    bench.peer.cut()
    await asyncio.sleep(1)
    bench.peer.reachable = True
    await bench.peer.expect("StatusNotification", connectorStatus="Occupied")


async def test_after_a_long_absence_every_connector_is_reported(bench):
    bench.peer.cut()
    await asyncio.sleep(100)
    bench.peer.reachable = True
    await bench.peer.expect("StatusNotification", connectorStatus="Available")


async def test_clock_follows_the_csms(bench_of):
    bench = await bench_of(boot=False)
    bench.peer.script["BootNotification"] = lambda _: {
        "currentTime": "2031-01-01T00:00:00Z",
        "interval": 300,
        "status": "Accepted",
    }
    status = await bench.peer.expect("StatusNotification")
    assert status["timestamp"].startswith("2031-01-01T00:00:0")
