"""Hands and eyes that every case has, whatever the version; the folders' ``conftest`` modules take them over by name."""

from __future__ import annotations

import pytest
from v2x_harness.tap import Tap

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.handshakes import EvccHandshakes, SeccHandshakes
from v2x_suites.iso15118.lane import EvccLane, SeccLane
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, SeccOperator, UnderTest


@pytest.fixture
def link(lane: SeccLane | EvccLane) -> Tap:
    """The tap between the subject and our side; there is one after ``ev`` or ``se``."""
    return lane.tap


# With an SECC under test. `ev` is for cases whatever flows, `ac_ev` and `dc_ev` for those about AC and DC.


@pytest.fixture
async def ev(lane: SeccLane) -> EvTester:
    """Our EV in front of the SECC under test, not plugged in."""
    await lane.begin()
    return lane.ev


@pytest.fixture
async def ac_ev(lane: SeccLane) -> EvTester:
    """Our EV in front of the SECC of an AC outlet, not plugged in."""
    await lane.begin("AC")
    return lane.ev


@pytest.fixture
async def dc_ev(lane: SeccLane) -> EvTester:
    """Our EV in front of the SECC of a DC supply, not plugged in."""
    await lane.begin("DC")
    return lane.ev


@pytest.fixture
async def tls_ev(lane: SeccLane) -> EvTester:
    """Our EV in front of the SECC under test, with TLS also where an edition can do without; not plugged in."""
    await lane.begin(tls=True)
    return lane.ev


@pytest.fixture
def secc_tls(lane: SeccLane, tls_ev: EvTester) -> SeccHandshakes:
    """Makes offers of TLS to the SECC under test."""
    return SeccHandshakes(lane)


@pytest.fixture(name="secc")
def secc_under_test(lane: SeccLane) -> UnderTest:
    """The SECC under test as the tap sees it."""
    return lane.secc


@pytest.fixture(name="operator")
def secc_operator(lane: SeccLane) -> SeccOperator:
    """Makes the SECC under test act."""
    return lane.operator


# With an EVCC under test.


@pytest.fixture
async def se(lane: EvccLane) -> SeTester:
    """Our EVSE behind the EVCC under test, whose SECC does not listen yet."""
    await lane.begin()
    return lane.se


@pytest.fixture
async def ac_se(lane: EvccLane) -> SeTester:
    """Our AC outlet behind the EVCC under test."""
    await lane.begin("AC")
    return lane.se


@pytest.fixture
async def dc_se(lane: EvccLane) -> SeTester:
    """Our DC supply behind the EVCC under test."""
    await lane.begin("DC")
    return lane.se


@pytest.fixture
async def tls_se(lane: EvccLane) -> SeTester:
    """Our EVSE behind the EVCC under test, with TLS also where an edition can do without."""
    await lane.begin(tls=True)
    return lane.se


@pytest.fixture
def evcc_tls(lane: EvccLane, tls_se: SeTester) -> EvccHandshakes:
    """Shows certificates to the EVCC under test, as soon as our SECC listens."""
    return EvccHandshakes(lane)


@pytest.fixture(name="evcc")
def evcc_under_test(lane: EvccLane) -> UnderTest:
    """The EVCC under test as the tap sees it."""
    return lane.evcc


@pytest.fixture(name="driver")
def evcc_operator(lane: EvccLane) -> EvccOperator:
    """Makes the EVCC under test act, as soon as our SECC listens."""
    return lane.operator
