"""Write a product adapter in Python: one file, no dependencies, Python 3.6 and later. Copy it beside your adapter.

An adapter is a class with two methods and one method a verb::

    import adapter_kit

    class Adapter(adapter_kit.Adapter):
        async def start(self, placement):
            ...                                   # start the product where the placement says
            return adapter_kit.ready("Example CSMS", "1.2.3", endpoint="ws://127.0.0.1:8080/ocpp")

        async def stop(self):
            ...

        @adapter_kit.verb
        async def call(self, arguments):
            return {"result": await self.product.send(arguments["action"], arguments["payload"])}

    if __name__ == "__main__":
        adapter_kit.run(Adapter())

Methods may be coroutines (they run on this program's event loop) or plain functions (they run in a thread). What a verb returns
becomes the result; `Unsupported` says that the product cannot do it, `Failed` that it could not be done now, and any other
exception is reported as failed with its traceback on standard error. A verb without a method is answered `unsupported`.

While `run` is at work, everything that the product prints goes to standard error: standard output belongs to the protocol.
"""

import asyncio
import inspect
import json
import os
import sys
import threading
import traceback

PROTOCOL = "v2x-adapter/1"


class Unsupported(Exception):
    """The product, or this adapter, cannot do that."""


class Failed(Exception):
    """It should have been possible and was not; `hint` says what to do about it."""

    def __init__(self, message, hint=""):
        super().__init__(message)
        self.hint = hint


def verb(method):
    """Mark a method as the verb of its name."""
    method.adapter_verb = True
    return method


def ready(product, version="", endpoint="", verbs=None):
    """Say that the product runs: what it is, where it listens, and what it can do (all marked methods when None)."""
    return {"product": product, "product_version": version, "endpoint": endpoint, "verbs": verbs}


class Adapter:
    """Base class of an adapter."""

    _channel = None

    async def start(self, placement):
        """Start the product; return what `ready` makes. The placement is a dict, see the protocol's JSON Schema."""
        raise Failed("this adapter does not know how to start its product")

    async def stop(self):
        """Stop the product."""

    def event(self, name, **data):
        """Report something that people may want to know; callable from any thread."""
        if self._channel:
            self._channel.send("event", name=name, data=data)

    def verbs(self):
        """Return the names of the methods marked with `verb`."""
        return sorted(n for n in dir(type(self)) if getattr(getattr(type(self), n), "adapter_verb", False))


def free_port(listen):
    """Split HOST:PORT and replace port 0 by a free one, for products that must be told."""
    import socket

    host, _, port = listen.rpartition(":")
    if port != "0":
        return host, int(port)
    with socket.socket() as probe:
        probe.bind((host, 0))
        return host, probe.getsockname()[1]


class _Channel:
    """Standard output, kept for the protocol alone."""

    def __init__(self):
        sys.stdout.flush()
        self._file = os.fdopen(os.dup(1), "wb", 0)
        os.dup2(2, 1)
        sys.stdout = sys.stderr
        self._lock = threading.Lock()

    def send(self, kind, **fields):
        fields.update(protocol=PROTOCOL, type=kind)
        line = memoryview(json.dumps(fields).encode("utf-8") + b"\n")
        with self._lock:
            while line:
                line = line[self._file.write(line) :]


class _Host:
    """Reads what the harness sends, and has the adapter do it."""

    def __init__(self, adapter, loop):
        self.adapter, self.loop = adapter, loop
        self.channel = adapter._channel = _Channel()
        self.inbox = asyncio.Queue()
        self.tasks = set()

    def read(self):
        """Hand over every line of standard input; the end of it is None. Runs in a thread."""
        try:
            for line in sys.stdin.buffer:
                self.loop.call_soon_threadsafe(self.inbox.put_nowait, line)
            self.loop.call_soon_threadsafe(self.inbox.put_nowait, None)
        except RuntimeError:
            # The event loop is closed: the adapter has stopped.
            pass

    async def serve(self):
        thread = threading.Thread(target=self.read)
        thread.daemon = True
        thread.start()
        told = False
        while True:
            line = await self.inbox.get()
            if line is None:
                break
            message = json.loads(line.decode("utf-8"))
            if message.get("protocol") != PROTOCOL:
                print("the harness speaks {!r}, this adapter {!r}".format(message.get("protocol"), PROTOCOL), file=sys.stderr)
                self.channel.send("failed", message="this adapter speaks " + PROTOCOL)
            elif message["type"] == "start":
                self.begin(self.start(message["placement"]))
            elif message["type"] == "do":
                self.begin(self.do(message))
            elif message["type"] == "stop":
                told = True
                break
        for task in list(self.tasks):
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)
        try:
            await self.invoke(self.adapter.stop)
        except Exception:
            traceback.print_exc()
        if told:
            self.channel.send("stopped")

    def begin(self, coroutine):
        task = self.loop.create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def invoke(self, method, *arguments):
        if inspect.iscoroutinefunction(method):
            return await method(*arguments)
        return await self.loop.run_in_executor(None, lambda: method(*arguments))

    async def start(self, placement):
        try:
            answer = dict(await self.invoke(self.adapter.start, placement))
            if answer.get("verbs") is None:
                answer["verbs"] = self.adapter.verbs()
            self.channel.send("ready", **answer)
        except Failed as error:
            self.channel.send("failed", message=str(error)[:4000], hint=error.hint)
        except Exception as error:
            traceback.print_exc()
            self.channel.send("failed", message="{}: {}".format(type(error).__name__, error)[:4000])

    async def do(self, message):
        number, name = message["id"], message["verb"]
        try:
            if name not in self.adapter.verbs():
                raise Unsupported("this adapter has no such verb")
            result = await self.invoke(getattr(self.adapter, name), message["arguments"])
            self.channel.send("done", id=number, result=result or {})
        except Unsupported as error:
            self.channel.send("unsupported", id=number, verb=name, message=str(error)[:4000])
        except Failed as error:
            self.channel.send("failed", id=number, message=str(error)[:4000], hint=error.hint)
        except Exception as error:
            traceback.print_exc()
            self.channel.send("failed", id=number, message="{}: {}".format(type(error).__name__, error)[:4000])


def run(adapter):
    """Serve until the harness says stop or is gone."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(_Host(adapter, loop).serve())
    finally:
        sys.stderr.flush()
        # Threads of the product may still run; nothing of them may keep this process alive.
        os._exit(0)
