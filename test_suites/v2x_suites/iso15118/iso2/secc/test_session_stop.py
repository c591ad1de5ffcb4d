"""The end of a session, and what can follow it: a new one, or the one that was paused."""

from __future__ import annotations

from v2x_architecture.iso15118.evcc import Wish
from v2x_harness.blocks import CannotJudge, requirement
from v2x_harness.events import Json
from v2x_harness.finding import Axis

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.iso2.secc.asking import parameters
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.testers import NO_SESSION
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import Message


async def pauses(ev: EvTester) -> str:
    """Charge, pause, and connect again, up to SessionSetupReq; return the SessionID of the session that was paused.

    Raises:
        CannotJudge: the SECC does not let it.
    """
    await ev.plug_in()
    await ev.until("ChargingStatusReq", 3)
    ev.driver.wish = Wish.PAUSE
    await ev.until("SessionStopReq")
    paused = ev.session_id
    answer = await ev.sends()
    if answer.code != "OK":
        raise CannotJudge(f"the SECC does not let the EV pause: {answer.brief}")
    await ev.goes_on(1)
    await ev.connects()
    await ev.until("SessionSetupReq")
    return paused


@case("TC_SECC_AC_VTB_SessionStop_001", verifies="V2G2-568 V2G2-570 V2G2-571 V2G2-034", applies="AC")
async def test_terminate(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC ends the session when the EV says so, and does not go on with it afterwards."""
    await ac_ev.plug_in(target_soc=50.01)
    await ac_ev.until("SessionStopReq")
    before = ac_ev.session_id
    with requirement("V2G2-568", "V2G2-570"):
        await granted(ac_ev)
    with requirement("V2G2-034", axis=Axis.COMPATIBILITY):
        await secc.closes()
    await ac_ev.unplug()
    await ac_ev.plug_in()
    await ac_ev.until("SessionSetupReq")
    with requirement("V2G2-571"):
        anew = await ac_ev.sends({"/Header/SessionID": before})
        assert anew.code == "OK_NewSessionEstablished"
        assert not anew.session_id.is_in(before, NO_SESSION)


@case("V2X_SECC_CMN_VTB_SessionStop_001", verifies="V2G2-570 V2G2-571")
async def test_terminate_before_energy(ev: EvTester) -> None:
    """An SECC answers SessionStopReq before energy was spoken of, OK or out of sequence, and does not go on afterwards."""
    await ev.plug_in()
    await ev.until("ChargeParameterDiscoveryReq")
    before = ev.session_id
    with requirement("V2G2-570"):
        answer = await ev.sends_other("SessionStopReq")
        assert answer.name == "SessionStopRes"
        assert answer.code.is_in("OK", "FAILED_SequenceError")
    await ev.unplug()
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    with requirement("V2G2-571"):
        anew = await ev.sends({"/Header/SessionID": before})
        assert anew.code == "OK_NewSessionEstablished"
        assert not anew.session_id.is_in(before, NO_SESSION)


@case("TC_SECC_AC_VTB_SessionSetup_001", verifies="V2G2-463 V2G2-753", applies="AC and Pause")
async def test_join(ac_ev: EvTester) -> None:
    """An SECC joins the session that its EV has paused."""
    paused = await pauses(ac_ev)
    with requirement("V2G2-463", "V2G2-753"):
        answer = await ac_ev.sends()
        assert answer.code == "OK_OldSessionJoined"
        assert answer.session_id == paused


@case("TC_SECC_AC_VTB_SessionSetup_002", verifies="V2G2-756 V2G2-462", applies="AC and Pause")
async def test_another_than_was_paused(ac_ev: EvTester) -> None:
    """An SECC that is asked for another session than the one that is paused gives a new one."""
    paused = await pauses(ac_ev)
    foreign = f"{int(paused, 16) ^ 1:016X}"
    with requirement("V2G2-756", "V2G2-462"):
        answer = await ac_ev.sends({"/Header/SessionID": foreign})
        assert answer.code == "OK_NewSessionEstablished"
        assert not answer.session_id.is_in(paused, foreign, NO_SESSION)


@case("TC_SECC_AC_VTB_SessionSetup_003", verifies="V2G2-750 V2G2-462", applies="AC and Pause")
async def test_a_new_one_after_a_pause(ac_ev: EvTester) -> None:
    """An SECC gives a new session to an EV that comes back after a pause and wants one."""
    paused = await pauses(ac_ev)
    with requirement("V2G2-462"):
        answer = await ac_ev.sends({"/Header/SessionID": NO_SESSION})
        assert answer.code == "OK_NewSessionEstablished"
    with requirement("V2G2-750"):
        assert not answer.session_id.is_in(paused, NO_SESSION)


@case("TC_SECC_AC_VTB_ServiceDiscovery_001", verifies="V2G2-741", applies="AC and Pause")
async def test_services_of_a_session_that_is_joined(ac_ev: EvTester) -> None:
    """An SECC offers an EV that has come back the payment and the charge service that it had chosen."""
    await pauses(ac_ev)
    await ac_ev.until("ServiceDiscoveryReq")
    answers = [i for i in ac_ev.watch.items if isinstance(i, Message) and i.name == "ServiceDiscoveryRes"]
    with requirement("V2G2-741"):
        answer = await ac_ev.sends()
        assert answer.code == "OK"
        assert answer.PaymentOptionList.PaymentOption == ["ExternalPayment"]
        assert answer.ChargeService.ServiceID == answers[0].ChargeService.ServiceID.value
        assert answer.session_id == ac_ev.session_id
        joined = next(i for i in reversed(ac_ev.watch.items) if isinstance(i, Message) and i.name == "SessionSetupRes")
        assert joined.code == "OK_OldSessionJoined"


@case("TC_SECC_AC_VTB_ChargeParameterDiscovery_007", verifies="V2G2-741", applies="AC and Pause")
async def test_schedule_of_a_session_that_is_joined(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC offers an EV that has come back the schedule that it had chosen, not those that it had not."""
    offered: list[Json] = [
        {"id": number, "entries": [{"start_s": 0, "max_power_w": power, "duration_s": 86_400}]}
        for number, power in ((5, 4000), (6, 9000))
    ]
    await operator.set_schedules(offered)
    await pauses(ac_ev)
    with requirement("V2G2-741"):
        answer = await parameters(ac_ev)
        assert answer.code == "OK"
        assert [each.SAScheduleTupleID.number() for each in answer.SAScheduleList.SAScheduleTuple] == [6]
