"""Functional block K: charging profiles, composite schedules, limits from outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from itertools import groupby

from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import LONGEST_S, InvalidProfile, Profile, Purpose, RateUnit, Refusal
from v2x_architecture.ocpp.v201.base import Base201, timestamp


class SmartCharging(Base201):
    """K01 to K13: the messages; what profiles do to vehicles is `Limiting`'s."""

    @property
    def smart_charging_enabled(self) -> bool:
        """Whether SmartChargingCtrlr.Enabled is true."""
        return self.device.get("SmartChargingCtrlr.Enabled") == "true"

    def need_smart_charging(self) -> None:
        """Refuse while smart charging is switched off (K01.FR.29).

        Raises:
            CallRefused: NotSupported.
        """
        if not self.smart_charging_enabled:
            raise CallRefused("NotSupported", "smart charging is switched off")

    # -- K01, K02 ------------------------------------------------------------------------------------------------------------

    def on_set_charging_profile(self, payload: Payload) -> Payload:
        """Install a charging profile (K01)."""
        self.need_smart_charging()
        try:
            profile = self.profiles.read(payload["chargingProfile"], payload["evseId"], self.now())
        except InvalidProfile as problem:
            return _rejected("InvalidProfile", str(problem))
        refusal = self.profile_refusal(profile)
        if refusal is not None:
            if refusal.call_error is not None:
                raise CallRefused(refusal.call_error, refusal.text)
            return _rejected(refusal.reason_code, refusal.text)
        self.after_answer(partial(self.install_profile, profile))
        return {"status": "Accepted"}

    def profile_refusal(self, profile: Profile) -> Refusal | None:
        """Return why a profile cannot be taken, None when it can."""
        return self.profiles.refusal(profile, self.smart_sessions())

    # -- K09, K10 ------------------------------------------------------------------------------------------------------------

    def on_get_charging_profiles(self, payload: Payload) -> Payload:
        """Report installed profiles after the answer (K09)."""
        self.need_smart_charging()
        criteria = payload["chargingProfile"]
        purpose = criteria.get("chargingProfilePurpose")
        found = self.profiles.find(
            evse=payload.get("evseId"),
            ids=criteria.get("chargingProfileId"),
            purpose=None if purpose is None else Purpose(purpose),
            stack_level=criteria.get("stackLevel"),
            sources=criteria.get("chargingLimitSource"),
        )
        if not found:
            return {"status": "NoProfiles"}
        self.after_answer(partial(self.report_profiles, payload["requestId"], found))
        return {"status": "Accepted"}

    def report_profiles(self, request_id: int, profiles: Iterable[Profile]) -> None:
        """Send ReportChargingProfiles, one for each EVSE and source of limits (K09.FR.01, FR.02)."""

        def place(profile: Profile) -> tuple[int, str]:
            return profile.evse, profile.source

        groups = [(key, list(group)) for key, group in groupby(sorted(profiles, key=place), key=place)]
        for number, ((evse, source), group) in enumerate(groups, start=1):
            report: Payload = {
                "requestId": request_id,
                "chargingLimitSource": source,
                "evseId": evse,
                "chargingProfile": [dict(profile.payload) for profile in group],
                "tbc": number < len(groups),
            }
            self.outbox.send("ReportChargingProfiles", report, triggered=True)

    def on_clear_charging_profile(self, payload: Payload) -> Payload:
        """Remove the profiles that match (K10)."""
        self.need_smart_charging()
        criteria = payload.get("chargingProfileCriteria", {})
        purpose = criteria.get("chargingProfilePurpose")
        removed = self.profiles.clear(
            profile_id=payload.get("chargingProfileId"),
            evse=criteria.get("evseId"),
            purpose=None if purpose is None else Purpose(purpose),
            stack_level=criteria.get("stackLevel"),
        )
        if not removed:
            return {"status": "Unknown"}
        self.save_profiles()
        self.after_answer(self.profiles_changed)
        return {"status": "Accepted"}

    # -- K08 -----------------------------------------------------------------------------------------------------------------

    def on_get_composite_schedule(self, payload: Payload) -> Payload:
        """Calculate the composite schedule from now on (K08)."""
        self.need_smart_charging()
        evse, unit = payload["evseId"], payload.get("chargingRateUnit")
        units = self.profiles.capabilities.units
        if evse not in (0, *self.evses):
            return _rejected("UnknownEvse", f"there is no EVSE {evse}")
        if unit is not None and unit not in units:
            return _rejected("UnsupportedRateUnit", f"{unit} is not configured")
        if payload["duration"] <= 0:
            return _rejected("ValuePositiveOnly", "a schedule lasts a second at least")
        if payload["duration"] > LONGEST_S:
            return _rejected("ValueTooHigh", f"a schedule lasts {LONGEST_S} s at most")
        chosen = RateUnit(unit) if unit is not None else RateUnit.AMPERES if RateUnit.AMPERES in units else RateUnit.WATTS
        composite = self.profiles.limits(self.smart_sessions(), self.now()).composite(evse, payload["duration"], chosen)
        schedule: Payload = {
            "evseId": evse,
            "duration": composite.duration,
            "scheduleStart": timestamp(composite.start),
            "chargingRateUnit": composite.unit.value,
            "chargingSchedulePeriod": composite.periods_payload(),
        }
        return {"status": "Accepted", "schedule": schedule}

    # -- K11 to K13 ----------------------------------------------------------------------------------------------------------

    def limit_from_outside(self, evse: int, limit: float, unit: RateUnit, source: str) -> None:
        """Take a limit from an external system, at once and until it is released (K11, K12).

        Args:
            evse: which EVSE; 0: the station.
            limit: in ``unit``, A a phase or W.
            unit: of the limit.
            source: ChargingLimitSource: ``EMS``, ``SO``, ``Other``.
        """
        schedule = {"id": 1, "chargingRateUnit": unit.value, "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}]}
        schedule["startSchedule"] = timestamp(self.now())
        payload: Payload = {
            "id": -1 - evse,
            "stackLevel": 0,
            "chargingProfilePurpose": Purpose.EXTERNAL.value,
            "chargingProfileKind": "Absolute",
            "chargingSchedule": [schedule],
        }
        before = self.profiles.find(evse=evse, purpose=Purpose.EXTERNAL)
        self.install_profile(replace(self.profiles.read(payload, evse, self.now()), source=source))
        if not before or self.limit_differs(before[0], limit):
            self.outbox.send("NotifyChargingLimit", self.charging_limit(evse, source, schedule))

    def charging_limit(self, evse: int, source: str, schedule: Payload) -> Payload:
        """Return a NotifyChargingLimitRequest (K11.FR.02, FR.03)."""
        payload: Payload = {"chargingLimit": {"chargingLimitSource": source}}
        if evse:
            payload["evseId"] = evse
        if self.device.get("SmartChargingCtrlr.NotifyChargingLimitWithSchedules") == "true":
            payload["chargingSchedule"] = [schedule]
        return payload

    def limit_differs(self, before: Profile, limit: float) -> bool:
        """Whether a limit changed by more than LimitChangeSignificance."""
        old = float(before.schedules[0].periods[0].limit)
        return abs(limit - old) > max(old, limit) * self.settings.limit_change_significance / 100

    def release_limit(self, evse: int) -> None:
        """Forget a limit that its external system released (K13)."""
        for profile in self.profiles.find(evse=evse, purpose=Purpose.EXTERNAL):
            self.profiles.release(profile.id)
            payload: Payload = {"chargingLimitSource": profile.source}
            self.outbox.send("ClearedChargingLimit", payload | ({"evseId": evse} if evse else {}))
        self.profiles_changed()


def _rejected(reason: str, text: str) -> Payload:
    return {"status": "Rejected", "statusInfo": {"reasonCode": reason, "additionalInfo": text[:512]}}
