"""The standard configuration keys of 1.6, and what they tell of the features that a charge point has (PICS)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Literal

import msgspec
from v2x_harness.field import Field


class Key(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A standard configuration key; see ``configuration_keys.toml``."""

    name: str
    profile: str
    type: Literal["boolean", "integer", "list"]
    access: Literal["R", "RW", "any"]
    required: bool

    @property
    def off(self) -> str:
        """The value that says the same as that the key is not there, where it need not be."""
        return {"boolean": "false", "integer": "0", "list": ""}[self.type]


class Feature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feature, and how the configuration keys tell of it; see ``configuration_keys.toml``."""

    id: str
    test: Literal["profile", "present", "shows"]
    key: str = ""


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``configuration_keys.toml``."""

    keys: tuple[Key, ...]
    feature: tuple[Feature, ...]


_TABLE = msgspec.convert(
    tomllib.loads(resources.files(__package__).joinpath("configuration_keys.toml").read_text("utf-8")), Table
)

KEYS: Mapping[str, Key] = {key.name.lower(): key for key in _TABLE.keys}
"""The standard configuration keys by their names in lower case: the names are caseless (7.29)."""

FEATURES = _TABLE.feature
"""The features that the keys tell of."""


class Told(msgspec.Struct, frozen=True):
    """What a charge point tells of one key.

    Attributes:
        value: empty where it tells none.
        readonly: as it says; None where it does not say.
    """

    value: str
    readonly: bool | None


def read(entries: Iterable[Field]) -> dict[str, Told]:
    """Return what a charge point tells of its keys, by their names in lower case."""
    told: dict[str, Told] = {}
    for entry in entries:
        value, readonly = entry["value"].peek(), entry.readonly.peek()
        name = str(entry.key.peek()).lower()
        told[name] = Told(value if isinstance(value, str) else "", readonly if isinstance(readonly, bool) else None)
    return told


def members(value: str) -> frozenset[str]:
    """Return the members of a comma separated list."""
    return frozenset(member.strip() for member in value.split(",") if member.strip())


def profiles(told: Mapping[str, Told]) -> frozenset[str]:
    """Return the feature profiles that a charge point says it has; Core, which all have, even where it says nothing."""
    said = told.get("supportedfeatureprofiles")
    return members(said.value) if said else frozenset({"Core"})


def missing(told: Mapping[str, Told], *of: str) -> list[str]:
    """Return the keys that feature profiles require and a charge point does not tell."""
    return [key.name for key in _TABLE.keys if key.required and key.profile in of and key.name.lower() not in told]


def observed_pics(told: Mapping[str, Told]) -> dict[str, bool]:
    """Return the features of which the keys tell whether the charge point has them."""
    pics: dict[str, bool] = {}
    for feature in FEATURES:
        key = told.get(feature.key.lower())
        if feature.test == "profile":
            pics[feature.id] = feature.id in profiles(told)
        elif feature.test == "present":
            pics[feature.id] = key is not None
        elif key is not None and key.value.lower() == "true":
            pics[feature.id] = True
    return pics


def suffices(name: str, wanted: str, told: Told | None, *, optional: bool = False) -> bool:
    """Whether a key that cannot be changed is good enough for a configuration state.

    It is when it has the value, or contains it; a key that is not there is when it need not be, and what is wanted is off.

    Args:
        told: None where the charge point does not have the key.
        optional: the state does not need the key.
    """
    key = KEYS.get(name.lower())
    if told is None:
        # Where even the access is left to the charge point, so is what it does without the key (errata 3.80).
        return optional or (key is not None and not key.required and key.access != "any" and wanted.lower() == key.off)
    if key and key.type == "boolean":
        return told.value.lower() == wanted.lower()
    return told.value == wanted or (bool(wanted) and members(wanted) <= members(told.value))


def leaves_open(name: str, told: Told | None) -> bool:
    """Whether the specification leaves it to the charge point to have no such key, or one that cannot be changed."""
    key = KEYS.get(name.lower())
    return key is not None and (not key.required if told is None else key.access == "any")
