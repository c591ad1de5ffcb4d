"""The curves of a run as numbers."""

from __future__ import annotations

import msgspec
import pytest
from v2x_harness.bundle import Bundle
from v2x_reports.account import account
from v2x_reports.curves import CurvesDocument, document, render

from .conftest import CASE, LINK, begun, message, physical


@pytest.fixture(scope="module")
def curves(charging: Bundle):
    (session,) = document(account(charging)).sessions
    return {curve.id: curve for curve in session.curves}


def test_each_session_has_its_curves_with_names_and_units(charging: Bundle, curves) -> None:
    (session,) = document(account(charging)).sessions
    assert (session.case, session.journal, session.link) == (CASE, "lane", LINK)
    assert session.started == "2026-01-02T03:04:05.000Z"
    assert list(curves) == ["p", "max", "offer", "i", "target", "u", "soc"]
    assert (curves["target"].name, curves["target"].unit, curves["target"].kind) == ("EV target", "A", "target")


def test_every_measurement_is_there_with_its_time_and_frame(charging: Bundle, curves) -> None:
    assert len(curves["u"].points) == 500
    t, value, n = curves["u"].points[0]
    assert value == 400.0
    frame = next(e for e in charging.events("lane") if e.n == n)
    assert (frame.label, round(frame.t, 6)) == ("CurrentDemandRes", t)


def test_charging_is_positive_and_discharging_negative(curves) -> None:
    values = [value for _, value, _ in curves["p"].points]
    assert values[0] == 800.0
    assert values[-1] < -800.0


def test_of_limits_only_changes_are_kept(curves) -> None:
    assert [value for _, value, _ in curves["max"].points] == [1000.0]


def test_a_schedule_is_laid_out_from_its_message_on(curves) -> None:
    (start, first, n), (later, second, _), (end, nothing, _) = curves["offer"].points
    assert (first, second, nothing) == (800.0, 600.0, None)
    assert (round(later - start), round(end - start)) == (60, 86_460)
    assert n == 4


def test_what_the_harness_made_itself_is_no_curve(tmp_path) -> None:
    made, session = begun(tmp_path / "b")
    session.loop(3, 2.0)
    session.say(message("CurrentDemandReq", {"EVTargetCurrent": physical(77, "A")}, fate="injected"))
    session.end()
    made.seal()
    assert "77.0" not in render(account(Bundle.open(made.path)))


def test_the_file_is_of_its_type_and_empty_without_curves(charging: Bundle, bundle: Bundle) -> None:
    text = render(account(charging))
    assert msgspec.json.decode(text, type=CurvesDocument).format == "v2x-curves/1"
    assert render(account(bundle)) == ""
