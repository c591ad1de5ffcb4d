"""``v2x run``: judges one product, and writes the bundle and the reports."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from v2x_harness import waiver
from v2x_harness.attestation import SigningKey
from v2x_harness.cli.console import plain, print_json, short, stdout, styled
from v2x_harness.cli.progress import LiveProgress
from v2x_harness.cli.selection import check_cases, check_waivers, failed_last_time, packages_of
from v2x_harness.errors import BundleError, HarnessError, RunFailed
from v2x_harness.evidence import begin_bundle, write_reports
from v2x_harness.executing import INTERRUPTED, execute
from v2x_harness.finding import Axis
from v2x_harness.observed import observed_in
from v2x_harness.protocol import peers_of, protocols, subject_of
from v2x_harness.results import CaseResult, FindingRecord, RuleResult, Verdicts
from v2x_harness.subject import Subject
from v2x_harness.verdict import Verdict

# How many findings the summary on the console shows.
_SHOWN = 12

# Cases that ended so say why, and the commonest of these reasons are shown.
_UNFINISHED = {Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.BLOCKED}
_REASONS = 5


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a run is to do.

    Attributes:
        subject: file, or ``reference:station@2.0.1``.
        out: folder for the bundle (``bundle/``) and the reports beside it.
        packages: of cases.
        cases: ids; empty for all that fit the subject.
        keyword: pytest's expression.
        peers: ``role=file`` of products in other roles.
        by_hand: a person at this terminal is the operator of one of them.
    """

    subject: str
    out: Path
    packages: tuple[str, ...]
    cases: tuple[str, ...] = ()
    keyword: str = ""
    jobs: int = 1
    seed: int = 0
    peers: tuple[str, ...] = ()
    by_hand: bool = False


def run(
    subject: Annotated[
        str, typer.Argument(help="subject.toml of the product, or reference:station@2.0.1, reference:secc@20 and the like.")
    ],
    suite: Annotated[str, typer.Option(help="Only this version of the protocol: 1.6, 2.0.1; of ISO 15118 din, 2, 20.")] = "",
    keyword: Annotated[str, typer.Option("-k", help="pytest's expression over names of cases: 'boot and not pending'.")] = "",
    case: Annotated[list[str] | None, typer.Option("--case", help="Only this case id; may be repeated.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Lanes side by side; at most what \\[pixit] lanes allows.")] = 1,
    strict: Annotated[bool, typer.Option("--strict", help="Warnings, blocked and to be reviewed count as findings.")] = False,
    rerun_failed: Annotated[
        bool,
        typer.Option(
            "--rerun-failed", help="Only cases that failed, or broke a rule, in the newest run under runs/ or beside --out."
        ),
    ] = False,
    peer: Annotated[list[str] | None, typer.Option(help="role=subject.toml of a product that plays the counterpart.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for bundle and reports; must be new.")] = None,
    waivers: Annotated[
        Path | None,
        typer.Option(help="TOML file of \\[\\[waiver]] tables: subject, requirement, case or rule, reason, owner, expires."),
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Private key to sign the bundle with (v2x key new).")] = None,
    seed: Annotated[int, typer.Option(help="Of every random choice; the same seed sends the same messages.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print verdicts and findings as JSON.")] = False,
) -> int:
    """Judge a product: run every case that fits it, with all rules, and write the evidence and the reports.

    Example: v2x run my-station.toml --jobs 2 --out runs/first
    """
    suites = protocols()
    loaded = subject_of(subject, suites)
    known = waiver.load(waivers) if waivers else ()
    keys = (SigningKey.load(key),) if key else ()
    folder = out or Path("runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{_slug(loaded.name)}"
    check_cases(case or (), loaded, suites)
    check_waivers(known, loaded, suites)
    cast = (loaded, *peers_of(peer or (), suites).values())
    by_hand = any(each.operator.kind == "console" for each in cast)
    earlier = dict.fromkeys((Path("runs"), folder.parent))
    chosen = tuple(case or ()) + (failed_last_time(loaded, tuple(earlier)) if rerun_failed else ())
    plan = Plan(
        subject=subject,
        out=folder,
        packages=packages_of(loaded, suites, suite),
        cases=chosen,
        keyword=keyword,
        jobs=1 if by_hand else min(jobs, loaded.pixit.lanes),
        seed=seed,
        peers=tuple(peer or ()),
        by_hand=by_hand,
    )
    with LiveProgress(bar=not by_hand) as progress:
        verdicts = carry_out(plan, loaded, progress, known, keys)
    if json:
        print_json(verdicts)
    else:
        summarise(verdicts, folder, seed)
    return verdicts.exit_code(strict=strict)


def carry_out(
    plan: Plan,
    subject: Subject,
    progress: LiveProgress,
    waivers: Sequence[waiver.Waiver] = (),
    keys: Sequence[SigningKey] = (),
) -> Verdicts:
    """Carry out a plan: bundle, cases, verdicts, reports.

    Raises:
        HarnessError: it could not be carried out; what was recorded stays in the bundle's folder.
    """
    suites = protocols()
    bundle = begin_bundle(plan.out / "bundle", plan.out.name, subject, suites)
    arguments = ["--subject", plan.subject, "--v2x-out", str(bundle.path), "--v2x-seed", str(plan.seed)]
    arguments += ["-k", plan.keyword] if plan.keyword else []
    arguments += [word for each in plan.peers for word in ("--peer", each)]
    arguments += [word for each in plan.cases for word in ("--case", each)]
    # The person is asked, and answers, at the terminal that pytest would otherwise keep to itself.
    arguments += ["--capture=no"] if plan.by_hand else []
    try:
        outcomes, problems = execute(plan.packages, arguments, progress.heard, jobs=plan.jobs)
    except HarnessError:
        bundle.discard()
        raise
    observed = observed_in(event for lane in bundle.journals for event in bundle.events(lane))
    try:
        verdicts = bundle.seal(
            product=msgspec.structs.replace(bundle.manifest.product, observed=observed.identity),
            pics={**subject.pics, **observed.pics},
            waivers=waivers,
            today=date.today(),  # noqa: DTZ011  (a waiver's day is the user's)
            keys=keys,
        )
        write_reports(bundle, plan.out)
    except (BundleError, OSError) as error:
        # The disk is full, or gone: what was recorded before can still be read.
        told = "\n".join(map(_crash, [*problems, str(error)]))
        raise RunFailed(
            f"the bundle {bundle.path} could not be completed:\n{told}", f"v2x report {bundle.path} shows what there is"
        ) from error
    if problems == [INTERRUPTED]:
        raise RunFailed(
            f"{INTERRUPTED} after {len(outcomes)} cases; they are in {plan.out / 'bundle'}, which says that it is incomplete",
            f"v2x report {plan.out / 'bundle'} shows them",
        )
    if problems:
        told = "\n".join(dict.fromkeys(map(_crash, problems)))
        raise RunFailed(f"the harness failed in {len(problems)} places; {len(outcomes)} cases are in {plan.out}:\n{told}")
    return verdicts


def _crash(problem: str) -> str:
    """Return the one line of a trace that says what it was; the whole of it is of no use to whoever runs the command."""
    lines = [line for line in problem.splitlines() if line.strip()]
    raised = [line[1:].strip() for line in lines if line.startswith("E ")]
    return (raised or lines)[-1]


def summarise(verdicts: Verdicts, folder: Path, seed: int) -> None:
    """Print what a run came to, for people."""
    failed: dict[tuple[str, str], list[FindingRecord]] = {}
    for finding in verdicts.findings:
        if not finding.waived and finding.axis is Axis.CONFORMANCE:
            failed.setdefault((finding.requirement, finding.source), []).append(finding)
    for (requirement, source), findings in list(failed.items())[:_SHOWN]:
        often = f" {len(findings)} times" if len(findings) > 1 else ""
        stdout.print(f"[bold red]{plain(requirement)}[/] {plain(short(findings[0].text))}  [dim]{plain(source)}{often}[/]")
    if len(failed) > _SHOWN:
        stdout.print(f"[dim]… and {len(failed) - _SHOWN} more in the report[/]")
    why = Counter(
        f"{styled(c.verdict)} {plain(short(c.reason))}" for c in verdicts.cases if c.verdict in _UNFINISHED and c.reason
    )
    for reason, times in why.most_common(_REASONS):
        stdout.print(f"{reason}{f'  [dim]({times} cases)[/]' if times > 1 else ''}")
    for problem in verdicts.problems:
        stdout.print(f"[bold red]{plain(problem)}[/]")
    stdout.print(f"\n[bold]{plain(verdicts.subject)}[/]: {styled(verdicts.verdict)}")
    stdout.print(f"  cases  {_counts(verdicts.cases)}\n  rules  {_counts(verdicts.rules)}")
    if waived := verdicts.totals.findings.get("waived"):
        stdout.print(f"  waived {waived} findings")
    stdout.print(f"  report {folder / 'report.html'}\n  bundle {folder / 'bundle'}\n  seed   {seed}")


def _counts(results: Sequence[CaseResult | RuleResult]) -> str:
    """Say how many ended how, and how many of them by what is waived."""
    counts = Counter(result.verdict for result in results)
    waived = Counter(result.verdict for result in results if result.waived)
    return "  ".join(
        f"{styled(verdict)} {counts[verdict]}" + (f" [dim]({waived[verdict]} waived)[/]" if waived[verdict] else "")
        for verdict in Verdict
        if counts[verdict]
    )


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "subject"
