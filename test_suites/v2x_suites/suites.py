"""What the suites of all protocols have in common: their data stands in TOML beside them, their cases in packages by version."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cache

from v2x_harness.case import Case
from v2x_harness.errors import SubjectError
from v2x_harness.fault import Control, Fault, GoodPeer
from v2x_harness.requirement import Registry
from v2x_harness.rule import Judge, RuleInfo
from v2x_harness.subject import Subject

from v2x_suites.tables import Tables, cases_of


class Suite(ABC):
    """The part of a `v2x_harness.protocol.ProtocolSuite` that follows from where things stand.

    Attributes:
        name: of the protocol.
        title: for people.
        package: with the folders ``requirements``, ``faults``, ``subjects``.
        rooms: versions, and the names of the packages that their cases are in, one a role.
        files: versions, and what the names of their registries and subjects have.
        roles: that may be under test.
    """

    name: str
    title: str
    package: str
    rooms: Mapping[str, str]
    files: Mapping[str, str]
    roles: Sequence[str]

    @abstractmethod
    def judge(self, version: str | None = None) -> Judge:
        """Return a new judge with all rules; the version is read off the link when None."""

    @property
    def packages(self) -> Sequence[str]:
        """The packages of cases."""
        return tuple(f"{self.package}.{room}.{role}" for room in self.rooms.values() for role in self.roles)

    def packages_for(self, role: str, version: str) -> Sequence[str]:
        """Return the packages of cases with this role under test in this version."""
        known = version in self.rooms and role in self.roles
        return [f"{self.package}.{self.rooms[version]}.{role}"] if known else []

    def registries(self) -> Sequence[Registry]:
        """Return the requirement registries, one a version."""
        return _registries(self.package, tuple(self.files.values()))

    def cases(self) -> Sequence[Case]:
        """Return every case, in the order of their ids."""
        return _cases(tuple(self.packages))

    def rules(self) -> Sequence[RuleInfo]:
        """Return every rule."""
        return self.judge().rules

    def faults(self) -> Sequence[Fault]:
        """Return every seeded fault, from ``faults/*.toml``."""
        return _read(self.package, "fault", Fault)

    def controls(self) -> Sequence[Control]:
        """Return the controls in each role and version."""
        return _read(self.package, "control", Control)

    def good_peers(self) -> Sequence[GoodPeer]:
        """Return the legal variations of the reference actors."""
        return _read(self.package, "good_peer", GoodPeer)

    def reference(self, role: str, version: str) -> Subject:
        """Return our reference actor as a subject, from ``subjects/*.toml``.

        Raises:
            SubjectError: there is none for this role and version.
        """
        if role not in self.roles or version not in self.rooms:
            there = f"{' or '.join(self.roles)}; {', '.join(self.rooms)}"
            raise SubjectError(f"there is no reference {role} for {self.title} {version}", there)
        return _subject(self.package, f"{role}_{self.files[version]}")


@cache
def _read[T: (Fault, Control, GoodPeer)](package: str, key: str, kind: type[T]) -> tuple[T, ...]:
    return Tables(package).faults(key, kind)


@cache
def _subject(package: str, name: str) -> Subject:
    return Tables(package).subject(name)


@cache
def _registries(package: str, rooms: tuple[str, ...]) -> tuple[Registry, ...]:
    return Tables(package).registries(rooms)


@cache
def _cases(packages: tuple[str, ...]) -> tuple[Case, ...]:
    return cases_of(packages)
