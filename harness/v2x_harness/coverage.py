"""Which requirements are cited, and which testable ones are not."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from v2x_harness.protocol import ProtocolSuite
from v2x_harness.requirement import Level, Registry


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """Coverage of one version of one specification.

    Attributes:
        total: requirement ids that the specification has.
        registered: those in our registry, in our own words.
        cited: those of the specification's ids that at least one case or rule judges.
        official: how many the official test cases cite; 0 where that is not published.
    """

    protocol: str
    version: str
    total: int
    registered: int
    cited: int
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
    return Coverage(
        protocol=registry.protocol,
        version=registry.version,
        total=registry.total,
        registered=len(registry),
        cited=len(known),
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
