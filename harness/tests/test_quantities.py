"""Numbers, curves and schedules out of decoded messages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.quantities import Curve, Planned, Quantities, QuantityReader, Schedule

TABLE = Quantities(
    protocol="mini",
    value="Value",
    exponents=("Multiplier", "Exponent"),
    curves=(
        Curve(id="u", name="present", unit="V", kind="present", fields=("Voltage",)),
        Curve(id="i", name="present", unit="A", kind="present", fields=("Current",)),
        Curve(id="p", name="present", unit="W", kind="present", factors=("u", "i")),
        Curve(id="ac", name="maximum", unit="W", kind="limit", fields=("Power", "Power_L2", "Power_L3")),
        Curve(id="back", name="maximum, discharging", unit="W", kind="limit", fields=("Back",), below=True),
        Curve(id="offer", name="offer", unit="W", kind="offer"),
        Curve(id="offer_back", name="offer", unit="W", kind="offer", below=True),
        Curve(id="plan", name="plan", unit="W", kind="plan"),
    ),
    schedules=(
        Schedule(curve="offer", entries="Entry", inside="Charging", value=("P", "P_L2"), duration=("Duration",)),
        Schedule(curve="offer_back", entries="Entry", inside="Discharging", value=("P",), duration=("Duration",)),
        Schedule(curve="plan", entries="Point", value=("P",), start=("Interval", "start"), duration=("Interval", "duration")),
    ),
)
READER = QuantityReader(TABLE)


@pytest.mark.parametrize(
    ("content", "number"),
    [
        (230, 230.0),
        (0.5, 0.5),
        ({"Multiplier": -1, "Unit": "V", "Value": 4023}, 402.3),
        ({"Exponent": 3, "Value": 11}, 11_000.0),
        ({"Value": 7}, 7.0),
        ({"Exponent": 99, "Value": 1}, None),
        ({"Exponent": 0, "Value": 10**400}, None),
        (float("inf"), None),
        ({"Exponent": "3", "Value": 1}, None),
        ({"Unit": "V"}, None),
        (True, None),
        ("230", None),
        (None, None),
        ([1], None),
    ],
)
def test_a_number_is_read_however_it_is_written(content, number) -> None:
    assert READER.number(content) == number


def test_fields_are_found_at_any_depth_and_phases_are_added_up() -> None:
    form = {"Res": {"Mode": {"Power": {"Exponent": 3, "Value": 3}, "Power_L2": 3000, "Power_L3": 3000}, "Voltage": 400}}
    assert READER.values(form) == {"ac": 9000.0, "u": 400}


def test_a_product_needs_all_its_factors() -> None:
    assert READER.values({"Voltage": 400, "Current": -10})["p"] == -4000
    assert "p" not in READER.values({"Voltage": 400})


def test_magnitudes_of_the_other_direction_count_negative_whatever_their_sign() -> None:
    assert READER.values({"Back": 11_000}) == READER.values({"Back": -11_000}) == {"back": -11_000}


def test_schedules_follow_one_another_or_start_when_they_say() -> None:
    entries = [{"Duration": 60, "P": {"Exponent": 0, "Value": 50}, "P_L2": 50}, {"Duration": 30, "P": 20}]
    form = {"Charging": {"List": {"Entry": entries}}, "Discharging": {"Entry": entries[1:]}, "Entry": entries}
    assert READER.planned(form) == [
        Planned("offer", ((0.0, 100.0), (60.0, 20.0)), 90.0),
        Planned("offer_back", ((0.0, -20.0),), 30.0),
    ]
    points = [{"Interval": {"start": 0}, "P": 9}, {"Interval": {"start": 600, "duration": 100}, "P": 5}, {"P": 1}, 7]
    assert READER.planned({"Point": points}) == [Planned("plan", ((0, 9), (600, 5)), 700)]


def test_of_alternative_schedules_the_first_counts() -> None:
    alternatives = [{"Charging": {"Entry": [{"Duration": 60, "P": p}]}} for p in (7, 8)]
    assert READER.planned({"Tuples": alternatives}) == [Planned("offer", ((0.0, 7),), 60.0)]


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["Voltage", "Current", "Power", "Back", "Entry", "Point", "Charging", "P", "Interval", "start"]),
            inner,
            max_size=4,
        )
        | st.fixed_dictionaries({"Value": inner, "Exponent": inner})
    ),
    max_leaves=20,
)


@given(json)
def test_nothing_that_a_product_sends_makes_it_fail(form) -> None:
    READER.values(form)
    READER.planned(form)


def test_hostile_depth_is_not_followed() -> None:
    form: object = {"Voltage": 1}
    for _ in range(10_000):
        form = {"x": form}
    assert READER.values(form) == {}
