"""Load levelling: what a CSMS makes of an EV's charging needs, and whether an EV's own profile keeps to it (2.0.1 K15 to K17)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from v2x_architecture.ocpp.csms.wire import instant, stamp
from v2x_architecture.ocpp.messages import Payload

_LINE_VOLTAGE: Final = 230.0
"""Of a phase against neutral, where nothing else is known (V)."""
_MARGIN: Final = 1.1
"""By which there is to be more power than the energy and the time ask for: batteries take less towards the end."""
_TOLERANCE: Final = 1e-6


def power_for(needs: Payload, now: datetime) -> float:
    """Return the power that gives an EV what it needs in time, evenly (W); all that it takes where it tells no time or energy.

    Args:
        needs: ChargingNeedsType.
        now: what time it is.
    """
    alternating, direct = needs.get("acChargingParameters"), needs.get("dcChargingParameters", {})
    if alternating is not None:
        phases = 1 if needs["requestedEnergyTransfer"] == "AC_single_phase" else 3
        most = alternating["evMaxCurrent"] * _LINE_VOLTAGE * phases
        least = min(most, alternating["evMinCurrent"] * _LINE_VOLTAGE * phases)
        energy = alternating["energyAmount"]
    else:
        most = min(direct.get("evMaxPower", math.inf), direct.get("evMaxCurrent", 0) * direct.get("evMaxVoltage", 0) or math.inf)
        least, energy = 0.0, direct.get("energyAmount")
    if energy is None or "departureTime" not in needs:
        return float(most)
    seconds = (instant(needs["departureTime"]) - now).total_seconds()
    level = energy * 3600 / seconds * _MARGIN if seconds > 0 else most
    return float(max(least, min(level, most)))


def profile_for(transaction: str, watts: float, now: datetime, *, number: int, stack_level: int = 0) -> Payload:
    """Return a TxProfile of one schedule with one limit (K15.FR.07, FR.18).

    Args:
        transaction: the station's id for it.
        watts: the limit (W).
        now: when it begins.
        number: id of profile and schedule; the schedule's is one that an EV can name (1 to 255).
        stack_level: of the profile.
    """
    limit = math.floor(watts * 10) / 10
    schedule: Payload = {
        "id": (number - 1) % 255 + 1,
        "startSchedule": stamp(now),
        "chargingRateUnit": "W",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    return {
        "id": number,
        "stackLevel": stack_level,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Absolute",
        "transactionId": transaction,
        "chargingSchedule": [schedule],
    }


def keeps_to(told: Payload, time_base: datetime, profile: Payload) -> bool:
    """Whether an EV's schedule stays within the one that it was to choose (K15.FR.11, FR.12).

    Args:
        told: ChargingScheduleType of NotifyEVChargingSchedule.
        time_base: when it begins.
        profile: ChargingProfileType that the station took; the schedule of it that has the same id counts, or else any.
    """
    offered: Sequence[Payload] = profile["chargingSchedule"]
    meant = [each for each in offered if each["id"] == told["id"]] or offered
    return any(_within(told, time_base, each) for each in meant)


def _within(told: Payload, time_base: datetime, offered: Payload) -> bool:
    start = instant(offered["startSchedule"]) if "startSchedule" in offered else time_base
    late = (time_base - start).total_seconds()
    turns = {each["startPeriod"] for each in told["chargingSchedulePeriod"]}
    turns |= {max(0.0, each["startPeriod"] - late) for each in offered["chargingSchedulePeriod"]}
    end = told.get("duration", math.inf)
    for at in turns:
        asked, limit = _watts(told, at), _watts(offered, at + late)
        if at < end and asked is not None and limit is not None and asked > limit * (1 + _TOLERANCE):
            return False
    return True


def _watts(schedule: Payload, at: float) -> float | None:
    """Return the limit at a time since the schedule's start (W); None before, and after its end."""
    if at < 0 or at >= schedule.get("duration", math.inf):
        return None
    begun = [each for each in schedule["chargingSchedulePeriod"] if each["startPeriod"] <= at]
    if not begun:
        return None
    period = max(begun, key=lambda each: each["startPeriod"])
    factor = 1.0 if schedule["chargingRateUnit"] == "W" else _LINE_VOLTAGE * period.get("numberPhases", 3)
    return float(period["limit"] * factor)
