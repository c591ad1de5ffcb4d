"""Session setup."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.under_test import UnderTest


@case("TC_SECC_CMN_VTB_SessionSetup_001", verifies="15118-2#session.anew")
async def test_new_session(ev: EvTester, secc: UnderTest) -> None:
    """An SECC gives a new session an id of its own."""
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    with requirement("15118-2#session.anew"):
        answer = await ev.sends()
        assert answer.name == "SessionSetupRes"
        assert answer.code == "OK_NewSessionEstablished"
        assert answer.session_id != "0000000000000000"


@case("TC_SECC_DC_VTB_CurrentDemand_001", verifies="15118-2#session.anew", applies="DC")
async def test_wrong_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a request of another session, and ends."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 2)
    with requirement("15118-2#session.anew"):
        answer = await dc_ev.sends({"/Header/SessionID": "0000000000000001"})
        assert answer.code == "FAILED_UnknownSession"
    with requirement("15118-2#session.anew"):
        await secc.closes()


@case("TC_SECC_AC_VTB_ChargingStatus_001", verifies="15118-2#session.anew", applies="AC")
async def test_ac(ac_ev: EvTester, secc: UnderTest) -> None:
    """A whole session."""
    await ac_ev.plug_in(target_soc=50.2)
    await ac_ev.until("ChargingStatusReq", 2)
    with requirement("15118-2#session.anew"):
        answer = await ac_ev.sends()
        assert answer.code == "OK"
        await ac_ev.completes(within=600)
        assert secc.said("SessionStopRes")
