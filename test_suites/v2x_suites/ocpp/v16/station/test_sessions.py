"""Core profile: charging sessions, from the plug and the idTag to the end of the transaction."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import StationOperator
from v2x_suites.ocpp.states import Tokens
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import Session, start_session, status_is, told
from v2x_suites.ocpp.watch import Message

_TIMEOUT = 15


@case(
    "TC_003_CS",
    verifies="OCPP-1.6#4.9.change OCPP-1.6#4.1.authorize OCPP-1.6#4.8.start OCPP-1.6#4.10.stop OCPP-1.6#4.10.reason",
)
@pytest.mark.configured({"LocalPreAuthorize": "false"})
async def test_cable_first(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """A regular session: cable, idTag, charging, idTag again, cable out."""
    await operator.plug_in()
    with requirement("OCPP-1.6#4.9.change", hard=True):
        await told(station, "Preparing")
    await operator.present_token(token)
    with requirement("OCPP-1.6#4.1.authorize", hard=True):
        await station.expect("Authorize", idTag=token)
    start, transaction = await _started(station, token)
    await station.stays_quiet("StopTransaction")
    await operator.present_token(token)
    with requirement("OCPP-1.6#4.10.stop", hard=True):
        stop = await station.expect("StopTransaction")
        assert stop.transactionId == transaction
        assert stop.meterStop >= start.meterStart.number()
    with requirement("OCPP-1.6#4.10.reason"):
        assert stop.reason.is_in("Local", None)
    with requirement("OCPP-1.6#4.9.change"):
        if not station.sent("StatusNotification", connectorId=1, status="Finishing"):
            await told(station, "Finishing")
        await operator.unplug()
        await told(station, "Available")


@case("TC_004_1_CS", verifies="OCPP-1.6#4.9.change OCPP-1.6#4.1.authorize OCPP-1.6#4.8.start")
@pytest.mark.configured({"LocalPreAuthorize": "false"})
async def test_id_first(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """Who is authorized before the cable is plugged in charges as soon as it is."""
    await operator.present_token(token)
    with requirement("OCPP-1.6#4.1.authorize", hard=True):
        await station.expect("Authorize", idTag=token)
    with requirement("OCPP-1.6#4.9.change"):
        await told(station, "Preparing")
    await operator.plug_in()
    await _started(station, token)


@case("TC_004_2_CS", verifies="OCPP-1.6#4.9.change OCPP-1.6#9.1.connection-timeout")
@pytest.mark.configured({"LocalPreAuthorize": "false", "ConnectionTimeOut": str(_TIMEOUT)})
async def test_id_first_and_no_cable(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """Who plugs no cable in within ConnectionTimeOut has to be authorized again."""
    await operator.present_token(token)
    with requirement("OCPP-1.6#4.9.change", hard=True):
        preparing = await told(station, "Preparing")
    with requirement("OCPP-1.6#9.1.connection-timeout"):
        available = await told(station, "Available", within=_TIMEOUT + station.pixit.settle)
        assert available.t - preparing.t == pytest.approx(_TIMEOUT, abs=3), "the connector is free again too early or late"
        await operator.plug_in()
        await station.stays_quiet("StartTransaction")


@case("TC_005_1_CS", verifies="OCPP-1.6#4.10.ev-side-disconnect OCPP-1.6#4.10.reason OCPP-1.6#4.9.change")
@pytest.mark.configured({"StopTransactionOnEVSideDisconnect": "true"})
async def test_ev_side_disconnect_stops(charging: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """With StopTransactionOnEVSideDisconnect, a cable that is pulled out at the EV ends the transaction."""
    unplugged = station.watch.now
    await operator.unplug()
    with requirement("OCPP-1.6#4.10.ev-side-disconnect", hard=True):
        stop = await station.expect("StopTransaction", transactionId=charging.transaction_id)
    with requirement("OCPP-1.6#4.10.reason"):
        assert stop.reason == "EVDisconnected"
    with requirement("OCPP-1.6#4.9.change"):
        # Before StopTransaction or after it: 1.6 says nothing of their order.
        if not any(m.t >= unplugged and _is_free(m) for m in station.sent("StatusNotification")):
            await station.expect_where(_is_free, "connector 1 Finishing or Available")


@case("TC_005_3_CS", verifies="OCPP-1.6#4.10.ev-side-connected OCPP-1.6#4.9.change OCPP-1.6#4.10.stop")
@pytest.mark.configured({"StopTransactionOnEVSideDisconnect": "false"})
async def test_ev_side_disconnect_suspends(charging: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """Without StopTransactionOnEVSideDisconnect, the transaction goes on when the cable is pulled out, until it is stopped."""
    await operator.unplug()
    with requirement("OCPP-1.6#4.9.change"):
        await told(station, "SuspendedEV")
    with requirement("OCPP-1.6#4.10.ev-side-connected"):
        assert not station.sent("StopTransaction")
        await station.stays_quiet("StopTransaction")
    await operator.present_token(charging.id_tag)
    with requirement("OCPP-1.6#4.10.stop"):
        stop = await station.expect("StopTransaction")
        assert stop.transactionId == charging.transaction_id
        assert stop.meterStop >= charging.meter_start


@case("TC_068_CS", verifies="OCPP-1.6#4.1 OCPP-1.6#4.10.stop OCPP-1.6#4.10.id-tag")
async def test_stop_with_the_same_id(charging: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """The idTag that started a transaction stops it, without being authorized again."""
    asked = len(station.sent("Authorize"))
    await operator.present_token(charging.id_tag)
    with requirement("OCPP-1.6#4.10.stop", hard=True):
        stop = await station.expect("StopTransaction")
        assert stop.transactionId == charging.transaction_id
    with requirement("OCPP-1.6#4.10.id-tag"):
        assert _same(stop.idTag.peek(), charging.id_tag), f"{stop.idTag!r} is not who stopped it"
    with requirement("OCPP-1.6#4.1"):
        await station.calm()
        assert len(station.sent("Authorize")) == asked, "the idTag was authorized again"


@case("TC_069_CS", verifies="OCPP-1.6#3.10.parent OCPP-1.6#4.10.stop OCPP-1.6#4.10.id-tag")
@pytest.mark.configured({"LocalPreAuthorize": "false"})
async def test_stop_with_an_id_of_the_same_parent(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """Another idTag with the same parent stops a transaction, once it is authorized; one of another parent does not."""
    session = await start_session(station, operator, await tokens.known("id_token", parent="V2X-FAMILY"))
    await operator.present_token(await tokens.known("id_token_refused", parent="V2X-STRANGERS"))
    other = await tokens.known("id_token_2", parent="V2X-FAMILY")
    with requirement("OCPP-1.6#3.10.parent", hard=True):
        await station.stays_quiet("StopTransaction")
        await operator.present_token(other)
        await station.expect("Authorize", idTag=other)
    with requirement("OCPP-1.6#4.10.stop", hard=True):
        stop = await station.expect("StopTransaction")
        assert stop.transactionId == session.transaction_id
    with requirement("OCPP-1.6#4.10.id-tag"):
        assert _same(stop.idTag.peek(), other), f"{stop.idTag!r} is not who stopped it"


async def _started(station: StationUnderTest, id_tag: str) -> tuple[Message, int]:
    """Judge the start of a transaction on connector 1; return StartTransaction and the transaction's id."""
    with requirement("OCPP-1.6#4.8.start", hard=True):
        start = await station.expect("StartTransaction")
        assert start.connectorId == 1
        assert _same(start.idTag.peek(), id_tag), f"{start.idTag!r} is not who was authorized"
        answer = await station.answered(start)
    with requirement("OCPP-1.6#4.9.change"):
        if not station.sent("StatusNotification", connectorId=1, status="Charging"):
            await told(station, "Charging")
    return start, answer.transactionId.number()


def _is_free(message: Message) -> bool:
    """Whether a message tells that connector 1 is being left, or free."""
    return status_is(message, "Finishing") or status_is(message, "Available")


def _same(one: object, other: str) -> bool:
    """Whether two idTags are the same: their case does not count (7.28)."""
    return isinstance(one, str) and one.lower() == other.lower()
