"""What all cases share: the event loop, whose time is virtual when only reference actors are in the cast."""

from __future__ import annotations

import sys

import pytest
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.plugin import Settings

# What cases share asserts too, and what fails there is to be explained like what fails in a case.
SHARED = [
    *(f"v2x_suites.ocpp.{version}.{role}.states" for version in ("v16", "v201") for role in ("station", "csms")),
    *(f"v2x_suites.ocpp.{room}" for room in ("connecting", "hardiness", "stamps", "v201.station.charging_profiles")),
    *(f"v2x_suites.iso15118.{room}" for room in ("anew", "contactors", "dc_charging", "evcc_charging", "evcc_steps")),
    *(f"v2x_suites.iso15118.{room}" for room in ("handshakes", "refusals", "secc_steps", "setup_time", "tls_steps", "watch")),
    *(f"v2x_suites.iso15118.{room}" for room in ("iso2.evcc.steps", "iso20.evcc.states", "iso20.secc.steps")),
]
pytest.register_assert_rewrite(*(name for name in SHARED if name not in sys.modules))


@pytest.fixture(scope="session")
def anyio_backend(v2x: Settings) -> tuple[str, dict[str, object]]:
    """The asyncio loop that every case and fixture of this run shares."""
    return "asyncio", {"loop_factory": VirtualTimeLoop} if v2x.virtual else {}
