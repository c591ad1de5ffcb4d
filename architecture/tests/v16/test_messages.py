"""The words of 1.6."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.ocpp.station.metering import Context, MeterValue, Sample
from v2x_architecture.ocpp.station.model import StopReason, Trigger
from v2x_architecture.ocpp.v16.messages import (
    TRANSITIONS,
    measurand_of,
    meter_value,
    moment_of,
    stop_reason,
    thinned,
    timestamp,
    token_info,
    transition,
)

NOON = datetime(2025, 6, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize("old", TRANSITIONS)
@pytest.mark.parametrize("new", TRANSITIONS)
def test_every_step_from_one_status_to_another_is_in_the_table(old, new):
    way = [old, *transition(old, new)]
    assert way[-1] == new
    assert all(after in TRANSITIONS[before] for before, after in pairwise(way))


@pytest.mark.parametrize(
    ("old", "new", "way"),
    [
        ("", "Charging", ["Charging"]),
        ("Available", "Available", []),
        ("Available", "Preparing", ["Preparing"]),
        ("Preparing", "Unavailable", ["Available", "Unavailable"]),
        ("Finishing", "Charging", ["Preparing", "Charging"]),
    ],
)
def test_where_there_is_no_way_at_once_the_shortest_way_round_is_taken(old, new, way):
    assert transition(old, new) == way


@pytest.mark.parametrize(
    ("reason", "trigger", "expected"),
    [
        (StopReason.LOCAL, Trigger.STOP_AUTHORIZED, "Local"),
        (StopReason.REMOTE, Trigger.REMOTE_STOP, "Remote"),
        (StopReason.OTHER, Trigger.UNLOCK_COMMAND, "UnlockCommand"),
        (StopReason.IMMEDIATE_RESET, Trigger.RESET_COMMAND, "HardReset"),
        (StopReason.GROUND_FAULT, Trigger.ABNORMAL_CONDITION, "Other"),
        (StopReason.REBOOT, Trigger.ABNORMAL_CONDITION, "Reboot"),
    ],
)
def test_reasons_are_those_of_the_specification(reason, trigger, expected):
    assert stop_reason(reason, trigger, "Hard") == expected


def test_times_are_utc_with_milliseconds():
    assert timestamp(NOON.astimezone(timezone(timedelta(hours=2)))) == "2025-06-02T12:00:00.000Z"
    assert moment_of("2025-06-02T14:00:00+02:00") == NOON
    assert moment_of("soon") is None
    assert moment_of(None) is None


def test_what_is_said_of_an_id_tag_is_read():
    info = token_info({"status": "Blocked", "parentIdTag": "P", "expiryDate": "2025-06-02T12:00:00Z"})
    assert (info.status, info.group, info.expires) == ("Blocked", "P", NOON)


@pytest.fixture
def value():
    samples = [
        Sample("Energy.Active.Import.Register", Context.SAMPLE_PERIODIC, 1234.9, "Wh"),
        *(Sample("Voltage", Context.SAMPLE_PERIODIC, 230.04, "V", f"L{phase}-N") for phase in (1, 2, 3)),
        Sample("Frequency", Context.SAMPLE_PERIODIC, 50.0, "Hz"),
        Sample("SoC", Context.SAMPLE_PERIODIC, 20.5, "Percent", location="EV"),
    ]
    return MeterValue(NOON, tuple(samples))


def test_a_meter_value_has_one_sample_a_phase(value):
    told = meter_value(value)
    assert told["timestamp"] == "2025-06-02T12:00:00.000Z"
    assert [each["value"] for each in told["sampledValue"]] == ["1234", "230.04", "230.04", "230.04", "50", "20.5"]
    assert [each.get("phase") for each in told["sampledValue"]] == [None, "L1-N", "L2-N", "L3-N", None, None]
    assert [each.get("unit") for each in told["sampledValue"]] == ["Wh", "V", "V", "V", None, "Percent"]
    assert told["sampledValue"][-1]["location"] == "EV"


def test_a_single_phase_can_be_asked_for(value):
    told = meter_value(value, measurands=["Voltage.L2", "SoC"])
    assert [(each["measurand"], each.get("phase")) for each in told["sampledValue"]] == [("Voltage", "L2-N"), ("SoC", None)]
    assert meter_value(value, measurands=["Power.Active.Import"]) is None


@pytest.mark.parametrize(
    ("item", "name"),
    [("Voltage.L1", "Voltage"), ("Current.Import.L3", "Current.Import"), ("Energy.Active.Import.Register",) * 2, ("SoC", "SoC")],
)
def test_the_measurand_of_an_item_is_found(item, name):
    assert measurand_of(item) == name


@given(st.integers(0, 60), st.integers(0, 20))
def test_values_are_dropped_from_the_middle(count, most):
    values = [MeterValue(NOON + timedelta(seconds=each), ()) for each in range(count)]
    kept = thinned(values, most)
    assert len(kept) == min(count, max(most, 2))
    assert kept == sorted(kept, key=values.index)
    assert kept[:1] + kept[-1:] == values[:1] + values[-1:]
