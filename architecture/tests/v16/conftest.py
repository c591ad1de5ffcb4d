"""A charge point in virtual time, and a central system without a network that checks every message against its schema."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.endpoint import Handler, Reply
from v2x_architecture.ocpp.errors import CallRefused, CallTimeout, ConnectionLost
from v2x_architecture.ocpp.station.config import EvseConfig, StationConfig
from v2x_architecture.ocpp.station.link import ConnectionProfile
from v2x_architecture.ocpp.station.station import ReferenceStation
from v2x_architecture.vehicle import VehicleModel
from v2x_harness.clock import VirtualTimeLoop

EPOCH = datetime(2025, 6, 2, 12, 0, tzinfo=UTC)
BATTERY = VehicleModel(capacity_wh=60_000, soc=20, max_power_w=22_000, phases=3)

type Payload = dict[str, Any]


class CentralSystem:
    """Answers a charge point, remembers what it sent, and sends it CALLs."""

    def __init__(self) -> None:
        self.frames: list[tuple[float, str, Payload]] = []
        self.answers: dict[str, Payload | Callable[[Payload], Payload]] = {}
        self.failing: set[str] = set()
        self.failed = self.rejects = False
        self.reachable = True
        self.profiles: list[ConnectionProfile] = []
        self.tags: dict[str, Payload] = {}
        self.wire: Wire | None = None
        self.transactions = 0
        self.started: dict[int, Payload] = {}
        self.clock = LoopClock(EPOCH)

    @property
    def now(self) -> str:
        """The time on a central system's clock that agrees with the charge point's."""
        return self.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")

    async def connect(self, profile: ConnectionProfile, handler: Handler) -> "Wire":
        self.profiles.append(profile)
        if not self.reachable:
            raise ConnectionRefusedError("the central system is down")
        self.frames.append((asyncio.get_running_loop().time(), "connected", {}))
        self.wire = Wire(self, handler)
        return self.wire

    def answer(self, action: str, payload: Payload) -> Payload:
        self.frames.append((asyncio.get_running_loop().time(), action, payload))
        problems = schema.validate("1.6", action, "request", payload)
        assert not problems, f"{action}: {problems}"
        if action in self.failing:
            raise CallRefused("InternalError", "told to fail")
        answer = self.answers.get(action)
        if answer is None:
            return getattr(self, f"_{action}", lambda _: {})(payload)
        return answer(payload) if callable(answer) else answer

    def _BootNotification(self, _: Payload) -> Payload:  # noqa: N802 - the action's name
        return {"status": "Accepted", "interval": 86_400, "currentTime": self.now}

    def _Heartbeat(self, _: Payload) -> Payload:  # noqa: N802 - the action's name
        return {"currentTime": self.now}

    def _Authorize(self, payload: Payload) -> Payload:  # noqa: N802 - the action's name
        return {"idTagInfo": self.tags.get(payload["idTag"], {"status": "Accepted"})}

    def _StartTransaction(self, payload: Payload) -> Payload:  # noqa: N802 - the action's name
        self.transactions += 1
        self.started[self.transactions] = payload
        return {"transactionId": self.transactions, "idTagInfo": self.tags.get(payload["idTag"], {"status": "Accepted"})}

    # What a test does with it

    async def call(self, action: str, **payload: Any) -> Payload:
        """Send a CALL and return the answer; what the charge point does after it is done, too."""
        assert self.wire is not None
        problems = schema.validate("1.6", action, "request", payload)
        assert not problems, f"{action}: {problems}"
        answer = await self.wire.handler(action, payload)
        then = None
        if isinstance(answer, Reply):
            answer, then = answer.payload, answer.then
        problems = schema.validate("1.6", action, "response", answer)
        assert not problems, f"{action}: {problems}"
        self.frames.append((asyncio.get_running_loop().time(), f"{action}.conf", answer))
        if then is not None:
            await then()
        await asyncio.sleep(0.05)
        return answer

    def sent(self, action: str) -> list[Payload]:
        """Return the payloads of an action, oldest first."""
        return [payload for _, name, payload in self.frames if name == action]

    def told(self, connector: int) -> list[str]:
        """Return the statuses a connector went through."""
        return [each["status"] for each in self.sent("StatusNotification") if each["connectorId"] == connector]

    @property
    def actions(self) -> list[str]:
        """The names of all messages, in order."""
        return [name for _, name, _ in self.frames if name != "connected"]

    def forget(self) -> None:
        """Forget what was sent so far."""
        self.frames.clear()

    async def lose(self) -> None:
        """Drop the connection and refuse new ones."""
        self.reachable = False
        if self.wire is not None:
            await self.wire.abort()
        await asyncio.sleep(0)


class Wire:
    """A connection."""

    def __init__(self, csms: CentralSystem, handler: Handler) -> None:
        self.csms = csms
        self.handler = handler
        self.gone = asyncio.Event()
        self.ping_interval: float | None = None

    async def call(
        self, action: str, payload: Payload | None = None, timeout: float | None = None, *, check: bool = True
    ) -> Payload:
        await asyncio.sleep(0)
        if self.gone.is_set():
            raise ConnectionLost
        answer = self.csms.answer(action, dict(payload or {}))
        if answer.get("no answer"):
            try:
                async with asyncio.timeout(30):
                    await self.gone.wait()
            except TimeoutError as error:
                raise CallTimeout(action, 30) from error
            raise ConnectionLost(sent=True)
        return answer

    async def run(self) -> None:
        await self.gone.wait()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.gone.set()

    async def abort(self) -> None:
        self.gone.set()

    def set_ping_interval(self, seconds: float | None) -> None:
        self.ping_interval = seconds


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return "asyncio", {"loop_factory": VirtualTimeLoop}


@pytest.fixture
async def csms() -> CentralSystem:
    return CentralSystem()


@pytest.fixture
def central_system() -> type[CentralSystem]:
    """What makes central systems, for tests that need many."""
    return CentralSystem


@pytest.fixture
async def start(csms: CentralSystem) -> AsyncIterator[Callable[..., Awaitable[ReferenceStation]]]:
    """Starts charge points; keywords are fields of `StationConfig`, or configuration keys."""
    stations: list[ReferenceStation] = []
    failures: list[Mapping[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))

    async def make(settle: float = 1.0, firmware: Any = None, connectors: int = 1, **settings: Any) -> ReferenceStation:
        keys = {name: settings.pop(name) for name in list(settings) if name[0].isupper()}
        common = {"version": "1.6", "vehicle": BATTERY, "variables": keys, "evses": (EvseConfig(),) * connectors}
        station = ReferenceStation(StationConfig(**common | settings), csms.clock, firmware=firmware, connect=csms.connect)
        stations.append(station)
        await station.start()
        await asyncio.sleep(settle)
        return station

    yield make
    for station in stations:
        await station.stop()
    assert failures == []


@pytest.fixture
async def station(start: Callable[..., Awaitable[ReferenceStation]], csms: CentralSystem) -> ReferenceStation:
    """A booted charge point with one connector, its boot forgotten."""
    booted = await start()
    csms.forget()
    return booted


@pytest.fixture
async def charging(station: ReferenceStation, csms: CentralSystem) -> ReferenceStation:
    """A charge point on which transaction 1 of tag TAG1 runs, everything before it forgotten."""
    await station.plug_in()
    await station.present_token("TAG1")
    await asyncio.sleep(1)
    assert csms.told(1)[-1] == "Charging"
    csms.forget()
    return station
