"""Adapters that are wrong in one way each, and one that is right. Run as a program: zoo.py NAME.

They speak the protocol by hand, so that they can break it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

PROTOCOL = "v2x-adapter/1"


def send(kind: str, **fields: object) -> None:
    print(json.dumps({"protocol": PROTOCOL, "type": kind, **fields}), flush=True)


def told() -> Iterator[dict[str, object]]:
    for line in sys.stdin:
        yield json.loads(line)


def serve(
    do: Callable[[dict[str, object]], None] | None = None,
    ready: Callable[[], None] = lambda: send("ready", product="Zoo", product_version="1", verbs=["echo", "add"]),
    stop: Callable[[], None] = lambda: send("stopped"),
) -> None:
    """Behave, but for what the arguments replace."""
    for message in told():
        if message["type"] == "start":
            ready()
        elif message["type"] == "stop":
            stop()
            return
        elif message["verb"] == "echo":
            send("done", id=message["id"], result=message["arguments"])
        elif message["verb"] == "add" and do:
            do(message)
        else:
            send("unsupported", id=message["id"], verb=message["verb"])


def good() -> None:
    """Does all that the protocol asks."""
    serve(lambda m: send("done", id=m["id"], result={}))


def says_why() -> None:
    """Reports that its product cannot be started."""
    serve(ready=lambda: send("failed", message="port 80 is taken", hint="choose another"))


def dies_at_start() -> None:
    """Ends with a stack trace on standard error before it is ready."""
    sys.exit("ImportError: no module named product")


def dies_while_doing() -> None:
    """Crashes on a verb."""
    serve(lambda _: os._exit(7))


def is_killed() -> None:
    """Is killed from outside while it works."""
    serve(lambda _: os.kill(os.getpid(), signal.SIGKILL))


def mute() -> None:
    """Never answers anything."""
    for _ in told():
        pass


def hangs_while_doing() -> None:
    """Never answers a verb."""
    serve(lambda _: None)


def never_reads() -> None:
    """Leaves its standard input alone, so that the pipe fills."""
    send("ready", product="Zoo", verbs=[])
    time.sleep(60)


def does_everything() -> None:
    """Claims to have done whatever it is told, verbs that do not exist among them."""
    for message in told():
        if message["type"] == "start":
            send("ready", product="Zoo", verbs=["echo"])
        elif message["type"] == "do":
            send("done", id=message["id"], result={})
        else:
            send("stopped")
            return


def prints_rubbish() -> None:
    """Prints a banner of its product to standard output."""
    serve(ready=lambda: print("Welcome to Product 3.1!", flush=True))


def rubbish_while_doing() -> None:
    """Prints bytes that are no UTF-8 in the middle of its work."""
    serve(lambda _: os.write(1, b"\xff\xfe\x00\n") and None)


def other_version() -> None:
    """Speaks a later version of the protocol."""
    serve(
        ready=lambda: print(json.dumps({"protocol": "v2x-adapter/2", "type": "ready", "product": "x", "verbs": []}), flush=True)
    )


def breaks_the_schema() -> None:
    """Leaves out what `ready` must carry."""
    serve(ready=lambda: send("ready", verbs=[]))


def endless_line() -> None:
    """Writes megabytes without an end of line."""
    serve(lambda _: os.write(1, b"x" * 65536 * 20) and None)


def floods() -> None:
    """Sends thousands of events."""

    def flood(_: dict[str, object]) -> None:
        for number in range(20_000):
            send("event", name="tick", data={"number": number})

    serve(flood)


def floods_standard_error() -> None:
    """Logs tens of megabytes, which is no crime."""

    def chatter(message: dict[str, object]) -> None:
        for _ in range(20):
            sys.stderr.write("x" * 500_000 + "\n")
        sys.stderr.write("the last line\n")
        sys.stderr.flush()
        send("done", id=message["id"], result={})

    serve(chatter)


def answers_strangers() -> None:
    """Answers a question that nobody asked, then the right one."""

    def twice(message: dict[str, object]) -> None:
        send("done", id=4_000_000, result={})
        send("done", id=message["id"], result={"right": True})

    serve(twice)


def ignores_stop() -> None:
    """Neither answers `stop` nor ends."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def stay() -> None:
        while True:
            time.sleep(60)

    serve(stop=stay)


def leaves_a_child() -> None:
    """Ends in order, but leaves the product running."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    serve(lambda m: send("done", id=m["id"], result={"pid": child.pid}))


def outlives_the_harness() -> None:
    """Goes on when its standard input ends."""
    serve()
    time.sleep(60)


def connects() -> None:
    """Has a product that connects where it was told."""
    for message in told():
        if message["type"] == "start":
            place = message["placement"]
            address = place["connect_to"].removeprefix("ws://").split(":")
            with socket.create_connection((address[0], int(address[1]))) as product:
                product.sendall(f"GET /{place['identity']} HTTP/1.1\r\n\r\n".encode())
            send("ready", product="Zoo", verbs=[])
        elif message["type"] == "do":
            send("unsupported", id=message["id"], verb=message["verb"])
        else:
            send("stopped")
            return


def listens() -> None:
    """Has a product that listens where it says."""
    with socket.create_server(("127.0.0.1", 0)) as product:
        endpoint = f"ws://127.0.0.1:{product.getsockname()[1]}/ocpp"
        serve(ready=lambda: send("ready", product="Zoo", endpoint=endpoint, verbs=[]))


def listens_nowhere() -> None:
    """Names an endpoint where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as product:
        endpoint = f"ws://127.0.0.1:{product.getsockname()[1]}/ocpp"
    serve(ready=lambda: send("ready", product="Zoo", endpoint=endpoint, verbs=[]))


if __name__ == "__main__":
    globals()[sys.argv[1]]()
