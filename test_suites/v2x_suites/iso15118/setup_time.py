"""The time in which a session has to be set up: what cases of all editions have in common."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement
from v2x_harness.events import LinkEvent

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.evcc_steps import once_more, reach, released
from v2x_suites.iso15118.handshakes import EvccHandshakes
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest

SECC_SETUP: Final = 18.0
"""V2G_SECC_CommunicationSetup_Performance_Time (s)."""
EVCC_SETUP: Final = 20.0
"""V2G_EVCC_CommunicationSetup_Timeout (s)."""
_EARLY: Final = 8.0
"""What may have passed before the connection, since the EV was plugged in (s)."""
_IN_TIME: Final = 10.0


async def no_session_in_time(ev: EvTester, secc: UnderTest, request: str, cites: str, anew: str) -> None:
    """Have an EV fall silent before there is a session; the SECC gives up in time, and serves the next EV.

    Args:
        request: that does not come: supportedAppProtocolReq or SessionSetupReq.
        cites: by which it gives up.
        anew: by which it serves the next.
    """
    await ev.plug_in()
    opened = _opened(ev)
    await ev.until(request)
    secc.from_now()
    with requirement(cites):
        end = await secc.closes(within=opened + SECC_SETUP + secc.termination - secc.watch.now)
        waited = end.t - opened
        assert waited >= SECC_SETUP - _EARLY, f"it gives up after {waited:.1f} s already"
    with requirement(anew):
        answer = await ev.begins()
        assert answer.code == "OK_NewSessionEstablished"


async def session_in_time(ev: EvTester, secc: UnderTest, cites: str, own: str) -> None:
    """Have an EV take its time for a session, but not all; from then on the SECC has patience.

    Args:
        cites: by which the session is set up.
        own: by which a request of another session is refused.
    """
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    secc.from_now()
    with requirement(cites, hard=True):
        await secc.stays_quiet(for_=_IN_TIME)
        answer = await ev.sends()
        assert answer.code == "OK_NewSessionEstablished"
    await ev.until("")
    secc.from_now()
    with requirement(cites, hard=True):
        # The 18 s are over: what counts now is the time since the last response.
        await secc.stays_quiet(for_=_IN_TIME)
        answer = await ev.sends()
        assert answer.code == "OK"
        assert answer.session_id == ev.session_id
    await ev.until("")
    with requirement(own):
        answer = await ev.sends({"/Header/SessionID": "00000000000000F5"})
        assert answer.code == "FAILED_UnknownSession"


async def no_offer_answered(se: SeTester, driver: EvccOperator, evcc: UnderTest, cites: str) -> None:
    """Do not answer an EVCC's offer of protocols; it ends the connection before its time for the setup is over."""
    await se.listens()
    await driver.plug_in()
    plugged = evcc.watch.now
    await reach(se, evcc, "supportedAppProtocolRes")
    with requirement(cites, hard=True):
        await evcc.ends(within=plugged + EVCC_SETUP + evcc.termination - evcc.watch.now)
        released(se)


async def handshake_never_begins(
    se: SeTester, handshakes: EvccHandshakes, driver: EvccOperator, evcc: UnderTest, cites: str
) -> None:
    """Take an EVCC's connection and never shake hands; it ends the connection before its time for the setup is over.

    Args:
        cites: by which it does.
    """
    await se.listens()
    async with handshakes.silence():
        evcc.from_now()
        await driver.plug_in()
        with requirement(cites, hard=True):
            await evcc.closes(within=EVCC_SETUP + evcc.termination)
    # That it was an EVCC at all, its next session shows.
    await once_more(se, driver)
    await reach(se, evcc, "ServiceDiscoveryRes")


def _opened(ev: EvTester) -> float:
    """Return when the connection was made (s)."""
    opened = [i.t for i in ev.watch.items if isinstance(i, LinkEvent) and i.event == "open"]
    return opened[-1] if opened else ev.watch.now
