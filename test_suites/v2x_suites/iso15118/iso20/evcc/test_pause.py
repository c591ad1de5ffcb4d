"""Sessions that are paused, and joined again."""

from __future__ import annotations

from v2x_architecture.iso15118.charging import Notification
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.evcc_steps import reach
from v2x_suites.iso15118.iso20.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest


async def _joins(se: SeTester, driver: EvccOperator, evcc: UnderTest, cites: str) -> None:
    """Have a session paused by its EV and joined again, and judge that the EVCC asks for the old one, and where it goes on.

    Args:
        cites: id of the requirement.
    """
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, f"{se.energy}_ChargeLoopRes", 3)
    # In dynamic control an EV may pause only when the SECC wants it, too.
    se.settings.notification = Notification("Pause", 10)
    await driver.pause()
    await se.until("SessionStopRes")
    await se.completes()
    se.settings.notification = Notification()
    evcc.from_now()
    await driver.plug_in()
    await se.next_session()
    await se.until("SessionSetupRes")
    old = evcc.said("SessionStopReq")[-1].session_id.peek()
    first = f"{se.energy}_ChargeParameterDiscoveryReq"
    with requirement(cites):
        assert evcc.said("SessionSetupReq")[-1].session_id == old
        se.put()
        following = await evcc.says(first, "AuthorizationSetupReq", "ServiceDiscoveryReq")
        assert following.name == first
        assert following.session_id == old


@case("TC20_EVCC_AC_GoodCase_Pause_001", verifies="V2G20-2097", applies="AC and Pause")
async def test_ac_joins(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC asks for the session that it has paused, and goes on with AC_ChargeParameterDiscoveryReq when it is joined."""
    await _joins(ac_se, driver, evcc, "V2G20-2097")


@case("TC20_EVCC_DC_GoodCase_Pause_001", verifies="V2G20-2098", applies="DC and Pause")
async def test_dc_joins(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC asks for the session that it has paused, and goes on with DC_ChargeParameterDiscoveryReq when it is joined."""
    await _joins(dc_se, driver, evcc, "V2G20-2098")
