"""Core profile: transactions that the central system starts and stops."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import Session, told

# A transaction that no central system of a case ever began.
_UNKNOWN = 990_099

# CALLERRORs that say that connector 0 cannot be meant here.
_REFUSALS = ("PropertyConstraintViolation", "FormationViolation", "TypeConstraintViolation", "OccurenceConstraintViolation")


@case("TC_010_CS", verifies="OCPP-1.6#5.11.answer OCPP-1.6#5.11.start OCPP-1.6#4.9.change")
async def test_remote_start_cable_first(ev_connected: None, station: StationUnderTest, csms: CsmsOperator, token: str) -> None:
    """A remote start where an EV is waiting begins a transaction at once, in the name of its idTag."""
    with requirement("OCPP-1.6#5.11.answer", hard=True):
        answer = await csms.call("RemoteStartTransaction", idTag=token, connectorId=1)
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#5.11.start"):
        start = await station.expect("StartTransaction")
        assert start.idTag == token
        assert start.connectorId == 1
    with requirement("OCPP-1.6#4.9.change"):
        if not station.sent("StatusNotification", connectorId=1, status="Charging"):
            await told(station, "Charging")


@case("TC_011_1_CS", verifies="OCPP-1.6#5.11.answer OCPP-1.6#5.11.start OCPP-1.6#4.9.change")
async def test_remote_start_first(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, token: str) -> None:
    """After a remote start the connector waits for its cable, and then begins the transaction."""
    with requirement("OCPP-1.6#5.11.answer", hard=True):
        answer = await csms.call("RemoteStartTransaction", idTag=token, connectorId=1)
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#4.9.change"):
        await told(station, "Preparing")
        assert not station.sent("StartTransaction"), "a transaction began without a cable"
    await operator.plug_in()
    with requirement("OCPP-1.6#5.11.start"):
        start = await station.expect("StartTransaction")
        assert start.idTag == token
        assert start.connectorId == 1


@case("TC_011_2_CS", verifies="OCPP-1.6#5.11.answer OCPP-1.6#9.1.connection-timeout OCPP-1.6#4.9.change")
@pytest.mark.configured({"ConnectionTimeOut": "15"})
async def test_remote_start_and_no_cable(
    station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, token: str
) -> None:
    """A remote start for which no cable comes within ConnectionTimeOut is forgotten."""
    with requirement("OCPP-1.6#5.11.answer", hard=True):
        answer = await csms.call("RemoteStartTransaction", idTag=token, connectorId=1)
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#4.9.change", hard=True):
        preparing = await told(station, "Preparing")
    with requirement("OCPP-1.6#9.1.connection-timeout"):
        available = await told(station, "Available", within=15 + station.pixit.settle)
        assert available.t - preparing.t == pytest.approx(15, abs=3), "the connector is free again too early or late"
        await operator.plug_in()
        await station.stays_quiet("StartTransaction")


@case("TC_012_CS", verifies="OCPP-1.6#5.12.answer OCPP-1.6#5.12.stop OCPP-1.6#4.10.reason OCPP-1.6#4.9.change")
async def test_remote_stop(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """A remote stop ends the transaction, and says that it was remote."""
    with requirement("OCPP-1.6#5.12.answer", hard=True):
        answer = await csms.call("RemoteStopTransaction", transactionId=charging.transaction_id)
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#5.12.stop", hard=True):
        stop = await station.expect("StopTransaction")
        assert stop.transactionId == charging.transaction_id
        assert stop.meterStop >= charging.meter_start
    with requirement("OCPP-1.6#4.10.reason"):
        assert stop.reason == "Remote"
    with requirement("OCPP-1.6#4.9.change"):
        if not station.sent("StatusNotification", connectorId=1, status="Finishing"):
            await told(station, "Finishing")


@case("TC_026_CS", verifies="OCPP-1.6#5.11.answer OCPP-1.6#5.11.rejected")
async def test_remote_start_rejected(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """A remote start where a transaction is running already is rejected."""
    with requirement("OCPP-1.6#5.11.answer"):
        answer = await csms.call("RemoteStartTransaction", idTag=charging.id_tag, connectorId=charging.connector)
        assert answer.status == "Rejected"
    with requirement("OCPP-1.6#5.11.rejected"):
        await station.stays_quiet("StartTransaction", "StopTransaction")


@case("TC_027_CS", verifies="OCPP-1.6#5.11.connector OCPP-1.6#5.11.rejected")
async def test_remote_start_on_connector_0(ev_connected: None, station: StationUnderTest, csms: CsmsOperator, token: str) -> None:
    """A remote start on connector 0, where nobody can charge, is refused."""
    with requirement("OCPP-1.6#5.11.connector"):
        answer = await csms.call("RemoteStartTransaction", {"idTag": token, "connectorId": 0}, override=True)
        assert answer.code in _REFUSALS or answer.status == "Rejected"
    with requirement("OCPP-1.6#5.11.rejected"):
        await station.stays_quiet("StartTransaction")


@case("TC_028_CS", verifies="OCPP-1.6#5.12.answer OCPP-1.6#5.12.unknown")
async def test_remote_stop_of_unknown_transaction(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """A remote stop of a transaction that is not running is rejected; the one that is running goes on."""
    with requirement("OCPP-1.6#5.12.answer"):
        answer = await csms.call("RemoteStopTransaction", transactionId=_UNKNOWN)
        assert answer.status == "Rejected"
    with requirement("OCPP-1.6#5.12.unknown"):
        await station.stays_quiet("StopTransaction")
