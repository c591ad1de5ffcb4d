"""Receipts for the meter, which belong to contracts."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement
from v2x_harness.events import LinkEvent

from v2x_suites.iso15118.evcc_steps import reach
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest

_NO_RECEIPT: Final = "15118-2#MeteringReceipt.external.evcc"


async def _signs_nothing(se: SeTester, driver: EvccOperator, evcc: UnderTest, loop: str) -> None:
    """Want a receipt of an EVCC that pays by external means, and see that it goes on without, or ends."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, f"{loop}Res", 3)
    paid = evcc.said("PaymentServiceSelectionReq")[-1].SelectedPaymentOption
    se.put({"ReceiptRequired": True})
    with requirement(_NO_RECEIPT):
        assert paid == "ExternalPayment"
        did = await evcc.then()
        if isinstance(did, LinkEvent):
            assert did.by == "evcc"
        else:
            assert did.name in (f"{loop}Req", "PowerDeliveryReq", "SessionStopReq")
            assert did.session_id == se.session_id


@case("V2X_EVCC_AC_VTB_MeteringReceipt_001", verifies=_NO_RECEIPT, applies="AC")
async def test_ac_receipt(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is asked for a receipt of AC though it has no contract gives none: it charges on, or ends."""
    await _signs_nothing(ac_se, driver, evcc, "ChargingStatus")


@case("V2X_EVCC_DC_VTB_MeteringReceipt_001", verifies=_NO_RECEIPT, applies="DC")
async def test_dc_receipt(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is asked for a receipt of DC though it has no contract gives none: it charges on, or ends."""
    await _signs_nothing(dc_se, driver, evcc, "CurrentDemand")
