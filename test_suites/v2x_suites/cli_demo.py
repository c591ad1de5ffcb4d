"""``v2x demo``: judges the third-party products that are installed and our reference actors, and says what it found."""

from __future__ import annotations

import asyncio
import sys
import time
import tomllib
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from v2x_adapters import peers
from v2x_harness.cli.console import short
from v2x_harness.errors import HarnessError
from v2x_harness.results import Verdicts
from v2x_harness.verdict import Verdict

_REFERENCE = (
    "reference:station@2.0.1",
    "reference:csms@2.0.1",
    "reference:station@1.6",
    "reference:csms@1.6",
    "reference:secc@din",
    "reference:evcc@din",
    "reference:secc@2",
    "reference:evcc@2",
    "reference:secc@20",
    "reference:evcc@20",
)

# A product that has not come to its end by then is given up, so that the demo stays short (s).
_LIMIT = 240.0

# So many of a real product stand side by side: most of the time they wait. Those of ISO 15118 run Java, and do not.
_LANES = {"ocpp": 3, "iso15118": 1}


class Judged(msgspec.Struct, kw_only=True):
    """What the demo says of one product.

    Attributes:
        verdict: of the run; ``blocked`` when the product cannot be had here, ``error`` when the run itself failed.
        cases: counts by verdict.
        findings: requirement and text of the conformance findings.
        reason: why it was blocked or failed.
    """

    product: str
    verdict: Verdict
    cases: dict[str, int] = {}
    rules: dict[str, int] = {}
    findings: list[tuple[str, str]] = []
    report: str = ""
    reason: str = ""
    seconds: float = 0.0


def demo(
    out: Annotated[Path | None, typer.Option(help="Folder for the bundles and reports; must be new.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every case of each product; takes many minutes.")] = False,
    jobs: Annotated[int, typer.Option(min=1, help="Products judged side by side.")] = 2,
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> int:
    """Judge real products that nobody here wrote, and our reference actors; say what was found and where the reports are.

    Its exit code says whether the demo worked, not whether the products are good.

    Example: v2x demo --out runs/demo
    """
    folder = out or Path("runs") / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-demo"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise HarnessError(f"cannot make the folder {folder}: {error.strerror}", "choose another --out folder") from error
    results = asyncio.run(_judge_all(folder, jobs, () if all_ else _selection()))
    if json:
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(results), indent=2).decode() + "\n")
    else:
        _show(results, folder)
    ours = [r for r in results if r.product in _REFERENCE]
    return 3 if any(r.verdict is Verdict.ERROR for r in results) else int(any(r.verdict is Verdict.FAIL for r in ours))


def _selection() -> tuple[str, ...]:
    """Return the ids of the cases that a short demo judges."""
    table = tomllib.loads(resources.files("v2x_suites").joinpath("demo/selection.toml").read_text(encoding="utf-8"))
    return msgspec.convert(table["cases"], tuple[str, ...])


async def _judge_all(folder: Path, jobs: int, cases: Sequence[str]) -> list[Judged]:
    console = Console(stderr=True, emoji=False)
    turn = asyncio.Semaphore(jobs)
    subjects = {name: _subject_file(name) for name in _peers()} | {name: name for name in _REFERENCE}

    async def judge(name: str, subject: str) -> Judged:
        lanes = _LANES[peers.peer(name).protocol] if name in _peers() else 1
        if name in _peers() and (why := peers.why_not_ready(peers.peer(name))):
            return Judged(product=name, verdict=Verdict.BLOCKED, reason=why)
        async with turn:
            console.print(f"judging {name}…", style="dim")
            result = await _run(name, subject, folder / name.replace(":", "-").replace("@", "-"), lanes, cases)
            console.print(f"  {name}: {result.verdict} in {result.seconds:.0f} s", style="dim")
            return result

    return list(await asyncio.gather(*(judge(name, subject) for name, subject in subjects.items())))


def _peers() -> list[str]:
    """Return the third-party products that there are cases for."""
    return [name for name, each in peers.catalogue().items() if each.protocol in _LANES]


def _subject_file(name: str) -> str:
    with resources.as_file(resources.files("v2x_suites").joinpath(f"demo/{name}.toml")) as path:
        return str(path)


async def _run(name: str, subject: str, out: Path, lanes: int, cases: Sequence[str]) -> Judged:
    """Judge one product in a process of its own, as a user would; in several lanes where real time must be waited out."""
    started = time.monotonic()
    chosen = [word for case in cases for word in ("--case", case)]
    command = [
        sys.executable,
        "-m",
        "v2x_harness.cli",
        "run",
        subject,
        "--out",
        str(out),
        "--jobs",
        str(lanes),
        "--json",
        *chosen,
    ]
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE)
    try:
        async with asyncio.timeout(_LIMIT if cases else None):
            told, complaint = await process.communicate()
    except TimeoutError:
        process.terminate()
        await process.wait()
        return Judged(product=name, verdict=Verdict.ERROR, reason=f"not done within {_LIMIT:g} s")
    seconds = round(time.monotonic() - started, 1)
    try:
        verdicts = msgspec.json.decode(told, type=Verdicts)
    except msgspec.DecodeError:
        last = complaint.decode(errors="replace").strip().splitlines()[-3:]
        return Judged(product=name, verdict=Verdict.ERROR, reason=" ".join(last), seconds=seconds)
    found = dict.fromkeys((f.requirement, f.text.splitlines()[0]) for f in verdicts.findings if f.axis == "conformance")
    return Judged(
        product=name,
        verdict=verdicts.verdict,
        cases=verdicts.totals.cases,
        rules=verdicts.totals.rules,
        findings=list(found),
        report=str(out / "report.html"),
        seconds=seconds,
    )


def _show(results: list[Judged], folder: Path) -> None:
    console = Console(emoji=False, width=None if sys.stdout.isatty() else 180)
    table = Table("product", "verdict", "cases", "findings", "s", "report", box=None, header_style="bold")
    for r in results:
        cases = ", ".join(f"{n} {verdict}" for verdict, n in r.cases.items()) or r.reason
        table.add_row(r.product, r.verdict.value, cases, str(len(r.findings)), f"{r.seconds:.0f}", r.report)
    console.print(table)
    for r in results:
        if r.findings:
            console.print(f"\n[bold]{r.product}[/]")
            for requirement, text in r.findings[:5]:
                console.print(f"  {requirement}: {short(text)}", markup=False, soft_wrap=True)
            if len(r.findings) > 5:
                console.print(f"  … and {len(r.findings) - 5} more in its report", style="dim")
    blocked = [r for r in results if r.verdict is Verdict.BLOCKED]
    for r in blocked:
        console.print(f"\n{r.product} is blocked: {r.reason}", markup=False)
    console.print(f"\nreports and bundles are in {folder}/")
