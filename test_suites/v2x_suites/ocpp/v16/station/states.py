"""What several cases with a charge point under test ask alike: connectors reported, configuration set, transactions read."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec
from v2x_harness.blocks import CannotJudge, NotSeen

from v2x_suites.ocpp.peers import CsmsOperator, StationUnderTest
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


async def change_configuration(csms: CsmsOperator, wanted: Mapping[str, str]) -> None:
    """Set configuration keys through the CSMS.

    Raises:
        CannotJudge: the charge point does not take one of them.
    """
    for key, value in wanted.items():
        answer = await csms.call("ChangeConfiguration", key=key, value=value)
        if answer.status.peek() != "Accepted":
            raise CannotJudge(f"the charge point cannot be configured: {key} is {answer.status.peek()}")


async def connectors_reported(station: StationUnderTest, status: str = "Available", *, with_zero: bool = True) -> None:
    """Wait until every connector, and connector 0, has been reported in a status.

    Raises:
        NotSeen: a connector is missing.
    """
    left = set(range(0 if with_zero else 1, len(station.connectors) + 1))

    def news(message: Message) -> bool:
        return message.action == "StatusNotification" and message.connectorId.peek() in left

    while left:
        message = await station.expect_where(news, f"{status} of connector {min(left)}")
        assert message.status == status
        left -= {n for n in left if n == message.connectorId.peek()}
