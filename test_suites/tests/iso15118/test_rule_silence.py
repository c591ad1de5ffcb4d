"""Nothing is found in good sessions, and no rule is left that never has anything to judge."""

import pytest
from v2x_suites.iso15118.rules import Iso15118Judge, all_infos

from .talk import findings

NAMES = (
    "din",
    "2 dc",
    "2 dc limited",
    "2 ac",
    "2 ac renegotiated",
    "2 dc renegotiated",
    "2 ac paused",
    "20 dc",
    "20 dc dynamic",
    "20 dc renegotiated",
    "20 dc both",
    "20 dc both dynamic",
    "20 dc paused",
    "20 ac",
    "20 ac dynamic",
    "20 ac renegotiated",
    "20 ac both",
    "20 ac both dynamic",
)


@pytest.mark.parametrize("name", NAMES)
def test_a_good_session_has_nothing_to_be_found(good, name) -> None:
    assert [(each.source, each.text) for each in findings(*good[name])] == []


def test_all_kinds_of_sessions_are_tried(good) -> None:
    assert set(good) == set(NAMES)


def test_without_times_no_rule_about_time_has_a_say(good) -> None:
    late = good["2 dc"][0].late("CurrentDemandRes", 100.0)
    assert [each.layer for each in findings(late)] != []
    assert findings(late, timed=False) == []


def test_ids_are_told_apart() -> None:
    ids = [each.id for each in all_infos()]
    assert len(ids) == len(set(ids))


def test_what_the_tap_changed_is_held_against_who_said_it_only(good) -> None:
    """A case that sends a wrong request in the EVCC's place: only the SECC is judged by it."""
    session = good["2 dc"][0]
    wrong = session.copy_behind("CableCheckReq", 1, "ServiceDiscoveryRes").cut("CableCheckReq")
    wrong.lines[-1].fate = "injected"
    assert findings(wrong) == []


def test_a_judge_forgets_what_is_over(good) -> None:
    judge = Iso15118Judge()
    for event in good["2 ac"][0].events():
        judge.feed(event)
    assert judge._sessions == {}
