"""Hands, eyes and reusable states for cases with a charge point under test.

Every case begins with a charge point that is booted and at rest. A state that is not reached ends the case ``inconclusive``.
Configuration states are marks: ``@pytest.mark.configured({"LocalPreAuthorize": "true"})``.
"""

from __future__ import annotations

import pytest
from v2x_harness.blocks import CannotJudge
from v2x_harness.tap import Tap

from v2x_suites.ocpp.lane import StationLane
from v2x_suites.ocpp.peers import CsmsOperator, StationOperator, StationUnderTest
from v2x_suites.ocpp.v16.station.states import Session, change_configuration, reached


@pytest.fixture
def station(lane: StationLane) -> StationUnderTest:
    """The charge point under test as the tap sees it; connected, accepted, at rest."""
    return lane.station


@pytest.fixture
def operator(lane: StationLane) -> StationOperator:
    """Makes the charge point under test act."""
    return lane.operator


@pytest.fixture
def csms(lane: StationLane) -> CsmsOperator:
    """Makes the Central System behind the tap act."""
    return lane.csms


@pytest.fixture
def link(lane: StationLane) -> Tap:
    """The tap between them."""
    return lane.tap


@pytest.fixture
async def token(station: StationUnderTest, csms: CsmsOperator) -> str:
    """An idTag that the Central System accepts (PIXIT ``id_token``)."""
    id_tag = str(station.pixit.values.get("id_token", "V2X-VALID"))
    await csms.set_token(id_tag, "Accepted")
    return id_tag


@pytest.fixture(autouse=True)
async def configured(request: pytest.FixtureRequest, station: StationUnderTest, csms: CsmsOperator) -> None:
    """The configuration state: sets the keys that the case's ``configured`` mark names."""
    if mark := request.node.get_closest_marker("configured"):
        await change_configuration(csms, mark.args[0])
        station.from_now()


@pytest.fixture
async def ev_connected(configured: None, station: StationUnderTest, operator: StationOperator) -> None:
    """An EV at connector 1, nobody authorized: Preparing."""
    await operator.plug_in()
    await reached(station, "Preparing", lambda m: m.status.peek() == "Preparing")


@pytest.fixture
async def charging(configured: None, station: StationUnderTest, operator: StationOperator, token: str) -> Session:
    """A running transaction with energy flowing at connector 1, begun by cable first, then token."""
    await operator.plug_in()
    await operator.present_token(token)
    await reached(station, "Charging", lambda m: m.status.peek() == "Charging")
    start = next(iter(station.sent("StartTransaction")), None)
    if start is None:
        raise CannotJudge("the charge point is charging without StartTransaction")
    answer = await station.answered(start)
    return Session(
        transaction_id=answer.transactionId.number(),
        connector=start.connectorId.number(),
        id_tag=token,
        meter_start=start.meterStart.number(),
    )
