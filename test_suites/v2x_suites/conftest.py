"""What all cases share: the event loop, whose time is virtual when only reference actors are in the cast."""

from __future__ import annotations

import pytest
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.plugin import Settings


@pytest.fixture(scope="session")
def anyio_backend(v2x: Settings) -> tuple[str, dict[str, object]]:
    """The asyncio loop that every case and fixture of this run shares."""
    return "asyncio", {"loop_factory": VirtualTimeLoop} if v2x.virtual else {}
