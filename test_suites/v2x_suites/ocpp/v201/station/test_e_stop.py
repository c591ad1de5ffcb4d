"""Block E, transactions: where a transaction ends, and what the EV side has to do with it."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import offline, reached
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import (
    Session,
    Tokens,
    assert_numbered,
    connect_ev,
    connector_is,
    end_of_authorization,
    events_of,
    expect_charging,
    start_session,
    transaction_of,
)

_LOCAL = "C-30 or C-31 or C-32 or C-35"


@case("TC_E_15_CS", verifies="E06.FR.03 E06.FR.15 E07.FR.01 E07.FR.02", applies=f"C-10.2 and ({_LOCAL})")
@pytest.mark.configured({"TxCtrlr.TxStopPoint": "Authorized"})
async def test_token_stops(charging: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """Where it stops with authorization, the token that started ends the transaction, and nobody is asked."""
    await operator.present_token(charging.token)
    with requirement("E07.FR.01"):
        first = await end_of_authorization(station)
        assert first.action == "TransactionEvent", "the station asked the CSMS about the token that started"
    with requirement("E06.FR.15", "E07.FR.02"):
        assert first.triggerReason == "StopAuthorized"
        assert first.idToken["idToken"].is_in(charging.token, None)
    with requirement("E06.FR.03"):
        ended = first if first.eventType.peek() == "Ended" else await station.expect("TransactionEvent", eventType="Ended")
        assert transaction_of(ended) == charging.transaction_id
        assert ended.transactionInfo.stoppedReason.is_in("Local", None)


@case("TC_E_07_CS", verifies="E06.FR.06 E06.FR.15", applies=f"C-10.3 and (C-52 or not C-10.2) and ({_LOCAL})")
@pytest.mark.configured({"TxCtrlr.TxStopPoint": "PowerPathClosed"})
async def test_token_opens_power_path(charging: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """Where it stops with the power path, the token that started ends the transaction too."""
    await operator.present_token(charging.token)
    with requirement("E06.FR.15"):
        await station.expect("TransactionEvent", triggerReason="StopAuthorized")
    with requirement("E06.FR.06"):
        await station.calm()
        ended = events_of(station, charging.transaction_id)[-1]
        assert ended.eventType == "Ended"
        assert ended.transactionInfo.chargingState.is_in("EVConnected", None)
        assert ended.transactionInfo.stoppedReason.is_in("Local", None)


@case(
    "TC_E_14_CS",
    verifies="E06.FR.02 E06.FR.15 E06.FR.14",
    applies="HFS-1 and C-10.1 and (C-52 or not (C-10.2 or C-10.3 or C-10.4))",
)
@pytest.mark.configured({"TxCtrlr.TxStopPoint": "EVConnected"})
async def test_unplugging_stops(charging: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """Where it stops with the EV, a transaction whose authorization has ended goes on until the EV is unplugged."""
    await operator.present_token(charging.token)
    await reached(station, "the end of authorization", lambda m: m.triggerReason.peek() == "StopAuthorized")
    await operator.unplug()
    with requirement("E06.FR.02", hard=True):
        assert not [e for e in events_of(station, charging.transaction_id) if e.eventType == "Ended"], "it ended before"
        ended = await station.expect("TransactionEvent", eventType="Ended")
        assert transaction_of(ended) == charging.transaction_id
        assert ended.transactionInfo.chargingState.is_in("Idle", None)
        assert ended.transactionInfo.stoppedReason.is_in("Local", "EVDisconnected", None)
    with requirement("E06.FR.15"):
        assert ended.triggerReason == "EVCommunicationLost"
    with requirement("E06.FR.14"):
        assert_numbered(events_of(station, charging.transaction_id))


@case("TC_E_21_CS", verifies="E06.FR.03 E06.FR.08 E06.FR.15", applies="C-10.2")
@pytest.mark.configured({"TxCtrlr.TxStopPoint": "Authorized"})
async def test_remote_stop_stops(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """Where it stops with authorization, the CSMS can end the transaction."""
    with requirement("E06.FR.03", hard=True):
        answer = await csms.call("RequestStopTransaction", transactionId=charging.transaction_id)
        assert answer.status == "Accepted"
        ended = await station.expect("TransactionEvent", eventType="Ended")
        assert transaction_of(ended) == charging.transaction_id
    with requirement("E06.FR.15"):
        assert "RemoteStop" in [e.triggerReason.peek() for e in events_of(station, charging.transaction_id)]
    with requirement("E06.FR.08"):
        assert ended.transactionInfo.stoppedReason == "Remote"


@case(
    "TC_E_16_CS",
    verifies="C15.FR.02 C15.FR.04 E04.FR.03 E05.FR.10 E06.FR.15",
    applies=f"(C-10.2 or C-10.3) and ({_LOCAL}) and C-01",
)
@pytest.mark.configured(
    {"TxCtrlr.TxStopPoint": "Authorized", "TxCtrlr.StopTxOnInvalidId": "true", "AuthCtrlr.LocalAuthorizeOffline": "true"},
    optional={"AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true"},
)
async def test_deauthorized(station: StationUnderTest, operator: StationOperator, tokens: Tokens, link: Tap) -> None:
    """A transaction that started offline ends when the CSMS turns out not to accept its token."""
    token = await tokens.cached(operator, "id_token")
    async with offline(station, link):
        await operator.plug_in()
        await operator.present_token(token)
        await station.stays_quiet(for_=5)
        await tokens.known("id_token", "Invalid")
    with requirement("C15.FR.02", hard=True):
        told = await station.expect("TransactionEvent")
    with requirement("E04.FR.03"):
        assert told.offline.is_in(True)
    with requirement("C15.FR.04", "E05.FR.10"):
        ended = await station.expect("TransactionEvent", eventType="Ended")
        assert transaction_of(ended) == transaction_of(told)
        assert ended.transactionInfo.stoppedReason == "DeAuthorized"
    with requirement("E06.FR.15"):
        assert "Deauthorized" in [e.triggerReason.peek() for e in events_of(station, transaction_of(told))]


@case("TC_E_25_CS", verifies="E09.FR.01 E09.FR.03 E09.FR.04", applies="C-06.2 and C-12.2 and HFS-1 and AQ-9")
@pytest.mark.configured(
    {
        "TxCtrlr.TxStopPoint": "Authorized",
        "TxCtrlr.StopTxOnEVSideDisconnect": "true",
        "OCPPCommCtrlr.UnlockOnEVSideDisconnect": "false",
    }
)
async def test_ev_side_disconnect_deauthorizes(suspended: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """A cable that is pulled out of the EV ends the authorization, and stays locked until the driver presents the token."""
    await operator.unplug()
    with requirement("E09.FR.01", hard=True):
        lost = await station.expect("TransactionEvent", triggerReason="EVCommunicationLost")
        assert transaction_of(lost) == suspended.transaction_id
        assert lost.eventType == "Ended"
        assert lost.transactionInfo.chargingState == "Idle"
    with requirement("E09.FR.04"):
        assert_numbered(events_of(station, suspended.transaction_id))
    with requirement("E09.FR.03"):
        await station.calm()
        freed = [m for m in station.sent() if m.n > lost.n and connector_is(m, "Available")]
        assert not freed, "the cable was unlocked before the driver presented the token"
        await operator.present_token(suspended.token)
        await station.expect_where(lambda m: connector_is(m, "Available"), "the connector Available")


@case(
    "TC_E_26_CS",
    verifies="E10.FR.03 E02.FR.13 E02.FR.17",
    applies="(C-10.2 or C-10.5) and (C-52 or not (C-10.1 or C-10.3 or C-10.4)) and C-06.1 and C-12.2 and AQ-9",
)
@pytest.mark.configured(
    {
        "TxCtrlr.TxStopPoint": "Authorized",
        "TxCtrlr.StopTxOnEVSideDisconnect": "false",
        "OCPPCommCtrlr.UnlockOnEVSideDisconnect": "false",
    }
)
async def test_ev_side_disconnect_suspends(suspended: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """A cable that is pulled out of the EV suspends the transaction, which goes on when the cable is back."""
    await operator.unplug()
    with requirement("E02.FR.17", hard=True):
        lost = await station.expect("TransactionEvent", triggerReason="EVCommunicationLost")
        assert lost.eventType == "Updated"
        assert lost.transactionInfo.chargingState == "Idle"
        await operator.plug_in()
        back = await station.expect("TransactionEvent", triggerReason="CablePluggedIn")
        assert transaction_of(back) == suspended.transaction_id
    with requirement("E02.FR.13"):
        again = await expect_charging(station)
        assert transaction_of(again) == suspended.transaction_id
        assert again.eventType == "Updated"
    with requirement("E10.FR.03"):
        assert_numbered(events_of(station, suspended.transaction_id))


@case("V2X_E_POWER_CUT", verifies="E01.FR.07 E01.FR.08")
async def test_power_cut_while_charging(charging: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """A transaction that a power cut interrupts is numbered on, comes to its end, and its id is never used again."""
    await operator.power_cycle()
    await reached(station, "a boot", lambda m: m.action == "BootNotification")
    await operator.unplug()
    with requirement("E01.FR.07"):
        await station.calm()
        events = events_of(station, charging.transaction_id)
        assert events[-1].eventType == "Ended"
        assert_numbered(events)
    with requirement("E01.FR.08"):
        await connect_ev(station, operator)
        await operator.present_token(charging.token)
        again = await expect_charging(station)
        assert transaction_of(again) != charging.transaction_id, "a transaction after the reboot has the id of one before"


@case("V2X_E_TWO_EVSES", verifies="E01.FR.07 E01.FR.16", applies="HFS-8")
async def test_two_transactions_side_by_side(
    charging: Session, station: StationUnderTest, operator: StationOperator, tokens: Tokens
) -> None:
    """Two EVSEs charge side by side: each transaction has a place and numbers of its own."""
    other = await start_session(station, operator, await tokens.known("id_token_2"), evse=2)
    for session in (charging, other):
        await operator.present_token(session.token, evse=session.evse)
        await operator.unplug(session.evse)
        await station.calm()
    for session in (charging, other):
        events = events_of(station, session.transaction_id)
        with requirement("E01.FR.16"):
            places = {e.evse.id.peek() for e in events if e.evse.exists}
            assert places == {session.evse}, f"the transaction on EVSE {session.evse} is told to be on {places}"
        with requirement("E01.FR.07"):
            assert events[-1].eventType == "Ended"
            assert_numbered(events)
