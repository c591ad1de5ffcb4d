from __future__ import annotations

from pathlib import Path

import pytest
from v2x_harness.bundle import Bundle
from v2x_harness.errors import BundleError
from v2x_harness.events import CaseEvent, Frame, LinkEvent, OperatorEvent
from v2x_harness.verdict import Verdict
from v2x_reports.account import Account, CaseAccount, Gap, Place, account

from .conftest import Script, new_bundle, statuses, write_lane


def case(told: Account, name: str) -> CaseAccount:
    return next(c for c in told.cases if c.name == name)


def test_cases_stand_worst_first_with_what_the_catalogue_says(bundle: Bundle) -> None:
    told = account(bundle)
    assert [(c.name, c.result.verdict) for c in told.cases] == [
        ("TC_B_01_CS", Verdict.FAIL),
        ("TC_E_02_CS", Verdict.FAIL),
        ("TC_G_02_CS", Verdict.FAIL),
        ("TC_J_01_CS", Verdict.INCONCLUSIVE),
        ("TC_C_01_CS", Verdict.WARN),
        ("TC_K_10_CS", Verdict.BLOCKED),
        ("TC_B_02_CS", Verdict.PASS),
        ("TC_K_01_CS", Verdict.NOT_APPLICABLE),
    ]
    first = told.cases[0]
    assert (first.title, first.block, first.suite) == ("Cold boot, accepted", "B", "ocpp.2.0.1.station")


def test_a_case_tells_its_own_events_and_no_others(bundle: Bundle) -> None:
    story = case(account(bundle), "TC_B_01_CS").story
    assert [type(e) for e in story] == [OperatorEvent, LinkEvent, Frame, Frame, CaseEvent, Frame, Frame]
    assert case(account(bundle), "TC_K_01_CS").story == ()


def test_its_own_findings_stand_before_those_of_rules(bundle: Bundle) -> None:
    told = account(bundle)
    assert [told.findings[i].requirement for i in case(told, "TC_B_01_CS").findings] == ["B01.FR.05", "OCPP-2.0.1#2.1.13"]


def test_what_a_finding_rests_on_is_at_hand(bundle: Bundle) -> None:
    told = account(bundle)
    finding = next(f for f in told.findings if f.requirement == "B01.FR.05")
    event = told.event(finding)
    assert isinstance(event, Frame)
    assert event.label == "CALL BootNotification"
    absence = next(f for f in told.findings if f.requirement == "G02.FR.01")
    assert told.event(absence) is None


def test_who_connects_stands_on_the_left(bundle: Bundle) -> None:
    assert account(bundle).roles == ("station", "csms")


def test_the_run_has_a_beginning_an_end_and_a_clock(bundle: Bundle, passing: Bundle) -> None:
    told = account(bundle)
    assert told.virtual
    assert not account(passing).virtual
    assert told.started.isoformat() == "2026-01-02T03:04:05+00:00"
    assert told.ended > told.started
    assert all(told.started <= c.started <= c.ended <= told.ended for c in told.cases)


def test_requirements_and_rules_are_looked_up(bundle: Bundle) -> None:
    told = account(bundle)
    requirement = told.requirement("B01.FR.05", "2.0.1")
    assert requirement
    assert requirement.text.startswith("says in its boot notification")
    assert told.requirement("B01.FR.05", "9.9") == requirement
    assert told.requirement("X") is None
    rule = told.rule("ocpp.schema.request")
    assert rule
    assert rule.layer == "schema"


def test_a_run_that_was_cut_off_is_told_as_far_as_it_went(cut_off: Bundle) -> None:
    told = account(cut_off)
    assert not told.verdicts.complete
    assert case(told, "TC_B_02_CS").result.verdict is Verdict.ERROR
    assert len(case(told, "TC_B_02_CS").story) == 3


def test_a_bundle_whose_catalogue_is_gone_is_a_typed_error(bundle: Bundle) -> None:
    (bundle.path / "catalogue.json").unlink()
    with pytest.raises(BundleError, match=r"catalogue\.json"):
        account(bundle)


def test_an_unreadable_statement_only_means_that_nobody_signed(bundle: Bundle) -> None:
    (bundle.path / "statement.dsse.json").write_text("{")
    assert account(bundle).signers == ()


def test_of_a_long_case_the_ends_and_what_findings_rest_on_are_told(tmp_path: Path) -> None:
    made = new_bundle(tmp_path / "b")
    cited = []

    def play(script: Script) -> None:
        script.record(CaseEvent("TC_B_01_CS"))
        for i in range(2000):
            n = statuses(script)
            if i == 1000:
                cited.append(n)
                script.finding("B01.FR.05", "wrong", location={"frame": n}, source="TC_B_01_CS", case="TC_B_01_CS")
        script.verdict("TC_B_01_CS", Verdict.FAIL, {"B01.FR.05": Verdict.FAIL})

    write_lane(made.journal_path("lane1"), play)
    made.seal()
    told = account(Bundle.open(made.path))
    (only,) = told.cases
    shown = [e for e in only.story if not isinstance(e, Gap)]
    assert len(only.story) < 260
    assert len(shown) + only.left_out == 4000
    assert cited[0] in [e.n for e in shown]
    assert [e.n for e in shown] == sorted(e.n for e in shown)
    assert Place("lane1", cited[0]) in told.cited


def test_a_journal_from_elsewhere_with_odd_times_is_told_all_the_same(tmp_path: Path) -> None:
    made = new_bundle(tmp_path / "b")
    made.journal_path("l").write_text(
        '{"type":"header","run":"r","started":"yesterday"}\n'
        '{"type":"frame","link":"l","sender":"","to":"","raw":"{","n":1}\n'
        '{"type":"verdict","case":"X","verdict":"pass","n":2}\n'
    )
    told = account(Bundle.open(made.path))
    assert told.cases[0].suite == "unknown"
    assert told.cases[0].block == "other"
    assert told.started.year == 1970
