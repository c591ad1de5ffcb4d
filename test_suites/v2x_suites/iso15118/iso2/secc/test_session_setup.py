"""Session setup."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.testers import NO_SESSION
from v2x_suites.iso15118.under_test import UnderTest

_EVSEID = range(7, 38)
"""Characters of an EVSEID."""


@case("TC_SECC_CMN_VTB_SessionSetup_001", verifies="V2G2-542 V2G2-462 V2G2-750 15118-2#8.4.evseid 15118-2#session.anew")
async def test_new_session(ev: EvTester) -> None:
    """An SECC gives a new session an id of its own, and tells which EVSE it is; the next session gets another id."""
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    with requirement("V2G2-542", hard=True):
        answer = await ev.sends()
        assert answer.name == "SessionSetupRes"
    with requirement("V2G2-462"):
        assert answer.code == "OK_NewSessionEstablished"
    with requirement("V2G2-750"):
        assert answer.session_id != NO_SESSION
    with requirement("15118-2#8.4.evseid"):
        assert len(answer.EVSEID) in _EVSEID
    with requirement("15118-2#session.anew"):
        another = await ev.begins()
        assert another.code == "OK_NewSessionEstablished"
        assert another.session_id != answer.session_id
        assert another.content["EVSEID"] == answer.EVSEID.value


@case("V2X_SECC_CMN_VTB_SessionSetup_001", verifies="V2G2-753 V2G2-756 V2G2-544")
async def test_unknown_session(ev: EvTester) -> None:
    """An SECC that is asked for a session it does not know gives a new one, with an id of its own, and goes on with that."""
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    foreign = "00000000DEADBEEF"
    with requirement("V2G2-753", "V2G2-756", hard=True):
        answer = await ev.sends({"/Header/SessionID": foreign})
        assert answer.code == "OK_NewSessionEstablished"
        assert not answer.session_id.is_in(NO_SESSION, foreign)
    given = str(answer.session_id.value)
    await ev.until("ServiceDiscoveryReq")
    with requirement("V2G2-544"):
        goes_on = await ev.sends()
        assert goes_on.code == "OK"
        assert goes_on.session_id == given
    with requirement("V2G2-756"):
        await ev.unplug()
        await ev.plug_in()
        await ev.until("SessionSetupReq")
        again = await ev.sends({"/Header/SessionID": foreign})
        assert again.code == "OK_NewSessionEstablished"
        assert not again.session_id.is_in(NO_SESSION, foreign, given)


@case("V2X_SECC_CMN_VTB_SessionSetup_002", verifies="V2G2-756 15118-2#session.anew")
async def test_session_that_was_stopped(ev: EvTester) -> None:
    """An SECC does not join a session that was broken off, but gives a new one."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    before = ev.session_id
    await ev.unplug()
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    with requirement("V2G2-756"):
        answer = await ev.sends({"/Header/SessionID": before})
        assert answer.code == "OK_NewSessionEstablished"
        assert not answer.session_id.is_in(NO_SESSION, before)
    with requirement("15118-2#session.anew"):
        another = await ev.begins()
        assert not another.session_id.is_in(NO_SESSION, before, str(answer.session_id.value))


@case("V2X_SECC_CMN_VTB_SessionSetup_003", verifies="V2G2-753 15118-2#session.anew")
async def test_short_session_id(ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not take a SessionID of a single octet, as cars send it, for a session that it has paused."""
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    with requirement("V2G2-753"):
        answer = await ev.sends({"/Header/SessionID": "00"})
        assert answer.name == "SessionSetupRes"
        assert not answer.code.is_in("OK_OldSessionJoined", "OK")
        assert answer.session_id != "00"
    with requirement("15118-2#session.anew"):
        another = await ev.begins()
        assert another.code == "OK_NewSessionEstablished"
        assert another.session_id != answer.session_id


@case("V2X_SECC_CMN_VTB_SessionSetup_004", verifies="V2G2-542 15118-2#session.anew")
async def test_other_cars(ev: EvTester) -> None:
    """An SECC takes every EVCCID, and gives each car a session of its own."""
    ids: list[str] = []
    for evcc_id in ("FFFFFFFFFFFF", "0A1B2C3D4E5F"):
        await ev.plug_in()
        await ev.until("SessionSetupReq")
        with requirement("V2G2-542", hard=True):
            answer = await ev.sends({"EVCCID": evcc_id})
            assert answer.code == "OK_NewSessionEstablished"
        ids.append(str(answer.session_id.value))
        await ev.unplug()
    with requirement("15118-2#session.anew"):
        assert ids[0] != ids[1]
