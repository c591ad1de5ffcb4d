"""Products that are bad at once and for good, as servers (a CSMS) and as clients (a charging station)."""

from __future__ import annotations

import asyncio
import itertools
import json
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from ssl import SSLContext

from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.connection import Connection
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

type Manner = Callable[[Connection], Awaitable[None]]

_OCPP = Subprotocol("ocpp2.0.1")
# What a flood holds: a tenth of a second of it.
_A_SECOND = 10_000
_BOOT = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}


async def closes_at_once(socket: Connection) -> None:
    await socket.close(1011, "no")


async def never_answers(socket: Connection) -> None:
    await socket.wait_closed()


async def answers_garbage(socket: Connection) -> None:
    async for _ in socket:
        for rubbish in (
            "}{ this is no JSON",
            b"\x00\xff\xfe",
            "",
            "null",
            "[]",
            "{}",
            '[3,"?"]',
            '[3,7,{"status":"Accepted"}]',
            '["2","a","Heartbeat",{}]',
            '[2,"' + "i" * 200 + '","Heartbeat",{}]',
            '[2,"a","Heartbeat",[]]',
            "[" * 5_000 + "]" * 5_000,
        ):
            await socket.send(rubbish)


async def sends_ten_megabytes(socket: Connection) -> None:
    async for _ in socket:
        await socket.send('[2,"big","DataTransfer",{"vendorId":"' + "x" * 10_000_000 + '"}]')


async def floods(socket: Connection) -> None:
    """Sends 10,000 small CALLs a second, whatever the other side says, as fast as they are taken."""
    mask = isinstance(socket, ClientConnection)
    calls = [f'[2,"{number}","Heartbeat",{{}}]'.encode() for number in range(_A_SECOND // 10)]
    wire = b"".join(_frame(call, mask=mask) for call in calls)
    deaf = asyncio.create_task(_ignore(socket))
    try:
        while not deaf.done():
            async with asyncio.timeout(60):
                # The buffer of a peer that cannot keep up is full: it gets no more than it takes.
                socket.transport.write(wire)
                await asyncio.gather(socket.drain(), asyncio.sleep(0.1))
    finally:
        deaf.cancel()
        await asyncio.gather(deaf, return_exceptions=True)


async def is_polite(socket: Connection) -> None:
    """Accepts a boot and answers the rest with nothing."""
    async for message in socket:
        _, message_id, action, *_ = json.loads(message)
        now = {"currentTime": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        answers = {"BootNotification": now | {"status": "Accepted", "interval": 300}, "Heartbeat": now}
        await socket.send(json.dumps([3, message_id, answers.get(action, {})]))


async def _ignore(socket: Connection) -> None:
    with suppress(ConnectionClosed):
        async for _ in socket:
            pass


def _frame(payload: bytes, *, mask: bool) -> bytes:
    """Write a short text frame; it is masked with zeros, which changes nothing."""
    return struct.pack("!BB", 0x81, len(payload) | (0x80 if mask else 0)) + (b"\0\0\0\0" if mask else b"") + payload


@asynccontextmanager
async def csms(manner: Manner, tls: SSLContext | None = None) -> AsyncIterator[str]:
    """Stand as a CSMS of this manner; give ``host:port``."""

    async def meet(socket: Connection) -> None:
        with suppress(ConnectionClosed):
            await manner(socket)

    async with serve(
        meet, "127.0.0.1", 0, subprotocols=[_OCPP], compression=None, max_size=None, close_timeout=0.2, ssl=tls
    ) as server:
        yield f"127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}"


@asynccontextmanager
async def station(url: str, manner: Manner, *, booting: bool = True) -> AsyncIterator[None]:
    """Come as a station of this manner as soon as somebody listens, and again when the connection is lost."""
    boots = itertools.count()

    async def live() -> None:
        while True:
            with suppress(ConnectionClosed):
                async with await dial(url) as socket:
                    if booting:
                        await socket.send(json.dumps([2, f"b{next(boots)}", "BootNotification", _BOOT]))
                    await manner(socket)
            await asyncio.sleep(0.2)

    living = asyncio.create_task(live())
    try:
        yield
    finally:
        living.cancel()
        await asyncio.gather(living, return_exceptions=True)


async def dial(url: str, tls: SSLContext | None = None) -> ClientConnection:
    """Connect as soon as somebody listens."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await connect(url, subprotocols=[_OCPP], max_size=None, compression=None, close_timeout=0.2, ssl=tls)
            except (OSError, InvalidHandshake):
                await asyncio.sleep(0.05)


async def boot(url: str, tls: SSLContext | None = None) -> dict[str, object]:
    """Come and boot once; return the answer."""
    async with await dial(url, tls) as socket:
        await socket.send(json.dumps([2, "b1", "BootNotification", _BOOT]))
        answer: dict[str, object] = json.loads(await socket.recv())[2]
        return answer
