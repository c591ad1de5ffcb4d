"""DC charging, scheduled and dynamic, with an SECC that is good."""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.evcc import Wish
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.dc_charging import CURRENT_TOLERANCE, STRONG
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.iso20.secc.steps import (
    DC_LIMITS,
    charges,
    control_mode,
    counts,
    for_a_day,
    planned,
    plans,
    rounds,
    sensible_soc,
    within,
)
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical

LOOP: Final = "DC_ChargeLoopReq"
_TARGET: Final = "Scheduled_DC_CLReqControlMode/EVTargetCurrent"


def discovered(secc: UnderTest) -> Message:
    """Return what the EVSE has told of itself before energy flows."""
    return secc.said("DC_ChargeParameterDiscoveryRes")[-1]


@case("TC20_SECC_DC_GoodCase_Scheduled_001", verifies="V2G20-1563 V2G20-1600 V2G20-2654 V2G20-1632", applies="DC and Scheduled")
async def test_scheduled(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC plans for a day, charges in scheduled control with no more than it said at first, and ends the session."""
    await dc_ev.plug_in(control="Scheduled")
    await dc_ev.until("ScheduleExchangeReq")
    plan = await plans(dc_ev, "Scheduled")
    with requirement("V2G20-1563"):
        for_a_day(plan)
    await dc_ev.until(LOOP)
    answers = await charges(dc_ev, "Scheduled")
    with requirement("V2G20-2654"):
        for answer in answers:
            within(control_mode(answer, "Scheduled"), discovered(secc).DC_CPDResEnergyTransferMode, DC_LIMITS)
    dc_ev.driver.wish = Wish.STOP
    await dc_ev.until("SessionStopReq")
    with requirement("V2G20-1632"):
        answer = await granted(dc_ev)
        assert answer.session_id == dc_ev.session_id


@case("TC20_SECC_DC_GoodCase_Scheduled_002", verifies="V2G20-2188", applies="DC and Scheduled")
async def test_more_than_there_is(dc_ev: EvTester, secc: UnderTest) -> None:
    """Asked for more current than it said that it can, an SECC goes on with no more than that."""
    await dc_ev.plug_in(control="Scheduled", ress=STRONG)
    await dc_ev.until(LOOP)
    most = amount(discovered(secc).DC_CPDResEnergyTransferMode.EVSEMaximumChargeCurrent)
    with requirement("V2G20-2188"):
        for answer in await rounds(dc_ev, 8, {_TARGET: physical(2 * most, exponent=-1)}):
            assert amount(answer.EVSEPresentCurrent) <= most + CURRENT_TOLERANCE


@case("TC20_SECC_DC_GoodCase_Scheduled_003", verifies="V2G20-2188 V2G20-2654", applies="DC and Scheduled and Limits")
async def test_less_than_there_was(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """Limited while energy flows, an SECC tells its lower limit, and goes on with no more than that."""
    await dc_ev.plug_in(control="Scheduled", ress=STRONG)
    await dc_ev.until(LOOP)
    await rounds(dc_ev, 3, {_TARGET: physical(100)})
    await operator.set_limits(max_current_a=40.0)
    with requirement("V2G20-2188", "V2G20-2654", hard=True):
        answers = await rounds(dc_ev, 12, {_TARGET: physical(100)})
    with requirement("V2G20-2654"):
        told = control_mode(answers[-1], "Scheduled")
        assert not told.EVSEMaximumChargeCurrent.exists or amount(told.EVSEMaximumChargeCurrent) <= 40.0
        within(told, discovered(secc).DC_CPDResEnergyTransferMode, DC_LIMITS)
    with requirement("V2G20-2188"):
        for answer in answers[-3:]:
            assert amount(answer.EVSEPresentCurrent) <= 40.0 + CURRENT_TOLERANCE


@case("TC20_SECC_DC_GoodCase_Dynamic_001", verifies="V2G20-1600 V2G20-2654 V2G20-1640", applies="DC and Dynamic")
async def test_dynamic(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that was asked to decide answers in dynamic control, with no more than it said at first."""
    await dc_ev.plug_in(control="Dynamic")
    await dc_ev.until("ScheduleExchangeReq")
    plan = await plans(dc_ev, "Dynamic")
    await dc_ev.until(LOOP)
    answers = await charges(dc_ev, "Dynamic")
    with requirement("V2G20-2654"):
        for answer in answers:
            within(control_mode(answer, "Dynamic"), discovered(secc).DC_CPDResEnergyTransferMode, DC_LIMITS)
    with requirement("V2G20-1640"):
        sensible_soc(plan.Dynamic_SEResControlMode)
        for answer in answers:
            sensible_soc(control_mode(answer, "Dynamic"))


@case("TC20_SECC_DC_GoodCase_MeterInfo_001", verifies="V2G20-1082", applies="DC and MeterInfo")
async def test_meter(dc_ev: EvTester) -> None:
    """Each time it is asked for it an SECC tells its meter's register, which does not fall."""
    await dc_ev.plug_in()
    await dc_ev.until(LOOP)
    with requirement("V2G20-1082"):
        await counts(dc_ev)


@case(
    "TC20_SECC_DC_GoodCase_ScheduleRenegotiation_001",
    verifies="V2G20-1563 V2G20-1600",
    applies="DC and Scheduled and Renegotiation",
)
async def test_another_schedule(dc_ev: EvTester) -> None:
    """Asked for another schedule while energy flows, an SECC plans anew, and goes on charging."""
    await dc_ev.plug_in(control="Scheduled")
    await dc_ev.until(LOOP, 2)
    dc_ev.driver.wish = Wish.RENEGOTIATE
    await dc_ev.until("ScheduleExchangeReq")
    with requirement("V2G20-1600", hard=True):
        plan = await planned(dc_ev)
        assert plan.Scheduled_SEResControlMode.exists
    with requirement("V2G20-1563"):
        for_a_day(plan)
    await dc_ev.until(LOOP)
    with requirement("V2G20-1600"):
        for answer in await rounds(dc_ev, 3):
            assert control_mode(answer, "Scheduled").exists


@case(
    "TC20_SECC_DC_GoodCase_NoChargeParameterAvailable_001",
    verifies="15118-20#8.3.schedules-pending.secc V2G20-1600",
    applies="DC and Scheduled and SchedulesLater",
)
async def test_schedules_take_time(dc_ev: EvTester, operator: SeccOperator) -> None:
    """As long as it has no schedules an SECC answers OK and Ongoing and takes ScheduleExchangeReq again, then Finished."""
    await dc_ev.plug_in(control="Scheduled")
    await operator.set_schedules(seconds=3.0)
    await dc_ev.until("ScheduleExchangeReq")
    with requirement("15118-20#8.3.schedules-pending.secc", hard=True):
        answer = await granted(dc_ev)
        assert answer.EVSEProcessing == "Ongoing"
        await dc_ev.until("ScheduleExchangeReq")
        plan = await planned(dc_ev)
        assert plan.EVSEProcessing == "Finished"
    with requirement("V2G20-1600"):
        assert plan.Scheduled_SEResControlMode.exists


@case("TC20_SECC_DC_GoodCase_Terminate_001", verifies="15118-20#8.3.notification.secc", applies="DC and LocalStop")
async def test_operator_stops(dc_ev: EvTester, operator: SeccOperator) -> None:
    """Stopped by its operator, an SECC asks the EV for an end within some time, and goes on answering until then."""
    await dc_ev.plug_in()
    await dc_ev.until(LOOP, 3)
    await operator.notify("StopCharging", 10)
    with requirement("15118-20#8.3.notification.secc"):
        for _ in range(5):
            answer = await dc_ev.sends()
            assert answer.code == "OK"
            if answer.EVSEStatus.exists:
                break
            await dc_ev.until(LOOP)
        assert answer.EVSEStatus.EVSENotification == "Terminate"
        assert answer.EVSEStatus.NotificationMaxDelay >= 0
        # Our EVCC hears of it, and ends.
        await dc_ev.until("SessionStopReq")
        answer = await dc_ev.sends()
        assert answer.code == "OK"


@case("TC20_SECC_DC_GoodCase_Standby_001", verifies="15118-20#8.3.standby.secc", applies="DC")
async def test_standby(dc_ev: EvTester) -> None:
    """Asked for standby an SECC goes on without energy, or warns that it does not, and lets the EV charge on."""
    await dc_ev.plug_in()
    await dc_ev.until(LOOP, 3)
    dc_ev.driver.wish = Wish.STANDBY
    await dc_ev.until("PowerDeliveryReq")
    with requirement("15118-20#8.3.standby.secc", hard=True):
        answer = await dc_ev.sends()
        assert answer.name == "PowerDeliveryRes"
        assert answer.code.is_in("OK", "WARNING_StandbyNotAllowed")
        allowed = answer.code == "OK"
    await dc_ev.until(LOOP)
    with requirement("15118-20#8.3.standby.secc", hard=True):
        for answer in await rounds(dc_ev, 5):
            assert not allowed or abs(amount(answer.EVSEPresentCurrent)) <= CURRENT_TOLERANCE
    dc_ev.driver.wish = Wish.CHARGE
    await dc_ev.until(LOOP, 2)
    with requirement("15118-20#8.3.standby.secc"):
        answers = await rounds(dc_ev, 4)
        assert amount(answers[-1].EVSEPresentCurrent) > CURRENT_TOLERANCE, "no energy flows after standby"
