"""Session setup."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest


@case("TC_EVCC_CMN_VTB_ServiceDiscovery_001", verifies="15118-2#session.anew")
async def test_refused(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is refused ends."""
    await se.listens()
    await driver.plug_in()
    await se.until("ServiceDiscoveryRes")
    evcc.from_now()
    with requirement("15118-2#session.anew"):
        se.put({"ResponseCode": "FAILED"})
        await evcc.closes()
