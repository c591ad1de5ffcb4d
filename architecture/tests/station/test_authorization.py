"""Authorization of the 2.0.1 station: C01 to C16, D01, D02."""

from __future__ import annotations

import asyncio

import pytest

pytestmark = pytest.mark.anyio

CACHE_ONLY = {"LocalAuthListCtrlr.Enabled": False, "TxCtrlr.TxStartPoint": "Authorized"}


@pytest.fixture
async def bench(bench_of):
    return await bench_of(variables={"TxCtrlr.TxStartPoint": "Authorized", "TxCtrlr.EVConnectionTimeOut": 5})


def entry(value, status="Accepted", **info):
    return {"idToken": {"idToken": value, "type": "ISO14443"}, "idTokenInfo": {"status": status} | info}


async def send_list(bench, version, *entries, kind="Full"):
    payload = {"versionNumber": version, "updateType": kind}
    if entries:
        payload["localAuthorizationList"] = list(entries)
    return (await bench.peer.ask("SendLocalList", payload))["status"]


async def starts(bench, token, evse=1):
    """Whether a token starts a transaction; the transaction lapses afterwards."""
    bench.peer.catch_up()
    before = started(bench)
    await bench.station.present_token(token, evse=evse)
    await asyncio.sleep(10)
    return started(bench) > before


def started(bench):
    """How many transactions were reported as started, or will be."""
    events = bench.peer.all("TransactionEvent") + [message.payload for message in bench.firmware.outbox]
    return len([event for event in events if event.get("eventType") == "Started"])


class TestCache:
    async def test_known_token_starts_without_asking(self, bench):
        bench.peer.tokens["GOOD"] = {"status": "Accepted"}
        assert await starts(bench, "GOOD")
        assert len(bench.peer.all("Authorize")) == 1
        assert await starts(bench, "good")
        assert len(bench.peer.all("Authorize")) == 1

    async def test_refused_token_is_asked_about_again(self, bench):
        bench.peer.tokens["T"] = {"status": "Blocked"}
        assert not await starts(bench, "T")
        assert not await starts(bench, "T")
        assert len(bench.peer.all("Authorize")) == 2

    async def test_survives_a_power_cycle_and_is_cleared_on_request(self, bench):
        bench.peer.tokens["GOOD"] = {"status": "Accepted"}
        assert await starts(bench, "GOOD")
        await bench.station.power_cycle()
        await bench.booted()
        assert await starts(bench, "GOOD")
        assert len(bench.peer.all("Authorize")) == 1
        assert (await bench.peer.ask("ClearCache"))["status"] == "Accepted"
        assert await starts(bench, "GOOD")
        assert len(bench.peer.all("Authorize")) == 2

    async def test_switched_off_it_is_not_cleared(self, bench):
        await bench.peer.set(AuthCacheCtrlr__Enabled="false")
        assert (await bench.peer.ask("ClearCache"))["status"] == "Rejected"

    async def test_life_time_counts_from_the_last_use(self, bench):
        await bench.peer.set(AuthCacheCtrlr__LifeTime=100)
        bench.peer.tokens["GOOD"] = {"status": "Accepted"}
        for _ in range(3):
            assert await starts(bench, "GOOD")
            await asyncio.sleep(80)
        assert len(bench.peer.all("Authorize")) == 1
        await asyncio.sleep(50)
        assert await starts(bench, "GOOD")
        assert len(bench.peer.all("Authorize")) == 2

    async def test_expiry_date_of_the_csms_wins(self, bench):
        bench.peer.tokens["GOOD"] = {"status": "Accepted", "cacheExpiryDateTime": "2025-06-01T08:01:00Z"}
        assert await starts(bench, "GOOD")
        await asyncio.sleep(60)
        assert await starts(bench, "GOOD")
        assert len(bench.peer.all("Authorize")) == 2

    async def test_without_local_pre_authorize_the_csms_is_asked(self, bench):
        await bench.peer.set(AuthCtrlr__LocalPreAuthorize="false")
        bench.peer.tokens["GOOD"] = {"status": "Accepted"}
        assert await starts(bench, "GOOD")
        assert await starts(bench, "GOOD")
        assert len(bench.peer.all("Authorize")) == 2


class TestLocalList:
    async def test_versions(self, bench):
        assert (await bench.peer.ask("GetLocalListVersion"))["versionNumber"] == 0
        assert await send_list(bench, 5, entry("A"), entry("B")) == "Accepted"
        assert (await bench.peer.ask("GetLocalListVersion"))["versionNumber"] == 5
        assert await send_list(bench, 5, entry("C"), kind="Differential") == "VersionMismatch"
        assert await send_list(bench, 6, entry("C"), {"idToken": entry("A")["idToken"]}, kind="Differential") == "Accepted"
        assert len(bench.firmware.local_list) == 2
        assert await send_list(bench, 7, kind="Differential") == "Accepted"
        assert len(bench.firmware.local_list) == 2
        assert await send_list(bench, 8) == "Accepted"
        assert len(bench.firmware.local_list) == 0
        assert (await bench.peer.ask("GetLocalListVersion"))["versionNumber"] == 8

    async def test_survives_a_power_cycle(self, bench):
        await send_list(bench, 3, entry("A"))
        await bench.station.power_cycle()
        await bench.booted()
        assert (await bench.peer.ask("GetLocalListVersion"))["versionNumber"] == 3
        assert await starts(bench, "A")
        assert bench.peer.all("Authorize") == []

    async def test_duplicates_and_switched_off_lists_fail(self, bench):
        assert await send_list(bench, 3, entry("A"), entry("a")) == "Failed"
        await bench.peer.set(LocalAuthListCtrlr__Enabled="false")
        assert await send_list(bench, 3, entry("A")) == "Failed"
        assert (await bench.peer.ask("GetLocalListVersion"))["versionNumber"] == 0

    async def test_it_comes_before_the_cache(self, bench):
        bench.peer.tokens["A"] = {"status": "Accepted"}
        assert await starts(bench, "A")
        await send_list(bench, 3, entry("A", "Blocked"))
        bench.peer.tokens["A"] = {"status": "Blocked"}
        assert not await starts(bench, "A")
        assert len(bench.peer.all("Authorize")) == 2

    async def test_expired_entries_do_not_count(self, bench):
        await send_list(bench, 3, entry("A", cacheExpiryDateTime="2025-06-01T08:01:00Z"))
        assert await starts(bench, "A")
        await asyncio.sleep(60)
        assert not await starts(bench, "A")
        assert len(bench.peer.all("Authorize")) == 1


class TestOffline:
    async def test_local_list_and_cache_authorize(self, bench):
        bench.peer.tokens["CACHED"] = {"status": "Accepted"}
        assert await starts(bench, "CACHED")
        await send_list(bench, 1, entry("LISTED"), entry("BLOCKED", "Blocked"))
        bench.peer.cut()
        await asyncio.sleep(1)
        assert await starts(bench, "LISTED")
        assert await starts(bench, "CACHED")
        assert not await starts(bench, "BLOCKED")
        assert not await starts(bench, "UNKNOWN")

    async def test_unknown_tokens_where_they_are_allowed(self, bench):
        await bench.peer.set(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
        await send_list(bench, 1, entry("BLOCKED", "Blocked"))
        bench.peer.cut()
        await asyncio.sleep(1)
        assert await starts(bench, "UNKNOWN")
        assert not await starts(bench, "BLOCKED")
        assert len(bench.firmware.cache) == 0

    async def test_nobody_where_local_authorization_is_off(self, bench):
        await bench.peer.set(AuthCtrlr__LocalAuthorizeOffline="false")
        await send_list(bench, 1, entry("LISTED"))
        bench.peer.cut()
        await asyncio.sleep(1)
        assert not await starts(bench, "LISTED")

    async def test_unanswered_authorize_counts_as_offline(self, bench):
        from .conftest import Silence

        def silence(_):
            raise Silence

        bench.peer.script["Authorize"] = silence
        await bench.peer.set(AuthCtrlr__OfflineTxForUnknownIdEnabled="true")
        await bench.station.present_token("UNKNOWN")
        await bench.peer.expect("TransactionEvent", eventType="Started", within=35)


class TestStopping:
    async def test_member_of_the_group_may_stop(self, bench):
        group = {"groupIdToken": {"idToken": "G", "type": "Central"}}
        bench.peer.tokens |= {"A": {"status": "Accepted"} | group, "B": {"status": "Accepted"} | group}
        await bench.charging("A")
        await bench.station.present_token("B")
        await bench.peer.expect("Authorize")
        ended = await bench.peer.expect("TransactionEvent", eventType="Ended")
        assert ended["idToken"]["idToken"] == "B"

    async def test_stranger_and_blocked_member_may_not(self, bench):
        group = {"groupIdToken": {"idToken": "G", "type": "Central"}}
        bench.peer.tokens |= {
            "A": {"status": "Accepted"} | group,
            "B": {"status": "Blocked"} | group,
            "C": {"status": "Accepted"},
        }
        await bench.charging("A")
        for token in "BC":
            await bench.station.present_token(token)
            await bench.peer.expect("Authorize")
            await bench.peer.quiet("TransactionEvent", during=5)

    async def test_master_pass_stops_everything_and_starts_nothing(self, bench_of):
        from v2x_architecture.ocpp.station import EvseConfig

        bench = await bench_of(evses=(EvseConfig(), EvseConfig()), variables={"AuthCtrlr.MasterPassGroupId": "MASTER"})
        bench.peer.tokens["M"] = {"status": "Accepted", "groupIdToken": {"idToken": "MASTER", "type": "Central"}}
        await bench.station.present_token("M")
        await bench.peer.expect("Authorize")
        await bench.peer.quiet("TransactionEvent", during=5)
        await bench.charging("A", evse=1)
        await bench.charging("B", evse=2)
        await bench.station.present_token("M", evse=2)
        for _ in range(2):
            ended = await bench.peer.expect("TransactionEvent", eventType="Ended")
            assert ended["transactionInfo"]["stoppedReason"] == "MasterPass"


async def test_token_charges_only_where_it_may(bench_of):
    from v2x_architecture.ocpp.station import EvseConfig

    bench = await bench_of(evses=(EvseConfig(), EvseConfig()), variables={"TxCtrlr.TxStartPoint": "Authorized"})
    bench.peer.tokens["A"] = {"status": "Accepted", "evseId": [2]}
    assert not await starts(bench, "A", evse=1)
    await bench.station.present_token("A", evse=2)
    await bench.peer.expect("TransactionEvent", eventType="Started")


async def test_remote_authorization_can_be_switched_off(bench):
    await bench.peer.set(AuthCtrlr__DisableRemoteAuthorization="true")
    bench.peer.tokens["A"] = {"status": "Accepted"}
    assert not await starts(bench, "A")
    assert bench.peer.all("Authorize") == []


async def test_shared_reader_takes_the_token_before_the_evse_is_known(bench_of):
    from v2x_architecture.ocpp.station import EvseConfig

    variables = {"TxCtrlr.TxStartPoint": "Authorized"}
    bench = await bench_of(evses=(EvseConfig(), EvseConfig()), shared_reader=True, variables=variables)
    bench.peer.tokens["A"] = {"status": "Accepted"}
    await bench.station.present_token("A")
    started = await bench.peer.expect("TransactionEvent", eventType="Started")
    assert "meterValue" not in started
    await bench.station.plug_in(evse=2)
    plugged = await bench.peer.expect("TransactionEvent", triggerReason="CablePluggedIn")
    assert plugged["evse"] == {"id": 2, "connectorId": 1}
    charging = await bench.peer.expect("TransactionEvent", triggerReason="ChargingStateChanged")
    assert charging["meterValue"][0]["sampledValue"][0]["context"] == "Transaction.Begin"
    await bench.station.present_token("A")
    assert (await bench.peer.expect("TransactionEvent"))["eventType"] == "Ended"
