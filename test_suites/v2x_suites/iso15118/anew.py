"""A session after a session that broke off: what cases of all editions have in common."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.testers import NO_SESSION
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest

AGREED: Final = ("OK_SuccessfulNegotiation", "OK_SuccessfulNegotiationWithMinorDeviation")
"""What supportedAppProtocolRes may say where there is a protocol in common."""


async def after_a_broken_one(ev: EvTester, cites: str) -> None:
    """Break a session off, and see that the SECC holds a new one.

    Args:
        cites: id of the requirement.
    """
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    before = ev.session_id
    await ev.disconnect(abort=True)
    await own_session(ev, before, cites)


async def own_session(ev: EvTester, before: str, cites: str) -> None:
    """See that the next EV is given a session of its own.

    Args:
        before: SessionID of the session before.
        cites: id of the requirement.
    """
    await ev.unplug()
    await ev.plug_in()
    await ev.until("supportedAppProtocolReq")
    with requirement(cites, hard=True):
        agreed = await ev.sends()
        assert agreed.code.is_in(*AGREED)
    await ev.until("SessionSetupReq")
    with requirement(cites):
        answer = await ev.sends()
        assert answer.name == "SessionSetupRes"
        assert answer.code == "OK_NewSessionEstablished"
        assert not answer.session_id.is_in(before, NO_SESSION)


async def plugged_in_again(se: SeTester, driver: EvccOperator, evcc: UnderTest, cites: str) -> None:
    """Break a session off, and see that the EVCC begins a new one when it is plugged in again.

    Args:
        cites: id of the requirement.
    """
    await se.listens()
    await driver.plug_in()
    await se.until("ServiceDiscoveryRes")
    await se.disconnect(abort=True)
    await driver.unplug()
    evcc.from_now()
    await driver.plug_in()
    with requirement(cites):
        await se.next_session()
        await evcc.says("supportedAppProtocolReq")
        await se.until("SessionSetupRes")
        setup = await evcc.next("SessionSetupReq")
        # Of any length: there are EVs that send none at all.
        assert int(str(setup.session_id.value) or "0", 16) == 0, "it asks for a session that there is no more"
