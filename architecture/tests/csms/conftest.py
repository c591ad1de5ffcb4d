"""A CSMS in virtual time, and stations that do just what a test tells them."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime

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
