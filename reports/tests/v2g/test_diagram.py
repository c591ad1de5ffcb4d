"""Diagrams of curves: well formed, scaled so that it can be read, thin enough for long sessions."""

from __future__ import annotations

import math
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.bundle import Bundle
from v2x_harness.quantities import Curve
from v2x_reports.account import account
from v2x_reports.curve_reading import Point, SessionCurves
from v2x_reports.diagram import Diagram, diagrams


@pytest.fixture(scope="module")
def drawn(charging: Bundle) -> dict[str, Diagram]:
    (case,) = account(charging).cases
    (session,) = case.curves
    return {each.title: each for each in diagrams(session, case.begins)}


def of(points: list[Point], kind: str = "present", unit: str = "W") -> Diagram:
    curve = Curve(id="c", name="EV", unit=unit, kind=kind, fields=("F",))
    session = SessionCurves("l", {"c": curve})
    session.begins, session.ends, session.points = points[0].t, points[-1].t, {"c": points}
    return Diagram(unit, [(curve, points)], session, 0.0)


def test_there_is_a_diagram_for_each_unit(drawn) -> None:
    assert list(drawn) == ["Power", "Current", "Voltage", "State of charge"]
    assert [line.name for line in drawn["Power"].lines] == ["EVSE present", "EVSE maximum", "offered schedule"]


def test_discharging_is_below_zero(drawn) -> None:
    assert drawn["Power"].negative
    assert min(drawn["Power"].ticks) < 0
    assert 'class="zero"' in drawn["Power"].curves()
    assert not drawn["Voltage"].negative


def test_large_numbers_are_told_in_thousands(drawn) -> None:
    assert drawn["Power"].unit == "kW"
    assert drawn["Power"].lines[1].low == "1.00"
    assert drawn["Current"].unit == "A"


def test_drawings_are_well_formed(drawn) -> None:
    for diagram in drawn.values():
        svg = ET.fromstring(diagram.curves())
        assert len([p for p in svg if p.get("class", "").startswith("curve")]) == len(diagram.lines)
        ET.fromstring(diagram.scale())
        ET.fromstring(diagram.times())


def test_a_schedule_is_drawn_in_steps_as_far_as_the_session_goes(drawn) -> None:
    line = next(line for line in drawn["Power"].lines if line.name == "offered schedule")
    assert re.fullmatch(r"M[\d.]+ [\d.]+H[\d.]+V[\d.]+H1000", line.path)


def test_a_limit_far_out_is_told_and_does_not_flatten_what_flows() -> None:
    curves = {
        "c": Curve(id="c", name="EV", unit="W", kind="present", fields=("F",)),
        "l": Curve(id="l", name="EVSE maximum", unit="W", kind="limit", fields=("L",)),
    }
    session = SessionCurves("l", curves)
    session.ends = 10.0
    session.points = {"c": [Point(0, 10.0, 1), Point(10, 20.0, 2)], "l": [Point(0, 1e9, 1)]}
    diagram = Diagram("W", list(session.curves), session, 0.0)
    assert max(diagram.ticks) < 100
    assert [line.outside for line in diagram.lines] == ["", "beyond the diagram"]


def test_a_meter_is_shown_from_where_it_stood() -> None:
    diagram = of([Point(0, 545_700.0, 0), Point(60, 546_900.0, 1)], unit="Wh")
    assert (diagram.unit, diagram.ticks[0], diagram.ticks[-1]) == ("kWh", 545.5, 547.0)
    assert of([Point(0, 545_700.0, 0), Point(60, 545_700.0, 1)], unit="Wh").curves()


def test_a_session_of_hours_is_drawn_with_few_points_and_its_extremes() -> None:
    points = [Point(t * 0.25, 100 + 50 * math.sin(t / 500), t) for t in range(40_000)]
    points[20_001] = Point(20_001 * 0.25, 400.0, 20_001)
    diagram = of(points)
    assert len(diagram.lines[0].points) < 450
    assert max(v for _, v in diagram.lines[0].points) == 400.0
    assert len(diagram.curves()) < 10_000


def test_times_are_round_and_few() -> None:
    assert [text for _, text in of([Point(3.2, 1, 0), Point(62.0, 1, 1)]).moments()] == [
        "10 s",
        "20 s",
        "30 s",
        "40 s",
        "50 s",
        "60 s",
    ][:6]
    assert [text for _, text in of([Point(0, 1, 0), Point(7200, 1, 1)]).moments()][1] == "0:30:00"
    assert [text for _, text in of([Point(0, 1, 0), Point(600, 1, 1)]).moments()][1] == "2:00"


numbers = st.floats(-1e12, 1e12)


@given(
    st.lists(st.tuples(st.floats(0.001, 1e5), numbers | st.none()), min_size=1, max_size=60),
    st.sampled_from(["present", "limit"]),
)
def test_any_curve_can_be_drawn(steps, kind) -> None:
    t, points = 0.0, [Point(0.0, 1.0, 0)]
    for after, value in steps:
        t += after
        points.append(Point(t, value, 0))
    diagram = of(points, kind)
    ET.fromstring(diagram.curves())
    ET.fromstring(diagram.scale())
    ET.fromstring(diagram.times())
    assert "nan" not in diagram.curves()
    assert len(diagram.ticks) <= 12
    assert len(diagram.moments()) <= 12
