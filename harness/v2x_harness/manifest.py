"""The documents in a bundle that say what ran: the manifest, the catalogue, the subject."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from v2x_harness.case import Case
from v2x_harness.events import Json
from v2x_harness.quantities import Quantities
from v2x_harness.redact import Redactor, mark
from v2x_harness.requirement import Registry, Requirement
from v2x_harness.rule import RuleInfo
from v2x_harness.subject import Subject
from v2x_harness.waiver import Waiver

FORMAT = "v2x-bundle/1"
NEVER_SEALED = "the run did not come to its end: the bundle was never sealed"


class Identity(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Which product it was.

    Attributes:
        observed: what it said of itself on the wire: ``vendor``, ``model``, firmware ``version``, ``serial``, ``server``.
        digest: of its software where that is known (a container image), by algorithm.
    """

    name: str
    vendor: str = ""
    version: str = ""
    observed: dict[str, str] = {}
    digest: dict[str, str] = {}

    @property
    def differences(self) -> tuple[str, ...]:
        """Where it says otherwise than was declared: ``version 1.2 was declared, 1.3 observed``."""
        both = (
            (name, declared, self.observed.get(name, ""))
            for name, declared in (("vendor", self.vendor), ("version", self.version))
        )
        return tuple(
            f"{name} {declared} was declared, {seen} observed"
            for name, declared, seen in both
            if declared and seen and declared.casefold() != seen.casefold()
        )


class Part(msgspec.Struct, frozen=True):
    """One file of a bundle."""

    sha256: str
    size: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """``manifest.json``.

    Attributes:
        suite: SHA-256 over the sources of cases, rules and registries, see `suite_hash`.
        pics: the effective PICS.
        seeds: of every lane's random choices.
        journals: names of the lanes.
        files: every other part.
        complete: the run was sealed, and every journal ended in order; ``problems`` says what did not.
        waivers: those that were applied, judged on the day ``judged``.
    """

    run: str
    created: str
    product: Identity
    suite: str
    versions: dict[str, str] = {}
    pics: dict[str, bool] = {}
    seeds: dict[str, int] = {}
    journals: tuple[str, ...] = ()
    files: dict[str, Part] = {}
    complete: bool = False
    problems: tuple[str, ...] = (NEVER_SEALED,)
    waivers: tuple[Waiver, ...] = ()
    judged: date | None = None
    format: str = FORMAT


class RequirementSet(msgspec.Struct, frozen=True, kw_only=True):
    """The registered requirements of one version of one specification."""

    protocol: str
    version: str
    total: int
    requirements: tuple[Requirement, ...]


class Catalogue(msgspec.Struct, frozen=True, kw_only=True):
    """``catalogue.json``: what the run was judged by, so that reports need nothing but the bundle.

    Attributes:
        quantities: by protocol, which fields reports can draw over time.
    """

    cases: tuple[Case, ...] = ()
    rules: tuple[RuleInfo, ...] = ()
    requirements: tuple[RequirementSet, ...] = ()
    quantities: tuple[Quantities, ...] = ()

    @classmethod
    def of(
        cls,
        cases: Iterable[Case],
        rules: Iterable[RuleInfo],
        registries: Iterable[Registry],
        quantities: Iterable[Quantities] = (),
    ) -> Catalogue:
        """Make one of what a protocol offers."""
        return cls(
            cases=tuple(sorted(cases, key=lambda c: (c.id, c.version))),
            rules=tuple(sorted(rules, key=lambda r: r.id)),
            requirements=tuple(
                RequirementSet(protocol=r.protocol, version=r.version, total=r.total, requirements=tuple(r.values()))
                for r in registries
            ),
            quantities=tuple(quantities),
        )


class SubjectDocument(msgspec.Struct, frozen=True, kw_only=True):
    """``subject.json``: the subject as declared, without credentials, and its effective PICS."""

    name: str
    declared: dict[str, Json]
    effective_pics: dict[str, bool] = {}


def suite_hash(*roots: Traversable) -> str:
    """Return the SHA-256 over the names and contents of every ``.py``, ``.toml`` and ``.json`` file under the roots."""
    digest = hashlib.sha256()

    def walk(node: Traversable, path: str) -> None:
        if node.is_dir():
            for child in sorted(node.iterdir(), key=lambda c: c.name):
                walk(child, f"{path}/{child.name}")
        elif path.endswith((".py", ".toml", ".json")):
            digest.update(f"{path}\0{hashlib.sha256(node.read_bytes()).hexdigest()}\n".encode())

    for root in roots:
        walk(root, root.name)
    return digest.hexdigest()


def without_credentials(subject: Subject) -> dict[str, Json]:
    """Return the subject as declared; of paths only the file's name is kept, of credentials that there is one."""
    declared: dict[str, Json] = msgspec.to_builtins(subject)
    declared.pop("secrets", None)
    declared["path"] = Path(subject.path).name
    endpoint = dict(msgspec.to_builtins(subject.endpoint))
    for key in ("ca", "certificate", "key"):
        endpoint[key] = Path(endpoint[key]).name
    endpoint["password"] = mark("password", "place") if subject.endpoint.password else ""
    declared["endpoint"] = endpoint
    redact = Redactor(subject.secrets, public=(subject.name, subject.endpoint.identity))
    cleaned = redact.json(declared)
    return cleaned if isinstance(cleaned, dict) else {}
