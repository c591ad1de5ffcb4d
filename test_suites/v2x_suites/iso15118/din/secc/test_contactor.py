"""What an EVSE cannot do: an output that cannot be connected."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.contactors import is_welded, repaired, stays_open
from v2x_suites.iso15118.din.secc import case
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest

_ANEW: Final = "DIN70121#session.anew"
_CONTACTOR: Final = "DIN70121#PowerDelivery.contactor"


@case("TC_DIN_SECC_Contactor_001", verifies=f"{_CONTACTOR} V2G-DC-116 {_ANEW}", applies="ContactorFault")
async def test_contactor_stays_open(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC whose output cannot be connected refuses to deliver energy, and gives it when it can again."""
    codes = ("FAILED_PowerDeliveryNotApplied", "FAILED")
    await stays_open(dc_ev, operator, (_CONTACTOR,), *codes)
    with requirement("V2G-DC-116"):
        secc.from_now()
        await secc.closes()
    await repaired(dc_ev, operator, _ANEW)


@case("TC_DIN_SECC_Contactor_002", verifies=_CONTACTOR, applies="ContactorFault")
async def test_contactor_is_welded(dc_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC whose output cannot be disconnected any more does not say that it has been."""
    await is_welded(dc_ev, operator, "CurrentDemandReq", _CONTACTOR)
