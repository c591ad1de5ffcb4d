"""Block C, authorization: tokens that the station does not know, groups of tokens, the master pass."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import (
    Session,
    Tokens,
    assert_starts_nothing,
    connect_ev,
    events_of,
    expect_charging,
    presents,
    start_session,
    transaction_of,
)

_LOCAL_START = "C-30 or C-31 or C-32"
_NO_CACHE = {"AuthCacheCtrlr.Enabled": "false", "LocalAuthListCtrlr.Enabled": "false"}
_ASKING = {"AuthCtrlr.Enabled": "true", "AuthCtrlr.DisableRemoteAuthorization": "false"}
_GROUP = "V2X-GROUP"
_MASTER = "V2X-MASTERS"


@case("TC_C_02_CS", verifies="C01.FR.02 C01.FR.01", applies=f"({_LOCAL_START}) and not AQ-2")
@pytest.mark.configured({}, optional=_ASKING)
async def test_invalid_token(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """A token that the CSMS calls invalid starts nothing."""
    await _is_refused(station, operator, tokens, "Invalid")


@case("TC_C_06_CS", verifies="C01.FR.02 C01.FR.01", applies=f"({_LOCAL_START}) and not AQ-2")
@pytest.mark.configured({}, optional=_ASKING)
async def test_blocked_token(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """A token that the CSMS calls blocked starts nothing."""
    await _is_refused(station, operator, tokens, "Blocked")


@case("TC_C_07_CS", verifies="C01.FR.02 C01.FR.01", applies=f"({_LOCAL_START}) and not AQ-2")
@pytest.mark.configured({}, optional=_ASKING)
async def test_expired_token(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """A token that the CSMS calls expired starts nothing."""
    await _is_refused(station, operator, tokens, "Expired")


async def _is_refused(station: StationUnderTest, operator: StationOperator, tokens: Tokens, status: str) -> None:
    """Present a token of a status to a station with an EV, and judge that it is asked about and starts nothing."""
    await connect_ev(station, operator)
    token = await tokens.known("id_token_refused", status)
    await operator.present_token(token)
    with requirement("C01.FR.02", hard=True):
        asked = await station.expect("Authorize")
        assert asked.idToken["idToken"] == token
        assert asked.idToken.type == "ISO14443"
    with requirement("C01.FR.01"):
        await assert_starts_nothing(station, token, asked)


@case("TC_C_39_CS", verifies="C09.FR.03 C09.FR.05", applies=_LOCAL_START)
@pytest.mark.configured({}, optional={**_NO_CACHE, "TxCtrlr.TxStopPoint": "Authorized"})
async def test_group_stops(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """Another token of the group stops what one has started; the station asks about it first."""
    other = await tokens.known("id_token_2", group=_GROUP)
    session = await start_session(station, operator, await tokens.known("id_token", group=_GROUP))
    await operator.present_token(other)
    with requirement("C09.FR.05", hard=True):
        asked = await station.expect("Authorize")
        assert asked.idToken["idToken"] == other
    with requirement("C09.FR.03"):
        stopped = await station.expect("TransactionEvent", triggerReason="StopAuthorized")
        assert transaction_of(stopped) == session.transaction_id
        assert stopped.idToken["idToken"].is_in(other, None)


@case("TC_C_42_CS", verifies="C09.FR.11 C09.FR.05", applies=_LOCAL_START)
@pytest.mark.configured({}, optional=_NO_CACHE)
async def test_refused_token_of_group_stops_nothing(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """A token of the group that the CSMS does not accept stops nothing."""
    other = await tokens.known("id_token_refused", "Invalid", group=_GROUP)
    await start_session(station, operator, await tokens.known("id_token", group=_GROUP))
    await operator.present_token(other)
    with requirement("C09.FR.05", hard=True):
        asked = await station.expect("Authorize")
        assert asked.idToken["idToken"] == other
    with requirement("C09.FR.11"):
        await station.stays_quiet("TransactionEvent", triggerReason="StopAuthorized")
        await station.stays_quiet("TransactionEvent", eventType="Ended")


@case("TC_C_45_CS", verifies="C16.FR.03", applies=f"({_LOCAL_START}) and (C-07 or C-08)")
@pytest.mark.configured({"AuthCtrlr.MasterPassGroupId": _MASTER})
async def test_master_pass_starts_nothing(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """A master pass starts no transaction; the next token does."""
    master = await tokens.known("id_token_master", group=_MASTER)
    await operator.present_token(master)
    with requirement("C16.FR.03"):
        await station.expect("Authorize")
        await operator.plug_in()
        await station.calm()
        started = [m for m in station.sent("TransactionEvent") if presents(m, master)]
        assert not started, f"{started[0]} names the master pass"
        await operator.present_token(await tokens.known("id_token"))
        await expect_charging(station)


@case("TC_C_49_CS", verifies="C16.FR.02", applies=f"({_LOCAL_START}) and C-08")
@pytest.mark.configured({"AuthCtrlr.MasterPassGroupId": _MASTER}, optional={"TxCtrlr.TxStopPoint": "Authorized"})
async def test_master_pass_stops_everything(
    charging: Session, station: StationUnderTest, operator: StationOperator, tokens: Tokens
) -> None:
    """A master pass ends the transactions of all EVSEs."""
    sessions = [charging]
    if any(evse > 1 for evse, _ in station.connectors):
        sessions.append(await start_session(station, operator, await tokens.known("id_token_2"), evse=2))
    master = await tokens.known("id_token_master", group=_MASTER)
    await operator.present_token(master)
    with requirement("C16.FR.02"):
        for _ in sessions:
            await station.expect("TransactionEvent", eventType="Ended")
        for session in sessions:
            ended = events_of(station, session.transaction_id)[-1]
            assert ended.eventType == "Ended"
            assert ended.transactionInfo.stoppedReason == "MasterPass"
            assert ended.idToken["idToken"].is_in(master, None)
