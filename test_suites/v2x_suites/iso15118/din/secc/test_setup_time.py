"""The time in which a session has to be set up."""

from __future__ import annotations

from v2x_suites.iso15118.din.secc import case
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.setup_time import no_session_in_time, session_in_time
from v2x_suites.iso15118.under_test import UnderTest

_SETUP, _ANEW, _OWN = "DIN70121#communication-setup.secc", "DIN70121#session.anew", "V2G-DC-391"


@case("TC_DIN_SECC_Timeout_002", verifies=f"{_SETUP} {_ANEW}")
async def test_nothing_is_offered(ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV connects and offers nothing gives up when the 18 s for setting a session up are over."""
    await no_session_in_time(ev, secc, "supportedAppProtocolReq", _SETUP, _ANEW)


@case("TC_DIN_SECC_Timeout_003", verifies=f"{_SETUP} {_ANEW}")
async def test_no_session_is_asked_for(ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV agrees on a protocol and asks for no session gives up when the 18 s for setting one up are over."""
    await no_session_in_time(ev, secc, "SessionSetupReq", _SETUP, _ANEW)


@case("TC_DIN_SECC_Timeout_004", verifies=f"{_SETUP} {_OWN}")
async def test_session_is_asked_for_late(ev: EvTester, secc: UnderTest) -> None:
    """An SECC sets a session up for an EV that takes 10 s to ask, and then has as much patience with it as with any other."""
    await session_in_time(ev, secc, _SETUP, _OWN)
