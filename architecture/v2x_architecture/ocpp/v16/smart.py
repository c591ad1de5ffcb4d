"""The Smart Charging profile (5.5, 5.7, 5.16)."""

from __future__ import annotations

from typing import Final

from v2x_architecture.ocpp.codes import ErrorCode
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import LONGEST_S, STATION, InvalidProfile, Profile, RateUnit
from v2x_architecture.ocpp.smart_charging.profile import PURPOSES_16
from v2x_architecture.ocpp.v16.local_list import LocalList16
from v2x_architecture.ocpp.v16.messages import Json, timestamp

_UNKNOWN: Final = -1


class SmartCharging16(LocalList16):
    """Adds the answers about charging profiles. Connectors of one EVSE share its profiles and its limit."""

    def on_set_charging_profile(self, request: Payload) -> Json:
        """Answer SetChargingProfile (5.16)."""
        try:
            profile = self.profiles.read(request["csChargingProfiles"], self.evse_of(request["connectorId"]), self.now())
        except InvalidProfile as error:
            raise CallRefused(ErrorCode.PROPERTY_CONSTRAINT_VIOLATION, str(error)) from error
        refusal = self.profiles.refusal(profile, self.smart_sessions())
        if refusal is None:
            self.install_profile(profile)
            return {"status": "Accepted"}
        if refusal.call_error is not None:
            raise CallRefused(refusal.call_error, refusal.text)
        return {"status": "Rejected"}

    def install_profile(self, profile: Profile) -> None:
        """Install a profile and follow it once the answer is sent."""
        self.profiles.install(profile)
        self.after_answer(self.profiles_changed)

    def on_clear_charging_profile(self, request: Payload) -> Json:
        """Answer ClearChargingProfile (5.5, errata 3.25, 3.26)."""
        number, purpose = request.get("connectorId"), request.get("chargingProfilePurpose")
        removed = self.profiles.clear(
            profile_id=request.get("id"),
            evse=None if number is None else self.evse_of(number),
            purpose=None if purpose is None else PURPOSES_16[purpose],
            stack_level=request.get("stackLevel"),
        )
        if removed:
            self.after_answer(self.profiles_changed)
        return {"status": "Accepted" if removed else "Unknown"}

    def on_get_composite_schedule(self, request: Payload) -> Json:
        """Answer GetCompositeSchedule (5.7)."""
        number, duration = request["connectorId"], request["duration"]
        evse, unit = self.evse_of(number), self.composite_unit(request.get("chargingRateUnit"))
        if evse == _UNKNOWN or unit is None or not 0 < duration <= LONGEST_S:
            return {"status": "Rejected"}
        schedule = self.profiles.limits(self.smart_sessions(), self.now()).composite(evse, duration, unit)
        return {
            "status": "Accepted",
            "connectorId": number,
            "scheduleStart": timestamp(schedule.start),
            "chargingSchedule": {
                "duration": schedule.duration,
                "chargingRateUnit": schedule.unit.value,
                "chargingSchedulePeriod": schedule.periods_payload(),
            },
        }

    def composite_unit(self, asked: str | None) -> RateUnit | None:
        """Return the unit of a composite schedule: the one asked for, if the charge point has it; amperes if none is."""
        allowed = self.profiles.capabilities.units
        if asked is not None:
            return RateUnit(asked) if asked in allowed else None
        return RateUnit.AMPERES if RateUnit.AMPERES in allowed else RateUnit.WATTS

    def evse_of(self, number: int) -> int:
        """Return the EVSE of a connectorId, the whole charge point for 0."""
        if number == STATION:
            return STATION
        place = self.connectors.get(number)
        return _UNKNOWN if place is None else place[0].id
