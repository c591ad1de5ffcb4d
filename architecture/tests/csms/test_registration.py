import asyncio

import pytest
from v2x_architecture.ocpp.csms import CallNotAllowed, CsmsConfig, InvalidPolicy
from v2x_architecture.ocpp.errors import CallRefused

pytestmark = pytest.mark.anyio
both_versions = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


@both_versions
async def test_a_booting_station_is_accepted_and_told_time_and_interval(connect, boots, version):
    station = await connect(version, boot=False)
    answer = await station.call("BootNotification", boots[version])
    assert answer["status"] == "Accepted"
    assert answer["interval"] == 300
    assert answer["currentTime"].startswith("2026-03-01T12:00:0")
    assert answer["currentTime"].endswith("Z")


@both_versions
async def test_heartbeat_tells_the_time_as_it_goes_on(connect, version):
    station = await connect(version)
    before = (await station.call("Heartbeat"))["currentTime"]
    await asyncio.sleep(90)
    after = (await station.call("Heartbeat"))["currentTime"]
    assert before < "2026-03-01T12:01:30" <= after


@both_versions
@pytest.mark.parametrize("status", ["Pending", "Rejected"])
async def test_boot_policy_decides_for_one_station(csms, connect, boots, version, status):
    await csms.set_boot("CS1", status, interval=7)
    station = await connect(version, boot=False)
    answer = await station.call("BootNotification", boots[version])
    assert (answer["status"], answer["interval"]) == (status, 7)
    other = await connect(version, identity="CS2", boot=False)
    assert (await other.call("BootNotification", boots[version]))["status"] == "Accepted"


@both_versions
@pytest.mark.parametrize("status", ["Pending", "Rejected", None])
async def test_calls_of_a_station_that_is_not_accepted_are_refused_with_security_error(csms, connect, version, status):
    if status is not None:
        await csms.set_boot("CS1", status)
    station = await connect(version, boot=status is not None)
    with pytest.raises(CallRefused) as refused:
        await station.call("Heartbeat")
    assert refused.value.code == "SecurityError"


@both_versions
async def test_a_pending_station_may_send_what_it_was_triggered_to_send(csms, connect, answering, version):
    await csms.set_boot("CS1", "Pending")
    station = await connect(version, answering())
    await csms.call("CS1", "TriggerMessage", {"requestedMessage": "Heartbeat"})
    assert "currentTime" in await station.call("Heartbeat")


@both_versions
async def test_a_trigger_that_was_turned_down_allows_nothing(csms, connect, answering, version):
    await csms.set_boot("CS1", "Pending")
    station = await connect(version, answering(TriggerMessage={"status": "Rejected"}))
    await csms.call("CS1", "TriggerMessage", {"requestedMessage": "Heartbeat"})
    with pytest.raises(CallRefused, match="SecurityError"):
        await station.call("Heartbeat")


async def test_a_pending_station_may_send_the_report_it_was_asked_for(csms, connect, answering):
    await csms.set_boot("CS1", "Pending")
    station = await connect("2.0.1", answering())
    await csms.call("CS1", "GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"})
    report = {"requestId": 1, "generatedAt": "2026-03-01T12:00:00Z", "seqNo": 0}
    assert await station.call("NotifyReport", report) == {}


@both_versions
async def test_a_triggered_boot_is_decided_anew(csms, connect, answering, boots, version):
    await csms.set_boot("CS1", "Pending")
    station = await connect(version, answering())
    await csms.set_boot("CS1", "Accepted")
    await csms.call("CS1", "TriggerMessage", {"requestedMessage": "BootNotification"})
    assert (await station.call("BootNotification", boots[version]))["status"] == "Accepted"
    assert "currentTime" in await station.call("Heartbeat")


@pytest.mark.parametrize(
    ("version", "start"),
    [("1.6", ("RemoteStartTransaction", {"idTag": "T"})), ("2.0.1", ("RequestStopTransaction", {"transactionId": "T"}))],
)
async def test_a_pending_station_gets_no_remote_start_or_stop_unless_a_tester_insists(csms, connect, answering, version, start):
    await csms.set_boot("CS1", "Pending")
    await connect(version, answering())
    with pytest.raises(CallNotAllowed):
        await csms.call("CS1", *start)
    assert await csms.call("CS1", *start, override=True) == {"result": {"status": "Accepted"}}


@both_versions
async def test_a_rejected_station_gets_no_call_at_all(csms, connect, answering, version):
    await csms.set_boot("CS1", "Rejected")
    handler = answering()
    await connect(version, handler)
    with pytest.raises(CallNotAllowed):
        await csms.call("CS1", "TriggerMessage", {"requestedMessage": "BootNotification"})
    assert handler.calls == []


@both_versions
async def test_an_accepted_station_that_reconnects_need_not_boot(connect, version):
    await (await connect(version)).close()
    station = await connect(version, boot=False)
    assert "currentTime" in await station.call("Heartbeat")


async def test_a_station_that_comes_back_with_another_version_must_boot(connect):
    await (await connect("1.6")).close()
    station = await connect("2.0.1", boot=False)
    with pytest.raises(CallRefused, match="SecurityError"):
        await station.call("Heartbeat")


async def test_a_forgotten_station_must_boot(csms, connect):
    await connect("2.0.1")
    await csms.forget("CS1")
    assert await csms.stations() == {"stations": []}
    station = await connect("2.0.1", boot=False)
    with pytest.raises(CallRefused, match="SecurityError"):
        await station.call("Heartbeat")


async def test_no_such_boot_status(csms):
    with pytest.raises(InvalidPolicy, match="status"):
        await csms.set_boot("CS1", "Maybe")


class TestLenient:
    @pytest.fixture
    def config(self):
        return CsmsConfig(serve_unregistered=True)

    @both_versions
    async def test_stations_that_never_booted_can_be_served(self, csms, connect, answering, version):
        station = await connect(version, answering(), boot=False)
        assert "currentTime" in await station.call("Heartbeat")
        assert await csms.call("CS1", "ClearCache", {}) == {"result": {"status": "Accepted"}}
