"""Sessions that are paused, and joined again."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.evcc_steps import reach
from v2x_suites.iso15118.iso20.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest


async def _joined(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """Have a session paused by its EV and joined again, up to the response of our SECC that it is the old one."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, f"{se.energy}_ChargeLoopRes", 3)
    await driver.pause()
    await se.until("SessionStopRes")
    await se.completes()
    evcc.from_now()
    await driver.plug_in()
    await se.next_session()
    await se.until("SessionSetupRes")


@case("TC20_EVCC_AC_GoodCase_Pause_001", verifies="V2G20-2097", applies="AC and Pause")
async def test_ac_joins(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC asks for the session that it has paused, and goes on with AC_ChargeParameterDiscoveryReq when it is joined."""
    await _joined(ac_se, driver, evcc)
    old = evcc.said("SessionStopReq")[-1].session_id.peek()
    with requirement("V2G20-2097"):
        assert evcc.said("SessionSetupReq")[-1].session_id == old
        ac_se.put()
        following = await evcc.says("AC_ChargeParameterDiscoveryReq", "AuthorizationSetupReq", "ServiceDiscoveryReq")
        assert following.name == "AC_ChargeParameterDiscoveryReq"
        assert following.session_id == old


@case("TC20_EVCC_DC_GoodCase_Pause_001", verifies="V2G20-2098", applies="DC and Pause")
async def test_dc_joins(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC asks for the session that it has paused, and goes on with DC_ChargeParameterDiscoveryReq when it is joined."""
    await _joined(dc_se, driver, evcc)
    old = evcc.said("SessionStopReq")[-1].session_id.peek()
    with requirement("V2G20-2098"):
        assert evcc.said("SessionSetupReq")[-1].session_id == old
        dc_se.put()
        following = await evcc.says("DC_ChargeParameterDiscoveryReq", "AuthorizationSetupReq", "ServiceDiscoveryReq")
        assert following.name == "DC_ChargeParameterDiscoveryReq"
        assert following.session_id == old
