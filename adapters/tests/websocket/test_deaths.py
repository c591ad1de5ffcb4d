"""Either side may die at any moment, in order or with a reset: the tap tells the other side, and keeps nothing."""

import asyncio
import contextlib
import socket
import struct

import pytest
from v2x_adapters.ocpp.labels import OcppDialect
from v2x_adapters.websocket import WebSocketTap
from v2x_adapters.websocket.wire import close_frame, frame
from v2x_harness.steer import Toxic

pytestmark = pytest.mark.anyio

REQUEST = (
    b"GET /CS001 HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
)
RESPONSE = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: ocpp1.6\r\n\r\n"
)
REFUSAL = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\n"
BEAT = b'[2,"1","Heartbeat",{}]'


def script(*, mask):
    """What one side says, in pieces between which it may die."""
    opening = [REQUEST[:20], REQUEST[20:]] if mask else [RESPONSE[:20], RESPONSE[20:]]
    message = frame(1, BEAT, mask=mask)
    return [*opening, message, message[:7], message[7:], frame(1, b"x", mask=mask, fin=False), close_frame(1000, mask=mask)]


async def die(writer, how):
    if how == "reset":
        # Under a toxic the tap may have been first to end the connection.
        with contextlib.suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()
    else:
        writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


async def say(writer, pieces):
    for piece in pieces:
        writer.write(piece)
        with contextlib.suppress(OSError):
            await writer.drain()
        await asyncio.sleep(0.001)


async def read_out(reader):
    with contextlib.suppress(OSError):
        while await reader.read(4096):
            pass


@pytest.fixture
async def play(recorder):
    """Let a client and a server say so many pieces, and one of them die then; return what the survivor was told."""

    async def played(client, server, victim, how, toxics=()):
        ended = asyncio.get_running_loop().create_future()

        async def serve(reader, writer):
            await say(writer, script(mask=False)[:server])
            if victim == "server":
                await die(writer, how)
            else:
                await read_out(reader)
                await die(writer, "order")
            ended.set_result(None)

        listening = await asyncio.start_server(serve, "127.0.0.1", 0)
        tap = WebSocketTap(recorder, f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}", OcppDialect(), subject="station")
        tap.poison(toxics)
        await tap.start()
        reader, writer = await asyncio.open_connection(*tap.url.removeprefix("ws://").split(":"))
        await say(writer, script(mask=True)[:client])
        if victim == "client":
            await die(writer, how)
        else:
            await asyncio.wait_for(read_out(reader), 60)
            await die(writer, "order")
        await tap.disconnected(timeout=60)
        if client >= 2:
            await asyncio.wait_for(ended, 60)
        await tap.stop()
        listening.close()
        await listening.wait_closed()

    return played


@pytest.mark.parametrize("how", ["order", "reset"])
@pytest.mark.parametrize("pieces", range(8))
async def test_the_client_may_die_at_any_moment(play, journal, pieces, how):
    await play(pieces, 3, "client", how)
    opened, closed = journal.links("open"), journal.links("close")
    assert len(opened) == len(closed)
    assert len(opened) + len(journal.links("refused")) == 1


@pytest.mark.parametrize("how", ["order", "reset"])
@pytest.mark.parametrize("pieces", range(8))
async def test_the_server_may_die_at_any_moment(play, journal, pieces, how):
    await play(3, pieces, "server", how)
    opened, closed = journal.links("open"), journal.links("close")
    assert len(opened) == len(closed) == int(pieces >= 2)
    assert [event.by for event in journal.links("refused")] == ["csms"] * int(pieces < 2)
    if opened:
        assert closed[0].by == "csms"


@pytest.mark.parametrize("victim", ["client", "server"])
@pytest.mark.parametrize("how", ["order", "reset"])
@pytest.mark.parametrize("kind", ["latency", "slow_close", "bandwidth", "timeout", "reorder"])
async def test_deaths_under_toxics(play, journal, victim, how, kind):
    await play(7, 7, victim, how, [Toxic(kind=kind, seconds=0.05, rate=10_000)])
    assert len(journal.links("open")) == len(journal.links("close")) == 1


async def test_a_refused_client_may_ask_again_on_the_same_connection(recorder, journal):
    async def serve(reader, writer):
        for answer in (REFUSAL + b"nope", RESPONSE):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
        await read_out(reader)
        await die(writer, "order")

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    tap = WebSocketTap(recorder, f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}", OcppDialect())
    await tap.start()
    reader, writer = await asyncio.open_connection(*tap.url.removeprefix("ws://").split(":"))
    writer.write(REQUEST)
    assert await reader.readexactly(len(REFUSAL) + 4) == REFUSAL + b"nope"
    writer.write(REQUEST)
    assert await reader.readexactly(len(RESPONSE)) == RESPONSE
    writer.write(frame(1, BEAT, mask=True))
    await die(writer, "order")
    await tap.disconnected()
    assert [(event.event, event.by) for event in journal.links()] == [
        ("refused", "csms"),
        ("open", "station"),
        ("close", "station"),
    ]
    assert journal.frames() == [("station", "CALL Heartbeat", "forwarded")]
    await tap.stop()
    listening.close()
    await listening.wait_closed()


async def test_frames_sent_right_behind_the_upgrade_are_not_lost(recorder, journal):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(RESPONSE + frame(1, BEAT, mask=False))
        await read_out(reader)
        await die(writer, "order")

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    tap = WebSocketTap(recorder, f"ws://127.0.0.1:{listening.sockets[0].getsockname()[1]}", OcppDialect())
    await tap.start()
    reader, writer = await asyncio.open_connection(*tap.url.removeprefix("ws://").split(":"))
    writer.write(REQUEST + frame(1, BEAT, mask=True))
    assert await reader.readexactly(len(RESPONSE) + len(BEAT) + 2) == RESPONSE + frame(1, BEAT, mask=False)
    await die(writer, "order")
    await tap.disconnected()
    assert len(journal.frames()) == 2
    await tap.stop()
    listening.close()
    await listening.wait_closed()
