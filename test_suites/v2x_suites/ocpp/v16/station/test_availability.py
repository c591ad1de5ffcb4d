"""Core profile: connectors that are made unavailable, and those that are faulty."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import Session, told


@case("V2X_AVAILABILITY_CS", verifies="OCPP-1.6#5.2.answer OCPP-1.6#5.2.told OCPP-1.6#5.2.inoperative")
async def test_change_availability(station: StationUnderTest, csms: CsmsOperator, token: str) -> None:
    """A connector that is made inoperative says so and takes nobody, until it is made operative again."""
    with requirement("OCPP-1.6#5.2.answer"):
        answer = await csms.call("ChangeAvailability", connectorId=1, type="Inoperative")
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#5.2.told"):
        await told(station, "Unavailable")
    with requirement("OCPP-1.6#5.2.inoperative"):
        refused = await csms.call("RemoteStartTransaction", idTag=token, connectorId=1)
        assert refused.status == "Rejected"
        await station.stays_quiet("StartTransaction")
    with requirement("OCPP-1.6#5.2.answer"):
        again = await csms.call("ChangeAvailability", connectorId=1, type="Inoperative")
        assert again.status == "Accepted"
        back = await csms.call("ChangeAvailability", connectorId=1, type="Operative")
        assert back.status == "Accepted"
    with requirement("OCPP-1.6#5.2.told"):
        await told(station, "Available")


@case("V2X_AVAILABILITY_SCHEDULED_CS", verifies="OCPP-1.6#5.2 OCPP-1.6#5.2.waits OCPP-1.6#5.2.told")
async def test_change_availability_while_charging(
    charging: Session, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator
) -> None:
    """A connector where somebody charges becomes unavailable when the transaction is over, not before."""
    with requirement("OCPP-1.6#5.2"):
        answer = await csms.call("ChangeAvailability", connectorId=1, type="Inoperative")
        assert answer.status == "Scheduled"
    with requirement("OCPP-1.6#5.2.waits"):
        await station.stays_quiet("StopTransaction", "StatusNotification")
    await operator.present_token(charging.id_tag)
    with requirement("OCPP-1.6#5.2.waits", hard=True):
        await station.expect("StopTransaction", transactionId=charging.transaction_id)
    await operator.unplug()
    with requirement("OCPP-1.6#5.2.told"):
        await told(station, "Unavailable")
    await csms.call("ChangeAvailability", connectorId=1, type="Operative")


@case("TC_041_CS", verifies="OCPP-1.6#4.9.fault OCPP-1.6#4.9.change")
async def test_fault(station: StationUnderTest, operator: StationOperator) -> None:
    """A connector that breaks is reported Faulted, with an error code; mended, it is available again."""
    await operator.set_fault()
    with requirement("OCPP-1.6#4.9.fault", hard=True):
        fault = await told(station, "Faulted")
        assert fault.errorCode != "NoError"
    await operator.clear_fault()
    with requirement("OCPP-1.6#4.9.change"):
        mended = await told(station, "Available")
        assert mended.errorCode == "NoError"
