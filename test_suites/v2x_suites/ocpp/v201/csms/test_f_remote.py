"""Block F, remote control."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v201.csms import case
from v2x_suites.ocpp.v201.csms.states import Session, id_token


@case("TC_F_01_CSMS", verifies="OCPP-2.0.1#F01 E02.FR.02")
async def test_remote_start_cable_first(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor, token: str) -> None:
    """A CSMS starts a transaction from afar for the EVSE where a cable is plugged, and takes its events."""
    await booted.plug_in()
    with requirement("OCPP-2.0.1#F01", hard=True):
        start = await operator.send("RequestStartTransaction", remoteStartId=815, evseId=1, idToken=id_token(token))
        assert start.idToken.idToken == token
        assert start.remoteStartId.exists
        assert start.evseId == 1
    event = await booted.sends("TransactionEvent", where=lambda m: m.transactionInfo.remoteStartId.exists)
    with requirement("E02.FR.02"):
        answer = await csms.answer(event)
        assert answer.idTokenInfo.status == "Accepted"


@case("TC_E_21_CSMS", verifies="F03.FR.01 J02.FR.19")
async def test_remote_stop(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor, charging: Session) -> None:
    """A CSMS that is asked to stop a transaction asks the station to stop that one, and takes its end."""
    with requirement("F03.FR.01", hard=True):
        stop = await operator.send("RequestStopTransaction", transactionId=charging.transaction_id)
        assert stop.transactionId == charging.transaction_id
    stopped = await booted.sends("TransactionEvent", triggerReason="RemoteStop")
    with requirement("J02.FR.19"):
        answer = await csms.answer(stopped)
        assert not answer.is_error


@case("TC_F_06_CSMS", verifies="OCPP-2.0.1#F05")
async def test_unlock(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that is asked to unlock a connector names that connector."""
    with requirement("OCPP-2.0.1#F05"):
        unlock = await operator.send("UnlockConnector", evseId=1, connectorId=1)
        assert unlock.evseId == 1
        assert unlock.connectorId == 1


@case("TC_F_20_CSMS", verifies="F06.FR.01 G02.FR.03")
async def test_trigger_heartbeat(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that wants a Heartbeat names it, and answers it when it comes."""
    with requirement("F06.FR.01", hard=True):
        trigger = await operator.send("TriggerMessage", requestedMessage="Heartbeat")
        assert trigger.requestedMessage == "Heartbeat"
    beat = await booted.sends("Heartbeat")
    with requirement("G02.FR.03"):
        answer = await csms.answer(beat)
        assert answer.currentTime.exists


@case("TC_F_23_CSMS", verifies="F06.FR.01 F06.FR.13")
async def test_trigger_status(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that wants the status of a connector names EVSE and connector."""
    with requirement("F06.FR.01", hard=True):
        wanted: Json = {"id": 1, "connectorId": 1}
        trigger = await operator.send("TriggerMessage", requestedMessage="StatusNotification", evse=wanted)
        assert trigger.requestedMessage == "StatusNotification"
    with requirement("F06.FR.13"):
        assert trigger.evse.connectorId == 1
