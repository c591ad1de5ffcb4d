"""The tap on real loopback sockets, in virtual and in real time, between a `websockets` client and server."""

import asyncio
import json

import pytest
from v2x_adapters.ocpp.labels import OcppDialect
from v2x_adapters.websocket import WebSocketTap
from v2x_harness.errors import AdapterError
from v2x_harness.events import Frame
from v2x_harness.steer import Steer
from websockets.datastructures import Headers
from websockets.exceptions import ConnectionClosedError, InvalidHandshake, InvalidStatus
from websockets.http11 import Response

pytestmark = pytest.mark.anyio


BOOT = '[2,"1","BootNotification",{"reason":"PowerUp"}]'


async def test_frames_pass_both_ways_and_are_recorded_in_order(tap, csms, journal, station):
    async with station(tap) as socket:
        await socket.send(BOOT)
        assert await socket.recv() == '[3, "1", {}]'
    assert csms.got == [BOOT]
    assert journal.frames() == [
        ("station", "CALL BootNotification", "forwarded"),
        ("csms", "CALLRESULT BootNotification", "forwarded"),
    ]
    frame = next(e for e in journal if isinstance(e, Frame))
    assert (frame.link, frame.to, frame.raw, frame.media) == ("csms<-CS001#1", "csms", BOOT, "json")
    assert [e.t for e in journal] == sorted(e.t for e in journal)


async def test_the_upgrade_passes_as_it_is_and_its_secrets_are_not_recorded(tap, csms, journal, station):
    async with station(
        tap, "CS%20001", subprotocols=["ocpp2.1", "ocpp1.6"], additional_headers={"Authorization": "Basic Q1M6c2VjcmV0"}
    ):
        pass
    request = csms.requests[0]
    assert request.path == "/ocpp/CS%20001"
    assert request.headers["Authorization"] == "Basic Q1M6c2VjcmV0"
    assert request.headers["Sec-WebSocket-Protocol"] == "ocpp2.1, ocpp1.6"
    assert request.headers["Host"] == csms.url.split("/")[2]
    opened = journal.links("open")[0]
    assert opened.protocol == "ocpp/1.6"
    assert opened.detail["identity"] == "CS 001"
    assert opened.detail["subprotocols_offered"] == ["ocpp2.1", "ocpp1.6"]
    assert opened.detail["subprotocol"] == "ocpp1.6"
    assert opened.detail["basic_auth"] == {"user": "CS", "password_octets": 6}
    assert "Q1M6" not in str(journal)
    assert "secret" not in str(journal)


async def test_a_server_that_wants_something_behind_the_identity_gets_it_and_the_journal_says_so(
    csms, recorder, journal, station
):
    tap = WebSocketTap(recorder, f"{csms.url}/{{identity}}/", OcppDialect(), subject="csms")
    await tap.start()
    async with station(tap, "CS001?a=b") as socket:
        await socket.send(BOOT)
        await socket.recv()
    await tap.stop()
    assert csms.requests[0].path == "/ocpp/CS001/?a=b"
    opened = journal.links("open")[0]
    assert opened.detail["identity"] == "CS001"
    assert opened.detail["server_suffix"] == "/"


async def test_a_bare_tap_asks_for_what_the_client_asks_for(csms, recorder, journal, station):
    tap = WebSocketTap(recorder, f"{csms.url}/{{identity}}/", OcppDialect(), subject="csms")
    await tap.start()
    with tap.bare():
        async with station(tap, "CS001"):
            pass
    async with station(tap, "CS001"):
        pass
    await tap.stop()
    assert [request.path for request in csms.requests] == ["/ocpp/CS001", "/ocpp/CS001/"]
    assert ["server_suffix" in opened.detail for opened in journal.links("open")] == [False, True]


async def test_a_refusal_reaches_the_client_as_the_server_gave_it(tap, csms, journal, station):
    csms.refusal = Response(401, "Go Away", Headers({"Content-Length": "4", "X-Why": "because"}), b"nope")
    with pytest.raises(InvalidStatus) as refused:
        async with station(tap):
            pass
    response = refused.value.response
    assert (response.status_code, response.reason_phrase, response.headers["X-Why"], response.body) == (
        401,
        "Go Away",
        "because",
        b"nope",
    )
    event = journal.links()[0]
    assert (event.event, event.by, event.detail["status"]) == ("refused", "csms", 401)


async def test_a_close_passes_with_code_and_reason_and_is_recorded_once(tap, csms, journal, station, until):
    socket = await station(tap)
    await socket.close(4001, "bye")
    await tap.disconnected()
    await until(lambda: csms.closes == [4001])
    assert [(e.event, e.by, e.detail) for e in journal.links("close")] == [("close", "station", {"code": 4001, "reason": "bye"})]


async def test_either_side_may_die_without_a_word(tap, csms, journal, station):
    for side in ("station", "csms"):
        socket = await station(tap)
        await tap.connected(identity="CS001")
        dying = socket if side == "station" else csms.sockets[-1]
        dying.transport.abort()
        await socket.wait_closed()
        await tap.disconnected()
    assert [(e.by, e.detail["code"]) for e in journal.links("close")] == [("station", 1006), ("csms", 1006)]


async def test_pings_pass_and_are_recorded(tap, csms, journal, station):
    async with station(tap) as socket:
        await (await socket.ping(b"abc"))
    assert [(e.event, e.by, e.detail) for e in journal.links("ping", "pong")] == [
        ("ping", "station", {"payload": "616263"}),
        ("pong", "csms", {"payload": "616263"}),
    ]


async def test_an_unreachable_server_is_answered_for_with_502(recorder, journal, station):
    tap = WebSocketTap(recorder, "ws://127.0.0.1:1/ocpp", OcppDialect())
    await tap.start()
    with pytest.raises(InvalidStatus, match="502"):
        async with station(tap):
            pass
    await tap.stop()
    event = journal.links()[0]
    assert (event.event, event.by, event.detail["status"]) == ("refused", "tap", 502)
    assert "cannot be reached" in event.detail["reason"]


@pytest.mark.parametrize(
    "garbage", [b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nno field\r\n\r\n", b"x" * 70000]
)
async def test_what_is_no_http_is_answered_and_recorded(tap, garbage, journal):
    reader, writer = await asyncio.open_connection(*tap.url.split("/")[2].split(":"))
    writer.write(garbage)
    assert (await reader.read()).startswith(b"HTTP/1.1 4")
    writer.close()
    await writer.wait_closed()
    await tap.disconnected()
    assert [(e.event, e.by) for e in journal.links()] == [("refused", "tap")]


async def test_requests_that_are_no_upgrade_are_the_servers_to_answer(tap, journal):
    reader, writer = await asyncio.open_connection(*tap.url.split("/")[2].split(":"))
    writer.write(b"GET /ocpp/CS001 HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 426")
    writer.close()
    await writer.wait_closed()
    await tap.disconnected()
    assert [(e.event, e.by, e.detail["status"]) for e in journal.links()] == [("refused", "csms", 426)]


async def test_a_client_that_leaves_in_the_middle_of_its_request_is_forgotten(tap, journal, until):
    _, writer = await asyncio.open_connection(*tap.url.split("/")[2].split(":"))
    writer.write(b"GET /ocpp")
    writer.close()
    await writer.wait_closed()
    await until(lambda: journal)
    await tap.disconnected()
    assert [(e.event, e.by) for e in journal.links()] == [("refused", "station")]


async def test_a_client_that_says_nothing_is_let_go(csms, recorder):
    tap = WebSocketTap(recorder, csms.url, OcppDialect())
    tap.limits = type(tap.limits)(upgrade=0.05)
    await tap.start()
    reader, writer = await asyncio.open_connection(*tap.url.split("/")[2].split(":"))
    assert (await reader.read()).startswith(b"HTTP/1.1 408")
    writer.close()
    await writer.wait_closed()
    await tap.stop()


async def test_steering_shows_in_the_journal(tap, csms, journal, station):
    tap.install("steer", [Steer(do="rewrite", sender="csms", set={"/2/status": "Rejected"})])
    async with station(tap) as socket:
        await socket.send(BOOT)
        assert json.loads(await socket.recv()) == [3, "1", {"status": "Rejected"}]
    assert journal.frames()[1:] == [
        ("csms", "CALLRESULT BootNotification", "rewritten"),
        ("csms", "CALLRESULT BootNotification", "injected"),
    ]
    original, replacement = [e for e in journal if isinstance(e, Frame)][1:]
    assert replacement.of == original.n
    assert original.raw == '[3, "1", {}]'


async def test_disguise_leaves_no_trace_but_the_subjects_own(tap, csms, journal, station):
    tap.install("disguise", [Steer(do="rewrite", sender="station", set={"/3/reason": "Unknown"})])
    async with station(tap) as socket:
        await socket.send(BOOT)
        await socket.recv()
    assert json.loads(csms.got[0])[3] == {"reason": "Unknown"}
    first = next(e for e in journal if isinstance(e, Frame))
    assert (json.loads(first.raw)[3], first.fate, first.of) == ({"reason": "Unknown"}, "forwarded", None)


async def test_a_frame_for_the_subject_is_recorded_before_it_is_disguised(tap, csms, journal, station):
    tap.install("disguise", [Steer(do="answer", label="CALL Reset", raw='[4,"{1}","InternalError","",{{}}]')])
    async with station(tap) as socket:
        await tap.connected()
        await csms.sockets[0].send('[2,"9","Reset",{"type":"Hard"}]')
        await socket.send(BOOT)
        assert await socket.recv() == '[3, "1", {}]'
    assert csms.got[0] == '[4,"9","InternalError","",{}]'
    assert journal.frames()[:2] == [("csms", "CALL Reset", "forwarded"), ("station", "CALLERROR Reset", "forwarded")]


async def test_delayed_and_duplicated_frames_arrive_when_they_should(tap, csms, journal, station, until):
    tap.install(
        "steer", [Steer(do="delay", sender="station", seconds=0.2, nth=1), Steer(do="duplicate", sender="station", nth=2)]
    )
    async with station(tap) as socket:
        began = asyncio.get_running_loop().time()
        await socket.send("a")
        await socket.send("b")
        await until(lambda: len(csms.got) == 3)
        assert asyncio.get_running_loop().time() - began >= 0.2
    assert csms.got == ["b", "b", "a"]
    assert [fate for _, _, fate in journal.frames()] == ["delayed", "forwarded", "injected"]


async def test_hold_lets_the_next_frame_pass_first(tap, csms, station, until):
    tap.install("steer", [Steer(do="hold", sender="station", nth=1)])
    async with station(tap) as socket:
        for text in ("a", "b", "c"):
            await socket.send(text)
        await until(lambda: len(csms.got) == 3)
    assert csms.got == ["b", "a", "c"]


async def test_close_by_the_case_is_the_taps_and_by_the_disguise_the_subjects(tap, csms, journal, station, until):
    for stage, code in (("steer", 1013), ("disguise", 1011)):
        tap.install("steer", [])
        tap.install(stage, [Steer(do="close", label="CALL BootNotification", code=code)])
        async with station(tap) as socket:
            await socket.send(BOOT)
            with pytest.raises(ConnectionClosedError):
                await socket.recv()
            assert socket.close_code == code
        await tap.disconnected()
    assert [(e.by, e.detail["code"]) for e in journal.links("close")] == [("tap", 1013), ("station", 1011)]
    await until(lambda: csms.closes == [1013, 1011])
    assert journal.frames() == [("station", "CALL BootNotification", "dropped")]


async def test_inject_goes_to_whom_it_is_for_and_is_marked(tap, csms, journal, station, until):
    with pytest.raises(AdapterError, match="no link is open"):
        await tap.inject("csms", "x")
    async with station(tap) as socket:
        await tap.connected()
        await tap.inject("station", '[2,"t","Reset",{}]')
        assert await socket.recv() == '[2,"t","Reset",{}]'
        await tap.inject("csms", b"\x00")
        await until(lambda: csms.got)
        with pytest.raises(AdapterError, match="neither end"):
            await tap.inject("nobody", "x")
        with pytest.raises(AdapterError, match="link other is not open"):
            await tap.inject("csms", "x", link="other")
    assert csms.got == [b"\x00"]
    assert journal.frames() == [("csms", "CALL Reset", "injected"), ("station", "malformed", "injected")]


async def test_a_cut_ends_links_and_refuses_new_ones_until_mended(tap, journal, station):
    socket = await station(tap)
    await tap.connected()
    await tap.cut()
    await socket.wait_closed()
    with pytest.raises((OSError, InvalidHandshake)):
        await station(tap)
    await tap.mend()
    async with station(tap):
        pass
    assert [(e.event, e.by) for e in journal.links()][:3] == [("open", "station"), ("close", "tap"), ("refused", "tap")]


async def test_a_silent_cut_keeps_new_clients_waiting_until_mended(tap, station):
    await tap.cut(refuse=False)
    opening = asyncio.ensure_future(station(tap, open_timeout=None).__aenter__())
    done, _ = await asyncio.wait([opening], timeout=0.1)
    assert not done
    await tap.mend()
    socket = await opening
    await socket.close()


async def test_connected_waits_for_the_next_link(tap, csms, station):
    with pytest.raises(TimeoutError):
        await tap.connected(timeout=0.05)
    async with station(tap):
        first = await tap.connected(identity="CS001")
    waiting = asyncio.ensure_future(tap.connected(identity="CS001", after=first))
    async with station(tap, "OTHER"), station(tap):
        assert await waiting == "csms<-CS001#2"


async def test_stop_closes_links_in_order(csms, recorder, station):
    tap = WebSocketTap(recorder, csms.url, OcppDialect())
    await tap.start()
    socket = await station(tap)
    await tap.stop()
    await socket.wait_closed()
    assert socket.close_code == 1001
