"""A vehicle that speaks ISO 15118, at an EVSE of the station: the EVCC in software, connected to the SECC without SDP."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from v2x_architecture.clock import Clock
from v2x_architecture.iso15118.editions import APPLICATIONS, Edition
from v2x_architecture.iso15118.evcc import DriverSettings, Ending, EvccConfig, Outcome, SimulatedEv, Wish
from v2x_architecture.iso15118.evcc.client import EvccClient, SeccAddress
from v2x_architecture.iso15118.evcc.dialogue import Dialogue
from v2x_architecture.iso15118.evcc.script import Paused
from v2x_architecture.iso15118.tcp import ConnectFailed
from v2x_architecture.iso15118.udp import link_local
from v2x_architecture.ocpp.station.config import EvccSettings, SeccSettings
from v2x_architecture.ocpp.station.coupled import CoupledEvse
from v2x_architecture.ocpp.station.secc import StationSecc
from v2x_architecture.vehicle import ElectricVehicle, Ress

_log = logging.getLogger(__name__)
_FINAL: Final = frozenset({Ending.FINISHED, Ending.PAUSED, Ending.NO_AGREEMENT, Ending.UNSUITABLE})
"""Endings after which it does not try again by itself."""


class Visitor:
    """A vehicle with an EVCC.

    Args:
        hardware: where it is plugged in.
        vehicle: the vehicle.
        settings: how it speaks.
        secc: gives the SECC; None while there is none, for want of power.
        clock: that it lives by.

    Attributes:
        driver: what its driver wants; may be changed at any time.
        outcomes: how its sessions ended.
    """

    def __init__(
        self,
        hardware: CoupledEvse,
        vehicle: ElectricVehicle,
        settings: EvccSettings,
        secc: Callable[[], StationSecc | None],
        clock: Clock,
    ) -> None:
        self.hardware, self.vehicle, self.settings, self.clock = hardware, vehicle, settings, clock
        self.ress = Ress(settings.ress, vehicle)
        self.driver = DriverSettings(
            target_soc=settings.target_soc,
            departure_s=settings.departure_s,
            line_voltage_v=hardware.config.voltage_v,
            with_profile=settings.with_profile,
            give_w=settings.give_w,
            keep_soc=settings.keep_soc,
            max_discharge_w=settings.max_discharge_w,
        )
        self.outcomes: list[Outcome] = []
        self._secc = secc
        self._client: EvccClient | None = None
        self._charging: asyncio.Task[None] | None = None

    def arrive(self, connector: int) -> None:
        """Plug in and begin to speak.

        Raises:
            ValueError: the EVSE has no such connector, or a vehicle already.
        """
        self.hardware.plug_in_speaking(connector, self.vehicle, self.ress)
        self._speak()

    async def leave(self) -> None:
        """Speak no more; the plug has been pulled."""
        charging, self._charging = self._charging, None
        if charging is not None:
            charging.cancel()
            await asyncio.gather(charging, return_exceptions=True)

    def pause(self) -> None:
        """Let it pause: its session, where the edition has that; otherwise it draws nothing."""
        dialogue = self._dialogue()
        if dialogue is not None and dialogue.application.edition is not Edition.DIN:
            self.driver.wish = Wish.PAUSE
        else:
            self.hardware.suspend(True)

    def renegotiate(self, *, target_soc: float | None = None, departure_s: int | None = None) -> None:
        """Let it ask for a schedule anew, with other needs where they are given.

        Args:
            target_soc: state of charge to stop at from now on (percent).
            departure_s: in so many seconds from now on.

        Raises:
            ValueError: it does not hold a session in which schedules can be renegotiated.
        """
        dialogue = self._dialogue()
        if dialogue is None or dialogue.application.edition is Edition.DIN:
            raise ValueError(f"the vehicle at EVSE {self.hardware.id} holds no session in which it can renegotiate")
        if target_soc is not None:
            self.driver.target_soc = target_soc
        if departure_s is not None:
            self.driver.departure_s = departure_s
        self.driver.wish = Wish.RENEGOTIATE

    def go_on(self) -> None:
        """Let it go on: join the session that it paused, or begin a new one where it has ended."""
        self.driver.wish = Wish.CHARGE
        self.hardware.suspend(False)
        if self._charging is None or self._charging.done():
            self._speak()

    def _dialogue(self) -> Dialogue | None:
        """Return the session that it holds."""
        evcc = self._client.evcc if self._client is not None else None
        return evcc.dialogue if evcc is not None and not evcc.over else None

    def _speak(self) -> None:
        self._charging = asyncio.get_running_loop().create_task(self._charge())

    async def _charge(self) -> None:
        """Hold a session; try anew when it ended otherwise than in order."""
        for _ in range(self.settings.retries + 1):
            outcome = await self._hold()
            if outcome is not None:
                self.outcomes.append(outcome)
                _log.info("EVSE %d: the vehicle's session: %s", self.hardware.id, outcome)
            if outcome is not None and outcome.ending in _FINAL:
                return
            await asyncio.sleep(self.settings.retry_s)

    async def _hold(self) -> Outcome | None:
        """Hold one session; None where the SECC cannot be reached."""
        secc = self._secc()
        if secc is None:
            return None
        try:
            await asyncio.shield(secc.listening)
        except OSError:
            return None
        if secc.server.plain_port is None:
            return None
        client = EvccClient(SimulatedEv(self.hardware.plug, self.driver), self.clock, self._config(secc.settings), _address(secc))
        self._client = client
        try:
            return await client.run()
        except (ConnectFailed, OSError) as error:
            _log.info("EVSE %d: the vehicle cannot connect: %s", self.hardware.id, error)
            return None

    def _config(self, secc: SeccSettings) -> EvccConfig:
        settings = self.settings
        known = tuple(APPLICATIONS[name] for name in settings.protocols) or EvccConfig().applications
        return EvccConfig(
            applications=known,
            control=settings.control,
            bidirectional=settings.bidirectional,
            iso20_needs_tls=not secc.plain_20,
            resume=self._paused(),
            demand_s=settings.loop_s,
            loop_s=settings.loop_s,
        )

    def _paused(self) -> Paused | None:
        """Return the session that it paused."""
        last = self._client.evcc if self._client is not None else None
        return last.paused if last is not None else None


def _address(secc: StationSecc) -> SeccAddress:
    settings = secc.settings
    host = str(link_local(settings.interface)) if settings.interface else settings.host
    return SeccAddress(host=host, interface=settings.interface or None, port=secc.server.plain_port)
