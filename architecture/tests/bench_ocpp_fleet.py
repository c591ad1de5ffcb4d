"""What a reference station costs: thousands of them in one process, each booting, sending a heartbeat and a meter value.

    python architecture/tests/bench_ocpp_fleet.py [--stations 2000] [--version 2.0.1] [--json]

The CSMS is a bare one in a process of its own, so that memory and CPU time are those of the stations alone. The yardstick of the
same run is as many plain ``websockets`` clients that send the same texts to the same CSMS.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import multiprocessing
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from v2x_architecture.clock import SystemClock
from v2x_architecture.ocpp.client import OcppClient, Opening, open_websocket
from v2x_architecture.ocpp.endpoint import Endpoint, Handler
from v2x_architecture.ocpp.messages import Call, encode
from v2x_architecture.ocpp.rpc import new_message_id
from v2x_architecture.ocpp.server import OcppServer
from v2x_architecture.ocpp.station.config import StationConfig
from v2x_architecture.ocpp.station.station import ReferenceStation
from v2x_architecture.ocpp.versions import Version
from websockets.asyncio.client import ClientConnection

NOW = "2025-01-01T00:00:00Z"
AT_ONCE = 100

ANSWERS = {"BootNotification": {"currentTime": NOW, "interval": 86400, "status": "Accepted"}, "Heartbeat": {"currentTime": NOW}}

METER_VALUES: dict[Version, dict] = {
    "1.6": {
        "connectorId": 1,
        "meterValue": [{"timestamp": NOW, "sampledValue": [{"value": "0", "measurand": "Energy.Active.Import.Register"}]}],
    },
    "2.0.1": {
        "evseId": 1,
        "meterValue": [{"timestamp": NOW, "sampledValue": [{"value": 0, "measurand": "Energy.Active.Import.Register"}]}],
    },
}
BOOTS: dict[Version, dict] = {
    "1.6": {"chargePointVendor": "V2X", "chargePointModel": "Reference"},
    "2.0.1": {"reason": "PowerUp", "chargingStation": {"model": "Reference", "vendorName": "V2X"}},
}


@dataclass
class Spent:
    """What a fleet cost.

    Attributes:
        stations: how many there are.
        exchanges: CALLs and their results, from the first boot to the last meter value.
        kilobytes: resident memory, all of them at rest.
        seconds: CPU time of the exchanges, connecting included.
        wall: s.
    """

    stations: int
    exchanges: int = 0
    kilobytes: float = 0.0
    seconds: float = 0.0
    wall: float = 0.0

    def row(self, what: str) -> dict[str, object]:
        """Return it as a row of the report."""
        return {
            "what": what,
            "stations": self.stations,
            "exchanges": self.exchanges,
            "kB a station": round(self.kilobytes / self.stations, 1),
            "µs CPU an exchange": round(self.seconds / self.exchanges * 1e6, 1),
            "s": round(self.wall, 1),
        }


def csms(pipe: Connection, version: Version) -> None:
    """Run the CSMS until told to stop; answer each question with the number of CALLs since the last."""
    raise_file_limit()
    counted = 0

    async def answer(action: str, payload: dict) -> dict:
        nonlocal counted
        counted += 1
        return ANSWERS.get(action, {})

    async def on_connect(_: Endpoint) -> Handler:
        return answer

    async def run() -> None:
        nonlocal counted
        async with OcppServer(on_connect=on_connect, versions=[version]) as server:
            pipe.send(server.url)
            while True:
                asked = asyncio.Event()
                asyncio.get_running_loop().add_reader(pipe.fileno(), asked.set)
                await asked.wait()
                asyncio.get_running_loop().remove_reader(pipe.fileno())
                if pipe.recv() == "stop":
                    return
                pipe.send(counted)
                counted = 0

    asyncio.run(run())


def raise_file_limit() -> None:
    """Allow as many sockets as the machine does."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def resident() -> float:
    """Return the resident memory of this process, in kilobytes, garbage left out."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 1024


def asked(pipe: Connection) -> int:
    """Return how many CALLs the CSMS has had."""
    pipe.send("count")
    count: int = pipe.recv()
    return count


async def in_batches(work: Iterable[Callable[[], Awaitable[object]]]) -> None:
    """Do a lot of things, so many at once."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(step: Callable[[], Awaitable[object]]) -> None:
        async with gate:
            await step()

    await asyncio.gather(*(one(step) for step in work))


async def reference_stations(url: str, version: Version, count: int, pipe: Connection) -> Spent:
    """Measure reference stations."""
    clock = SystemClock()
    spent = Spent(count)
    before, cpu, wall = resident(), time.process_time(), time.monotonic()
    stations = [ReferenceStation(StationConfig(url=url, identity=f"CS{k:05}", version=version), clock) for k in range(count)]

    async def live(station: ReferenceStation) -> None:
        await station.start()
        async with asyncio.timeout(60):
            while (await station.observe())["registration"] != "Accepted":
                await asyncio.sleep(0.01)
        for action, payload in (("Heartbeat", {}), ("MeterValues", METER_VALUES[version])):
            answer = await station.send(action, payload)
            if "result" not in answer:
                raise RuntimeError(f"{action} was answered {answer}")

    await in_batches([lambda station=station: live(station) for station in stations])
    spent.seconds, spent.wall = time.process_time() - cpu, time.monotonic() - wall
    spent.exchanges = asked(pipe)
    spent.kilobytes = resident() - before
    await in_batches([station.stop for station in stations])
    return spent


async def bare_clients(url: str, version: Version, count: int, pipe: Connection) -> Spent:
    """Measure plain WebSocket clients that say the same."""
    spent = Spent(count)
    opened: list[ClientConnection] = []
    before, cpu, wall = resident(), time.process_time(), time.monotonic()

    async def connector(opening: Opening) -> ClientConnection:
        opened.append(await open_websocket(opening))
        return opened[-1]

    async def live(identity: str) -> None:
        client = OcppClient(url=url, identity=identity, versions=[version], connector=connector)
        ws = (await client.connect()).ws
        for action, payload in (("BootNotification", BOOTS[version]), ("Heartbeat", {}), ("MeterValues", METER_VALUES[version])):
            await ws.send(encode(Call(new_message_id(), action, payload)))
            await ws.recv()

    await in_batches([lambda k=k: live(f"CS{k:05}") for k in range(count)])
    spent.seconds, spent.wall = time.process_time() - cpu, time.monotonic() - wall
    spent.exchanges = asked(pipe)
    spent.kilobytes = resident() - before
    for ws in opened:
        ws.transport.abort()
    return spent


type Fleet = Callable[[str, Version, int, Connection], Awaitable[Spent]]


def run_fleet(fleet: Fleet, url: str, version: Version, count: int, pipe: Connection, report: Connection) -> None:
    """Run a fleet, in a process whose memory is that of nothing else."""
    raise_file_limit()
    logging.getLogger("websockets").setLevel(logging.CRITICAL)

    async def run() -> Spent:
        return await fleet(url, version, count, pipe)

    report.send(asyncio.run(run()))


def measure(version: Version, count: int) -> list[dict[str, object]]:
    """Run both fleets, one after the other, each against a CSMS of its own."""
    rows = []
    fresh = multiprocessing.get_context("spawn")
    for what, fleet in (("reference station", reference_stations), ("plain websockets client", bare_clients)):
        asking, asked_ = fresh.Pipe()
        reading, reporting = fresh.Pipe()
        backend = fresh.Process(target=csms, args=(asked_, version))
        backend.start()
        stations = fresh.Process(target=run_fleet, args=(fleet, asking.recv(), version, count, asking, reporting))
        stations.start()
        stations.join()
        asking.send("stop")
        backend.join(30)
        if not reading.poll():
            raise SystemExit(f"the fleet of {what}s did not end well; see above")
        rows.append({"version": version, **reading.recv().row(what)})
    return rows


def main() -> None:
    """Print a table, or JSON."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--stations", type=int, default=2000)
    arguments.add_argument("--version", choices=["1.6", "2.0.1"], action="append", help="both when left out")
    arguments.add_argument("--json", action="store_true", help="print JSON")
    given = arguments.parse_args()
    rows = [row for version in given.version or ["1.6", "2.0.1"] for row in measure(version, given.stations)]
    if given.json:
        json.dump(rows, sys.stdout, indent=2, ensure_ascii=False)
        return
    for row in rows:
        sys.stdout.write(" | ".join(f"{name}: {value}" for name, value in row.items()) + "\n")


if __name__ == "__main__":
    main()
