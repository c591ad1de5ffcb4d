"""A charging station with an SECC between the reference CSMS and vehicles that speak ISO 15118, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from v2x_architecture.clock import LoopClock
from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.sending import Said
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms, TokenSpec
from v2x_architecture.ocpp.station import EvseConfig, ReferenceStation, SeccSettings, StationConfig
from v2x_architecture.ocpp.station.coupled import CoupledEvse
from v2x_architecture.ocpp.station.watching import Message

EPOCH = datetime(2025, 6, 1, 8, 0, tzinfo=UTC)
PASSWORD = "sixteen bytes it is"

AC = EvseConfig(secc=SeccSettings(sdp=False, plain_20=True, discharge_w=11_000.0))
DC = EvseConfig(
    current="DC",
    phases=1,
    voltage_v=400.0,
    max_current_a=125.0,
    tethered=True,
    secc=SeccSettings(sdp=False, plain_20=True, discharge_w=20_000.0),
)
BATTERY = {"max_discharge_a": 100.0, "max_discharge_w": 30_000.0}


def profile(limit: float, transaction: str, *, unit: str = "W", number: int = 1, **further: Any) -> dict[str, Any]:
    """Return a TxProfile of 2.0.1 with one limit, or with the schedules that are given."""
    schedule = {"id": 1, "chargingRateUnit": unit, "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}]}
    return {
        "id": number,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "transactionId": transaction,
        "chargingSchedule": [schedule],
        **further,
    }


@dataclass
class Site:
    """A station, its CSMS, and all that is said."""

    csms: ReferenceCsms
    station: ReferenceStation
    ocpp: list[Message] = field(default_factory=list)
    iso: list[Said] = field(default_factory=list)
    course: list[str] = field(default_factory=list)
    """Names of CALLs and of messages of ISO 15118 in the order of time, repetitions left out."""
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def heard(self, message: Message) -> None:
        self.ocpp.append(message)
        if message.kind == "CALL":
            self._note(message.action)

    def overheard(self, evse: int, said: Said) -> None:
        assert evse == 1
        self.iso.append(said)
        self._note(said.name)

    def _note(self, name: str) -> None:
        self._news.set()
        if name not in self.course[-2:]:
            self.course.append(name)

    def calls(self, action: str) -> list[dict[str, Any]]:
        return [each.payload for each in self.ocpp if each.kind == "CALL" and each.action == action]

    @property
    def events(self) -> list[dict[str, Any]]:
        return self.calls("TransactionEvent")

    @property
    def transaction(self) -> str:
        transaction: str = self.events[0]["transactionInfo"]["transactionId"]
        return transaction

    @property
    def states(self) -> list[str]:
        """Charging states that were told, repetitions left out."""
        told = [each["transactionInfo"]["chargingState"] for each in self.events]
        return [state for state, before in zip(told, [None, *told], strict=False) if state != before]

    def bodies(self, name: str) -> list[Any]:
        return [
            getattr(getattr(each.message, "Body", None), "BodyElement", each.message) for each in self.iso if each.name == name
        ]

    @property
    def plug(self) -> Coupling:
        hardware = self.station.hardware.evses[1]
        assert isinstance(hardware, CoupledEvse)
        return hardware.plug

    async def until(self, condition: Callable[[], object], within: float = 120.0) -> None:
        """Wait until something holds; it can only come to hold with a message."""
        async with asyncio.timeout(within):
            while not condition():
                self._news.clear()
                await self._news.wait()

    async def charging(self) -> None:
        await self.until(lambda: self.states[-1:] == ["Charging"])
        await asyncio.sleep(5)

    async def call(self, action: str, **payload: Any) -> dict[str, Any]:
        answer = await self.csms.call("CS001", action, payload)
        result: dict[str, Any] = answer["result"]
        return result

    async def answer(self, action: str, **payload: Any) -> None:
        """Have the CSMS answer the next CALL of an action so."""
        await self.csms.set_policy("answer", {"action": action, "payload": payload})

    async def observe(self) -> dict[str, Any]:
        evse: dict[str, Any] = (await self.station.observe())["evses"]["1"]
        return evse


async def open_site(evse: EvseConfig, *, version: Any = "2.0.1", needs: Any = "Rejected", **variables: Any) -> Site:
    """Return a booted station with one EVSE at its CSMS, which answers charging needs so; `close_site` ends both."""
    tokens = (TokenSpec(id_token="GOOD"), TokenSpec(id_token="BLOCKED", status="Blocked"))
    config = CsmsConfig(tokens=tokens, stations={"CS001": PASSWORD}, ping_interval=None, compression=False, charging_needs=needs)
    clock = LoopClock(EPOCH)
    csms = ReferenceCsms(config, clock)
    await csms.start()
    settings = StationConfig(url=csms.url, password=PASSWORD, version=version, evses=(evse,), variables=variables)
    site: Site
    station = ReferenceStation(
        settings, clock, watcher=lambda message: site.heard(message), overhear=lambda *said: site.overheard(*said)
    )
    site = Site(csms, station)
    try:
        await station.start()
    except OSError:
        await csms.stop()
        raise
    await site.until(lambda: site.calls("StatusNotification"))
    await asyncio.sleep(1)
    site.course.clear()
    return site


async def close_site(site: Site) -> None:
    await site.station.stop()
    await site.csms.stop()
