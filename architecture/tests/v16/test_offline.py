"""Messages about transactions: kept, in order, retried (3.7, 4.8, errata 3.18)."""

import asyncio
from itertools import pairwise

import pytest

pytestmark = pytest.mark.anyio

ABOUT = ("StartTransaction", "MeterValues", "StopTransaction")


def told(csms):
    return [(action, payload.get("transactionId")) for _, action, payload in csms.frames if action in ABOUT]


@pytest.fixture
async def offline(start, csms):
    """A charge point that was online once, and has no connection now."""
    station = await start(AllowOfflineTxForUnknownId=True, MeterValueSampleInterval=60)
    await csms.lose()
    csms.forget()
    return station


async def charge(station, seconds, tag="TAG1"):
    await station.plug_in()
    await station.present_token(tag)
    await asyncio.sleep(seconds)
    await station.unplug()
    await asyncio.sleep(2)


async def back(csms, seconds=60):
    csms.reachable = True
    await asyncio.sleep(seconds)


async def test_transactions_made_offline_are_told_in_order_with_their_own_times(offline, csms):
    await charge(offline, 130)
    await charge(offline, 70, "TAG2")
    await back(csms)
    assert told(csms) == [
        ("StartTransaction", None),
        ("MeterValues", 1),
        ("MeterValues", 1),
        ("StopTransaction", 1),
        ("StartTransaction", None),
        ("MeterValues", 2),
        ("StopTransaction", 2),
    ]
    assert [each["idTag"] for each in csms.sent("StartTransaction")] == ["TAG1", "TAG2"]
    first, second = csms.sent("StopTransaction")
    assert first["timestamp"] < second["timestamp"] < csms.now
    assert csms.sent("StartTransaction")[1]["meterStart"] == first["meterStop"]


async def test_what_is_kept_outlives_a_power_cycle(offline, csms):
    await charge(offline, 70)
    await offline.power_cycle()
    await asyncio.sleep(2)
    await back(csms)
    assert told(csms) == [("StartTransaction", None), ("MeterValues", 1), ("StopTransaction", 1)]
    assert csms.actions[0] == "BootNotification"


async def test_the_id_of_a_transaction_outlives_a_power_cycle(charging, csms):
    await csms.lose()
    await charging.power_cycle()
    await asyncio.sleep(2)
    await back(csms)
    assert told(csms) == [("StopTransaction", 1)]


async def test_an_invalid_identifier_is_stopped_when_the_connection_is_back(offline, csms):
    csms.tags["TAG1"] = {"status": "Invalid"}
    await offline.plug_in()
    await offline.present_token("TAG1")
    await asyncio.sleep(30)
    await back(csms, 120)
    assert told(csms) == [("StartTransaction", None), ("StopTransaction", 1)]
    assert csms.sent("StopTransaction")[0]["reason"] == "DeAuthorized"


async def test_a_message_that_fails_is_sent_again_after_growing_waits_and_then_given_up(start, csms):
    station = await start(TransactionMessageAttempts=3, TransactionMessageRetryInterval=60, MeterValueSampleInterval=0)
    csms.failing.add("StopTransaction")
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(10)
    csms.forget()
    await station.press_stop()
    await asyncio.sleep(600)
    times = [at for at, action, _ in csms.frames if action == "StopTransaction"]
    assert [round(after - before) for before, after in pairwise(times)] == [60, 120]
    csms.failing.clear()
    await station.present_token("TAG1")
    await asyncio.sleep(10)
    assert told(csms)[3:] == [("StartTransaction", None)]


async def test_a_start_that_is_never_answered_leaves_the_transaction_without_an_id(start, csms):
    station = await start(TransactionMessageAttempts=2, TransactionMessageRetryInterval=10, MeterValueSampleInterval=60)
    csms.failing.add("StartTransaction")
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(70)
    await station.press_stop()
    await asyncio.sleep(5)
    assert told(csms) == [("StartTransaction", None)] * 2 + [("MeterValues", -1), ("StopTransaction", -1)]


async def test_other_messages_do_not_wait_for_those_that_are_retried(start, csms):
    station = await start(TransactionMessageRetryInterval=600, MeterValueSampleInterval=0)
    csms.failing.add("StartTransaction")
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(5)
    csms.forget()
    await csms.call("TriggerMessage", requestedMessage="Heartbeat")
    assert csms.sent("Heartbeat")
    assert not csms.sent("StartTransaction")


async def test_an_answer_that_was_lost_with_the_connection_is_asked_for_again(start, csms):
    station = await start(MeterValueSampleInterval=0)
    csms.answers["StartTransaction"] = {"no answer": True}
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    await csms.lose()
    csms.answers.clear()
    await back(csms)
    assert told(csms) == [("StartTransaction", None)] * 2
    one, two = csms.sent("StartTransaction")
    assert one == two
