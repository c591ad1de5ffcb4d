"""Block E, transactions: EVs that speak ISO 15118 and end their sessions (E15)."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.speaking import plug_in_speaking
from v2x_suites.ocpp.watch import Message

_SOC = 40.0
# How long an EV may take to charge a little, and to end its session (s).
_SOON = 300.0


async def _authorization_ends(station: StationUnderTest, operator: StationOperator, token: str) -> Message:
    """Have an EV charge a little and end its session; return the TransactionEvent that tells the end of authorization.

    Raises:
        NotSeen: it does not come.
    """
    await plug_in_speaking(station, operator, evcc={"target_soc": _SOC + 0.2}, soc=_SOC)
    await operator.present_token(token)
    event = await station.expect("TransactionEvent", within=_SOON, triggerReason="StopAuthorized")
    assert event.transactionInfo.chargingState.is_in("EVConnected", None)
    return event


@case("TC_E_46_CS", verifies="E15.FR.04", applies="ISO15118")
@pytest.mark.configured({"TxCtrlr.TxStopPoint": "Authorized"})
async def test_ev_ends_the_transaction(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """An EV that ends its session ends the authorization, and with it the transaction where that is to stop it."""
    with requirement("E15.FR.04"):
        event = await _authorization_ends(station, operator, token)
        assert event.eventType == "Ended"
        assert event.transactionInfo.stoppedReason == "StoppedByEV"


@case("V2X_E46_UPDATED_CS", verifies="E15.FR.05", applies="ISO15118")
@pytest.mark.configured({"TxCtrlr.TxStopPoint": "EVConnected"})
async def test_ev_ends_the_authorization_alone(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """An EV that ends its session ends the authorization; the transaction goes on until the EV is gone, if that is to stop it."""
    with requirement("E15.FR.05"):
        event = await _authorization_ends(station, operator, token)
        assert event.eventType == "Updated"
