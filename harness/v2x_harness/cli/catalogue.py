"""``v2x list``, ``v2x explain`` and ``v2x requirements``: what there is to judge by, without running anything."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Annotated

import msgspec
import typer
from rich.table import Table

from v2x_harness.case import Case
from v2x_harness.cli.console import plain, print_json, stdout
from v2x_harness.cli.selection import likely
from v2x_harness.coverage import Coverage, coverage_of, uncovered
from v2x_harness.errors import HarnessError
from v2x_harness.fault import Control, Fault, GoodPeer
from v2x_harness.protocol import ProtocolSuite, protocols
from v2x_harness.rule import RuleInfo

# What `v2x list` knows; legal variations of the reference actors are shown only when they are asked for.
KINDS = ("case", "rule", "scenario", "fault", "control", "good-peer")

# What the types of things are called.
_KINDS = {"RuleInfo": "rule", "GoodPeer": "good-peer"}

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the catalogue; ``version`` and ``role`` hold several values separated by a space where a rule has several.

    ``applies`` says what a product can do that a case is for, by the names of ``[pics]``; empty for any product.
    """

    kind: str
    id: str
    protocol: str
    version: str
    role: str
    requirements: tuple[str, ...]
    title: str
    applies: str = ""


def entries() -> Iterator[Entry]:
    """Give every case, rule, fault and control of every installed protocol."""
    for suite in protocols().values():
        for case in suite.cases():
            yield Entry(
                kind="case",
                id=case.id,
                protocol=case.protocol,
                version=case.version,
                role=case.role,
                requirements=case.verifies,
                title=case.title,
                applies=case.applies,
            )
        for rule in suite.rules():
            yield Entry(
                kind="rule",
                id=rule.id,
                protocol=rule.protocol,
                version=" ".join(rule.requirements),
                role=" ".join(rule.parties),
                requirements=tuple(dict.fromkeys(r for ids in rule.requirements.values() for r in ids)),
                title=rule.text,
            )
        bad: list[tuple[str, Fault | Control | GoodPeer]] = [("fault", f) for f in suite.faults()]
        bad += [("control", c) for c in suite.controls()]
        bad += [("good-peer", g) for g in suite.good_peers()]
        for kind, what in bad:
            yield Entry(
                kind=kind,
                id=what.id,
                protocol=what.protocol,
                version=what.version,
                role=what.role,
                requirements=what.violates if isinstance(what, Fault) else (),
                title=what.text,
            )


def list_(
    pattern: Annotated[str, typer.Argument(help="Glob over the ids.")] = "*",
    kind: Annotated[str, typer.Option(help=f"One of {', '.join(KINDS)}.")] = "",
    role: Annotated[str, typer.Option(help="station, csms, secc or evcc.")] = "",
    version: Annotated[str, typer.Option(help="Protocol version.")] = "",
    json: Json = False,
) -> int:
    """List cases, rules, faults and controls; good peers with --kind good-peer.

    Example: v2x list 'TC_B_*' --role station --version 2.0.1
    """
    known = list(entries())
    for option, value, allowed in (
        ("--kind", kind, KINDS),
        ("--role", role, sorted({r for e in known for r in e.role.split()})),
        ("--version", version, sorted({v for e in known for v in e.version.split()})),
    ):
        if value and value not in allowed:
            raise HarnessError(f"{option} {value}: there is none such", f"one of: {', '.join(allowed)}")
    if not any(fnmatchcase(e.id, pattern) for e in known):
        raise HarnessError(
            f"no id fits {pattern}", likely(pattern, [e.id for e in known]) or "v2x list without a pattern prints all"
        )
    chosen = [
        e
        for e in known
        if fnmatchcase(e.id, pattern)
        and (kind == e.kind if kind else e.kind != "good-peer")
        and (not role or role in e.role.split())
        and (not version or version in e.version.split())
    ]
    if json:
        print_json(chosen)
        return 0
    table = Table("kind", "id", "version", "role", "for a product with", "what", box=None, header_style="bold")
    for e in chosen:
        table.add_row(e.kind, e.id, e.version, e.role, plain(e.applies), plain(e.title))
    stdout.print(table)
    stdout.print(f"{len(chosen)} entries", style="dim")
    return 0


def explain(
    id: Annotated[str, typer.Argument(help="Of a case, rule, fault, control or requirement.")],  # noqa: A002
    json: Json = False,
) -> int:
    """Explain a case, rule, fault or requirement: what it judges, by which clause, and what proves that it can fail.

    Example: v2x explain TC_B_01_CS
    """
    found = list(_find(id))
    if not found:
        known = [entry.id for entry in entries()]
        known += [r.id for suite in protocols().values() for registry in suite.registries() for r in registry.values()]
        raise HarnessError(f"nothing is called {id}", likely(id, known) or "v2x list prints the ids of cases, rules and faults")
    if json:
        print_json([what for what, _ in found])
        return 0
    for what, suite in found:
        for name, value in _facts(what, suite):
            stdout.print(f"[bold]{name:<13}[/]{plain(value)}")
        stdout.print()
    return 0


def _find(id: str) -> Iterator[tuple[object, ProtocolSuite]]:  # noqa: A002
    for suite in protocols().values():
        for group in (suite.cases(), suite.rules(), suite.faults(), suite.controls(), suite.good_peers()):
            for what in group:
                if what.id.casefold() == id.removeprefix("rule:").casefold():
                    yield what, suite
        for registry in suite.registries():
            for requirement in registry.values():
                if requirement.id.casefold() == id.casefold():
                    yield requirement, suite


def _facts(what: object, suite: ProtocolSuite) -> Iterator[tuple[str, str]]:
    table: dict[str, object] = msgspec.to_builtins(what)
    yield "what", _KINDS.get(type(what).__name__, type(what).__name__.lower())
    for name, value in table.items():
        if name != "protocol" and value not in ("", [], (), {}):
            yield name.replace("_", " "), _words(value)
    if isinstance(what, Case):
        for registry in suite.registries():
            if registry.version == what.version:
                for i in what.verifies:
                    if i in registry:
                        yield "", f"{i} {registry[i].level}: {registry[i].text}"
    if isinstance(what, Case | RuleInfo):
        field = "cases" if isinstance(what, Case) else "rules"
        killers = [f.id for f in suite.faults() if what.id in getattr(f, field)]
        yield "killed by", ", ".join(killers) or "no fault names it"


def _words(value: object) -> str:
    """Write a value out for people."""
    match value:
        case dict():
            return "; ".join(f"{key}: {_words(each)}" for key, each in value.items())
        case list() | tuple():
            return ", ".join(map(_words, value))
    return str(value)


requirements = typer.Typer(no_args_is_help=True, help="What the specifications ask for, and what of it is tested.")


@requirements.command("coverage")
def coverage(json: Json = False) -> int:
    """Count the requirements of each specification, those registered, and those that cases and rules cite.

    Example: v2x requirements coverage --json
    """
    rows: list[Coverage] = [coverage_of(suite, registry) for suite in protocols().values() for registry in suite.registries()]
    if json:
        print_json(rows)
        return 0
    heads = ("protocol", "version", "in the spec", "registered", "cited", "share", "anchors", "cited", "official cases cite")
    table = Table(*heads, box=None, header_style="bold")
    for row in rows:
        share = f"{100 * row.cited / row.total:.1f} %" if row.total else "unknown"
        official = f"{row.official} ({100 * row.official / row.total:.1f} %)" if row.official else "not published"
        counts = map(str, (row.total or "not public", row.registered, row.cited))
        table.add_row(row.protocol, row.version, *counts, share, str(row.anchors), str(row.anchors_cited), official)
    stdout.print(table)
    return 0


@requirements.command("check")
def check(json: Json = False) -> int:
    """Check the registries: no unknown id is cited, and no testable MUST is left without a case or a rule.

    Example: v2x requirements check
    """
    problems = [p for suite in protocols().values() for p in uncovered(suite)]
    if json:
        print_json(problems)
    else:
        for problem in problems:
            stdout.print(plain(problem))
        stdout.print(f"{len(problems)} problems", style="bold red" if problems else "green")
    return int(bool(problems))
