"""Block G, availability."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v201.csms import case


@case("TC_G_03_CSMS", verifies="OCPP-2.0.1#G03 OCPP-2.0.1#G01")
async def test_evse_out_of_order(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that is asked to take an EVSE out of service names it, and takes the report that follows."""
    with requirement("OCPP-2.0.1#G03", hard=True):
        change = await operator.send("ChangeAvailability", operationalStatus="Inoperative", evse={"id": 1})
        assert change.operationalStatus == "Inoperative"
        assert change.evse.id == 1
    status = await booted.sends("StatusNotification", connectorStatus="Unavailable")
    with requirement("OCPP-2.0.1#G01"):
        taken = await csms.answer(status)
        assert not taken.is_error


@case("TC_G_05_CSMS", verifies="OCPP-2.0.1#G04")
async def test_station_out_of_order(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that is asked to take a whole station out of service names no EVSE."""
    with requirement("OCPP-2.0.1#G04"):
        change = await operator.send("ChangeAvailability", operationalStatus="Inoperative")
        assert change.operationalStatus == "Inoperative"
        assert not change.evse.exists


@case("TC_G_20_CSMS", verifies="G05.FR.03")
async def test_lock_failure(csms: CsmsUnderTest, booted: StationActor) -> None:
    """A CSMS takes the event that a connector's lock has failed."""
    data: Json = {
        "eventId": 1,
        "timestamp": "2024-01-01T00:00:00Z",
        "trigger": "Delta",
        "actualValue": "true",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": "Problem"},
    }
    with requirement("G05.FR.03"):
        answer = await booted.call("NotifyEvent", generatedAt="2024-01-01T00:00:00Z", seqNo=0, eventData=[data])
        assert not answer.is_error
        assert answer.payload.exists
