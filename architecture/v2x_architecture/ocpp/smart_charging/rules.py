"""Which charging profiles a charging station may refuse, and must: one function a rule, each naming its clause."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from v2x_architecture.ocpp.smart_charging.profile import STATION, Kind, Purpose
from v2x_architecture.ocpp.smart_charging.rate import RateUnit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from v2x_architecture.ocpp.smart_charging.composite import Session, Site
    from v2x_architecture.ocpp.smart_charging.profile import Profile

LONGEST = 2**31 - 1
"""s; no schedule of this station reaches further (68 years)."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a charging profile is not taken.

    Args:
        clause: the requirement or section.
        reason_code: statusInfo.reasonCode of 2.0.1 (part 2 appendices, 5).
        text: in words.
        call_error: the RPC error code, where the clause asks for a CALLERROR instead of the status Rejected.
    """

    clause: str
    reason_code: str
    text: str
    call_error: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What smart charging of a station can do, as its configuration keys (1.6: 9.4) or SmartChargingCtrlr (2.0.1) tell.

    Args:
        units: ChargingScheduleAllowedChargingRateUnit; RateUnit.
        max_periods: ChargingScheduleMaxPeriods; PeriodsPerSchedule.
        max_stack_level: ChargeProfileMaxStackLevel; ProfileStackLevel.
        max_profiles: MaxChargingProfilesInstalled; Entries(ChargingProfiles).
        switches_phases: ConnectorSwitch3to1PhaseSupported; Phases3to1.
        chooses_phase: ACPhaseSwitchingSupported: a single phase can be chosen (K01.FR.20).
    """

    units: frozenset[RateUnit] = frozenset(RateUnit)
    max_periods: int = 1024
    max_stack_level: int = 99
    max_profiles: int = 100
    switches_phases: bool = True
    chooses_phase: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """What a profile is judged against.

    Args:
        site: the hardware.
        capabilities: of the station.
        installed: the profiles there are.
        sessions: the transaction on each EVSE that has one.
        replaced: ids of installed profiles that the new one takes the place of.
        starting: whether the profile came with a remote start, so that its transaction is still to begin.
        serves_iso15118: whether the session is one of ISO 15118, where several schedules may be offered (K01.FR.34).
    """

    site: Site
    capabilities: Capabilities
    installed: tuple[Profile, ...]
    sessions: Mapping[int, Session]
    replaced: frozenset[int] = frozenset()
    starting: bool = False
    serves_iso15118: bool = False


type Rule = Callable[[Profile, Situation], Refusal | None]


def first_refusal(rules: Iterable[Rule], profile: Profile, situation: Situation) -> Refusal | None:
    """Return the first reason to refuse a profile, None when it can be taken."""
    return next((refusal for rule in rules if (refusal := rule(profile, situation)) is not None), None)


def evse_exists(profile: Profile, situation: Situation) -> Refusal | None:
    """K01.FR.28; 1.6 errata 3.39 asks for a CALLERROR."""
    if profile.evse == STATION or profile.evse in situation.site.evses:
        return None
    return Refusal("K01.FR.28", "UnknownEvse", f"there is no EVSE {profile.evse}")


def connector_exists(profile: Profile, situation: Situation) -> Refusal | None:
    """1.6 errata 3.39."""
    if profile.evse == STATION or profile.evse in situation.site.evses:
        return None
    return Refusal("errata 3.39", "UnknownConnectorId", f"there is no connector {profile.evse}", "PropertyConstraintViolation")


def purpose_is_for_csms(profile: Profile, _: Situation) -> Refusal | None:
    """K01.FR.22: external constraints are not the CSMS's to set."""
    if profile.purpose is Purpose.EXTERNAL:
        return Refusal("K01.FR.22", "InvalidProfile", "the CSMS does not set external constraints")
    return None


def purpose_fits_evse(profile: Profile, _: Situation) -> Refusal | None:
    """K01.FR.16, K04.FR.03; 1.6: 3.13.1."""
    if profile.purpose is Purpose.STATION_MAX and profile.evse != STATION:
        return Refusal("K04.FR.03", "InvalidProfile", "the maximum of the whole station is set for 0")
    if profile.purpose is Purpose.TX and profile.evse == STATION:
        return Refusal("K01.FR.16", "InvalidProfile", "a TxProfile is for one EVSE, not for 0")
    return None


def stack_level_in_range(profile: Profile, situation: Situation) -> Refusal | None:
    """1.6: 9.4.1 ChargeProfileMaxStackLevel; 2.0.1: SmartChargingCtrlr.ProfileStackLevel."""
    if 0 <= profile.stack_level <= situation.capabilities.max_stack_level:
        return None
    return Refusal(
        "ProfileStackLevel", "InvalidStackLevel", f"stack levels go from 0 to {situation.capabilities.max_stack_level}"
    )


def unit_supported(profile: Profile, situation: Situation) -> Refusal | None:
    """K01.FR.26; 1.6: 9.4.2 ChargingScheduleAllowedChargingRateUnit."""
    for schedule in profile.schedules:
        if schedule.unit not in situation.capabilities.units:
            return Refusal("K01.FR.26", "UnsupportedRateUnit", f"limits in {schedule.unit} are not supported")
    return None


def periods_in_order(profile: Profile, _: Situation) -> Refusal | None:
    """K01.FR.31, K01.FR.35; 1.6: 5.16.4."""
    for schedule in profile.schedules:
        if not schedule.periods or schedule.periods[0].start != 0:
            return Refusal("K01.FR.31", "InvalidSchedule", "the first period starts at 0")
        if any(one.start >= after.start for one, after in pairwise(schedule.periods)):
            return Refusal("K01.FR.35", "InvalidSchedule", "each period starts after the one before it")
    return None


def values_mean_something(profile: Profile, _: Situation) -> Refusal | None:
    """No negative limits, no time that runs backwards, one to three phases."""
    if profile.valid_from is not None and profile.valid_to is not None and profile.valid_from >= profile.valid_to:
        return Refusal("K01.FR.37", "InvalidProfile", "it stops to be valid before it starts to be")
    for schedule in profile.schedules:
        if schedule.duration is not None and not 0 < schedule.duration <= LONGEST:
            return Refusal("ChargingSchedule.duration", "InvalidSchedule", f"a schedule lasts from 1 to {LONGEST} s")
        if schedule.minimum is not None and schedule.minimum < 0:
            return Refusal("ChargingSchedule.minChargingRate", "InvalidSchedule", "a minimum rate is not negative")
        for period in schedule.periods:
            if period.limit < 0:
                return Refusal("ChargingSchedulePeriod.limit", "InvalidSchedule", "a limit is not negative")
            if period.start > LONGEST:
                return Refusal("ChargingSchedulePeriod.startPeriod", "InvalidSchedule", f"a period starts within {LONGEST} s")
            if period.phases is not None and not 1 <= period.phases <= 3:
                return Refusal("ChargingSchedulePeriod.numberPhases", "InvalidSchedule", "there are one to three phases")
    return None


def recurrency_named(profile: Profile, _: Situation) -> Refusal | None:
    """A recurring profile says how often, no other does (1.6 errata 3.56)."""
    if (profile.kind is Kind.RECURRING) == (profile.recurrency is not None):
        return None
    return Refusal(
        "ChargingProfile.recurrencyKind", "InvalidProfile", "recurrencyKind goes with the kind Recurring, and only with it"
    )


def start_fits_kind(profile: Profile, _: Situation) -> Refusal | None:
    """K01.FR.40, K01.FR.41."""
    for schedule in profile.schedules:
        if profile.kind is Kind.RELATIVE and schedule.start is not None:
            return Refusal("K01.FR.41", "InvalidSchedule", "a relative profile has no startSchedule")
        if profile.kind is not Kind.RELATIVE and schedule.start is None:
            return Refusal("K01.FR.40", "InvalidSchedule", f"the kind {profile.kind} needs a startSchedule")
    return None


def station_max_not_relative(profile: Profile, _: Situation) -> Refusal | None:
    """K01.FR.38."""
    if profile.purpose is Purpose.STATION_MAX and profile.kind is Kind.RELATIVE:
        return Refusal("K01.FR.38", "InvalidProfile", "the maximum of the whole station is not relative")
    return None


def few_enough(profile: Profile, situation: Situation) -> Refusal | None:
    """1.6: 9.4.3; 2.0.1: SmartChargingCtrlr.PeriodsPerSchedule, and K01.FR.34 for the number of schedules."""
    if not profile.schedules or (
        len(profile.schedules) > 1 and not (profile.purpose is Purpose.TX and situation.serves_iso15118)
    ):
        return Refusal("K01.FR.34", "InvalidProfile", "several schedules are for a TxProfile of an ISO 15118 session")
    if any(len(schedule.periods) > situation.capabilities.max_periods for schedule in profile.schedules):
        return Refusal("PeriodsPerSchedule", "TooManyElements", f"at most {situation.capabilities.max_periods} periods")
    return None


def phases_can_be_kept(profile: Profile, situation: Situation) -> Refusal | None:
    """K01.FR.19, K01.FR.43, K01.FR.45, K01.FR.48; phases of direct current are ignored (K01.FR.44)."""
    supply = situation.site.supply(profile.evse)
    if supply.direct:
        return None
    for period in (period for schedule in profile.schedules for period in schedule.periods):
        if period.phase_to_use is not None and period.phases != 1:
            return Refusal("K01.FR.19", "InvalidSchedule", "phaseToUse goes with numberPhases 1")
        if period.phase_to_use is not None and not situation.capabilities.chooses_phase:
            return Refusal("K01.FR.48", "InvalidSchedule", "the EVSE cannot choose the phase")
        if period.phases is not None and period.phases < supply.phases and not situation.capabilities.switches_phases:
            return Refusal("K01.FR.43", "InvalidSchedule", f"no fewer than {supply.phases} phases can be ensured")
    return None


def transaction_known(profile: Profile, situation: Situation) -> Refusal | None:
    """K01.FR.03, K01.FR.09, K01.FR.33."""
    if profile.purpose is not Purpose.TX or situation.starting:
        return None
    session = situation.sessions.get(profile.evse)
    if session is None:
        return Refusal("K01.FR.09", "TxNotFound", f"no transaction is active on EVSE {profile.evse}")
    if profile.transaction_id is None:
        return Refusal("K01.FR.03", "MissingParam", "a TxProfile names its transaction")
    if profile.transaction_id != session.transaction_id:
        return Refusal("K01.FR.33", "TxNotFound", f"the transaction on EVSE {profile.evse} is another")
    return None


def transaction_fits(profile: Profile, situation: Situation) -> Refusal | None:
    """1.6: 3.13.1, and 7.8, by which the transaction id may be left out."""
    if profile.purpose is not Purpose.TX or situation.starting:
        return None
    session = situation.sessions.get(profile.evse)
    if session is None:
        return Refusal("3.13.1", "TxNotFound", f"no transaction is active on connector {profile.evse}")
    if profile.transaction_id is not None and profile.transaction_id != session.transaction_id:
        return Refusal("7.8", "TxNotFound", f"the transaction on connector {profile.evse} is another")
    return None


def transaction_id_only_in_tx_profile(profile: Profile, situation: Situation) -> Refusal | None:
    """Only a TxProfile names a transaction, and not before it exists (1.6: 5.16.2, 7.8; 2.0.1: K05 remark)."""
    if profile.transaction_id is not None and (profile.purpose is not Purpose.TX or situation.starting):
        return Refusal(
            "ChargingProfile.transactionId", "InvalidProfile", "a transaction is named in a TxProfile for a running one only"
        )
    return None


def start_needs_tx_profile(profile: Profile, situation: Situation) -> Refusal | None:
    """K05.FR.02; 1.6: 5.16.2."""
    if situation.starting and profile.purpose is not Purpose.TX:
        return Refusal("K05.FR.02", "InvalidProfile", "a remote start brings a TxProfile")
    return None


def external_not_replaced(profile: Profile, situation: Situation) -> Refusal | None:
    """K01.FR.05: the CSMS cannot replace external constraints, not even by their id."""
    for one in situation.installed:
        if one.id == profile.id and one.purpose is Purpose.EXTERNAL:
            return Refusal("K01.FR.05", "InvalidProfile", f"profile {profile.id} is an external constraint")
    return None


def no_duplicate(profile: Profile, situation: Situation) -> Refusal | None:
    """K01.FR.06, K01.FR.39, K01.FR.52, K01.FR.53: one profile a stack level, purpose and EVSE (or transaction) at a time."""
    for one in situation.installed:
        if one.id == profile.id or one.purpose is not profile.purpose or one.stack_level != profile.stack_level:
            continue
        if profile.purpose is Purpose.TX:
            clash, clause = one.evse == profile.evse and one.transaction_id == profile.transaction_id, "K01.FR.39"
        elif one.evse == profile.evse:
            clash, clause = one.overlaps(profile), "K01.FR.06"
        else:
            clash = STATION in {one.evse, profile.evse}
            clause = "K01.FR.52" if profile.evse == STATION else "K01.FR.53"
        if clash:
            return Refusal(clause, "DuplicateProfile", f"profile {one.id} has this stack level and purpose")
    return None


def room_left(_: Profile, situation: Situation) -> Refusal | None:
    """1.6: 9.4.5 MaxChargingProfilesInstalled; 2.0.1: SmartChargingCtrlr.Entries."""
    others = sum(1 for one in situation.installed if one.id not in situation.replaced)
    if others < situation.capabilities.max_profiles:
        return None
    return Refusal("MaxChargingProfilesInstalled", "OutOfStorage", f"{others} profiles are installed")


RULES_16: tuple[Rule, ...] = (
    connector_exists,
    start_needs_tx_profile,
    purpose_fits_evse,
    transaction_id_only_in_tx_profile,
    transaction_fits,
    stack_level_in_range,
    unit_supported,
    recurrency_named,
    periods_in_order,
    values_mean_something,
    few_enough,
    room_left,
)
"""What a charge point of 1.6 checks, in order."""

RULES_201: tuple[Rule, ...] = (
    evse_exists,
    purpose_is_for_csms,
    start_needs_tx_profile,
    purpose_fits_evse,
    transaction_id_only_in_tx_profile,
    transaction_known,
    external_not_replaced,
    stack_level_in_range,
    unit_supported,
    station_max_not_relative,
    recurrency_named,
    start_fits_kind,
    periods_in_order,
    values_mean_something,
    phases_can_be_kept,
    few_enough,
    no_duplicate,
    room_left,
)
"""What a charging station of 2.0.1 checks, in order."""
