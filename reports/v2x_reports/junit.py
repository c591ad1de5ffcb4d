"""JUnit XML: what every CI server reads."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

from v2x_harness.bundle import Bundle
from v2x_harness.results import FindingRecord, RuleResult
from v2x_harness.verdict import Verdict

from v2x_reports.account import Account, CaseAccount, account
from v2x_reports.sequence import rows, text_chart
from v2x_reports.writing import write_text

FILE = "junit.xml"

_NOT_JUDGED = (Verdict.BLOCKED, Verdict.SKIPPED, Verdict.NOT_APPLICABLE, Verdict.REVIEW)
# What XML 1.0 has no way to write.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(told: Account) -> str:
    """Render a run.

    Cases are test cases of a suite for each protocol, version and role; rules are a suite of their own; a bundle that is
    incomplete, or whose waivers fail it, has a test case that says so, so that no CI server takes it for whole.
    """
    root = ET.Element("testsuites", name=_text(told.product))
    suites: dict[str, list[CaseAccount]] = {}
    for case in sorted(told.cases, key=lambda c: c.name):
        suites.setdefault(case.suite, []).append(case)
    for name in sorted(suites):
        suite = _suite(root, name, told)
        for case in suites[name]:
            _case(suite, case, told)
        _count(suite)
    if told.verdicts.rules:
        suite = _suite(root, "rules", told)
        for rule in told.verdicts.rules:
            _rule(suite, rule, told)
        _count(suite)
    if told.verdicts.problems:
        suite = _suite(root, "bundle", told)
        kind = "failure" if told.verdicts.complete else "error"
        for problem in told.verdicts.problems:
            element = ET.SubElement(suite, "testcase", classname="bundle", name=_text(problem), time="0.000")
            ET.SubElement(element, kind, message=_text(problem), type="waiver" if told.verdicts.complete else "incomplete")
        _count(suite)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(s.get(name, "0")) for s in root)))
    root.set("time", f"{sum(float(s.get('time', '0')) for s in root):.3f}")
    ET.indent(root, " ")
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, name: str, told: Account) -> ET.Element:
    suite = ET.SubElement(root, "testsuite", name=_text(name), timestamp=told.started.strftime("%Y-%m-%dT%H:%M:%S"))
    properties = ET.SubElement(suite, "properties")
    product = told.manifest.product
    for key, value in (
        ("product", product.name),
        ("product.version", product.version),
        ("product.vendor", product.vendor),
        *((f"product.observed.{name}", said) for name, said in sorted(product.observed.items())),
        *(("product.difference", difference) for difference in product.differences),
        ("run", told.manifest.run),
        ("suite.sha256", told.manifest.suite),
    ):
        ET.SubElement(properties, "property", name=key, value=_text(value))
    return suite


def _count(suite: ET.Element) -> None:
    cases = suite.findall("testcase")
    suite.set("tests", str(len(cases)))
    for name, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(c.find(child) is not None for c in cases)))
    suite.set("time", f"{sum(float(c.get('time', '0')) for c in cases):.3f}")


def _case(suite: ET.Element, case: CaseAccount, told: Account) -> None:
    result = case.result
    seconds = result.wall or result.duration
    element = ET.SubElement(suite, "testcase", classname=_text(case.suite), name=_text(case.name), time=f"{seconds:.3f}")
    properties = ET.SubElement(element, "properties")

    def say(name: str, value: str) -> None:
        ET.SubElement(properties, "property", name=_text(name), value=_text(value))

    say("verdict", result.verdict)
    say("title", case.title)
    for requirement, verdict in result.requirements.items():
        say("requirement", requirement)
        say(f"requirement.{requirement}", verdict)
    found = [told.findings[i] for i in case.findings]
    reason = result.reason or _first(found)
    if result.waived:
        _child(element, "skipped", f"waived: {next((f.waived for f in found if f.waived), '')}")
    elif result.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
        _child(element, "failure", reason, result.verdict, _explain(found) or reason)
    elif result.verdict is Verdict.ERROR:
        _child(element, "error", reason, "error", reason)
    elif result.verdict in _NOT_JUDGED:
        _child(element, "skipped", f"{result.verdict.replace('_', ' ')}: {reason}".rstrip(": "))
    out = _explain(found) if result.verdict is Verdict.WARN else ""
    if found and case.story:
        out += f"\n{text_chart(rows(case, told.findings))}"
    if out:
        ET.SubElement(element, "system-out").text = _text(out)


def _rule(suite: ET.Element, rule: RuleResult, told: Account) -> None:
    element = ET.SubElement(suite, "testcase", classname="rules", name=_text(rule.rule), time="0.000")
    found = [told.findings[i] for i in rule.findings]
    properties = ET.SubElement(element, "properties")
    ET.SubElement(properties, "property", name="inspected", value=str(rule.inspected))
    for requirement in sorted({r for f in found for r in f.cites}):
        ET.SubElement(properties, "property", name="requirement", value=_text(requirement))
    if rule.waived:
        _child(element, "skipped", f"waived: {next((f.waived for f in found if f.waived), '')}")
    elif rule.verdict is Verdict.FAIL:
        _child(element, "failure", f"{len(found)} findings: {_first(found)}", "fail", _explain(found[:20]))
    elif rule.verdict is Verdict.NOT_APPLICABLE:
        _child(element, "skipped", "not applicable: nothing to judge was seen")


def _child(element: ET.Element, name: str, message: str, kind: str = "", text: str = "") -> None:
    child = ET.SubElement(element, name, message=_text(message.partition("\n")[0]))
    if kind:
        child.set("type", kind)
    if text:
        child.text = _text(text)


def _first(found: Iterable[FindingRecord]) -> str:
    return next((f"{f.requirement}: {f.text}" for f in found), "")


def _explain(found: Iterable[FindingRecord]) -> str:
    """Write findings out for the log."""
    told = []
    for f in found:
        lines = [f"{', '.join((f.requirement, *f.also))} [{f.axis}, {f.layer}] {f.text}"]
        lines += [f"  expected: {f.expected}"] if f.expected else []
        lines += [f"  seen:     {f.seen}"] if f.seen else []
        if f.location.frame is not None:
            lines.append(f"  at:       journal {f.journal}, event {f.location.frame} {f.location.pointer}".rstrip())
        lines += [f"  waived:   {f.waived}"] if f.waived else []
        told.append("\n".join(lines))
    return "\n".join(told)


def _text(text: str) -> str:
    return _FORBIDDEN.sub("�", text)


def write_junit(bundle: Bundle, folder: Path) -> Path:
    """Write ``junit.xml`` into a folder.

    Raises:
        BundleError: a part of the bundle is missing or damaged, or the file cannot be written.
    """
    return write_text(folder / FILE, render(account(bundle)))
