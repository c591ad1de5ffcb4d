"""What a case sees: messages matched with their calls, waits that end with what was missing."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.events import Frame, Header, LinkEvent
from v2x_harness.journal import Recorder
from v2x_harness.subject import Pixit
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.watch import Message, Watch

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"loop_factory": VirtualTimeLoop}


@pytest.fixture
async def recorder() -> Recorder:
    return Recorder(None, Header(run="test", started="2026-01-01T00:00:00Z"), asyncio.get_running_loop().time)


@pytest.fixture
async def watch(recorder: Recorder) -> Iterator[Watch]:
    return Watch(recorder)


@pytest.fixture
async def station(watch: Watch) -> StationUnderTest:
    return StationUnderTest("station", watch, Pixit(settle=10, answer=5, values={"connectors": [1, 2]}), "2.0.1")


def says(recorder: Recorder, sender: str, array: object, fate: str = "forwarded") -> Frame:
    to = "csms" if sender == "station" else "station"
    raw = array if isinstance(array, str) else json.dumps(array)
    return recorder.record(Frame(link="l", sender=sender, to=to, raw=raw, fate=fate))


async def test_an_answer_is_matched_with_its_call(recorder: Recorder, watch: Watch) -> None:
    says(recorder, "station", [2, "1", "Heartbeat", {}])
    says(recorder, "csms", [3, "1", {"currentTime": "2026-01-01T00:00:00Z"}])
    says(recorder, "csms", [4, "9", "InternalError", "why", {"a": 1}])
    call, answer, stray = watch.items
    assert isinstance(call, Message)
    assert isinstance(answer, Message)
    assert isinstance(stray, Message)
    assert (answer.kind, answer.action, answer.currentTime.pointer) == ("CALLRESULT", "Heartbeat", "/2/currentTime")
    assert (stray.kind, stray.action, stray.code, stray.payload["a"].peek()) == ("CALLERROR", "", "InternalError", 1)


async def test_the_same_id_in_both_directions_is_two_calls(recorder: Recorder, watch: Watch) -> None:
    says(recorder, "station", [2, "1", "Heartbeat", {}])
    says(recorder, "csms", [2, "1", "Reset", {"type": "OnIdle"}])
    says(recorder, "station", [3, "1", {"status": "Accepted"}])
    last = watch.items[-1]
    assert isinstance(last, Message)
    assert last.action == "Reset"


@pytest.mark.parametrize("raw", ["", "{}", "[", "[]", '["2"]', "[9]", "null", "[true]"])
async def test_what_is_no_frame_is_malformed_and_harms_nobody(recorder: Recorder, watch: Watch, raw: str) -> None:
    says(recorder, "station", raw)
    (message,) = watch.items
    assert isinstance(message, Message)
    assert message.kind == "malformed"


async def test_expect_never_looks_back(recorder: Recorder, station: StationUnderTest) -> None:
    says(recorder, "station", [2, "1", "StatusNotification", {"connectorStatus": "Available"}])
    says(recorder, "station", [2, "2", "BootNotification", {}])
    await station.expect("BootNotification")
    with pytest.raises(NotSeen):
        await station.expect("StatusNotification")


async def test_expect_waits_for_what_comes_later(recorder: Recorder, station: StationUnderTest) -> None:
    asyncio.get_running_loop().call_later(8, lambda: says(recorder, "station", [2, "1", "Heartbeat", {}]))
    assert (await station.expect("Heartbeat")).action == "Heartbeat"


async def test_expect_tells_what_came_instead(recorder: Recorder, station: StationUnderTest) -> None:
    says(recorder, "station", [2, "1", "Heartbeat", {}])
    with pytest.raises(NotSeen) as raised:
        await station.expect("BootNotification", reason="PowerUp")
    assert "BootNotification" in str(raised.value)
    assert "Heartbeat" in raised.value.seen


async def test_any_order_is_any_order(recorder: Recorder, station: StationUnderTest) -> None:
    says(recorder, "station", [2, "1", "StatusNotification", {"evseId": 2}])
    says(recorder, "station", [2, "2", "StatusNotification", {"evseId": 1}])
    says(recorder, "station", [2, "3", "Heartbeat", {}])
    one, two = {"action": "StatusNotification", "evseId": 1}, {"action": "StatusNotification", "evseId": 2}
    assert [m.message_id for m in await station.expect_all(one, two)] == ["2", "1"]
    assert (await station.expect("Heartbeat")).message_id == "3"


async def test_the_same_message_cannot_serve_twice(recorder: Recorder, station: StationUnderTest) -> None:
    says(recorder, "station", [2, "1", "StatusNotification", {}])
    with pytest.raises(NotSeen):
        await station.expect_all("StatusNotification", "StatusNotification")


async def test_silence_is_broken_by_what_must_not_come(recorder: Recorder, station: StationUnderTest) -> None:
    await station.stays_quiet(for_=60)
    asyncio.get_running_loop().call_later(30, lambda: says(recorder, "station", [2, "1", "Heartbeat", {}]))
    with pytest.raises(NotSeen) as raised:
        await station.stays_quiet(for_=60)
    assert raised.value.frame is not None
    asyncio.get_running_loop().call_later(30, lambda: says(recorder, "station", [2, "2", "Heartbeat", {}]))
    await station.stays_quiet("BootNotification", for_=60)


async def test_what_the_harness_injects_is_not_the_stations(recorder: Recorder, station: StationUnderTest) -> None:
    says(recorder, "station", [2, "1", "Heartbeat", {}], fate="injected")
    with pytest.raises(NotSeen):
        await station.expect("Heartbeat")


async def test_an_answer_that_does_not_come_is_said(recorder: Recorder, station: StationUnderTest) -> None:
    says(recorder, "csms", [2, "1", "Reset", {"type": "OnIdle"}])
    (call,) = station.watch.items
    assert isinstance(call, Message)
    with pytest.raises(NotSeen, match="an answer to Reset"):
        await station.answer(call)


async def test_connections_are_seen(recorder: Recorder, station: StationUnderTest) -> None:
    assert station.watch.connected
    recorder.record(LinkEvent(link="l", event="close", by="station"))
    assert not station.watch.connected
    asyncio.get_running_loop().call_later(5, lambda: recorder.record(LinkEvent(link="m", event="open", by="station")))
    assert (await station.reconnects()).link == "m"
    assert station.watch.connected


async def test_connectors_are_counted_by_pixit(station: StationUnderTest) -> None:
    assert station.connectors == [(1, 1), (2, 1), (2, 2)]


async def test_a_flood_is_not_kept_and_not_waited_through(recorder: Recorder, watch: Watch, monkeypatch) -> None:
    monkeypatch.setattr("v2x_suites.watching._MOST", 10)
    for number in range(20):
        recorder.record(Frame(link="l", sender="station", to="csms", raw=f'[2,"{number}","Heartbeat",{{}}]'))
    assert len(watch.items) == 10
    with pytest.raises(CannotJudge, match="flooded: more than 10 messages"):
        await watch.wait(lambda _: None, 0, 5, "anything")
