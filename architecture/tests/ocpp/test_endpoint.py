import asyncio
import logging

import pytest
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp.endpoint import Reply, Validation
from v2x_architecture.ocpp.errors import (
    CallRefused,
    CallTimeout,
    ConnectionLost,
    Fault,
    LocalProtocolError,
    RemoteProtocolError,
)
from v2x_architecture.ocpp.events import CallReceived, ProtocolViolation

from .conftest import NOW

pytestmark = pytest.mark.anyio


async def test_a_call_gives_the_payload_of_its_result(line):
    c = await line()
    assert await c.station.call("Heartbeat") == {"currentTime": NOW}
    assert c.seen == [("Heartbeat", {})]


async def test_both_sides_call_at_the_same_time(line):
    c = await line("1.6")
    results = await asyncio.gather(*(side.call("Heartbeat") for side in (c.station, c.csms) for _ in range(20)))
    assert results == [{"currentTime": NOW}] * 40


async def test_a_handler_may_call_back_before_it_answers(line):
    async def station(action, payload):
        return {"currentTime": (await asyncio.wait_for(endpoint.call("Heartbeat"), 5))["currentTime"]}

    c = await line(station=station)
    endpoint = c.station
    assert await c.csms.call("Heartbeat") == {"currentTime": NOW}


async def test_a_refusal_carries_code_description_and_details(line):
    async def csms(action, payload):
        raise CallRefused("OccurrenceConstraintViolation", "why", {"a": 1})

    c = await line("1.6", csms=csms)
    with pytest.raises(CallRefused) as caught:
        await c.station.call("Heartbeat")
    error = caught.value
    assert (error.code, error.description, error.details) == ("OccurenceConstraintViolation", "why", {"a": 1})
    assert error.fault is Fault.REMOTE
    assert str(error) == "OccurenceConstraintViolation: why"


async def test_a_handler_that_fails_answers_internal_error_and_is_logged(line, caplog):
    async def csms(action, payload):
        raise ZeroDivisionError

    c = await line(csms=csms)
    with caplog.at_level(logging.ERROR), pytest.raises(CallRefused, match="InternalError"):
        await c.station.call("Heartbeat")
    assert "answering Heartbeat failed" in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_an_answer_that_breaks_its_schema_is_our_own_internal_error(line, caplog):
    async def csms(action, payload):
        return {"time": "now"}

    c = await line(csms=csms)
    with caplog.at_level(logging.ERROR), pytest.raises(CallRefused, match="InternalError"):
        await c.station.call("Heartbeat")
    assert "our Heartbeat response breaks its schema" in caplog.text


async def test_a_call_times_out_and_its_late_answer_harms_nobody(line):
    release = asyncio.Event()

    async def csms(action, payload):
        if payload.get("customData"):
            await release.wait()
        return {"currentTime": NOW}

    c = await line(csms=csms)
    start = asyncio.get_running_loop().time()
    with pytest.raises(CallTimeout, match="no answer to Heartbeat within 12 s"):
        await c.station.call("Heartbeat", {"customData": {"vendorId": "slow"}}, 12)
    assert 12 <= asyncio.get_running_loop().time() - start < 13
    release.set()
    assert await c.station.call("Heartbeat") == {"currentTime": NOW}


async def test_calls_after_one_that_timed_out_still_have_their_timers(line):
    async def csms(action, payload):
        await asyncio.get_running_loop().create_future()

    c = await line(csms=csms, client={"call_timeout": 5.0, "clock": LoopClock()})
    start = asyncio.get_running_loop().time()
    outcomes = await asyncio.gather(*(c.station.call("Heartbeat") for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [CallTimeout] * 3
    assert 15 <= asyncio.get_running_loop().time() - start < 16


async def test_a_shorter_timeout_is_kept_beside_a_longer_one_before(line):
    async def csms(action, payload):
        if payload.get("customData"):
            await asyncio.get_running_loop().create_future()
        return {"currentTime": NOW}

    c = await line(csms=csms)
    await c.station.call("Heartbeat", timeout=1000)
    start = asyncio.get_running_loop().time()
    with pytest.raises(CallTimeout):
        await c.station.call("Heartbeat", {"customData": {"vendorId": "slow"}}, 3)
    assert asyncio.get_running_loop().time() - start < 4


async def test_a_cancelled_call_lets_the_next_one_go(line):
    async def csms(action, payload):
        if payload.get("customData"):
            await asyncio.get_running_loop().create_future()
        return {"currentTime": NOW}

    c = await line(csms=csms)
    stuck = asyncio.create_task(c.station.call("Heartbeat", {"customData": {"vendorId": "slow"}}))
    await asyncio.sleep(1)
    waiting = asyncio.create_task(c.station.call("Heartbeat"))
    await asyncio.sleep(1)
    stuck.cancel()
    assert await asyncio.wait_for(waiting, 2) == {"currentTime": NOW}


async def test_the_end_of_the_connection_ends_calls_and_says_whether_they_were_sent(line):
    async def csms(action, payload):
        await asyncio.get_running_loop().create_future()

    c = await line(csms=csms)
    calls = [asyncio.create_task(c.station.call("Heartbeat")) for _ in range(2)]
    await asyncio.sleep(1)
    await c.csms.close(1001, "going away")
    first, second = await asyncio.gather(*calls, return_exceptions=True)
    assert isinstance(first, ConnectionLost)
    assert isinstance(second, ConnectionLost)
    assert (first.sent, second.sent) == (True, False)
    assert (first.code, first.reason, first.fault) == (1001, "going away", Fault.NETWORK)
    assert c.station.closed
    with pytest.raises(ConnectionLost, match="close code 1001, going away"):
        await c.station.call("Heartbeat")


async def test_abort_drops_the_line_without_a_closing_handshake(line):
    c = await line()
    await c.station.abort()
    await c.csms.wait_closed()
    assert c.csms.close_code == 1006


async def test_an_invalid_request_is_refused_with_the_code_of_the_version(line):
    c = await line("1.6")
    with pytest.raises(CallRefused, match="FormationViolation: /surplus: is no property"):
        await c.station.call("Heartbeat", {"surplus": 1}, check=False)
    with pytest.raises(CallRefused, match="NotImplemented"):
        await c.station.call("NotifyReport", {}, check=False)
    assert c.seen == []


async def test_an_invalid_request_of_our_own_is_not_sent(line):
    c = await line()
    with pytest.raises(LocalProtocolError, match="our Heartbeat request breaks its schema"):
        await c.station.call("Heartbeat", {"surplus": 1})
    with pytest.raises(LocalProtocolError, match="cannot be written as JSON"):
        await c.station.call("DataTransfer", {"vendorId": "v", "data": object()}, check=False)
    assert c.seen == []


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
async def test_an_invalid_response_is_the_peers_fault(line, version):
    async def csms(action, payload):
        return {"currentTime": 7}

    events = []
    observed = {"validation": Validation(outgoing=False), "on_event": lambda _, event: events.append(event)}
    c = await line(version, csms=csms, server=observed)
    with pytest.raises(RemoteProtocolError, match="the response to Heartbeat breaks its schema") as caught:
        await c.station.call("Heartbeat")
    assert caught.value.code == "TypeConstraintViolation"
    await asyncio.sleep(1)
    told = [type(event).__name__ for event in events if not isinstance(event, CallReceived)]
    assert told == (["ResultErrorReceived"] if version == "2.1" else [])


async def test_validation_can_be_switched_off(line):
    async def csms(action, payload):
        return {"x": payload}

    off = {"validation": Validation(requests=False, responses=False, outgoing=False)}
    c = await line(csms=csms, server=off, client=off)
    assert await c.station.call("Whatever", {"y": 1}) == {"x": {"y": 1}}


async def test_formats_are_asserted_when_asked_for(line):
    security_event = {"type": "StartupOfTheDevice", "timestamp": "2025-01-01 00:00"}
    c = await line(server={"validation": Validation(formats=True)})
    with pytest.raises(CallRefused, match="PropertyConstraintViolation: /timestamp"):
        await c.station.call("SecurityEventNotification", security_event)


async def test_what_follows_an_answer_comes_after_it_and_may_end_the_connection(line):
    order = []

    async def station(action, payload):
        async def reboot():
            order.append(await c.station.call("Heartbeat"))
            await c.station.close()
            await asyncio.sleep(30)
            order.append("up again")

        return Reply({"status": "Accepted"}, then=reboot)

    c = await line("1.6", station=station)
    assert await c.csms.call("Reset", {"type": "Hard"}) == {"status": "Accepted"}
    await asyncio.sleep(60)
    assert order == [{"currentTime": NOW}, "up again"]


async def test_a_handler_may_finish_after_the_end_but_not_go_on_for_ever(line, caplog):
    done = []

    async def csms(action, payload):
        try:
            await asyncio.sleep(3)
            done.append("finished")
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            done.append("cancelled")
            raise

    c = await line(csms=csms)
    call = asyncio.create_task(c.station.call("Heartbeat"))
    await asyncio.sleep(1)
    await c.station.close()
    with pytest.raises(ConnectionLost):
        await call
    await asyncio.sleep(10)
    assert done == ["finished", "cancelled"]


async def test_a_task_that_fails_is_logged(line, caplog):
    async def station(action, payload):
        async def stumble():
            raise ZeroDivisionError

        return Reply({"status": "Accepted"}, then=stumble)

    c = await line("1.6", station=station)
    with caplog.at_level(logging.ERROR):
        await c.csms.call("Reset", {"type": "Hard"})
        await asyncio.sleep(1)
    assert "ZeroDivisionError" in caplog.text


async def test_garbage_is_answered_and_the_connection_lives_on(line):
    events = []
    c = await line(client={"on_event": events.append})
    for garbage in ("", "nonsense", "[2", b"\x00\xff", "[" * 5000):
        await c.csms.ws.send(garbage)
    assert await c.station.call("Heartbeat") == {"currentTime": NOW}
    assert sum(isinstance(event, ProtocolViolation) for event in events) == 5


async def test_a_frame_far_too_long_closes_the_connection(line):
    c = await line(client={"max_frame": 1000})
    await c.csms.ws.send("x" * 2000)
    assert await c.station.call("Heartbeat") == {"currentTime": NOW}
    await c.csms.ws.send("x" * 5000)
    await c.csms.wait_closed()
    assert c.csms.close_code == 1009


async def test_a_flood_is_answered_frame_by_frame(line):
    c = await line()
    for k in range(2000):
        await c.station.ws.send(f'[2,"{k}","Heartbeat",{{}}]')
    await c.station.call("Heartbeat")
    assert len(c.seen) == 2001


async def test_a_peer_that_sends_without_reading_is_read_no_further(line):
    big = "x" * 20_000

    async def csms(action, payload):
        c.seen.append((action, payload))
        return {"status": "Accepted", "data": big}

    c = await line("1.6", csms=csms)
    c.station.ws.transport.pause_reading()
    c.station.ws.recv_messages.pause = c.station.ws.recv_messages.resume = lambda: None
    sender = asyncio.create_task(_flood(c.station.ws, 3000))
    await asyncio.sleep(1)
    assert len(c.seen) < 1500
    await c.station.abort()
    await asyncio.gather(sender, return_exceptions=True)


async def _flood(ws, count) -> None:
    for k in range(count):
        await ws.send(f'[2,"{k}","DataTransfer",{{"vendorId":"v"}}]')


async def test_2_1_sends_are_taken_and_never_answered(line):
    taken = []

    def on_send(endpoint):
        async def take(action, payload):
            taken.append((endpoint.identity, action, payload["id"]))

        return take

    events = []
    c = await line("2.1", server={"on_send": on_send}, client={"on_event": events.append})
    stream = {"id": 1, "pending": 0, "basetime": NOW, "data": [{"t": 0, "v": "1"}]}
    await c.station.send("NotifyPeriodicEventStream", stream)
    await c.station.ws.send('[6,"x","NotifyPeriodicEventStream",{}]')
    await c.station.call("Heartbeat")
    assert taken == [("CS001", "NotifyPeriodicEventStream", 1)]
    assert [type(event).__name__ for event in events] == ["ResultReceived"]
    with pytest.raises(LocalProtocolError, match="breaks its schema"):
        await c.station.send("NotifyPeriodicEventStream", {})


async def test_a_send_into_a_closed_connection_is_lost(line):
    c = await line("2.1")
    await c.station.close()
    stream = {"id": 1, "pending": 0, "basetime": NOW, "data": [{"t": 0, "v": "1"}]}
    with pytest.raises(ConnectionLost):
        await c.station.send("NotifyPeriodicEventStream", stream)


async def test_pings_keep_a_connection_and_their_interval_can_be_changed(line):
    c = await line(client={"ping_interval": 10.0})
    pings = []
    ping = c.station.ws.ping

    async def counted(*args):
        pings.append(asyncio.get_running_loop().time())
        return await ping(*args)

    c.station.ws.ping = counted
    await asyncio.sleep(35)
    assert len(pings) == 3
    c.station.set_ping_interval(0)
    await asyncio.sleep(100)
    assert len(pings) == 3
    c.station.set_ping_interval(20)
    await asyncio.sleep(50)
    assert len(pings) == 5


async def test_a_dead_line_is_found_by_a_ping(line):
    c = await line(client={"ping_interval": 10.0, "ping_timeout": 5.0})
    c.csms.ws.transport.pause_reading()
    start = asyncio.get_running_loop().time()
    await c.station.wait_closed()
    assert 15 <= asyncio.get_running_loop().time() - start < 27
    assert c.station.close_code in {1006, 1011}
