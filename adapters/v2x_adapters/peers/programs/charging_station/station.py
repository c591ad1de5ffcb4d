"""What both versions share: power, network, registration, heartbeat, and the queue of messages about transactions."""

import asyncio
import base64
import contextlib
import dataclasses
import json
import logging
import random
import uuid
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import quote

import websockets
from ocpp.charge_point import camel_to_snake_case, remove_nones, snake_to_camel_case
from ocpp.exceptions import OCPPError

from charging_station.hardware import Evse

LOG = logging.getLogger("station")

CALL_TIMEOUT = 30
RECONNECT = (0.5, 1, 2, 4, 5)


class Refused(Exception):
    """The CSMS answered with a CALLERROR, or with what is no valid answer."""

    def __init__(self, code, description):
        super().__init__("{}: {}".format(code, description))
        self.code, self.description = code, description


class NotDelivered(Exception):
    """There is no connection, or it broke, or no answer came in time."""


def now():
    """Return the time as OCPP has it: UTC, milliseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Station:
    """A charging station without a version; `v16.Station16` and `v201.Station201` give it one."""

    subprotocol = ""
    charge_point = None
    calls = None

    def __init__(self, url, identity, password, evses, workdir):
        self.url, self.identity, self.password = url, identity, password
        self.evses = {number: Evse(number) for number in range(1, evses + 1)}
        self.file = Path(workdir) / "station.json"
        self.memory = {"settings": {}, "inoperative": [], "queue": []}
        if self.file.exists():
            self.memory.update(json.loads(self.file.read_text()))
        self.network = asyncio.Event()
        self.network.set()
        self.connection = None
        self.link = None
        self.accepted = False
        self.registration = ""
        self.lost_at = None
        self.heartbeat_interval = 300
        self.pace = asyncio.Event()
        self.wake = asyncio.Event()
        self.work = asyncio.Event()
        self.tasks = set()
        self.boot_reason = "PowerUp"

    # What a version says

    def boot_request(self):
        raise NotImplementedError

    async def report(self, number, always=False):
        raise NotImplementedError

    async def report_all(self):
        raise NotImplementedError

    async def delivered(self, entry, answer):
        raise NotImplementedError

    def about_to_send(self, entry):
        raise NotImplementedError

    def attempts(self):
        """How often a message about a transaction is tried that the CSMS refuses."""
        return 3

    def attempt_interval(self):
        """How long to wait before the second try (s); longer with each one."""
        return 1

    def patience(self):
        """How long the station must have been offline to report every connector again (s); None for never."""
        return

    # Power and storage

    def save(self):
        self.file.write_text(json.dumps(self.memory))

    def spawn(self, coroutine):
        task = asyncio.get_running_loop().create_task(coroutine)
        self.tasks.add(task)
        task.add_done_callback(self.ended)
        return task

    def ended(self, task):
        self.tasks.discard(task)
        if not task.cancelled() and task.exception():
            LOG.error("a part of the station failed", exc_info=task.exception())

    def power_on(self, reason="PowerUp"):
        self.boot_reason = reason
        self.accepted, self.registration, self.lost_at = False, "", None
        for part in (self.stay_connected, self.register, self.beat, self.deliver):
            self.spawn(part())

    async def power_off(self):
        own = asyncio.current_task()
        tasks = [task for task in self.tasks if task is not own]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.drop()
        for evse in self.evses.values():
            evse.change(closed=False)

    async def power_cycle(self, reason="PowerUp"):
        await self.power_off()
        await asyncio.sleep(1)
        self.power_on(reason)

    # Network

    async def drop(self):
        """Let go of the connection without a word."""
        connection, self.connection, self.link = self.connection, None, None
        if connection:
            connection.transport.abort()
            await connection.wait_closed()

    async def stay_connected(self):
        attempt = 0
        while True:
            await self.network.wait()
            try:
                await self.connect()
                attempt = 0
            except (OSError, websockets.WebSocketException, asyncio.TimeoutError) as error:
                LOG.warning("no connection: %s", error)
            await asyncio.sleep(RECONNECT[min(attempt, len(RECONNECT) - 1)] * random.uniform(0.8, 1.2))
            attempt += 1

    async def connect(self):
        """Connect and read until the connection ends."""
        headers = {}
        if self.password:
            credentials = "{}:{}".format(self.identity, self.password).encode()
            headers["Authorization"] = "Basic " + base64.b64encode(credentials).decode()
        url = "{}/{}".format(self.url.rstrip("/"), quote(self.identity, safe=""))
        connection = await websockets.connect(
            url, subprotocols=[self.subprotocol], additional_headers=headers, open_timeout=10, close_timeout=2
        )
        if connection.subprotocol != self.subprotocol:
            await connection.close(1002, "no common subprotocol")
            raise websockets.WebSocketException("the CSMS does not speak {}".format(self.subprotocol))
        self.connection = connection
        self.link = self.charge_point(self.identity, connection)
        self.link.station = self
        self.wake.set()
        self.work.set()
        if self.accepted:
            self.spawn(self.report_changes())
        try:
            await self.link.start()
        finally:
            self.link = self.connection = None
            self.lost_at = asyncio.get_running_loop().time()
            await connection.close()

    # Messages

    async def call(self, action, payload, check=True):
        """Send a CALL and return the payload of the answer.

        Raises:
            Refused: the CSMS answered with a CALLERROR, or with what breaks the schema.
            NotDelivered: it did not answer.
        """
        link = self.link
        if link is None:
            raise NotDelivered("not connected")
        request = getattr(self.calls, action)(**camel_to_snake_case(payload))
        try:
            answer = await link.call(request, suppress=False, skip_schema_validation=not check)
        except OCPPError as error:
            raise Refused(error.code, str(error.description)) from error
        except (asyncio.TimeoutError, websockets.ConnectionClosed) as error:
            raise NotDelivered(str(error)) from error
        return remove_nones(snake_to_camel_case(dataclasses.asdict(answer)))

    async def say(self, action, payload):
        """Send a CALL whose loss does not matter; return the answer or None."""
        try:
            return await self.call(action, payload)
        except (Refused, NotDelivered) as error:
            LOG.warning("%s: %s", action, error)
            return None

    def keep(self, action, payload, **more):
        """Put a message about a transaction into the queue; it outlives a power cut and goes out in order."""
        self.memory["queue"].append({"action": action, "payload": payload, "attempts": 0, **more})
        self.save()
        self.work.set()

    async def deliver(self):
        """Send what is in the queue, the oldest first."""
        queue = self.memory["queue"]
        while True:
            await self.work.wait()
            if not (queue and self.accepted and self.link):
                self.work.clear()
                continue
            entry = queue[0]
            self.about_to_send(entry)
            answer = None
            try:
                answer = await self.call(entry["action"], entry["payload"])
            except NotDelivered as error:
                LOG.warning("%s stays in the queue: %s", entry["action"], error)
                await asyncio.sleep(1)
                continue
            except Refused as error:
                entry["attempts"] += 1
                LOG.warning("%s was refused: %s", entry["action"], error)
                if entry["attempts"] < self.attempts():
                    await asyncio.sleep(self.attempt_interval() * entry["attempts"])
                    continue
            queue.pop(0)
            self.save()
            await self.delivered(entry, answer)

    # Registration and heartbeat

    async def register(self):
        """Send BootNotification until it is accepted, in the intervals that the CSMS gives."""
        while not self.accepted:
            self.wake.clear()
            wait = 10
            if self.link:
                answer = await self.say("BootNotification", self.boot_request())
                if answer:
                    self.registration = answer["status"]
                if answer and answer["status"] == "Accepted":
                    self.accepted = True
                    self.beat_every(answer["interval"])
                    break
                if answer:
                    wait = answer["interval"] or 30
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.wake.wait(), wait)
        self.work.set()
        await self.report_all()

    def beat_every(self, interval):
        """Take an interval between heartbeats (s), from now on."""
        self.heartbeat_interval = interval or 300
        self.pace.set()

    async def report_changes(self):
        """Tell what changed while there was no connection; everything, when that was long."""
        loop, patience = asyncio.get_running_loop(), self.patience()
        if self.lost_at is not None and patience is not None and loop.time() - self.lost_at > patience:
            await self.report_all()
            return
        for number in self.evses:
            await self.report(number)

    async def beat(self):
        while True:
            self.pace.clear()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.pace.wait(), self.heartbeat_interval)
                continue
            if self.accepted and self.link:
                await self.say("Heartbeat", {})

    # What people do

    def evse(self, number):
        if number not in self.evses:
            raise LookupError("there is no EVSE {}".format(number))
        return self.evses[number]

    async def network_down(self):
        self.network.clear()
        await self.drop()

    async def network_up(self):
        self.network.set()

    async def send(self, action, payload):
        try:
            return {"result": await self.call(action, payload, check=False)}
        except Refused as error:
            return {"error": {"code": error.code, "description": error.description}}

    async def factory_reset(self):
        await self.power_off()
        self.memory.update(settings={}, inoperative=[], queue=[])
        self.save()
        self.forget()
        for evse in self.evses.values():
            evse.change(plugged=False, suspended=False, fault="")
        self.power_on()

    def forget(self):
        """Forget what is not in the memory: sessions."""
        raise NotImplementedError


def new_id():
    """Return an id that no other transaction has."""
    return str(uuid.uuid4())
