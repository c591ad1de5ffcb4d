"""What both sides tell each other about charging, as plain values: the same for every edition."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Final, Literal

import msgspec

_TOLERANCE: Final = 1e-6

type EnergyTransferMode = Literal[
    "AC_single_phase_core", "AC_three_phase_core", "DC_core", "DC_extended", "DC_combo_core", "DC_unique"
]
"""What an EV may ask for (15118-2: table 63; DIN SPEC 70121: table 57)."""

type DcStatus = Literal[
    "EVSE_NotReady",
    "EVSE_Ready",
    "EVSE_Shutdown",
    "EVSE_UtilityInterruptEvent",
    "EVSE_IsolationMonitoringActive",
    "EVSE_EmergencyShutdown",
    "EVSE_Malfunction",
]
"""DC_EVSEStatusCode, as far as the editions have given it a meaning."""


type OlderNotification = Literal["None", "StopCharging", "ReNegotiation"]
"""EVSENotification of DIN SPEC 70121 and 15118-2."""
type NotificationKind = OlderNotification | Literal["Pause", "ExitStandby", "ServiceRenegotiation", "MeteringConfirmation"]
"""What an EVSE may want; the rest is of 15118-20 only, which calls the older ones Terminate and ScheduleRenegotiation."""

_OLDER: Final[dict[NotificationKind, OlderNotification]] = {"StopCharging": "StopCharging", "ReNegotiation": "ReNegotiation"}


class Notification(msgspec.Struct, frozen=True):
    """What the EVSE wants of the EV.

    Attributes:
        kind: EVSENotification.
        max_delay_s: until when it is to happen (s).
    """

    kind: NotificationKind = "None"
    max_delay_s: int = 0

    @property
    def older(self) -> OlderNotification:
        """EVSENotification of 15118-2: ``None`` for what only 15118-20 has."""
        return _OLDER.get(self.kind, "None")


class AcLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What an EVSE offers in AC.

    Attributes:
        nominal_voltage_v: of a phase against neutral (V).
        max_current_a: of a phase (A).
        phases: that there are.
        max_discharge_a: that it takes back, of a phase (A).
        frequency_hz: of the grid (Hz).
    """

    nominal_voltage_v: float
    max_current_a: float
    phases: int
    max_discharge_a: float = 0.0
    frequency_hz: float = 50.0

    @property
    def max_power_w(self) -> float:
        """On all phases (W)."""
        return self.nominal_voltage_v * self.max_current_a * self.phases

    @property
    def max_discharge_w(self) -> float:
        """That it takes back on all phases (W)."""
        return self.nominal_voltage_v * self.max_discharge_a * self.phases


class DcLimits(msgspec.Struct, frozen=True, kw_only=True):
    """What an EVSE offers in DC.

    Attributes:
        min_voltage_v, max_voltage_v: (V).
        min_current_a, max_current_a: (A).
        max_power_w: (W).
        ripple_a: peak to peak (A).
        max_discharge_a, max_discharge_w: that it takes back (A, W).
    """

    min_voltage_v: float
    max_voltage_v: float
    min_current_a: float
    max_current_a: float
    max_power_w: float
    ripple_a: float
    max_discharge_a: float = 0.0
    max_discharge_w: float = 0.0


class ChargingNeeds(msgspec.Struct, frozen=True, kw_only=True):
    """What an EV has told of itself when parameters were discovered.

    Attributes:
        mode: that it asked for.
        max_voltage_v, max_current_a: that it takes at most (V, A).
        min_current_a: of AC that it takes at least (A).
        max_power_w: that it takes at most (W), where it says.
        energy_wh: that it wants (Wh), where it says.
        capacity_wh: of its battery (Wh), where it says.
        departure_s: in so many seconds; None where it says nothing.
        soc: state of charge (percent), where it says.
        max_discharge_a, max_discharge_w: that it gives at most (A, W).
        min_voltage_v: of DC that it goes down to (V).
        full_soc, bulk_soc: state of charge that it calls full, and at which fast charging ends (percent), where it says.
        max_entries: that a schedule may have, where it says.
    """

    mode: EnergyTransferMode
    max_voltage_v: float
    max_current_a: float
    min_current_a: float = 0.0
    max_power_w: float | None = None
    energy_wh: float | None = None
    capacity_wh: float | None = None
    departure_s: int | None = None
    soc: float | None = None
    max_discharge_a: float = 0.0
    max_discharge_w: float = 0.0
    min_voltage_v: float = 0.0
    full_soc: int | None = None
    bulk_soc: int | None = None
    max_entries: int | None = None


class ScheduleEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a schedule.

    Attributes:
        start_s: from now (s).
        max_power_w: until the next entry (W).
        duration_s: of the last entry (s); None for no end.
    """

    start_s: int
    max_power_w: float
    duration_s: int | None = None


class Schedule(msgspec.Struct, frozen=True, kw_only=True):
    """A schedule that an EV may choose.

    Attributes:
        id: SAScheduleTupleID, 1 to 255.
        entries: in order, the first at 0.
    """

    id: int
    entries: tuple[ScheduleEntry, ...]

    def after(self, seconds: float) -> Schedule | None:
        """Return what is left of it after a time (s); None when it is over."""
        left = []
        for entry, following in itertools.zip_longest(self.entries, self.entries[1:]):
            end = following.start_s if following is not None else None
            if end is None and entry.duration_s is not None:
                end = entry.start_s + entry.duration_s
            if end is not None and end <= seconds:
                continue
            start = max(0, int(entry.start_s - seconds))
            # Only the last one has a duration; the others last until the next begins.
            duration = int(end - seconds) - start if end is not None and entry.duration_s is not None else entry.duration_s
            left.append(ScheduleEntry(start_s=start, max_power_w=entry.max_power_w, duration_s=duration))
        return Schedule(id=self.id, entries=tuple(left)) if left else None

    def within(self, most: int) -> Schedule:
        """Return it with so many entries at most: the last ones become one, with the least of their power.

        Args:
            most: entries that the EV can keep, at least 1.
        """
        if len(self.entries) <= most:
            return self
        kept, rest = self.entries[: most - 1], self.entries[most - 1 :]
        end = rest[-1].start_s + rest[-1].duration_s if rest[-1].duration_s is not None else None
        merged = ScheduleEntry(
            start_s=rest[0].start_s,
            max_power_w=min(entry.max_power_w for entry in rest),
            duration_s=end - rest[0].start_s if end is not None else None,
        )
        return Schedule(id=self.id, entries=(*kept, merged))

    def lasting(self, seconds: int) -> Schedule:
        """Return it as it is when it lasts for so long (s), with its last limit to the end."""
        kept = [entry for entry in self.entries if entry.start_s < seconds]
        last = msgspec.structs.replace(kept[-1], duration_s=seconds - kept[-1].start_s)
        return Schedule(id=self.id, entries=(*kept[:-1], last))

    def max_power(self, at: float) -> float:
        """Return the limit at a time (s from its beginning), in W; nothing after its end."""
        limit, until = 0.0, float("inf")
        for entry in self.entries:
            if entry.start_s <= at:
                limit = entry.max_power_w
                until = entry.start_s + entry.duration_s if entry.duration_s is not None else float("inf")
        return limit if at < until else 0.0


class ProfileEntry(msgspec.Struct, frozen=True):
    """A part of a charging profile.

    Attributes:
        start_s: from its beginning (s).
        max_power_w: until the next entry (W).
    """

    start_s: int
    max_power_w: float


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """What an EV has chosen when it lets energy flow.

    Attributes:
        schedule: of those that were offered; None where the SECC decides on the power.
        profile: what it plans, the first entry at 0; empty where it tells no plan.
    """

    schedule: Schedule | None = None
    profile: tuple[ProfileEntry, ...] = ()


def keeps_to(profile: Sequence[ProfileEntry], schedule: Schedule) -> bool:
    """Tell whether a charging profile nowhere asks for more than the schedule has ([V2G2-225]).

    Args:
        profile: entries in the order of their starts; the first begins at 0.
        schedule: that the EV chose.
    """
    if not profile or profile[0].start_s != 0 or any(a.start_s >= b.start_s for a, b in itertools.pairwise(profile)):
        return False
    turns = {entry.start_s for entry in profile} | {entry.start_s for entry in schedule.entries}
    return all(power_of(profile, at) <= schedule.max_power(at) + _TOLERANCE for at in turns)


def clipped(profile: Sequence[ProfileEntry], schedule: Schedule) -> tuple[ProfileEntry, ...]:
    """Return what is left of a charging profile within a schedule.

    Args:
        profile: entries in the order of their starts; the first begins at 0.
        schedule: that says what there is at most.
    """
    turns = sorted({entry.start_s for entry in profile} | {entry.start_s for entry in schedule.entries})
    left: list[ProfileEntry] = []
    for at in turns:
        watts = min(power_of(profile, at), schedule.max_power(at))
        if not left or left[-1].max_power_w != watts:
            left.append(ProfileEntry(at, watts))
    return tuple(left)


def power_of(profile: Sequence[ProfileEntry], at: float) -> float:
    """Return what a charging profile asks for at a time (s from its beginning), in W."""
    return [entry.max_power_w for entry in profile if entry.start_s <= at][-1]
