"""Hands, eyes and reusable states for cases with a charging station under test.

Every case begins with a station that is booted and at rest. A case asks for the reusable states of the specification's test
cases by name: `authorized`, `ev_connected`, `charging`… bring the station further. A state that is not reached ends the case
``inconclusive``: the case has not come to its checks. Configuration states are marks: ``@pytest.mark.configured({"…": "…"})``.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from v2x_suites.ocpp.hands import accepted_token, csms_counterpart, link, station_operator, station_under_test
from v2x_suites.ocpp.lane import StationLane
from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import reached, trying
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station.states import (
    Session,
    Tokens,
    connect_ev,
    get_variables,
    set_variables,
    start_session,
    transaction_of,
)

__all__ = ["accepted_token", "csms_counterpart", "link", "station_operator", "station_under_test"]


@pytest.fixture
def tokens(station: StationUnderTest, csms: CsmsOperator) -> Tokens:
    """The tokens that can be presented."""
    return Tokens(station, csms)


@pytest.fixture(autouse=True)
async def at_rest(
    lane: StationLane, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator
) -> AsyncIterator[None]:
    """Leave a station that other cases will use as it was found: no EV plugged in, no transaction."""
    yield
    if lane.fresh:
        return
    with trying(lane.recorder, "the station could not be brought to rest"):
        await lane.tap.mend()
        await lane.tap.connected(identity=lane.identity, timeout=station.pixit.reboot)
        for evse in sorted(operator.plugged):
            await operator.unplug(evse)
        told = station.sent("TransactionEvent")
        ended = {transaction_of(m) for m in told if m.eventType.peek() == "Ended"}
        for left in sorted({transaction_of(m) for m in told} - ended - {""}):
            await csms.call("RequestStopTransaction", transactionId=left)
        await station.calm()


@pytest.fixture(autouse=True)
async def configured(
    request: pytest.FixtureRequest, lane: StationLane, station: StationUnderTest, csms: CsmsOperator, at_rest: None
) -> AsyncIterator[None]:
    """The configuration state: sets the variables that the case's ``configured`` mark names, and those of ``optional=`` if there.

    A station that other cases will use gets its old values back afterwards.
    """
    mark = request.node.get_closest_marker("configured")
    if mark is None:
        yield
        return
    wanted, optional = mark.args[0] if mark.args else {}, mark.kwargs.get("optional", {})
    before = {} if lane.fresh else await get_variables(csms, *wanted, *optional)
    if await set_variables(csms, wanted, optional):
        await csms.call("Reset", type="OnIdle")
        await reached(station, "a boot", lambda m: m.action == "BootNotification")
    station.from_now()
    yield
    if before:
        with trying(lane.recorder, "the station's variables could not be set back"):
            await set_variables(csms, {}, before)


@pytest.fixture
async def remembers_nothing(lane: StationLane, configured: None, csms: CsmsOperator) -> None:
    """Memory state: the authorization cache and the local authorization list are empty, where the station has them."""
    if not lane.fresh:
        await csms.call("ClearCache")
        await csms.call("SendLocalList", versionNumber=1, updateType="Full")


@pytest.fixture
async def ev_connected(configured: None, station: StationUnderTest, operator: StationOperator) -> None:
    """Reusable state EVConnectedPreSession on EVSE 1."""
    await connect_ev(station, operator)


@pytest.fixture
async def authorized(configured: None, station: StationUnderTest, operator: StationOperator, token: str) -> str:
    """Reusable state Authorized on EVSE 1, by a local token; gives the token."""
    await operator.present_token(token)
    await reached(station, "an authorization", lambda m: m.action in ("Authorize", "TransactionEvent"))
    return token


@pytest.fixture
async def charging(configured: None, station: StationUnderTest, operator: StationOperator, token: str) -> Session:
    """Reusable state EnergyTransferStarted on EVSE 1, begun by cable first, then token."""
    return await start_session(station, operator, token)


@pytest.fixture
async def suspended(charging: Session, station: StationUnderTest, operator: StationOperator) -> Session:
    """Reusable state EnergyTransferSuspended on EVSE 1: the EV takes no energy for the moment."""
    await operator.ev_suspend()
    await reached(station, "a suspension", lambda m: m.transactionInfo.chargingState.is_in("SuspendedEV", "EVConnected"))
    return charging
