"""Smart charging, the same for every OCPP version: charging profiles, their rules, and what they allow when.

Pure: no I/O, no clock; instants are aware datetimes, limits are fractions.
"""

from v2x_architecture.ocpp.smart_charging.composite import (
    LONGEST_S,
    ChargingLimits,
    CompositePeriod,
    CompositeSchedule,
    Limit,
    Session,
    Site,
)
from v2x_architecture.ocpp.smart_charging.profile import (
    STATION,
    InvalidProfile,
    Kind,
    Period,
    Profile,
    Purpose,
    Recurrency,
    Schedule,
    instant,
    profile_16,
    profile_201,
)
from v2x_architecture.ocpp.smart_charging.rate import Rate, RateUnit, Supply, exact, to_wire
from v2x_architecture.ocpp.smart_charging.rules import Capabilities, Refusal
from v2x_architecture.ocpp.smart_charging.sharing import Demand, share
from v2x_architecture.ocpp.smart_charging.store import ProfileStore, ProfileStore16, ProfileStore201

__all__ = [
    "LONGEST_S",
    "STATION",
    "Capabilities",
    "ChargingLimits",
    "CompositePeriod",
    "CompositeSchedule",
    "Demand",
    "InvalidProfile",
    "Kind",
    "Limit",
    "Period",
    "Profile",
    "ProfileStore",
    "ProfileStore16",
    "ProfileStore201",
    "Purpose",
    "Rate",
    "RateUnit",
    "Recurrency",
    "Refusal",
    "Schedule",
    "Session",
    "Site",
    "Supply",
    "exact",
    "instant",
    "profile_16",
    "profile_201",
    "share",
    "to_wire",
]
