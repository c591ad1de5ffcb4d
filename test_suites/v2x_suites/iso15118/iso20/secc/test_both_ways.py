"""Energy that flows back: when it does, how much, and when it must not."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.dc_charging import CURRENT_TOLERANCE
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.iso20.secc.steps import POWER_TOLERANCE, control_mode, rounds
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import amount, physical

_SIGN: Final = "15118-20#8.3.bpt.sign"
_DC: Final = "BPT_Dynamic_DC_CLReqControlMode"
_AC: Final = "BPT_Dynamic_AC_CLReqControlMode"


@case("TC20_SECC_DC_BPT_GoodCase_001", verifies=f"{_SIGN} V2G20-1600", applies="DC_BPT and Scheduled")
async def test_ev_gives_back(dc_ev: EvTester, secc: UnderTest) -> None:
    """An EV that demands a negative current gives one back, within the limits for it; answers are in the mode for both ways."""
    await dc_ev.plug_in(control="Scheduled", bidirectional=True, give_w=10_000.0)
    await dc_ev.until("DC_ChargeLoopReq")
    told = secc.said("DC_ChargeParameterDiscoveryRes")[-1]
    with requirement("V2G20-1600", hard=True):
        answers = await rounds(dc_ev, 8)
        for answer in answers:
            assert control_mode(answer, "Scheduled", both_ways=True).exists
    with requirement(_SIGN):
        most = amount(told.BPT_DC_CPDResEnergyTransferMode.EVSEMaximumDischargeCurrent)
        for answer in answers:
            assert amount(answer.EVSEPresentCurrent) >= -abs(most) - CURRENT_TOLERANCE
        assert amount(answers[-1].EVSEPresentCurrent) < -CURRENT_TOLERANCE


@case("TC20_SECC_DC_BPT_GoodCase_002", verifies=_SIGN, applies="DC_BPT and Dynamic and Limits")
async def test_evse_takes_back(dc_ev: EvTester, operator: SeccOperator) -> None:
    """An EVSE that wants energy back takes it within what the EV gives, and none of an EV that says it gives none."""
    await dc_ev.plug_in(control="Dynamic", bidirectional=True, target_soc=90)
    await dc_ev.until("DC_ChargeLoopReq")
    await operator.set_target_power(-10_000.0)
    gives = {f"{_DC}/EVMaximumDischargePower": physical(5_000), f"{_DC}/EVMaximumDischargeCurrent": physical(50)}
    with requirement(_SIGN):
        answers = await rounds(dc_ev, 8, gives)
        for answer in answers[-3:]:
            current = amount(answer.EVSEPresentCurrent)
            assert current < 0
            assert current * amount(answer.EVSEPresentVoltage) >= -5_000 - POWER_TOLERANCE
    keeps = {f"{_DC}/EVMaximumDischargePower": physical(0), f"{_DC}/EVMaximumDischargeCurrent": physical(0)}
    with requirement(_SIGN):
        for answer in (await rounds(dc_ev, 8, keeps))[-3:]:
            assert amount(answer.EVSEPresentCurrent) >= -1.0


@case("TC20_SECC_DC_Error_BPT_001", verifies=_SIGN, applies="DC and Scheduled")
async def test_nothing_flows_back(dc_ev: EvTester) -> None:
    """With the service for charging only an SECC takes no energy back, though the EV demands a negative current."""
    await dc_ev.plug_in(control="Scheduled")
    await dc_ev.until("DC_ChargeLoopReq", 3)
    with requirement(_SIGN):
        for _ in range(5):
            answer = await dc_ev.sends({"Scheduled_DC_CLReqControlMode/EVTargetCurrent": physical(-50)})
            assert amount(answer.EVSEPresentCurrent) >= -1.0
            if str(answer.code.value).startswith("FAILED"):
                # It may refuse such a demand as well.
                break
            await dc_ev.until("DC_ChargeLoopReq")


@case("TC20_SECC_AC_BPT_GoodCase_001", verifies=f"{_SIGN} V2G20-1600", applies="AC_BPT and Dynamic and Limits")
async def test_ac_evse_takes_back(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An EVSE that wants energy back sets a negative target within what the EV gives, and none for an EV that gives none."""
    await ac_ev.plug_in(control="Dynamic", bidirectional=True, max_discharge_w=4_000.0)
    await ac_ev.until("AC_ChargeLoopReq")
    await operator.set_target_power(-5_000.0)
    with requirement("V2G20-1600", hard=True):
        answers = await rounds(ac_ev, 5)
        for answer in answers:
            assert control_mode(answer, "Dynamic", both_ways=True).exists
    with requirement(_SIGN):
        target = amount(control_mode(answers[-1], "Dynamic", both_ways=True).EVSETargetActivePower)
        assert -4_000 - POWER_TOLERANCE <= target < 0
    with requirement(_SIGN):
        answers = await rounds(ac_ev, 3, {f"{_AC}/EVMaximumDischargePower": physical(0)})
        assert amount(control_mode(answers[-1], "Dynamic", both_ways=True).EVSETargetActivePower) >= 0


@case("TC20_SECC_AC_Error_BPT_001", verifies=_SIGN, applies="AC and Dynamic and Limits")
async def test_ac_nothing_flows_back(ac_ev: EvTester, operator: SeccOperator) -> None:
    """With the service for charging only an SECC sets no negative target, though its operator would like to."""
    await ac_ev.plug_in(control="Dynamic")
    await ac_ev.until("AC_ChargeLoopReq")
    await operator.set_target_power(-5_000.0)
    with requirement(_SIGN):
        for answer in await rounds(ac_ev, 5):
            assert amount(control_mode(answer, "Dynamic").EVSETargetActivePower) >= 0
