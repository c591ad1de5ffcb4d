"""``v2x docs``: writes what is generated into the repository, and checks that it is fresh."""

from __future__ import annotations

from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

import typer

from v2x_harness.cli.console import print_json, stdout
from v2x_harness.errors import HarnessError

# An entry point of group ``v2x.docs`` gives a function that returns file (relative to the checkout) to text; where the file holds
# the markers, the text belongs between them.
BEGIN, END = "<!-- generated: begin -->", "<!-- generated: end -->"

type Documents = Callable[[], dict[str, str]]


def docs(
    check: Annotated[bool, typer.Option("--check", help="Write nothing; fail when a file is stale.")] = False,
    root: Annotated[Path, typer.Option(help="The checkout.")] = Path(),
    json: Annotated[bool, typer.Option("--json", help="Print the names of the files that are, or were, stale as JSON.")] = False,
) -> int:
    """Write the case catalogue, the requirement coverage and the drawing of the architecture.

    Example: v2x docs --check
    """
    if not (root / "pyproject.toml").exists():
        raise HarnessError(
            f"{root.resolve()} is no checkout of v2x-conformance", "call it in the folder of pyproject.toml, or give --root"
        )
    stale = []
    for entry in sorted(entry_points(group="v2x.docs"), key=lambda e: e.name):
        documents: Documents = entry.load()
        for name, text in documents().items():
            path = root / name
            old = path.read_text(encoding="utf-8") if path.exists() else ""
            new = merged(old, text)
            if old == new:
                continue
            stale.append(name)
            if not check:
                path.write_text(new, encoding="utf-8")
    if json:
        print_json(stale)
        return int(check and bool(stale))
    for name in stale:
        stdout.print(f"{name}: {'stale: run make docs' if check else 'written'}")
    if not stale:
        stdout.print("every generated file is fresh")
    return int(check and bool(stale))


def merged(old: str, text: str) -> str:
    """Return the new content of a file: the text between its markers, or the whole."""
    if BEGIN not in old or END not in old:
        return text.rstrip() + "\n"
    head, _, rest = old.partition(BEGIN)
    return f"{head}{BEGIN}\n{text.strip()}\n{END}{rest.partition(END)[2]}"
