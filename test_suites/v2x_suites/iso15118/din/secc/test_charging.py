"""DIN SPEC 70121: the flow of energy, its limits, and its end."""

from __future__ import annotations

from v2x_architecture.coupling import CpState
from v2x_architecture.iso15118.evcc import Wish
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.dc_charging import (
    BRIEF,
    CURRENT_TOLERANCE,
    HIGH,
    LOW,
    NOTHING_BUT_TARGETS,
    STRONG,
    broken_supply,
    demand,
    demand_beyond,
    demands_in_time,
    emergency,
    follows,
    measures_until_safe,
    near,
    offered,
)
from v2x_suites.iso15118.din.secc import case
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.refusals import out_of_sequence, refused, silence, unknown_session
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import amount, physical


@case("TC_DIN_SECC_GoodCase_001", verifies="V2G-DC-388 V2G-DC-462 V2G-DC-465 V2G-DC-459 V2G-DC-451")
async def test_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """A whole session: every request is answered OK in one session, current flows, and stops."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("CurrentDemandReq")
    session_id = dc_ev.session_id
    with requirement("V2G-DC-388", "V2G-DC-462", "V2G-DC-465", "V2G-DC-459", "V2G-DC-451"):
        await dc_ev.completes()
        said = [message for message in secc.said() if message.link != "sdp"]
        asked = [message for message in secc.heard() if message.link != "sdp"]
        assert [message.name for message in said] == [f"{message.name.removesuffix('Req')}Res" for message in asked]
        assert said[-1].name == "SessionStopRes"
        for message in said[1:]:
            assert message.code.is_in("OK", "OK_NewSessionEstablished")
            assert message.session_id == session_id
        flowing = [amount(message.EVSEPresentCurrent) for message in secc.said("CurrentDemandRes")]
        assert max(flowing) > CURRENT_TOLERANCE
        assert flowing[-1] <= CURRENT_TOLERANCE


@case("TC_DIN_SECC_PowerDelivery_001", verifies="V2G-DC-462 V2G-DC-666 V2G-DC-390 V2G-DC-116")
async def test_no_way_back(dc_ev: EvTester, secc: UnderTest) -> None:
    """After PowerDeliveryRes an SECC takes CurrentDemandReq, not CableCheckReq again."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq")
    answer = await out_of_sequence(dc_ev, secc, "CableCheckReq")
    with requirement("V2G-DC-462"):
        assert answer.code == "FAILED_SequenceError"


@case("TC_DIN_SECC_PowerDelivery_002", verifies="V2G-DC-391 V2G-DC-116")
async def test_power_of_another_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses PowerDeliveryReq of another session, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    await unknown_session(dc_ev, secc)


@case("TC_DIN_SECC_PowerDelivery_003", verifies="DIN70121#PowerDelivery.status V2G-DC-638")
async def test_power_from_a_broken_supply(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC whose supply has a malfunction tells so, and does not let energy flow."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    codes = ("FAILED", "FAILED_PowerDeliveryNotApplied")
    await broken_supply(dc_ev, operator, *codes, refuses="DIN70121#PowerDelivery.status", status="V2G-DC-638")


@case("TC_DIN_SECC_CurrentDemand_001", verifies="V2G-DC-388 V2G-DC-465 DIN70121#CurrentDemand.follows")
async def test_current_follows(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC gives the current that is demanded, more and less, and then takes PowerDeliveryReq to stop."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq")
    with requirement("V2G-DC-388", "DIN70121#CurrentDemand.follows", hard=True):
        await follows(dc_ev)
    dc_ev.driver.wish = Wish.STOP
    await dc_ev.until("PowerDeliveryReq")
    with requirement("V2G-DC-465"):
        await granted(dc_ev)


@case("TC_DIN_SECC_CurrentDemand_002", verifies="DIN70121#CurrentDemand.limits")
async def test_more_than_there_is(dc_ev: EvTester, secc: UnderTest) -> None:
    """Asked for more current than it has, an SECC gives no more than its limit, and says that a limit is reached."""
    await dc_ev.plug_in(ress=STRONG)
    await dc_ev.until("CurrentDemandReq")
    most = offered(secc).max_current_a
    with requirement("DIN70121#CurrentDemand.limits"):
        await demand_beyond(dc_ev, secc, most)


@case("TC_DIN_SECC_CurrentDemand_003", verifies="V2G-DC-666 V2G-DC-390 V2G-DC-116")
async def test_sequence_error(dc_ev: EvTester, secc: UnderTest) -> None:
    """While energy flows an SECC refuses ServiceDiscoveryReq, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 2)
    await out_of_sequence(dc_ev, secc, "ServiceDiscoveryReq")


@case("TC_DIN_SECC_CurrentDemand_004", verifies="V2G-DC-391 V2G-DC-116")
async def test_unknown_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses CurrentDemandReq of another session, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 2)
    await unknown_session(dc_ev, secc)


@case("TC_DIN_SECC_CurrentDemand_005", verifies="V2G-DC-432")
async def test_silence(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s while energy flows stops the session, and not before."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 2)
    await silence(dc_ev, secc)


@case("TC_DIN_SECC_CurrentDemand_006", verifies="DIN70121#EVSE.limits")
async def test_less_than_before(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC that is given a lower limit while energy flows says so, and gives no more than that."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq")
    limit = HIGH - 2 * CURRENT_TOLERANCE
    with requirement("DIN70121#EVSE.limits"):
        await demand(dc_ev, HIGH, reached=near(HIGH))
        await operator.set_limits(max_current_a=limit)
        await dc_ev.until("CurrentDemandReq")
        answer = await demand(dc_ev, HIGH, reached=near(limit))
        told = answer.EVSEMaximumCurrentLimit
        assert not told.exists or amount(told) <= limit


@case("TC_DIN_SECC_CurrentDemand_007", verifies="V2G-DC-638 V2G-DC-500 V2G-DC-459")
async def test_stop_at_the_evse(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """Stopped at the EVSE, an SECC tells EVSE_Shutdown and no notification, and lets the EV end the session in order."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 3)
    with requirement("V2G-DC-638", hard=True):
        answer = await dc_ev.sends()
        assert answer.code == "OK"
        assert answer.DC_EVSEStatus.EVSEStatusCode == "EVSE_Ready"
    await operator.notify("StopCharging")
    await dc_ev.until("CurrentDemandReq")
    with requirement("V2G-DC-638", hard=True):
        answer = await dc_ev.sends()
        assert answer.code == "OK"
        assert answer.DC_EVSEStatus.EVSEStatusCode == "EVSE_Shutdown"
    with requirement("V2G-DC-500"):
        assert answer.DC_EVSEStatus.EVSENotification == "None"
    with requirement("V2G-DC-459"):
        await dc_ev.completes()
        assert secc.said("SessionStopRes")[-1].code == "OK"


@case("TC_DIN_SECC_CurrentDemand_008", verifies="DIN70121#emergency.secc V2G-DC-638")
async def test_emergency(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """In an emergency an SECC answers FAILED with EVSE_EmergencyShutdown, lets no current flow, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq")
    await emergency(dc_ev, secc, operator, ends="DIN70121#emergency.secc", status="V2G-DC-638")


@case("TC_DIN_SECC_CurrentDemand_009", verifies="DIN70121#CurrentDemand.optional")
async def test_bare_demand(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC takes CurrentDemandReq with nothing but what must be in it."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 2)
    with requirement("DIN70121#CurrentDemand.optional"):
        answer = await granted(dc_ev, {"EVTargetCurrent": physical(LOW, "A")}, without=NOTHING_BUT_TARGETS)
        assert answer.session_id == dc_ev.session_id


@case("TC_DIN_SECC_CurrentDemand_010", verifies="DIN70121#V2G_EVCC_Msg_Timeout")
async def test_answers_in_time(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC answers each of twenty CurrentDemandReq before the EV gives up, after 250 ms."""
    await dc_ev.plug_in()
    with requirement("DIN70121#V2G_EVCC_Msg_Timeout"):
        await demands_in_time(dc_ev, secc)


@case("TC_DIN_SECC_WeldingDetection_001", verifies="V2G-DC-388 V2G-DC-459 V2G-DC-469")
async def test_welding_detection(dc_ev: EvTester, secc: UnderTest) -> None:
    """After the end of charging an SECC measures for the EV until the output is safe, then takes SessionStopReq."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("WeldingDetectionReq")
    with requirement("V2G-DC-388", "V2G-DC-459", hard=True):
        await measures_until_safe(dc_ev)
    await dc_ev.until("SessionStopReq")
    with requirement("V2G-DC-469"):
        await granted(dc_ev)


@case("TC_DIN_SECC_WeldingDetection_003", verifies="V2G-DC-988 V2G-DC-116", applies="ControlPilot")
async def test_welding_detection_in_state_c(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses WeldingDetectionReq of an EV that has not gone back to state B of the control pilot, in 1.5 s."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("WeldingDetectionReq")
    dc_ev.set_cp(CpState.C)
    await refused(secc, dc_ev.sends(), "V2G-DC-988", "FAILED")


@case("TC_DIN_SECC_WeldingDetection_002", verifies="V2G-DC-459 V2G-DC-666 V2G-DC-390 V2G-DC-116")
async def test_no_more_current(dc_ev: EvTester, secc: UnderTest) -> None:
    """After the end of charging an SECC refuses CurrentDemandReq."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("WeldingDetectionReq")
    answer = await out_of_sequence(dc_ev, secc, "CurrentDemandReq")
    with requirement("V2G-DC-459"):
        assert answer.code == "FAILED_SequenceError"
