"""Core profile: remote start and stop; remote trigger."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v16.csms import case
from v2x_suites.ocpp.v16.csms.states import Session, begins, boots, confirmed, numbered, tells_time


@case("TC_010_CSMS", verifies="OCPP-1.6#5.11.request OCPP-1.6#4.8.answer")
async def test_remote_start_cable_first(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor, token: str) -> None:
    """A Central System starts a transaction from afar for the connector with the cable, and numbers it."""
    await booted.plug_in()
    with requirement("OCPP-1.6#5.11.request", hard=True):
        start = await operator.send("RemoteStartTransaction", idTag=token, connectorId=1)
        assert start.idTag == token
        assert start.connectorId == 1
    with requirement("OCPP-1.6#4.8.answer"):
        _, started = await begins(booted, csms)
        numbered(started)
        assert started.idTagInfo.status == "Accepted"


@case("TC_011_1_CSMS", verifies="OCPP-1.6#5.11.request OCPP-1.6#4.8.answer")
async def test_remote_start_first(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor, token: str) -> None:
    """A Central System starts a transaction from afar before the cable is plugged, and numbers it when it begins."""
    with requirement("OCPP-1.6#5.11.request", hard=True):
        start = await operator.send("RemoteStartTransaction", idTag=token, connectorId=1)
        assert start.idTag == token
    await booted.sends("StatusNotification", status="Preparing")
    await booted.plug_in()
    with requirement("OCPP-1.6#4.8.answer"):
        _, started = await begins(booted, csms)
        numbered(started)
        assert started.idTagInfo.status == "Accepted"


@case("TC_011_2_CSMS", verifies="OCPP-1.6#5.11.request OCPP-1.6#4.9.answer")
async def test_remote_start_times_out(csms: CsmsUnderTest, operator: CsmsOperator, station: StationActor, token: str) -> None:
    """A Central System takes it that nobody came for the transaction that it had started."""
    await boots(station, csms, variables={"ConnectionTimeOut": "3"})
    with requirement("OCPP-1.6#5.11.request", hard=True):
        start = await operator.send("RemoteStartTransaction", idTag=token, connectorId=1)
        assert start.idTag == token
    with requirement("OCPP-1.6#4.9.answer"):
        for status in ("Preparing", "Available"):
            confirmed(await csms.answer(await station.sends("StatusNotification", connectorId=1, status=status)))


@case("TC_026_CSMS", verifies="OCPP-1.6#5.11.request OCPP-1.6#4.6")
async def test_remote_start_rejected(operator: CsmsOperator, booted: StationActor, charging: Session) -> None:
    """A Central System takes it that a charge point does not start a transaction where one runs."""
    with requirement("OCPP-1.6#5.11.request"):
        start = await operator.send("RemoteStartTransaction", idTag=charging.id_tag, connectorId=charging.connector)
        assert start.connectorId == charging.connector
    with requirement("OCPP-1.6#4.6"):
        await tells_time(booted)


@case("TC_012_CSMS", verifies="OCPP-1.6#5.12.request OCPP-1.6#4.10.answer")
async def test_remote_stop(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor, charging: Session) -> None:
    """A Central System stops the transaction that it is asked to stop, and takes its end."""
    with requirement("OCPP-1.6#5.12.request", hard=True):
        asked = await operator.send("RemoteStopTransaction", transactionId=charging.transaction_id)
        assert asked.transactionId == charging.transaction_id
    stop = await booted.sends("StopTransaction", reason="Remote")
    with requirement("OCPP-1.6#4.10.answer"):
        confirmed(await csms.answer(stop))


@case("TC_028_CSMS", verifies="OCPP-1.6#5.12.request OCPP-1.6#4.6")
async def test_remote_stop_rejected(operator: CsmsOperator, booted: StationActor, charging: Session) -> None:
    """A Central System takes it that a charge point does not know the transaction that it is to stop."""
    with requirement("OCPP-1.6#5.12.request"):
        asked = await operator.send("RemoteStopTransaction", transactionId=charging.transaction_id + 1000)
        assert asked.transactionId == charging.transaction_id + 1000
    with requirement("OCPP-1.6#4.6"):
        await tells_time(booted)


@case(
    "TC_054_CSMS", verifies="OCPP-1.6#5.17.request OCPP-1.6#4.9.answer OCPP-1.6#4.7.answer OCPP-1.6#4.6", applies="RemoteTrigger"
)
async def test_trigger_message(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System asks for the message it is told to ask for, of the connector it is told, and answers it."""
    for message, answers in (
        ("MeterValues", "OCPP-1.6#4.7.answer"),
        ("Heartbeat", "OCPP-1.6#4.6"),
        ("StatusNotification", "OCPP-1.6#4.9.answer"),
    ):
        with requirement("OCPP-1.6#5.17.request", hard=True):
            asked = await operator.send("TriggerMessage", requestedMessage=message, connectorId=1)
            assert asked.requestedMessage == message
            assert asked.connectorId == 1
        with requirement(answers):
            confirmed(await csms.answer(await booted.sends(message)))


@case("TC_055_CSMS", verifies="OCPP-1.6#5.17.request OCPP-1.6#4.6", applies="RemoteTrigger")
async def test_trigger_rejected(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System takes it that a charge point has no message about a connector that it has not."""
    with requirement("OCPP-1.6#5.17.request"):
        asked = await operator.send("TriggerMessage", requestedMessage="MeterValues", connectorId=9)
        assert asked.requestedMessage == "MeterValues"
        assert asked.connectorId == 9
    with requirement("OCPP-1.6#4.6"):
        await tells_time(booted)
