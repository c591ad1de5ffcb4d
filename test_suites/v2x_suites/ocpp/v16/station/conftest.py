"""Hands, eyes and reusable states for cases with a charge point under test.

Every case begins with a charge point that is booted and at rest. A state that is not reached ends the case ``inconclusive``.
Configuration states are marks: ``@pytest.mark.configured({"LocalPreAuthorize": "true"})``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from v2x_suites.ocpp.hands import accepted_token, csms_counterpart, link, station_operator, station_under_test
from v2x_suites.ocpp.lane import StationLane
from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import Tokens, reached, trying
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station.states import (
    Session,
    change_configuration,
    configured_values,
    start_session,
    status_is,
    stop_session,
)

__all__ = ["accepted_token", "csms_counterpart", "link", "station_operator", "station_under_test"]


@pytest.fixture
def tokens(station: StationUnderTest, csms: CsmsOperator) -> Tokens:
    """The idTags that can be presented."""
    return Tokens(station, csms)


@pytest.fixture(autouse=True)
async def at_rest(
    lane: StationLane, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator
) -> AsyncIterator[None]:
    """Leave a charge point that other cases will use as it was found: no EV plugged in, no transaction, everything available."""
    yield
    if lane.fresh:
        return
    with trying(lane.recorder, "the charge point could not be brought to rest"):
        await lane.tap.mend()
        await lane.tap.connected(identity=lane.identity, timeout=station.pixit.reboot)
        for evse in sorted(operator.plugged):
            await operator.unplug(evse)
        stopped = {m.transactionId.peek() for m in station.sent("StopTransaction")}
        for start in station.sent("StartTransaction"):
            number = (await station.answered(start)).transactionId.peek()
            if number not in stopped:
                await csms.call("RemoteStopTransaction", transactionId=number)
        await station.calm()


@pytest.fixture(autouse=True)
async def configured(
    request: pytest.FixtureRequest, lane: StationLane, station: StationUnderTest, csms: CsmsOperator, at_rest: None
) -> AsyncIterator[None]:
    """The configuration state: sets the keys that the case's ``configured`` mark names, and those of ``optional=`` if there.

    A key that the specification leaves out need not be there where it is to be off. A charge point that other cases will use gets
    its old values back afterwards.
    """
    mark = request.node.get_closest_marker("configured")
    if mark is None:
        yield
        return
    wanted, optional = mark.args[0] if mark.args else {}, mark.kwargs.get("optional", {})
    before = {} if lane.fresh else await configured_values(csms, *wanted, *optional)
    if await change_configuration(csms, wanted, optional):
        await csms.call("Reset", type="Soft")
        await reached(station, "a boot", lambda m: m.action == "BootNotification")
    station.from_now()
    yield
    with trying(lane.recorder, "the configuration could not be set back"):
        await change_configuration(csms, {}, {key: told.value for key, told in before.items() if not told.readonly})


@pytest.fixture
async def ev_connected(configured: None, station: StationUnderTest, operator: StationOperator) -> None:
    """An EV at connector 1, nobody authorized: Preparing."""
    await operator.plug_in()
    await reached(station, "connector 1 Preparing", lambda m: status_is(m, "Preparing"))


@pytest.fixture
async def charging(configured: None, station: StationUnderTest, operator: StationOperator, token: str) -> Session:
    """A running transaction with energy flowing at connector 1, begun by cable first, then idTag."""
    return await start_session(station, operator, token)


@pytest.fixture
async def cached(configured: None, station: StationUnderTest, operator: StationOperator, token: str) -> str:
    """Memory state IdTagCached: the charge point has charged for the idTag before; gives the idTag."""
    await stop_session(station, operator, await start_session(station, operator, token))
    return token
