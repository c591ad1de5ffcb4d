from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

from v2x_harness.bundle import Bundle
from v2x_reports.account import account
from v2x_reports.junit import render, write_junit


def parse(bundle: Bundle) -> ET.Element:
    return ET.fromstring(render(account(bundle)).encode())


def case(root: ET.Element, name: str) -> ET.Element:
    return next(c for c in root.iter("testcase") if c.get("name") == name)


def outcome(element: ET.Element) -> tuple[str, str, str]:
    for child in element:
        if child.tag in ("failure", "error", "skipped"):
            return child.tag, child.get("type", ""), child.get("message", "")
    return "passed", "", ""


def test_verdicts_become_what_ci_servers_know(bundle: Bundle) -> None:
    root = parse(bundle)
    assert outcome(case(root, "TC_B_01_CS")) == ("failure", "fail", "B01.FR.05: assert boot.reason == 'PowerUp'")
    assert outcome(case(root, "TC_B_02_CS")) == ("passed", "", "")
    assert outcome(case(root, "TC_C_01_CS")) == ("passed", "", "")
    inconclusive = outcome(case(root, "TC_J_01_CS"))
    assert inconclusive == ("failure", "inconclusive", "the station did not come back after its reboot")
    assert outcome(case(root, "TC_K_01_CS")) == ("skipped", "", "not applicable: C-44 is declared, AQ-1 is not")
    assert outcome(case(root, "TC_K_10_CS")) == ("skipped", "", "blocked: the operator cannot plug_in: unsupported")


def test_counts_add_up(bundle: Bundle) -> None:
    root = parse(bundle)
    for element in (root, *root.iter("testsuite")):
        cases = list(element.iter("testcase"))
        assert int(element.get("tests", "")) == len(cases)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(element.get(name, "")) == sum(c.find(tag) is not None for c in cases)
    assert [s.get("name") for s in root] == ["ocpp.2.0.1.station", "rules"]


def test_a_case_names_its_requirements_in_its_properties(bundle: Bundle) -> None:
    properties = [(p.get("name"), p.get("value")) for p in case(parse(bundle), "TC_B_01_CS").iter("property")]
    assert ("verdict", "fail") in properties
    assert ("requirement", "B01.FR.05") in properties
    assert ("requirement.B01.FR.05", "fail") in properties
    assert ("requirement.B01.FR.01", "pass") in properties


def test_a_failure_tells_expected_seen_and_where(bundle: Bundle) -> None:
    failure = case(parse(bundle), "TC_B_01_CS").find("failure")
    assert failure is not None
    assert failure.text
    assert "expected: 'PowerUp'" in failure.text
    assert 'seen:     "Unknown"' in failure.text
    assert "at:       journal lane1, event 4 /3/reason" in failure.text


def test_rules_are_tests_of_their_own(bundle: Bundle) -> None:
    root = parse(bundle)
    assert outcome(case(root, "ocpp.schema.request"))[0] == "failure"
    assert outcome(case(root, "ocpp.timing.answer"))[0] == "skipped"


def test_an_incomplete_bundle_is_an_error_that_no_ci_server_overlooks(cut_off: Bundle) -> None:
    root = parse(cut_off)
    errors = [c for c in root.iter("testcase") if c.find("error") is not None]
    assert [c.get("classname") for c in errors] == ["ocpp.2.0.1.station", "bundle"]
    assert outcome(errors[1])[1] == "incomplete"


def test_waived_cases_are_skipped_and_bad_waivers_fail(waived: Bundle) -> None:
    root = parse(waived)
    assert outcome(case(root, "TC_B_01_CS")) == ("skipped", "", "waived: mended in 1.3 (jane, until 2026-12-31)")
    problems = next(s for s in root if s.get("name") == "bundle")
    assert [outcome(c)[:2] for c in problems.iter("testcase")] == [("failure", "waiver"), ("failure", "waiver")]


def test_any_character_a_product_sends_leaves_xml_behind(waived: Bundle) -> None:
    journal = waived.journal_path("lane1")
    journal.write_text(journal.read_text().replace("assert boot.reason", "\\u0000\\u001b]]> \\uffff assert"))
    waived.seal()
    told = render(account(Bundle.open(waived.path)))
    assert "��]]&gt; � assert" in told
    ET.fromstring(told.encode())


def test_the_same_bundle_gives_the_same_bytes(bundle: Bundle, tmp_path: Path) -> None:
    assert write_junit(bundle, tmp_path).read_bytes() == render(account(bundle)).encode()
