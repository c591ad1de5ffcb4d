"""Our own actors survive: whatever is sent to them, they answer in their version's words, never fail inside, and go on working.

Hypothesis makes messages from the schemas; chance, from a seed, shuffles, cuts and flips them, because that is a thousand times
as fast. Every few frames the actor must answer a question as ever.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any

import orjson
import pytest
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp import codes, schema
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms
from v2x_architecture.ocpp.station import EvseConfig, ReferenceStation, StationConfig
from v2x_architecture.ocpp.versions import Version, subprotocol
from v2x_harness.clock import VirtualTimeLoop
from v2x_suites.ocpp.robustness import examples, rubbish, unknown_actions, valid_payloads, wrong_calls
from v2x_suites.ocpp.rules.actions import initiators
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

pytestmark = pytest.mark.anyio

ACTORS: list[tuple[Version, str]] = [("1.6", "station"), ("1.6", "csms"), ("2.0.1", "station"), ("2.0.1", "csms")]
FRAMES = 2_500
BURST = 50
NOW = "2026-03-01T12:00:00Z"
BOOT: dict[Version, dict[str, Any]] = {
    "1.6": {"chargePointVendor": "ACME", "chargePointModel": "Wallbox", "chargePointSerialNumber": "SN1"},
    "2.0.1": {"reason": "PowerUp", "chargingStation": {"vendorName": "ACME", "model": "Wallbox", "serialNumber": "SN1"}},
}
QUESTIONS: dict[tuple[Version, str], tuple[str, dict[str, Any]]] = {
    ("1.6", "station"): ("GetConfiguration", {"key": ["HeartbeatInterval"]}),
    ("1.6", "csms"): ("Heartbeat", {}),
    ("2.0.1", "station"): (
        "GetVariables",
        {"getVariableData": [{"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}}]},
    ),
    ("2.0.1", "csms"): ("Heartbeat", {}),
}
type Peer = Callable[[Version], AbstractAsyncContextManager[Line]]


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": VirtualTimeLoop}


class Frames:
    """An endless row of frames for an actor, which depends on a seed only."""

    def __init__(self, version: Version, role: str, seed: int) -> None:
        self.random = random.Random(seed)
        self._count = 0
        other = {"station": "csms", "csms": "station"}[role]
        # A reset, told again and again, would keep a station from ever being asked anything.
        self._actions = sorted(a for a in schema.actions(version) if other in initiators(version, a) and a != "Reset")
        self._valid = [
            (a, p) for a in self._actions for p in examples(lambda v, _, a=a: valid_payloads(v, a), version, role, 4, seed)
        ]
        self._wrong = [(w.action, w.payload) for w in examples(wrong_calls, version, role, 60, seed)]
        self._unknown = [(a, {}) for a in examples(unknown_actions, version, role, 30, seed)]
        self._rubbish = [r.data for r in rubbish(version) if len(r.data) < 10_000]

    def __next__(self) -> str | bytes:
        self._count += 1
        pick = self.random
        match pick.randrange(10):
            case 0:
                return pick.choice(self._rubbish)
            case 1:
                return self._call(*pick.choice(self._unknown))
            case 2 | 3:
                return self._call(*pick.choice(self._wrong))
            case 4:
                return self._answer()
            case 5:
                return self._damaged(self._call(*pick.choice(self._valid)))
            case 6:
                return orjson.dumps(pick.sample([2, "id", "Heartbeat", {}, [], None, 3, -1.5, True], pick.randrange(6))).decode()
        return self._call(*pick.choice(self._valid))

    def _call(self, action: str, payload: dict[str, Any]) -> str:
        # Now and then an id comes twice.
        return orjson.dumps([2, f"f{self._count - (self.random.random() < 0.05)}", action, payload]).decode()

    def _answer(self) -> str:
        payload = self.random.choice(self._valid)[1]
        error = ["GenericError", "", {}]
        return orjson.dumps([self.random.choice((3, 4, 5)), f"a{self._count}", *self.random.choice(([payload], error))]).decode()

    def _damaged(self, text: str) -> str:
        place = self.random.randrange(len(text))
        return self.random.choice(
            (text[:place], text[:place] + chr(self.random.randrange(1, 0x2FF)) + text[place + 1 :], text * 2)
        )


class Line:
    """The raw end of a connection to an actor: sends anything, checks every answer, answers the actor's own calls."""

    def __init__(self, version: Version) -> None:
        self.version = version
        self.up = asyncio.Event()
        self.socket: Any = None
        self.answers: dict[str, asyncio.Future[list[Any]]] = {}
        self.refusals: set[str] = set()

    async def live(self, socket: Any) -> None:
        """Read until the connection ends."""
        self.socket = socket
        self.up.set()
        with suppress(ConnectionClosed):
            async for text in socket:
                frame: list[Any] = orjson.loads(text)
                if frame[0] == 2:
                    await socket.send(orjson.dumps([3, frame[1], self._reply(frame[2])]).decode())
                elif frame[0] == 4:
                    self.refusals.add(frame[2])
                if frame[0] in (3, 4) and (waiting := self.answers.pop(frame[1], None)) and not waiting.done():
                    waiting.set_result(frame)
        if self.socket is socket:
            self.up.clear()

    def _reply(self, action: str) -> dict[str, Any]:
        if action == "BootNotification":
            return {"status": "Accepted", "currentTime": NOW, "interval": 300}
        return {"currentTime": NOW} if action == "Heartbeat" else {}

    async def send(self, data: str | bytes) -> None:
        """Send a frame, over a new connection if the actor has closed the last one."""
        for _ in range(3):
            await asyncio.wait_for(self.up.wait(), 600)
            try:
                await self.socket.send(data)
            except ConnectionClosed:
                self.up.clear()
            else:
                return

    async def ask(self, message_id: str, action: str, payload: dict[str, Any]) -> list[Any]:
        """Send a CALL, and return its answer."""
        self.answers[message_id] = asyncio.get_running_loop().create_future()
        answer = self.answers[message_id]
        await self.send(orjson.dumps([2, message_id, action, payload]).decode())
        return await asyncio.wait_for(answer, 120)


@asynccontextmanager
async def line_to_csms(version: Version) -> AsyncIterator[Line]:
    """A reference CSMS, and a line to it as a station that has booted."""
    line = Line(version)
    async with ReferenceCsms(CsmsConfig(ping_interval=None, compression=False), LoopClock()) as csms:

        async def stay() -> None:
            while True:
                async with connect(
                    f"{csms.url}/FUZZ", subprotocols=[Subprotocol(subprotocol(version))], ping_interval=None
                ) as ws:
                    await line.live(ws)

        staying = asyncio.create_task(stay())
        try:
            assert (await line.ask("boot", "BootNotification", BOOT[version]))[0] == 3
            yield line
        finally:
            staying.cancel()
            await asyncio.gather(staying, return_exceptions=True)


@asynccontextmanager
async def line_to_station(version: Version) -> AsyncIterator[Line]:
    """A reference station with two EVSEs, and the line from it, as its CSMS has it."""
    line = Line(version)

    async def arrived(socket: ServerConnection) -> None:
        await line.live(socket)

    async with serve(
        arrived, "127.0.0.1", 0, subprotocols=[Subprotocol(subprotocol(version))], ping_interval=None, compression=None
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        config = StationConfig(url=f"ws://127.0.0.1:{port}", version=version, evses=(EvseConfig(), EvseConfig()))
        station = ReferenceStation(config, LoopClock())
        await station.start()
        await asyncio.wait_for(line.up.wait(), 60)
        await asyncio.sleep(1)
        try:
            yield line
        finally:
            await station.stop()


PEERS: dict[str, Peer] = {"station": line_to_station, "csms": line_to_csms}


async def survives(version: Version, role: str, frames: int, seed: int) -> None:
    """Send frames to an actor, and ask it something after every burst."""
    row = Frames(version, role, seed)
    action, payload = QUESTIONS[version, role]
    async with PEERS[role](version) as line:
        for number in range(0, frames, BURST):
            for _ in range(BURST):
                await line.send(next(row))
            answer = await line.ask(f"q{number}", action, payload)
            if answer[0] == 4 and answer[2] == "SecurityError":
                # A station that was told to boot again is not accepted until it has.
                await asyncio.sleep(1)
                answer = await line.ask(f"again{number}", action, payload)
            assert answer[0] == 3, f"after {number + BURST} frames: {answer}"
            assert schema.validate(version, action, "response", answer[2]) == []
    assert line.refusals <= codes.allowed(version)
    assert "InternalError" not in line.refusals


@pytest.mark.parametrize(("version", "role"), ACTORS)
async def test_an_actor_survives_what_is_sent_to_it(version: Version, role: str, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        await survives(version, role, FRAMES, seed=1)
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []


@pytest.mark.nightly
@pytest.mark.parametrize("seed", range(2, 12))
@pytest.mark.parametrize(("version", "role"), ACTORS)
async def test_an_actor_survives_a_night(version: Version, role: str, seed: int, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR):
        await survives(version, role, 10 * FRAMES, seed)
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR] == []
