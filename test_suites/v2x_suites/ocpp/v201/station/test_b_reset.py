"""Block B, provisioning: resets while somebody charges."""

from __future__ import annotations

from v2x_harness.blocks import NotSeen, requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import (
    Session,
    Tokens,
    connectors_reported,
    end_of_authorization,
    start_session,
    transaction_of,
)
from v2x_suites.ocpp.watch import Message


@case("TC_B_21_CS", verifies="B12.FR.01 B12.FR.03 B01.FR.03")
async def test_reset_on_idle_with_transaction(
    charging: Session, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator
) -> None:
    """A station that is to reset when idle lets the transaction end as ever, and then reboots."""
    with requirement("B12.FR.01"):
        reset = await csms.call("Reset", type="OnIdle")
        assert reset.status == "Scheduled"
    with requirement("B12.FR.03"):
        await station.stays_quiet("BootNotification")
        ended = await _ends(charging, station, operator)
        assert ended.transactionInfo.stoppedReason.is_in("Local", "EVDisconnected", None)
    with requirement("B01.FR.03"):
        boot = await station.expect("BootNotification", within=station.pixit.reboot)
        assert boot.reason == "ScheduledReset"
        await connectors_reported(station, but=dict.fromkeys(_occupied(operator), "Occupied"))


@case("TC_B_22_CS", verifies="B12.FR.02 B12.FR.04 B01.FR.03")
async def test_reset_at_once_with_transaction(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """A station that is to reset at once ends the transaction, says so, and only then reboots."""
    with requirement("B12.FR.02"):
        reset = await csms.call("Reset", type="Immediate")
        assert reset.status == "Accepted"
    with requirement("B12.FR.04"):
        ended = await station.expect("TransactionEvent", eventType="Ended", within=station.pixit.reboot)
        assert transaction_of(ended) == charging.transaction_id
        assert ended.triggerReason == "ResetCommand"
        assert ended.transactionInfo.stoppedReason == "ImmediateReset"
        assert not ended.idToken.exists
    with requirement("B01.FR.03"):
        boot = await station.expect("BootNotification", within=station.pixit.reboot)
        assert boot.reason == "RemoteReset"
        await connectors_reported(station, but={(charging.evse, 1): "Occupied"})


@case("TC_B_41_CS", verifies="B12.FR.01 B12.FR.03", applies="HFS-8")
async def test_reset_on_idle_with_two_transactions(
    charging: Session, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, tokens: Tokens
) -> None:
    """A station that is to reset when idle waits for the last of its transactions."""
    other = await start_session(station, operator, await tokens.known("id_token_2"), evse=2)
    with requirement("B12.FR.01"):
        reset = await csms.call("Reset", type="OnIdle")
        assert reset.status == "Scheduled"
    with requirement("B12.FR.03"):
        for session in (charging, other):
            await station.stays_quiet("BootNotification")
            await _ends(session, station, operator)
        boot = await station.expect("BootNotification", within=station.pixit.reboot)
        assert boot.reason == "ScheduledReset"
        await connectors_reported(station, but=dict.fromkeys(_occupied(operator), "Occupied"))


async def _ends(session: Session, station: StationUnderTest, operator: StationOperator) -> Message:
    """Have the driver end a session by its token, and by pulling the cable out where the transaction lasts until then.

    Returns:
        The event that ends the transaction.

    Raises:
        NotSeen: there is none.
    """

    def ends(message: Message) -> bool:
        return transaction_of(message) == session.transaction_id and message.eventType.peek() == "Ended"

    await operator.present_token(session.token, evse=session.evse)
    first = await end_of_authorization(station)
    if ends(first):
        return first
    try:
        return await station.expect_where(ends, "the end of the transaction", within=station.pixit.quiet)
    except NotSeen:
        await operator.unplug(session.evse)
        return await station.expect_where(ends, "the end of the transaction")


def _occupied(operator: StationOperator) -> list[tuple[int, int]]:
    """Return the connectors (EVSE, connector) where an EV is left."""
    return [(evse, 1) for evse in operator.plugged]
