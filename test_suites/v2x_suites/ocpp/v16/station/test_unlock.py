"""Core profile: connectors unlocked by order of the central system."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import Session


@case("TC_017_1_CS", verifies="OCPP-1.6#5.18.answer", applies="ConnectorLock")
async def test_unlock_without_transaction(ev_connected: None, csms: CsmsOperator) -> None:
    """A connector where nobody charges is unlocked."""
    with requirement("OCPP-1.6#5.18.answer"):
        answer = await csms.call("UnlockConnector", connectorId=1)
        assert answer.status == "Unlocked"


@case("TC_018_1_CS", verifies="OCPP-1.6#5.18.answer OCPP-1.6#5.18.stop OCPP-1.6#4.10.reason", applies="ConnectorLock")
async def test_unlock_while_charging(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """Unlocking a connector where somebody charges ends the transaction first."""
    with requirement("OCPP-1.6#5.18.answer"):
        answer = await csms.call("UnlockConnector", connectorId=charging.connector)
        assert answer.status == "Unlocked"
    with requirement("OCPP-1.6#5.18.stop", hard=True):
        stop = await station.expect("StopTransaction")
        assert stop.transactionId == charging.transaction_id
    with requirement("OCPP-1.6#4.10.reason"):
        assert stop.reason == "UnlockCommand"


@case("TC_030_CS", verifies="OCPP-1.6#5.18.failure", applies="ConnectorLock and LockDetection")
async def test_unlock_failure(ev_connected: None, operator: StationOperator, csms: CsmsOperator) -> None:
    """A connector whose lock is jammed is told not to be unlocked."""
    await operator.do("jam_lock", evse=1, connector=1, jammed=True)
    with requirement("OCPP-1.6#5.18.failure"):
        answer = await csms.call("UnlockConnector", connectorId=1)
        assert answer.status == "UnlockFailed"


@case("TC_031_CS", verifies="OCPP-1.6#5.18.unknown")
async def test_unlock_unknown_connector(station: StationUnderTest, csms: CsmsOperator) -> None:
    """A connector that there is not cannot be unlocked: NotSupported."""
    with requirement("OCPP-1.6#5.18.unknown"):
        answer = await csms.call("UnlockConnector", connectorId=len(station.connectors) + 1)
        assert answer.status == "NotSupported"
