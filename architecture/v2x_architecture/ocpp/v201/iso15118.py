"""Functional block K, ISO 15118: NotifyEVChargingNeeds, NotifyEVChargingSchedule, and the profiles that answer them."""

from __future__ import annotations

import asyncio
import math
from datetime import timedelta

from v2x_architecture.iso15118.charging import ChargingNeeds, Choice, ProfileEntry
from v2x_architecture.ocpp.messages import Payload
from v2x_architecture.ocpp.smart_charging import Profile, Purpose, Refusal
from v2x_architecture.ocpp.v201.base import timestamp
from v2x_architecture.ocpp.v201.device_model import AttributeType, Variable
from v2x_architecture.ocpp.v201.smart_charging import SmartCharging


class VehicleCommunication(SmartCharging):
    """K15 to K17: messages and variables; what vehicles and SECC agree on is `Communicating`'s."""

    def live_value(self, variable: Variable, attribute: AttributeType = "Actual") -> str:
        """Return what is known of the vehicle at an EVSE with an SECC, and of the SECC."""
        secc = self.seccs.get(variable.evse) if variable.evse is not None else None
        if secc is None:
            return super().live_value(variable, attribute)
        match variable.component, variable.name:
            case "ConnectedEV", "Available":
                return "true" if secc.hardware.plugged is not None else "false"
            case "ConnectedEV", name:
                instance = f"[{variable.instance}]" if variable.instance else ""
                return secc.evse.ev.told.get((f"{name}{instance}", attribute), "")
            case "ISO15118Ctrlr", "MaxScheduleEntries":
                return str(secc.evse.most_entries)
            case "ISO15118Ctrlr", "RequestedEnergyTransferMode":
                return secc.evse.ev.mode
            case "EVSE", "ISO15118EvseId":
                return secc.evse.evse_id
            case _:
                return super().live_value(variable, attribute)

    def tell_needs(self, evse: int, needs: ChargingNeeds) -> asyncio.Future[Payload] | None:
        """Send NotifyEVChargingNeeds (K15.FR.01, K17.FR.01)."""
        if not self.smart_charging_enabled:
            return None
        payload: Payload = {"evseId": evse, "chargingNeeds": self.charging_needs(needs)}
        if needs.max_entries is not None:
            payload["maxScheduleTuples"] = needs.max_entries
        return self.outbox.send("NotifyEVChargingNeeds", payload)

    def charging_needs(self, needs: ChargingNeeds) -> Payload:
        """Return ChargingNeedsType, with the parameters of AC or of DC (K15.FR.06); limits are rounded to the safe side."""
        payload: Payload = {"requestedEnergyTransfer": "DC" if needs.mode.startswith("DC") else _AC_MODES[needs.mode]}
        if needs.departure_s is not None:
            payload["departureTime"] = timestamp(self.now() + timedelta(seconds=needs.departure_s))
        if not needs.mode.startswith("DC"):
            payload["acChargingParameters"] = {
                "energyAmount": math.ceil(needs.energy_wh or 0.0),
                "evMinCurrent": math.ceil(needs.min_current_a),
                "evMaxCurrent": int(needs.max_current_a),
                "evMaxVoltage": int(needs.max_voltage_v),
            }
            return payload
        told = {
            "energyAmount": None if needs.energy_wh is None else math.ceil(needs.energy_wh),
            "evMaxPower": None if needs.max_power_w is None else int(needs.max_power_w),
            "stateOfCharge": None if needs.soc is None else int(needs.soc),
            "evEnergyCapacity": None if needs.capacity_wh is None else int(needs.capacity_wh),
            "fullSoC": needs.full_soc,
            "bulkSoC": needs.bulk_soc,
        }
        known = {name: value for name, value in told.items() if value is not None}
        limits = {"evMaxCurrent": int(needs.max_current_a), "evMaxVoltage": int(needs.max_voltage_v)}
        return payload | {"dcChargingParameters": limits | known}

    def tell_choice(self, evse: int, choice: Choice) -> None:
        """Send NotifyEVChargingSchedule: the EV's profile, or else the schedule that it chose (K15.FR.10, FR.19; K16.FR.05)."""
        entries = choice.profile
        if not entries and choice.schedule is not None:
            entries = tuple(ProfileEntry(each.start_s, each.max_power_w) for each in choice.schedule.entries)
        if not entries or not self.smart_charging_enabled:
            return
        schedule: Payload = {
            "id": choice.schedule.id if choice.schedule is not None else 1,
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [
                {"startPeriod": each.start_s, "limit": math.floor(each.max_power_w * 10) / 10} for each in entries
            ],
        }
        last = choice.schedule.entries[-1] if choice.schedule is not None else None
        if last is not None and last.duration_s is not None:
            schedule["duration"] = last.start_s + last.duration_s
        payload: Payload = {"timeBase": timestamp(self.now()), "evseId": evse, "chargingSchedule": schedule}
        self.outbox.send("NotifyEVChargingSchedule", payload)

    def profile_refusal(self, profile: Profile) -> Refusal | None:
        """Return why a profile cannot be taken; one for a vehicle that speaks may have several schedules, and may be early."""
        secc = self.seccs.get(profile.evse)
        session = self.sessions.get(profile.evse)
        transaction = session.transaction if session is not None else None
        if secc is None or transaction is None or profile.purpose is not Purpose.TX or not secc.evse.present_ev:
            return super().profile_refusal(profile)
        if secc.evse.needs_told_in != transaction.id:
            return Refusal("K15.FR.17", "InvalidMessageSeq", "the needs of the vehicle have not been told yet")
        return self.profiles.refusal(profile, self.smart_sessions(), serves_iso15118=True)


_AC_MODES = {"AC_single_phase_core": "AC_single_phase", "AC_three_phase_core": "AC_three_phase"}
