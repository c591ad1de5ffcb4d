"""Which requirements are cited, and which testable ones are not."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from v2x_harness.protocol import ProtocolSuite
from v2x_harness.requirement import Level, Registry


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Coverage of one version of one specification.

    Attributes:
        total: requirement ids that the specification has, 0 where their number is not public; of one that numbers none, the
            section anchors that we have registered.
        registered: those in our registry, in our own words.
        cited: those that at least one case or rule judges.
        anchors: further section anchors in our registry, where the specification numbers nothing; ``anchors_cited`` those judged.
        official: how many the official test cases cite; 0 where that is not published.
    """

    protocol: str
    version: str
    total: int
    registered: int
    cited: int
    anchors: int
    anchors_cited: int
    official: int = 0


def cited(suite: ProtocolSuite, version: str) -> dict[str, list[str]]:
    """Return requirement id to the ids of the cases and rules that judge it, for one version."""
    by_requirement: dict[str, list[str]] = {}
    for case in suite.cases():
        if case.version == version:
            for i in case.verifies:
                by_requirement.setdefault(i, []).append(case.id)
    for rule in suite.rules():
        for i in rule.requirements.get(version, ()):
            by_requirement.setdefault(i, []).append(f"rule:{rule.id}")
    return by_requirement


def coverage_of(suite: ProtocolSuite, registry: Registry) -> Coverage:
    """Count one registry against what cites it."""
    known = [i for i in cited(suite, registry.version) if i in registry]
    # Where the specification numbers nothing, our anchors are what there is to count.
    counts = registry.is_numbered if registry.has_numbers else lambda _: True
    numbered, numbered_cited = sum(map(counts, registry)), sum(map(counts, known))
    return Coverage(
        protocol=registry.protocol,
        version=registry.version,
        total=registry.total or (0 if registry.has_numbers else len(registry)),
        registered=numbered,
        cited=numbered_cited,
        anchors=len(registry) - numbered,
        anchors_cited=len(known) - numbered_cited,
        official=registry.official,
    )


def uncovered(suite: ProtocolSuite) -> Iterator[str]:
    """Say what is wrong between registries, cases and rules: unknown ids, and testable MUSTs that nothing cites."""
    for registry in suite.registries():
        citing = cited(suite, registry.version)
        for i, by in sorted(citing.items()):
            if i not in registry:
                yield f"{suite.name} {registry.version}: {', '.join(by)} cites {i}, which is not registered"
        for i, requirement in registry.items():
            if requirement.level is Level.MUST and requirement.testable and i not in citing:
                yield f"{suite.name} {registry.version}: {i} is a testable MUST that no case and no rule cites"
            if not requirement.testable and i in citing:
                yield f"{suite.name} {registry.version}: {i} says why it is not tested, but {', '.join(citing[i])} cites it"
