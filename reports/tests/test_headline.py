from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from v2x_harness.bundle import Bundle
from v2x_harness.events import CaseEvent
from v2x_harness.verdict import Verdict
from v2x_harness.waiver import Waiver
from v2x_reports.account import Account, account
from v2x_reports.finding_view import FindingView
from v2x_reports.headline import headline

from .conftest import SUBJECT, Script, boot, new_bundle, write_lane

type Tell = Callable[[Callable[[Script], object]], Account]


@pytest.fixture
def tell(tmp_path: Path) -> Tell:
    def tell(play: Callable[[Script], object]) -> Account:
        made = new_bundle(tmp_path / "b")
        write_lane(made.journal_path("l"), lambda script: (play(script), None)[1])
        made.seal()
        return account(Bundle.open(made.path))

    return tell


def test_a_failing_run_says_how_many_requirements_and_cases(bundle: Bundle) -> None:
    head = headline(account(bundle))
    assert head.sentence == "ACME Wallbox 22 1.2.3 violates 5 requirements. 3 of 6 judged cases fail."
    assert head.more == ("1 case could not be judged to the end.", "1 case could not be run.")
    assert [g.first.requirement for g in head.compatible] == ["C01.FR.02"]


def test_each_problem_is_told_in_one_line(bundle: Bundle) -> None:
    told = account(bundle)
    lines = {g.clause: FindingView(g, told).short for g in headline(told).wrong}
    assert lines == {
        "B01.FR.05": "station, CALL BootNotification, reason: seen \"Unknown\", expected 'PowerUp'",
        "E02.FR.04": "station, CALL TransactionEvent, seqNo: seen 4, expected 3",
        "G02.FR.01": "station: seen nothing, expected CALL Heartbeat within 330 s",
        "OCPP-2.0.1#2.1.13": 'station, CALL StatusNotification, timestamp: seen "2026-01-02T03:04:06", '
        "expected RFC 3339 with Z or an offset",
        "OCPP-J-2.0.1#4": "station, CALL TransactionEvent, evse.id: seen absent, expected an integer",
    }


def test_a_passing_run_says_what_was_judged(passing: Bundle) -> None:
    assert headline(account(passing)).sentence == (
        "ACME Wallbox 22 1.2.3 conforms in everything that was judged: 1 case, 0 rules."
    )


def test_an_incomplete_run_is_no_verdict(cut_off: Bundle) -> None:
    head = headline(account(cut_off))
    assert "is incomplete" in head.sentence
    assert "no verdict" in head.sentence
    assert "no footer" in head.more[0]


def test_what_is_waived_stands_apart(waived: Bundle) -> None:
    head = headline(account(waived))
    assert [g.first.requirement for g in head.waived] == ["B01.FR.05"]
    assert "B01.FR.05" not in [g.first.requirement for g in head.wrong]
    assert "waiver has expired" in head.more[0]
    assert "no longer fires" in head.more[1]


def test_what_others_in_the_cast_do_wrong_is_not_held_against_the_product(tell: Tell) -> None:
    def play(script: Script) -> None:
        script.record(CaseEvent("TC_B_01_CS"))
        n = boot(script)
        script.finding("X", "late", location={"frame": n}, source="rule:ocpp.timing.answer", party="csms")
        script.verdict("TC_B_01_CS", Verdict.PASS)

    head = headline(tell(play))
    assert head.wrong == ()
    assert [g.first.requirement for g in head.elsewhere] == ["X"]
    assert head.sentence == "This run of ACME Wallbox 22 1.2.3 fails."


@pytest.mark.parametrize(
    ("verdicts", "words"),
    [
        ([Verdict.ERROR], "The harness failed in this run"),
        ([Verdict.BLOCKED], "Nothing was judged"),
        ([Verdict.INCONCLUSIVE], "could not be judged in everything"),
        ([Verdict.PASS, Verdict.WARN], "passes in all 2 judged cases, with warnings"),
    ],
)
def test_every_other_outcome_has_its_words(tell: Tell, verdicts: list[Verdict], words: str) -> None:
    def play(script: Script) -> None:
        for number, verdict in enumerate(verdicts):
            script.verdict(f"TC_B_0{number}_CS", verdict)

    assert words in headline(tell(play)).sentence


def test_findings_that_say_the_same_are_told_once(tell: Tell) -> None:
    def play(script: Script) -> None:
        for case in ("A", "B"):
            script.record(CaseEvent(case))
            for place in ("/3/meterValue/0/timestamp", "/3/meterValue/7/timestamp", "/3/timestamp"):
                script.finding("R", "no zone", location={"frame": 1, "pointer": place}, source="rule:x", case=case)
            script.verdict(case, Verdict.PASS)

    told = tell(play)
    head = headline(told)
    assert [len(g.indexes) for g in head.wrong] == [4, 2]
    assert [FindingView(g, told).cases for g in head.wrong] == [("A", "B"), ("A", "B")]


def test_a_run_whose_failures_are_all_waived_does_not_say_that_everything_passed(tmp_path: Path) -> None:
    made = new_bundle(tmp_path / "b")

    def play(script: Script) -> None:
        script.record(CaseEvent("TC_B_01_CS"))
        script.finding("B01.FR.05", "wrong", source="TC_B_01_CS", case="TC_B_01_CS", party="station")
        script.verdict("TC_B_01_CS", Verdict.FAIL, {"B01.FR.05": Verdict.FAIL})
        script.verdict("TC_B_02_CS", Verdict.PASS, {"B02.FR.02": Verdict.PASS})

    write_lane(made.journal_path("l"), play)
    known = Waiver(
        subject=SUBJECT.name,
        case="TC_B_01_CS",
        requirement="B01.FR.05",
        reason="mended in 1.3",
        owner="jane",
        expires=date(2026, 12, 31),
    )
    made.seal(waivers=[known], today=date(2026, 1, 2))
    sentence = headline(account(Bundle.open(made.path))).sentence
    assert sentence.endswith("fails in nothing that is not waived: 1 of 2 judged cases is waived.")
