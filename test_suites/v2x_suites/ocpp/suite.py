"""OCPP's contribution to the harness."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from importlib import resources
from pathlib import Path

import msgspec
from v2x_harness.case import Case
from v2x_harness.errors import SubjectError
from v2x_harness.fault import Control, Fault, GoodPeer
from v2x_harness.journal import Recorder
from v2x_harness.protocol import Cast, Lane, Probed
from v2x_harness.requirement import Registry
from v2x_harness.rule import Judge, RuleInfo
from v2x_harness.subject import Endpoint, Subject

from v2x_suites.tables import Tables, cases_of

VERSIONS = {"1.6": "v16", "2.0.1": "v201"}
ROLES = ("station", "csms")
_TABLES = Tables("v2x_suites.ocpp")


class OcppSuite:
    """Requirements, cases, rules, faults, controls and lanes of OCPP 1.6J and 2.0.1."""

    name = "ocpp"
    roles: Sequence[str] = ROLES
    packages: Sequence[str] = tuple(f"v2x_suites.ocpp.{room}.{role}" for room in VERSIONS.values() for role in ROLES)

    def packages_for(self, role: str, version: str) -> Sequence[str]:
        """Return the packages of cases with this role under test in this version."""
        return [f"v2x_suites.ocpp.{VERSIONS[version]}.{role}"] if version in VERSIONS and role in ROLES else []

    def registries(self) -> Sequence[Registry]:
        """Return the requirement registries of 1.6 and 2.0.1."""
        return _registries()

    def cases(self) -> Sequence[Case]:
        """Return every case, in the order of their ids."""
        return _cases()

    def rules(self) -> Sequence[RuleInfo]:
        """Return every rule."""
        return self.judge().rules

    def judge(self, version: str | None = None) -> Judge:
        """Return a new judge with all rules."""
        from v2x_suites.ocpp.rules import judge

        return judge(version)

    def faults(self) -> Sequence[Fault]:
        """Return every seeded fault, from ``faults/*.toml``."""
        return _read("fault", Fault)

    def controls(self) -> Sequence[Control]:
        """Return the five controls in each role and version, from ``controls/*.toml``."""
        return _read("control", Control)

    def good_peers(self) -> Sequence[GoodPeer]:
        """Return the legal variations of the reference actors."""
        return _read("good_peer", GoodPeer)

    def reference(self, role: str, version: str) -> Subject:
        """Return our reference station or CSMS, from ``subjects/*.toml``.

        Raises:
            SubjectError: there is none for this role and version.
        """
        if role not in ROLES or version not in VERSIONS:
            raise SubjectError(f"there is no reference {role} for OCPP {version}", "station or csms; 1.6 or 2.0.1")
        return _TABLES.subject(f"{role}_{VERSIONS[version]}")

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

    def quantities(self) -> None:
        """Return that nothing is drawn: meter values name what they measure themselves."""

    def secrets(self) -> Sequence[str]:
        """Return where OCPP's frames carry secrets."""
        table = tomllib.loads(resources.files("v2x_suites.ocpp").joinpath("secrets.toml").read_text(encoding="utf-8"))
        return msgspec.convert(table["places"], tuple[str, ...])


@cache
def _read[T: (Fault, Control, GoodPeer)](key: str, kind: type[T]) -> tuple[T, ...]:
    return _TABLES.faults(key, kind)


@cache
def _registries() -> tuple[Registry, ...]:
    return _TABLES.registries(VERSIONS.values())


@cache
def _cases() -> tuple[Case, ...]:
    return cases_of(OcppSuite.packages)


PROTOCOL = OcppSuite()
