"""Boot, heartbeat, and what may be said before the central system accepts (4.2, 4.6)."""

import asyncio
import itertools

import pytest
from v2x_architecture.ocpp.errors import CallRefused

pytestmark = pytest.mark.anyio

FAR = "2030-01-01T00:00:00Z"


@pytest.fixture
def boots(csms):
    """Lets the central system answer one boot after another; the last answer stays."""

    def answers(*statuses, interval=10):
        said = itertools.chain(statuses, itertools.repeat(statuses[-1]))
        csms.answers["BootNotification"] = lambda _: {"status": next(said), "interval": interval, "currentTime": csms.now}

    return answers


async def test_an_accepted_charge_point_reports_the_main_controller_and_every_connector(start, csms):
    await start(connectors=2, vendor="V" * 30)
    assert csms.actions == ["BootNotification"] + 3 * ["StatusNotification"]
    boot = csms.sent("BootNotification")[0]
    assert boot["chargePointVendor"] == "V" * 20
    assert [(each["connectorId"], each["status"], each["errorCode"]) for each in csms.sent("StatusNotification")] == [
        (0, "Available", "NoError"),
        (1, "Available", "NoError"),
        (2, "Available", "NoError"),
    ]


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
async def test_without_acceptance_nothing_is_said_until_the_interval_is_over(start, csms, boots, status):
    boots(status, "Accepted", interval=60)
    station = await start()
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(58)
    assert csms.actions == ["BootNotification"]
    await asyncio.sleep(3)
    assert csms.actions[:3] == ["BootNotification", "BootNotification", "StatusNotification"]
    assert csms.told(1) == ["Preparing"]


async def test_with_no_interval_the_charge_point_chooses_one(start, csms, boots):
    boots("Rejected", interval=0)
    await start(boot_retry_s=40)
    await asyncio.sleep(100)
    assert [round(at - csms.frames[0][0]) for at, action, _ in csms.frames if action == "BootNotification"] == [0, 40, 80]


async def test_a_refused_boot_is_tried_again(start, csms):
    csms.failing.add("BootNotification")
    await start(boot_retry_s=40)
    csms.failing.clear()
    await asyncio.sleep(60)
    assert csms.actions[:3] == ["BootNotification", "BootNotification", "StatusNotification"]


async def test_while_pending_the_central_system_can_configure_but_not_start(start, csms, boots):
    boots("Pending", interval=600)
    await start()
    answer = await csms.call("ChangeConfiguration", key="HeartbeatInterval", value="77")
    assert answer == {"status": "Accepted"}
    assert await csms.call("RemoteStartTransaction", idTag="TAG1", connectorId=1) == {"status": "Rejected"}
    assert await csms.call("RemoteStopTransaction", transactionId=1) == {"status": "Rejected"}


async def test_while_pending_a_trigger_brings_the_message_and_the_next_boot(start, csms, boots):
    boots("Pending", "Accepted", interval=600)
    await start()
    assert await csms.call("TriggerMessage", requestedMessage="Heartbeat") == {"status": "Accepted"}
    assert await csms.call("TriggerMessage", requestedMessage="StatusNotification", connectorId=1) == {"status": "Accepted"}
    assert await csms.call("TriggerMessage", requestedMessage="BootNotification") == {"status": "Accepted"}
    said = [action for action in csms.actions if not action.endswith(".conf")]
    assert said[:4] == ["BootNotification", "Heartbeat", "StatusNotification", "BootNotification"]


async def test_while_rejected_nothing_is_answered(start, csms, boots):
    boots("Rejected", interval=600)
    await start()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(100):
            await csms.call("GetConfiguration")


async def test_before_the_first_answer_calls_are_refused(start, csms):
    csms.answers["BootNotification"] = {"no answer": True}
    await start()
    with pytest.raises(CallRefused, match="SecurityError"):
        await csms.call("GetConfiguration")


async def test_the_interval_of_the_boot_becomes_the_heartbeat_interval(start, csms, boots):
    boots("Accepted", interval=100)
    await start()
    answer = await csms.call("GetConfiguration", key=["HeartbeatInterval"])
    assert answer["configurationKey"][0]["value"] == "100"
    csms.forget()
    await asyncio.sleep(350)
    assert csms.actions == 3 * ["Heartbeat"]


async def test_a_changed_heartbeat_interval_counts_at_once(start, csms):
    await start()
    await csms.call("ChangeConfiguration", key="HeartbeatInterval", value="30")
    csms.forget()
    await asyncio.sleep(100)
    assert csms.actions == 3 * ["Heartbeat"]


async def test_the_clock_follows_the_central_system(start, csms):
    csms.answers["BootNotification"] = {"status": "Accepted", "interval": 60, "currentTime": FAR}
    await start()
    assert all(each["timestamp"].startswith("2030-01-01T00:00:0") for each in csms.sent("StatusNotification"))


async def test_after_a_lost_connection_no_boot_and_only_news_are_told(station, csms):
    await csms.lose()
    csms.reachable = True
    await asyncio.sleep(30)
    assert csms.actions == []
    await csms.lose()
    await station.plug_in()
    await asyncio.sleep(5)
    csms.reachable = True
    await asyncio.sleep(60)
    assert csms.actions == ["StatusNotification"]
    assert csms.told(1) == ["Preparing"]


async def test_a_power_cycle_boots_again(station, csms):
    await station.power_cycle()
    await asyncio.sleep(2)
    assert csms.actions == ["BootNotification", "StatusNotification", "StatusNotification"]
