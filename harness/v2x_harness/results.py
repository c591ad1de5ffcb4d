"""What a run came to. Everything here is derived from the journals; nothing else has a say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

import msgspec

from v2x_harness import waiver as waivers_
from v2x_harness.events import INTERRUPTED, CaseEvent, Event, FindingEvent, Footer, Header, Note, RuleEvent, VerdictEvent
from v2x_harness.finding import Axis, Finding
from v2x_harness.verdict import Verdict
from v2x_harness.waiver import Waiver

FORMAT = "v2x-verdicts/1"


class FindingRecord(Finding, frozen=True, tag=False, omit_defaults=False):
    """A finding, and where in the bundle it stands.

    Attributes:
        journal: name of the lane's journal; ``location.frame`` counts in that one.
        n: of the finding's own event.
        waived: the waiver that covers it, in words; empty when it counts.
    """

    journal: str = ""
    n: int = 0
    waived: str = ""


class CaseResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one case came to.

    Attributes:
        findings: indexes into `Verdicts.findings`, of the case itself and of rules while it ran.
        journal: where it ran; ``first`` and ``last`` are the ``n`` of its first and last event there.
        attempts: how often it ran; the worst attempt is the one shown.
        waived: it failed, and every finding that made it fail is waived.
        duration: seconds of the tap's clock; ``wall`` seconds of real time.
    """

    case: str
    verdict: Verdict
    variant: str = ""
    role: str = ""
    reason: str = ""
    requirements: dict[str, Verdict] = {}
    findings: tuple[int, ...] = ()
    journal: str = ""
    first: int = 0
    last: int = 0
    attempts: int = 1
    waived: bool = False
    duration: float = 0.0
    wall: float = 0.0

    @property
    def name(self) -> str:
        """The case's id, with its variant in brackets."""
        return f"{self.case}[{self.variant}]" if self.variant else self.case


class RuleResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one rule came to over all journals; ``inspected`` is how often it had something to judge."""

    rule: str
    verdict: Verdict
    inspected: int = 0
    findings: tuple[int, ...] = ()
    waived: bool = False


class RequirementResult(msgspec.Struct, frozen=True, kw_only=True):
    """What cases and rules say of one requirement; ``waived`` when every finding that cites it is."""

    id: str
    verdict: Verdict
    cases: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    findings: tuple[int, ...] = ()
    waived: bool = False


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Counts by verdict, and of the findings by axis; waived findings are counted apart."""

    cases: dict[str, int]
    rules: dict[str, int]
    requirements: dict[str, int]
    findings: dict[str, int]


class Verdicts(msgspec.Struct, frozen=True, kw_only=True):
    """``verdicts.json``: what a run came to.

    Attributes:
        verdict: the worst over cases and rules, waived ones left out; at least ``fail`` when a waiver is expired or stale, and
            ``error`` when a journal is incomplete. A run in which nothing was judged is ``inconclusive``.
        complete: whether every journal ended in order; ``problems`` says what did not, and which waivers fail the run.
    """

    run: str
    subject: str
    verdict: Verdict
    complete: bool
    totals: Totals
    cases: tuple[CaseResult, ...]
    rules: tuple[RuleResult, ...]
    requirements: tuple[RequirementResult, ...]
    findings: tuple[FindingRecord, ...]
    problems: tuple[str, ...] = ()
    format: str = FORMAT

    def exit_code(self, *, strict: bool = False) -> int:
        """Return 0 for pass, 1 for findings, 3 when the harness itself failed or was cut off.

        Args:
            strict: warnings, and cases that were blocked or that a person must look at, count as findings.
        """
        if self.verdict is Verdict.ERROR:
            return 3
        if self.verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
            return 1
        doubtful = {Verdict.WARN, Verdict.BLOCKED, Verdict.REVIEW}
        results: tuple[CaseResult | RuleResult, ...] = (*self.cases, *self.rules)
        return int(strict and any(r.verdict in doubtful for r in results))


class _Execution:
    """One case while its events are read."""

    def __init__(self, case: str, journal: str, n: int) -> None:
        self.case, self.journal, self.first, self.last = case, journal, n, n
        self.end: VerdictEvent | None = None
        self.findings: list[int] = []


class Tally:
    """Takes the events of every journal and says what they come to.

    Args:
        subject: name of the product under test.
    """

    def __init__(self, subject: str = "") -> None:
        self._subject, self._run = subject, ""
        self._executions: list[_Execution] = []
        self._open: dict[str, _Execution] = {}
        self._findings: list[FindingRecord] = []
        self._inspected: Counter[str] = Counter()
        self._cited: dict[str, set[str]] = {}
        self._problems: list[str] = []

    def feed(self, journal: str, event: Event) -> None:
        """Take the next event of a journal."""
        if journal in self._open and not isinstance(event, Footer):
            self._open[journal].last = event.n
        match event:
            case Header():
                self._run = self._run or event.run
            case CaseEvent(event="begin"):
                self._open[journal] = _Execution(event.case, journal, event.n)
                self._executions.append(self._open[journal])
            case FindingEvent():
                self._found(journal, event)
            case VerdictEvent():
                execution = self._open.pop(journal, None)
                if execution is None or execution.case != event.case:
                    execution = _Execution(event.case, journal, event.n)
                    self._executions.append(execution)
                execution.end, execution.last = event, event.n
            case Note() if event.topic == INTERRUPTED:
                self.incomplete(journal, event.text)
            case RuleEvent():
                self._inspected[event.rule] += event.inspected
                if event.inspected:
                    self._cited.setdefault(event.rule, set()).update(event.requirements)

    def incomplete(self, journal: str, problem: str) -> None:
        """Take note that a journal did not end in order."""
        self._problems.append(f"journal {journal}: {problem}")

    def _found(self, journal: str, event: FindingEvent) -> None:
        execution = self._open.get(journal)
        if execution is None or event.finding.case not in ("", execution.case):
            mine = (e for e in reversed(self._executions) if e.journal == journal and e.case == event.finding.case)
            execution = next(mine, None) if event.finding.case else None
        if execution:
            execution.findings.append(len(self._findings))
            execution.last = max(execution.last, event.n)
        self._findings.append(FindingRecord(**msgspec.structs.asdict(event.finding), journal=journal, n=event.n))

    def verdicts(self, waivers: Sequence[Waiver] = (), today: date | None = None) -> Verdicts:
        """Say what it all came to.

        Args:
            waivers: to apply.
            today: the day they are judged on; without it none is applied.
        """
        cases = _merged([self._case(e) for e in self._executions])
        sources = {r for f in self._findings if (r := f.source.removeprefix("rule:")) != f.source}
        rules = [self._rule(r) for r in sorted(set(self._inspected) | sources)]
        problems = list(self._problems)
        if today is not None and waivers:
            judged = {c.case for c in cases if c.verdict.judged} | {f"rule:{r.rule}" for r in rules if r.verdict.judged}
            applied = waivers_.apply(waivers, self._findings, today, subject=self._subject or None, judged=judged)
            problems += applied.problems
            for index, each in applied.waived.items():
                words = f"{each.reason} ({each.owner}, until {each.expires})"
                self._findings[index] = msgspec.structs.replace(self._findings[index], waived=words)
            cases = [msgspec.structs.replace(c, waived=self._case_waived(c)) for c in cases]
            rules = [msgspec.structs.replace(r, waived=self._all_waived(r.verdict, r.findings)) for r in rules]
        requirements = self._requirements(cases, rules)
        return Verdicts(
            run=self._run,
            subject=self._subject,
            verdict=self._overall(cases, rules, failing=len(problems) > len(self._problems)),
            complete=not self._problems,
            totals=self._totals(cases, rules, requirements),
            cases=tuple(cases),
            rules=tuple(rules),
            requirements=tuple(requirements),
            findings=tuple(self._findings),
            problems=tuple(problems),
        )

    def _case(self, execution: _Execution) -> CaseResult:
        end = execution.end or VerdictEvent(
            execution.case, Verdict.ERROR, reason="the run was cut off while this case was running"
        )
        verdict = end.verdict.settled
        for result in end.requirements.values():
            verdict = verdict.worsened_by(result)
        for finding in (self._findings[i] for i in execution.findings):
            if finding.source == execution.case:
                verdict = verdict.worsened_by(_weight(finding))
        return CaseResult(
            case=execution.case,
            verdict=verdict,
            variant=end.variant,
            role=end.role,
            reason=end.reason,
            requirements=dict(sorted(end.requirements.items())),
            findings=tuple(execution.findings),
            journal=execution.journal,
            first=execution.first,
            last=execution.last,
            duration=end.duration,
            wall=end.wall,
        )

    def _rule(self, rule: str) -> RuleResult:
        findings = tuple(i for i, f in enumerate(self._findings) if f.source == f"rule:{rule}")
        verdict = Verdict.PASS if self._inspected[rule] else Verdict.NOT_APPLICABLE
        if findings:
            verdict = Verdict.PASS
            for i in findings:
                verdict = verdict.worsened_by(_weight(self._findings[i]))
        return RuleResult(rule=rule, verdict=verdict, inspected=self._inspected[rule], findings=findings)

    def _all_waived(self, verdict: Verdict, findings: Iterable[int]) -> bool:
        counting = [f for i in findings if (f := self._findings[i]).axis is Axis.CONFORMANCE]
        return verdict is Verdict.FAIL and bool(counting) and all(f.waived for f in counting)

    def _case_waived(self, case: CaseResult) -> bool:
        own = [i for i in case.findings if self._findings[i].source == case.case]
        explained = {r for i in own for r in self._findings[i].cites}
        unexplained = any(v is Verdict.FAIL and r not in explained for r, v in case.requirements.items())
        return self._all_waived(case.verdict, own) and not unexplained

    def _requirements(self, cases: Sequence[CaseResult], rules: Sequence[RuleResult]) -> list[RequirementResult]:
        verdicts: dict[str, Verdict] = {}
        by_case: dict[str, set[str]] = {}
        by_rule: dict[str, set[str]] = {}
        found: dict[str, list[int]] = {}

        def settle(requirement: str, verdict: Verdict) -> None:
            verdicts[requirement] = verdicts.get(requirement, Verdict.NONE).worsened_by(verdict)

        for case in cases:
            for requirement, verdict in case.requirements.items():
                by_case.setdefault(requirement, set()).add(case.name)
                settle(requirement, verdict)
        for rule in rules:
            for requirement in self._cited.get(rule.rule, ()):
                by_rule.setdefault(requirement, set()).add(rule.rule)
                settle(requirement, Verdict.PASS)
        for index, finding in enumerate(self._findings):
            rule_id = finding.source.removeprefix("rule:")
            by, who = (by_rule, rule_id) if rule_id != finding.source else (by_case, finding.case or finding.source)
            for requirement in finding.cites:
                found.setdefault(requirement, []).append(index)
                settle(requirement, _weight(finding))
                if not any(c.split("[")[0] == who for c in by.get(requirement, ())):
                    by.setdefault(requirement, set()).add(who)
        return [
            RequirementResult(
                id=r,
                verdict=verdicts[r].settled,
                cases=tuple(sorted(by_case.get(r, ()))),
                rules=tuple(sorted(by_rule.get(r, ()))),
                findings=tuple(found.get(r, ())),
                waived=self._all_waived(verdicts[r], found.get(r, ())),
            )
            for r in sorted(verdicts)
        ]

    def _overall(self, cases: Sequence[CaseResult], rules: Sequence[RuleResult], *, failing: bool) -> Verdict:
        verdict = Verdict.NONE
        results: tuple[CaseResult | RuleResult, ...] = (*cases, *rules)
        for result in results:
            verdict = verdict.worsened_by(Verdict.WARN if result.waived else result.verdict)
        if verdict is Verdict.NONE or (cases and not any(case.verdict.judged for case in cases)):
            # That the rules have nothing to say does not make up for cases none of which could be run.
            verdict = verdict.worsened_by(Verdict.INCONCLUSIVE)
        if failing:
            verdict = verdict.worsened_by(Verdict.FAIL)
        return verdict.worsened_by(Verdict.ERROR) if self._problems else verdict

    def _totals(
        self, cases: Sequence[CaseResult], rules: Sequence[RuleResult], requirements: Sequence[RequirementResult]
    ) -> Totals:
        def count(results: Iterable[CaseResult | RuleResult | RequirementResult]) -> dict[str, int]:
            counts = Counter(str(r.verdict) for r in results)
            return {str(v): counts[v] for v in Verdict if counts[v]}

        found = Counter("waived" if f.waived else str(f.axis) for f in self._findings)
        return Totals(
            cases=count(cases),
            rules=count(rules),
            requirements=count(requirements),
            findings={axis: found[axis] for axis in (*map(str, Axis), "waived")},
        )


def derive_verdicts(
    journals: Mapping[str, Iterable[Event]], *, subject: str = "", waivers: Sequence[Waiver] = (), today: date | None = None
) -> Verdicts:
    """Say what journals come to, given as their events; for journal files see `v2x_harness.bundle.Bundle.derive`.

    Args:
        journals: name of a lane to its events, in order.
        subject: name of the product under test.
        waivers: to apply.
        today: the day they are judged on; without it none is applied.
    """
    tally = Tally(subject)
    for name, events in journals.items():
        for event in events:
            tally.feed(name, event)
    return tally.verdicts(waivers, today)


def _weight(finding: Finding) -> Verdict:
    return Verdict.FAIL if finding.axis is Axis.CONFORMANCE else Verdict.WARN


def _merged(results: Iterable[CaseResult]) -> list[CaseResult]:
    """Make one of the several attempts of a case: the worst one, with the findings of all."""
    merged: dict[tuple[str, str], CaseResult] = {}
    for result in results:
        key = (result.case, result.variant)
        if key not in merged:
            merged[key] = result
            continue
        before = merged[key]
        # Beside the lattice stands "not judged": an attempt that was judged says more.
        worse = result.verdict.judged and (
            not before.verdict.judged or before.verdict.worsened_by(result.verdict) is not before.verdict
        )
        merged[key] = msgspec.structs.replace(
            result if worse else before,
            attempts=before.attempts + 1,
            findings=(*before.findings, *result.findings),
            requirements=dict(sorted((before.requirements | result.requirements).items()))
            if worse
            else dict(sorted((result.requirements | before.requirements).items())),
        )
    return [merged[key] for key in sorted(merged)]
