"""A protocol's data: requirements, faults, controls, good peers and reference subjects in TOML, and cases in packages."""

from __future__ import annotations

import pkgutil
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module, resources

import msgspec
from v2x_harness.case import CASE_ATTRIBUTE, Case
from v2x_harness.errors import RegistryError, SubjectError
from v2x_harness.fault import Control, Fault, GoodPeer
from v2x_harness.requirement import Registry
from v2x_harness.subject import Subject, load


class Tables:
    """The folders beside a protocol's suite.

    Args:
        package: of the protocol (``v2x_suites.ocpp``), with the folders ``requirements``, ``faults`` and ``subjects``.
    """

    def __init__(self, package: str) -> None:
        self._folder = resources.files(package)

    def faults[T: (Fault, Control, GoodPeer)](self, key: str, kind: type[T]) -> tuple[T, ...]:
        """Read the tables of one kind from every file of ``faults``; a file's ``defaults`` hold for all its tables.

        Raises:
            RegistryError: one has a field that is wrong.
        """
        found: list[T] = []
        for name, document in self._documents("faults"):
            defaults = msgspec.convert(document.get("defaults", {}), dict[str, object])
            for table in msgspec.convert(document.get(key, []), list[dict[str, object]]):
                try:
                    found.append(msgspec.convert({**defaults, **table}, kind))
                except msgspec.ValidationError as error:
                    raise RegistryError(f"{name}: {key} {table.get('id', '?')}: {error}") from error
        return tuple(found)

    def registries(self, rooms: Iterable[str]) -> tuple[Registry, ...]:
        """Read one registry a version: of the files ``{room}.toml`` and ``{room}_….toml`` of ``requirements``."""
        files = sorted((f for f in self._folder.joinpath("requirements").iterdir() if f.name.endswith(".toml")), key=_name)
        return tuple(Registry.load(*(f for f in files if f.name.split("_")[0].split(".")[0] == room)) for room in rooms)

    def subject(self, name: str) -> Subject:
        """Read a reference subject of ``subjects``.

        Raises:
            SubjectError: there is none of that name.
        """
        with resources.as_file(self._folder.joinpath("subjects", f"{name}.toml")) as path:
            if not path.is_file():
                raise SubjectError(f"there is no reference subject {name}")
            return msgspec.structs.replace(load(str(path)), path="")

    def _documents(self, folder: str) -> Iterator[tuple[str, dict[str, object]]]:
        for file in sorted(self._folder.joinpath(folder).iterdir(), key=_name):
            if file.name.endswith(".toml"):
                yield file.name, tomllib.loads(file.read_text(encoding="utf-8"))


def cases_of(packages: Sequence[str]) -> tuple[Case, ...]:
    """Return every case of some packages, in the order of their ids.

    Raises:
        RegistryError: an id is used twice.
    """
    found: list[Case] = []
    for package in packages:
        for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
            if module.name.rpartition(".")[2].startswith("test_"):
                functions = vars(import_module(module.name)).values()
                found += [c for f in functions if isinstance(c := getattr(f, CASE_ATTRIBUTE, None), Case)]
    ids = [c.id for c in found]
    if duplicates := {i for i in ids if ids.count(i) > 1}:
        raise RegistryError(f"case ids used twice: {', '.join(sorted(duplicates))}")
    return tuple(sorted(found, key=lambda c: (c.version, c.role, c.id)))


def _name(file: object) -> str:
    return str(getattr(file, "name", file))
