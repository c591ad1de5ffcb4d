"""Metering: units, registers and whether energy and power fit together (1.6: 4.7, 7.31, 7.43; 2.0.1: J01, J02).

Every sample of every message passes here, so one look serves all rules, and it is kept lean.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from v2x_harness.finding import Axis, Layer

from v2x_suites.ocpp.rules.known.moments import instant, later
from v2x_suites.ocpp.rules.known.registers import NOISE, REGISTERS_KEPT, Layout, Main, Registers
from v2x_suites.ocpp.rules.problem import FINE, Problem, info
from v2x_suites.ocpp.rules.rule import rule, rules

if TYPE_CHECKING:
    from v2x_suites.ocpp.rules.knowledge import Station
    from v2x_suites.ocpp.rules.stream import OcppMessage
    from v2x_suites.ocpp.rules.table import Lesson

UNIT = info(
    "semantics.unit",
    Layer.SEMANTICS,
    "The unit of a sample is one of its measurand.",
    v16="OCPP-1.6#7.31 OCPP-1.6#7.45",
    v201="OCPP-2.0.1#UnitOfMeasureType",
    parties=("station",),
)
UNIT_MISSING = info(
    "semantics.unit-missing",
    Layer.SEMANTICS,
    "A sample that is not energy names its unit, since the default is Wh.",
    v16="OCPP-1.6#7.45",
    v201="OCPP-2.0.1#UnitOfMeasureType",
    parties=("station",),
    axis=Axis.COMPATIBILITY,
)
CELSIUS = info(
    "semantics.celsius",
    Layer.SEMANTICS,
    "Temperatures are in Celcius, as the first schemas of 1.6 misspell it and the errata advise to go on writing.",
    v16="OCPP-J-1.6-errata#2.1",
    parties=("station",),
    axis=Axis.COMPATIBILITY,
)
REGISTER = info(
    "semantics.register-decreases",
    Layer.SEMANTICS,
    "A meter register never decreases.",
    v16="OCPP-1.6#7.31",
    v201="J02.FR.16",
    parties=("station",),
)
ENERGY = info(
    "semantics.energy-without-power",
    Layer.SEMANTICS,
    "The energy register advances as the reported power says it should.",
    v16="OCPP-1.6#7.31",
    v201="OCPP-2.0.1#SampledValueType",
    parties=("station",),
)
RANGE = info(
    "semantics.sample-range",
    Layer.SEMANTICS,
    "A sample is within what its measurand can be: a percentage from 0 to 100, a power factor from -1 to 1.",
    v16="OCPP-1.6#7.31",
    v201="OCPP-2.0.1#MeasurandEnumType",
    parties=("station",),
)
_ALL = (UNIT, UNIT_MISSING, CELSIUS, REGISTER, ENERGY, RANGE)

_DEFAULT = "Energy.Active.Import.Register"
_UNITS: dict[str, tuple[str, ...]] = {
    "Energy.Active.": ("Wh", "kWh"),
    "Energy.Reactive.": ("varh", "kvarh"),
    "Energy.Apparent.": ("VAh", "kVAh"),
    "Power.Active.": ("W", "kW"),
    "Power.Reactive.": ("var", "kvar"),
    "Power.Offered": ("W", "kW", "VA", "kVA"),
    "Current.": ("A",),
    "Voltage": ("V",),
    "SoC": ("Percent",),
    "Temperature": ("Celsius", "Celcius", "Fahrenheit", "K"),
}
_MEASURANDS = """
    Current.Export Current.Import Current.Offered Voltage SoC Temperature
    Energy.Active.Export.Register Energy.Active.Import.Register Energy.Reactive.Export.Register Energy.Reactive.Import.Register
    Energy.Active.Export.Interval Energy.Active.Import.Interval Energy.Reactive.Export.Interval Energy.Reactive.Import.Interval
    Energy.Active.Net Energy.Reactive.Net Energy.Apparent.Net Energy.Apparent.Import Energy.Apparent.Export
    Power.Active.Export Power.Active.Import Power.Offered Power.Reactive.Export Power.Reactive.Import
"""
_SCALE = {"Wh": 1.0, "kWh": 1000.0, "W": 1.0, "kW": 1000.0, None: 1.0}

# What to do with a sample, by measurand and unit; what is not in the table has a unit that is missing or wrong.
_NOTHING, _MAIN, _REGISTER, _POWER, _PERCENT, _FACTOR, _OLD_SPELLING, _WRONG = range(8)


type _Table = dict[tuple[str | None, str | None], int]

# Frequency and RPM had no unit in 1.6 at first; a power factor never has one.
_WITHOUT_UNIT: tuple[tuple[str, str | None, int], ...] = (
    ("Frequency", "Hertz", _NOTHING),
    ("Frequency", "Hz", _NOTHING),
    ("Frequency", None, _NOTHING),
    ("RPM", "RPM", _NOTHING),
    ("RPM", None, _NOTHING),
    ("Power.Factor", "Percent", _NOTHING),
    ("Power.Factor", None, _FACTOR),
)


def _table(version: str) -> _Table:
    table: _Table = {(measurand, unit): what for measurand, unit, what in _WITHOUT_UNIT}
    for measurand in _MEASURANDS.split():
        what = {"SoC": _PERCENT, "Power.Active.Import": _POWER}.get(measurand, _NOTHING)
        what = _REGISTER if measurand.endswith(".Register") else what
        for unit in next(units for prefix, units in _UNITS.items() if measurand.startswith(prefix)):
            table[measurand, unit] = what
        if measurand.startswith("Energy.Active."):
            table[measurand, None] = table[measurand, "Wh"]
    table |= {(measurand, unit): _MAIN for measurand in (None, _DEFAULT) for unit in ("Wh", "kWh", None)}
    if version == "1.6":
        table["Temperature", "Celsius"] = _OLD_SPELLING
    return table


_TABLE_V16, _TABLE_V201 = _table("1.6"), _table("2.0.1")

# Energy and power are compared when power says that this much (Wh) flowed, over at most so long (s), and complained of when they
# differ by this factor twice running: a kilo too many or too few, no question of accuracy.
_ENOUGH = 20.0
_LONGEST = 900.0
_APART = 20.0
# What a reading in kWh with two decimals may be above one in Wh.
_ROUNDED = 10.0
_LAYOUTS_KEPT = 64


class Spot(NamedTuple):
    """Where a sample stands; the pointer is made only when it is asked for."""

    values: list[Any]
    taken: dict[str, Any]
    sample: dict[str, Any] | None
    at: str

    @property
    def pointer(self) -> str:
        """JSON pointer of the sample, or of the meter value when there is none."""
        index = next(i for i, each in enumerate(self.values) if each is self.taken)
        if self.sample is None:
            return f"{self.at}/{index}"
        number = next(i for i, each in enumerate(self.taken["sampledValue"]) if each is self.sample)
        return f"{self.at}/{index}/sampledValue/{number}"


@rules(*_ALL, on="CALL MeterValues, CALL StopTransaction, CALL TransactionEvent")
def samples(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Look at every sample, and at what the last ones were."""
    payload = message.payload
    match message.action:
        case "TransactionEvent":
            values, at = payload.get("meterValue"), "/3/meterValue"
            if not values:
                return None
            place = payload["transactionInfo"]["transactionId"]
        case "MeterValues":
            values, at = payload["meterValue"], "/3/meterValue"
            # Without a transaction, or with 1.6's -1 for one whose id was never learnt, it is the place that counts.
            transaction = payload.get("transactionId")
            place = ("place", payload.get("connectorId", payload.get("evseId"))) if transaction in (None, -1) else transaction
        case _:
            values, at, place = payload.get("transactionData"), "/3/transactionData", payload["transactionId"]
            if not values:
                return None
    problems: list[Problem] = []
    old = message.session.table.ids == "1.6"
    registers = station.registers
    for taken in values:
        sampled = taken["sampledValue"]
        try:
            measurands, units = list(map(_measurand, sampled)), list(map(_unit_v16 if old else _unit_v201, sampled))
        except KeyError:
            special = _special(sampled, old=old)
        else:
            layout = registers.layouts.get(len(measurands))
            if layout is None or layout.measurands != measurands or layout.units != units:
                layout = Layout(measurands, units, _special(sampled, old=old))
                if len(registers.layouts) < _LAYOUTS_KEPT or len(measurands) in registers.layouts:
                    registers.layouts[len(measurands)] = layout
            special = layout.special
        energy = power = None
        main_scale, main = 1.0, {}
        for index, what, scale in special:
            sample = sampled[index]
            if what == _POWER and "phase" in sample:
                continue
            try:
                value = float(sample["value"]) * scale
            except ValueError:
                # Signed data.
                continue
            if what == _MAIN and "phase" not in sample and sample.get("location", "Outlet") == "Outlet":
                main, main_scale, energy = sample, scale, value
            elif what == _POWER:
                power = value
            elif what != _PERCENT or not 0 <= value <= 100:
                problems += _of_other(what, value, place, registers, Spot(values, taken, sample, at), old=old)
        if energy is not None:
            time = taken["timestamp"]
            last = registers.main.get(place)
            if last is None:
                if len(registers.main) >= REGISTERS_KEPT:
                    del registers.main[next(iter(registers.main))]
                registers.main[place] = Main(time, energy, main_scale, power)
            elif (len(time) == last.width and time > last.time and time[-1] == "Z") or later(time, last.time):
                flowed = energy - last.energy
                if flowed < -NOISE and (main_scale == last.scale or flowed < -_ROUNDED):
                    spot = Spot(values, taken, main, at)
                    problems.append(_went_back(_DEFAULT, last.energy, energy, "Wh", spot))
                elif (
                    power is not None
                    # As when it was looked at closely, more or less: then all is still in order.
                    and not (last.least_power <= power <= last.most_power and last.least_hours < flowed / power < last.most_hours)
                    and (problem := _of_flow(last, flowed, power, Spot(values, taken, None, at)))
                ):
                    problems.append(problem)
                last.take(time, energy, main_scale, power)
    return problems


_measurand, _unit_v16, _unit_v201 = itemgetter("measurand"), itemgetter("unit"), itemgetter("unitOfMeasure")


def _special(sampled: list[dict[str, Any]], *, old: bool) -> tuple[tuple[int, int, float], ...]:
    """Find those samples that must be looked at each time, with what to do and what to multiply with."""
    found = []
    for index, sample in enumerate(sampled):
        of_measure = sample.get("unit" if old else "unitOfMeasure")
        unit = of_measure if old else (of_measure or {}).get("unit")
        what = (_TABLE_V16 if old else _TABLE_V201).get((sample.get("measurand"), unit), _WRONG)
        multiplier = 0 if old else (of_measure or {}).get("multiplier", 0)
        scale = _SCALE[unit] if what in (_MAIN, _POWER) else 1.0
        if what != _NOTHING:
            found.append((index, what, scale * 10.0 ** max(-30, min(30, multiplier))))
    return tuple(found)


def _unit_of(sample: dict[str, Any]) -> str | None:
    """Return the unit of a sample of 2.0.1."""
    of_measure = sample.get("unitOfMeasure")
    return of_measure.get("unit") if of_measure else None


def _of_other(what: int, value: float, place: object, registers: Registers, spot: Spot, *, old: bool) -> list[Problem]:
    """Look at a sample that is not met in every message."""
    sample = spot.sample or {}
    measurand = sample.get("measurand", _DEFAULT)
    unit = sample.get("unit") if old else _unit_of(sample)
    if what == _WRONG:
        problem = _of_unit(measurand, unit, spot, old=old)
        return [problem] if problem else []
    if what == _OLD_SPELLING:
        words = "Celsius is in the newer schemas of 1.6 only; a CSMS with the older ones refuses the message"
        return [Problem(f"{spot.pointer}/unit", words, "Celcius", "Celsius", CELSIUS)]
    if what in (_PERCENT, _FACTOR):
        low, high = (0, 100) if what == _PERCENT else (-1, 1)
        if low <= value <= high:
            return []
        return [Problem(f"{spot.pointer}/value", f"{measurand} is {value:g}", f"{low} to {high}", f"{value:g}", RANGE)]
    key = (place, measurand, sample.get("phase"), sample.get("location"))
    before = registers.advance(key, spot.taken["timestamp"], value, unit)
    return [] if before is None else [_went_back(measurand, before, value, unit, spot)]


def _went_back(measurand: str, before: float, value: float, unit: str | None, spot: Spot) -> Problem:
    words = f"{measurand} goes back from {before:g} to {value:g} {unit or 'Wh'}"
    return Problem(f"{spot.pointer}/value", words, f"{before:g} or more", f"{value:g}", REGISTER)


def _of_unit(name: str, unit: str | None, spot: Spot, *, old: bool) -> Problem | None:
    units = next((units for prefix, units in _UNITS.items() if name.startswith(prefix)), None)
    if units is None or unit in units:
        return None
    at = f"{spot.pointer}/unit" if old else f"{spot.pointer}/unitOfMeasure/unit"
    expected = " or ".join(units)
    if unit is None:
        return Problem(at, f"{name} has no unit, and the default is Wh", expected, "none", UNIT_MISSING)
    return Problem(at, f"{name} is given in {unit}", expected, unit, UNIT)


def _of_flow(last: Main, flowed: float, power: float, spot: Spot) -> Problem | None:
    """Compare how far the register advanced with what the power at both ends says."""
    begin, end = instant(last.time), instant(spot.taken["timestamp"])
    if begin is None or end is None or last.power is None:
        return None
    seconds = (end - begin).total_seconds()
    least, most = sorted((power * seconds / 3600, last.power * seconds / 3600))
    too_little = least > _ENOUGH and flowed < least / _APART
    too_much = 0 < most * _APART < flowed - _ENOUGH
    if not (too_little or too_much) or seconds > _LONGEST:
        if seconds <= _LONGEST and least > 0:
            last.fits(power, flowed / power)
        last.strikes = 0
        return None
    last.strikes += 1
    last.most_power = 0.0
    if last.strikes < 2:
        return None
    words = f"the register advanced by {flowed:g} Wh in {seconds:.0f} s, while power says {least:.0f} to {most:.0f} Wh"
    hint = "; Wh and kWh are mixed up" if flowed > 0 else ""
    at = spot._replace(sample=None).pointer
    return Problem(at, words + hint, f"about {(least + most) / 2:.0f} Wh", f"{flowed:g} Wh", ENERGY)


@rule(
    "semantics.sample-without-transaction",
    Layer.SEMANTICS,
    on="CALL MeterValues",
    v16="OCPP-1.6#4.7",
    parties=("station",),
    axis=Axis.COMPATIBILITY,
)
def sample_without_transaction(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """A periodic sample, which is one of a transaction, names the transaction."""
    payload = message.payload
    if payload.get("transactionId") is not None or payload.get("connectorId") == 0:
        return None
    for index, taken in enumerate(payload["meterValue"]):
        for number, sample in enumerate(taken["sampledValue"]):
            if sample.get("context") == "Sample.Periodic":
                words = "the sample is periodic, as in a transaction, but names none; most CSMSs drop it"
                at = f"/3/meterValue/{index}/sampledValue/{number}/context"
                return (Problem(at, words, "a transactionId", "none"),)
    return FINE


RULES = (samples, sample_without_transaction)


def _learn_start(message: OcppMessage, station: Station) -> None:
    station.registers.restart()


LEARN: tuple[Lesson, ...] = (("CALL", "BootNotification", _learn_start),)
