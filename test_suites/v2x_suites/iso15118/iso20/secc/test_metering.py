"""The meter's register, which an EV is asked to confirm beside the charge loop."""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.v2gtp import PayloadType
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.iso20.secc.steps import FAILED_ENDS, notified, refuses
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest

_ASIDE: Final = "15118-20#7.8.side-streams.secc"


async def _is_confirmed(ev: EvTester, operator: SeccOperator, energy: str) -> None:
    """Have the SECC ask for a confirmation, give it, and see that the charge loop goes on."""
    loop = f"{energy}_ChargeLoopReq"
    await ev.plug_in()
    await ev.until(loop, 3)
    await operator.notify("MeteringConfirmation", 10)
    with requirement("V2G20-1083", hard=True):
        asked = await notified(ev, loop, "MeteringConfirmation")
        assert asked.MeterInfo.ChargedEnergyReadingWh.exists
    await ev.until("MeteringConfirmationReq")
    with requirement(_ASIDE, hard=True):
        answer = await ev.sends()
        assert answer.name == "MeteringConfirmationRes"
        assert answer.v2gtp["payload_type"] == PayloadType.METERING_CONFIRMATION
        assert answer.code == "OK"
        assert answer.session_id == ev.session_id
    await ev.until(loop)
    with requirement(_ASIDE):
        answer = await ev.sends()
        assert answer.name == f"{energy}_ChargeLoopRes"
        assert answer.code == "OK"


@case(
    "TC20_SECC_DC_GoodCase_MeteringConfirmation_001",
    verifies=f"V2G20-1083 {_ASIDE}",
    applies="DC and MeterInfo and MeteringConfirmation",
)
async def test_dc_confirmation(dc_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC that wants its DC meter confirmed tells the register, takes the word beside the loop, and goes on with it."""
    await _is_confirmed(dc_ev, operator, "DC")


@case(
    "TC20_SECC_AC_GoodCase_MeteringConfirmation_001",
    verifies=f"V2G20-1083 {_ASIDE}",
    applies="AC and MeterInfo and MeteringConfirmation",
)
async def test_ac_confirmation(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC that wants its AC meter confirmed tells the register, takes the word beside the loop, and goes on with it."""
    await _is_confirmed(ac_ev, operator, "AC")


@case(
    "TC20_SECC_DC_Error_MeteringConfirmation_001",
    verifies=f"V2G20-460 {FAILED_ENDS}",
    applies="DC and MeterInfo and MeteringConfirmation",
)
async def test_confirmation_of_another_session(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC refuses the confirmation of its meter by another session, and ends its own."""
    await dc_ev.plug_in()
    await dc_ev.until("DC_ChargeLoopReq", 3)
    await operator.notify("MeteringConfirmation", 10)
    await dc_ev.until("MeteringConfirmationReq")
    await refuses(dc_ev, secc, ("V2G20-460",), "FAILED_UnknownSession", {"/Header/SessionID": "00000000000000F5"})
