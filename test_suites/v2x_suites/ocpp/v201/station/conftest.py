"""Hands, eyes and reusable states for cases with a charging station under test.

Every case begins with a station that is booted and at rest. A case asks for the reusable states of the specification's test
cases by name: `authorized`, `ev_connected`, `charging`… bring the station further. A state that is not reached ends the case
``inconclusive``: the case has not come to its checks. Configuration states are marks: ``@pytest.mark.configured({"…": "…"})``.
"""

from __future__ import annotations

import pytest
from v2x_harness.tap import Tap

from v2x_suites.ocpp.lane import StationLane
from v2x_suites.ocpp.peers import CsmsOperator, StationOperator, StationUnderTest
from v2x_suites.ocpp.v201.station.states import Session, connector_is, reached, set_variables


@pytest.fixture
def station(lane: StationLane) -> StationUnderTest:
    """The station under test as the tap sees it; connected, accepted, at rest."""
    return lane.station


@pytest.fixture
def operator(lane: StationLane) -> StationOperator:
    """Makes the station under test act."""
    return lane.operator


@pytest.fixture
def csms(lane: StationLane) -> CsmsOperator:
    """Makes the CSMS behind the tap act."""
    return lane.csms


@pytest.fixture
async def token(station: StationUnderTest, csms: CsmsOperator) -> str:
    """A token that the CSMS accepts (PIXIT ``id_token``)."""
    id_token = str(station.pixit.values.get("id_token", "V2X-VALID"))
    await csms.set_token(id_token, "Accepted", type="ISO14443")
    return id_token


@pytest.fixture(autouse=True)
async def configured(request: pytest.FixtureRequest, station: StationUnderTest, csms: CsmsOperator) -> None:
    """The configuration state: sets the variables that the case's ``configured`` mark names."""
    if mark := request.node.get_closest_marker("configured"):
        await set_variables(csms, mark.args[0])
        station.from_now()


@pytest.fixture
async def ev_connected(configured: None, station: StationUnderTest, operator: StationOperator) -> None:
    """Reusable state EVConnectedPreSession on EVSE 1."""
    await operator.plug_in()
    await reached(station, "an EV connected", lambda m: m.action == "TransactionEvent" or connector_is(m, "Occupied"))


@pytest.fixture
async def authorized(configured: None, station: StationUnderTest, operator: StationOperator, token: str) -> str:
    """Reusable state Authorized on EVSE 1, by a local token; gives the token."""
    await operator.present_token(token)
    await reached(station, "an authorization", lambda m: m.action in ("Authorize", "TransactionEvent"))
    return token


@pytest.fixture
async def charging(configured: None, station: StationUnderTest, operator: StationOperator, token: str) -> Session:
    """Reusable state EnergyTransferStarted on EVSE 1, begun by cable first, then token."""
    await operator.plug_in()
    await operator.present_token(token)
    message = await reached(station, "energy transfer", lambda m: m.transactionInfo.chargingState.peek() == "Charging")
    return Session(transaction_id=str(message.transactionInfo.transactionId.peek()), evse=1, token=token)


@pytest.fixture
def link(lane: StationLane) -> Tap:
    """The tap between them."""
    return lane.tap
