"""A session after a session."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.testers import NO_SESSION


@case("V2X_SECC_CMN_VTB_SessionAnew_001", verifies="15118-2#session.anew")
async def test_session_after_a_broken_one(ev: EvTester) -> None:
    """An SECC whose EV breaks the connection off in the middle of a session holds a new session, with an id of its own."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    before = ev.session_id
    await ev.disconnect(abort=True)
    await ev.unplug()
    await ev.plug_in()
    await ev.until("supportedAppProtocolReq")
    with requirement("15118-2#session.anew", hard=True):
        agreed = await ev.sends()
        assert agreed.code.is_in("OK_SuccessfulNegotiation", "OK_SuccessfulNegotiationWithMinorDeviation")
    await ev.until("SessionSetupReq")
    with requirement("15118-2#session.anew"):
        answer = await ev.sends()
        assert answer.name == "SessionSetupRes"
        assert answer.code == "OK_NewSessionEstablished"
        assert not answer.session_id.is_in(before, NO_SESSION)
