"""Allure results, written from the journal: `allure generate` makes a site of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import attrs
import msgspec
from allure_commons.model2 import (
    ATTACHMENT_PATTERN,
    TEST_CASE_PATTERN,
    Attachment,
    Label,
    Parameter,
    Status,
    StatusDetails,
    TestResult,
    TestStepResult,
)
from allure_commons.types import AttachmentType, LabelType
from v2x_harness.bundle import Bundle
from v2x_harness.events import CaseEvent, Frame, OperatorEvent
from v2x_harness.results import FindingRecord, RuleResult
from v2x_harness.verdict import Verdict

from v2x_reports.account import Account, CaseAccount, account
from v2x_reports.sequence import rows, text_chart
from v2x_reports.writing import write_text

FOLDER = "allure-results"

_STATUS = {
    Verdict.PASS: Status.PASSED,
    Verdict.WARN: Status.PASSED,
    Verdict.FAIL: Status.FAILED,
    Verdict.INCONCLUSIVE: Status.BROKEN,
    Verdict.ERROR: Status.BROKEN,
    Verdict.NONE: Status.UNKNOWN,
    Verdict.REVIEW: Status.UNKNOWN,
    Verdict.BLOCKED: Status.SKIPPED,
    Verdict.SKIPPED: Status.SKIPPED,
    Verdict.NOT_APPLICABLE: Status.SKIPPED,
}


class AllureResults:
    """Writes the results of one run into a folder; the same run always gives the same files.

    Args:
        told: the run.
        folder: Allure's results folder.
    """

    def __init__(self, told: Account, folder: Path) -> None:
        self._told, self._folder = told, folder

    def write(self) -> None:
        """Write every case and rule, and what Allure shows of the environment.

        Raises:
            BundleError: a file cannot be written.
        """
        for case in self._told.cases:
            self._result(self._case(case))
        for rule in self._told.verdicts.rules:
            self._result(self._rule(rule))
        for problem in self._told.verdicts.problems:
            self._result(self._problem(problem))
        product = self._told.manifest.product
        environment = {
            "product": product.name,
            "product.version": product.version,
            "vendor": product.vendor,
            "run": self._told.manifest.run,
            "suite.sha256": self._told.manifest.suite,
            **{f"product.observed.{name}": said for name, said in product.observed.items()},
            "product.differences": "; ".join(product.differences),
            **self._told.manifest.versions,
        }
        lines = (f"{_property(key)}={_property(value)}\n" for key, value in sorted(environment.items()) if value)
        write_text(self._folder / "environment.properties", "".join(lines))

    def _case(self, case: CaseAccount) -> TestResult:
        result = case.result
        found = [self._told.findings[i] for i in case.findings]
        name = f"{case.name} {case.title}".strip()
        protocol, _, rest = case.suite.partition(".")
        labels = [
            (LabelType.PARENT_SUITE, protocol),
            (LabelType.SUITE, rest or protocol),
            (LabelType.SUB_SUITE, case.block),
            (LabelType.FEATURE, case.block),
            *((LabelType.TAG, r) for r in sorted({*result.requirements, *(r for f in found for r in f.cites)})),
        ]
        made = self._new(f"{case.suite}:{case.name}", name, result.verdict, labels, waived=result.waived)
        made.testCaseId = _digest(f"{case.suite}:{result.case}")
        made.description = case.info.purpose if case.info else None
        made.start, made.stop = _milliseconds(case.started), _milliseconds(case.ended)
        made.parameters = [Parameter(name="variant", value=result.variant)] if result.variant else []
        message = result.reason.partition("\n")[0] or next((f.text for f in found), "")
        if message or found:
            made.statusDetails = StatusDetails(message=message or None, trace=_trace(found) or None, known=result.waived or None)
        made.steps = list(self._steps(case))
        chart = rows(case, self._told.findings)
        if chart:
            self._attach(made, "sequence", text_chart(chart), AttachmentType.TEXT)
            frames = [msgspec.to_builtins(r.event) for r in chart if isinstance(r.event, Frame)]
            self._attach(made, "frames", _json(frames), AttachmentType.JSON)
        if found:
            self._attach(made, "findings", _json(msgspec.to_builtins(found)), AttachmentType.JSON)
        return made

    def _steps(self, case: CaseAccount) -> Iterator[TestStepResult]:
        """Give what was done, step by step."""
        for event in case.story:
            if isinstance(event, OperatorEvent):
                name = f"{event.role}: {event.verb}"
                status = Status.PASSED if event.outcome == "done" else Status.BROKEN
                parameters = [Parameter(name=k, value=json.dumps(v, ensure_ascii=False)) for k, v in event.arguments.items()]
            elif isinstance(event, CaseEvent):
                name, status, parameters = event.text, Status.PASSED, []
            else:
                continue
            at = _milliseconds(case.started + timedelta(seconds=event.t - case.begins))
            yield TestStepResult(name=name, status=status, stage="finished", parameters=parameters, start=at, stop=at)

    def _rule(self, rule: RuleResult) -> TestResult:
        info = self._told.rule(rule.rule)
        found = [self._told.findings[i] for i in rule.findings]
        layer = str(info.layer) if info else "rules"
        labels = [
            (LabelType.PARENT_SUITE, info.protocol if info else "rules"),
            (LabelType.SUITE, "rules"),
            (LabelType.SUB_SUITE, layer),
            *((LabelType.TAG, r) for r in sorted({r for f in found for r in f.cites})),
        ]
        made = self._new(f"rule:{rule.rule}", rule.rule, rule.verdict, labels, waived=rule.waived)
        made.description = info.text if info else None
        if found:
            message = f"{len(found)} findings: {found[0].text}"
            made.statusDetails = StatusDetails(message=message, trace=_trace(found[:50]), known=rule.waived or None)
            self._attach(made, "findings", _json(msgspec.to_builtins(found)), AttachmentType.JSON)
        return made

    def _problem(self, problem: str) -> TestResult:
        labels = [(LabelType.PARENT_SUITE, "bundle"), (LabelType.SUITE, "bundle")]
        made = self._new(f"bundle:{problem}", problem, Verdict.ERROR, labels, waived=False)
        made.statusDetails = StatusDetails(message=problem)
        return made

    def _new(self, key: str, name: str, verdict: Verdict, labels: list[tuple[str, str]], *, waived: bool) -> TestResult:
        at = _milliseconds(self._told.started)
        labels = [*labels, (LabelType.FRAMEWORK, "v2x-conformance"), ("verdict", str(verdict))]
        return TestResult(
            uuid=_uuid(f"{self._told.manifest.run}:{key}"),
            historyId=_digest(f"{self._told.manifest.product.name}:{key}"),
            testCaseId=_digest(key),
            fullName=key,
            name=name,
            status=Status.SKIPPED if waived else _STATUS[verdict],
            stage="finished",
            start=at,
            stop=at,
            labels=[Label(name=kind, value=value) for kind, value in labels if value],
        )

    def _attach(self, made: TestResult, name: str, text: str, kind: AttachmentType) -> None:
        file = ATTACHMENT_PATTERN.format(prefix=_uuid(f"{made.uuid}:{name}"), ext=kind.extension)
        write_text(self._folder / file, text)
        made.attachments.append(Attachment(name=name, source=file, type=kind.mime_type))

    def _result(self, made: TestResult) -> None:
        document = attrs.asdict(made, filter=lambda _, value: bool(value) or value is False)
        write_text(self._folder / TEST_CASE_PATTERN.format(prefix=made.uuid), _json(document))


def _trace(found: list[FindingRecord]) -> str:
    return "\n".join(f"{f.requirement}: {f.text}\n  expected: {f.expected}\n  seen: {f.seen}" for f in found)


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode() + "\n"


def _uuid(name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"v2x:{name}"))


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()[:32]


def _property(text: str) -> str:
    """Write a text as Java's properties files have it."""
    return "".join(f"\\{c}" if c in " =:#!\\" else c if c.isprintable() else " " for c in text)


def _milliseconds(time: datetime) -> int:
    return round(time.timestamp() * 1000)


def write_allure(bundle: Bundle, folder: Path) -> Path:
    """Write Allure results into ``allure-results`` in a folder.

    Raises:
        BundleError: a part of the bundle is missing or damaged, or a file cannot be written.
    """
    target = folder / FOLDER
    AllureResults(account(bundle), target).write()
    return target
