"""The smoke test of an adapter: what it must do before anything that it says of its product can be believed.

It tells the bugs of an adapter from those of its product: each check says whose fault a failure is.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.events import Json
from v2x_harness.operator import Placement, Ready

from v2x_adapters.cable import Cable
from v2x_adapters.process import smoke_cable
from v2x_adapters.process.host import CANARY, AdapterProcess

IDENTITY, PASSWORD = "SMOKE-1", "smoke-test-password"
_ODD: tuple[dict[str, Json], ...] = ({}, {"a": None, "b": [1, 2.5, {"c": "é\n\u2028"}]}, {"text": "x" * 100_000})


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check.

    Attributes:
        name: what was checked.
        passed: whether it held.
        party: whose fault it is when it did not: ``adapter`` or ``product``.
        detail: what was seen.
    """

    name: str
    passed: bool
    party: Literal["adapter", "product"] = "adapter"
    detail: str = ""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """All checks of one adapter; those after a failure that makes them moot are left out."""

    adapter: str
    product: str
    product_version: str
    verbs: tuple[str, ...]
    checks: tuple[Check, ...]
    log: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every check passed."""
        return all(check.passed for check in self.checks)


async def smoke(
    make: Callable[[], AdapterProcess],
    *,
    role: str,
    protocol: str,
    version: str,
    settings: dict[str, Json] | None = None,
    connect: float = 30.0,
) -> Report:
    """Try an adapter.

    Args:
        make: returns it, not yet started.
        role, protocol, version: what its product plays.
        settings: further values for its start.
        connect: seconds within which a product that connects must have come.

    Raises:
        ProductBlocked: this machine does not allow what the product has to be tried on.
    """
    with tempfile.TemporaryDirectory(prefix="v2x-smoke-") as folder, smoke_cable.ground(protocol) as cable:
        async with _counterpart() as (port, came):
            placement = Placement(
                role=role,
                protocol=protocol,
                version=version,
                connect_to=f"ws://127.0.0.1:{port}",
                identity=IDENTITY,
                password=PASSWORD,
                identities={IDENTITY: PASSWORD},
                settings={**smoke_cable.settings(cable, role), **(settings or {})},
                workdir=folder,
            )
            trial = _Trial(make(), placement, cable)
            try:
                await trial.run(came, connect)
            finally:
                await trial.adapter.stop()
    ready = trial.ready or Ready(product="")
    return Report(
        adapter=trial.adapter.name,
        product=ready.product,
        product_version=ready.product_version,
        verbs=ready.verbs,
        checks=tuple(trial.checks),
        log=trial.adapter.notes.lines()[-40:],
    )


class _Trial:
    """The checks, one after another."""

    def __init__(self, adapter: AdapterProcess, placement: Placement, cable: Cable | None = None) -> None:
        self.adapter, self.placement, self.cable = adapter, placement, cable
        self.ready: Ready | None = None
        self.checks: list[Check] = []

    def note(self, name: str, passed: bool, detail: str = "", party: Literal["adapter", "product"] = "adapter") -> bool:
        self.checks.append(Check(name=name, passed=passed, detail="" if passed else detail, party=party))
        return passed

    async def run(self, came: asyncio.Future[str], connect: float) -> None:
        if not await self.starts("it starts its product, and answers unsupported to a verb that does not exist"):
            return
        assert self.ready
        await self.is_there(came, connect)
        await self.stays_right()
        await self.adapter.stop()
        self.note("it stops when told, and ends by itself", self.adapter.left_in_order, "it had to be killed: is `stopped` sent?")
        if not await self.starts("it can be started again in the same folder"):
            return
        self.note(
            "it ends when the harness is gone (end of standard input)",
            await self.adapter.abandon(),
            "it ran on: read standard input to its end, and stop the product then",
        )

    async def starts(self, name: str) -> bool:
        try:
            self.ready = await self.adapter.start(self.placement)
        except AdapterError as error:
            return self.note(name, False, f"{error}\n{error.hint}".strip())
        return self.note(name, True)

    async def is_there(self, came: asyncio.Future[str], connect: float) -> None:
        """Check that the product listens, or connects, where the placement says."""
        assert self.ready
        if self.cable is not None:
            name, problem = await smoke_cable.look(self.cable, self.adapter, self.placement.role)
            self.note(name, not problem, problem, "product")
        elif not self.ready.endpoint and self.placement.role == "csms":
            self.note("it says where its product listens", False, "`ready` has no endpoint")
        elif self.ready.endpoint:
            parts = urlsplit(self.ready.endpoint)
            sane = parts.scheme in ("ws", "wss", "http", "https") and bool(parts.hostname and parts.port)
            if self.note("its endpoint is a URL with a port", sane, f"it is {self.ready.endpoint!r}"):
                problem = await _unreachable(str(parts.hostname), int(parts.port or 0))
                self.note("its product listens there", not problem, problem, "product")
        else:
            problem = ""
            try:
                async with asyncio.timeout(connect):
                    request = await asyncio.shield(came)
                if IDENTITY not in request:
                    problem = f"it asked for {request!r}, without its identity {IDENTITY}"
            except TimeoutError:
                problem = f"nobody came to {self.placement.connect_to} within {connect:g} s"
            self.note("its product connects where it was told", not problem, problem, "product")

    async def stays_right(self) -> None:
        """Check that it answers `unsupported` to odd arguments, and each of many questions for itself."""
        wrong = [said for arguments in _ODD if (said := await self.canary(arguments))]
        self.note("no argument makes it claim what it cannot do", not wrong, "; ".join(wrong))
        at_once = await asyncio.gather(*(self.canary({"number": number}) for number in range(10)))
        wrong = [said for said in at_once if said]
        self.note("it answers ten verbs at once, each for itself", not wrong, "; ".join(wrong[:2]))

    async def canary(self, arguments: dict[str, Json]) -> str:
        try:
            await self.adapter.do(CANARY, arguments)
        except UnsupportedVerb:
            return ""
        except AdapterError as error:
            return str(error)
        return "it said `done`"


@asynccontextmanager
async def _counterpart() -> AsyncIterator[tuple[int, asyncio.Future[str]]]:
    """Listen as a peer that refuses everybody; the future is the first request line."""
    came: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(5):
                line = await reader.readline()
                if not came.done():
                    came.set_result(line.decode("ascii", "replace").strip())
                writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                await writer.drain()
        except (OSError, TimeoutError, ValueError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1], came
    finally:
        server.close()
        await server.wait_closed()


async def _unreachable(host: str, port: int) -> str:
    try:
        async with asyncio.timeout(5):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        return f"{host}:{port}: {error or 'no answer'}"
    writer.close()
    await writer.wait_closed()
    return ""


def explain(report: Report) -> Sequence[str]:
    """Say what failed and whose fault it is, a line each."""
    return [f"the {check.party}: {check.name}: {check.detail}" for check in report.checks if not check.passed]
