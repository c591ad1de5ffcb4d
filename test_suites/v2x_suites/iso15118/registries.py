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
    """Return one registry a standard: of ``VERSION.toml``, and whatever is called ``VERSION_*.toml``."""
    folder = resources.files("v2x_suites.iso15118").joinpath("requirements")
    files = [file for file in folder.iterdir() if file.name.endswith(".toml")]
    return tuple(
        Registry.load(
            *sorted((file for file in files if file.name.split("_")[0].split(".")[0] == version), key=lambda file: file.name)
        )
        for version in VERSIONS
    )
