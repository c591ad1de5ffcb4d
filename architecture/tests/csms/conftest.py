"""A CSMS in virtual time, and stations that do just what a test tells them."""

import itertools
import os
import shutil
import subprocess
import tempfile
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp.client import OcppClient
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms
from v2x_architecture.ocpp.endpoint import not_implemented
from v2x_harness.clock import VirtualTimeLoop

EPOCH = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def anyio_backend():
    return "asyncio", {"loop_factory": VirtualTimeLoop}


@pytest.fixture
def boots():
    """A BootNotification for each version."""
    return {
        "1.6": {"chargePointVendor": "ACME", "chargePointModel": "Wallbox", "chargePointSerialNumber": "SN1"},
        "2.0.1": {
            "reason": "PowerUp",
            "chargingStation": {"vendorName": "ACME", "model": "Wallbox", "serialNumber": "SN1", "firmwareVersion": "1.0"},
        },
    }


@pytest.fixture
def config():
    """The CSMS's settings; test modules have their own."""
    return CsmsConfig(ping_interval=None, compression=False)


@pytest.fixture
async def csms(config):
    async with ReferenceCsms(config, LoopClock(EPOCH)) as running:
        yield running


@pytest.fixture
async def connect(csms, boots):
    """Connect stations: `await connect(version, handler, identity=…)`; they boot unless told not to."""
    async with AsyncExitStack() as stack:

        async def connect(version, handler=not_implemented, *, identity="CS1", boot=True, **client):
            opener = OcppClient(url=csms.url, identity=identity, versions=[version], handler=handler, **client)
            endpoint = (await opener.connect()).start()
            stack.push_async_callback(endpoint.close)
            if boot:
                await endpoint.call("BootNotification", boots[version])
            return endpoint

        yield connect


@pytest.fixture
def answering():
    """Make a station's handler: `answering(Reset={"status": "Rejected"})`; its `calls` are what it was asked."""

    def make(**answers):
        async def handler(action, payload):
            handler.calls.append((action, payload))
            answer = answers.get(action, {"status": "Accepted"})
            return answer(payload) if callable(answer) else answer

        handler.calls = []
        return handler

    return make


@pytest.fixture(scope="session")
def postgresql_server():
    """A PostgreSQL server of our own, on a Unix socket; gives its folder and what runs its tools."""
    folders = [*os.environ.get("PATH", "").split(os.pathsep), *sorted(map(str, Path("/usr/lib/postgresql").glob("*/bin")))]
    tools = next((Path(folder) for folder in reversed(folders) if shutil.which("initdb", path=folder)), None)
    if tools is None:
        pytest.skip("no PostgreSQL server is installed here (initdb is neither on PATH nor below /usr/lib/postgresql)")
    # The server refuses to run as root, and nobody else may look into pytest's own folders.
    user = "nobody" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="csms-postgresql-"))
    run = partial(subprocess.run, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL, timeout=60)
    try:
        if user is not None:
            shutil.chown(folder, user)
        run([tools / "initdb", "--pgdata=data", "--auth=trust", "--username=csms", "--no-sync", "--encoding=UTF8", "--locale=C"])
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
        run([tools / "pg_ctl", "--pgdata=data", "--wait", "--log=log", f"--options={options}", "start"])
        try:
            yield folder, lambda tool, *arguments: run([tools / tool, f"--host={folder}", "--username=csms", *arguments])
        finally:
            run([tools / "pg_ctl", "--pgdata=data", "--wait", "--mode=immediate", "stop"])
    finally:
        shutil.rmtree(folder)


databases = itertools.count(1)


@pytest.fixture
def postgresql(postgresql_server):
    """URL of an empty database on a PostgreSQL server."""
    folder, run = postgresql_server
    name = f"csms{next(databases)}"
    run("createdb", name)
    return f"postgresql+asyncpg://csms@/{name}?host={folder}"
