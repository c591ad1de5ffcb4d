"""The table of quantities against the messages it is of."""

from __future__ import annotations

import inspect
import types
from typing import get_args

import msgspec
from v2x_architecture.iso15118.exi.messages import din, iso2, iso20_ac, iso20_common_messages, iso20_common_types, iso20_dc
from v2x_harness.quantities import QuantityReader
from v2x_suites.iso15118.quantities import quantities

MODULES = (din, iso2, iso20_ac, iso20_common_messages, iso20_common_types, iso20_dc)


def declared() -> dict[str, set[object]]:
    """Return every field of the messages with the types it has."""
    fields: dict[str, set[object]] = {}
    for module in MODULES:
        for _, kind in inspect.getmembers(module, inspect.isclass):
            if issubclass(kind, msgspec.Struct):
                for field in msgspec.structs.fields(kind):
                    fields.setdefault(field.name, set()).add(field.type)
    return fields


def names(kind: object) -> set[str]:
    parts = get_args(kind) if isinstance(kind, types.UnionType) else (kind,)
    return {getattr(part, "__name__", str(part)) for part in parts} - {"NoneType"}


def test_every_field_of_a_curve_is_a_number_in_some_message() -> None:
    known = declared()
    for curve in quantities().curves:
        for field in curve.fields:
            assert field in known, f"{curve.id}: no message has {field}"
            kinds = set().union(*map(names, known[field]))
            assert kinds <= {"int", "PhysicalValueType", "RationalNumberType"}, f"{field} is {kinds}"


def test_every_present_target_and_maximum_of_the_loops_is_drawn() -> None:
    drawn = {field for curve in quantities().curves for field in curve.fields}
    loops = (din.CurrentDemandReqType, din.CurrentDemandResType, iso2.CurrentDemandReqType, iso2.CurrentDemandResType)
    loops += (iso20_dc.BPT_Scheduled_DC_CLReqControlModeType, iso20_dc.BPT_Dynamic_DC_CLReqControlModeType)
    loops += (iso20_dc.BPT_Scheduled_DC_CLResControlModeType, iso20_dc.BPT_Dynamic_DC_CLResControlModeType)
    physical = {
        field.name
        for loop in loops
        for field in msgspec.structs.fields(loop)
        if names(field.type) & {"PhysicalValueType", "RationalNumberType"}
    }
    left = {name for name in physical - drawn if "Minimum" not in name and "Energy" not in name and "Remaining" not in name}
    assert left == set()


def test_every_schedule_names_fields_that_there_are() -> None:
    known, ids = declared(), {curve.id for curve in quantities().curves}
    for schedule in quantities().schedules:
        assert schedule.curve in ids
        for field in (schedule.entries, *schedule.value, *schedule.start, *schedule.duration, *filter(None, [schedule.inside])):
            # A time interval's place is taken by an element of a type derived from it.
            substitute = any(hasattr(module, f"{field}Type") for module in MODULES)
            assert field in known or substitute, f"no message has {field}"
    for curve in quantities().curves:
        assert set(curve.factors) <= ids
        assert bool(curve.fields) + bool(curve.factors) == (curve.kind not in ("offer", "plan"))


def test_a_message_of_each_edition_is_read() -> None:
    reader = QuantityReader(quantities())
    demand = {
        "DC_EVStatus": {"EVRESSSOC": 62},
        "EVTargetCurrent": {"Multiplier": -1, "Unit": "A", "Value": 1554},
        "EVTargetVoltage": {"Multiplier": -1, "Unit": "V", "Value": 4030},
    }
    assert reader.values({"V2G_Message": {"Body": {"CurrentDemandReq": demand}}}) == {
        "soc": 62,
        "ev_target_current": 155.4,
        "ev_target_voltage": 403.0,
        "ev_target_power": 155.4 * 403.0,
    }
    mode = {"EVMaximumDischargePower": {"Exponent": 3, "Value": 11}, "EVPresentActivePower": {"Exponent": 0, "Value": -5000}}
    loop = {"DisplayParameters": {"PresentSOC": 50}, "BPT_Dynamic_AC_CLReqControlMode": mode}
    values = reader.values({"AC_ChargeLoopReq": loop})
    assert values == {"soc": 50, "ev_max_discharge_power": -11_000, "ev_present_power": -5000}
    entry = {"Duration": 86_400, "Power": {"Exponent": 1, "Value": 15_000}}
    schedule = {"PowerSchedule": {"PowerScheduleEntries": {"PowerScheduleEntry": [entry]}}}
    tuples = [{"ScheduleTupleID": 1, "ChargingSchedule": schedule, "DischargingSchedule": schedule}]
    planned = reader.planned({"ScheduleExchangeRes": {"Scheduled_SEResControlMode": {"ScheduleTuple": tuples}}})
    assert [(each.curve, each.steps, each.end) for each in planned] == [
        ("offered_power", ((0.0, 150_000.0),), 86_400.0),
        ("offered_discharge_power", ((0.0, -150_000.0),), 86_400.0),
    ]
