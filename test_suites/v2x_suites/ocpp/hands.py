"""Hands and eyes that every case has, whatever the version; the folders' ``conftest`` modules take them over by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from v2x_harness.errors import UnsupportedVerb
from v2x_harness.tap import Tap

from v2x_suites.ocpp.lane import CsmsLane, StationLane
from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import Tokens, trying
from v2x_suites.ocpp.under_test import CsmsUnderTest, StationUnderTest


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


@pytest.fixture(autouse=True, name="forgotten")
async def csms_forgets(lane: CsmsLane, operator: CsmsOperator) -> AsyncIterator[None]:
    """What the case before has left behind does not count: transactions that run, a boot that was not accepted.

    A CSMS that other cases will use is not left with a transaction either: the EV drives away, whatever the case was about.
    """
    if lane.fresh:
        yield
        return
    if lane.cast.subject.operator.kind != "console":
        # A person is not asked to tidy up before every case.
        with suppress(UnsupportedVerb):
            await operator.do("forget", station=operator.station)
        with suppress(UnsupportedVerb):
            await operator.set_boot("Accepted")
    yield
    if lane.station.plugged:
        with trying(lane.recorder, "the EV could not drive away"):
            lane.tap.install("steer", ())
            await lane.tap.mend()
            for evse in sorted(lane.station.plugged):
                await lane.station.unplug(evse)
            await lane.csms.calm()
