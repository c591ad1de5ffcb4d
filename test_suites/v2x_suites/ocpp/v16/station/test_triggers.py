"""Remote Trigger profile: messages that the central system asks for."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import CsmsOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case

# What is asked for, about which connector, and what of that must stand in the message.
_ASKED: tuple[tuple[str, dict[str, Json]], ...] = (
    ("Heartbeat", {}),
    ("StatusNotification", {"connectorId": 1}),
    ("MeterValues", {"connectorId": 1}),
)


@case("TC_054_CS", verifies="OCPP-1.6#5.17.answer OCPP-1.6#5.17", applies="RemoteTrigger")
async def test_trigger_messages(station: StationUnderTest, csms: CsmsOperator) -> None:
    """A message that is asked for is promised first, and then sent."""
    for message, about in _ASKED:
        station.from_now()
        with requirement("OCPP-1.6#5.17.answer"):
            answer = await csms.call("TriggerMessage", {"requestedMessage": message, **about})
            assert answer.status == "Accepted"
        with requirement("OCPP-1.6#5.17"):
            sent = await station.expect(message, within=None, **about)
            assert sent.n > answer.n, f"{message} comes before the answer that promises it"


@case("TC_055_CS", verifies="OCPP-1.6#5.17.answer OCPP-1.6#5.17.rejected", applies="RemoteTrigger")
async def test_trigger_for_unknown_connector(station: StationUnderTest, csms: CsmsOperator) -> None:
    """What is asked for about a connector that there is not is rejected, and not sent."""
    number = len(station.connectors) + 1
    for message in ("StatusNotification", "MeterValues"):
        with requirement("OCPP-1.6#5.17.answer"):
            answer = await csms.call("TriggerMessage", requestedMessage=message, connectorId=number)
            assert answer.status == "Rejected"
        with requirement("OCPP-1.6#5.17.rejected"):
            await station.stays_quiet(message)
