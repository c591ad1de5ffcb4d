"""CTRF, the common test report format (https://ctrf.io): JSON for dashboards and CI actions."""

from __future__ import annotations

from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

import msgspec
from v2x_harness.bundle import Bundle
from v2x_harness.events import Json
from v2x_harness.results import RuleResult
from v2x_harness.verdict import Verdict

from v2x_reports.account import Account, CaseAccount, account
from v2x_reports.writing import write_text

FILE = "ctrf.json"

type Status = Literal["passed", "failed", "skipped", "pending", "other"]

_STATUS: dict[Verdict, Status] = {
    Verdict.PASS: "passed",
    Verdict.WARN: "passed",
    Verdict.FAIL: "failed",
    Verdict.INCONCLUSIVE: "failed",
    Verdict.ERROR: "failed",
    Verdict.REVIEW: "pending",
    Verdict.BLOCKED: "skipped",
    Verdict.SKIPPED: "skipped",
    Verdict.NOT_APPLICABLE: "skipped",
    Verdict.NONE: "other",
}


class Test(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, rename="camel"):
    """One test of the report."""

    __test__ = False  # pytest: this is CTRF's name, not a test class

    name: str
    status: Status
    duration: int
    id: str = ""
    start: int = 0
    stop: int = 0
    suite: tuple[str, ...] = ()
    message: str = ""
    trace: str = ""
    raw_status: str = ""
    tags: tuple[str, ...] = ()
    type: str = ""
    retries: int = 0
    parameters: dict[str, str] = {}
    extra: dict[str, Json] = {}


def report(told: Account) -> dict[str, Json]:
    """Return the report as JSON."""
    tests = [_case(c, told) for c in sorted(told.cases, key=lambda c: c.name)]
    tests += [_rule(r, told) for r in told.verdicts.rules]
    tests += [
        Test(name=problem, status="failed", duration=0, suite=("bundle",), type="bundle", raw_status="error", message=problem)
        for problem in told.verdicts.problems
    ]
    counts = {status: sum(t.status == status for t in tests) for status in ("passed", "failed", "skipped", "pending", "other")}
    product = told.manifest.product
    span = {"start": _milliseconds(told.started), "stop": _milliseconds(told.ended)}
    document = {
        "reportFormat": "CTRF",
        "specVersion": "0.0.0",
        "reportId": str(uuid5(NAMESPACE_URL, f"v2x:{told.manifest.run}")),
        "timestamp": told.ended.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "generatedBy": "v2x-conformance",
        "results": {
            "tool": {"name": "v2x-conformance", "version": version("v2x-conformance")},
            "summary": {"tests": len(tests), **counts, **span},
            "tests": tests,
            "environment": {
                "appName": product.name,
                "appVersion": product.version,
                "extra": {
                    "vendor": product.vendor,
                    "observed": product.observed,
                    "differences": product.differences,
                    "run": told.manifest.run,
                    "suiteSha256": told.manifest.suite,
                    "verdict": told.verdicts.verdict,
                    "complete": told.verdicts.complete,
                    "clock": "virtual" if told.virtual else "real",
                },
            },
        },
    }
    decoded: dict[str, Json] = msgspec.json.decode(msgspec.json.encode(document))
    return decoded


def render(told: Account) -> str:
    """Render the report."""
    return msgspec.json.format(msgspec.json.encode(report(told)), indent=1).decode() + "\n"


def _case(case: CaseAccount, told: Account) -> Test:
    result = case.result
    found = [told.findings[i] for i in case.findings]
    return Test(
        id=str(uuid5(NAMESPACE_URL, f"v2x:{case.suite}:{case.name}")),
        name=case.name,
        status="skipped" if result.waived else _STATUS[result.verdict],
        duration=round(1000 * (result.wall or result.duration)),
        start=_milliseconds(case.started),
        stop=_milliseconds(case.ended),
        suite=tuple(case.suite.split(".", 1)) + ((case.block,) if case.block else ()),
        message=result.reason.partition("\n")[0] or next((f.text for f in found), ""),
        trace=result.reason,
        raw_status=f"{result.verdict}{' (waived)' if result.waived else ''}",
        tags=tuple(sorted({*result.requirements, *(r for f in found for r in f.cites)})),
        type="case",
        retries=result.attempts - 1,
        parameters={"variant": result.variant} if result.variant else {},
        extra=msgspec.to_builtins({"title": case.title, "requirements": result.requirements, "findings": found}),
    )


def _rule(rule: RuleResult, told: Account) -> Test:
    found = [told.findings[i] for i in rule.findings]
    info = told.rule(rule.rule)
    return Test(
        id=str(uuid5(NAMESPACE_URL, f"v2x:rule:{rule.rule}")),
        name=rule.rule,
        status="skipped" if rule.waived else _STATUS[rule.verdict],
        duration=0,
        suite=("rules", str(info.layer)) if info else ("rules",),
        message=found[0].text if found else "",
        raw_status=f"{rule.verdict}{' (waived)' if rule.waived else ''}",
        tags=tuple(sorted({r for f in found for r in f.cites})),
        type="rule",
        extra=msgspec.to_builtins({"title": info.text if info else "", "inspected": rule.inspected, "findings": len(found)}),
    )


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def write_ctrf(bundle: Bundle, folder: Path) -> Path:
    """Write ``ctrf.json`` into a folder.

    Raises:
        BundleError: a part of the bundle is missing or damaged, or the file cannot be written.
    """
    return write_text(folder / FILE, render(account(bundle)))
