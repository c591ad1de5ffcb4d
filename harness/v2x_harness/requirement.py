"""Requirements are data; what is not tested says why."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from importlib.resources.abc import Traversable

import msgspec

from v2x_harness.errors import RegistryError


class Level(StrEnum):
    """How binding a requirement is (RFC 2119)."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Requirement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One requirement of a specification, in our own one-line wording.

    Attributes:
        id: as the specification has it (``B01.FR.05``); where it has none, a section anchor (``OCPP-J-1.6#4.2.1``).
        level: how binding it is.
        actor: the role that must meet it (``station``, ``csms``).
        text: our own one-line wording.
        condition: our own wording of the precondition; empty when there is none.
        not_tested_reason: why no case and no rule cites it; empty when it is tested.
    """

    id: str
    level: Level
    actor: str
    text: str
    condition: str = ""
    not_tested_reason: str = ""

    @property
    def testable(self) -> bool:
        """Whether a case or rule can and should cite it."""
        return not self.not_tested_reason


class Registry(Mapping[str, Requirement]):
    """The requirements of one version of one specification.

    Args:
        protocol: ``ocpp``.
        version: ``2.0.1``.
        total: how many requirement ids the specification itself has.
        official: how many of them the official test cases cite; 0 where that is not published.
        numbered: regular expression of the specification's own ids; what it does not match is an anchor of ours.
        requirements: what we have registered of them.

    Raises:
        RegistryError: two requirements share an id.
    """

    def __init__(
        self,
        protocol: str,
        version: str,
        total: int,
        requirements: Iterable[Requirement],
        official: int = 0,
        numbered: str = "",
    ) -> None:
        self.protocol, self.version, self.total, self.official = protocol, version, total, official
        self.has_numbers = bool(numbered)
        """Whether the specification numbers its requirements; how many there are is not always published."""
        self._numbered = re.compile(numbered or r"(?!)")
        self._by_id: dict[str, Requirement] = {}
        for requirement in requirements:
            if requirement.id in self._by_id:
                raise RegistryError(f"{protocol} {version}: requirement {requirement.id} is registered twice")
            self._by_id[requirement.id] = requirement

    def is_numbered(self, requirement_id: str) -> bool:
        """Whether an id is one of the specification's own, and not a section anchor of ours."""
        return self._numbered.fullmatch(requirement_id) is not None

    @classmethod
    def load(cls, *sources: Traversable) -> Registry:
        """Read a registry from TOML: ``protocol``, ``version``, ``total`` in the first file, ``[[requirement]]`` tables in all.

        Raises:
            RegistryError: a file does not have that shape.
        """
        head: dict[str, object] = {}
        requirements: list[Requirement] = []
        for source in sources:
            try:
                table = tomllib.loads(source.read_text(encoding="utf-8"))
                rows = msgspec.convert(table.pop("requirement", []), list[Requirement])
            except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
                raise RegistryError(f"{source.name}: {error}") from error
            head |= table
            requirements += rows
        try:
            total, official = int(str(head["total"])), int(str(head.get("official", 0)))
            numbered = str(head.get("numbered", ""))
            return cls(str(head["protocol"]), str(head["version"]), total, requirements, official, numbered)
        except KeyError as error:
            raise RegistryError(f"{sources[0].name}: key {error} is missing") from error

    def __getitem__(self, key: str) -> Requirement:
        return self._by_id[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_id)

    def __len__(self) -> int:
        return len(self._by_id)
