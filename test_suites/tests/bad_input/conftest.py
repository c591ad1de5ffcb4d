"""How the command is run, and what a run must leave behind whatever it met."""

from __future__ import annotations

import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from v2x_harness.attestation import PublicKey, SigningKey
from v2x_harness.verification import verify

sys.path.insert(0, str(Path(__file__).parent))

from command import Command, Told, warm_up

_PARTS = {"manifest.json", "verdicts.json", "catalogue.json", "subject.json", "redaction.json", "statement.dsse.json"}
_REPORTS = ("report.html", "junit.xml", "ctrf.json", "summary.md")


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def _warm() -> None:
    warm_up()


@pytest.fixture(scope="session")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A private key to sign with; the public one is beside it."""
    file = tmp_path_factory.mktemp("keys") / "lab.key"
    SigningKey.new().save(file)
    return file


@pytest.fixture
def begin(_warm: None, tmp_path: Path, key: Path) -> Callable[..., Command]:
    """Begin ``v2x run`` on a subject file with this text."""

    def run(text: str, *arguments: str, size: int = 0) -> Command:
        (tmp_path / "subject.toml").write_text(text)
        signing = ("--out", "out", "--key", str(key))
        return Command(tmp_path, "run", "subject.toml", *signing, *arguments, size=size)

    return run


@pytest.fixture
def v2x(begin: Callable[..., Command]) -> Callable[..., Awaitable[Told]]:
    """Run ``v2x run`` on a subject file with this text, to its end."""

    async def run(text: str, *arguments: str) -> Told:
        return await begin(text, *arguments).ended()

    return run


@pytest.fixture
def free_port() -> int:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


@pytest.fixture
def whole(key: Path) -> Callable[[Told], Told]:
    """Check that a run has left all its evidence: every part, sealed and signed, every journal to its end, every report."""

    def check(told: Told) -> Told:
        bundle = told.bundle
        assert set(bundle.names) >= {*_PARTS, "journal/lane-0.ndjson"}
        assert bundle.verdicts == bundle.derive()
        assert bundle.verdicts.complete
        checked = verify(bundle, [PublicKey.load(Path(f"{key}.pub"))])
        assert checked.ok, checked
        for report in _REPORTS:
            assert (told.folder / "out" / report).stat().st_size
        return told

    return check
