"""A session that is paused, and another EV that asks for it."""

from __future__ import annotations

from v2x_architecture.iso15118.evcc import Wish
from v2x_harness.blocks import CannotJudge, requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.handshakes import SeccHandshakes
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.testers import NO_SESSION


async def _pauses(ev: EvTester, energy: str) -> str:
    """Charge for a moment and pause; return the SessionID.

    Raises:
        CannotJudge: the SECC does not let the EV pause.
    """
    await ev.plug_in(control="Scheduled")
    await ev.until(f"{energy}_ChargeLoopReq", 3)
    ev.driver.wish = Wish.PAUSE
    await ev.until("SessionStopReq")
    before = ev.session_id
    answer = await ev.sends()
    if answer.code != "OK":
        raise CannotJudge(f"there is no pause: {answer.brief}")
    await ev.completes()
    return before


@case("TC20_SECC_CMN_GoodCase_Pause_004", verifies="V2G20-2545 V2G20-2106", applies="DC and Pause and Scheduled and TLS")
async def test_session_of_another_vehicle(tls_ev: EvTester, secc_tls: SeccHandshakes) -> None:
    """An SECC does not join a paused session for an EV that shows another certificate: it begins a new one."""
    before = await _pauses(tls_ev, "DC")
    with secc_tls.another_vehicle():
        await tls_ev.connects()
        await tls_ev.until("SessionSetupReq")
        with requirement("V2G20-2545", hard=True):
            answer = await tls_ev.sends({"/Header/SessionID": before})
            assert answer.name == "SessionSetupRes"
            assert answer.code == "OK_NewSessionEstablished"
    with requirement("V2G20-2106"):
        assert not answer.session_id.is_in(before, NO_SESSION)
    with requirement("V2G20-2545"):
        # A new session begins with authorization.
        answer = await tls_ev.sends_other("AuthorizationSetupReq", session_id=str(answer.session_id.value))
        assert answer.name == "AuthorizationSetupRes"
        assert answer.code == "OK"
