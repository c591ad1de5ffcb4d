"""How sessions end: stopped, paused, for want of requests; and how they go on after a pause or with another service."""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.evcc import Wish
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.iso20.secc.steps import FAILED_ENDS, out_of_place, refuses, rounds
from v2x_suites.iso15118.secc_steps import granted, waits
from v2x_suites.iso15118.testers import NO_SESSION
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest

SEQUENCE_TIMEOUT: Final = 60.0
"""V2G_SECC_Sequence_Timeout outside of the charge loop (s)."""
LOOP_TIMEOUT: Final = 0.5
"""V2G_SECC_Sequence_Timeout in the charge loop (s)."""
WAIT_AFTER_STOP: Final = 5.0
"""For so long an SECC leaves it to the EVCC to close the connection (s)."""
_CLOCKS: Final = 0.1
"""By how much what is measured may be off (s)."""
_ENERGY_OFF: Final = "15118-20#8.5.energy-off.secc"


@case("TC20_SECC_CMN_Timeouts_001", verifies="V2G20-443", applies="Slow")
async def test_silence_of_the_customer(ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s after AuthorizationSetupRes stops the session, and not before."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    with requirement("V2G20-443"):
        assert await waits(secc, SEQUENCE_TIMEOUT) >= SEQUENCE_TIMEOUT - 1.0


@case("TC20_SECC_DC_Timeouts_002", verifies="V2G20-443", applies="DC and Slow")
async def test_silence_before_the_schedule(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s after DC_ChargeParameterDiscoveryRes stops the session, and not before."""
    await dc_ev.plug_in()
    await dc_ev.until("ScheduleExchangeReq")
    with requirement("V2G20-443"):
        assert await waits(secc, SEQUENCE_TIMEOUT) >= SEQUENCE_TIMEOUT - 1.0


@case("TC20_SECC_DC_Timeouts_001", verifies="V2G20-1502", applies="DC")
async def test_dc_silence_in_the_loop(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 0.5 s after DC_ChargeLoopRes stops the session, and not before."""
    await dc_ev.plug_in(loop_s=0.1)
    await dc_ev.until("DC_ChargeLoopReq", 3)
    with requirement("V2G20-1502"):
        assert await waits(secc, LOOP_TIMEOUT) >= LOOP_TIMEOUT - _CLOCKS


@case("TC20_SECC_DC_Timeouts_003", verifies=_ENERGY_OFF, applies="DC and Measured")
async def test_dc_energy_off_after_silence(dc_ev: EvTester, secc: UnderTest) -> None:
    """When the EV falls silent in the charge loop, nothing flows any more 1.5 s later."""
    await dc_ev.plug_in(loop_s=0.1)
    await dc_ev.until("DC_ChargeLoopReq")
    await rounds(dc_ev, 4)
    with requirement(_ENERGY_OFF):
        assert dc_ev.output.current_a > 1
        secc.from_now()
        await secc.stays_quiet(for_=LOOP_TIMEOUT + 1.0)
        assert dc_ev.output.current_a == 0


@case("TC20_SECC_DC_Timeouts_004", verifies="V2G20-1502", applies="DC")
async def test_dc_just_in_time(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC goes on with an EV that takes 0.4 s for each DC_ChargeLoopReq."""
    await dc_ev.plug_in(loop_s=0.05)
    await dc_ev.until("DC_ChargeLoopReq")
    with requirement("V2G20-1502"):
        for _ in range(4):
            answer = await dc_ev.sends()
            assert answer.code == "OK"
            await dc_ev.until("DC_ChargeLoopReq")
            await secc.stays_quiet("DC_ChargeLoopReq", for_=max(0.01, answer.t + 0.4 - secc.watch.now))
        answer = await dc_ev.sends()
        assert answer.code == "OK"


@case("TC20_SECC_DC_Timeouts_005", verifies="V2G20-443", applies="DC")
async def test_dc_time_for_the_first_demand(dc_ev: EvTester, secc: UnderTest) -> None:
    """After PowerDeliveryRes an EV may take longer than 0.5 s for its first DC_ChargeLoopReq: the loop has not begun."""
    await dc_ev.plug_in()
    await dc_ev.until("DC_ChargeLoopReq")
    secc.from_now()
    with requirement("V2G20-443"):
        await secc.stays_quiet(for_=2.0)
        await granted(dc_ev)


@case("TC20_SECC_AC_Timeouts_001", verifies="V2G20-1500", applies="AC")
async def test_ac_silence_in_the_loop(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 0.5 s after AC_ChargeLoopRes stops the session, and not before."""
    await ac_ev.plug_in(loop_s=0.1)
    await ac_ev.until("AC_ChargeLoopReq", 3)
    with requirement("V2G20-1500"):
        assert await waits(secc, LOOP_TIMEOUT) >= LOOP_TIMEOUT - _CLOCKS


@case("TC20_SECC_AC_Timeouts_002", verifies=_ENERGY_OFF, applies="AC and Measured")
async def test_ac_energy_off_after_silence(ac_ev: EvTester, secc: UnderTest) -> None:
    """When the EV falls silent in the charge loop, the contactor is open 1.5 s later."""
    await ac_ev.plug_in(loop_s=0.1)
    await ac_ev.until("AC_ChargeLoopReq", 3)
    with requirement(_ENERGY_OFF):
        assert ac_ev.output.voltage_v > 0
        secc.from_now()
        await secc.stays_quiet(for_=LOOP_TIMEOUT + 1.0)
        assert ac_ev.output.voltage_v == 0


@case("TC20_SECC_CMN_SessionStop_001", verifies="V2G20-2645 V2G20-1632 V2G20-1633")
async def test_stop_before_energy(ev: EvTester, secc: UnderTest) -> None:
    """An SECC takes SessionStopReq before energy flows, and leaves it to the EV for 5 s to close the connection."""
    await ev.plug_in()
    await ev.until("ServiceSelectionReq")
    secc.from_now()
    with requirement("V2G20-2645", "V2G20-1632", hard=True):
        answer = await ev.sends_other("SessionStopReq")
        assert answer.name == "SessionStopRes"
        assert answer.code == "OK"
    with requirement("V2G20-1633"):
        closed = await secc.closes(within=WAIT_AFTER_STOP + secc.termination)
        assert closed.t - answer.t >= WAIT_AFTER_STOP - _CLOCKS


@case("TC20_SECC_CMN_SessionStop_002", verifies="V2G20-2645 V2G20-1632 15118-20#session.anew")
async def test_stop_before_authorization(ev: EvTester) -> None:
    """An SECC takes SessionStopReq of an EV that does not wait to be authorized, and then begins a session with the next one."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    before = ev.session_id
    with requirement("V2G20-2645", "V2G20-1632", hard=True):
        answer = await ev.sends_other("SessionStopReq")
        assert answer.name == "SessionStopRes"
        assert answer.code == "OK"
        assert answer.session_id == before
    with requirement("15118-20#session.anew"):
        answer = await ev.begins()
        assert answer.code == "OK_NewSessionEstablished"
        assert not answer.session_id.is_in(before, NO_SESSION)


async def pauses(ev: EvTester) -> str:
    """Charge for a moment, pause, and come back; our EVCC holds SessionSetupReq. Return the SessionID from before."""
    await ev.plug_in(control="Scheduled")
    await ev.until("DC_ChargeLoopReq", 3)
    ev.driver.wish = Wish.PAUSE
    await ev.until("SessionStopReq")
    before = ev.session_id
    await granted(ev)
    await ev.completes()
    await ev.connects()
    await ev.until("SessionSetupReq")
    return before


@case("TC20_SECC_CMN_GoodCase_Pause_001", verifies="V2G20-1032 V2G20-1632", applies="DC and Pause and Scheduled")
async def test_pause(dc_ev: EvTester) -> None:
    """An EV that comes back from a pause joins its session, which goes on with the exchange of limits."""
    with requirement("V2G20-1632", hard=True):
        before = await pauses(dc_ev)
    with requirement("V2G20-1032", hard=True):
        answer = await dc_ev.sends()
        assert answer.name == "SessionSetupRes"
        assert answer.code == "OK_OldSessionJoined"
        assert answer.session_id == before
    await dc_ev.until("DC_ChargeParameterDiscoveryReq")
    with requirement("V2G20-1032"):
        await granted(dc_ev)


@case("TC20_SECC_CMN_Error_Pause_002", verifies=f"V2G20-1032 V2G20-459 {FAILED_ENDS}", applies="DC and Pause and Scheduled")
async def test_no_authorization_after_a_pause(dc_ev: EvTester, secc: UnderTest) -> None:
    """In a session that was joined after a pause an SECC refuses AuthorizationSetupReq."""
    await pauses(dc_ev)
    with requirement("V2G20-1032", hard=True):
        answer = await dc_ev.sends()
        assert answer.code == "OK_OldSessionJoined"
    await out_of_place(dc_ev, secc, "AuthorizationSetupReq", "V2G20-1032")


@case("TC20_SECC_CMN_GoodCase_Pause_003", verifies="V2G20-2106 V2G20-1032", applies="DC and Pause and Scheduled")
async def test_new_session_after_a_pause(dc_ev: EvTester) -> None:
    """An EV that comes back from a pause and asks for a new session is given one, which begins with authorization."""
    before = await pauses(dc_ev)
    with requirement("V2G20-2106", hard=True):
        answer = await dc_ev.sends({"/Header/SessionID": NO_SESSION})
        assert answer.code == "OK_NewSessionEstablished"
        assert not answer.session_id.is_in(before, NO_SESSION)
    with requirement("V2G20-1032"):
        # Only what was joined goes on where it was.
        answer = await dc_ev.sends_other("AuthorizationSetupReq", session_id=str(answer.session_id.value))
        assert answer.name == "AuthorizationSetupRes"
        assert answer.code == "OK"


@case("TC20_SECC_CMN_Error_Pause_001", verifies=f"V2G20-1195 {FAILED_ENDS}", applies="DC and Dynamic")
async def test_pause_that_was_not_asked_for(dc_ev: EvTester, secc: UnderTest) -> None:
    """In dynamic control an SECC refuses a pause that it has not asked for, and ends the session."""
    await dc_ev.plug_in(control="Dynamic")
    await dc_ev.until("DC_ChargeLoopReq", 3)
    dc_ev.driver.wish = Wish.STOP
    await dc_ev.until("SessionStopReq")
    await refuses(dc_ev, secc, ("V2G20-1195",), "FAILED_PauseNotAllowed", {"ChargingSession": "Pause"})


@case(
    "TC20_SECC_CMN_GoodCase_Pause_002",
    verifies="15118-20#8.3.notification.secc V2G20-1032",
    applies="DC and Dynamic and Pause and LocalStop",
)
async def test_pause_that_was_asked_for(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """In dynamic control an SECC asks the EV for a pause when its operator wants one, and joins the session afterwards."""
    await dc_ev.plug_in(control="Dynamic")
    await dc_ev.until("DC_ChargeLoopReq", 3)
    await operator.notify("Pause", 10)
    with requirement("15118-20#8.3.notification.secc", hard=True):
        for _ in range(5):
            answer = await dc_ev.sends()
            assert answer.code == "OK"
            if answer.EVSEStatus.exists:
                break
            await dc_ev.until("DC_ChargeLoopReq")
        assert answer.EVSEStatus.EVSENotification == "Pause"
    await dc_ev.until("SessionStopReq")
    before = dc_ev.session_id
    with requirement("15118-20#8.3.notification.secc", hard=True):
        answer = await dc_ev.sends({"ChargingSession": "Pause"})
        assert answer.code == "OK"
    await dc_ev.completes()
    await dc_ev.connects()
    await dc_ev.until("SessionSetupReq")
    with requirement("V2G20-1032"):
        answer = await dc_ev.sends()
        assert answer.code == "OK_OldSessionJoined"
        assert answer.session_id == before


@case(
    "TC20_SECC_CMN_GoodCase_ServiceRenegotiation_001",
    verifies="V2G20-1477 V2G20-1931",
    applies="DC and ServiceRenegotiation",
)
async def test_another_service(dc_ev: EvTester, secc: UnderTest) -> None:
    """An EV that has charged may choose its service anew: the session stays, and ServiceDiscoveryReq is taken."""
    await dc_ev.plug_in()
    await dc_ev.until("DC_ChargeLoopReq", 3)
    dc_ev.driver.wish = Wish.STOP
    await dc_ev.until("SessionStopReq")
    first = secc.said("ServiceDiscoveryRes")[0].ServiceRenegotiationSupported.value
    with requirement("V2G20-1477", hard=True):
        await granted(dc_ev, {"ChargingSession": "ServiceRenegotiation"})
        found = await dc_ev.sends_other("ServiceDiscoveryReq")
        assert found.name == "ServiceDiscoveryRes"
        assert found.code == "OK"
        assert found.session_id == dc_ev.session_id
    with requirement("V2G20-1931"):
        assert found.ServiceRenegotiationSupported == first
        assert found.ServiceRenegotiationSupported
