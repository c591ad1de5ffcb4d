"""What several cases with a charge point under test ask alike: connectors reported, configuration set, transactions read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec
from v2x_harness.blocks import CannotJudge, DoesNotApply, NotSeen
from v2x_harness.events import LinkEvent
from v2x_harness.field import Field
from v2x_harness.finding import Layer

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import reached
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station.pics import Told, leaves_open, read, suffices
from v2x_suites.ocpp.watch import Message


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session that a precondition has brought about.

    Attributes:
        transaction_id: as the CSMS chose it.
        id_tag: that it was authorized with.
        meter_start: of StartTransaction (Wh).
    """

    transaction_id: int
    connector: int
    id_tag: str
    meter_start: int


async def start_session(station: StationUnderTest, operator: StationOperator, id_tag: str, connector: int = 1) -> Session:
    """Plug an EV in, present an idTag, and wait until energy flows.

    Raises:
        CannotJudge: it does not.
    """
    await operator.plug_in(connector)
    await operator.present_token(id_tag, evse=connector)
    await reached(station, f"connector {connector} Charging", lambda m: status_is(m, "Charging", connector))
    start = next(iter(reversed(station.sent("StartTransaction", connectorId=connector))), None)
    if start is None:
        raise CannotJudge("the charge point is charging without StartTransaction")
    answer = await station.answered(start)
    return Session(
        transaction_id=answer.transactionId.number(),
        connector=connector,
        id_tag=id_tag,
        meter_start=start.meterStart.number(),
    )


async def stop_session(station: StationUnderTest, operator: StationOperator, session: Session) -> None:
    """End a session with the idTag that began it, and drive away.

    Raises:
        CannotJudge: it does not end.
    """
    await operator.present_token(session.id_tag, evse=session.connector)
    await reached(station, "StopTransaction", lambda m: m.action == "StopTransaction")
    await operator.unplug(session.connector)
    await station.calm()


async def change_configuration(csms: CsmsOperator, wanted: Mapping[str, str], optional: Mapping[str, str] | None = None) -> bool:
    """Set configuration keys through the CSMS.

    One that the charge point does not let the CSMS set is good enough where it has the value already, or contains it; one that
    it does not have, where the specification leaves it out and the value says the same: off.

    Args:
        optional: those that need not be there, whatever the specification says.

    Returns:
        Whether one of them takes a reboot to be in force.

    Raises:
        DoesNotApply: it need not take one of them, and does not.
        CannotJudge: it does not take one of them.
    """
    reboot = False
    for key, value in {**wanted, **(optional or {})}.items():
        status = (await csms.call("ChangeConfiguration", key=key, value=value)).status.peek()
        reboot = reboot or status == "RebootRequired"
        if status in ("Accepted", "RebootRequired"):
            continue
        told = (await configured_values(csms, key)).get(key.lower())
        if not suffices(key, value, told, optional=key not in wanted):
            free = status in ("Rejected", "NotSupported") and leaves_open(key, told)
            words = f"the charge point cannot be configured: {key} is {status}"
            raise DoesNotApply(f"{words}, as it may be") if free else CannotJudge(words)
    return reboot


async def configured_values(csms: CsmsOperator, *keys: str) -> dict[str, Told]:
    """Return what the charge point tells of configuration keys, of those that it has; by their names in lower case."""
    return read((await csms.call("GetConfiguration", key=list(keys))).configurationKey)


async def configured_value(csms: CsmsOperator, key: str) -> Field:
    """Return the value of a configuration key as the charge point tells it; a field that does not exist when it has none."""
    answer = await csms.call("GetConfiguration", key=[key])
    told = (entry["value"] for entry in answer.configurationKey if str(entry.key.peek()).lower() == key.lower())
    return next(told, answer.configurationKey["value"])


def status_is(message: Message, status: str, connector: int = 1) -> bool:
    """Whether a message tells of this status of a connector."""
    return message.action == "StatusNotification" and message.has({"connectorId": connector, "status": status})


async def told(station: StationUnderTest, status: str, connector: int = 1, within: float | None = None) -> Message:
    """Wait until a connector is reported in a status.

    Raises:
        NotSeen: it is not.
    """
    return await station.expect("StatusNotification", within=within, connectorId=connector, status=status)


async def connectors_reported(
    station: StationUnderTest,
    status: str = "Available",
    *,
    with_zero: bool = True,
    but: Mapping[int, str] | None = None,
) -> None:
    """Wait until every connector, and connector 0, has been reported in a status.

    Args:
        but: connectors that have another.

    Raises:
        NotSeen: a connector is missing.
    """
    left = set(range(0 if with_zero else 1, len(station.connectors) + 1))

    def news(message: Message) -> bool:
        return message.action == "StatusNotification" and message.connectorId.peek() in left

    while left:
        message = await station.expect_where(news, f"{status} of connector {min(left)}")
        number = message.connectorId.number()
        assert message.status == (but or {}).get(number, status)
        left.discard(number)


def connected(station: StationUnderTest) -> bool:
    """Whether the charge point was connected when something was last heard of its connection in this case."""
    events = [item.event for item in station.watch.items if isinstance(item, LinkEvent)]
    return not events or events[-1] == "open"


async def unanswered(station: StationUnderTest, message_id: str, within: float) -> None:
    """Watch that a CALL that was injected gets no answer for so long (s).

    Raises:
        NotSeen: it got one.
    """
    try:
        answer = await station.answer_to_id(message_id, within)
    except NotSeen:
        return
    raise NotSeen(
        f"the CALL with id {message_id} was answered though it must not be",
        expected="no answer",
        seen=repr(answer),
        frame=answer.n,
        layer=Layer.SEQUENCE,
    )


def moment(field: Field) -> datetime:
    """Return a dateTime of a message.

    Raises:
        AssertionError: it is none.
    """
    text = field.value
    assert isinstance(text, str), f"{field!r} is no dateTime"
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise AssertionError(f"{field!r} is no dateTime") from None
