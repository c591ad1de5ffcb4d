"""How fast messages are read and held against their schemas, and what an exchange costs, in ratios to peers of the same run.

    python architecture/tests/bench_ocpp_rpc.py [--json] [--seconds S]

- *parse and validate*: ours against the PyPI package ``ocpp`` (its own parse and validation), and against bare orjson +
  jsonschema-rs, which is the least that it could cost.
- *exchange*: CPU time of a Heartbeat over a loopback WebSocket, both sides, against a plain ``websockets`` echo of the same text
  and against two ``ocpp`` charge points.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import sys
import time
import timeit
from collections.abc import Awaitable, Callable

import jsonschema_rs
import ocpp.messages
import orjson
from ocpp.routing import on
from ocpp.v201 import ChargePoint, call, call_result
from ocpp.v201.enums import Action
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.client import OcppClient
from v2x_architecture.ocpp.messages import Call, encode, parse
from v2x_architecture.ocpp.server import OcppServer
from v2x_architecture.ocpp.versions import Version
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed

NOW = "2025-01-01T00:00:00Z"

_METER_VALUE_201 = {
    "timestamp": NOW,
    "sampledValue": [
        {"value": 1234.5, "measurand": "Energy.Active.Import.Register", "unitOfMeasure": {"unit": "Wh"}},
        {"value": 11000, "measurand": "Power.Active.Import", "context": "Sample.Periodic"},
        {"value": 16.1, "measurand": "Current.Import", "phase": "L1"},
    ],
}
_METER_VALUE_16 = {
    "timestamp": NOW,
    "sampledValue": [
        {"value": "1234.5", "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
        {"value": "11000", "measurand": "Power.Active.Import", "unit": "W", "context": "Sample.Periodic"},
    ],
}
MESSAGES: list[tuple[Version, str, dict]] = [
    ("1.6", "Heartbeat", {}),
    ("1.6", "MeterValues", {"connectorId": 1, "transactionId": 7, "meterValue": [_METER_VALUE_16]}),
    ("2.0.1", "BootNotification", {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}),
    (
        "2.0.1",
        "TransactionEvent",
        {
            "eventType": "Updated",
            "timestamp": NOW,
            "triggerReason": "MeterValuePeriodic",
            "seqNo": 3,
            "transactionInfo": {"transactionId": "7b1c2d3e-0000-4a4a-9b9b-123456789012", "chargingState": "Charging"},
            "evse": {"id": 1, "connectorId": 1},
            "meterValue": [_METER_VALUE_201],
        },
    ),
    (
        "2.0.1",
        "NotifyReport",
        {
            "requestId": 1,
            "generatedAt": NOW,
            "seqNo": 0,
            "reportData": [
                {
                    "component": {"name": "EVSE", "evse": {"id": k}},
                    "variable": {"name": "Power"},
                    "variableAttribute": [{"type": "Actual", "value": "0", "mutability": "ReadOnly"}],
                    "variableCharacteristics": {"dataType": "decimal", "supportsMonitoring": True, "unit": "W"},
                }
                for k in range(20)
            ],
        },
    ),
]


def microseconds(function: Callable[[], object], seconds: float) -> float:
    """Return the best time of one call."""
    timer = timeit.Timer(function)
    number = max(1, timer.autorange()[0] // 4)
    return min(timer.repeat(repeat=max(3, int(seconds / 0.05)), number=number)) / number * 1e6


def reading(seconds: float) -> list[dict]:
    """Compare parse and validation, message by message."""
    ocpp.messages.ASYNC_VALIDATION = False
    rows = []
    for version, action, payload in MESSAGES:
        text = encode(Call("7b1c2d3e-0000-4a4a-9b9b-123456789012", action, payload))
        validator = jsonschema_rs.validator_for(schema.schema(version, action, "request"))

        def ours(text: str = text, version: Version = version) -> bool:
            message = parse(text, version)
            return schema.is_valid(version, message.action, "request", message.payload)

        def bare(text: str = text, validator: jsonschema_rs.Validator = validator) -> bool:
            return validator.is_valid(orjson.loads(text)[3])

        def theirs(text: str = text, version: Version = version) -> None:
            ocpp.messages._validate_payload(ocpp.messages.unpack(text), version)

        assert ours()
        assert bare()
        theirs()
        spent = {name: microseconds(one, seconds) for name, one in (("ours", ours), ("bare", bare), ("ocpp", theirs))}
        rows.append(
            {
                "benchmark": "parse and validate",
                "what": f"{version} {action} ({len(text)} B)",
                "unit": "µs",
                "ours": round(spent["ours"], 2),
                "peers": {"bare orjson + jsonschema-rs": round(spent["bare"], 2), "ocpp": round(spent["ocpp"], 2)},
                "times_faster_than": {
                    "bare orjson + jsonschema-rs": round(spent["bare"] / spent["ours"], 2),
                    "ocpp": round(spent["ocpp"] / spent["ours"], 1),
                },
            }
        )
    return rows


async def cpu(exchange: Callable[[], Awaitable[object]], count: int) -> float:
    """Return the CPU time of one exchange in this process, in microseconds."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        for _ in range(count):
            await exchange()
        best = min(best, (time.process_time() - start) / count * 1e6)
    return best


async def our_exchange(count: int) -> float:
    """Measure a Heartbeat between our client and our server."""

    async def answer(action: str, payload: dict) -> dict:
        return {"currentTime": NOW}

    async def on_connect(_: object) -> Callable:
        return answer

    async with OcppServer(on_connect=on_connect, versions=["2.0.1"]) as server:
        endpoint = (await OcppClient(url=server.url, identity="CS001", versions=["2.0.1"]).connect()).start()
        spent = await cpu(lambda: endpoint.call("Heartbeat"), count)
        await endpoint.close()
        return spent


async def bare_exchange(count: int) -> float:
    """Measure an echo over plain ``websockets``."""
    text = encode(Call("7b1c2d3e-0000-4a4a-9b9b-123456789012", "Heartbeat", {}))

    async def echo(ws: object) -> None:
        async for message in ws:
            await ws.send(message)

    async with serve(echo, "127.0.0.1", 0, compression=None) as server:
        port = server.sockets[0].getsockname()[1]
        async with connect(f"ws://127.0.0.1:{port}", compression=None, proxy=None) as ws:

            async def exchange() -> None:
                await ws.send(text)
                await ws.recv()

            return await cpu(exchange, count)


async def their_exchange(count: int) -> float:
    """Measure a Heartbeat between two charge points of the PyPI package ``ocpp``."""

    class Csms(ChargePoint):
        @on(Action.heartbeat)
        async def answer(self, **_: object) -> call_result.Heartbeat:
            return call_result.Heartbeat(current_time=NOW)

    logging.getLogger("ocpp").setLevel(logging.ERROR)

    async def accept(ws: object) -> None:
        with contextlib.suppress(ConnectionClosed):
            await Csms("CS001", ws).start()

    async with serve(accept, "127.0.0.1", 0, compression=None, subprotocols=["ocpp2.0.1"]) as server:
        url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/CS001"
        async with connect(url, compression=None, proxy=None, subprotocols=["ocpp2.0.1"]) as ws:
            station = ChargePoint("CS001", ws)
            reading_task = asyncio.create_task(station.start())
            spent = await cpu(lambda: station.call(call.Heartbeat()), count)
            reading_task.cancel()
            await asyncio.gather(reading_task, return_exceptions=True)
    return spent


def exchanging(seconds: float) -> dict:
    """Compare the CPU of an exchange."""
    count = max(100, int(1000 * seconds))
    spent = {
        name: asyncio.run(one(count)) for name, one in (("ours", our_exchange), ("bare", bare_exchange), ("ocpp", their_exchange))
    }
    return {
        "benchmark": "exchange",
        "what": "2.0.1 Heartbeat, both sides",
        "unit": "µs CPU",
        "ours": round(spent["ours"], 1),
        "peers": {"plain websockets echo": round(spent["bare"], 1), "ocpp": round(spent["ocpp"], 1)},
        "times_faster_than": {
            "plain websockets echo": round(spent["bare"] / spent["ours"], 2),
            "ocpp": round(spent["ocpp"] / spent["ours"], 1),
        },
    }


def main() -> None:
    """Run both and print a table, or JSON."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--json", action="store_true", help="print JSON")
    arguments.add_argument("--seconds", type=float, default=1.0, help="roughly how long each measurement takes")
    given = arguments.parse_args()
    rows = [*reading(given.seconds), exchanging(given.seconds)]
    if given.json:
        json.dump(rows, sys.stdout, indent=2)
        return
    for row in rows:
        sys.stdout.write(f"{row['benchmark']}: {row['what']}: {row['ours']} {row['unit']}\n")
        for peer, spent in row["peers"].items():
            sys.stdout.write(f"    {peer}: {spent} {row['unit']}, ours is {row['times_faster_than'][peer]} times as fast\n")


if __name__ == "__main__":
    main()
