"""Writing report files: whole, or not at all."""

from __future__ import annotations

from pathlib import Path

from v2x_harness.errors import BundleError


def write_text(path: Path, text: str) -> Path:
    """Write a file; who reads it finds the old text or the new one whole.

    Raises:
        BundleError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.draft")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.write_text(text, encoding="utf-8", newline="\n")
        draft.replace(path)
    except OSError as error:
        raise BundleError(f"cannot write {path}: {error.strerror}", "choose another folder with --out") from error
    return path
