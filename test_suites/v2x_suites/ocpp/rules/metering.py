"""Metering: units, registers and whether energy and power fit together (1.6: 4.7, 7.31, 7.43; 2.0.1: J01, J02).

Every sample of every message passes here, so one look serves all rules, and it is kept lean.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from v2x_harness.finding import Axis, Layer

from v2x_suites.ocpp.rules.rule import FINE, Problem, info, rule, rules

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
_NOTHING, _REGISTER, _POWER, _PERCENT, _FACTOR, _OLD_SPELLING = range(6)


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
    table |= {(None, "Wh"): _REGISTER, (None, "kWh"): _REGISTER, (None, None): _REGISTER}
    if version == "1.6":
        table["Temperature", "Celsius"] = _OLD_SPELLING
    return table


_TABLES = {"1.6": _table("1.6"), "2.0.1": _table("2.0.1")}

# So many registers are kept for each station.
_REGISTERS_KEPT = 512
# Energy and power are compared when power says that this much (Wh) flowed, over at most so long (s), and complained of when they
# differ by this factor twice running: a kilo too many or too few, no question of accuracy.
_ENOUGH = 20.0
_LONGEST = 900.0
_APART = 20.0


class Registers:
    """The last readings of a station.

    Attributes:
        last: by transaction or place, measurand, phase and location: timestamp, value and unit of a register.
        pairs: by transaction or place: time, energy (Wh), power (W), and how often running the two did not fit.
    """

    __slots__ = ("last", "pairs")

    def __init__(self) -> None:
        self.last: dict[tuple[object, ...], tuple[str, float, str | None]] = {}
        self.pairs: dict[object, tuple[datetime, float, float, int]] = {}

    def restart(self) -> None:
        """Forget the readings that belong to no transaction: a station without a meter's register may begin anew."""
        self.last = {key: reading for key, reading in self.last.items() if type(key[0]) is not tuple}

    def advance(self, key: tuple[object, ...], time: str, value: float, unit: str | None) -> float | None:
        """Take a reading; return the earlier one when it was higher."""
        last = self.last.get(key)
        if last is None:
            if len(self.last) >= _REGISTERS_KEPT:
                del self.last[next(iter(self.last))]
        elif unit != last[2]:
            last = None
        elif not _later(time, last[0]):
            return None
        self.last[key] = (time, value, unit)
        return last[1] if last is not None and value < last[1] - 1e-9 else None


def _later(time: str, than: str) -> bool:
    """Tell whether a timestamp is later than another; False when that cannot be told."""
    if len(time) == len(than) and time[-1:] == than[-1:] == "Z":
        return time > than
    try:
        return datetime.fromisoformat(time) > datetime.fromisoformat(than)
    except (ValueError, TypeError):
        return False


@rules(*_ALL, on="CALL MeterValues, CALL StopTransaction, CALL TransactionEvent")
def samples(message: OcppMessage, station: Station) -> Sequence[Problem] | None:
    """Look at every sample, and at what the last ones were."""
    payload = message.payload
    match message.action:
        case "MeterValues":
            values, at = payload["meterValue"], "/3/meterValue"
            # Without a transaction, or with 1.6's -1 for one whose id was never learnt, it is the place that counts.
            transaction = payload.get("transactionId")
            place = ("place", payload.get("connectorId", payload.get("evseId"))) if transaction in (None, -1) else transaction
        case "StopTransaction":
            values, at, place = payload.get("transactionData"), "/3/transactionData", payload["transactionId"]
        case _:
            values, at, place = payload.get("meterValue"), "/3/meterValue", payload["transactionInfo"]["transactionId"]
    if not values:
        return None
    problems: list[Problem] = []
    registers = station.registers
    old = message.session.table.ids == "1.6"
    table = _TABLES["1.6" if old else "2.0.1"]
    for index, taken in enumerate(values):
        energy = power = None
        for number, sample in enumerate(taken["sampledValue"]):
            measurand = sample.get("measurand")
            if old:
                unit, scale = sample.get("unit"), 1.0
            elif of_measure := sample.get("unitOfMeasure"):
                unit, multiplier = of_measure.get("unit"), of_measure.get("multiplier", 0)
                scale = 10.0 ** max(-30, min(30, multiplier)) if multiplier else 1.0
            else:
                unit, scale = None, 1.0
            what = table.get((measurand, unit))
            if what == _NOTHING:
                continue
            where = f"{at}/{index}/sampledValue/{number}"
            if what is None or what == _OLD_SPELLING:
                if problem := _of_unit(measurand, unit, where, old=old):
                    problems.append(problem)
                continue
            value = _number(sample["value"])
            if value is None:
                continue
            value *= scale
            if what == _REGISTER:
                phase, location = sample.get("phase"), sample.get("location")
                before = registers.advance((place, measurand or _DEFAULT, phase, location), taken["timestamp"], value, unit)
                if before is not None:
                    words = f"{measurand or _DEFAULT} goes back from {before:g} to {value:g} {unit or 'Wh'}"
                    problems.append(Problem(f"{where}/value", words, f"{before:g} or more", f"{value:g}", REGISTER))
                if phase is None and (measurand is None or measurand == _DEFAULT):
                    energy = value * _SCALE[unit]
            elif what == _POWER:
                if sample.get("phase") is None:
                    power = value * _SCALE[unit]
            elif not (0 <= value <= 100 if what == _PERCENT else -1 <= value <= 1):
                limits = "0 to 100" if what == _PERCENT else "-1 to 1"
                problems.append(Problem(f"{where}/value", f"{measurand} is {value:g}", limits, f"{value:g}", RANGE))
        if energy is not None and power is not None:
            problem = _of_pair(registers, place, taken["timestamp"], energy, power, f"{at}/{index}")
            if problem:
                problems.append(problem)
    return problems


def _number(value: object) -> float | None:
    """Return a sample's value; None for signed data."""
    try:
        return float(value)  # type: ignore[arg-type]  # the schema says: a number, or text that may be one
    except ValueError:
        return None


def _of_unit(measurand: str | None, unit: str | None, at: str, *, old: bool) -> Problem | None:
    name = measurand or _DEFAULT
    at = f"{at}/unit" if old else f"{at}/unitOfMeasure/unit"
    units = next((units for prefix, units in _UNITS.items() if name.startswith(prefix)), None)
    if old and unit == "Celsius":
        words = "Celsius is in the newer schemas of 1.6 only; a CSMS with the older ones refuses the message"
        return Problem(at, words, "Celcius", "Celsius", CELSIUS)
    if units is None or unit in units:
        return None
    expected = " or ".join(units)
    if unit is None:
        return Problem(at, f"{name} has no unit, and the default is Wh", expected, "none", UNIT_MISSING)
    return Problem(at, f"{name} is given in {unit}", expected, unit, UNIT)


def _of_pair(registers: Registers, place: object, time: str, energy: float, power: float, at: str) -> Problem | None:
    """Compare how far the register advanced with what the power at both ends says."""
    try:
        now = datetime.fromisoformat(time)
    except ValueError:
        return None
    pairs = registers.pairs
    last = pairs.get(place)
    if last is None:
        if len(pairs) >= _REGISTERS_KEPT:
            del pairs[next(iter(pairs))]
        pairs[place] = (now, energy, power, 0)
        return None
    then, energy_then, power_then, strikes = last
    try:
        seconds = (now - then).total_seconds()
    except TypeError:
        return None
    if seconds <= 0:
        return None
    flowed = energy - energy_then
    least, most = sorted((power * seconds / 3600, power_then * seconds / 3600))
    too_little = least > _ENOUGH and flowed < least / _APART
    too_much = 0 < most * _APART < flowed - _ENOUGH
    apart = (too_little or too_much) and seconds <= _LONGEST
    strikes = strikes + 1 if apart else 0
    pairs[place] = (now, energy, power, strikes)
    if strikes < 2:
        return None
    words = f"the register advanced by {flowed:g} Wh in {seconds:.0f} s, while power says {least:.0f} to {most:.0f} Wh"
    hint = "; Wh and kWh are mixed up" if flowed > 0 else ""
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
