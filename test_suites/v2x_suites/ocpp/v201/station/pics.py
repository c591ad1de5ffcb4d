"""What a station's device model must have, and what it tells of the features that the station has (PICS)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Literal

import msgspec
from v2x_harness.field import Field


class Feature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A feature of the certification profiles, and how the device model tells of it; see ``device_model.toml``."""

    id: str
    test: Literal["present", "needs", "true", "writable", "choice", "several", "any"]
    variable: str = ""
    choice: str = ""
    of: tuple[str, ...] = ()


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``device_model.toml``."""

    core_writable: frozenset[str]
    core_read_only: frozenset[str]
    feature: tuple[Feature, ...]


_TABLE = msgspec.convert(tomllib.loads(resources.files(__package__).joinpath("device_model.toml").read_text("utf-8")), Table)

WRITABLE_CORE_VARIABLES = _TABLE.core_writable
"""Variables that every station has and lets the CSMS set, as ``Component.Variable[Instance]``."""

CORE_VARIABLES = _TABLE.core_writable | _TABLE.core_read_only
"""Variables that every station has."""

FEATURES = _TABLE.feature
"""The features that the device model tells of."""


class Reported(msgspec.Struct):
    """What a report says of one variable, over all EVSEs and connectors that have it.

    Attributes:
        values: of its actual attributes.
        choices: what its values list offers.
        writable: the CSMS can set it.
        evses: EVSEs that have it.
    """

    values: set[str] = msgspec.field(default_factory=set)
    choices: set[str] = msgspec.field(default_factory=set)
    writable: bool = False
    evses: set[int] = msgspec.field(default_factory=set)


def name_of(entry: Field) -> str:
    """Return the name of the variable that an entry of a report is about: ``Component.Variable[Instance]``."""
    name, instance = f"{entry.component['name'].peek()}.{entry.variable['name'].peek()}", entry.variable.instance.peek()
    return f"{name}[{instance}]" if instance else name


def read(entries: Iterable[Field]) -> dict[str, Reported]:
    """Return what the entries of a report say, by the name of the variable."""
    found: dict[str, Reported] = {}
    for entry in entries:
        reported = found.setdefault(name_of(entry), Reported())
        reported.choices |= _members(entry.variableCharacteristics.valuesList)
        reported.evses.add(entry.component.evse.id.number())
        for attribute in entry.variableAttribute:
            if attribute.type.peek() in (None, "Actual"):
                reported.values |= _members(attribute["value"])
                reported.writable |= attribute.mutability.peek() in (None, "ReadWrite", "WriteOnly")
    return found


def connectors_in(entries: Iterable[Field]) -> set[tuple[int, int]]:
    """Return EVSE and connector of every connector that the entries of a report are about."""
    places = [entry.component for entry in entries if entry.component["name"].peek() == "Connector"]
    return {(place.evse.id.number(), place.evse.connectorId.number()) for place in places}


def observed_pics(variables: Mapping[str, Reported]) -> dict[str, bool]:
    """Return the features of which the device model tells whether the station has them."""
    pics: dict[str, bool] = {}
    for feature in _TABLE.feature:
        has = any(pics.get(i, False) for i in feature.of) if feature.test == "any" else _has(feature, variables)
        if has is not None:
            pics[feature.id] = has
    return pics


def _has(feature: Feature, variables: Mapping[str, Reported]) -> bool | None:
    """Whether the station has a feature; None where the device model does not tell."""
    reported = variables.get(feature.variable)
    if reported is None:
        return False
    match feature.test:
        case "needs":
            return None
        case "true":
            return "true" in reported.values
        case "writable":
            return reported.writable
        case "several":
            return len(reported.evses) > 1
        case "choice" if reported.writable:
            return feature.choice in reported.choices or not reported.choices
        case "choice":
            return feature.choice in reported.values
        case _:
            return True


def _members(value: Field) -> set[str]:
    text = value.peek()
    return {member.strip() for member in text.split(",")} if isinstance(text, str) else set()
