from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from v2x_harness.errors import WaiverError
from v2x_harness.finding import Finding
from v2x_harness.waiver import Waiver, apply, load

DAY = date(2026, 6, 30)
GOOD = """
[[waiver]]
subject = "ACME Wallbox"
case = "TC_B_01_CS"
requirement = "B01.FR.05"
reason = "firmware 2.1 mends it"
owner = "jane@acme.example"
expires = 2026-06-30

[[waiver]]
subject = "ACME Wallbox"
rule = "ocpp.format.timestamp"
requirement = "R.1"
reason = "agreed"
owner = "jane@acme.example"
expires = "2027-01-01"
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "waivers.toml"
    path.write_text(text)
    return path


def waiver(**fields: object) -> Waiver:
    return Waiver(**{"subject": "p", "case": "A", "requirement": "R", "reason": "r", "owner": "o", "expires": DAY} | fields)


def finding(requirement: str = "R", source: str = "A", also: tuple[str, ...] = ()) -> Finding:
    return Finding(requirement, "bad", source=source, case="A", also=also)


def test_a_file_of_waivers_is_read(tmp_path: Path) -> None:
    first, second = load(write(tmp_path, GOOD))
    assert first.source == "TC_B_01_CS"
    assert first.expires == DAY
    assert second.source == "rule:ocpp.format.timestamp"
    assert second.expires == date(2027, 1, 1)


def test_an_empty_file_waives_nothing(tmp_path: Path) -> None:
    assert load(write(tmp_path, "")) == ()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (('reason = "agreed"', 'reason = " "'), r"waivers\.toml:10: a waiver's reason must not be empty"),
        (('rule = "ocpp.format.timestamp"\n', ""), r"waivers\.toml:10: a waiver names either a case or a rule"),
        (('case = "TC_B_01_CS"', 'case = "A"\nrule = "x"'), r"waivers\.toml:2: a waiver names either"),
        (('expires = "2027-01-01"', 'expires = "soon"'), r"waivers\.toml:10: .*expires"),
        (('owner = "jane@acme.example"\nexpires = 2026', "expires = 2026"), r"waivers\.toml:2: .*owner"),
        (("[[waiver]]\nsubject", "[[waiver]]\nseverity = 1\nsubject"), r"waivers\.toml:2: .*severity"),
        (("[[waiver]]", "[[waivers]]"), "unknown key 'waivers'"),
        (("[[waiver]]", "[[waiver"), "cannot read"),
    ],
)
def test_a_malformed_waiver_is_named_with_file_and_line(tmp_path: Path, change: tuple[str, str], reason: str) -> None:
    with pytest.raises(WaiverError, match=reason):
        load(write(tmp_path, GOOD.replace(*change)))


def test_a_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(WaiverError, match="No such file"):
        load(tmp_path / "none.toml")


def test_a_finding_is_waived_by_source_and_requirement() -> None:
    result = apply([waiver()], [finding(), finding("S"), finding(source="B"), finding("S", also=("R",))], DAY)
    assert set(result.waived) == {0, 3}
    assert result.problems == ()


def test_a_waiver_holds_on_its_last_day_and_not_after() -> None:
    assert apply([waiver()], [finding()], DAY).waived
    after = apply([waiver()], [finding()], date(2026, 7, 1))
    assert not after.waived
    assert after.problems == ("waiver has expired: R in A of p (owner o, expires 2026-06-30)",)


def test_a_waiver_that_no_longer_fires_is_a_problem() -> None:
    assert apply([waiver()], [], DAY).problems == (
        "waiver no longer fires, remove it: R in A of p (owner o, expires 2026-06-30)",
    )


def test_a_waiver_is_not_stale_when_its_case_was_not_judged() -> None:
    assert apply([waiver()], [], DAY, judged={"B"}).stale == ()
    assert apply([waiver()], [], DAY, judged={"A"}).stale


def test_waivers_for_other_subjects_are_left_aside() -> None:
    result = apply([waiver(subject="q"), waiver(subject="q", expires=date(2000, 1, 1))], [finding()], DAY, subject="p")
    assert (result.waived, result.problems) == ({}, ())


def test_two_waivers_for_one_finding_both_fire() -> None:
    assert apply([waiver(), waiver(reason="again")], [finding()], DAY).stale == ()
