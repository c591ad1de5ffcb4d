"""``v2x prove``: shows that the cases and rules can fail, and that they do not cry wolf."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from v2x_harness.cli.console import plain, print_json, short, stdout
from v2x_harness.cli.progress import LiveProgress
from v2x_harness.errors import AdapterError
from v2x_harness.executing import execute
from v2x_harness.proof import Score, score
from v2x_harness.protocol import protocols


def prove(
    full: Annotated[bool, typer.Option("--full", help="Every fault against every case of its role.")] = False,
    keyword: Annotated[str, typer.Option("-k", help="pytest's expression over case and variant ids.")] = "",
    jobs: Annotated[int, typer.Option(min=1, help="Processes.")] = 1,
    json: Annotated[bool, typer.Option("--json", help="Print the score as JSON.")] = False,
) -> int:
    """Run every case and rule against controls, seeded faults and good peers, and print the score.

    Only a FAIL that cites the violated requirement counts as a kill; a crash of the harness never does. With -k, what was not
    run is left out of the score.

    Examples: v2x prove --jobs 2 --json

              v2x prove -k TC_B_01_CS
    """
    suites = protocols()
    packages = [package for suite in suites.values() for package in suite.packages]
    arguments = ["--prove", "full" if full else "targeted", *(["-k", keyword] if keyword else [])]
    with LiveProgress(quiet=True) as progress:
        outcomes, problems = execute(packages, arguments, progress.heard, jobs=jobs)
    if problems:
        raise AdapterError("the proof could not run: " + "\n".join(problems[:5]))
    result = score(outcomes, list(suites.values()), selected=bool(keyword))
    if json:
        print_json(result)
    else:
        _show(result, keyword)
    return 0 if result.clean else 1


def _show(result: Score, keyword: str) -> None:
    """Print a score for people."""
    if keyword:
        stdout.print(f"[dim]only what -k {plain(keyword)!r} chose[/]")
    table = Table(box=None, show_header=False)
    table.add_row("runs", str(result.runs))
    table.add_row("seeded faults", f"{result.faults}, killed {result.killed}")
    table.add_row("false passes on controls", str(len(result.false_passes)))
    table.add_row("requirements a control really meets", str(len(result.met)))
    table.add_row("false alarms on good peers", str(len(result.false_alarms)))
    table.add_row("cases", f"{result.cases}, never killed {len(result.cases_without_kill)}")
    table.add_row("rules", f"{result.rules}, never killed {len(result.rules_without_kill)}")
    table.add_row("requirements cited", f"{result.requirements}, cited in a kill {len(result.requirements_killed)}")
    table.add_row("errors of the harness", str(len(result.errors)))
    stdout.print(table)
    for title, lines in (
        ("survivors", [f"{s.fault} survived {s.by}: {short(s.reason)}" for s in result.survivors]),
        ("false passes", [f"{p.case} passed on the control {p.control}" for p in result.false_passes]),
        ("false alarms", [f"{a.source} in {a.case} on {a.peer}: {a.requirement} {short(a.text)}" for a in result.false_alarms]),
        ("cases without a kill", result.cases_without_kill),
        ("rules without a kill", result.rules_without_kill),
        ("errors", result.errors),
    ):
        if lines:
            stdout.print(f"\n[bold]{title}[/]")
            for line in lines:
                stdout.print(f"  {plain(line)}")
