"""SECCs in the station: what a vehicle and its EVSE agree on over ISO 15118, and what the CSMS knows and wants, are the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from v2x_architecture.iso15118.charging import ChargingNeeds, Choice, Schedule, ScheduleEntry
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import Profile, Purpose, Rate, RateUnit
from v2x_architecture.ocpp.station.coupled import CoupledEvse
from v2x_architecture.ocpp.station.firmware import BootCause, Parts
from v2x_architecture.ocpp.station.model import StopReason, Trigger
from v2x_architecture.ocpp.station.session import Session
from v2x_architecture.ocpp.station.speaking import Speaking, Stop

if TYPE_CHECKING:
    from v2x_architecture.ocpp.station.secc import StationSecc

_SCHEDULE_IDS: Final = range(1, 256)
_IN_ORDER: Final = frozenset({Trigger.REMOTE_STOP, Trigger.STOP_AUTHORIZED, Trigger.DEAUTHORIZED})
"""What stops a vehicle by asking it to; all else opens the contactor at once."""


class Communicating(Speaking):
    """Adds SECCs (C08, E15, F04, K15 to K17; for 1.6 the same without the messages about needs and schedules).

    An EVSE without SECC is as ever.
    """

    def __init__(self, parts: Parts, cause: BootCause) -> None:
        super().__init__(parts, cause)
        self.seccs: dict[int, StationSecc] = {}
        for evse in self.evses.values():
            settings = evse.hardware.config.secc
            if isinstance(evse.hardware, CoupledEvse) and settings is not None:
                # Here, because the codecs behind it are of no use to a station without SECC.
                from v2x_architecture.ocpp.station.secc import StationSecc

                self.seccs[evse.id] = StationSecc(self, evse.hardware, settings, parts.overhear)

    # -- what a version says -------------------------------------------------------------------------------------------------

    def tell_needs(self, evse: int, needs: ChargingNeeds) -> asyncio.Future[Payload] | None:
        """Tell nobody: a version that has a message for that says otherwise."""
        del evse, needs
        return None

    def tell_choice(self, evse: int, choice: Choice) -> None:
        """Tell the CSMS what a vehicle has chosen, where the version has such a message."""

    # -- power ---------------------------------------------------------------------------------------------------------------

    def power_on(self) -> None:
        """Begin to listen for vehicles."""
        super().power_on()
        for secc in self.seccs.values():
            self.spawn(secc.serve())

    async def power_off(self) -> None:
        """Stop at once; nobody is asked to stop."""
        for secc in self.seccs.values():
            secc.power_off()
        await super().power_off()

    async def listens(self) -> None:
        """Wait until every SECC listens.

        Raises:
            OSError: one of them cannot.
        """
        for secc in self.seccs.values():
            await asyncio.shield(secc.listening)

    # -- what the driver and the CSMS do -------------------------------------------------------------------------------------

    def refused(self, session: Session) -> None:
        """Let a vehicle that waits know that it may not charge."""
        super().refused(session)
        if (secc := self.secc_of(session)) is not None:
            secc.evse.refuse()

    def withdraw(
        self,
        session: Session,
        trigger: Trigger,
        reason: StopReason | None = None,
        *,
        end: bool = False,
        keep_locked: bool = False,
    ) -> None:
        """End the authorization of a session; a vehicle that charges is asked to stop first (F04; 15118-1: F2)."""
        secc = self.secc_of(session)
        if secc is None:
            super().withdraw(session, trigger, reason, end=end, keep_locked=keep_locked)
            return
        if trigger is Trigger.DEAUTHORIZED:
            secc.evse.refuse()
        charges = secc.evse.present_ev and secc.hardware.connected
        if trigger in _IN_ORDER and charges and session.authorized:
            if secc.evse.stopping is None:
                secc.evse.stopping = Stop(trigger, reason, end, keep_locked, session.untold_token)
                session.untold_token = None
                self.timers.start(_stop_timer(secc), secc.settings.stop_wait_s, lambda: self.ev_stopped(secc.hardware.id))
            return
        self.timers.stop(_stop_timer(secc))
        secc.evse.stopping = None
        super().withdraw(session, trigger, reason, end=end, keep_locked=keep_locked)

    def ev_stopped(self, evse: int) -> None:
        """End the authorization of a vehicle that was asked to stop."""
        secc, session = self.seccs[evse], self.sessions[evse]
        stop, secc.evse.stopping = secc.evse.stopping, None
        self.timers.stop(_stop_timer(secc))
        if stop is not None and session.authorized:
            session.untold_token = stop.token
            super().withdraw(session, stop.trigger, stop.reason, end=stop.end, keep_locked=stop.keep_locked)

    def unplugged(self, session: Session) -> None:
        """Break off the communication with a vehicle that is gone; what it was asked to stop for has come true."""
        if (secc := self.secc_of(session)) is not None:
            self.ev_stopped(secc.hardware.id)
            secc.unplugged()
        super().unplugged(session)

    # -- what the vehicle does -----------------------------------------------------------------------------------------------

    def ev_chose(self, evse: int, schedule: int, choice: Choice) -> None:
        """Take note of what a vehicle has chosen, and tell the CSMS."""
        session = self.sessions[evse]
        session.choice = schedule
        self.happened(session, Trigger.CHARGING_STATE_CHANGED)
        self.tell_choice(evse, choice)

    def ev_ended(self, evse: int) -> None:
        """End the authorization of a vehicle that has ended its session."""
        session = self.sessions[evse]
        if session.authorized:
            self.withdraw(session, Trigger.STOP_AUTHORIZED, StopReason.STOPPED_BY_EV)

    # -- limits --------------------------------------------------------------------------------------------------------------

    def apply_offer(self, session: Session) -> None:
        """Offer what the limits allow; the contactor opens where there may be no energy any more."""
        super().apply_offer(session)
        secc = self.secc_of(session)
        if secc is not None and secc.hardware.connected and not self.may_have_energy(session):
            with secc.hardware.unheard():
                secc.hardware.cut()

    def install_profile(self, profile: Profile) -> None:
        """Install a profile; one for the transaction of a vehicle that speaks is what it waits for, or a new one (K15, K16)."""
        super().install_profile(profile)
        if profile.purpose is Purpose.TX and (secc := self.seccs.get(profile.evse)) is not None:
            secc.evse.profile_installed()

    def profiles_changed(self) -> None:
        """Follow the new limits, and have vehicles choose anew where they change what was agreed on."""
        super().profiles_changed()
        for secc in self.seccs.values():
            secc.evse.profiles_changed()

    def schedules_for(self, evse: int, seconds: int) -> tuple[Schedule, ...]:
        """Return what the composite schedules of the charging profiles come to, in W."""
        supply, sessions = self.site.supply(evse), self.smart_sessions()
        found: list[Schedule] = []
        for number, schedule_id in enumerate(self.schedule_ids(evse)):
            if evse in sessions:
                sessions[evse] = replace(sessions[evse], choice=number)
            composite = self.profiles.limits(sessions, self.now()).composite(evse, seconds, RateUnit.WATTS)
            entries: list[ScheduleEntry] = []
            for period in composite.periods:
                rate = supply.rate(period.limit, RateUnit.WATTS, period.phases)
                watts = float(supply.watts(Rate(supply.offered(rate), rate.phases)))
                if not entries or entries[-1].max_power_w != watts:
                    entries.append(ScheduleEntry(start_s=period.start, max_power_w=watts))
            found.append(Schedule(id=schedule_id, entries=tuple(entries)).lasting(seconds))
        return tuple(found)

    def schedule_ids(self, evse: int) -> list[int]:
        """Return the ids of the schedules that a vehicle may choose from: those of its profile, where they can be told."""
        session = self.sessions[evse]
        name = self.transaction_name(session.transaction) if session.transaction is not None else None
        own = [each for each in self.profiles.find(evse=evse, purpose=Purpose.TX) if each.transaction_id in (None, name)]
        if not own:
            return [1]
        leading = max(own, key=lambda each: (len(each.schedules), each.stack_level))
        told = leading.payload.get("chargingSchedule")
        ids = [each["id"] for each in told] if isinstance(told, list) else []
        good = len(set(ids)) == len(leading.schedules) and all(each in _SCHEDULE_IDS for each in ids)
        return ids if good else list(range(1, len(leading.schedules) + 1))

    def secc_of(self, session: Session) -> StationSecc | None:
        """Return the SECC where a session is, if there is one."""
        return None if session.evse is None else self.seccs.get(session.evse.id)


def _stop_timer(secc: StationSecc) -> str:
    return f"stopping {secc.hardware.id}"
