"""An adapter with a decent CSMS behind it, until it fails in one way: failing_adapter.py WAY. It speaks its protocol by hand."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import threading
import time

from hostile import csms, is_polite
from websockets.asyncio.connection import Connection

PROTOCOL = "v2x-adapter/1"


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def send(kind: str, protocol: str = PROTOCOL, **fields: object) -> None:
    say(json.dumps({"protocol": protocol, "type": kind, **fields}))


def fail(way: str) -> None:
    """Do what this adapter does when it ought to do a verb."""
    match way:
        case "dies":
            sys.stderr.write("MemoryError: the product took it all\n")
            sys.stderr.flush()
            os._exit(7)
        case "hangs":
            time.sleep(60)
        case "prints_garbage":
            say("\x1b[31mPanic!\x1b[0m 0x00000000")


async def dies_with_its_product(socket: Connection) -> None:
    async for _ in socket:
        fail("dies")


def serve(way: str, endpoint: str) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if message["type"] == "start":
            send("ready", product="P", endpoint=endpoint, verbs=["call"])
        elif message["type"] == "stop":
            send("stopped")
            break
        elif message["verb"] == "call":
            fail(way)
        else:
            send("unsupported", id=message["id"], verb=message["verb"])
    os._exit(0)


async def main(way: str) -> None:
    if way == "speaks_another_version":
        send("ready", "v2x-adapter/2", product="P", verbs=[])
    async with csms(dies_with_its_product if way == "dies_unasked" else is_polite) as where:
        threading.Thread(target=serve, args=(way, f"ws://{where}"), daemon=True).start()
        await asyncio.sleep(60)


if __name__ == "__main__":
    if sys.argv[1] == "exits_at_start":
        sys.exit("ImportError: no module named product")
    if sys.argv[1] == "hangs_at_start":
        time.sleep(60)
    asyncio.run(main(sys.argv[1]))
