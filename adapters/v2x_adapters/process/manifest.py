"""``adapter.toml``: what an adapter that a user wrote says of itself, and how it is started."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
from v2x_harness.errors import AdapterError

MANIFEST = "adapter.toml"


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An adapter's manifest.

    Attributes:
        name: for messages.
        command: program and arguments, run in the manifest's folder.
        role, protocol, versions: what its product plays.
        start, do, stop: time limits (s).
        environment: variables set for it.
    """

    name: str
    command: tuple[str, ...]
    role: str
    protocol: str
    versions: tuple[str, ...]
    start: float = 30.0
    do: float = 30.0
    stop: float = 5.0
    environment: dict[str, str] = {}

    def __post_init__(self) -> None:
        if not self.command:
            raise ValueError("command is empty")
        if min(self.start, self.do, self.stop) <= 0:
            raise ValueError("start, do and stop are seconds, more than 0")


def load(path: Path) -> tuple[Manifest, Path]:
    """Read the manifest of an adapter.

    Args:
        path: its folder, or the file itself.

    Returns:
        The manifest and its folder.

    Raises:
        AdapterError: there is none, or something in it is wrong: which file, which key.
    """
    file = path / MANIFEST if path.is_dir() else path
    try:
        return msgspec.convert(tomllib.loads(file.read_text(encoding="utf-8")), Manifest), file.parent.resolve()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise AdapterError(f"cannot read the adapter's manifest {file}: {why}", "v2x adapter new writes an adapter") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        keys = ", ".join(Manifest.__struct_fields__)
        raise AdapterError(f"{file}: {error}", f"its keys are: {keys}") from error
