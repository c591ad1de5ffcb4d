"""What a message costs in the tap: CPU a message beside a plain `websockets` proxy and mitmproxy, each in a process of its own.

python adapters/tests/bench_tap.py --exchanges 5000 --json
"""

import argparse
import asyncio
import contextlib
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from v2x_adapters.ocpp.labels import OcppDialect
from v2x_adapters.websocket import WebSocketTap
from v2x_harness.errors import HarnessError
from v2x_harness.events import Header
from v2x_harness.journal import Recorder, utc_now
from v2x_harness.protocol import protocols
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

PLAIN = "plain websockets proxy"
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

# Where it listens, and how much its rules have judged so far.
type Served = tuple[int, Callable[[], int]]
type Serve = Callable[[str, Path], Awaitable[Served]]


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
    PLAIN: plain,
    "tap": tap,
    "tap, journal": lambda target, folder: tap(target, folder, journal=True),
    "tap, journal and rules": lambda target, folder: tap(target, folder, journal=True, rules=True),
    "mitmproxy, lean": mitm,
}


async def serve_here(name: str, target: str) -> None:
    """Serve a proxy, and answer each line of standard input with the CPU seconds used and the judgements made so far."""
    loop = asyncio.get_running_loop()
    with tempfile.TemporaryDirectory() as folder:
        port, judged = await PROXIES[name](target, Path(folder))
        say(port)
        while await loop.run_in_executor(None, sys.stdin.readline):
            say(f"{time.process_time()} {judged()}")


# The load.


async def answer(socket: ServerConnection) -> None:
    """A CSMS that answers every CALL."""
    async for message in socket:
        await socket.send(json.dumps([3, json.loads(message)[1], {}]))


async def exchange(url: str, link: int, count: int) -> None:
    async with connect(f"{url}/CS{link}", subprotocols=OCPP, compression=None, ping_interval=None) as socket:
        for n in range(count):
            await socket.send(json.dumps([2, f"{link}-{n}", "TransactionEvent", STATUS]))
            await socket.recv()


async def measure(name: str, target: str, links: int, count: int) -> dict[str, float]:
    """Return CPU and wall seconds of `2 * links * count` messages through a proxy, in µs a message."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, __file__, "--serve", name, "--target", target, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin
    assert child.stdout

    async def so_far() -> tuple[float, int]:
        child.stdin.write(b"\n")
        cpu, judged = (await child.stdout.readline()).split()
        return float(cpu), int(judged)

    try:
        port = (await child.stdout.readline()).decode().strip()
        if not port:
            raise HarnessError(f"{name} did not start")
        url = f"ws://127.0.0.1:{port}"
        await asyncio.gather(*(exchange(url, link, count // 10) for link in range(links)))
        (before, _), began = await so_far(), time.perf_counter()
        await asyncio.gather(*(exchange(url, links + link, count) for link in range(links)))
        messages, wall = 2 * links * count, time.perf_counter() - began
        after, judged = await so_far()
        return {"cpu_us": (after - before) / messages * 1e6, "wall_us": wall / messages * 1e6, "judged": judged}
    finally:
        child.stdin.close()
        await child.wait()


async def bench(names: Sequence[str], links: int, count: int, rounds: int) -> list[dict[str, object]]:
    """Measure each proxy; the best of some rounds, taken in turn, stands."""
    best: dict[str, dict[str, float]] = {}
    async with serve(answer, "127.0.0.1", 0, subprotocols=OCPP, compression=None, ping_interval=None) as server:
        target = f"ws://127.0.0.1:{port_of(server.sockets)}"
        for _ in range(rounds):
            for name in names:
                try:
                    seen = await measure(name, target, links, count)
                except HarnessError as error:
                    sys.stderr.write(f"{error}\n")
                    continue
                if name not in best or seen["cpu_us"] < best[name]["cpu_us"]:
                    best[name] = seen
    base = best[PLAIN]["cpu_us"]
    return [{"proxy": name, **figures, "ratio": figures["cpu_us"] / base} for name, figures in best.items()]


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def port_of(sockets) -> int:
    return next(iter(sockets)).getsockname()[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--links", type=int, default=4)
    parser.add_argument("--exchanges", type=int, default=2000, help="CALLs a link")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--only", action="append", choices=list(PROXIES), help="beside the plain proxy")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", choices=list(PROXIES), help=argparse.SUPPRESS)
    parser.add_argument("--target", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        asyncio.run(serve_here(asked.serve, asked.target))
        return
    names = [PLAIN, *(asked.only or [name for name in PROXIES if name != PLAIN])]
    results = asyncio.run(bench(names, asked.links, asked.exchanges, asked.rounds))
    if asked.json:
        say(json.dumps(results, indent=2))
        return
    say(f"{'CPU a message':28}{'µs':>8}{'ratio':>8}{'wall µs':>10}{'judgements':>13}")
    for one in results:
        say(f"{one['proxy']:28}{one['cpu_us']:8.1f}{one['ratio']:8.2f}{one['wall_us']:10.1f}{one['judged']:13d}")


if __name__ == "__main__":
    main()
