"""Where the parts of a bundle are: in a folder, or in a zip."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol

from v2x_harness.errors import BundleError, JournalError
from v2x_harness.journal import Source

_BLOCK = 1 << 20
# What reading a damaged zip can raise; NotImplementedError is an unknown compression, RuntimeError an encrypted member.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError)
# Zip keeps times; a bundle's are in its manifest.
_EPOCH = (1980, 1, 1, 0, 0, 0)


class Store(Protocol):
    """The parts of a bundle by name (``journal/lane1.ndjson``)."""

    def names(self) -> list[str]:
        """Return the name of every file, sorted."""
        ...

    def journals(self) -> list[str]:
        """Return the name of every lane that left a journal, sorted."""
        ...

    def member(self, name: str) -> Source:
        """Return a file to read lines from."""
        ...

    def blocks(self, name: str) -> Iterator[bytes]:
        """Give a file's bytes.

        Raises:
            BundleError: it is missing or damaged.
        """
        ...


def _lanes(names: Iterable[str]) -> list[str]:
    paths = map(PurePosixPath, names)
    return [p.stem for p in paths if len(p.parts) == 2 and p.parts[0] == "journal" and p.suffix == ".ndjson"]


class FolderStore:
    """A bundle in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> list[str]:
        """Return the name of every file, sorted; links, and files that are being written (hidden ones), are none."""
        files = (p for p in self._folder.rglob("*") if p.is_file() and not p.is_symlink())
        return sorted(p.relative_to(self._folder).as_posix() for p in files if not p.name.startswith("."))

    def journals(self) -> list[str]:
        """Return the name of every lane that left a journal, sorted."""
        return sorted(_lanes(self.names()))

    def member(self, name: str) -> Source:
        """Return a file to read lines from."""
        return self._folder / name

    def blocks(self, name: str) -> Iterator[bytes]:
        """Give a file's bytes.

        Raises:
            BundleError: it is missing or cannot be read.
        """
        try:
            with (self._folder / name).open("rb") as file:
                while block := file.read(_BLOCK):
                    yield block
        except OSError as error:
            raise BundleError(f"{self._folder / name}: {error.strerror}") from error


class _Member:
    """A file in a zip, which can be opened as often as asked."""

    def __init__(self, path: Path, member: str, name: str) -> None:
        self._path, self._member, self._name = path, member, name

    def __str__(self) -> str:
        return f"{self._path}:{self._name}"

    def open(self, _mode: Literal["rb"] = "rb", /) -> AbstractContextManager[Iterable[bytes]]:
        """Open it for reading its lines.

        Raises:
            JournalError: on entering or while reading, when the zip is damaged.
        """
        return self._open()

    @contextmanager
    def _open(self) -> Iterator[Iterable[bytes]]:
        try:
            with zipfile.ZipFile(self._path) as archive, archive.open(self._member) as file:
                yield file
        except KeyError as error:
            raise JournalError(f"{self} is missing") from error
        except _DAMAGED as error:
            raise JournalError(f"{self} is damaged: {error}") from error


class ZipStore:
    """A bundle in a zip: at its root, or in the one folder that stands there.

    Raises:
        BundleError: it is no zip.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            with zipfile.ZipFile(path) as archive:
                names = [n for n in archive.namelist() if not n.endswith("/")]
        except _DAMAGED as error:
            raise BundleError(f"{path} is no zip that can be read: {error}") from error
        roots = {PurePosixPath(n).parts[0] for n in names}
        prefix = f"{roots.pop()}/" if "manifest.json" not in names and len(roots) == 1 else ""
        self._members = {n.removeprefix(prefix): n for n in names}

    def names(self) -> list[str]:
        """Return the name of every file, sorted."""
        return sorted(self._members)

    def journals(self) -> list[str]:
        """Return the name of every lane that left a journal, sorted."""
        return sorted(_lanes(self._members))

    def member(self, name: str) -> Source:
        """Return a file to read lines from."""
        return _Member(self._path, self._members.get(name, name), name)

    def blocks(self, name: str) -> Iterator[bytes]:
        """Give a file's bytes.

        Raises:
            BundleError: it is missing or damaged.
        """
        if name not in self._members:
            raise BundleError(f"{self._path}:{name} is missing")
        try:
            with zipfile.ZipFile(self._path) as archive, archive.open(self._members[name]) as file:
                while block := file.read(_BLOCK):
                    yield block
        except _DAMAGED as error:
            raise BundleError(f"{self._path}:{name} is damaged: {error}") from error


def open_store(path: Path) -> Store:
    """Open a folder or zip.

    Raises:
        BundleError: there is none of these.
    """
    if path.is_dir():
        return FolderStore(path)
    if path.is_file():
        return ZipStore(path)
    raise BundleError(f"{path} does not exist", "v2x run writes a bundle to its --out folder")


def write_zip(store: Store, target: Path) -> Path:
    """Write every part into a zip; the same parts always give the same bytes.

    Raises:
        BundleError: a part cannot be read, or the zip cannot be written.
    """
    draft = target.with_name(f".{target.name}.draft")
    try:
        with zipfile.ZipFile(draft, "w") as archive:
            for name in store.names():
                entry = zipfile.ZipInfo(name, _EPOCH)
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                with archive.open(entry, "w", force_zip64=True) as file:
                    for block in store.blocks(name):
                        file.write(block)
        draft.replace(target)
    except OSError as error:
        raise BundleError(f"cannot write {target}: {error.strerror}") from error
    finally:
        draft.unlink(missing_ok=True)
    return target
