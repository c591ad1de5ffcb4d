"""How the command is run, and the subject files it is given."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from command import Command, Told, warm_up


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def _warm() -> None:
    warm_up()


@pytest.fixture
def v2x(_warm: None, tmp_path: Path) -> Callable[..., Awaitable[Told]]:
    """Run ``v2x run`` on a subject file with this text, to its end."""

    async def run(text: str, *arguments: str, size: int = 0) -> Told:
        (tmp_path / "subject.toml").write_text(text)
        return await Command(tmp_path, "run", "subject.toml", "--out", "out", *arguments, size=size).ended()

    return run
