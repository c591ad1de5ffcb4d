"""Meter values: what is sampled, when, and in what context; sent as each version does."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from v2x_architecture.ocpp.station.authorizing import Authorizing
from v2x_architecture.ocpp.station.availability import Evse
from v2x_architecture.ocpp.station.config import EvseConfig
from v2x_architecture.ocpp.station.settings import Settings
from v2x_architecture.site import Reading
from v2x_architecture.site.signing import Occasion

_DAY: Final = 86400.0

REGISTER: Final = "Energy.Active.Import.Register"

MEASURANDS: Final = (
    REGISTER,
    "Energy.Active.Import.Interval",
    "Power.Active.Import",
    "Power.Offered",
    "Current.Import",
    "Current.Offered",
    "Voltage",
    "Frequency",
    "SoC",
)
"""Measurands that the stations have."""

EXPORT_MEASURANDS: Final = ("Energy.Active.Export.Register", "Power.Active.Export", "Current.Export")
"""Further measurands of stations with an EVSE that takes energy back."""


class Context(StrEnum):
    """Why a value was taken (ReadingContextEnumType)."""

    INTERRUPTION_BEGIN = "Interruption.Begin"
    INTERRUPTION_END = "Interruption.End"
    SAMPLE_CLOCK = "Sample.Clock"
    SAMPLE_PERIODIC = "Sample.Periodic"
    TRANSACTION_BEGIN = "Transaction.Begin"
    TRANSACTION_END = "Transaction.End"
    TRIGGER = "Trigger"
    OTHER = "Other"


@dataclass(frozen=True, slots=True)
class Sample:
    """One sampled value.

    Attributes:
        measurand, context: what and why.
        value: in ``unit``.
        unit: ``Wh``, ``W``, ``A``, ``V``, ``Hz``, ``Percent``.
        phase: ``L1``, ``L1-N``…; empty where it applies to none or to all.
        location: ``Outlet``, ``EV``.
        signed: the meter's signed data set; empty where it does not sign.
    """

    measurand: str
    context: Context
    value: float
    unit: str
    phase: str = ""
    location: str = "Outlet"
    signed: str = ""


@dataclass(frozen=True, slots=True)
class MeterValue:
    """Samples of one moment."""

    at: datetime
    samples: tuple[Sample, ...]


class Metering(Authorizing):
    """Adds samples of the meters and the clock-aligned schedule (J01, J02; 1.6: 3.16, 4.7)."""

    # -- what a version says -------------------------------------------------------------------------------------------------

    @abstractmethod
    def send_meter_values(self, evse: Evse, values: list[MeterValue], *, triggered: bool = False) -> None:
        """Send a MeterValues message that belongs to no transaction."""

    @abstractmethod
    def aligned_during_transaction(self, evse: Evse, value: MeterValue) -> None:
        """Report a clock-aligned value of an EVSE on which a transaction runs."""

    # -- samples -------------------------------------------------------------------------------------------------------------

    def sample(
        self, evse: Evse, measurands: Iterable[str], context: Context, *, since_wh: float | None = None
    ) -> MeterValue | None:
        """Sample an EVSE.

        Args:
            evse: which one.
            measurands: what to sample; those it does not have are left out.
            context: why.
            since_wh: register at the beginning of the interval, for interval measurands.

        Returns:
            The samples, None when there is none.
        """
        reading = evse.hardware.read(self.now())
        samples = [each for measurand in measurands for each in samples_of(reading, measurand, context, since_wh)]
        aligned = context is Context.SAMPLE_CLOCK
        if self.settings.sign_aligned if aligned else self.settings.sign_readings:
            samples = [self.signed(evse, reading, each) for each in samples]
        return MeterValue(reading.at, tuple(samples)) if samples else None

    def signed(self, evse: Evse, reading: Reading, sample: Sample) -> Sample:
        """Have the meter sign a register value; other values cannot be signed (E02.FR.14, J01.FR.21)."""
        if sample.measurand != REGISTER:
            return sample
        occasion: Occasion = "C"
        if sample.context in (Context.TRANSACTION_BEGIN, Context.TRANSACTION_END):
            occasion = "B" if sample.context is Context.TRANSACTION_BEGIN else "E"
        return replace(sample, signed=evse.hardware.signer.sign(reading, occasion))

    # -- clock -aligned ------------------------------------------------------------------------------------------------------

    def accepted(self) -> None:
        """Begin the clock-aligned schedule."""
        super().accepted()
        self.schedule_aligned()

    def settings_changed(self) -> None:
        """Follow a change of the clock-aligned interval."""
        before = self.settings
        super().settings_changed()
        if before.aligned_interval_s != self.settings.aligned_interval_s:
            self.schedule_aligned()

    def schedule_aligned(self) -> None:
        """Wait for the next clock-aligned moment."""
        interval = self.settings.aligned_interval_s
        if interval > 0:
            self.timers.start("aligned", self.seconds_to_aligned(interval), self._aligned_due)
        else:
            self.timers.stop("aligned")

    def seconds_to_aligned(self, interval_s: float) -> float:
        """Return the time to the next multiple of an interval since midnight UTC (s)."""
        now = self.now()
        since = (now - now.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        return min((since // interval_s + 1) * interval_s, _DAY) - since

    def aligned_values(self, evse: Evse, settings: Settings) -> None:
        """Take and report the clock-aligned values of an EVSE (J01.FR.14, FR.19, FR.22)."""
        value = self.sample(evse, settings.aligned_measurands, Context.SAMPLE_CLOCK)
        if value is None:
            return
        if not self.busy(evse):
            self.send_meter_values(evse, [value])
        elif not settings.aligned_when_idle_only:
            self.aligned_during_transaction(evse, value)

    def _aligned_due(self) -> None:
        for evse in self.evses.values():
            self.aligned_values(evse, self.settings)
        self.schedule_aligned()


def measurands_of(evses: Iterable[EvseConfig]) -> tuple[str, ...]:
    """Return the measurands that a station with such EVSEs has."""
    return (*MEASURANDS, *(EXPORT_MEASURANDS if any(each.bidirectional for each in evses) else ()))


def samples_of(reading: Reading, measurand: str, context: Context, since_wh: float | None) -> list[Sample]:
    """Return the samples of one measurand, one for each phase that has its own; none when the meter does not measure it."""
    match measurand:
        case "Energy.Active.Import.Register":
            return [Sample(measurand, context, reading.energy_wh, "Wh")]
        case "Energy.Active.Import.Interval" if since_wh is not None:
            return [Sample(measurand, context, reading.energy_wh - since_wh, "Wh")]
        case "Power.Active.Import":
            return [Sample(measurand, context, max(0.0, reading.power_w), "W")]
        case "Energy.Active.Export.Register" if reading.exported_wh is not None:
            return [Sample(measurand, context, reading.exported_wh, "Wh")]
        case "Power.Active.Export" if reading.exported_wh is not None:
            return [Sample(measurand, context, max(0.0, -reading.power_w), "W")]
        case "Power.Offered":
            return [Sample(measurand, context, reading.offered_w, "W")]
        case "Current.Offered":
            return [Sample(measurand, context, reading.offered_a, "A")]
        case "Current.Import":
            imported = tuple(max(0.0, current) for current in reading.currents_a)
            return _by_phase(reading, measurand, context, imported, "A", "")
        case "Current.Export" if reading.exported_wh is not None:
            exported = tuple(max(0.0, -current) for current in reading.currents_a)
            return _by_phase(reading, measurand, context, exported, "A", "")
        case "Voltage":
            return _by_phase(reading, measurand, context, reading.voltages_v, "V", "-N")
        case "Frequency" if reading.frequency_hz is not None:
            return [Sample(measurand, context, reading.frequency_hz, "Hz")]
        case "SoC" if reading.soc is not None:
            return [Sample(measurand, context, reading.soc, "Percent", location="EV")]
        case _:
            return []


def _by_phase(
    reading: Reading, measurand: str, context: Context, values: tuple[float, ...], unit: str, against: str
) -> list[Sample]:
    if reading.frequency_hz is None:
        return [Sample(measurand, context, value, unit) for value in values]
    return [Sample(measurand, context, value, unit, f"L{number}{against}") for number, value in enumerate(values, start=1)]
