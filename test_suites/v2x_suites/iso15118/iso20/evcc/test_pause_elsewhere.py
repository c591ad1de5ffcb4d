"""Sessions that are paused, and cannot be joined again."""

from __future__ import annotations

from v2x_architecture.iso15118.charging import Notification
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.evcc_steps import comes, reach
from v2x_suites.iso15118.handshakes import EvccHandshakes
from v2x_suites.iso15118.iso20.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.testers import NO_SESSION
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest


async def _paused(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> str:
    """Have a session paused by its EV; return the SessionID."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, f"{se.energy}_ChargeLoopRes", 3)
    # In dynamic control an EV may pause only when the SECC wants it, too.
    se.settings.notification = Notification("Pause", 10)
    await driver.pause()
    await se.until("SessionStopRes")
    before = se.session_id
    await se.completes()
    se.settings.notification = Notification()
    evcc.from_now()
    return before


@case("TC20_EVCC_CMN_GoodCase_Pause_001", verifies="V2G20-2539", applies="Pause and TLS")
async def test_another_secc(tls_se: SeTester, evcc_tls: EvccHandshakes, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that comes back from a pause to an SECC with another certificate asks for a new session."""
    before = await _paused(tls_se, driver, evcc)
    with evcc_tls.another_secc():
        await driver.plug_in()
        await tls_se.next_session()
        await tls_se.until("SessionSetupRes")
    with requirement("V2G20-2539"):
        assert evcc.said("SessionSetupReq")[0].session_id == NO_SESSION
        asked = evcc.said("SessionSetupReq")[-1].session_id
        assert asked == NO_SESSION, f"it asks for {asked.peek()}, the session that it had paused elsewhere is {before}"


@case("TC20_EVCC_CMN_GoodCase_Pause_002", verifies="V2G20-2615", applies="Pause")
async def test_session_is_gone(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose paused session is not known any more goes on in the new one that it is given, from the beginning."""
    before = await _paused(se, driver, evcc)
    assert se.server is not None
    se.server.memory.paused = None
    await driver.plug_in()
    await se.next_session()
    await se.until("SessionSetupRes")
    with requirement("V2G20-2615"):
        following = await comes(se, evcc, "AuthorizationSetupReq", refused=True)
        assert following.session_id == se.session_id
        assert following.session_id != before
    with requirement("V2G20-2615"):
        assert (await comes(se, evcc, "ServiceDiscoveryReq")).session_id == se.session_id
