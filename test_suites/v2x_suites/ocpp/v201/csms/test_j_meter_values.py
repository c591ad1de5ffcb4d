"""Block J, meter values."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v201.csms import case
from v2x_suites.ocpp.v201.csms.states import Session


@case("TC_J_01_CSMS", verifies="J01.FR.18")
async def test_meter_values_without_transaction(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS answers the meter values that it has asked for."""
    await operator.send("TriggerMessage", requestedMessage="MeterValues", evse={"id": 1})
    values = await booted.sends("MeterValues")
    with requirement("J01.FR.18"):
        answer = await csms.answer(values)
        assert not answer.is_error
        assert answer.payload == {}


@case("TC_J_09_CSMS", verifies="J02.FR.19")
async def test_sampled_meter_values(csms: CsmsUnderTest, booted: StationActor, charging: Session) -> None:
    """A CSMS answers each TransactionEvent that brings meter values, and invents no other transaction for it."""
    await booted.ev_suspend()
    event = await booted.sends(
        "TransactionEvent", where=lambda m: m.transactionInfo.transactionId.peek() == charging.transaction_id
    )
    with requirement("J02.FR.19"):
        answer = await csms.answer(event)
        assert not answer.is_error
