"""The tap under toxics, deflate, frames no library would send, floods, and frames of ten megabytes."""

import asyncio
import contextlib
import tracemalloc

import pytest
from v2x_adapters.ocpp.labels import OcppDialect
from v2x_adapters.websocket import WebSocketTap
from v2x_adapters.websocket.link import Limits
from v2x_harness.events import Frame, Note
from v2x_harness.steer import Steer, Toxic
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, ConnectionClosedError

pytestmark = pytest.mark.anyio

BEAT = '[2,"1","Heartbeat",{}]'


def now():
    return asyncio.get_running_loop().time()


@pytest.fixture
async def deflating(csms, recorder):
    """A server that agrees to permessage-deflate, behind a tap."""
    async with serve(
        csms.handle, "127.0.0.1", 0, subprotocols=["ocpp2.0.1"], ping_interval=None, compression="deflate"
    ) as server:
        tap = WebSocketTap(recorder, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", OcppDialect(), subject="station")
        await tap.start()
        yield tap
        await tap.stop()


async def test_latency_delays_every_frame_and_keeps_their_order(tap, csms, station, journal, until):
    tap.poison([Toxic(kind="latency", seconds=0.1, jitter=0.05, sender="station")])
    async with station(tap) as socket:
        began = now()
        for text in "abc":
            await socket.send(text)
        await until(lambda: len(csms.got) == 3)
        assert now() - began >= 0.05
    assert csms.got == ["a", "b", "c"]
    assert {fate for _, _, fate in journal.frames()} == {"delayed"}


async def test_what_is_under_way_arrives_when_conditions_become_fair_again(tap, csms, station, journal, until):
    tap.poison([Toxic(kind="latency", seconds=0.2)])
    async with station(tap) as socket:
        await socket.send("a")
        await asyncio.sleep(0.02)
        tap.poison([])
        await socket.send("b")
        await until(lambda: len(csms.got) == 2)
        assert csms.got == ["a", "b"]
        await socket.send(BEAT)
        await socket.recv()
    assert [fate for _, _, fate in journal.frames()] == ["delayed", "forwarded", "forwarded", "forwarded"]


async def test_an_end_of_stream_waits_for_what_is_under_way(tap, csms, station, until):
    tap.poison([Toxic(kind="latency", seconds=0.1)])
    socket = await station(tap)
    await socket.send("a")
    socket.transport.close()
    await until(lambda: csms.closes)
    assert csms.got == ["a"]


async def test_bandwidth_lets_octets_trickle(tap, csms, station, until):
    tap.poison([Toxic(kind="bandwidth", rate=10_000)])
    async with station(tap) as socket:
        began = now()
        await socket.send("x" * 2000)
        await until(lambda: csms.got)
        assert now() - began >= 0.19


async def test_slices_are_fragments_of_one_message(tap, csms, station, until):
    tap.poison([Toxic(kind="slice", size=3)])
    async with station(tap) as socket:
        await socket.send(BEAT)
        assert await socket.recv() == '[3, "1", {}]'
    assert csms.got == [BEAT]


async def test_a_limit_closes_in_the_middle_of_a_frame(tap, csms, station, journal):
    tap.poison([Toxic(kind="limit", size=100)])
    async with station(tap) as socket:
        with contextlib.suppress(ConnectionClosed):
            for _ in range(100):
                await socket.send(BEAT)
                await socket.recv()
    await tap.disconnected()
    assert 1 <= len(csms.got) <= 3
    assert [(e.by, e.detail) for e in journal.links("close")] == [("tap", {"code": 1006, "reason": "limit"})]


async def test_a_timeout_swallows_everything_and_then_closes(tap, csms, station, journal):
    tap.poison([Toxic(kind="timeout", seconds=0.1)])
    socket = await station(tap)
    await socket.send(BEAT)
    await socket.ping()
    await socket.wait_closed()
    await tap.disconnected()
    assert csms.got == []
    assert journal.frames() == [("station", "CALL Heartbeat", "dropped")]
    assert [e.detail["reason"] for e in journal.links("close")] == ["timeout"]


async def test_a_reset_toxic_resets_links_already_open(tap, csms, station, journal):
    socket = await station(tap)
    await tap.connected()
    tap.poison([Toxic(kind="reset", seconds=0.02)])
    await socket.wait_closed()
    await tap.disconnected()
    assert [(e.by, e.detail["reason"]) for e in journal.links("close")] == [("tap", "reset")]


async def test_a_slow_close_lets_the_other_side_wait(tap, csms, station, until):
    tap.poison([Toxic(kind="slow_close", seconds=0.2)])
    socket = await station(tap)
    await tap.connected()
    began = now()
    socket.transport.close()
    await until(lambda: csms.closes)
    assert now() - began >= 0.2


async def test_frames_are_dropped_doubled_and_swapped_with_the_journal_saying_so(tap, csms, station, journal, until):
    seen = []
    for kind, got in (("drop", []), ("duplicate", ["a", "a", "b", "b"]), ("reorder", ["a"])):
        tap.poison([Toxic(kind=kind, sender="station")])
        csms.got.clear()
        journal.clear()
        async with station(tap) as socket:
            await socket.send("a")
            await socket.send("b")
            await until(lambda: sum(fate != "injected" for _, _, fate in journal.frames()) == 2)
            await until(lambda got=got: csms.got == got)
        seen.append([fate for _, _, fate in journal.frames()])
    assert seen == [["dropped"] * 2, ["forwarded", "injected"] * 2, ["delayed"] * 2]


async def test_deflated_messages_pass_as_they_are_and_are_recorded_inflated(deflating, csms, station, journal):
    async with station(deflating, compression="deflate") as socket:
        for _ in range(3):
            await socket.send(BEAT)
            await socket.recv()
    assert "permessage-deflate" in journal.links("open")[0].detail["response_headers"]["Sec-WebSocket-Extensions"]
    assert journal.frames() == [("station", "CALL Heartbeat", "forwarded"), ("csms", "CALLRESULT Heartbeat", "forwarded")] * 3


async def test_deflated_messages_can_be_dropped_delayed_doubled_and_rewritten(deflating, csms, station, until):
    async with station(deflating, compression="deflate") as socket:
        texts = [f'["{name}", "the same words over and over again"]' for name in "abcdef"]
        steps = [
            Steer(do="drop", nth=2, sender="station"),
            Steer(do="hold", nth=3, sender="station"),
            Steer(do="rewrite", set={"/0": "x"}, nth=5, sender="station"),
            Steer(do="duplicate", nth=6, sender="station"),
        ]
        deflating.install("steer", steps)
        for text in texts:
            await socket.send(text)
        await until(lambda: len(csms.got) == 6)
    assert [message[2] for message in csms.got] == ["a", "d", "c", "x", "f", "f"]


async def test_slices_of_deflated_messages(deflating, station):
    deflating.poison([Toxic(kind="slice", size=5)])
    async with station(deflating, compression="deflate") as socket:
        for _ in range(2):
            await socket.send(BEAT)
            assert await socket.recv() == '[3, "1", {}]'


@pytest.mark.parametrize("shape", ["wrong_mask", "reserved_opcode", "reserved_bits", "long_ping", "invalid_utf8"])
async def test_a_disguise_of_frames_no_library_would_send(tap, csms, station, journal, shape):
    tap.install("disguise", [Steer(do="rewrite", shape=shape)])
    async with station(tap) as socket:
        await socket.send(BEAT)
        with pytest.raises(ConnectionClosedError):
            await socket.recv()
    await tap.disconnected()
    frame = next(e for e in journal if isinstance(e, Frame))
    assert (frame.sender, frame.label, frame.media, frame.fate) == ("station", "malformed", "binary", "forwarded")
    assert "RFC 6455" in frame.decoded["problem"]
    close = journal.links("close")[0]
    assert (close.by, close.detail["code"]) == ("csms", 1007 if shape == "invalid_utf8" else 1002)


async def test_raw_octets_can_be_injected(tap, csms, station, journal):
    async with station(tap) as socket:
        await tap.connected()
        await tap.inject("csms", "83800000000083", shape="octets")
        await socket.wait_closed()
    assert [(label, fate) for _, label, fate in journal.frames()] == [("malformed", "injected")] * 2


async def test_an_unfinished_message_is_recorded_when_it_is_sent(tap, csms, station, journal):
    async with station(tap):
        await tap.connected()
        await tap.inject("csms", BEAT, shape="unfinished")
    (frame,) = [e for e in journal if isinstance(e, Frame)]
    assert (frame.label, frame.fate) == ("malformed", "injected")


async def test_ten_megabytes_pass_whole_while_the_journal_keeps_the_beginning(tap, csms, station, journal):
    text = '[2,"1","NotifyReport",{"x":"' + "y" * 10_000_000 + '"}]'
    async with station(tap) as socket:
        tracemalloc.start()
        await socket.send(text)
        assert await socket.recv() == '[3, "1", {}]'
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert csms.got == [text]
    frame = next(e for e in journal if isinstance(e, Frame))
    assert (frame.label, frame.media, len(frame.raw)) == ("CALL NotifyReport", "text", 1 << 20)
    note = next(e for e in journal if isinstance(e, Note))
    assert str(len(text)) in note.text
    # The two ends hold the text some five times over; the tap must not add to that by the whole of it.
    assert peak < 70_000_000


async def test_nothing_is_sent_into_the_middle_of_a_large_message(csms, recorder, station, until):
    tap = WebSocketTap(recorder, csms.url, OcppDialect(), limits=Limits(message=1000))
    await tap.start()
    async with station(tap) as socket:
        tap.install("steer", [Steer(do="inject", raw="between", to="csms", sender="csms")])
        await socket.send("x" * 3_000_000)
        for _ in range(5):
            await csms.sockets[0].send("a")
            await tap.inject("csms", "again")
        await until(lambda: len(csms.got) == 11)
    assert csms.got.count("between") == csms.got.count("again") == 5
    assert "x" * 3_000_000 in csms.got
    await tap.stop()


async def test_a_large_message_can_be_dropped(csms, recorder, station, until):
    tap = WebSocketTap(recorder, csms.url, OcppDialect(), limits=Limits(message=1000))
    await tap.start()
    tap.install("steer", [Steer(do="drop", label="CALL NotifyReport")])
    async with station(tap) as socket:
        await socket.send('[2,"1","NotifyReport",{"x":"' + "y" * 300_000 + '"}]')
        await socket.send("next")
        await until(lambda: csms.got)
    assert csms.got == ["next"]
    await tap.stop()


async def test_a_flood_towards_one_who_does_not_read_is_held_back(csms, recorder, station):
    """The tap reads no faster from one side than the other takes it."""
    blocked = asyncio.Event()

    async def stuck(socket):
        socket.transport.pause_reading()
        await blocked.wait()

    async with serve(stuck, "127.0.0.1", 0, ping_interval=None, close_timeout=0.1) as server:
        tap = WebSocketTap(recorder, f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}", OcppDialect())
        await tap.start()
        socket = await station(tap, subprotocols=None, close_timeout=0.1)
        sent = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                while sent < 200_000_000:
                    await socket.send("x" * 100_000)
                    sent += 100_000
        # Kernel buffers of two connections and a little more, never all of it.
        assert sent < 50_000_000
        blocked.set()
        socket.transport.abort()
        await tap.stop()


async def test_latency_does_not_heap_up_a_flood(csms, recorder, station):
    tap = WebSocketTap(recorder, csms.url, OcppDialect())
    await tap.start()
    tap.poison([Toxic(kind="latency", seconds=1000.0)])
    socket = await station(tap, close_timeout=0.1)
    sent = 0
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            while sent < 200_000_000:
                await socket.send("x" * 100_000)
                sent += 100_000
    assert sent < 50_000_000
    socket.transport.abort()
    await tap.stop()


async def test_twenty_thousand_small_frames_pass_in_order(tap, csms, station, journal, until):
    count = 20_000
    async with station(tap) as socket:
        for n in range(count):
            await socket.send(f"n{n}")
            if n % 500 == 0:
                await asyncio.sleep(0)
        await until(lambda: len(csms.got) == count)
    assert csms.got == [f"n{n}" for n in range(count)]
    assert len(journal.frames()) == count
