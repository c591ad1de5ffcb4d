"""How the command speaks: tables and progress for people, JSON for machines."""

from __future__ import annotations

import sys

import msgspec
from rich.console import Console
from rich.markup import escape

from v2x_harness.verdict import Verdict

# Without a terminal, tables go to files and other programs: wide enough not to be folded.
# Emoji names are off: ``reference:station`` is no picture of a railway station.
stdout = Console(highlight=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else 200)
stderr = Console(stderr=True, highlight=False, emoji=False, soft_wrap=True)

_STYLES = {
    Verdict.PASS: "green",
    Verdict.WARN: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.ERROR: "bold magenta",
    Verdict.INCONCLUSIVE: "yellow",
    Verdict.BLOCKED: "cyan",
    Verdict.REVIEW: "cyan",
}


def styled(verdict: Verdict) -> str:
    """Return a verdict as coloured markup."""
    style = _STYLES.get(verdict, "dim")
    return f"[{style}]{verdict.value}[/]"


def plain(text: str) -> str:
    """Return text that rich prints as it is."""
    return escape(text)


def short(text: str, width: int = 200) -> str:
    """Return the first line of a text, cut where it is longer than that many characters; reports have the whole of it."""
    first = text.partition("\n")[0]
    return first if len(first) <= width else first[: width - 1].rstrip() + "…"


def print_json(value: object) -> None:
    """Print a value as one JSON document on standard output."""
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n")


def print_line(value: object) -> None:
    """Print a value as one line of JSON on standard output, where somebody may wait for it."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()
