"""``v2x report``: writes reports from a bundle, at any time, from nothing but the bundle."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer
from v2x_harness.bundle import Bundle
from v2x_harness.report_writer import Reports, Written

from v2x_reports import allure, ctrf, curves, html, junit, markdown
from v2x_reports.account import account
from v2x_reports.writing import write_text


def report(
    bundle: Annotated[Path, typer.Argument(help="Folder or zip.")],
    html_file: Annotated[Path | None, typer.Option("--html", help="Write the HTML report to this file.")] = None,
    junit_: Annotated[bool, typer.Option("--junit", help=f"Write JUnit XML to {junit.FILE}.")] = False,
    ctrf_: Annotated[bool, typer.Option("--ctrf", help=f"Write CTRF JSON to {ctrf.FILE}.")] = False,
    allure_dir: Annotated[Path | None, typer.Option("--allure", help="Write Allure results to this folder.")] = None,
    markdown_: Annotated[bool, typer.Option("--markdown", help=f"Write a Markdown summary to {markdown.FILE}.")] = False,
    curves_: Annotated[bool, typer.Option("--curves", help=f"Write power, limits, SoC over time to {curves.FILE}.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder for files without a name of their own; - prints them.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print what was written as JSON; its schema is published.")] = False,
) -> int:
    """Write reports from a bundle: HTML, JUnit, CTRF, Allure, Markdown, curves; without an option, HTML beside the bundle.

    The verdicts are those of the bundle: see v2x verify for whether to believe them.

    Example: v2x report runs/first/bundle --html report.html --junit --markdown --out reports
    """
    opened = Bundle.open(bundle)
    told = account(opened)
    printing = str(out) == "-"
    folder = opened.path.resolve().parent if out is None or printing else out
    nothing = not (html_file or junit_ or ctrf_ or allure_dir or markdown_ or curves_)
    written: list[Written] = []

    def texts() -> list[tuple[str, Path, str]]:
        chosen = []
        if html_file or nothing:
            chosen.append(("html", html_file or folder / html.FILE, html.render(told)))
        if junit_:
            chosen.append(("junit", folder / junit.FILE, junit.render(told)))
        if ctrf_:
            chosen.append(("ctrf", folder / ctrf.FILE, ctrf.render(told)))
        if markdown_:
            chosen.append(("markdown", folder / markdown.FILE, markdown.render(told)))
        if curves_:
            chosen.append(("curves", folder / curves.FILE, curves.text(told)))
        return chosen

    for kind, path, text in texts():
        if printing and path != html_file:
            typer.echo(text, nl=False)
        else:
            written.append(Written(kind=kind, path=str(write_text(path, text))))
    if allure_dir:
        allure.AllureResults(told, allure_dir).write()
        written.append(Written(kind="allure", path=str(allure_dir)))
    result = Reports(
        bundle=str(opened.path), complete=told.verdicts.complete, verdict=told.verdicts.verdict, written=tuple(written)
    )
    if json:
        typer.echo(msgspec.json.format(msgspec.json.encode(result), indent=2))
    elif not printing:
        for each in written:
            typer.echo(f"{each.kind:<9} {each.path}")
        if not told.verdicts.complete:
            typer.echo("the bundle is incomplete, and the reports say so", err=True)
    return 0
