"""A session after a session."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.din.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest


@case("TC_DIN_EVCC_SessionAnew_001", verifies="DIN70121#session.anew")
async def test_session_after_a_broken_one(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose SECC breaks the connection off in the middle of a session begins a new one when it is plugged in again."""
    await se.listens()
    await driver.plug_in()
    await se.until("ServiceDiscoveryRes")
    await se.disconnect(abort=True)
    await driver.unplug()
    evcc.from_now()
    await driver.plug_in()
    with requirement("DIN70121#session.anew"):
        await se.next_session()
        await evcc.says("supportedAppProtocolReq")
        await se.until("SessionSetupRes")
        setup = await evcc.next("SessionSetupReq")
        assert int(str(setup.session_id.value) or "0", 16) == 0, "it asks for a session that there is no more"
