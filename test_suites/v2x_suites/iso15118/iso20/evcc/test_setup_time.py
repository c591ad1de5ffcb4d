"""The time in which a session has to be set up."""

from __future__ import annotations

from v2x_suites.iso15118.handshakes import EvccHandshakes
from v2x_suites.iso15118.iso20.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.setup_time import handshake_never_begins, no_offer_answered
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest


@case("TC20_EVCC_CMN_Timeouts_102", verifies="15118-20#8.5.communication-setup.evcc")
async def test_offer_is_not_answered(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose offer of protocols is not answered ends the connection, 20 s after it was plugged in at the latest."""
    await no_offer_answered(se, driver, evcc, "15118-20#8.5.communication-setup.evcc")


@case("TC20_EVCC_CMN_TLS_013", verifies="15118-20#8.5.communication-setup.evcc", applies="TLS")
async def test_handshake_never_begins(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose SECC takes the connection and never shakes hands gives up 20 s after it was plugged in at the latest."""
    await handshake_never_begins(tls_se, evcc_tls, driver, evcc, "15118-20#8.5.communication-setup.evcc")
