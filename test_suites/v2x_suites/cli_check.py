"""``v2x check``: runs the passive rules over journals, and over logs from elsewhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from rich.markup import escape
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from v2x_architecture.ocpp.versions import VERSIONS
from v2x_harness.cli.console import print_json, stderr, stdout
from v2x_harness.finding import Axis, Finding
from v2x_harness.protocol import protocols

from v2x_suites.check_files import PassedOver, inputs
from v2x_suites.checked_bundle import write_bundle
from v2x_suites.checking import Judged, LogError
from v2x_suites.checking import Progress as Told
from v2x_suites.iso15118.judging import judge_log
from v2x_suites.iso15118.logs import open_log
from v2x_suites.iso15118.rules import all_infos as iso15118_infos
from v2x_suites.ocpp.judging import judge_file, processes_for
from v2x_suites.ocpp.rules.catalogue import all_infos as ocpp_infos

_WORTH_A_BAR = 20_000_000
_SHOWN = 50
_FEW = 5
_PARTIES = ("station", "csms", "evcc", "secc")
_TITLES = {"ocpp": "OCPP", "iso15118": "ISO 15118"}


class CheckedRule(msgspec.Struct, frozen=True, kw_only=True):
    """How one rule fared.

    Attributes:
        id: of the rule.
        layer: which layer it speaks for.
        inspected: how often it had something to judge; a rule with 0 was not applicable.
        findings: how much it found, what was not listed included.
    """

    id: str
    layer: str
    inspected: int
    findings: int


class CheckedFile(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one file.

    Attributes:
        path: as given.
        protocol: that was judged: ``ocpp`` or ``iso15118``.
        kind: ``journal``, ``JSON of frames``, ``NDJSON of frames``, ``log``, ``capture``.
        unit: what a finding's ``location.frame`` counts in this file: ``event``, ``line``, ``element`` or ``packet``.
        complete: whether it could be read to its end.
        problem: why not.
        timed: whether its frames have times; without them no rule about time has a say.
        frames: how many were judged. ``links`` on how many connections.
        versions: of the protocol that were judged by; of ISO 15118 ``din``, ``2`` and ``20``.
        conformance: number of findings that break the specification.
        compatibility: number of findings that are legal but trip known peers.
        findings: the findings; fewer than the numbers say when there are very many.
        rules: how each rule fared.
        notes: what else is to be known of the file.
        report: the HTML report, where one was asked for.
    """

    path: str
    protocol: str
    kind: str
    unit: str
    complete: bool
    problem: str
    timed: bool
    frames: int
    links: int
    versions: tuple[str, ...]
    conformance: int
    compatibility: int
    findings: tuple[Finding, ...]
    rules: tuple[CheckedRule, ...]
    notes: tuple[str, ...] = ()
    report: str = ""


class CheckReport(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x check --json`` prints.

    Attributes:
        conformance: findings that break the specification, over all files.
        compatibility: findings that are legal but trip known peers, over all files.
        files: what came of each.
        passed_over: files found in folders that could not be judged.
    """

    conformance: int
    compatibility: int
    files: tuple[CheckedFile, ...]
    passed_over: tuple[PassedOver, ...] = ()


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of what ``v2x check --json`` prints."""
    return msgspec.json.schema(CheckReport)


def check(
    files: Annotated[
        list[Path],
        typer.Argument(help="Journals, logs that hold OCPP-J messages, captures, or folders of them.", metavar="FILE…"),
    ],
    version: Annotated[str, typer.Option(help="OCPP version, where the file does not tell: 1.6, 2.0.1 or 2.1.")] = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail on compatibility findings too.")] = False,
    max_findings: Annotated[int, typer.Option(help="List at most so many findings; 0 for all.", min=0)] = _SHOWN,
    party: Annotated[str, typer.Option(help="Only what this side did wrong: station, csms, evcc or secc.")] = "",
    rules: Annotated[bool, typer.Option("--rules", help="List every rule with how often it had something to judge.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Also write a bundle and reports (HTML and others) to this folder; must be new.")
    ] = None,
    jobs: Annotated[int, typer.Option(help="Processes that share a file; 0 for as many as it is worth.", min=0)] = 0,
) -> int:
    """Judge what stands in journals and logs by the passive rules, without any product.

    Reads journals of v2x, JSON and NDJSON of frames, and text logs with OCPP-J messages in them; pcap and pcapng with ISO 15118
    or DIN SPEC 70121 in them. Of a run's folder the journals are judged, of any other folder all captures below it. Of many files
    a line each is shown, and which rules have found something. Exit code 0: nothing found; 1: the specification is broken (with
    --strict: or known peers would trip); 2: a file cannot be used.

    Examples: v2x check run/journal/station.ndjson

              v2x check --version 1.6 charger.log --json

              v2x check session.pcapng --party evcc --out runs/session

              v2x check captures/ --json
    """
    if version and version not in VERSIONS:
        raise typer.BadParameter(
            f"{version!r} is no OCPP version known here; one of {', '.join(VERSIONS)}", param_hint="--version"
        )
    if party not in ("", *_PARTIES):
        raise typer.BadParameter(f"{party!r} is none of {', '.join(_PARTIES)}", param_hint="--party")
    given, checked, passed_over = tuple(inputs(files)), list[CheckedFile](), list[PassedOver]()
    most = 0 if json and max_findings == _SHOWN else max_findings
    with _files_bar(len(given)) as step:
        for each in given:
            step(each.path)
            try:
                checked.append(check_file(each.path, version, most, party, jobs))
            except LogError as error:
                if each.named:
                    raise
                passed_over.append(PassedOver(path=str(each.path), reason=str(error)))
    paths = [Path(each.path) for each in checked]
    if out is not None:
        folders = [out] if len(paths) == 1 else [out / f"{number}-{path.stem}" for number, path in enumerate(paths, 1)]
        pages = [write_bundle(path, folder, protocols(), version) for path, folder in zip(paths, folders, strict=True)]
        checked = [msgspec.structs.replace(each, report=str(page)) for each, page in zip(checked, pages, strict=True)]
    report = CheckReport(
        conformance=sum(each.conformance for each in checked),
        compatibility=sum(each.compatibility for each in checked),
        files=tuple(checked),
        passed_over=tuple(passed_over),
    )
    if json:
        print_json(report)
    elif len(checked) > _FEW:
        _show_many(report)
    else:
        for file in checked:
            _show(file, with_rules=rules)
    return int(report.conformance > 0 or (strict and report.compatibility > 0))


def check_file(path: Path, version: str = "", most: int = 0, party: str = "", processes: int = 0) -> CheckedFile:
    """Judge one file.

    Args:
        path: of a journal or log.
        version: of OCPP, where the file does not tell.
        most: list at most so many findings; 0 for all.
        party: leave out what other roles are at fault for; empty for all.
        processes: that share the work; 0 for as many as the file is worth.

    Raises:
        LogError: the file cannot be used.
    """
    with _bar(path) as progress:
        protocol, judged = _judged(path, version, processes, progress)
    found = judged.found
    if party:
        found = [finding for finding in found if finding.party == party]
    number = Counter(finding.source.removeprefix("rule:") for finding in found)
    axes = Counter(finding.axis for finding in found)
    infos = iso15118_infos() if protocol == "iso15118" else ocpp_infos()
    by_rule = {described.id: described for described in infos}
    for rule, more in judged.suppressed.items():
        # More of the same: on the axis, and of the party, that the rule has spoken of before.
        if number[rule]:
            number[rule] += more
            axes[by_rule[rule].axis] += more
    # What breaks the specification is listed first.
    found.sort(key=lambda finding: (finding.axis != Axis.CONFORMANCE, finding.location.frame or 0))
    return CheckedFile(
        path=str(path),
        protocol=protocol,
        kind=judged.kind,
        unit=judged.unit,
        complete=not judged.problem,
        problem=judged.problem,
        timed=judged.timed,
        frames=judged.frames,
        links=judged.links,
        versions=judged.versions,
        conformance=axes[Axis.CONFORMANCE],
        compatibility=axes[Axis.COMPATIBILITY],
        findings=tuple(found[: most or None]),
        rules=tuple(
            CheckedRule(id=each.id, layer=each.layer, inspected=judged.inspected[each.id], findings=number[each.id])
            for each in infos
        ),
        notes=judged.notes,
    )


def _judged(path: Path, version: str, processes: int, progress: Told) -> tuple[str, Judged]:
    """Find out which protocol a file holds, and judge it."""
    log = open_log(path)
    if log is not None:
        return "iso15118", judge_log(log, progress=progress)
    return "ocpp", judge_file(path, version, processes=processes or processes_for(path), progress=progress)


def _nothing(path: Path) -> None:
    """Show nothing of a file."""
    del path


@contextmanager
def _files_bar(number: int) -> Iterator[Callable[[Path], None]]:
    """Show how far many files have come."""
    if number <= _FEW or not stderr.is_terminal:
        yield _nothing
        return
    columns = (TextColumn("{task.completed} of {task.total}"), BarColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task("", total=number)
        seen = iter(range(number))
        yield lambda path: bar.update(task, completed=next(seen), description=path.name)


class _Step:
    """Moves the bar on, where there is one."""

    def __init__(self, bar: Progress | None, task: Any) -> None:
        self._bar, self._task = bar, task

    def __call__(self, octets: int) -> None:
        if self._bar:
            self._bar.advance(self._task, octets)


@contextmanager
def _bar(path: Path) -> Iterator[_Step]:
    size = path.stat().st_size if path.exists() else 0
    if size < _WORTH_A_BAR or not stderr.is_terminal:
        yield _Step(None, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr, transient=True) as bar:
        yield _Step(bar, bar.add_task(path.name, total=size))


def _show(checked: CheckedFile, *, with_rules: bool) -> None:
    spoken = f"{_TITLES[checked.protocol]} {' and '.join(checked.versions)}" if checked.versions else _TITLES[checked.protocol]
    times = "" if checked.timed else ", no times"
    amount = f"{checked.frames} frames on {checked.links} link{'' if checked.links == 1 else 's'}"
    stdout.print(f"[bold]{escape(checked.path)}[/]: {checked.kind}, {amount}, {spoken}{times}")
    if checked.problem:
        stdout.print(f"[yellow]incomplete:[/] {escape(checked.problem)}")
    for note in checked.notes:
        stdout.print(f"[yellow]note:[/] {escape(note)}")
    if checked.findings:
        stdout.print(_findings(checked))
    total = checked.conformance + checked.compatibility
    if total > len(checked.findings):
        stdout.print(f"{total - len(checked.findings)} more are not listed (--max-findings 0 lists all)")
    if with_rules:
        stdout.print(_rules(checked))
    judged = sum(rule.inspected > 0 for rule in checked.rules)
    style = "bold red" if checked.conformance else "green"
    stdout.print(
        f"[{style}]{checked.conformance} against the specification[/], {checked.compatibility} that known peers trip on; "
        f"{judged} of {len(checked.rules)} rules had something to judge"
    )
    stdout.print(f"report {escape(checked.report)}\n" if checked.report else "")


def _show_many(report: CheckReport) -> None:
    """Show a line a file, and which rules have found something in how many of the files where they had something to judge."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("frames", "against the specification", "peers trip"):
        table.add_column(title, justify="right")
    for title in ("version", "file"):
        table.add_column(title, overflow="fold")
    judged, fired, axes = Counter[str](), Counter[str](), dict[str, Axis]()
    for each in report.files:
        counts = (str(each.frames), str(each.conformance), str(each.compatibility))
        cut = "" if each.complete else " [yellow](incomplete)[/]"
        table.add_row(*counts, " ".join(each.versions), escape(each.path) + cut)
        judged.update(rule.id for rule in each.rules if rule.inspected)
        fired.update(rule.id for rule in each.rules if rule.findings)
        axes.update((finding.source.removeprefix("rule:"), finding.axis) for finding in each.findings)
    stdout.print(table)
    rules = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("files", "of", "axis", "rule"):
        rules.add_column(title, justify="right" if title in ("files", "of") else "left")
    for rule, number in fired.most_common():
        rules.add_row(str(number), str(judged[rule]), axes.get(rule, ""), rule)
    stdout.print(rules)
    for passed in report.passed_over:
        stdout.print(f"[yellow]passed over:[/] {escape(passed.reason)}")
    style = "bold red" if report.conformance else "green"
    stdout.print(
        f"[{style}]{report.conformance} against the specification[/], {report.compatibility} that known peers trip on, "
        f"in {len(report.files)} files"
    )


def _findings(checked: CheckedFile) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column(checked.unit, justify="right")
    for title in ("axis", "rule", "at fault", "requirement", "where"):
        table.add_column(title, no_wrap=title in ("axis", "rule", "at fault", "requirement"))
    table.add_column("what is wrong", overflow="fold")
    for finding in checked.findings:
        frame = finding.location.frame
        conformance = finding.axis is Axis.CONFORMANCE
        table.add_row(
            "" if frame is None else str(frame),
            "[red]conformance[/]" if conformance else "[yellow]compatibility[/]",
            finding.source.removeprefix(f"rule:{checked.protocol}."),
            finding.party,
            finding.requirement,
            escape(finding.location.pointer),
            escape(finding.text),
        )
    return table


def _rules(checked: CheckedFile) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("rule")
    table.add_column("inspected", justify="right")
    table.add_column("findings", justify="right")
    for rule in checked.rules:
        inspected = str(rule.inspected) if rule.inspected else "[dim]not applicable[/]"
        table.add_row(rule.id, inspected, f"[red]{rule.findings}[/]" if rule.findings else "0")
    return table
