"""Hands and eyes that every case has, whatever the version; the folders' ``conftest`` modules take them over by name."""

from __future__ import annotations

import pytest
from v2x_harness.tap import Tap

from v2x_suites.ocpp.lane import CsmsLane, StationLane
from v2x_suites.ocpp.peers import CsmsOperator, CsmsUnderTest, StationOperator, StationUnderTest
from v2x_suites.ocpp.states import Tokens


@pytest.fixture
def link(lane: StationLane | CsmsLane) -> Tap:
    """The tap between the subject and its counterpart."""
    return lane.tap


@pytest.fixture(name="station")
def station_under_test(lane: StationLane) -> StationUnderTest:
    """The station under test as the tap sees it; connected, accepted, at rest."""
    return lane.station


@pytest.fixture(name="operator")
def station_operator(lane: StationLane) -> StationOperator:
    """Makes the station under test act."""
    return lane.operator


@pytest.fixture(name="csms")
def csms_counterpart(lane: StationLane) -> CsmsOperator:
    """Makes the CSMS behind the tap act."""
    return lane.csms


@pytest.fixture(name="token")
async def accepted_token(tokens: Tokens) -> str:
    """A token that the CSMS behind the tap accepts (PIXIT ``id_token``)."""
    return await tokens.known("id_token")


@pytest.fixture(name="csms")
def csms_under_test(lane: CsmsLane) -> CsmsUnderTest:
    """The CSMS under test as the tap sees it."""
    return lane.csms


@pytest.fixture(name="operator")
def csms_operator(lane: CsmsLane) -> CsmsOperator:
    """Makes the CSMS under test act."""
    return lane.operator
