"""Block B, provisioning: what a station tells of its connectors when it has been offline."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import StationOperator
from v2x_suites.ocpp.states import offline
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import connector_is, connectors_reported, reported_states

_AWAY = 12.0


@case("TC_B_51_CS", verifies="B04.FR.01")
@pytest.mark.configured({"OCPPCommCtrlr.OfflineThreshold": "10"})
async def test_offline_longer_than_threshold(station: StationUnderTest, operator: StationOperator, link: Tap) -> None:
    """A station that was offline for long reports every connector, changed or not."""
    async with offline(station, link):
        await operator.plug_in()
        await station.stays_quiet(for_=_AWAY)
    with requirement("B04.FR.01"):
        await connectors_reported(station, but={(1, 1): "Occupied"})


@case("TC_B_52_CS", verifies="B04.FR.02")
@pytest.mark.configured({"OCPPCommCtrlr.OfflineThreshold": "600"})
async def test_offline_shorter_than_threshold(station: StationUnderTest, operator: StationOperator, link: Tap) -> None:
    """A station that was offline for a moment reports the connector that has changed, and no other."""
    async with offline(station, link):
        await operator.plug_in()
    with requirement("B04.FR.02"):
        changed = await station.expect_where(lambda m: connector_is(m, "Occupied"), "the connector Occupied")
        assert set(reported_states(changed)) == {(1, 1)}
        await station.calm()
        others = [place for m in station.sent() if m.n > changed.n for place in reported_states(m) if place != (1, 1)]
        assert not others, f"connector {others[0]} is reported though it did not change"
