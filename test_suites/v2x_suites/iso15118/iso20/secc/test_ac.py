"""AC charging, scheduled and dynamic: what a good SECC tells, and what it must refuse."""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.evcc import Wish
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.iso20.secc.steps import (
    FAILED_ENDS,
    NO_SCHEDULE,
    POWER_TOLERANCE,
    TOO_MUCH,
    charges,
    control_mode,
    counts,
    for_a_day,
    of_another_session,
    out_of_place,
    plans,
    refuses,
)
from v2x_suites.iso15118.refusals import other_than
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import UnderTest
from v2x_suites.iso15118.watch import amount, physical

LOOP: Final = "AC_ChargeLoopReq"
_SEQUENCE: Final = f"V2G20-459 {FAILED_ENDS}"
_PHASES: Final = ("", "_L2", "_L3")


@case("TC20_SECC_AC_GoodCase_Scheduled_001", verifies="V2G20-1563 V2G20-1600 V2G20-1632", applies="AC and Scheduled")
async def test_scheduled(ac_ev: EvTester) -> None:
    """An SECC plans for a day, answers in scheduled control while the EV charges, and ends the session."""
    await ac_ev.plug_in(control="Scheduled")
    await ac_ev.until("ScheduleExchangeReq")
    plan = await plans(ac_ev, "Scheduled")
    with requirement("V2G20-1563"):
        for_a_day(plan)
    await ac_ev.until(LOOP)
    await charges(ac_ev, "Scheduled")
    ac_ev.driver.wish = Wish.STOP
    await ac_ev.until("SessionStopReq")
    with requirement("V2G20-1632"):
        answer = await granted(ac_ev)
        assert answer.session_id == ac_ev.session_id


@case("TC20_SECC_AC_GoodCase_Dynamic_001", verifies="V2G20-1822 V2G20-1817 V2G20-1600", applies="AC and Dynamic")
async def test_dynamic(ac_ev: EvTester, secc: UnderTest) -> None:
    """To an EV without values for L2 and L3 an SECC tells one target for all phases, within what it said at first."""
    await ac_ev.plug_in(control="Dynamic")
    await ac_ev.until(LOOP)
    told = secc.said("AC_ChargeParameterDiscoveryRes")[-1].AC_CPDResEnergyTransferMode
    answers = await charges(ac_ev, "Dynamic")
    with requirement("V2G20-1822"):
        for name in ("EVSEMaximumChargePower", "EVSEMinimumChargePower"):
            assert not told[f"{name}_L2"].exists
            assert not told[f"{name}_L3"].exists
        for answer in answers:
            assert not control_mode(answer, "Dynamic").EVSETargetActivePower_L2.exists
            assert not control_mode(answer, "Dynamic").EVSETargetActivePower_L3.exists
    with requirement("V2G20-1817"):
        most = sum(amount(told[f"EVSEMaximumChargePower{each}"]) for each in _PHASES if told[f"EVSEMaximumChargePower{each}"])
        for answer in answers:
            assert amount(control_mode(answer, "Dynamic").EVSETargetActivePower) <= most + POWER_TOLERANCE


@case("TC20_SECC_AC_GoodCase_MeterInfo_001", verifies="V2G20-1082", applies="AC and MeterInfo")
async def test_meter(ac_ev: EvTester) -> None:
    """Each time it is asked for it an SECC tells its meter's register, which does not fall."""
    await ac_ev.plug_in()
    await ac_ev.until(LOOP)
    with requirement("V2G20-1082"):
        await counts(ac_ev)


@case("TC20_SECC_AC_Error_001", verifies=f"V2G20-1619 {FAILED_ENDS}", applies="AC")
async def test_negative_power(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses an EV whose greatest charging power is negative, and ends the session."""
    await ac_ev.plug_in()
    await ac_ev.until("AC_ChargeParameterDiscoveryReq")
    change = {"AC_CPDReqEnergyTransferMode/EVMaximumChargePower": physical(-11_000)}
    await refuses(ac_ev, secc, ("V2G20-1619",), "FAILED_WrongChargeParameter", change)


@case("TC20_SECC_AC_Error_002", verifies=_SEQUENCE, applies="AC")
async def test_energy_without_a_schedule(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that waits for ScheduleExchangeReq refuses PowerDeliveryReq, and ends the session."""
    await ac_ev.plug_in()
    await ac_ev.until("ScheduleExchangeReq")
    await out_of_place(ac_ev, secc, "PowerDeliveryReq")


@case("TC20_SECC_AC_Error_003", verifies=f"V2G20-460 {FAILED_ENDS}", applies="AC")
async def test_another_session_in_the_loop(ac_ev: EvTester, secc: UnderTest) -> None:
    """In the charge loop an SECC refuses a request of another session, and ends its own."""
    await ac_ev.plug_in()
    await ac_ev.until(LOOP, 2)
    await of_another_session(ac_ev, secc, other_than(ac_ev.session_id))


@case("TC20_SECC_AC_Error_Scheduled_001", verifies=f"V2G20-479 {FAILED_ENDS}", applies="AC and Scheduled")
async def test_unknown_schedule(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a schedule that it does not offer, and ends the session."""
    await ac_ev.plug_in(control="Scheduled")
    await ac_ev.until("PowerDeliveryReq")
    await refuses(ac_ev, secc, ("V2G20-479",), "FAILED_ScheduleSelectionInvalid", NO_SCHEDULE)


@case("TC20_SECC_AC_Error_Scheduled_002", verifies=f"V2G20-478 {FAILED_ENDS}", applies="AC and Scheduled")
async def test_too_much_power(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a power profile that exceeds the schedule, and ends the session."""
    await ac_ev.plug_in(control="Scheduled")
    await ac_ev.until("PowerDeliveryReq")
    await refuses(ac_ev, secc, ("V2G20-478",), "FAILED_EVPowerProfileInvalid", TOO_MUCH)
