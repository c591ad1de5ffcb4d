"""A scripted CSMS without sockets, and a station that talks to it, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp import schema
from v2x_architecture.ocpp.endpoint import Handler, Reply
from v2x_architecture.ocpp.errors import CallRefused, CallTimeout, ConnectionLost
from v2x_architecture.ocpp.station import EvseConfig, ReferenceStation, StationConfig
from v2x_architecture.ocpp.station.link import ConnectionProfile
from v2x_harness.clock import VirtualTimeLoop

from .site import AC, Site, close_site, open_site

EPOCH = datetime(2025, 6, 1, 8, 0, tzinfo=UTC)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return ("asyncio", {"loop_factory": VirtualTimeLoop})


class Silence(Exception):
    """The scripted CSMS does not answer this CALL."""


class PeerLink:
    """One connection to the scripted CSMS."""

    def __init__(self, peer: Peer, handler: Handler) -> None:
        self.peer = peer
        self.handler = handler
        self.closed = asyncio.Event()
        self.ping_interval: float | None = None
        self._turn = asyncio.Lock()

    async def call(
        self, action: str, payload: dict[str, Any] | None = None, timeout: float | None = None, *, check: bool = True
    ) -> dict[str, Any]:
        async with self._turn:
            if self.closed.is_set():
                raise ConnectionLost
            payload = payload or {}
            if check:
                assert schema.validate(self.peer.version, action, "request", payload) == []
            self.peer.received.append((self.peer.now(), action, payload))
            self.peer.news.set()
            await asyncio.sleep(self.peer.latency)
            try:
                answer = self.peer.answer(action, payload)
            except Silence:
                seconds = timeout or self.peer.profile.message_timeout_s
                try:
                    async with asyncio.timeout(seconds):
                        await self.closed.wait()
                except TimeoutError:
                    raise CallTimeout(action, seconds) from None
            if self.closed.is_set():
                raise ConnectionLost(sent=True)
            assert schema.validate(self.peer.version, action, "response", answer) == []
            return answer

    async def run(self) -> None:
        await self.closed.wait()

    async def close(self, code: int = 1000, reason: str = "") -> None:
        self.closed.set()

    async def abort(self) -> None:
        self.closed.set()

    def set_ping_interval(self, seconds: float | None) -> None:
        self.ping_interval = seconds


class Peer:
    """The scripted CSMS: accepts everything, unless `script` says otherwise."""

    def __init__(self, version: str) -> None:
        self.version: Any = version
        self.received: list[tuple[float, str, dict[str, Any]]] = []
        self.news = asyncio.Event()
        self.script: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {}
        self.tokens: dict[str, dict[str, Any]] = {}
        self.links: list[PeerLink] = []
        self.profiles: list[ConnectionProfile] = []
        self.reachable = True
        self.latency = 0.01
        self._read = 0

    @property
    def link(self) -> PeerLink:
        return self.links[-1]

    @property
    def profile(self) -> ConnectionProfile:
        return self.profiles[-1]

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def connect(self, profile: ConnectionProfile, handler: Handler) -> PeerLink:
        self.profiles.append(profile)
        if not self.reachable:
            raise ConnectionRefusedError
        self.links.append(PeerLink(self, handler))
        return self.links[-1]

    def cut(self) -> None:
        """Lose the connection and accept no new one."""
        self.reachable = False
        self.link.closed.set()

    def answer(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        if action in self.script:
            return self.script[action](payload)
        match action:
            case "BootNotification":
                return {"currentTime": self.time(), "interval": 3600, "status": "Accepted"}
            case "Heartbeat":
                return {"currentTime": self.time()}
            case "Authorize":
                return {"idTokenInfo": self.tokens.get(payload["idToken"]["idToken"], {"status": "Invalid"})}
            case "TransactionEvent" if "idToken" in payload:
                return {"idTokenInfo": self.tokens.get(payload["idToken"]["idToken"], {"status": "Accepted"})}
            case "DataTransfer":
                return {"status": "UnknownVendorId"}
        return {}

    def time(self) -> str:
        return self.clock.now().isoformat().replace("+00:00", "Z")

    clock: LoopClock

    # -- what a test says

    async def expect(self, action: str, within: float = 60.0, **wanted: Any) -> dict[str, Any]:
        """Return the next message of that name whose fields are as wanted; older ones are passed over."""
        async with asyncio.timeout(within):
            while True:
                while self._read < len(self.received):
                    _, name, payload = self.received[self._read]
                    self._read += 1
                    if name == action and all(payload.get(key) == value for key, value in wanted.items()):
                        return payload
                self.news.clear()
                await self.news.wait()

    async def quiet(self, action: str | None = None, during: float = 30.0) -> None:
        """Nothing (of that name) comes for so long."""
        await asyncio.sleep(during)
        news = [(name, payload) for _, name, payload in self.received[self._read :] if action in (None, name)]
        assert news == []
        self._read = len(self.received)

    def catch_up(self) -> None:
        """Forget what has come so far."""
        self._read = len(self.received)

    def all(self, action: str) -> list[dict[str, Any]]:
        return [payload for _, name, payload in self.received if name == action]

    async def ask(self, action: str, payload: dict[str, Any] | None = None) -> dict[str, Any]:
        """Send a CALL to the station and return its answer; what follows the answer is begun."""
        payload = payload or {}
        assert schema.validate(self.version, action, "request", payload) == []
        answer = await self.link.handler(action, payload)
        if isinstance(answer, Reply):
            then, answer = answer.then, answer.payload
            if then is not None:
                await then()
        assert schema.validate(self.version, action, "response", answer) == []
        return answer

    async def refused(self, action: str, payload: dict[str, Any] | None = None) -> str:
        """Return the error code with which the station refuses a CALL."""
        with pytest.raises(CallRefused) as refused:
            await self.ask(action, payload)
        return refused.value.code

    async def set(self, **values: Any) -> None:
        """Set variables: ``TxCtrlr__TxStartPoint="Authorized"``."""
        for name, value in values.items():
            component, variable = name.split("__")
            item = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": str(value)}
            answer = await self.ask("SetVariables", {"setVariableData": [item]})
            assert answer["setVariableResult"][0]["attributeStatus"] in ("Accepted", "RebootRequired")


class Bench:
    """A station and its scripted CSMS."""

    def __init__(self, station: ReferenceStation, peer: Peer) -> None:
        self.station = station
        self.peer = peer

    @property
    def firmware(self) -> Any:
        return self.station.firmware

    async def booted(self) -> None:
        await self.peer.expect("SecurityEventNotification")
        await asyncio.sleep(0.1)
        self.peer.catch_up()

    async def charging(self, token: str = "GOOD", evse: int = 1, **vehicle: Any) -> dict[str, Any]:
        """Plug in, present a token, charge; return the first report."""
        self.peer.tokens.setdefault(token, {"status": "Accepted"})
        await self.station.plug_in(evse, vehicle=vehicle or None)
        await self.station.present_token(token, evse=evse)
        started = await self.peer.expect("TransactionEvent", eventType="Started")
        while True:
            info = (await self.peer.expect("TransactionEvent"))["transactionInfo"]
            same = info["transactionId"] == started["transactionInfo"]["transactionId"]
            if same and info["chargingState"] == "Charging":
                await asyncio.sleep(0.1)
                return started


@pytest.fixture
async def bench_of(anyio_backend: object) -> AsyncIterator[Callable[..., Awaitable[Bench]]]:
    """Make benches: ``await bench_of(evses=(…), variables={…})``."""
    stations: list[ReferenceStation] = []
    failures: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))

    async def make(*, firmware: Any = None, boot: bool = True, **config: Any) -> Bench:
        peer = Peer(config.get("version", "2.0.1"))
        peer.clock = LoopClock(EPOCH)
        station = ReferenceStation(StationConfig(**config), LoopClock(EPOCH), firmware=firmware, connect=peer.connect)
        stations.append(station)
        bench = Bench(station, peer)
        await station.start()
        if boot:
            await bench.booted()
        return bench

    yield make
    for station in stations:
        await station.stop()
    assert failures == []


@pytest.fixture
async def bench(bench_of: Callable[..., Awaitable[Bench]]) -> Bench:
    """A booted 2.0.1 station with one EVSE."""
    return await bench_of()


@pytest.fixture
async def open_at(anyio_backend: object) -> AsyncIterator[Callable[..., Awaitable[Site]]]:
    """Opens stations with an SECC at the reference CSMS: ``await open_at(DC)``."""
    sites: list[Site] = []
    failures: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))

    async def make(evse: EvseConfig = AC, **config: Any) -> Site:
        sites.append(await open_site(evse, **config))
        return sites[-1]

    yield make
    for site in sites:
        await close_site(site)
    assert failures == []
