"""What cases of remote control and availability ask alike: messages triggered, connectors waited for."""

from __future__ import annotations

from collections.abc import Collection

from v2x_harness.blocks import NotSeen
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station.states import Session, reported_states, transaction_of
from v2x_suites.ocpp.watch import Message


async def request_start(csms: CsmsOperator, token: str, remote_start_id: int, evse: int = 1, profile: Json = None) -> Message:
    """Have the CSMS start a transaction for a token; return the station's answer.

    Args:
        profile: charging profile for the transaction; None for none.
    """
    payload: dict[str, Json] = {
        "remoteStartId": remote_start_id,
        "evseId": evse,
        "idToken": {"idToken": token, "type": "ISO14443"},
    }
    return await csms.call("RequestStartTransaction", payload | ({} if profile is None else {"chargingProfile": profile}))


async def trigger(csms: CsmsOperator, message: str, evse: int | None = None, connector: int | None = None) -> Message:
    """Have the CSMS ask for a message; return the station's answer."""
    place: dict[str, Json] = {} if evse is None else {"id": evse}
    if connector is not None:
        place["connectorId"] = connector
    payload: dict[str, Json] = {"requestedMessage": message}
    return await csms.call("TriggerMessage", payload | ({"evse": place} if place else {}))


async def change_availability(csms: CsmsOperator, status: str, evse: int | None = None, connector: int | None = None) -> Message:
    """Have the CSMS put the station, an EVSE or a connector in or out of operation; return the station's answer.

    Args:
        status: ``Operative`` or ``Inoperative``.
    """
    place: dict[str, Json] = {} if evse is None else {"id": evse}
    if connector is not None:
        place["connectorId"] = connector
    payload: dict[str, Json] = {"operationalStatus": status}
    return await csms.call("ChangeAvailability", payload | ({"evse": place} if place else {}))


async def connectors_become(station: StationUnderTest, status: str, places: Collection[tuple[int, int]]) -> None:
    """Wait until each of some connectors (EVSE, connector) is reported in a status; what comes of others is passed over.

    Raises:
        NotSeen: one is not.
    """
    left = set(places)

    def fits(message: Message) -> bool:
        return any(place in left and state.peek() == status for place, state in reported_states(message).items())

    while left:
        try:
            message = await station.expect_where(fits, f"{status} of connector {min(left)} (EVSE, connector)")
        except NotSeen as missing:
            missing.add_note(f"connectors (EVSE, connector) not reported so: {sorted(left)}")
            raise
        left -= {place for place, state in reported_states(message).items() if state.peek() == status}


async def stop_session(station: StationUnderTest, operator: StationOperator, session: Session) -> Message:
    """Have the driver stop with the token that started, and go; return the first event of the transaction after that.

    Raises:
        NotSeen: the station does not take note of the token.
    """
    await operator.present_token(session.token, evse=session.evse)
    event = await station.expect_where(lambda m: transaction_of(m) == session.transaction_id, "an event of the transaction")
    await operator.unplug(session.evse)
    return event
