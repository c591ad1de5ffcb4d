"""What several cases with a station under test ask alike: connectors reported, variables named, transactions read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

import msgspec
from v2x_harness.blocks import CannotJudge, DoesNotApply, NotSeen
from v2x_harness.events import Json
from v2x_harness.field import Field

from v2x_suites.ocpp import states
from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import reached
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station.pics import WRITABLE_CORE_VARIABLES
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


class Tokens(states.Tokens):
    """The tokens that a case presents, which are RFID cards."""

    kind = "ISO14443"

    async def cached(self, operator: StationOperator, name: str, status: str = "Accepted", **more: Json) -> str:
        """Memory state IdTokenCached: the station has heard from the CSMS what it thinks of the token.

        Raises:
            CannotJudge: the station does not ask the CSMS.
        """
        token = await self.known(name, status, **more)
        if status == "Accepted":
            await operator.plug_in()
        await operator.present_token(token)
        await reached(self._station, f"an Authorize of {token}", lambda m: m.action == "Authorize")
        if status == "Accepted":
            # A session from start to end: what a second token does before there is a transaction is left to the station.
            await operator.present_token(token)
            await self._station.calm()
            await operator.unplug()
            await self._station.calm()
        return token


async def connect_ev(station: StationUnderTest, operator: StationOperator, evse: int = 1) -> None:
    """Bring an EVSE to EVConnectedPreSession.

    Raises:
        CannotJudge: the station does not notice the EV.
    """
    await operator.plug_in(evse)
    await reached(station, "an EV connected", lambda m: m.action == "TransactionEvent" or connector_is(m, "Occupied"))


async def expect_charging(station: StationUnderTest) -> Message:
    """Wait for the TransactionEvent that tells that energy is transferred.

    Raises:
        NotSeen: it does not come.
    """
    return await station.expect_where(is_charging, "a TransactionEvent that tells Charging")


def is_charging(message: Message) -> bool:
    """Whether a message tells that energy is transferred."""
    return message.transactionInfo.chargingState.peek() == "Charging"


def presents(message: Message, token: str) -> bool:
    """Whether a TransactionEvent names a token."""
    return message.action == "TransactionEvent" and message.idToken["idToken"].peek() == token


def is_sample(message: Message) -> bool:
    """Whether a TransactionEvent only tells meter values, so that it may come between any two others."""
    return message.triggerReason.is_in("MeterValuePeriodic", "MeterValueClock")


async def assert_starts_nothing(station: StationUnderTest, token: str, after: Message) -> None:
    """Watch for a while, and assert that a token that the station has asked about starts nothing.

    Raises:
        NotSeen: a transaction is authorized.
    """
    await station.stays_quiet("TransactionEvent", triggerReason="Authorized")
    for event in station.sent("TransactionEvent"):
        assert event.n < after.n or not presents(event, token), f"a transaction was authorized with {token}"
        assert event.n < after.n or not is_charging(event), "energy was transferred without authorization"


async def end_of_authorization(station: StationUnderTest) -> Message:
    """Wait for what a station does about a token that is to stop: an Authorize, or a TransactionEvent that is more than a sample.

    Raises:
        NotSeen: it does nothing.
    """
    return await station.expect_where(
        lambda m: m.action == "Authorize" or (m.action == "TransactionEvent" and not is_sample(m)), "the end of authorization"
    )


async def start_session(
    station: StationUnderTest,
    operator: StationOperator,
    token: str,
    *,
    evse: int = 1,
    type: str | None = None,  # noqa: A002
) -> Session:
    """Bring an EVSE to EnergyTransferStarted: cable first, then the token.

    Raises:
        CannotJudge: energy transfer does not start.
    """
    known = {transaction_of(m) for m in station.sent("TransactionEvent")}
    await operator.plug_in(evse)
    await operator.present_token(token, type, evse)

    def begun(message: Message) -> bool:
        return transaction_of(message) not in known and message.transactionInfo.chargingState.peek() == "Charging"

    message = await reached(station, f"energy transfer on EVSE {evse}", begun)
    return Session(transaction_id=transaction_of(message), evse=evse, token=token)


def transaction_of(message: Message) -> str:
    """Return the transaction that a TransactionEvent is about; empty for other messages."""
    return str(message.transactionInfo.transactionId.peek() or "")


def events_of(station: StationUnderTest, transaction_id: str) -> list[Message]:
    """Return the TransactionEvents about a transaction so far, in the order of the wire."""
    return [m for m in station.sent("TransactionEvent") if transaction_of(m) == transaction_id]


def assert_numbered(events: Sequence[Message]) -> None:
    """Assert that events of one transaction are numbered one after the other; one that is sent again keeps its number."""
    for before, event in pairwise(events):
        again = event.seqNo.peek() == before.seqNo.peek() and event.timestamp.peek() == before.timestamp.peek()
        assert again or event.seqNo == before.seqNo.number() + 1


# How a station says that it does not let a variable be set, or does not have it.
_UNABLE = ("Rejected", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType")


async def set_variables(csms: CsmsOperator, wanted: Mapping[str, str], optional: Mapping[str, str] | None = None) -> bool:
    """Set variables (``Component.Variable`` or ``Component.Variable[Instance]`` to value) through the CSMS.

    One that the station does not let the CSMS set is good enough where it has the value already, or contains it.

    Args:
        optional: those that need not be there.

    Returns:
        Whether one of them takes a reboot to be in force.

    Raises:
        DoesNotApply: it need not have one of them, or not let it be set, and does not.
        CannotJudge: it does not take one of them.
    """
    both = {**wanted, **(optional or {})}
    data: list[Json] = [named(name, attributeValue=value) for name, value in both.items()]
    answer = await csms.call("SetVariables", setVariableData=data)
    reboot = False
    for name, value in both.items():
        status = result_for(answer.setVariableResult, name).attributeStatus.peek()
        reboot = reboot or status == "RebootRequired"
        absent = status in ("UnknownComponent", "UnknownVariable") and name not in wanted
        if status in (None, "Accepted", "RebootRequired") or absent:
            continue
        if not set(value.split(",")) <= set((await get_variables(csms, name)).get(name, "").split(",")):
            free = status in _UNABLE and name not in WRITABLE_CORE_VARIABLES
            words = f"the station cannot be configured: {name} is {status}"
            raise DoesNotApply(f"{words}, as it may be") if free else CannotJudge(words)
    return reboot


async def get_variables(csms: CsmsOperator, *names: str) -> dict[str, str]:
    """Return the values of variables through the CSMS, of those that the station tells."""
    data: list[Json] = [named(name) for name in names]
    answer = await csms.call("GetVariables", getVariableData=data)
    values = {name: result_for(answer.getVariableResult, name).attributeValue.peek() for name in names}
    return {name: str(value) for name, value in values.items() if value is not None}


def result_for(results: Field, name: str) -> Field:
    """Return the result about ``Component.Variable`` in an answer, wherever it stands; a field that does not exist if none is."""
    wanted = named(name)

    def same(result: Field) -> bool:
        about = result.component["name"].peek(), result.variable["name"].peek(), result.variable.instance.peek()
        place = msgspec.convert(wanted["component"], dict[str, Json]), msgspec.convert(wanted["variable"], dict[str, Json])
        return about == (place[0]["name"], place[1]["name"], place[1].get("instance"))

    return next((result for result in results if same(result)), results["none"])


async def report_of(station: StationUnderTest) -> list[Message]:
    """Wait for all parts of a report, and return them in the order of the wire.

    Raises:
        NotSeen: a part does not come.
    """
    parts = [await station.expect("NotifyReport")]
    while parts[-1].tbc.peek() is True:
        parts.append(await station.expect("NotifyReport"))
    return parts


def named(name: str, **more: Json) -> dict[str, Json]:
    """Return an element of GetVariables or SetVariables for ``Component.Variable`` or ``Component.Variable[Instance]``."""
    component, _, rest = name.partition(".")
    plain, _, instance = rest.removesuffix("]").partition("[")
    item = variable(component, plain, **more)
    return {**item, "variable": {"name": plain, "instance": instance}} if instance else item


async def send_local_list(csms: CsmsOperator, entries: Mapping[str, Json]) -> None:
    """Give the station a full local authorization list.

    Args:
        entries: idToken to its IdTokenInfo.

    Raises:
        CannotJudge: it does not take the list.
    """
    listed: list[Json] = [{"idToken": {"idToken": t, "type": "ISO14443"}, "idTokenInfo": info} for t, info in entries.items()]
    payload: dict[str, Json] = {"versionNumber": 1, "updateType": "Full"}
    answer = await csms.call("SendLocalList", payload | ({"localAuthorizationList": listed} if listed else {}))
    if answer.status.peek() != "Accepted":
        raise CannotJudge(f"the station does not take a local authorization list: {answer.status.peek()}")


def connector_is(message: Message, status: str) -> bool:
    """Whether a message reports a connector in a status, by StatusNotification or NotifyEvent."""
    return any(state.peek() == status for state in reported_states(message).values())


async def connectors_reported(
    station: StationUnderTest, status: str = "Available", but: Mapping[tuple[int, int], str] | None = None
) -> None:
    """Wait until every connector has been reported in a status, by StatusNotification or by NotifyEvent.

    Args:
        but: connectors (EVSE, connector) that must be in another one.

    Raises:
        NotSeen: a connector is missing.
    """
    left = set(station.connectors)

    def news(message: Message) -> bool:
        return bool(reported_states(message).keys() & left)

    while left:
        try:
            message = await station.expect_where(news, f"{status} of connector {min(left)}")
        except NotSeen as missing:
            missing.add_note(f"connectors (EVSE, connector) not reported: {sorted(left)}")
            raise
        for place, state in reported_states(message).items():
            if place in left:
                assert state == (but or {}).get(place, status)
                left.discard(place)


def reported_states(message: Message) -> dict[tuple[int, int], Field]:
    """Return the connectors (EVSE, connector) whose state a message reports, with the state."""
    if message.action == "StatusNotification":
        return {_pair(message.payload["evseId"].peek(), message.payload["connectorId"].peek()): message.connectorStatus}
    if message.action != "NotifyEvent":
        return {}
    return {
        _pair(data.component.evse.id.peek(), data.component.evse.connectorId.peek()): data.actualValue
        for data in message.eventData
        if (data.component["name"].peek(), data.variable["name"].peek()) == ("Connector", "AvailabilityState")
    }


def _pair(evse: Json, connector: Json) -> tuple[int, int]:
    return (evse if isinstance(evse, int) else 0, connector if isinstance(connector, int) else 0)
