"""Every defect from the field is seen by the rule that the table names, at the place that it names."""

from __future__ import annotations

from pathlib import Path

import pytest
from v2x_suites.ocpp.field_frames import FieldFrame, field_frames, judged, table


@pytest.mark.parametrize("frame", field_frames(), ids=lambda frame: f"{frame.thread}-{frame.rule}")
def test_the_rule_of_the_table_sees_it(frame: FieldFrame) -> None:
    found = [(finding.source, finding.axis, finding.party) for finding in judged(frame)]
    assert (f"rule:{frame.rule}", frame.axis, frame.sender) in found


@pytest.mark.parametrize("frame", [f for f in field_frames() if f.axis == "compatibility"], ids=lambda frame: frame.thread)
def test_what_is_legal_is_not_called_a_breach(frame: FieldFrame) -> None:
    assert [finding for finding in judged(frame) if finding.axis == "conformance"] == []


def test_all_twenty_two_are_there() -> None:
    assert len(field_frames()) == 22


def test_the_table_is_fresh() -> None:
    path = Path(__file__).parents[2] / "field_frames.md"
    assert path.read_text(encoding="utf-8") == "\n".join(table()).rstrip() + "\n"
