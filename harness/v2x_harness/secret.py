"""Secrets by reference: none belongs into a file that is shared, or onto a command line."""

from __future__ import annotations

import os
from pathlib import Path

from v2x_harness.errors import HarnessError

KINDS = ("env", "file")


def is_reference(text: str) -> bool:
    """Tell whether a text refers to a secret, and is none itself."""
    return text.partition(":")[0] in KINDS


def resolve(reference: str, folder: Path | None = None) -> str:
    """Return the secret that ``env:NAME`` or ``file:PATH`` refers to.

    Args:
        reference: to it.
        folder: that paths are relative to; the one that the program runs in when None.

    Raises:
        HarnessError: it is no reference, or there is nothing where it points.
    """
    kind, _, name = reference.partition(":")
    if kind == "env":
        if name not in os.environ:
            raise HarnessError(f"the environment variable {name} is not set", f"export {name}=…")
        return os.environ[name]
    if kind != "file":
        raise HarnessError("a secret is given by reference", "env:NAME or file:PATH")
    place = (folder or Path()) / name
    try:
        return place.read_text(encoding="utf-8").rstrip("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise HarnessError(f"cannot read {place}: {error}") from error
