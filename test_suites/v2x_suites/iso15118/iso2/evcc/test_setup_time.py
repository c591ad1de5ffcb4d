"""The time in which a session has to be set up."""

from __future__ import annotations

from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.setup_time import no_offer_answered
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest


@case("V2X_EVCC_CMN_VTB_SupportedAppProtocol_005", verifies="V2G2-448")
async def test_offer_is_not_answered(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose offer of protocols is not answered ends the connection, 20 s after it was plugged in at the latest."""
    await no_offer_answered(se, driver, evcc, "V2G2-448")
