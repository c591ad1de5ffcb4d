"""A variant of the CSMS, such as one with a seeded fault, overrides one decision and is a CSMS otherwise."""

import pytest
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp.csms import CsmsConfig, ReferenceCsms
from v2x_architecture.ocpp.csms.tokens import Authorizer
from v2x_architecture.ocpp.csms.v16 import Room16
from v2x_architecture.ocpp.csms.v201 import Room201

pytestmark = pytest.mark.anyio


class ForgetsRetries(Room16):
    async def started(self, db, station, payload, started_at):
        return None


class LetsEverybodyIn(Room201):
    def check_registration(self, station, action):
        pass


class StoppedClock(Room201):
    def current_time(self):
        return "2000-01-01T00:00:00.000Z"


class Generous(Authorizer):
    def token_status(self, token):
        return "Accepted"


class GenerousRoom(Room16):
    authorizer_type = Generous


@pytest.fixture
async def csms(request):
    room = request.param
    variant = type("Variant", (ReferenceCsms,), {"rooms": {**ReferenceCsms.rooms, room.version: room}})
    async with variant(CsmsConfig(), LoopClock()) as running:
        yield running


@pytest.mark.parametrize("csms", [ForgetsRetries], indirect=True)
async def test_retries_get_ids_of_their_own(connect):
    station = await connect("1.6")
    start = {"connectorId": 1, "idTag": "x", "meterStart": 0, "timestamp": "2026-03-01T12:00:00Z"}
    first, second = [(await station.call("StartTransaction", start))["transactionId"] for _ in range(2)]
    assert first != second


@pytest.mark.parametrize("csms", [LetsEverybodyIn], indirect=True)
async def test_no_boot_is_needed(connect):
    assert await (await connect("2.0.1", boot=False)).call("Heartbeat")


@pytest.mark.parametrize("csms", [StoppedClock], indirect=True)
async def test_time_stands_still(connect):
    assert await (await connect("2.0.1")).call("Heartbeat") == {"currentTime": "2000-01-01T00:00:00.000Z"}


@pytest.mark.parametrize("csms", [GenerousRoom], indirect=True)
async def test_every_known_token_is_accepted(csms, connect):
    await csms.set_token("T1", status="Blocked")
    answer = await (await connect("1.6")).call("Authorize", {"idTag": "T1"})
    assert answer["idTagInfo"]["status"] == "Accepted"
