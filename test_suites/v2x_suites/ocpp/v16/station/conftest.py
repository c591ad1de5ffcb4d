"""Hands, eyes and reusable states for cases with a charging station under test.

A case asks for the states of the specification's test cases by name: `booted` is where every case begins; `authorized`,
`ev_connected`, `charging` and the others bring the station further. A state that is not reached ends the case
``inconclusive``: the case has not come to its checks.
"""

from __future__ import annotations

import pytest
from v2x_harness.tap import Tap

from v2x_suites.ocpp.lane import StationLane
from v2x_suites.ocpp.peers import CsmsOperator, StationOperator, StationUnderTest


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
def link(lane: StationLane) -> Tap:
    """The tap between them."""
    return lane.tap
