"""The requirements of the three standards, in our own words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import resources

from v2x_harness.requirement import Registry

VERSIONS = ("din", "2", "20")
"""DIN SPEC 70121, ISO 15118-2 and ISO 15118-20, by the names that rules and subjects call them."""


@cache
def registries() -> Sequence[Registry]:
    """Return one registry a standard."""
    folder = resources.files("v2x_suites.iso15118").joinpath("requirements")
    return tuple(Registry.load(folder.joinpath(f"{version}.toml")) for version in VERSIONS)
