"""What this package contributes to ``v2x docs``: the catalogue of cases, rules and faults, and the coverage of requirements."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import msgspec
from v2x_harness.coverage import Coverage, cited, coverage_of
from v2x_harness.protocol import ProtocolSuite, protocols
from v2x_harness.requirement import Registry

from v2x_suites.cli_demo import Judged
from v2x_suites.iso15118 import field_failures
from v2x_suites.ocpp import field_frames

_TITLES = {"ocpp": "OCPP 1.6 and 2.0.1", "iso15118": "ISO 15118-2, -20 and DIN SPEC 70121"}


def documents() -> dict[str, str]:
    """Return the catalogue, the coverage, and the figures of the README."""
    suites = [suite for _, suite in sorted(protocols().items(), reverse=True)]
    return {
        "README.md": "\n".join(_figures(suites)),
        "test_suites/CATALOGUE.md": "\n".join(_catalogue(suites)),
        "test_suites/COVERAGE.md": "\n".join(_coverage(suites)),
        "test_suites/field_frames.md": "\n".join(field_frames.table()),
        "test_suites/field_failures.md": "\n".join(field_failures.table()),
        "test_suites/v2x_suites/schemas/demo.json": demo_schema(),
    }


def demo_schema() -> str:
    """Return the text of the schema of what ``v2x demo --json`` prints."""
    title = "v2x demo --json: what was found of each product"
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:v2x-conformance:demo:1",
        "title": title,
    }
    return msgspec.json.format(json.dumps(head | msgspec.json.schema(list[Judged]) | {"title": title}), indent=2) + "\n"


def _figures(suites: Sequence[ProtocolSuite]) -> Iterator[str]:
    known = field_failures.field_failures()
    yield "| what there is | |"
    yield "|---|---|"
    judged = (f"{len(each.cases())} cases and {len(each.rules())} passive rules for {_title(each)}" for each in suites)
    yield f"| cases, rules | {'; '.join(judged)}; both sides of each |"
    faults = sum(len(suite.faults()) for suite in suites)
    yield (
        f"| proof | {faults:,} seeded faults, each noticed by every case and rule that it names, citing what it violates; no case"
        " or rule without one; no case passes on a subject that is mute, talks nonsense, refuses everything, knows no better than"
        " a recording, or drops the connection |"
    )
    told = "; ".join(_told(suite) for suite in suites)
    yield f"| requirements | {told}: see [coverage](test_suites/COVERAGE.md) |"
    yield (
        "| field | captures of real cars judged ([by car](test_suites/field_captures.md));"
        f" {len(known)} known failures of the field, each with what catches it ([table](test_suites/field_failures.md));"
        " [findings](test_suites/field_findings.md) in six products |"
    )


def _told(suite: ProtocolSuite) -> str:
    """Return how many requirements a protocol's registries have."""
    rows = [(coverage_of(suite, registry), registry) for registry in suite.registries()]
    numbered = sum(row.registered for row, registry in rows if registry.has_numbers)
    anchors = sum(row.anchors if registry.has_numbers else row.registered for row, registry in rows)
    of = sum(registry.total or 0 for _, registry in rows)
    public = f" of the {of:,}" if of else " that public sources tell"
    return f"{_title(suite)}: {numbered} numbered ones{public}, and {anchors} section anchors"


def _title(suite: ProtocolSuite) -> str:
    return _TITLES.get(suite.name, suite.name)


def _catalogue(suites: Sequence[ProtocolSuite]) -> Iterator[str]:
    yield "# Catalogue\n"
    yield "Written by `make docs`; `v2x explain ID` tells more of each.\n"
    yield "| protocol | cases | rules | seeded faults | good peers |"
    yield "|---|---|---|---|---|"
    for suite in suites:
        counts = (len(each) for each in (suite.cases(), suite.rules(), suite.faults(), suite.good_peers()))
        yield f"| [{suite.name}](#{suite.name}-cases) | {' | '.join(map(str, counts))} |"
    for suite in suites:
        yield from _catalogue_of(suite)


def _catalogue_of(suite: ProtocolSuite) -> Iterator[str]:
    killers: dict[str, int] = {}
    for fault in suite.faults():
        for name in (*fault.cases, *fault.rules):
            killers[name] = killers.get(name, 0) + 1
    yield f"\n## {suite.name}: cases\n"
    yield "| id | version | under test | what it judges | requirements | applies | faults |"
    yield "|---|---|---|---|---|---|---|"
    for case in suite.cases():
        row = (case.id, case.version, case.role, case.title, " ".join(case.verifies), case.applies, str(killers.get(case.id, 0)))
        yield f"| {' | '.join(row)} |"
    yield f"\n## {suite.name}: rules\n"
    yield "| id | layer | axis | at fault | what it judges | requirements | faults |"
    yield "|---|---|---|---|---|---|---|"
    for rule in suite.rules():
        cites = "; ".join(f"{version}: {' '.join(ids)}" for version, ids in rule.requirements.items())
        row = (rule.id, rule.layer, rule.axis, " ".join(rule.parties), rule.text, cites, str(killers.get(rule.id, 0)))
        yield f"| {' | '.join(row)} |"
    yield f"\n## {suite.name}: seeded faults\n"
    yield "| id | version | in the | family | what it does wrong | violates | noticed by |"
    yield "|---|---|---|---|---|---|---|"
    for fault in suite.faults():
        noticed = " ".join((*fault.cases, *(f"rule:{r}" for r in fault.rules)))
        row = (fault.id, fault.version, fault.role, fault.family, fault.text, " ".join(fault.violates), noticed)
        yield f"| {' | '.join(row)} |"


def _coverage(suites: Sequence[ProtocolSuite]) -> Iterator[str]:
    yield "# Requirement coverage\n"
    yield "Written by `make docs`; the same as `v2x requirements coverage`.\n"
    yield "| specification | its requirement ids | registered | judged | by the official cases | our section anchors | judged |"
    yield "|---|---|---|---|---|---|---|"
    registries = [(suite, registry) for suite in suites for registry in suite.registries()]
    for suite, registry in registries:
        row = coverage_of(suite, registry)
        share = f"{row.cited} ({100 * row.cited / row.total:.1f} %)" if row.total else str(row.cited)
        official = f"{row.official} ({100 * row.official / row.total:.1f} %)" if row.official else "not published by id"
        cells = (f"{suite.name} {row.version}", _total(row, registry), row.registered, share, official)
        yield f"| {' | '.join(map(str, (*cells, row.anchors, row.anchors_cited)))} |"
    for suite, registry in registries:
        citing = cited(suite, registry.version)
        yield f"\n## {suite.name} {registry.version}\n"
        yield "| requirement | level | actor | in our words | judged by |"
        yield "|---|---|---|---|---|"
        for i, requirement in registry.items():
            judged = " ".join(citing.get(i, ())) or f"not tested: {requirement.not_tested_reason}"
            text = f"{requirement.condition}: {requirement.text}" if requirement.condition else requirement.text
            yield f"| {i} | {requirement.level} | {requirement.actor} | {text} | {judged} |"


def _total(row: Coverage, registry: Registry) -> str:
    """Return how many requirements a specification has, as far as that is known."""
    if registry.total:
        return str(registry.total)
    return "their number is not public" if registry.has_numbers else f"numbers none; {row.total} anchors"
