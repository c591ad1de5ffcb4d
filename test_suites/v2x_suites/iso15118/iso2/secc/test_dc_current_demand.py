"""ISO 15118-2, DC: the flow of energy, and what becomes of it when the EVSE wants something else."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.dc_charging import (
    CURRENT_TOLERANCE,
    HIGH,
    LOW,
    NOTHING_BUT_TARGETS,
    STRONG,
    demand,
    demand_beyond,
    demands_in_time,
    emergency,
    follows,
    near,
    offered,
)
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.refusals import only_its_own, out_of_sequence, silence, unknown_session
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import amount, physical

_OUT_OF_PLACE = "V2G2-538 V2G2-459 V2G2-539"


@case("TC_SECC_DC_VTB_CurrentDemand_001", verifies="V2G2-592 V2G2-593 V2G2-691", applies="DC")
async def test_current_follows(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC gives the current that is demanded, more and less, asks for no receipt, and then takes PowerDeliveryReq to stop."""
    await dc_ev.plug_in(target_soc=100)
    await dc_ev.until("CurrentDemandReq")
    with requirement("V2G2-592", hard=True):
        await follows(dc_ev)
    with requirement("V2G2-691"):
        assert not any(answer.ReceiptRequired.value for answer in secc.said("CurrentDemandRes"))
        assert len(secc.said("CurrentDemandRes")) >= 4
    dc_ev.driver.target_soc = 0
    await dc_ev.until("PowerDeliveryReq")
    with requirement("V2G2-593"):
        await granted(dc_ev)


@case("TC_SECC_DC_VTB_CurrentDemand_003", verifies=_OUT_OF_PLACE, applies="DC")
async def test_sequence_error(dc_ev: EvTester, secc: UnderTest) -> None:
    """After PowerDeliveryRes to start an SECC refuses ServiceDiscoveryReq, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq")
    await out_of_sequence(dc_ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_DC_VTB_CurrentDemand_004", verifies="V2G2-460 V2G2-034", applies="DC")
async def test_unknown_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses CurrentDemandReq of another session, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 2)
    await unknown_session(dc_ev, secc)


@case("TC_SECC_DC_VTB_CurrentDemand_005", verifies="V2G2-443", applies="DC")
async def test_silence(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s after PowerDeliveryRes to start stops the session, and not before."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq")
    await silence(dc_ev, secc)


@case("TC_SECC_DC_VTB_CurrentDemand_006", verifies="15118-2#8.5.meter.secc V2G2-592", applies="DC and MeterInfo")
async def test_meter(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that tells its meter's reading tells one that grows with the energy that flows."""
    await dc_ev.plug_in(ress=STRONG, target_soc=100)
    await dc_ev.until("CurrentDemandReq")
    with requirement("V2G2-592", hard=True):
        first = await demand(dc_ev, HIGH, reached=near(HIGH))
    for _ in range(20):
        await dc_ev.until("CurrentDemandReq")
        last = await dc_ev.sends({"EVTargetCurrent": physical(HIGH, "A")})
    with requirement("15118-2#8.5.meter.secc"):
        assert first.MeterInfo.MeterID.exists
        assert first.MeterInfo.MeterID == last.MeterInfo.MeterID.value
        given = amount(first.EVSEPresentVoltage) * HIGH * (last.t - first.t) / 3600
        grown = last.MeterInfo.MeterReading.number() - first.MeterInfo.MeterReading.number()
        assert given / 2 - 1 <= grown <= given * 2 + 1, f"it has grown by {grown} Wh while {given:.1f} Wh flowed"


@case("V2X_SECC_DC_VTB_CurrentDemand_001", verifies="15118-2#8.7.4.limits.secc", applies="DC")
async def test_more_than_there_is(dc_ev: EvTester, secc: UnderTest) -> None:
    """Asked for more current than it has, an SECC gives no more than its limit, and says that a limit is reached."""
    await dc_ev.plug_in(ress=STRONG)
    await dc_ev.until("CurrentDemandReq")
    most = offered(secc).max_current_a
    with requirement("15118-2#8.7.4.limits.secc"):
        await demand_beyond(dc_ev, secc, most)


@case("V2X_SECC_DC_VTB_CurrentDemand_010", verifies="15118-2#8.7.4.limits.secc", applies="DC")
async def test_more_voltage_than_there_is(dc_ev: EvTester, secc: UnderTest) -> None:
    """Asked for more voltage than it has, an SECC answers OK, and gives no more than its limit."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq")
    most = offered(secc).max_voltage_v
    with requirement("15118-2#8.7.4.limits.secc"):
        for _ in range(3):
            target = {"EVTargetVoltage": physical(most + 100, "V"), "EVTargetCurrent": physical(LOW, "A")}
            answer = await granted(dc_ev, {**target})
            assert answer.session_id == dc_ev.session_id
            assert amount(answer.EVSEPresentVoltage) <= most * 1.02
            await dc_ev.until("CurrentDemandReq")


@case("V2X_SECC_DC_VTB_CurrentDemand_002", verifies="15118-2#8.5.2.optional.secc V2G2-592", applies="DC")
async def test_bare_demand(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC takes CurrentDemandReq with nothing but what must be in it."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 2)
    with requirement("15118-2#8.5.2.optional.secc", "V2G2-592"):
        await granted(dc_ev, {"EVTargetCurrent": physical(LOW, "A")}, without=NOTHING_BUT_TARGETS)
    await dc_ev.until("CurrentDemandReq")
    await only_its_own(dc_ev, "V2G2-592")


@case("V2X_SECC_DC_VTB_CurrentDemand_003", verifies="15118-2#8.5.emergency.secc V2G2-366", applies="DC")
async def test_emergency(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """In an emergency an SECC answers FAILED with EVSE_EmergencyShutdown, lets no current flow, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq")
    await emergency(dc_ev, secc, operator, ends="15118-2#8.5.emergency.secc", status="V2G2-366")


@case("V2X_SECC_DC_VTB_CurrentDemand_004", verifies=f"V2G2-691 {_OUT_OF_PLACE}", applies="DC")
async def test_receipt_that_nobody_wants(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that has asked for no receipt refuses MeteringReceiptReq."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 3)
    with requirement("V2G2-691"):
        assert not any(answer.ReceiptRequired.value for answer in secc.said("CurrentDemandRes"))
        assert len(secc.said("CurrentDemandRes")) >= 2
    await out_of_sequence(dc_ev, secc, "MeteringReceiptReq")


@case("V2X_SECC_DC_VTB_CurrentDemand_005", verifies="15118-2#8.7.4.limits.secc 15118-2#8.5.limits-told.secc", applies="DC")
async def test_less_than_before(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC that is given a lower limit while energy flows says so, and gives no more than that."""
    await dc_ev.plug_in(target_soc=100)
    await dc_ev.until("CurrentDemandReq")
    limit = HIGH - 3 * CURRENT_TOLERANCE
    with requirement("15118-2#8.7.4.limits.secc", hard=True):
        await demand(dc_ev, HIGH, reached=near(HIGH))
        await operator.set_limits(max_current_a=limit)
        await dc_ev.until("CurrentDemandReq")
        answer = await demand(dc_ev, HIGH, reached=near(limit))
    with requirement("15118-2#8.5.limits-told.secc"):
        told = answer.EVSEMaximumCurrentLimit
        assert not told.exists or amount(told) <= limit
        assert answer.EVSECurrentLimitAchieved


@case("V2X_SECC_DC_VTB_CurrentDemand_006", verifies="15118-2#8.5.notification.secc V2G2-570", applies="DC")
async def test_stop_at_the_evse(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """Stopped at the EVSE, an SECC asks the EV to stop, and lets it end the session in order."""
    await dc_ev.plug_in(target_soc=100)
    await dc_ev.until("CurrentDemandReq", 3)
    with requirement("15118-2#8.5.notification.secc", hard=True):
        answer = await dc_ev.sends()
        assert answer.code == "OK"
        assert answer.DC_EVSEStatus.EVSENotification == "None"
    await operator.notify("StopCharging")
    await dc_ev.until("CurrentDemandReq")
    with requirement("15118-2#8.5.notification.secc"):
        answer = await dc_ev.sends()
        assert answer.code == "OK"
        status = answer.DC_EVSEStatus
        assert status.EVSENotification.value == "StopCharging" or status.EVSEStatusCode == "EVSE_Shutdown"
    with requirement("V2G2-570"):
        await dc_ev.completes()
        assert secc.said("SessionStopRes")[-1].code == "OK"


@case(
    "V2X_SECC_DC_VTB_CurrentDemand_007",
    verifies="15118-2#8.5.notification.secc V2G2-813",
    applies="DC and Renegotiation",
)
async def test_renegotiation_that_the_evse_wants(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC whose schedules have changed asks the EV to renegotiate, and then offers the new ones."""
    await dc_ev.plug_in(target_soc=100)
    await dc_ev.until("CurrentDemandReq", 3)
    await operator.notify("ReNegotiation", max_delay_s=30)
    with requirement("15118-2#8.5.notification.secc", hard=True):
        answer = await dc_ev.sends()
        assert answer.code == "OK"
        assert answer.DC_EVSEStatus.EVSENotification == "ReNegotiation"
    await operator.notify("None")
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G2-813"):
        await granted(dc_ev)


@case("V2X_SECC_DC_VTB_CurrentDemand_008", verifies="V2G2-366", applies="DC")
async def test_status(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC tells what is the matter with its supply in the next response while energy flows."""
    await dc_ev.plug_in(target_soc=100)
    await dc_ev.until("CurrentDemandReq", 2)
    for status in ("EVSE_Ready", "EVSE_UtilityInterruptEvent", "EVSE_Shutdown"):
        await operator.set_status(status)
        with requirement("V2G2-366"):
            answer = await dc_ev.sends_other("CurrentDemandReq")
            assert answer.DC_EVSEStatus.EVSEStatusCode == status


@case("V2X_SECC_DC_VTB_CurrentDemand_009", verifies="15118-2#V2G_EVCC_Msg_Timeout", applies="DC")
async def test_answers_in_time(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC answers each of twenty CurrentDemandReq before the EV gives up, after 250 ms."""
    await dc_ev.plug_in(target_soc=100)
    with requirement("15118-2#V2G_EVCC_Msg_Timeout"):
        await demands_in_time(dc_ev, secc)
