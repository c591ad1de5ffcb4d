"""The quantities in messages of ISO 15118 and DIN SPEC 70121 that can be drawn over time: what `quantities.toml` says."""

from __future__ import annotations

from functools import cache
from importlib import resources

import msgspec
from v2x_harness.quantities import Quantities


@cache
def quantities() -> Quantities:
    """Return the table."""
    text = resources.files("v2x_suites.iso15118").joinpath("quantities.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=Quantities)
