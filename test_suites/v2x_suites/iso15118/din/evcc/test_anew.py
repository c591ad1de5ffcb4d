"""A session after a session."""

from __future__ import annotations

from v2x_suites.iso15118.anew import plugged_in_again
from v2x_suites.iso15118.din.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest


@case("TC_DIN_EVCC_SessionAnew_001", verifies="DIN70121#session.anew")
async def test_session_after_a_broken_one(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose SECC breaks the connection off in the middle of a session begins a new one when it is plugged in again."""
    await plugged_in_again(se, driver, evcc, "DIN70121#session.anew")
