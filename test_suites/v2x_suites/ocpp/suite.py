"""OCPP's contribution to the harness."""

from __future__ import annotations

import pkgutil
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module, resources
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec
from v2x_harness.case import CASE_ATTRIBUTE, Case
from v2x_harness.errors import RegistryError, SubjectError
from v2x_harness.fault import Control, Fault, GoodPeer
from v2x_harness.journal import Recorder
from v2x_harness.protocol import Cast, Lane, Probed
from v2x_harness.requirement import Registry
from v2x_harness.rule import Judge, RuleInfo
from v2x_harness.subject import Endpoint, Subject, load

VERSIONS = {"1.6": "v16", "2.0.1": "v201"}
ROLES = ("station", "csms")


class OcppSuite:
    """Requirements, cases, rules, faults, controls and lanes of OCPP 1.6J and 2.0.1."""

    name = "ocpp"
    packages: Sequence[str] = tuple(f"v2x_suites.ocpp.{room}.{role}" for room in VERSIONS.values() for role in ROLES)

    def packages_for(self, role: str, version: str) -> Sequence[str]:
        """Return the packages of cases with this role under test in this version."""
        return [f"v2x_suites.ocpp.{VERSIONS[version]}.{role}"] if version in VERSIONS and role in ROLES else []

    def registries(self) -> Sequence[Registry]:
        """Return the requirement registries of 1.6 and 2.0.1."""
        return _registries()

    def cases(self) -> Sequence[Case]:
        """Return every case, in the order of their ids."""
        return _cases(tuple(self.packages))

    def rules(self) -> Sequence[RuleInfo]:
        """Return every rule."""
        return self.judge().rules

    def judge(self, version: str | None = None) -> Judge:
        """Return a new judge with all rules."""
        from v2x_suites.ocpp.rules import judge

        return judge(version)

    def faults(self) -> Sequence[Fault]:
        """Return every seeded fault, from ``faults/*.toml``."""
        return _read("faults", "fault", Fault)

    def controls(self) -> Sequence[Control]:
        """Return the five controls in each role and version, from ``controls/*.toml``."""
        return _read("faults", "control", Control)

    def good_peers(self) -> Sequence[GoodPeer]:
        """Return the legal variations of the reference actors."""
        return _read("faults", "good_peer", GoodPeer)

    def reference(self, role: str, version: str) -> Subject:
        """Return our reference station or CSMS, from ``subjects/*.toml``.

        Raises:
            SubjectError: there is none for this role and version.
        """
        if role not in ROLES or version not in VERSIONS:
            raise SubjectError(f"there is no reference {role} for OCPP {version}", "station or csms; 1.6 or 2.0.1")
        with resources.as_file(_folder("subjects").joinpath(f"{role}_{VERSIONS[version]}.toml")) as path:
            return msgspec.structs.replace(load(str(path)), path="")

    def lane(self, cast: Cast, recorder: Recorder, workdir: Path) -> Lane:
        """Return a lane for a station or a CSMS under test."""
        from v2x_suites.ocpp.lane import CsmsLane, StationLane

        return (StationLane if cast.role == "station" else CsmsLane)(cast, recorder, workdir)

    async def probe(self, role: str, endpoint: Endpoint, timeout: float) -> Probed:
        """Look at a CSMS, or wait for a station."""
        from v2x_suites.ocpp.probe import probe_csms, probe_station

        if role == "csms":
            return await probe_csms(endpoint.url, endpoint.identity, endpoint.password, timeout)
        return await probe_station(endpoint.listen, timeout)

    def secrets(self) -> Sequence[str]:
        """Return where OCPP's frames carry secrets."""
        table = tomllib.loads(resources.files("v2x_suites.ocpp").joinpath("secrets.toml").read_text(encoding="utf-8"))
        return msgspec.convert(table["places"], tuple[str, ...])


def _folder(name: str) -> Traversable:
    return resources.files("v2x_suites.ocpp").joinpath(name)


def _tables(folder: str) -> Iterator[tuple[str, dict[str, object]]]:
    for file in sorted(_folder(folder).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            yield file.name, tomllib.loads(file.read_text(encoding="utf-8"))


@cache
def _read[T: (Fault, Control, GoodPeer)](folder: str, key: str, kind: type[T]) -> tuple[T, ...]:
    """Read the tables of one kind from every TOML file of a folder; a file's ``defaults`` hold for all its tables."""
    found: list[T] = []
    for name, document in _tables(folder):
        defaults = msgspec.convert(document.get("defaults", {}), dict[str, object])
        for table in msgspec.convert(document.get(key, []), list[dict[str, object]]):
            try:
                found.append(msgspec.convert({**defaults, **table}, kind))
            except msgspec.ValidationError as error:
                raise RegistryError(f"{name}: {key} {table.get('id', '?')}: {error}") from error
    return tuple(found)


@cache
def _registries() -> tuple[Registry, ...]:
    files = [f for f in _folder("requirements").iterdir() if f.name.endswith(".toml")]
    return tuple(
        Registry.load(*sorted((f for f in files if f.name.split("_")[0].split(".")[0] == room), key=lambda f: f.name))
        for room in VERSIONS.values()
    )


@cache
def _cases(packages: tuple[str, ...]) -> tuple[Case, ...]:
    found: list[Case] = []
    for package in packages:
        for module in pkgutil.iter_modules(import_module(package).__path__, f"{package}."):
            if module.name.rpartition(".")[2].startswith("test_"):
                functions = vars(import_module(module.name)).values()
                found += [c for f in functions if isinstance(c := getattr(f, CASE_ATTRIBUTE, None), Case)]
    duplicates = {c.id for c in found if sum(c.id == d.id for d in found) > 1}
    if duplicates:
        raise RegistryError(f"case ids used twice: {', '.join(sorted(duplicates))}")
    return tuple(sorted(found, key=lambda c: (c.version, c.role, c.id)))


PROTOCOL = OcppSuite()
