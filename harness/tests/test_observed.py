"""What a run learns of the product: noted in the journal, collected from it, held against what was declared."""

from __future__ import annotations

import pytest
from v2x_harness.events import Header, Note
from v2x_harness.journal import Recorder
from v2x_harness.observed import Observed, differing, note_identity, note_pics, observed_in


@pytest.fixture
def recorder() -> Recorder:
    return Recorder(None, Header(run="r", started="2026-01-01T00:00:00Z"), clock=lambda: 0.0)


def test_notes_are_collected_in_the_order_of_the_journal(recorder: Recorder) -> None:
    noted: list[object] = []
    recorder.subscribe(noted.append)
    note_pics(recorder, {"C-01": True, "C-02": True})
    note_pics(recorder, {"C-02": False})
    note_identity(recorder, {"model": "Wallbox 22", "version": "1.2"})
    notes = [each for each in noted if isinstance(each, Note)]
    assert observed_in(notes) == Observed(pics={"C-01": True, "C-02": False}, identity={"model": "Wallbox 22", "version": "1.2"})


def test_different_words_about_the_same_are_all_kept(recorder: Recorder) -> None:
    observed = Observed()
    recorder.subscribe(observed.add)
    for version in ("1.2", "1.3", "1.2"):
        note_identity(recorder, {"version": version})
    assert observed.identity == {"version": "1.2, 1.3"}


def test_other_notes_are_passed_over() -> None:
    assert observed_in([Note(topic="adapter", text="pics")]) == Observed()


def test_only_what_both_know_can_differ() -> None:
    assert differing({"A": True, "B": True, "C": False}, {"A": False, "C": False, "D": True}) == "A declared yes, observed no"
    assert differing({"A": True}, {"B": True}) == ""
