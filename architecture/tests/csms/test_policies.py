import asyncio

import pytest
from v2x_architecture.ocpp.csms import InvalidPolicy
from v2x_architecture.ocpp.csms.policies import Policies, merged
from v2x_architecture.ocpp.errors import CallRefused

pytestmark = pytest.mark.anyio


async def test_the_next_answer_is_replaced_once(csms, connect):
    station = await connect("1.6")
    await csms.set_policy("answer", {"action": "Authorize", "payload": {"idTagInfo": {"status": "Blocked"}}})
    assert await station.call("Authorize", {"idTag": "x"}) == {"idTagInfo": {"status": "Blocked"}}
    assert await station.call("Authorize", {"idTag": "x"}) == {"idTagInfo": {"status": "Invalid"}}


async def test_answers_are_used_in_order_and_by_station(csms, connect):
    one, two = [await connect("2.0.1", identity=name) for name in ("one", "two")]
    for name, time in (("two", "2020"), ("one", "2021"), ("one", "2022")):
        payload = {"currentTime": f"{time}-01-01T00:00:00Z"}
        await csms.set_policy("answer", {"action": "Heartbeat", "payload": payload, "station": name})
    told = [(await station.call("Heartbeat"))["currentTime"][:4] for station in (one, one, one, two, two)]
    assert told == ["2021", "2022", "2026", "2020", "2026"]


async def test_an_answer_is_changed_in_part_and_the_call_processed(csms, connect):
    station = await connect("1.6")
    await csms.set_policy("answer", {"action": "StartTransaction", "merge": {"idTagInfo": {"status": "Blocked"}}})
    start = {"connectorId": 1, "idTag": "x", "meterStart": 0, "timestamp": "2026-03-01T12:00:00Z"}
    answer = await station.call("StartTransaction", start)
    assert answer["idTagInfo"] == {"status": "Blocked"}
    assert answer["transactionId"] == (await station.call("StartTransaction", start))["transactionId"]


async def test_a_replaced_boot_answer_decides_the_registration(csms, connect, boots):
    station = await connect("2.0.1", boot=False)
    await csms.set_policy("answer", {"action": "BootNotification", "merge": {"status": "Rejected"}})
    assert (await station.call("BootNotification", boots["2.0.1"]))["status"] == "Rejected"
    with pytest.raises(CallRefused, match="SecurityError"):
        await station.call("Heartbeat")


async def test_calls_are_refused_as_often_as_wanted(csms, connect):
    station = await connect("2.0.1")
    await csms.set_policy("refuse", {"action": "Heartbeat", "code": "GenericError", "description": "no", "times": 2})
    for _ in range(2):
        with pytest.raises(CallRefused, match="GenericError: no"):
            await station.call("Heartbeat")
    assert await station.call("Heartbeat")


async def test_for_all_from_now_on(csms, connect):
    station = await connect("2.0.1")
    await csms.set_policy("refuse", {"action": "Heartbeat", "times": 0})
    for _ in range(3):
        with pytest.raises(CallRefused, match="InternalError"):
            await station.call("Heartbeat")
    await csms.set_policy("clear", None)
    assert await station.call("Heartbeat")


async def test_an_answer_is_delayed(csms, connect):
    station = await connect("2.0.1")
    await csms.set_policy("answer", {"action": "Heartbeat", "delay": 20})
    before = asyncio.get_running_loop().time()
    await station.call("Heartbeat")
    assert asyncio.get_running_loop().time() - before >= 20


async def test_boot_interval(csms, connect, boots):
    await csms.set_policy("interval", 17)
    station = await connect("2.0.1", boot=False)
    assert (await station.call("BootNotification", boots["2.0.1"]))["interval"] == 17


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("weather", "fine"),
        ("answer", {"payload": {}}),
        ("answer", {"action": "Heartbeat", "tims": 2}),
        ("interval", "soon"),
        ("unknown_identifier", "Perhaps"),
        ("data_transfer", {"message": "x"}),
    ],
)
async def test_what_is_no_policy_is_said(csms, name, value):
    with pytest.raises(InvalidPolicy, match=name):
        await csms.set_policy(name, value)


def test_policies_of_a_forgotten_station_go_with_it():
    policies = Policies()
    for station in ("CS1", None):
        policies.set("answer", {"action": "Heartbeat", "station": station, "times": 0})
    policies.forget("CS1")
    assert policies.take("CS1", "Heartbeat").station is None


@pytest.mark.parametrize(
    ("target", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": [1]}, {"a": {"b": {"c": None}}}, {"a": {"b": {}}}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ([1], {"a": 1}, {"a": 1}),
        ({"a": 1}, [2], [2]),
    ],
)
def test_merge_patch_as_in_the_appendix_of_rfc_7396(target, patch, result):
    assert merged(target, patch) == result
