"""What a message costs in the tap: CPU a message beside a plain `websockets` proxy and mitmproxy, each in a process of its own.

python adapters/tests/bench_tap.py --exchanges 5000 --json
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

from contest import Contest, Serve, Served
from v2x_adapters.ocpp.labels import OcppDialect
from v2x_adapters.websocket import WebSocketTap
from v2x_harness.events import Header
from v2x_harness.journal import Recorder, utc_now
from v2x_harness.protocol import protocols
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

OCPP = [Subprotocol("ocpp2.0.1")]
STATUS = {
    "timestamp": "2026-01-01T12:00:00.000Z",
    "eventType": "Updated",
    "triggerReason": "MeterValuePeriodic",
    "seqNo": 7,
    "transactionInfo": {"transactionId": "3d4b5a0e-1c9f-4a0f-8a51-6a6f1d0c9a11"},
    "meterValue": [
        {
            "timestamp": "2026-01-01T12:00:00.000Z",
            "sampledValue": [{"value": 1234.5, "measurand": "Energy.Active.Import.Register", "context": "Sample.Periodic"}],
        }
    ],
}


# The proxies, each served in a process of its own.


async def plain(target: str, folder: Path) -> Served:
    """Pump messages between two `websockets` connections, nothing else."""

    async def pump(source, sink) -> None:
        with contextlib.suppress(ConnectionClosed):
            async for message in source:
                await sink.send(message)

    async def handle(near: ServerConnection) -> None:
        path = near.request.path if near.request else ""
        async with connect(target + path, subprotocols=OCPP, compression=None, ping_interval=None) as far:
            pumps = [asyncio.ensure_future(pump(near, far)), asyncio.ensure_future(pump(far, near))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            for task in pumps:
                task.cancel()

    server = await serve(handle, "127.0.0.1", 0, subprotocols=OCPP, compression=None, ping_interval=None)
    return port_of(server.sockets), int


async def tap(target: str, folder: Path, *, journal: bool = False, rules: bool = False) -> Served:
    """The tap, with what is asked for."""
    path = folder / "bench.ndjson" if journal else None
    recorder = Recorder(path, Header(run="bench", started=utc_now()), asyncio.get_running_loop().time)
    judge = protocols()["ocpp"].judge("2.0.1")
    if rules:
        recorder.subscribe(lambda event: list(judge.feed(event)) and None)
    made = WebSocketTap(recorder, target, OcppDialect())
    await made.start()
    return int(made.url.rpartition(":")[2]), lambda: sum(judge.inspected().values())


async def mitm(target: str, folder: Path) -> Served:
    """mitmproxy with no more add-ons than it needs, keeping no messages."""
    from mitmproxy import options
    from mitmproxy.addons import core, next_layer, proxyserver, tlsconfig
    from mitmproxy.master import Master

    class Trim:
        def websocket_message(self, flow) -> None:
            del flow.websocket.messages[:-1]

    target = target.replace("ws://", "http://")
    master = Master(options.Options(), event_loop=asyncio.get_running_loop())
    server = proxyserver.Proxyserver()
    master.addons.add(core.Core(), server, next_layer.NextLayer(), tlsconfig.TlsConfig(), Trim())
    master.options.update(mode=[f"reverse:{target}@127.0.0.1:0"], confdir=str(folder))
    await server.setup_servers()
    return server.listen_addrs()[0][1], int


PROXIES: dict[str, Serve] = {
    "plain websockets proxy": plain,
    "tap": tap,
    "tap, journal": lambda target, folder: tap(target, folder, journal=True),
    "tap, journal and rules": lambda target, folder: tap(target, folder, journal=True, rules=True),
    "mitmproxy, lean": mitm,
}


# The load.


async def answer(socket: ServerConnection) -> None:
    """A CSMS that answers every CALL."""
    async for message in socket:
        await socket.send(json.dumps([3, json.loads(message)[1], {}]))


@contextlib.asynccontextmanager
async def csms() -> AsyncIterator[str]:
    """Serve it."""
    async with serve(answer, "127.0.0.1", 0, subprotocols=OCPP, compression=None, ping_interval=None) as server:
        yield f"ws://127.0.0.1:{port_of(server.sockets)}"


async def exchange(port: int, link: int, count: int) -> None:
    """Send CALLs as a station does, each after the answer to the one before."""
    url = f"ws://127.0.0.1:{port}/CS{link}"
    async with connect(url, subprotocols=OCPP, compression=None, ping_interval=None) as socket:
        for n in range(count):
            await socket.send(json.dumps([2, f"{link}-{n}", "TransactionEvent", STATUS]))
            await socket.recv()


def port_of(sockets) -> int:
    return next(iter(sockets)).getsockname()[1]


if __name__ == "__main__":
    Contest(__file__, PROXIES, csms, exchange).main(__doc__)
