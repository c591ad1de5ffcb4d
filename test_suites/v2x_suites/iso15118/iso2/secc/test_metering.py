"""Receipts for the meter, which belong to contracts."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.refusals import SEQUENCE_ERROR, out_of_sequence
from v2x_suites.iso15118.under_test import UnderTest

_OUT_OF_PLACE: Final = " ".join(SEQUENCE_ERROR["2"])


@case("V2X_SECC_AC_VTB_MeteringReceipt_001", verifies=f"V2G2-691 {_OUT_OF_PLACE}", applies="AC")
async def test_receipt_that_nobody_wanted(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that has asked for no receipt of AC refuses MeteringReceiptReq, and ends the session."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 3)
    with requirement("V2G2-691"):
        told = secc.said("ChargingStatusRes")
        assert len(told) >= 2
        assert not any(answer.ReceiptRequired.value for answer in told)
    await out_of_sequence(ac_ev, secc, "MeteringReceiptReq")
