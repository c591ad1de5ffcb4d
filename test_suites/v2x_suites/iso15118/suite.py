"""ISO 15118's contribution to the harness."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from v2x_harness.case import Case
from v2x_harness.errors import AdapterError, SubjectError
from v2x_harness.fault import Control, Fault, GoodPeer
from v2x_harness.journal import Recorder
from v2x_harness.protocol import Cast, Lane, Probed
from v2x_harness.quantities import Quantities
from v2x_harness.requirement import Registry
from v2x_harness.rule import Judge, RuleInfo
from v2x_harness.subject import Endpoint, Subject

from v2x_suites.iso15118.quantities import quantities
from v2x_suites.iso15118.registries import registries
from v2x_suites.tables import Tables, cases_of

ROOMS = {"din": "din", "2": "iso2", "20": "iso20"}
"""Versions, and the packages of their cases."""
ROLES = ("secc", "evcc")
_TABLES = Tables("v2x_suites.iso15118")


class Iso15118Suite:
    """Requirements, cases, rules, faults, controls and lanes of DIN SPEC 70121, ISO 15118-2 and ISO 15118-20."""

    name = "iso15118"
    roles: Sequence[str] = ROLES
    packages: Sequence[str] = tuple(f"v2x_suites.iso15118.{room}.{role}" for room in ROOMS.values() for role in ROLES)

    def packages_for(self, role: str, version: str) -> Sequence[str]:
        """Return the packages of cases with this role under test in this version."""
        return [f"v2x_suites.iso15118.{ROOMS[version]}.{role}"] if version in ROOMS and role in ROLES else []

    def registries(self) -> Sequence[Registry]:
        """Return the requirement registries of the three standards."""
        return registries()

    def cases(self) -> Sequence[Case]:
        """Return every case, in the order of their ids."""
        return _cases()

    def rules(self) -> Sequence[RuleInfo]:
        """Return every rule."""
        return self.judge().rules

    def judge(self, version: str | None = None) -> Judge:
        """Return a new judge with all rules; which edition they judge by is read off the link."""
        from v2x_suites.iso15118.rules import Iso15118Judge

        return Iso15118Judge()

    def faults(self) -> Sequence[Fault]:
        """Return every seeded fault, from ``faults/*.toml``."""
        return _read("fault", Fault)

    def controls(self) -> Sequence[Control]:
        """Return the five controls in each role and version."""
        return _read("control", Control)

    def good_peers(self) -> Sequence[GoodPeer]:
        """Return the legal variations of the reference actors."""
        return _read("good_peer", GoodPeer)

    def reference(self, role: str, version: str) -> Subject:
        """Return our reference SECC or EVCC, from ``subjects/*.toml``.

        Raises:
            SubjectError: there is none for this role and version.
        """
        if role not in ROLES or version not in ROOMS:
            raise SubjectError(f"there is no reference {role} for ISO 15118 {version}", "secc or evcc; din, 2 or 20")
        return _TABLES.subject(f"{role}_{version}")

    def lane(self, cast: Cast, recorder: Recorder, workdir: Path) -> Lane:
        """Return a lane for an SECC or an EVCC under test."""
        from v2x_suites.iso15118.lane import EvccLane, SeccLane

        return (SeccLane if cast.role == "secc" else EvccLane)(cast, recorder, workdir)

    async def probe(self, role: str, endpoint: Endpoint, timeout: float) -> Probed:
        """Ask an SECC which editions it speaks; of an EVCC only its subject file can tell.

        Raises:
            AdapterError: nobody answers.
        """
        from v2x_suites.iso15118.probe import probe_secc

        if role != "secc":
            raise AdapterError("an EVCC is plugged in, it cannot be looked for", "v2x init --role evcc writes its subject file")
        return await probe_secc(endpoint, timeout)

    def quantities(self) -> Quantities | None:
        """Return which fields hold power, limits and SoC."""
        return quantities()

    def secrets(self) -> Sequence[str]:
        """Return nothing: what a session tells of people is not secret from those who test it, and keys are never sent."""
        return ()


@cache
def _read[T: (Fault, Control, GoodPeer)](key: str, kind: type[T]) -> tuple[T, ...]:
    return _TABLES.faults(key, kind)


@cache
def _cases() -> tuple[Case, ...]:
    return cases_of(Iso15118Suite.packages)


PROTOCOL = Iso15118Suite()
