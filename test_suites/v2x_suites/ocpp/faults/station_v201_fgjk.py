"""A zoo of charging stations for OCPP 2.0.1, each with one thing wrong in remote control, availability, metering or charging."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import override

from v2x_architecture.ocpp import smart_charging
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import ChargingLimits, Profile, ProfileStore, ProfileStore201, Purpose, Site
from v2x_architecture.ocpp.station.availability import Connector, Evse
from v2x_architecture.ocpp.station.metering import MeterValue
from v2x_architecture.ocpp.station.model import IdToken, StopReason, Trigger
from v2x_architecture.ocpp.station.session import Session
from v2x_architecture.ocpp.station.settings import Settings
from v2x_architecture.ocpp.v201.base import timestamp
from v2x_architecture.ocpp.v201.station import Firmware201

# -- F: remote control -------------------------------------------------------------------------------------------------------


class StationThatTrustsRemoteStarts(Firmware201):
    """Starts from afar without asking about the token, whatever AuthorizeRemoteStart says."""

    @override
    async def remote_start(
        self, session: Session, token: IdToken, remote_start_id: int | None = None, profile: Profile | None = None
    ) -> None:
        self.settings = replace(self.settings, authorize_remote_start=False)
        await super().remote_start(session, token, remote_start_id, profile)


class StationThatDoubtsRemoteStarts(Firmware201):
    """Asks about the token of every remote start, whatever AuthorizeRemoteStart says."""

    @override
    async def remote_start(
        self, session: Session, token: IdToken, remote_start_id: int | None = None, profile: Profile | None = None
    ) -> None:
        self.settings = replace(self.settings, authorize_remote_start=True)
        await super().remote_start(session, token, remote_start_id, profile)


class StationThatWaitsForEver(Firmware201):
    """Never gives up waiting for the EV."""

    @override
    def await_vehicle(self, session: Session) -> None:
        del session


class StationThatCannotBeStopped(Firmware201):
    """Accepts a remote stop and goes on charging."""

    @override
    def remote_stop(self, session: Session) -> None:
        del session


class StationThatStopsAnything(Firmware201):
    """Accepts the remote stop of a transaction that it has not, and stops the one that it has."""

    @override
    def on_request_stop_transaction(self, payload: Payload) -> Payload:
        running = [each.transaction.id for each in self.sessions.values() if each.transaction is not None]
        return super().on_request_stop_transaction(payload | {"transactionId": running[0] if running else ""})


class StationThatForgetsTriggers(Firmware201):
    """Accepts to send a message and does not send it."""

    @override
    def on_trigger_message(self, payload: Payload) -> Payload:
        del payload
        return {"status": "Accepted"}


class StationThatTriggersOneEvse(Firmware201):
    """Takes a trigger for all EVSEs as one for the first."""

    @override
    def on_trigger_message(self, payload: Payload) -> Payload:
        return super().on_trigger_message({"evse": {"id": 1}} | payload)


class StationThatTellsOldStatus(Firmware201):
    """Answers a trigger with the status that a connector had when the station booted."""

    @override
    def trigger_status(self, evse: Evse, connector: int) -> None:
        self.notify_status(evse, evse.connectors[connector], "Available", triggered=True)


class StationThatBootsAgain(Firmware201):
    """Boots again when it is triggered to, although its boot was accepted."""

    @override
    def on_trigger_message(self, payload: Payload) -> Payload:
        if payload["requestedMessage"] != "BootNotification":
            return super().on_trigger_message(payload)
        self.after_answer(self.boot_again_now)
        return {"status": "Accepted"}


# -- G: availability ---------------------------------------------------------------------------------------------------------


class StationThatHidesPlugs(Firmware201):
    """Says nothing when EVs come and go."""

    @override
    def connector_status(self, evse: Evse, connector: Connector) -> str:
        status = super().connector_status(evse, connector)
        return "Available" if status == "Occupied" else status


class StationThatIsAllOrNothing(Firmware201):
    """Puts all of itself in or out of operation, whatever part it is told to."""

    @override
    def order_availability(self, *, operative: bool, evse: int | None = None, connector: int | None = None) -> bool:
        del evse, connector
        return super().order_availability(operative=operative)


class StationThatRejectsNoChange(Firmware201):
    """Rejects a change to what already is."""

    @override
    def on_change_availability(self, payload: Payload) -> Payload:
        operative, evse = payload["operationalStatus"] == "Operative", payload.get("evse", {}).get("id")
        affected = self.evses if evse is None else (evse,)
        if not any(self.changes(each, None, operative=operative) for each in affected):
            return {"status": "Rejected"}
        return super().on_change_availability(payload)


class StationThatServesAlways(Firmware201):
    """Starts from afar at an EVSE that is out of operation."""

    @override
    def evse_to_start(self, wanted: int | None) -> Evse | None:
        return super().evse_to_start(wanted) or (None if wanted is None else self.evses.get(wanted))


class StationThatGoesOutAtOnce(Firmware201):
    """Ends the transaction to go out of operation at once."""

    @override
    def follow_order(self, evse: int | None, connector: int | None, *, operative: bool) -> None:
        super().follow_order(evse, connector, operative=operative)
        for session in self.sessions.values():
            if session.transaction is not None and not operative:
                self.withdraw(session, Trigger.ABNORMAL_CONDITION, StopReason.OTHER, end=True)


class StationThatForgetsOrders(Firmware201):
    """Is back in operation after a reboot."""

    @override
    def ordered_operative(self, evse: int, connector: int) -> bool:
        booting = len(self.evses) < len(self.hardware.evses) or not self.evses[evse].connectors
        return booting or super().ordered_operative(evse, connector)


class StationThatChargesUnlocked(Firmware201):
    """Charges with a cable that it could not lock."""

    @override
    def lock_problem(self, evse: Evse, connector: Connector, *, failed: bool) -> None:
        super().lock_problem(evse, connector, failed=failed)
        self.sessions[evse.id].lock_failed = False


# -- J: meter values ---------------------------------------------------------------------------------------------------------


class StationThatMetersOffTheClock(Firmware201):
    """Takes clock-aligned values three seconds after each multiple of the interval."""

    @override
    def seconds_to_aligned(self, interval_s: float) -> float:
        return super().seconds_to_aligned(interval_s) + 3.0


class StationThatMetersAlways(Firmware201):
    """Sends clock-aligned values of an EVSE at which somebody charges, although it is to send them when idle."""

    @override
    def aligned_values(self, evse: Evse, settings: Settings) -> None:
        super().aligned_values(evse, replace(settings, aligned_when_idle_only=False))


class StationThatSamplesSlowly(Firmware201):
    """Sends periodic values once in two intervals."""

    _skips = True

    @override
    def periodic_sample(self, session: Session) -> None:
        if not self._skips:
            super().periodic_sample(session)
        self._skips = not self._skips


class StationThatDatesValuesBack(Firmware201):
    """Dates meter values an hour back."""

    @override
    def meter_value(self, value: MeterValue, public_key: str = "") -> Payload:
        return super().meter_value(replace(value, at=value.at - timedelta(hours=1)), public_key)


class StationThatEndsWithoutValue(Firmware201):
    """Leaves the value of the end out of the last event."""

    @override
    def final_values(self, session: Session) -> tuple[MeterValue, ...]:
        return super().final_values(session)[:-1]


# -- K: smart charging -------------------------------------------------------------------------------------------------------


class StationThatKeepsNoProfiles(Firmware201):
    """Accepts charging profiles and keeps none."""

    @override
    def install_profile(self, profile: Profile) -> None:
        del profile


class StationThatLimitsOneEvse(Firmware201):
    """Applies a TxDefaultProfile for all EVSEs to the first only."""

    @override
    def install_profile(self, profile: Profile) -> None:
        super().install_profile(replace(profile, evse=1) if profile.purpose is Purpose.TX_DEFAULT else profile)


class StationThatKeepsTheFirstProfile(Firmware201):
    """Accepts a profile with a known id and keeps the old one."""

    @override
    def install_profile(self, profile: Profile) -> None:
        if not self.profiles.find(ids=[profile.id]):
            super().install_profile(profile)


class StationThatClearsEverything(Firmware201):
    """Clears all profiles when it is to clear some."""

    @override
    def on_clear_charging_profile(self, payload: Payload) -> Payload:
        self.profiles.clear()
        self.profiles_changed()
        return {"status": "Accepted"}


class StationThatClearsNothing(Firmware201):
    """Says that it has cleared profiles and has not."""

    @override
    def on_clear_charging_profile(self, payload: Payload) -> Payload:
        return {"status": "Accepted"}


class StationThatForgetsProfiles(Firmware201):
    """Has no charging profiles after a power cut."""

    @override
    def save_profiles(self) -> None:
        """Keep them in mind only."""


class StationThatReportsAllProfiles(Firmware201):
    """Reports the profiles of all EVSEs whichever is asked about."""

    @override
    def on_get_charging_profiles(self, payload: Payload) -> Payload:
        return super().on_get_charging_profiles({name: value for name, value in payload.items() if name != "evseId"})


class StationThatDropsStartingProfiles(Firmware201):
    """Starts from afar and drops the profile that came with it."""

    @override
    def start_remotely(self, session: Session, token: IdToken, remote_start_id: int, profile: Profile | None) -> None:
        super().start_remotely(session, token, remote_start_id, None)


class StationThatStacksUpsideDown(Firmware201):
    """Follows the profile with the lowest stack level."""

    @override
    def install_profile(self, profile: Profile) -> None:
        super().install_profile(replace(profile, stack_level=99 - profile.stack_level))


class StationThatComposesTheStart(Firmware201):
    """Composes schedules as of a while ago, and says that they begin now."""

    _ago = timedelta()

    @override
    def now(self) -> datetime:
        return super().now() - self._ago

    @override
    def on_get_composite_schedule(self, payload: Payload) -> Payload:
        self._ago = timedelta(seconds=30)
        try:
            answer = super().on_get_composite_schedule(payload)
        finally:
            self._ago = timedelta()
        if "schedule" in answer:
            answer["schedule"]["scheduleStart"] = timestamp(self.now())
        return answer


class StoreWithoutStation(ProfileStore201):
    """Leaves the limit of the station out of account."""

    @override
    def limits(self, sessions: Mapping[int, smart_charging.Session], now: datetime) -> ChargingLimits:
        profiles = [each for each in self.profiles if each.purpose is not Purpose.STATION_MAX]
        return ChargingLimits(self.site, profiles, sessions, now)


class StationWithoutLimitOfItsOwn(Firmware201):
    """Leaves the limit of the station out of composite schedules, and out of what EVs are offered."""

    @override
    def profile_store(self, site: Site) -> ProfileStore:
        return StoreWithoutStation(site, super().profile_store(site).capabilities)


class StationThatLimitsOnPaper(Firmware201):
    """Keeps and reports charging profiles, and lets EVs draw what they like."""

    @property
    @override
    def unlimited(self) -> bool:
        return True


class StationThatStaysInThePeriod(Firmware201):
    """Stays in the first period of a schedule."""

    @override
    def watch_limits(self) -> None:
        """Never come back."""


class StationThatEndsForProfiles(Firmware201):
    """Ends the transaction when a TxDefaultProfile comes."""

    @override
    def install_profile(self, profile: Profile) -> None:
        super().install_profile(profile)
        for session in self.sessions.values():
            if session.transaction is not None and profile.purpose is Purpose.TX_DEFAULT:
                self.withdraw(session, Trigger.ABNORMAL_CONDITION, StopReason.OTHER, end=True)
