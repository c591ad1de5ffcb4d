"""What an EVSE cannot do: a contactor that does not close or open, a supply that is broken, an emergency."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.contactors import is_welded, repaired, stays_open
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.iso20.secc.steps import FAILED_ENDS, refuses, rounds
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest

_ANEW: Final = "15118-20#session.anew"
_CONTACTOR: Final = "15118-20#8.3.contactor.secc"
_EMERGENCY: Final = "15118-20#8.5.emergency.secc"
_CODES: Final = ("FAILED_ContactorError", "FAILED_PowerDeliveryNotApplied")


async def _ends(secc: UnderTest) -> None:
    """See that a failure is the end of the session."""
    secc.from_now()
    with requirement(FAILED_ENDS):
        await secc.closes()


@case("TC20_SECC_AC_Error_Contactor_001", verifies=f"{_CONTACTOR} {FAILED_ENDS} {_ANEW}", applies="AC and ContactorFault")
async def test_ac_contactor_stays_open(ac_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC whose AC contactor does not close says so, ends the session, and gives energy when it does again."""
    await stays_open(ac_ev, operator, (_CONTACTOR,), *_CODES)
    await _ends(secc)
    await repaired(ac_ev, operator, _ANEW)


@case("TC20_SECC_DC_Error_Contactor_001", verifies=f"{_CONTACTOR} {FAILED_ENDS}", applies="DC and ContactorFault")
async def test_dc_contactor_stays_open(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC whose DC output cannot be connected says so, and ends the session."""
    await stays_open(dc_ev, operator, (_CONTACTOR,), *_CODES)
    await _ends(secc)


@case("TC20_SECC_AC_Error_Contactor_002", verifies=_CONTACTOR, applies="AC and ContactorFault")
async def test_ac_contactor_is_welded(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC whose AC contactor does not open any more does not say that it has."""
    await is_welded(ac_ev, operator, "AC_ChargeLoopReq", _CONTACTOR)


@case("TC20_SECC_DC_Error_010", verifies=f"15118-20#8.3.not-applied.secc {FAILED_ENDS}", applies="DC and EvseFault")
async def test_dc_supply_is_broken(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC whose supply has a malfunction refuses to deliver energy, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    await operator.set_status("EVSE_Malfunction")
    await refuses(dc_ev, secc, ("15118-20#8.3.not-applied.secc",), "FAILED_PowerDeliveryNotApplied")


@case("TC20_SECC_DC_Error_011", verifies=_EMERGENCY, applies="DC and EmergencyStop and Measured")
async def test_dc_emergency(dc_ev: EvTester, operator: SeccOperator) -> None:
    """In an emergency an SECC lets no current flow any more, and has the session end: by a failure or by Terminate."""
    await dc_ev.plug_in()
    await dc_ev.until("DC_ChargeLoopReq")
    await rounds(dc_ev, 4)
    with requirement(_EMERGENCY):
        assert dc_ev.output.current_a > 1
    await operator.set_status("EVSE_EmergencyShutdown")
    with requirement(_EMERGENCY):
        answer = await dc_ev.sends()
        assert answer.name == "DC_ChargeLoopRes"
        assert dc_ev.output.current_a == 0
        assert str(answer.code.value).startswith("FAILED") or answer.EVSEStatus.EVSENotification == "Terminate"
