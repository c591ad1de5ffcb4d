"""What several cases with a station under test ask alike: connectors reported, variables named, transactions read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import CsmsOperator, StationUnderTest
from v2x_suites.ocpp.watch import Message


def variable(component: str, name: str, **more: Json) -> dict[str, Json]:
    """Return an element of GetVariables or SetVariables."""
    return {"component": {"name": component}, "variable": {"name": name}, **more}


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session that a precondition has brought about.

    Attributes:
        transaction_id: as the station chose it.
        token: that it was authorized with.
    """

    transaction_id: str
    evse: int
    token: str


async def reached(station: StationUnderTest, words: str, fits: Callable[[Message], bool]) -> Message:
    """Wait for the message that shows that a state is reached, and leave what has passed behind.

    Raises:
        CannotJudge: it is not reached.
    """
    try:
        message = await station.expect_where(fits, words)
    except NotSeen as error:
        raise CannotJudge(f"the state is not reached: {error}") from error
    await station.calm()
    return message


async def set_variables(csms: CsmsOperator, wanted: Mapping[str, str]) -> None:
    """Set variables (``Component.Variable`` to value) through the CSMS.

    Raises:
        CannotJudge: the station does not take one of them.
    """
    data: list[Json] = [variable(*name.split(".", 1), attributeValue=value) for name, value in wanted.items()]
    answer = await csms.call("SetVariables", setVariableData=data)
    for name, result in zip(wanted, answer.setVariableResult, strict=False):
        if result.attributeStatus.peek() != "Accepted":
            raise CannotJudge(f"the station cannot be configured: {name} is {result.attributeStatus.peek()}")


def connector_is(message: Message, status: str) -> bool:
    """Whether a message reports a connector in a status, by StatusNotification or NotifyEvent."""
    if message.action == "StatusNotification":
        return message.connectorStatus.peek() == status
    return bool(_reported(message)) and any(data.actualValue.peek() == status for data in message.eventData)


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
