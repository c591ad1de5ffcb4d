"""``v2x exi check``: judges our EXI codec by payloads that other codecs have read."""

from __future__ import annotations

import hashlib
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import msgspec
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from v2x_architecture.iso15118.exi.vectors import Outcome, judge, read_lines, read_vector
from v2x_harness.cli.console import plain, print_json, stderr, stdout
from v2x_harness.errors import HarnessError

_WORTH_A_BAR = 100_000
_SHOWN = 50
_FEW = 10


class Counts(msgspec.Struct, frozen=True, kw_only=True):
    """How many payloads fared how.

    Attributes:
        payloads: all of them.
        decoded: those that could be decoded.
        failed: those that could not.
        compared: decoded ones with expected values.
        value_equal: those of them that hold the expected values.
        byte_exact: decoded ones whose message encodes to the same bytes.
    """

    payloads: int
    decoded: int
    failed: int
    compared: int
    value_equal: int
    byte_exact: int


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """A payload that was not decoded, has other values than expected, or does not encode to the same bytes.

    Attributes:
        line: of the file, from 1.
        digest: the first 12 digits of the SHA-256 of the payload.
        outcome: how it fared.
    """

    line: int
    digest: str
    outcome: Outcome


class UnusableLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is no payload.

    Attributes:
        line: of the file, from 1.
        problem: what is wrong with it, and what to do.
    """

    line: int
    problem: str


class CheckedVectors(msgspec.Struct, frozen=True, kw_only=True):
    """What ``v2x exi check --json`` prints.

    Attributes:
        path: as given.
        counts: over all payloads.
        schemas: by schema set, as the file names them.
        failures: fewer than the counts say when a limit was given.
        unusable: lines that are no payload and count for nothing.
    """

    path: str
    counts: Counts
    schemas: dict[str, Counts]
    failures: tuple[Failure, ...]
    unusable: tuple[UnusableLine, ...] = ()


def check(
    file: Annotated[
        Path,
        typer.Argument(
            help="One JSON object a line: schema, hex, perhaps expected_xml and fragment; gzip too; - for standard input.",
            metavar="FILE",
        ),
    ],
    max_failures: Annotated[int, typer.Option(help="List at most so many failures; 0 for all.", min=0)] = _SHOWN,
    json: Annotated[bool, typer.Option("--json", help="Print JSON instead of text; its schema is published.")] = False,
) -> int:
    """Decode payloads, compare them with what other codecs made of them, and encode them again.

    A schema is a set, in either case, or a V2GTP payload type (32772, 0x8004); several (AC-AC_DER_IEC) have all to read the
    payload alike. Hexadecimal may have separators, 0x and a V2GTP header. In expected_xml, namespaces, prefixes, the order of
    attributes and white space between elements count for nothing.

    Exit code 0: all decoded, equal and byte-exact; 1: some are not; 2: the file cannot be used, or lines of it are no payloads
    (the others are judged all the same).

    Example: v2x exi check payloads.jsonl.gz --json
    """
    report = check_file(file, 0 if json and max_failures == _SHOWN else max_failures)
    if json:
        print_json(report)
    else:
        _show(report)
    if report.unusable:
        raise _unusable(report)
    counts = report.counts
    return int(counts.failed > 0 or counts.value_equal < counts.compared or counts.byte_exact < counts.decoded)


def check_file(path: Path, most: int = 0) -> CheckedVectors:
    """Judge every payload of a file.

    Args:
        path: of the file; ``-`` for standard input.
        most: list at most so many failures; 0 for all.

    Raises:
        HarnessError: the file cannot be read, or no line is a payload.
    """
    tally: dict[str, Counter[str]] = {}
    failures: list[Failure] = []
    unusable: list[UnusableLine] = []
    try:
        with _opened(path) as file, _bar(path) as progress:
            for number, line in read_lines(file, progress):
                try:
                    vector = read_vector(line)
                except ValueError as error:
                    unusable.append(UnusableLine(line=number, problem=str(error)))
                    continue
                outcome = judge(vector)
                _count(tally.setdefault(vector.schema, Counter()), outcome)
                if outcome.problem and (not most or len(failures) < most):
                    digest = hashlib.sha256(vector.payload).hexdigest()[:12]
                    failures.append(Failure(line=number, digest=digest, outcome=outcome))
    except (OSError, EOFError, zlib.error) as error:
        where = f" after line {number}" if (number := _lines(tally, unusable)) else ""
        hint = "the file is cut off or damaged: fetch or compress it again" if where or path.suffix == ".gz" else ""
        raise HarnessError(f"cannot read {path}{where}: {getattr(error, 'strerror', None) or error}", hint) from None
    total: Counter[str] = Counter()
    for counts in tally.values():
        total.update(counts)
    report = CheckedVectors(
        path=str(path),
        counts=_counts(total),
        schemas={name: _counts(counts) for name, counts in sorted(tally.items())},
        failures=tuple(failures),
        unusable=tuple(unusable),
    )
    if unusable and not tally:
        raise _unusable(report)
    if not tally:
        raise HarnessError(f"{path} has no payload in it", _A_LINE)
    return report


_A_LINE = 'a line is {"schema": "iso2", "hex": "8098…"}'


def _unusable(report: CheckedVectors) -> HarnessError:
    first, more = report.unusable[0], len(report.unusable) - 1
    others = f" (and {more} more: {_list(each.line for each in report.unusable[1:])})" if more else ""
    return HarnessError(f"line {first.line} of {report.path} is no payload: {first.problem}{others}", _A_LINE)


def _list(lines: Iterable[int]) -> str:
    shown = [str(line) for line in lines]
    return ", ".join(shown[:_FEW]) + (", …" if len(shown) > _FEW else "")


def _lines(tally: dict[str, Counter[str]], unusable: list[UnusableLine]) -> int:
    return sum(counts["payloads"] for counts in tally.values()) + len(unusable)


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    if str(path) == "-":
        yield sys.stdin.buffer
        return
    with path.open("rb") as file:
        yield file


def _count(counts: Counter[str], outcome: Outcome) -> None:
    counts["payloads"] += 1
    counts["decoded"] += outcome.decoded
    counts["compared"] += outcome.value_equal is not None
    counts["value_equal"] += outcome.value_equal is True
    counts["byte_exact"] += outcome.byte_exact


def _counts(counts: Counter[str]) -> Counts:
    return Counts(
        payloads=counts["payloads"],
        decoded=counts["decoded"],
        failed=counts["payloads"] - counts["decoded"],
        compared=counts["compared"],
        value_equal=counts["value_equal"],
        byte_exact=counts["byte_exact"],
    )


@contextmanager
def _bar(path: Path) -> Iterator[Callable[[int], None] | None]:
    size = path.stat().st_size if path.exists() else 0
    if size < _WORTH_A_BAR or not stderr.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task(path.name, total=size)
        yield lambda octets: bar.advance(task, octets)


def _show(report: CheckedVectors) -> None:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("schema", "payloads", "decoded", "failed", "compared", "value-equal", "byte-exact"):
        table.add_column(title, justify="left" if title == "schema" else "right")
    for name, counts in [*report.schemas.items(), ("all", report.counts)]:
        row = (counts.payloads, counts.decoded, counts.failed, counts.compared, counts.value_equal, counts.byte_exact)
        table.add_row(plain(name), *(str(number) for number in row))
    stdout.print(table)
    for each in report.failures:
        stdout.print(f"line {each.line} ({each.digest}, {plain(each.outcome.schema)} {each.outcome.name}): {_said(each.outcome)}")
    for line in report.unusable[:_SHOWN]:
        stdout.print(f"line {line.line}: [red]no payload[/]: {plain(line.problem)}")
    wrong = report.counts.payloads - report.counts.byte_exact
    if wrong > len(report.failures) > 0:
        stdout.print("more may not be listed (--max-failures 0 lists all)")


def _said(outcome: Outcome) -> str:
    where = f" at bit {outcome.bit_offset}" if outcome.bit_offset is not None else ""
    path = f" in {outcome.pointer}" if outcome.pointer else ""
    what = "not decoded" if not outcome.decoded else "other values" if outcome.value_equal is False else "not byte-exact"
    fits = f"; it fits as {' or '.join(outcome.fits)}" if outcome.fits else ""
    return f"[red]{what}[/]: {plain(outcome.problem + where + path + fits)}"
