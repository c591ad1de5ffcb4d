"""Block F, remote control: transactions started and stopped from afar, connectors unlocked."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.remote import request_start
from v2x_suites.ocpp.v201.station.states import Session, events_of, transaction_of
from v2x_suites.ocpp.watch import Message


def charges(message: Message) -> bool:
    """Whether a message tells that energy flows."""
    return message.transactionInfo.chargingState.peek() == "Charging"


@case(
    "TC_F_01_CS",
    verifies="F01.FR.03 F01.FR.04 F01.FR.13 F01.FR.19 F01.FR.25",
    applies="not AQ-2 and (C-36 or C-39)",
)
@pytest.mark.configured({}, optional={"AuthCtrlr.DisableRemoteAuthorization": "false"})
async def test_remote_start_cable_first(ev_connected: None, station: StationUnderTest, csms: CsmsOperator, token: str) -> None:
    """An EV that waits is charged at the order of the CSMS, in the transaction that it has begun, if it has begun one."""
    known = {transaction_of(event) for event in station.sent("TransactionEvent")}
    with requirement("F01.FR.13"):
        start = await request_start(csms, token, 4101)
        assert start.status == "Accepted"
        assert not known or start.transactionId.is_in(*known)
    with requirement("F01.FR.03", "F01.FR.19", hard=True):
        event = await station.expect("TransactionEvent")
        assert event.triggerReason == "RemoteStart"
        assert not known or transaction_of(event) in known
    with requirement("F01.FR.25"):
        assert event.transactionInfo.remoteStartId == 4101
    with requirement("F01.FR.04"):
        charging = event if charges(event) else await station.expect_where(charges, "energy transfer")
        told = [e.idToken.idToken.peek() for e in events_of(station, transaction_of(charging)) if e.idToken.exists]
        assert told == [token], f"the transaction is told to be for {told}, not once for {token}"


@case(
    "TC_F_02_CS",
    verifies="F01.FR.01 F02.FR.01 F02.FR.05 F02.FR.09 F02.FR.21",
    applies="C-48.1 and (C-36 or C-39)",
)
@pytest.mark.configured({"AuthCtrlr.AuthorizeRemoteStart": "true"}, optional={"AuthCtrlr.DisableRemoteAuthorization": "false"})
async def test_remote_start_first_authorized(
    remembers_nothing: None, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, token: str
) -> None:
    """A station that authorizes remote starts asks the CSMS about a token that it does not know, and then charges."""
    start = await request_start(csms, token, 4201)
    with requirement("F01.FR.01", "F02.FR.09", hard=True):
        assert start.status == "Accepted"
        asked = await station.expect("Authorize")
        assert asked.n > start.n
        assert asked.idToken.idToken == token
    await _charges_from_afar(station, operator, token, 4201)


@case("TC_F_03_CS", verifies="F01.FR.02 F02.FR.01 F02.FR.05 F02.FR.10 F02.FR.21", applies="C-48.2 and (C-36 or C-39)")
@pytest.mark.configured({"AuthCtrlr.AuthorizeRemoteStart": "false"})
async def test_remote_start_first_unasked(
    remembers_nothing: None, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, token: str
) -> None:
    """A station that need not authorize remote starts charges without asking for the token first."""
    start = await request_start(csms, token, 4301)
    await _charges_from_afar(station, operator, token, 4301)
    with requirement("F01.FR.02", "F02.FR.10"):
        assert start.status == "Accepted"
        asked = [m for m in station.sent("Authorize") if m.n > start.n]
        assert not asked, "it asked for the token"


async def _charges_from_afar(station: StationUnderTest, operator: StationOperator, token: str, remote_start_id: int) -> None:
    """Let the driver connect, wherever the transaction begins, and judge what was told of it."""
    await station.calm()
    await operator.plug_in()
    with requirement("F02.FR.01", "F02.FR.21", hard=True):
        charging = await station.expect_where(charges, "energy transfer")
        first = events_of(station, transaction_of(charging))[0]
        assert first.eventType == "Started"
        assert first.triggerReason == "RemoteStart"
        assert first.transactionInfo.remoteStartId == remote_start_id
    with requirement("F02.FR.05"):
        assert first.idToken.idToken == token


@case("TC_F_04_CS", verifies="F02.FR.01 F02.FR.07", applies="C-09.2")
@pytest.mark.configured({"TxCtrlr.EVConnectionTimeOut": "10", "TxCtrlr.TxStartPoint": "Authorized"})
async def test_remote_start_without_cable(station: StationUnderTest, csms: CsmsOperator, token: str) -> None:
    """A transaction that was started from afar ends when no EV is connected in time."""
    with requirement("F02.FR.01", hard=True):
        start = await request_start(csms, token, 4401)
        assert start.status == "Accepted"
        started = await station.expect("TransactionEvent")
        assert started.transactionInfo.remoteStartId == 4401
    with requirement("F02.FR.07"):
        ended = await station.expect("TransactionEvent", within=10 + station.pixit.settle, eventType="Ended")
        assert transaction_of(ended) == transaction_of(started)
        assert ended.triggerReason == "EVConnectTimeout"
        assert ended.transactionInfo.stoppedReason == "Timeout"
        assert ended.t - started.t >= 9.0, "the EV was not given the time it has"


@case("TC_F_08_CS", verifies="F03.FR.02 F03.FR.03 F03.FR.07 F03.FR.09")
async def test_remote_stop(charging: Session, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator) -> None:
    """A transaction is stopped at the order of the CSMS, at once or when the EV goes, and tells so."""
    with requirement("F03.FR.07"):
        stop = await csms.call("RequestStopTransaction", transactionId=charging.transaction_id)
        assert stop.status == "Accepted"
    with requirement("F03.FR.09", hard=True):
        event = await station.expect("TransactionEvent")
        assert transaction_of(event) == charging.transaction_id
        assert event.triggerReason == "RemoteStop"
    await operator.unplug()
    with requirement("F03.FR.02", "F03.FR.03"):
        ended = event if event.eventType == "Ended" else await station.expect("TransactionEvent", eventType="Ended")
        assert transaction_of(ended) == charging.transaction_id
        assert ended.transactionInfo.stoppedReason == "Remote"


@case("TC_F_09_CS", verifies="F03.FR.08")
async def test_remote_stop_of_unknown(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """A remote stop of a transaction that is not is refused, and touches none that is."""
    with requirement("F03.FR.08"):
        stop = await csms.call("RequestStopTransaction", transactionId="V2X-NO-SUCH-TRANSACTION")
        assert stop.status == "Rejected"
        await station.stays_quiet("TransactionEvent", eventType="Ended")


@case("TC_F_05_CS", verifies="F05.FR.01 F05.FR.02", applies="HFS-1")
async def test_unlock_while_charging(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """A connector with which somebody charges is not unlocked, and the transaction goes on."""
    with requirement("F05.FR.01", "F05.FR.02"):
        answer = await csms.call("UnlockConnector", evseId=charging.evse, connectorId=1)
        assert answer.status == "OngoingAuthorizedTransaction"
        await station.stays_quiet("TransactionEvent", eventType="Ended")


@case("TC_F_06_CS", verifies="F05.FR.01 F05.FR.04", applies="HFS-1")
async def test_unlock_with_cable(ev_connected: None, csms: CsmsOperator) -> None:
    """A connector with a cable in it, with which nobody charges, is unlocked."""
    with requirement("F05.FR.01", "F05.FR.04"):
        answer = await csms.call("UnlockConnector", evseId=1, connectorId=1)
        assert answer.status == "Unlocked"


@case("TC_F_07_CS", verifies="F05.FR.03 F05.FR.06", applies="HFS-1")
async def test_unlock_without_cable(csms: CsmsOperator) -> None:
    """A connector without a cable is unlocked as well, unlike one that there is not."""
    with requirement("F05.FR.06"):
        answer = await csms.call("UnlockConnector", evseId=1, connectorId=1)
        assert answer.status == "Unlocked"
    with requirement("F05.FR.03"):
        unknown = await csms.call("UnlockConnector", evseId=999, connectorId=1)
        assert unknown.status == "UnknownConnector"


@case("TC_F_10_CS", verifies="F05.FR.03", applies="HFS-1")
async def test_unlock_of_unknown(csms: CsmsOperator) -> None:
    """A connector that there is not cannot be unlocked."""
    with requirement("F05.FR.03"):
        answer = await csms.call("UnlockConnector", evseId=1, connectorId=999)
        assert answer.status == "UnknownConnector"
