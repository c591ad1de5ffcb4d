from __future__ import annotations

import pytest
from v2x_harness.bundle import Bundle
from v2x_harness.comparison import Diff, compare, compare_verdicts
from v2x_harness.events import CaseEvent, Event, FindingEvent, RuleEvent, VerdictEvent
from v2x_harness.finding import Axis, Finding, Location
from v2x_harness.manifest import Identity
from v2x_harness.results import derive_verdicts
from v2x_harness.verdict import Verdict

from .conftest import EVENTS, MakeBundle


def run(**cases: Verdict) -> list[Event]:
    return [VerdictEvent(case, verdict) for case, verdict in cases.items()]


def diff(before: list[Event], after: list[Event]) -> Diff:
    return compare_verdicts(derive_verdicts({"l": before}), derive_verdicts({"l": after}))


def found(requirement: str, axis: Axis = Axis.CONFORMANCE, frame: int = 1) -> FindingEvent:
    return FindingEvent(Finding(requirement, "bad", Location(frame, "/3/a"), axis=axis, source="rule:x"))


def test_equal_runs_differ_in_nothing() -> None:
    same = diff(list(EVENTS), list(EVENTS))
    assert not same.regressed
    assert same.newly_failing == same.fixed == same.new == same.removed == same.findings_new == ()
    assert [c.what for c in same.still_failing] == ["TC_FAIL", "rule:ocpp.schema"]


@pytest.mark.parametrize("bad", [Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE])
def test_what_passed_and_does_not_any_more_is_a_regression(bad: Verdict) -> None:
    result = diff(run(A=Verdict.PASS, B=Verdict.PASS), run(A=bad, B=Verdict.PASS))
    assert result.regressed
    assert [(c.what, c.before, c.after) for c in result.newly_failing] == [("A", "pass", str(bad))]


def test_what_failed_and_passes_now_is_fixed() -> None:
    result = diff(run(A=Verdict.FAIL), run(A=Verdict.PASS))
    assert not result.regressed
    assert [c.what for c in result.fixed] == ["A"]


def test_a_case_that_ran_and_is_not_judged_any_more_is_evidence_lost() -> None:
    result = diff(run(A=Verdict.PASS, B=Verdict.PASS), run(A=Verdict.BLOCKED, B=Verdict.PASS))
    assert result.regressed
    assert [c.what for c in result.lost] == ["A"]


def test_a_rule_without_anything_to_judge_is_no_loss() -> None:
    assert not diff([RuleEvent("x", 2)], [RuleEvent("x", 0)]).regressed


def test_new_and_removed_cases_are_listed_and_a_new_one_that_fails_is_a_regression() -> None:
    result = diff(run(A=Verdict.PASS), run(B=Verdict.PASS))
    assert ([c.what for c in result.new], [c.what for c in result.removed]) == (["B"], ["A"])
    assert not result.regressed
    assert diff(run(A=Verdict.PASS), run(A=Verdict.PASS, B=Verdict.FAIL)).regressed


def test_findings_are_compared_by_what_they_say_not_by_their_frame() -> None:
    result = diff([found("R.1"), RuleEvent("x", 1)], [found("R.1", frame=99), RuleEvent("x", 1)])
    assert not result.regressed
    assert result.findings_new == result.findings_gone == ()


def test_a_new_conformance_finding_is_a_regression_a_compatibility_finding_is_not() -> None:
    before = [found("R.1"), RuleEvent("x", 1)]
    worse = diff(before, [found("R.1"), found("R.2"), RuleEvent("x", 1)])
    assert worse.regressed
    assert [f.requirement for f in worse.findings_new] == ["R.2"]
    warned = diff(before, [found("R.1"), found("R.2", Axis.COMPATIBILITY), RuleEvent("x", 1)])
    assert not warned.regressed
    assert [f.requirement for f in diff(before, [RuleEvent("x", 1)]).findings_gone] == ["R.1"]


def test_bundles_of_other_products_suites_and_incomplete_ones_are_compared_with_a_note(make_bundle: MakeBundle) -> None:
    one, two = make_bundle("one"), make_bundle("two", lane1=EVENTS, lane2=[CaseEvent("X")])
    one.seal()
    two.journal_path("lane2").write_text("")
    two.seal(product=Identity(name="Other"))
    result = compare(Bundle.open(one.path), Bundle.open(two.path))
    assert result.notes == ("other products: ACME Wallbox, Other", "the second run is incomplete")
    assert result.regressed


def test_a_new_version_of_the_product_is_noted(make_bundle: MakeBundle) -> None:
    one, two = make_bundle("one"), make_bundle("two")
    one.seal()
    two.seal(product=Identity(name="ACME Wallbox", version="2"))
    assert compare(one, two).notes == ("product version 1.2.3 → 2",)
