"""The table of what the rules find in captures of real vehicles.

    v2x check --json CAPTURES > report.json
    python -m v2x_suites.iso15118.field_captures CAPTURES report.json > test_suites/field_captures.md

Every rule that finds something in more than a tenth of the captures where it has something to judge needs its reason in
``field_captures.toml``; without it there is no table.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib import resources
from pathlib import Path, PurePath

import msgspec
from v2x_harness.errors import RegistryError
from v2x_harness.finding import Axis

from v2x_suites.cli_check import CheckedFile, CheckReport

OFTEN = 0.1
"""Share of the captures above which a rule needs a reason."""

_LINE = 120
_AXES = {Axis.CONFORMANCE: "conformance", Axis.COMPATIBILITY: "compatibility"}


class Reason(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why a rule that often finds something is right.

    Attributes:
        rule: its id.
        why: in a few sentences.
    """

    rule: str
    why: str


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the captures are from.

    Attributes:
        name: for people.
        url: where they are published. ``licence``: of theirs. ``commit``: that was looked at.
        about: what is to be known of them.
        reasons: why rules are right.
    """

    name: str
    url: str
    licence: str
    commit: str
    about: str
    reasons: tuple[Reason, ...] = msgspec.field(name="rule", default=())


class _Car(msgspec.Struct):
    """What came of one model's captures."""

    captures: int = 0
    sessions: int = 0
    messages: int = 0
    versions: set[str] = msgspec.field(default_factory=set)
    axes: Counter[str] = msgspec.field(default_factory=Counter)
    rules: set[str] = msgspec.field(default_factory=set)


def source() -> Source:
    """Return where the captures are from, and the reasons."""
    text = resources.files("v2x_suites.iso15118").joinpath("field_captures.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Source)


def table(root: PurePath, report: CheckReport, about: Source) -> Iterator[str]:
    """Give the lines of the table.

    Args:
        root: folder that the captures are in, by ``maker/model/…``.
        report: of ``v2x check --json``.
        about: where the captures are from, and the reasons.

    Raises:
        RegistryError: a rule that often finds something has no reason.
    """
    yield "# What the rules find in captures of real vehicles\n"
    yield f"{len(report.files)} captures of [{about.name}]({about.url}) ({about.licence}), commit {about.commit}."
    yield f"{about.about}\n"
    yield "Made by `python -m v2x_suites.iso15118.field_captures`; the captures are not part of this repository.\n"
    messages, sessions = sum(each.frames for each in report.files), sum(each.links for each in report.files)
    yield f"{messages} messages in {sessions} connections: {report.conformance} findings against the specifications and"
    yield f"{report.compatibility} that known peers trip on. What an `secc` is at fault for is the station's doing.\n"
    yield from _by_car(root, report)
    yield from _by_rule(report, about)
    yield from _passed_over(root, report)


def _by_car(root: PurePath, report: CheckReport) -> Iterator[str]:
    cars: dict[str, _Car] = {}
    for each in report.files:
        car = cars.setdefault(_name(root, each), _Car())
        car.captures += 1
        car.sessions += each.links
        car.messages += each.frames
        car.versions.update(each.versions)
        for finding in each.findings:
            car.axes[f"{finding.party} {_AXES[finding.axis]}"] += 1
            if finding.party == "evcc":
                car.rules.add(finding.source.removeprefix("rule:iso15118."))
    yield "## By vehicle\n"
    titles = ("captures", "connections", "messages", "editions", "conformance", "compatibility", "what the vehicle did")
    yield "Conformance and compatibility: how often; of the vehicle first, then of the station.\n"
    yield f"| vehicle | {' | '.join(titles)} | station: conformance | compatibility |"
    yield "|---|---|---|---|---|---|---|---|---|---|"
    for name, car in sorted(cars.items()):
        counts = [car.axes[f"{party} {axis}"] for party in ("evcc", "secc") for axis in ("conformance", "compatibility")]
        did = " ".join(sorted(car.rules)) or "-"
        first = (car.captures, car.sessions, car.messages, " ".join(sorted(car.versions)) or "-", *counts[:2], did, *counts[2:])
        yield f"| {name} | {' | '.join(map(str, first))} |"
    yield ""


def _by_rule(report: CheckReport, about: Source) -> Iterator[str]:
    judged, found, number = Counter[str](), Counter[str](), Counter[str]()
    said: dict[str, tuple[Axis, str, str]] = {}
    for each in report.files:
        for rule in each.rules:
            judged[rule.id] += rule.inspected > 0
            found[rule.id] += rule.findings > 0
            number[rule.id] += rule.findings
        for finding in each.findings:
            said.setdefault(finding.source.removeprefix("rule:"), (finding.axis, finding.party, finding.text))
    yield "## By rule\n"
    yield "Rules that found something, in how many of the captures in which they had something to judge.\n"
    yield "| rule | axis | at fault | captures | findings | for example |"
    yield "|---|---|---|---|---|---|"
    for rule_id, captures in found.most_common():
        if not captures:
            continue
        axis, party, text = said[rule_id]
        share = f"{captures} of {judged[rule_id]}"
        example = text if len(text) <= _LINE else f"{text[:_LINE]}…"
        cells = (rule_id, axis, party, share, number[rule_id], _printable(example))
        yield f"| {' | '.join(map(str, cells))} |"
    silent = sorted(rule_id.removeprefix("iso15118.") for rule_id, count in found.items() if not count and judged[rule_id])
    idle = sorted(rule_id.removeprefix("iso15118.") for rule_id in found if not judged[rule_id])
    yield f"\nHad something to judge and found nothing: {', '.join(silent)}.\n"
    yield f"Had nothing to judge in these captures: {', '.join(idle)}.\n"
    yield "## Why rules that often find something are right\n"
    yield "Every rule that found something in more than a tenth of the captures, counted as above.\n"
    reasons = {each.rule: each.why for each in about.reasons}
    for rule_id, captures in found.most_common():
        if captures <= OFTEN * judged[rule_id]:
            continue
        if rule_id not in reasons:
            raise RegistryError(f"{rule_id} finds something in {captures} of {judged[rule_id]} captures, and has no reason")
        yield f"- **{rule_id}** ({captures} of {judged[rule_id]}): {' '.join(reasons[rule_id].split())}"
    yield ""


def _passed_over(root: PurePath, report: CheckReport) -> Iterator[str]:
    if report.passed_over:
        yield "## Not judged\n"
    for each in report.passed_over:
        path = PurePath(each.path).relative_to(root)
        yield f"- `{path}`: {each.reason.replace(each.path, 'it')}"


def _name(root: PurePath, each: CheckedFile) -> str:
    parts = PurePath(each.path).relative_to(root).parts
    # A maker with one model has no folder for it.
    named = [part for part in parts[:-1] if "T" not in part or not part[:4].isdigit()]
    return " ".join(named[:2]).replace("_", " ")


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() else "·" for char in text).replace("|", "/")


def main(arguments: Sequence[str]) -> int:
    """Print the table of a report."""
    root, report = arguments
    read = msgspec.json.decode(Path(report).read_bytes(), type=CheckReport)
    _print(table(PurePath(root), read, source()))
    return 0


def _print(lines: Iterable[str]) -> None:
    sys.stdout.write("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
