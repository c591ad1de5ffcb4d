"""Hands and eyes that every case has, whatever the version; the folders' ``conftest`` modules take them over by name."""

from __future__ import annotations

from typing import Any

import pytest
from v2x_adapters.iso15118.sites import Energy
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


def _ev(about: str, energy: Energy | None = None, *, tls: bool = False) -> Any:
    async def begun(lane: SeccLane) -> EvTester:
        await lane.begin(energy, tls=tls)
        return lane.ev

    begun.__doc__ = about
    return pytest.fixture(begun)


ev = _ev("Our EV in front of the SECC under test, not plugged in.")
ac_ev = _ev("Our EV in front of the SECC of an AC outlet, not plugged in.", "AC")
dc_ev = _ev("Our EV in front of the SECC of a DC supply, not plugged in.", "DC")
tls_ev = _ev("Our EV in front of the SECC, with TLS also where an edition can do without; not plugged in.", tls=True)


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


def _se(about: str, energy: Energy | None = None, *, tls: bool = False) -> Any:
    async def begun(lane: EvccLane) -> SeTester:
        await lane.begin(energy, tls=tls)
        return lane.se

    begun.__doc__ = about
    return pytest.fixture(begun)


se = _se("Our EVSE behind the EVCC under test, whose SECC does not listen yet.")
ac_se = _se("Our AC outlet behind the EVCC under test.", "AC")
dc_se = _se("Our DC supply behind the EVCC under test.", "DC")
tls_se = _se("Our EVSE behind the EVCC under test, with TLS also where an edition can do without.", tls=True)


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
