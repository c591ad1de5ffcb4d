"""Which files ``v2x check`` judges: what is named, and what is in folders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
from v2x_adapters.capture.files import is_capture

from v2x_suites.checking import LogError

_HEAD = 16


class Input(msgspec.Struct, frozen=True):
    """A file to be judged.

    Attributes:
        path: of the file.
        named: whether it was named itself; one that was found in a folder, and holds nothing to judge, is passed over.
    """

    path: Path
    named: bool = True


class PassedOver(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a folder that could not be judged.

    Attributes:
        path: of the file.
        reason: why.
    """

    path: str
    reason: str


def inputs(paths: Iterable[Path]) -> Iterator[Input]:
    """Give files as they are, the journals of a run's folder, and all captures below any other folder.

    Raises:
        LogError: a folder has neither.
    """
    for path in paths:
        if not path.is_dir():
            yield Input(path)
            continue
        journals = sorted((*path.glob("*.ndjson"), *path.glob("journal/*.ndjson"), *path.glob("bundle/journal/*.ndjson")))
        if journals:
            yield from (Input(journal) for journal in journals)
            continue
        captures = [each for each in sorted(path.rglob("*")) if each.is_file() and _is_capture(each)]
        if not captures:
            raise LogError(f"{path} has no journal and no capture in it", "give a run's folder, or the files themselves")
        yield from (Input(capture, named=False) for capture in captures)


def _is_capture(path: Path) -> bool:
    with path.open("rb") as file:
        return is_capture(file.read(_HEAD))
