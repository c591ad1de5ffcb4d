"""What several cases with a station under test ask alike: connectors reported, variables named, transactions read."""

from __future__ import annotations

from v2x_harness.blocks import NotSeen
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import StationUnderTest
from v2x_suites.ocpp.watch import Message


def variable(component: str, name: str, **more: Json) -> dict[str, Json]:
    """Return an element of GetVariables or SetVariables."""
    return {"component": {"name": component}, "variable": {"name": name}, **more}


async def connectors_reported(station: StationUnderTest, status: str = "Available") -> None:
    """Wait until every connector has been reported in a status, by StatusNotification or by NotifyEvent.

    Raises:
        NotSeen: a connector is missing.
    """
    left = set(station.connectors)

    def news(message: Message) -> bool:
        return bool(_reported(message) & left)

    while left:
        try:
            message = await station.expect_where(news, f"{status} of connector {min(left)}")
        except NotSeen as missing:
            missing.add_note(f"connectors (EVSE, connector) not reported: {sorted(left)}")
            raise
        reported = _reported(message) & left
        if message.action == "StatusNotification":
            assert message.connectorStatus == status
        left -= reported


def _reported(message: Message) -> set[tuple[int, int]]:
    """Return the connectors (EVSE, connector) whose state a message reports."""
    if message.action == "StatusNotification":
        return {_pair(message.payload["evseId"].peek(), message.payload["connectorId"].peek())}
    if message.action != "NotifyEvent":
        return set()
    return {
        _pair(data.component.evse.id.peek(), data.component.evse.connectorId.peek())
        for data in message.eventData
        if (data.component["name"].peek(), data.variable["name"].peek()) == ("Connector", "AvailabilityState")
    }


def _pair(evse: Json, connector: Json) -> tuple[int, int]:
    return (evse if isinstance(evse, int) else 0, connector if isinstance(connector, int) else 0)
