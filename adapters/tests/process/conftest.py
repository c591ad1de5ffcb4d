from __future__ import annotations

from pathlib import Path

import pytest
from v2x_harness.operator import Placement


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def placement(tmp_path: Path) -> Placement:
    return Placement(role="csms", protocol="ocpp", version="1.6", workdir=str(tmp_path))
