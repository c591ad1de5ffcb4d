"""Hands, eyes and reusable states for cases with a CSMS under test."""

from __future__ import annotations

import pytest
from v2x_harness.tap import Tap

from v2x_suites.ocpp.lane import CsmsLane
from v2x_suites.ocpp.peers import CsmsOperator, CsmsUnderTest, StationActor


@pytest.fixture
def csms(lane: CsmsLane) -> CsmsUnderTest:
    """The CSMS under test as the tap sees it."""
    return lane.csms


@pytest.fixture
def operator(lane: CsmsLane) -> CsmsOperator:
    """Makes the CSMS under test act."""
    return lane.operator


@pytest.fixture
def station(lane: CsmsLane) -> StationActor:
    """The station in front of the CSMS, still without power."""
    return lane.station


@pytest.fixture
async def booted(lane: CsmsLane) -> StationActor:
    """The station in front of the CSMS: accepted, at rest."""
    await lane.booted()
    return lane.station


@pytest.fixture
def link(lane: CsmsLane) -> Tap:
    """The tap between them."""
    return lane.tap
