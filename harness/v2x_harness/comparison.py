"""Comparing two runs of one product: what is newly wrong, what was mended, what stayed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from v2x_harness.bundle import Bundle
from v2x_harness.finding import Axis
from v2x_harness.results import CaseResult, FindingRecord, RuleResult, Verdicts
from v2x_harness.verdict import Verdict

FORMAT = "v2x-diff/1"

_BAD = frozenset({Verdict.FAIL, Verdict.ERROR, Verdict.INCONCLUSIVE})


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A case or rule (``rule:…``) in both runs; ``reason`` is that of the new run."""

    what: str
    before: str
    after: str
    reason: str = ""


class FindingChange(msgspec.Struct, frozen=True, kw_only=True):
    """A finding that one run has more often than the other."""

    requirement: str
    source: str
    case: str
    text: str
    axis: Axis
    before: int
    after: int


class Diff(msgspec.Struct, frozen=True, kw_only=True):
    """What changed between two runs.

    Attributes:
        regressed: whether the new run is worse: something newly fails, something that passed is not judged any more, a new
            conformance finding, or the new run is incomplete where the old one was not.
        newly_failing, fixed, still_failing: cases and rules that failed (waived ones did not) after, before, and both times.
        lost: those that passed or failed before, and were not judged this time though they ran.
        new, removed: cases and rules that only one run has.
        notes: what makes the comparison doubtful: another product, another suite.
    """

    before: str
    after: str
    regressed: bool
    newly_failing: tuple[Change, ...] = ()
    fixed: tuple[Change, ...] = ()
    still_failing: tuple[Change, ...] = ()
    lost: tuple[Change, ...] = ()
    new: tuple[Change, ...] = ()
    removed: tuple[Change, ...] = ()
    findings_new: tuple[FindingChange, ...] = ()
    findings_gone: tuple[FindingChange, ...] = ()
    notes: tuple[str, ...] = ()
    format: str = FORMAT


def compare(before: Bundle, after: Bundle) -> Diff:
    """Compare two bundles.

    Raises:
        BundleError: a part of one of them cannot be read.
    """
    old, new = before.verdicts, after.verdicts
    diff = compare_verdicts(old, new)
    notes = []
    if before.manifest.product.name != after.manifest.product.name:
        notes.append(f"other products: {before.manifest.product.name}, {after.manifest.product.name}")
    elif before.manifest.product.version != after.manifest.product.version:
        notes.append(f"product version {before.manifest.product.version or '?'} → {after.manifest.product.version or '?'}")
    if before.manifest.suite != after.manifest.suite:
        notes.append("the suite itself changed between the two runs")
    notes += [f"{name} run is incomplete" for name, v in (("the first", old), ("the second", new)) if not v.complete]
    return msgspec.structs.replace(diff, notes=tuple(notes))


def compare_verdicts(before: Verdicts, after: Verdicts) -> Diff:
    """Compare what two runs came to."""
    old, new = _results(before), _results(after)
    changes: dict[str, list[Change]] = {}
    for what in sorted({*old, *new}):
        change = _change(what, old, new)
        changes.setdefault(_kind(old.get(what), new.get(what)), []).append(change)
    findings_new, findings_gone = _findings(before.findings, after.findings)
    regressed = (
        bool(changes.get("newly_failing") or changes.get("lost"))
        or any(_bad(new[c.what]) for c in changes.get("new", ()))
        or any(f.axis is Axis.CONFORMANCE for f in findings_new)
        or (before.complete and not after.complete)
    )
    return Diff(
        before=before.run,
        after=after.run,
        regressed=regressed,
        findings_new=findings_new,
        findings_gone=findings_gone,
        newly_failing=tuple(changes.get("newly_failing", ())),
        fixed=tuple(changes.get("fixed", ())),
        still_failing=tuple(changes.get("still_failing", ())),
        lost=tuple(changes.get("lost", ())),
        new=tuple(changes.get("new", ())),
        removed=tuple(changes.get("removed", ())),
    )


def _results(verdicts: Verdicts) -> dict[str, CaseResult | RuleResult]:
    cases: dict[str, CaseResult | RuleResult] = {c.name: c for c in verdicts.cases}
    return cases | {f"rule:{r.rule}": r for r in verdicts.rules}


def _bad(result: CaseResult | RuleResult) -> bool:
    return result.verdict in _BAD and not result.waived


def _kind(old: CaseResult | RuleResult | None, new: CaseResult | RuleResult | None) -> str:
    if old is None:
        return "new"
    if new is None:
        return "removed"
    if _bad(new):
        return "still_failing" if _bad(old) else "newly_failing"
    if old.verdict.judged and not new.verdict.judged:
        # A rule had nothing to judge in a shorter run; a case that ran and was not judged is evidence lost.
        return "lost" if isinstance(new, CaseResult) else "same"
    return "fixed" if _bad(old) else "same"


def _change(what: str, old: Mapping[str, CaseResult | RuleResult], new: Mapping[str, CaseResult | RuleResult]) -> Change:
    def word(results: Mapping[str, CaseResult | RuleResult]) -> str:
        result = results.get(what)
        return "" if result is None else f"{result.verdict} (waived)" if result.waived else str(result.verdict)

    now = new.get(what)
    return Change(what=what, before=word(old), after=word(new), reason=now.reason if isinstance(now, CaseResult) else "")


def _findings(
    before: Iterable[FindingRecord], after: Iterable[FindingRecord]
) -> tuple[tuple[FindingChange, ...], tuple[FindingChange, ...]]:
    """Count findings by what they say, not by the frame they rest on, and give those that became more and fewer."""
    texts: dict[tuple[str, str, str, Axis, str], str] = {}

    def count(findings: Iterable[FindingRecord]) -> Counter[tuple[str, str, str, Axis, str]]:
        counts = Counter[tuple[str, str, str, Axis, str]]()
        for f in findings:
            if not f.waived:
                key = (f.requirement, f.source, f.case, f.axis, f.location.pointer)
                texts.setdefault(key, f.text)
                counts[key] += 1
        return counts

    old, new = count(before), count(after)
    changed = [
        (
            key,
            FindingChange(
                requirement=key[0], source=key[1], case=key[2], axis=key[3], text=texts[key], before=old[key], after=new[key]
            ),
        )
        for key in sorted({*old, *new})
        if bool(old[key]) != bool(new[key])
    ]
    return tuple(c for _, c in changed if c.after), tuple(c for _, c in changed if c.before)
