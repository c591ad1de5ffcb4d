"""The headline: what is wrong, where, by which clause, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from v2x_harness.finding import Axis
from v2x_harness.verdict import Verdict

from v2x_reports.account import Account
from v2x_reports.grouping import FindingGroup, grouped


@dataclass(frozen=True)
class Headline:
    """What a reader must know first.

    Attributes:
        verdict: colours it.
        sentence: the one sentence; ``more`` what qualifies it.
        wrong: conformance findings against the product, most frequent requirement first.
        elsewhere: conformance findings against others in the cast; they are not held against the product.
        compatible: what is legal and known to trip peers.
        waived: what is known and accepted for a while.
    """

    verdict: Verdict
    sentence: str
    more: tuple[str, ...]
    wrong: tuple[FindingGroup, ...]
    elsewhere: tuple[FindingGroup, ...]
    compatible: tuple[FindingGroup, ...]
    waived: tuple[FindingGroup, ...]


def headline(told: Account) -> Headline:
    """Say what a run came to."""
    groups = grouped(told.findings, range(len(told.findings)))
    roles = told.subject_roles

    def ours(group: FindingGroup) -> bool:
        return not group.first.party or not roles or group.first.party in roles

    live = [g for g in groups if not g.first.waived]
    conformance = [g for g in live if g.first.axis is Axis.CONFORMANCE]
    wrong = sorted((g for g in conformance if ours(g)), key=lambda g: (-len(g.indexes), g.first.requirement))
    return Headline(
        verdict=told.verdicts.verdict,
        sentence=_sentence(told, wrong),
        more=tuple(_more(told)),
        wrong=tuple(wrong),
        elsewhere=tuple(g for g in conformance if not ours(g)),
        compatible=tuple(g for g in live if g.first.axis is Axis.COMPATIBILITY),
        waived=tuple(g for g in groups if g.first.waived),
    )


def count(number: int, word: str) -> str:
    """Return a number with its noun: ``1 case``, ``2 cases``."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _sentence(told: Account, wrong: list[FindingGroup]) -> str:
    name = told.product
    if not told.verdicts.complete:
        return f"This run of {name} is incomplete: it was cut off. What stands here was seen until then, and is no verdict."
    judged = [c for c in told.cases if c.result.verdict.judged]
    failed = [c for c in judged if c.result.verdict is Verdict.FAIL and not c.result.waived]
    match told.verdicts.verdict:
        case Verdict.PASS:
            rules = [r for r in told.verdicts.rules if r.verdict.judged]
            return f"{name} conforms in everything that was judged: {count(len(judged), 'case')}, {count(len(rules), 'rule')}."
        case Verdict.WARN if waived := [c for c in judged if c.result.waived]:
            are = "is" if len(waived) == 1 else "are"
            return (
                f"{name} fails in nothing that is not waived: {len(waived)} of {count(len(judged), 'judged case')} {are} waived."
            )
        case Verdict.WARN:
            return f"{name} passes in all {count(len(judged), 'judged case')}, with warnings."
        case Verdict.INCONCLUSIVE if not judged:
            return f"Nothing was judged of {name}."
        case Verdict.INCONCLUSIVE:
            return f"{name} could not be judged in everything, and what was judged does not fail."
        case Verdict.ERROR if not wrong:
            return f"The harness failed in this run of {name}; that says nothing about the product."
    requirements = len({g.first.requirement for g in wrong})
    if not requirements:
        return f"This run of {name} fails."
    where = f" {len(failed)} of {count(len(judged), 'judged case')} fail{'s' if len(failed) == 1 else ''}." if failed else ""
    return f"{name} violates {count(requirements, 'requirement')}.{where}"


def _more(told: Account) -> list[str]:
    told_more = list(told.verdicts.problems)
    told_more += [f"Is it the product that was meant? {difference}." for difference in told.manifest.product.differences]
    if otherwise := told.corrected:
        pics = ", ".join(f"{i} {'yes' if yes else 'no'}" for i, yes in sorted(otherwise.items()))
        told_more.append(f"Observed otherwise than declared (PICS): {pics}.")
    counts = told.verdicts.totals.cases
    for verdict, words in (
        (Verdict.ERROR, "ended in an error of the harness or an adapter: not the product's fault"),
        (Verdict.INCONCLUSIVE, "could not be judged to the end"),
        (Verdict.BLOCKED, "could not be run"),
        (Verdict.REVIEW, "must be looked at by a person"),
    ):
        if number := counts.get(verdict, 0):
            told_more.append(f"{count(number, 'case')} {words}.")
    return told_more
