"""The SECC of an EVSE: it says what the station knows, and the station hears what the EV says."""

from __future__ import annotations

import asyncio
import logging
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from v2x_architecture.iso15118.charging import (
    AcLimits,
    ChargingNeeds,
    Choice,
    DcLimits,
    DcStatus,
    Notification,
    Schedule,
    clipped,
)
from v2x_architecture.iso15118.editions import APPLICATIONS
from v2x_architecture.iso15118.secc import Close, CloseReason, EvseSettings, SeccConfig, SimulatedEvse
from v2x_architecture.iso15118.secc.evse import Authorization
from v2x_architecture.iso15118.secc.server import SeccListener, SeccServer
from v2x_architecture.iso15118.tls import Profile, SeccTls
from v2x_architecture.ocpp.station.config import SeccSettings
from v2x_architecture.ocpp.station.connected_ev import ConnectedEv
from v2x_architecture.ocpp.station.coupled import CoupledEvse
from v2x_architecture.vehicle import ElectricVehicle

if TYPE_CHECKING:
    from v2x_architecture.coupling import Present
    from v2x_architecture.iso15118.sending import Said
    from v2x_architecture.ocpp.messages import Payload
    from v2x_architecture.ocpp.station.firmware import Overhear
    from v2x_architecture.ocpp.station.session import Session
    from v2x_architecture.ocpp.station.speaking import Speaking, Stop

_log = logging.getLogger(__name__)
_DAY: Final = 86_400
_MOST_ENTRIES: Final = 12
"""Entries that every edition has room for in a schedule."""


class StationEvse(SimulatedEvse):
    """An EVSE of the station as its SECC sees it.

    Args:
        firmware: of the station.
        hardware: the EVSE.

    Attributes:
        ev: what the vehicle has told of itself.
        present_ev: an EV speaks, or has paused.
        offered: the schedules that the EV was offered last.
        stopping: what ends as soon as the EV has stopped; None for nothing.
        needs_told_in: id of the transaction in which the EV's needs were told; empty for none.
    """

    def __init__(self, firmware: Speaking, hardware: CoupledEvse, settings: SeccSettings) -> None:
        evse_id = settings.evse_id or f"DE*V2X*E{hardware.id:04d}"
        super().__init__(hardware.plug, EvseSettings(evse_id=evse_id, meter_id=f"METER-{hardware.id}"))
        self.firmware, self.hardware, self.secc_settings = firmware, hardware, settings
        self.ev = ConnectedEv(firmware.clock)
        self.present_ev = False
        self.offered: tuple[Schedule, ...] = ()
        self.stopping: Stop | None = None
        self.needs_told_in = ""
        self._refused = False
        self._renegotiate = False
        self._negotiating = False
        self._wait_until: float | None = None
        self._answer: asyncio.Future[Payload] | None = None
        self._asked_at = self._offered_at = 0.0
        self._offered_until = self._offer_again_at = inf
        self._left: tuple[Schedule, ...] = ()
        self._stale = False

    @property
    def most_entries(self) -> int:
        """Entries that a schedule has at most."""
        return _MOST_ENTRIES

    @property
    def session(self) -> Session:
        """The session of OCPP at this EVSE."""
        return self.firmware.sessions[self.hardware.id]

    # Authorization

    def authorization(self, now: float) -> Authorization:
        """Tell what the station knows of whoever wants to charge (C08)."""
        session = self.session
        if session.authorized:
            return Authorization.ACCEPTED if self.firmware.may_have_energy(session) else Authorization.REJECTED
        if session.deciding:
            return Authorization.ONGOING
        turned_away = self._refused or session.former is not None
        return Authorization.REJECTED if turned_away else Authorization.WAITING

    def refuse(self) -> None:
        """Hear that somebody who wanted to charge here may not."""
        self._refused = True

    # Needs and schedules

    def set_needs(self, needs: ChargingNeeds, now: float) -> None:
        """Hear what the EV told of itself; the CSMS is told when the EV asks for schedules."""
        super().set_needs(needs, now)
        self.ev.set_needs(needs)
        self.hardware.single_phase = needs.mode == "AC_single_phase_core"
        if needs.soc is not None:
            self.hardware.soc = needs.soc

    def set_soc(self, soc: float, now: float) -> None:
        """Hear the EV's state of charge (percent)."""
        super().set_soc(soc, now)
        self.ev.set_soc(soc)
        self.hardware.soc = soc

    def schedules(self, now: float) -> tuple[Schedule, ...] | None:
        """Return what the charging profiles leave; None while the CSMS works one out for the EV's needs (K15)."""
        if not self._negotiating:
            self._ask()
        if self._wait_until is not None and now < self._wait_until:
            return None
        self._wait_until, self._stale = None, False
        needs = self.needs
        seconds = (needs.departure_s if needs is not None else None) or _DAY
        self._left = self.firmware.schedules_for(self.hardware.id, seconds)
        self._offered_at, self._offered_until = now, now + seconds
        most = min(needs.max_entries or _MOST_ENTRIES, _MOST_ENTRIES) if needs is not None else _MOST_ENTRIES
        self.offered = tuple(each.within(most) for each in self._left)
        # Where the last entries had to become one, with the least of their limits, there is more to offer when it begins.
        begins = [now + short.entries[-1].start_s for short, full in zip(self.offered, self._left, strict=True) if short != full]
        self._offer_again_at = min([self._offered_until, *(each for each in begins if each > now)])
        return self.offered

    def choose(self, choice: Choice, now: float) -> None:
        """Hear what the EV has chosen, and let the CSMS know (K15, K16, K17).

        Where the SECC decides on the power, what the EV expects may be more than it will be given (K15.FR.09).
        """
        super().choose(choice, now)
        left = self._left[0].after(now - self._offered_at) if choice.schedule is None and self._left else None
        if choice.profile and left is not None:
            choice = msgspec.structs.replace(choice, profile=clipped(choice.profile, left))
        self._negotiating = False
        # After a pause the EV goes on with what it had chosen before, whatever has come since.
        self._renegotiate = choice.schedule is not None and (self._renegotiate or self._stale)
        self.hardware.interrupting = False
        place = [each.id for each in self.offered]
        chosen = choice.schedule.id if choice.schedule is not None else None
        self.firmware.ev_chose(self.hardware.id, place.index(chosen) if chosen in place else 0, choice)

    def profile_installed(self) -> None:
        """Hear that the CSMS has sent a charging profile for this transaction: what was waited for, or a new one (K16.FR.02)."""
        if self._wait_until is not None:
            self._wait_until = None
            self._answer = None
        elif not self.present_ev:
            self._stale = True
        elif self._negotiating or (self.choice is not None and self.choice.schedule is not None):
            self._renegotiate = True

    def profiles_changed(self) -> None:
        """Hear that what the charging profiles leave may have changed; offer it anew where it has."""
        chosen = self.choice.schedule if self.choice is not None else None
        if chosen is None or self._negotiating or not self.present_ev:
            return
        now = self.firmware.clock.monotonic()
        agreed = next((each.after(now - self._offered_at) for each in self._left if each.id == chosen.id), None)
        fresh = self.firmware.schedules_for(self.hardware.id, max(1, int(self._offered_until - now)))
        if agreed is None or not any(_powers(agreed) == _powers(each) for each in fresh):
            self._renegotiate = True

    def _ask(self) -> None:
        """Begin to work out schedules: tell the EV's needs, unless the CSMS knows them and wants something new (K16.FR.09)."""
        self._negotiating, self._asked_at = True, self.firmware.clock.monotonic()
        known, self._renegotiate = self._renegotiate, False
        self._wait_until, self._answer = None, None
        if self.needs is None or known:
            return
        transaction = self.session.transaction
        self.needs_told_in = transaction.id if transaction is not None else ""
        answer = self.firmware.tell_needs(self.hardware.id, self.needs)
        if answer is not None:
            self._wait_until, self._answer = self._asked_at + self.secc_settings.profile_wait_s, answer
            answer.add_done_callback(self._answered)

    def _answered(self, answer: asyncio.Future[Payload]) -> None:
        """Go on waiting for the schedule that the CSMS promises, and for nothing else (K15, error handling; K15.FR.05, FR.15)."""
        if answer is not self._answer:
            return
        self._answer = None
        promised = not answer.cancelled() and answer.exception() is None and answer.result()["status"] == "Accepted"
        if not promised or self.session.transaction is None:
            self._wait_until = None

    # Limits

    def ac_limits(self, now: float) -> AcLimits:
        """Return what smart charging leaves of what the outlet gives."""
        limits = super().ac_limits(now)
        if not limits.nominal_voltage_v:
            return limits
        offered = self.hardware.offered_w / limits.nominal_voltage_v / limits.phases
        return msgspec.structs.replace(limits, max_current_a=min(limits.max_current_a, offered))

    def dc_limits(self, now: float) -> DcLimits:
        """Return what smart charging leaves of what the supply gives: of its power, and of its current at nominal voltage."""
        limits, config = super().dc_limits(now), self.hardware.config
        offered = self.hardware.offered_w
        if offered >= config.max_power_w:
            return limits
        return msgspec.structs.replace(
            limits,
            max_power_w=min(limits.max_power_w, offered),
            max_current_a=min(limits.max_current_a, offered / config.voltage_v),
        )

    def notification(self, now: float) -> Notification:
        """Return what the station wants of the EV: to stop, or to choose a schedule anew (F04, K16)."""
        if self.stopping is not None or not self.firmware.may_have_energy(self.session):
            self.hardware.interrupting = self.hardware.connected
            return Notification("StopCharging", int(self.secc_settings.stop_wait_s))
        over = self.choice is not None and self.choice.schedule is not None and now >= self._offer_again_at
        if (self._renegotiate or over) and self.hardware.connected:
            self.hardware.interrupting = True
            return Notification("ReNegotiation")
        return Notification()

    def dc_status(self, now: float) -> DcStatus:
        """Return the state of the DC supply."""
        if self.firmware.evses[self.hardware.id].faulted:
            return "EVSE_Malfunction"
        return "EVSE_Shutdown" if self.notification(now).kind == "StopCharging" else "EVSE_Ready"

    # Energy

    def close_contactor(self, now: float) -> bool:
        """Connect the EV, if energy may flow; return whether it worked."""
        if not self.firmware.may_have_energy(self.session):
            return False
        closed = super().close_contactor(now)
        self.hardware.look()
        return closed

    def open_contactor(self, now: float) -> bool:
        """Disconnect the EV; what waited for that goes on. Return whether it worked."""
        if self.stopping is None:
            opened = super().open_contactor(now)
            self.hardware.look()
            return opened
        with self.hardware.unheard():
            opened = super().open_contactor(now)
            self.hardware.look()
        self.firmware.ev_stopped(self.hardware.id)
        return opened

    def set_dc(self, voltage_v: float, current_a: float, now: float) -> None:
        """Set the DC supply (V, A)."""
        super().set_dc(voltage_v, current_a, now)
        self.hardware.look()

    def set_ev_power(self, power_w: float, now: float) -> None:
        """Hear what the EV says that it draws in AC (W)."""
        super().set_ev_power(power_w, now)
        self.hardware.look()

    def present(self, now: float) -> Present:
        """Measure what flows."""
        self.hardware.look()
        return super().present(now)

    def meter(self, now: float) -> tuple[str, float]:
        """Return the meter's id and its import register (Wh)."""
        shown = super().meter(now)
        self.hardware.look()
        return shown

    # Sessions

    def begin(self) -> None:
        """Hear that an EV has connected."""
        self.present_ev = True
        self.choice = None
        self._refused = self._renegotiate = self._negotiating = False
        self._wait_until, self._answer = None, None

    def end(self, now: float, *, paused: bool) -> None:
        """Hear that the EV ends the session, or pauses it."""
        super().end(now, paused=paused)
        if not paused:
            self.firmware.ev_ended(self.hardware.id)

    def over(self) -> None:
        """Hear that the EV has gone, or has paused: nothing is agreed on any more."""
        self.present_ev = False
        self.choice = None
        self._renegotiate = self._negotiating = False
        self._wait_until, self._answer = None, None
        self.hardware.interrupting = False
        if self.stopping is not None:
            self.firmware.ev_stopped(self.hardware.id)
        self.hardware.look()


class StationSecc:
    """An EVSE's SECC with its sockets.

    Args:
        firmware: of the station.
        hardware: the EVSE.
        settings: of the SECC.
        overhear: is told every message.

    Attributes:
        evse: the EVSE as the SECC sees it.
        server: the sockets.
        listening: done once it listens, or cannot.
    """

    def __init__(
        self, firmware: Speaking, hardware: CoupledEvse, settings: SeccSettings, overhear: Overhear | None = None
    ) -> None:
        self.firmware, self.hardware, self.settings = firmware, hardware, settings
        self.evse = StationEvse(firmware, hardware, settings)
        known = tuple(APPLICATIONS[name] for name in settings.protocols) or SeccConfig().applications
        self.server = SeccServer(
            self.evse,
            firmware.clock,
            SeccConfig(applications=known, iso20_needs_tls=not settings.plain_20),
            _listener(settings),
            watcher=self._hear,
            began=self._began,
            ended=self._ended,
        )
        self.listening: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._powered = True
        self._overhear = overhear

    async def serve(self) -> None:
        """Listen until the power goes."""
        try:
            await self.server.start()
        except OSError as error:
            _log.error("%s: the SECC of EVSE %d cannot listen: %s", self.firmware.config.identity, self.hardware.id, error)
            self.listening.set_exception(error)
            self.listening.exception()
            return
        try:
            self.listening.set_result(None)
            if self.hardware.stranger:
                self._let_go()
            await asyncio.get_running_loop().create_future()
        finally:
            await self.server.stop()

    def unplugged(self) -> None:
        """Break off what goes on: there is no vehicle any more."""
        self.firmware.timers.stop(self._departure)
        self.server.hang_up()
        self.evse.ev.forget()

    def power_off(self) -> None:
        """Lose power: what was to end does not any more."""
        self.evse.stopping = None
        self._powered = False

    def _hear(self, said: Said) -> None:
        """Learn what the vehicle tells of itself, and tell who listens."""
        self.evse.ev.hear(said)
        if self._overhear is not None:
            self._overhear(self.hardware.id, said)

    def _began(self) -> None:
        """Take a vehicle that nobody plugged in as plugged in, since it speaks."""
        self.firmware.timers.stop(self._departure)
        self.evse.begin()
        if self.hardware.plugged is None:
            self.hardware.stranger = True
            self.hardware.plug_in_speaking(1, ElectricVehicle(self.firmware.config.vehicle), None)
        elif not self.hardware.speaks:
            self.hardware.begin_to_speak()

    def _ended(self, close: Close) -> None:
        """Let go of a vehicle; one that came by itself leaves when its session has ended."""
        latest = self.server.secc is not None and self.server.secc.closed is close
        if not latest or not self._powered:
            return
        self.evse.over()
        if self.hardware.stranger and close.reason is not CloseReason.PAUSED:
            self._let_go()

    def _let_go(self) -> None:
        self.firmware.timers.start(self._departure, self.settings.departure_s, self._leave)

    def _leave(self) -> None:
        if self.hardware.plugged is not None:
            self.hardware.unplug()

    @property
    def _departure(self) -> str:
        return f"departure {self.hardware.id}"


def _powers(schedule: Schedule) -> list[float]:
    return [entry.max_power_w for entry in schedule.entries]


def _listener(settings: SeccSettings) -> SeccListener:
    tls = None
    if settings.certificate:
        roots = tuple(Path(each) for each in settings.vehicle_roots)
        tls = SeccTls(Path(settings.certificate), Path(settings.key), roots, Profile.ISO20 if roots else Profile.ISO2)
    return SeccListener(
        host=settings.host,
        interface=settings.interface or None,
        plain=settings.plain,
        plain_port=settings.port,
        tls_port=settings.tls_port,
        tls=tls,
        sdp=settings.sdp,
        sdp_port=settings.sdp_port,
    )
