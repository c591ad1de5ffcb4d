from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_harness.events import CaseEvent, Event, FindingEvent, RuleEvent, VerdictEvent
from v2x_harness.finding import Axis, Finding
from v2x_harness.results import CaseResult, Tally, Verdicts, derive_verdicts
from v2x_harness.verdict import Verdict
from v2x_harness.waiver import Waiver

from .conftest import EVENTS

DAY = date(2026, 1, 2)


def judge(*events: Event, **lanes: Iterable[Event]) -> Verdicts:
    numbered = {
        lane: [msgspec.structs.replace(e, n=i) for i, e in enumerate(es)] for lane, es in {"lane1": events, **lanes}.items()
    }
    return derive_verdicts(numbered)


def only(verdicts: Verdicts) -> CaseResult:
    (case,) = verdicts.cases
    return case


def found(
    requirement: str, source: str, case: str = "", axis: Axis = Axis.CONFORMANCE, also: tuple[str, ...] = ()
) -> FindingEvent:
    return FindingEvent(Finding(requirement, "bad", source=source, case=case, axis=axis, also=also))


def waive(requirement: str, case: str = "", rule: str = "", expires: date = DAY) -> Waiver:
    return Waiver(subject="p", requirement=requirement, case=case, rule=rule, reason="r", owner="o", expires=expires)


def test_a_whole_run_comes_to_what_its_journal_says() -> None:
    verdicts = judge(*EVENTS)
    assert verdicts.verdict is Verdict.FAIL
    assert verdicts.complete
    assert [(c.case, c.verdict) for c in verdicts.cases] == [
        ("TC_FAIL", Verdict.FAIL),
        ("TC_PASS", Verdict.PASS),
        ("TC_SKIP", Verdict.NOT_APPLICABLE),
    ]
    assert [(r.rule, r.verdict, r.inspected) for r in verdicts.rules] == [
        ("ocpp.schema", Verdict.FAIL, 2),
        ("ocpp.timing", Verdict.NOT_APPLICABLE, 0),
    ]
    assert {r.id: r.verdict for r in verdicts.requirements} == {
        "R.01": Verdict.PASS,
        "R.02": Verdict.FAIL,
        "R.04": Verdict.WARN,
        "R.09": Verdict.FAIL,
    }
    assert verdicts.totals.cases == {"pass": 1, "fail": 1, "not_applicable": 1}
    assert verdicts.totals.findings == {"conformance": 2, "compatibility": 1, "waived": 0}
    assert verdicts.exit_code() == 1


def test_a_case_knows_its_findings_those_of_rules_and_its_place_in_the_journal() -> None:
    case = next(c for c in judge(*EVENTS).cases if c.case == "TC_FAIL")
    assert case.findings == (0, 1, 2)
    assert (case.journal, case.first, case.last) == ("lane1", 5, 10)


def test_a_case_that_was_cut_off_is_an_error() -> None:
    case = only(judge(CaseEvent("A"), CaseEvent("A", "step"), RuleEvent("x")))
    assert case.verdict is Verdict.ERROR
    assert (case.first, case.last) == (0, 2)
    assert "cut off" in case.reason


def test_a_case_that_judged_nothing_is_an_error() -> None:
    assert only(judge(CaseEvent("A"), VerdictEvent("A", Verdict.NONE))).verdict is Verdict.ERROR


def test_a_verdict_cannot_be_better_than_what_it_rests_on() -> None:
    assert only(judge(VerdictEvent("A", Verdict.PASS, {"R": Verdict.FAIL}))).verdict is Verdict.FAIL
    assert only(judge(CaseEvent("A"), found("R", "A", "A"), VerdictEvent("A", Verdict.PASS))).verdict is Verdict.FAIL


def test_what_a_rule_finds_during_a_case_does_not_fail_the_case_but_the_rule_and_the_run() -> None:
    verdicts = judge(CaseEvent("A"), found("R", "rule:x", "A"), VerdictEvent("A", Verdict.PASS))
    assert only(verdicts).verdict is Verdict.PASS
    assert only(verdicts).findings == (0,)
    assert verdicts.rules[0].verdict is Verdict.FAIL
    assert verdicts.verdict is Verdict.FAIL


def test_a_finding_after_the_verdict_still_belongs_to_its_case() -> None:
    assert only(judge(CaseEvent("A"), VerdictEvent("A", Verdict.PASS), found("R", "A", "A"))).findings == (0,)


def test_a_finding_outside_every_case_belongs_to_the_run() -> None:
    verdicts = judge(found("R", "rule:x"), found("R", "B", "B"))
    assert verdicts.cases == ()
    assert len(verdicts.findings) == 2


def test_compatibility_findings_warn() -> None:
    verdicts = judge(CaseEvent("A"), found("R", "A", "A", Axis.COMPATIBILITY), VerdictEvent("A", Verdict.PASS))
    assert only(verdicts).verdict is verdicts.verdict is Verdict.WARN
    assert verdicts.exit_code() == 0
    assert verdicts.exit_code(strict=True) == 1


def test_lanes_are_merged_and_the_order_of_lanes_does_not_matter() -> None:
    one = [VerdictEvent("B", Verdict.PASS), RuleEvent("x", 3)]
    two = [VerdictEvent("A", Verdict.FAIL), RuleEvent("x", 4)]
    forth, back = judge(lane2=one, lane3=two), judge(lane3=two, lane2=one)
    assert forth == back
    assert [c.case for c in forth.cases] == ["A", "B"]
    assert forth.rules[0].inspected == 7


def test_of_several_attempts_the_worst_stands_with_the_findings_of_all() -> None:
    verdicts = judge(
        CaseEvent("A"),
        found("R", "A", "A"),
        VerdictEvent("A", Verdict.FAIL, {"R": Verdict.FAIL}, reason="first"),
        CaseEvent("A"),
        VerdictEvent("A", Verdict.PASS, {"R": Verdict.PASS, "S": Verdict.PASS}),
    )
    case = only(verdicts)
    assert (case.verdict, case.attempts, case.reason) == (Verdict.FAIL, 2, "first")
    assert case.requirements == {"R": Verdict.FAIL, "S": Verdict.PASS}
    assert case.findings == (0,)


def test_an_attempt_that_was_judged_says_more_than_one_that_was_not() -> None:
    assert only(judge(VerdictEvent("A", Verdict.BLOCKED), VerdictEvent("A", Verdict.PASS))).verdict is Verdict.PASS
    assert only(judge(VerdictEvent("A", Verdict.PASS), VerdictEvent("A", Verdict.BLOCKED))).verdict is Verdict.PASS


def test_variants_are_results_of_their_own() -> None:
    verdicts = judge(VerdictEvent("A", Verdict.PASS, variant="evse=1"), VerdictEvent("A", Verdict.FAIL, variant="evse=2"))
    assert [c.name for c in verdicts.cases] == ["A[evse=1]", "A[evse=2]"]


@pytest.mark.parametrize("beside", [Verdict.BLOCKED, Verdict.SKIPPED, Verdict.NOT_APPLICABLE, Verdict.REVIEW])
def test_a_run_that_judged_nothing_has_not_passed(beside: Verdict) -> None:
    verdicts = judge(VerdictEvent("A", beside))
    assert verdicts.verdict is Verdict.INCONCLUSIVE
    assert verdicts.exit_code() == 1


def test_rules_that_are_content_do_not_make_up_for_cases_that_could_not_be_run() -> None:
    verdicts = judge(CaseEvent("A"), RuleEvent("x", inspected=9), VerdictEvent("A", Verdict.BLOCKED, reason="no operator"))
    assert verdicts.rules[0].verdict is Verdict.PASS
    assert verdicts.verdict is Verdict.INCONCLUSIVE
    assert verdicts.exit_code() == 1


def test_a_session_without_cases_is_judged_by_its_rules() -> None:
    assert judge(RuleEvent("x", inspected=9)).verdict is Verdict.PASS


def test_blocked_cases_fail_a_strict_run() -> None:
    verdicts = judge(VerdictEvent("A", Verdict.PASS), VerdictEvent("B", Verdict.BLOCKED))
    assert (verdicts.exit_code(), verdicts.exit_code(strict=True)) == (0, 1)


def test_the_harness_s_own_errors_are_told_apart() -> None:
    assert judge(VerdictEvent("A", Verdict.FAIL), VerdictEvent("B", Verdict.ERROR)).exit_code() == 3


def test_an_incomplete_journal_makes_the_run_an_error() -> None:
    tally = Tally()
    tally.feed("l", VerdictEvent("A", Verdict.PASS))
    tally.incomplete("l", "no footer")
    verdicts = tally.verdicts()
    assert (verdicts.verdict, verdicts.complete, verdicts.problems) == (Verdict.ERROR, False, ("journal l: no footer",))


def failing_run() -> dict[str, list[Event]]:
    return {
        "l": [
            CaseEvent("A"),
            found("R", "A", "A", also=("S",)),
            found("T", "rule:x", "A"),
            VerdictEvent("A", Verdict.FAIL, {"R": Verdict.FAIL}),
            RuleEvent("x", 1),
        ]
    }


def test_a_run_whose_findings_are_all_waived_does_not_fail() -> None:
    verdicts = derive_verdicts(failing_run(), subject="p", waivers=[waive("R", "A"), waive("T", rule="x")], today=DAY)
    assert only(verdicts).verdict is Verdict.FAIL
    assert only(verdicts).waived
    assert verdicts.rules[0].waived
    assert all(r.waived for r in verdicts.requirements)
    assert verdicts.totals.findings == {"conformance": 0, "compatibility": 0, "waived": 2}
    assert verdicts.verdict is Verdict.WARN
    assert verdicts.exit_code() == 0


def test_one_finding_that_is_not_waived_keeps_the_run_failing() -> None:
    verdicts = derive_verdicts(failing_run(), subject="p", waivers=[waive("R", "A")], today=DAY)
    assert only(verdicts).waived
    assert verdicts.verdict is Verdict.FAIL


def test_a_case_that_fails_for_more_than_its_findings_say_is_not_waived() -> None:
    run = failing_run()
    run["l"][3] = VerdictEvent("A", Verdict.FAIL, {"R": Verdict.FAIL, "U": Verdict.FAIL})
    assert not only(derive_verdicts(run, subject="p", waivers=[waive("R", "A")], today=DAY)).waived


def test_expired_and_stale_waivers_fail_a_run_that_would_pass() -> None:
    run = {"l": [VerdictEvent("A", Verdict.PASS, {"R": Verdict.PASS})]}
    stale = derive_verdicts(run, subject="p", waivers=[waive("R", "A")], today=DAY)
    assert stale.verdict is Verdict.FAIL
    assert "no longer fires" in stale.problems[0]
    assert stale.complete
    expired = derive_verdicts(run, subject="p", waivers=[waive("R", "A", expires=date(2026, 1, 1))], today=DAY)
    assert "expired" in expired.problems[0]


def test_a_waiver_for_what_was_not_judged_is_not_stale() -> None:
    run = {"l": [VerdictEvent("A", Verdict.PASS), VerdictEvent("B", Verdict.BLOCKED)]}
    waivers = [waive("R", "B"), waive("R", "C"), waive("R", rule="y")]
    assert derive_verdicts(run, subject="p", waivers=waivers, today=DAY).problems == ()


verdict_events = st.builds(
    VerdictEvent,
    case=st.sampled_from("AB"),
    verdict=st.sampled_from(Verdict),
    requirements=st.dictionaries(st.sampled_from("RS"), st.sampled_from([Verdict.PASS, Verdict.WARN, Verdict.FAIL])),
)
finding_events = st.builds(
    found, st.sampled_from("RS"), st.sampled_from(["A", "B", "rule:x"]), st.sampled_from(["", "A", "B"]), st.sampled_from(Axis)
)
streams = st.lists(
    verdict_events
    | finding_events
    | st.builds(CaseEvent, case=st.sampled_from("AB"))
    | st.builds(RuleEvent, rule=st.sampled_from("xy"), inspected=st.integers(0, 2)),
    max_size=12,
)


@given(streams)
def test_any_stream_of_events_comes_to_verdicts_that_fit_the_schema_and_hang_together(stream: list[Event]) -> None:
    verdicts = judge(*stream)
    assert msgspec.json.decode(msgspec.json.encode(verdicts), type=Verdicts) == verdicts
    assert sum(verdicts.totals.cases.values()) == len(verdicts.cases)
    for case in verdicts.cases:
        assert all(0 <= i < len(verdicts.findings) for i in case.findings)
        assert case.verdict is not Verdict.NONE
    if any(f.axis is Axis.CONFORMANCE and f.source.startswith("rule:") for f in verdicts.findings):
        assert verdicts.exit_code() != 0
