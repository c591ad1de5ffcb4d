"""The Python interpreters and the node of this machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

_TRY = "import importlib.util as i, sys; print('%d.%d' % sys.version_info[:2], all(map(i.find_spec, ('venv', 'ensurepip'))))"


def python(versions: Sequence[str]) -> tuple[Path | None, str]:
    """Find a Python of the first version that this machine has and that can make environments.

    Args:
        versions: minor versions, best first: ``3.12``.

    Returns:
        The interpreter, or None, and in words what was found.
    """
    usable: dict[str, Path] = {}
    crippled: set[str] = set()
    for candidate in _pythons():
        version, complete = _try_python(candidate)
        if complete:
            usable.setdefault(version, candidate)
        elif version:
            crippled.add(version)
        if versions[0] in usable:
            break
    for version in versions:
        if version in usable:
            return usable[version], f"Python {version}"
    found = f"found {', '.join(sorted(usable))}" if usable else "found none"
    if lame := sorted(crippled & set(versions)):
        found += f"; {', '.join(lame)} lacks the modules venv and ensurepip"
    return None, f"needs Python {' or '.join(versions)}; {found}"


def node(least: str) -> tuple[Path | None, str]:
    """Find node and npm.

    Args:
        least: lowest version that will do: ``>=17.3``.
    """
    program, npm = shutil.which("node"), shutil.which("npm")
    if not program or not npm:
        missing = " and ".join(name for name, path in (("node", program), ("npm", npm)) if not path)
        return None, f"needs node {least} with npm; {missing} not found"
    said = _output([program, "--version"]).lstrip("v")
    if _numbers(said) < _numbers(least):
        return None, f"needs node {least}; found {said or 'one that does not run'}"
    return Path(program), f"node {said}"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])


def _pythons() -> Iterator[Path]:
    """Yield every place where a Python may be: this one, those on the path, those of pyenv and uv."""
    yield Path(getattr(sys, "_base_executable", sys.executable))
    for folder in map(Path, os.get_exec_path()):
        if folder.name == "shims":
            # Those of pyenv are slow, and lead to what is found below.
            continue
        for minor in range(20, 5, -1):
            yield folder / f"python3.{minor}"
        yield folder / "python3"
    homes = [Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"]
    homes.append(Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "uv/python")
    for home in homes:
        yield from sorted(home.glob("*/bin/python3"), reverse=True)


@cache
def _try_python(program: Path) -> tuple[str, bool]:
    """Return its minor version, and whether it can make environments; an empty version when it does not run."""
    if not program.is_file():
        return "", False
    version, _, complete = _output([str(program), "-c", _TRY]).partition(" ")
    return version, complete == "True"


def _output(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - an interpreter is asked for its version
            command, capture_output=True, text=True, timeout=20, check=True, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.SubprocessError, UnicodeDecodeError):
        return ""
    return done.stdout.strip()
