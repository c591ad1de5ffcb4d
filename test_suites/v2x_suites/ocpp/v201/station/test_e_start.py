"""Block E, transactions: where a transaction starts."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import reached
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import (
    assert_numbered,
    connector_is,
    events_of,
    expect_charging,
    is_charging,
    presents,
    set_variables,
    start_session,
    transaction_of,
)
from v2x_suites.ocpp.watch import Message

_LOCAL = "C-30 or C-31 or C-32 or C-33 or C-34 or C-35"
_ASKING = {"AuthCtrlr.Enabled": "true", "AuthCtrlr.DisableRemoteAuthorization": "false"}
_NO_MEMORY = {"AuthCacheCtrlr.Enabled": "false", "AuthCtrlr.LocalPreAuthorize": "false"}
_START = "E01.FR.07 E01.FR.10 E01.FR.15 E01.FR.16"

pytestmark = pytest.mark.usefixtures("remembers_nothing")


@case("TC_E_09_CS", verifies=f"E01.FR.02 E02.FR.05 {_START}", applies="C-09.1 and (C-51 or not C-09.6)")
@pytest.mark.configured({"TxCtrlr.TxStartPoint": "EVConnected"})
async def test_starts_when_connected(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """Where it starts with the EV, a transaction starts as soon as one is connected."""
    await operator.plug_in()
    with requirement("E01.FR.02", hard=True):
        started = await station.expect("TransactionEvent", eventType="Started")
        assert started.transactionInfo.chargingState == "EVConnected"
    with requirement("E02.FR.05"):
        assert [m for m in station.sent() if connector_is(m, "Occupied")], "the connector is not reported Occupied"
    with requirement("E01.FR.15"):
        assert started.triggerReason.is_in("CablePluggedIn", "ChargingStateChanged")
    await operator.present_token(token)
    await _goes_on(station, operator, started, token)


@case("TC_E_10_CS", verifies=f"E01.FR.03 C01.FR.02 {_START}", applies=f"C-09.2 and ({_LOCAL})")
@pytest.mark.configured({"TxCtrlr.TxStartPoint": "Authorized"}, optional=_ASKING)
async def test_starts_when_authorized(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """Where it starts with authorization, a transaction starts as soon as a token is accepted."""
    await operator.present_token(token)
    with requirement("C01.FR.02"):
        asked = await station.expect("Authorize")
        assert asked.idToken["idToken"] == token
    with requirement("E01.FR.03", hard=True):
        started = await station.expect("TransactionEvent", eventType="Started")
    with requirement("E01.FR.15"):
        assert started.triggerReason == "Authorized"
    await operator.plug_in()
    await _goes_on(station, operator, started, token)


@case(
    "TC_E_01_CS",
    verifies=f"E01.FR.05 {_START}",
    applies="C-09.4 and (C-51 or not (C-09.1 or C-09.2 or C-09.3 or C-09.6))",
)
@pytest.mark.configured({"TxCtrlr.TxStartPoint": "PowerPathClosed"})
async def test_starts_when_power_path_is_closed(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """Where it starts with the power path, a transaction starts when there are both authorization and EV, and not before."""
    await operator.present_token(token)
    with requirement("E01.FR.05", hard=True):
        await station.stays_quiet("TransactionEvent")
        await operator.plug_in()
        started = await station.expect("TransactionEvent", eventType="Started")
    with requirement("E01.FR.15"):
        assert started.triggerReason.is_in("CablePluggedIn", "ChargingStateChanged", "Authorized")
    await _goes_on(station, operator, started, token)


@case(
    "TC_E_02_CS",
    verifies=f"E01.FR.06 {_START}",
    applies="C-09.5 and (C-51 or not (C-09.1 or C-09.2 or C-09.3 or C-09.4 or C-09.6))",
)
@pytest.mark.configured({"TxCtrlr.TxStartPoint": "EnergyTransfer"})
async def test_starts_with_energy(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """Where it starts with energy, a transaction starts with the first event that tells Charging, and not before."""
    await operator.present_token(token)
    with requirement("E01.FR.06", hard=True):
        await station.stays_quiet("TransactionEvent")
        await operator.plug_in()
        started = await station.expect("TransactionEvent")
        assert started.eventType == "Started"
        assert started.transactionInfo.chargingState == "Charging"
    with requirement("E01.FR.15"):
        assert started.triggerReason.is_in("ChargingStateChanged", "Authorized")
    await _goes_on(station, operator, started, token)


async def _goes_on(station: StationUnderTest, operator: StationOperator, started: Message, token: str) -> None:
    """Judge what every transaction tells until its driver stops it: the token, the connector, numbers without a gap."""
    if not is_charging(started):
        await expect_charging(station)
    # Events that happen at the same time and have the same number are one event, sent again.
    await station.calm()
    await operator.present_token(token)
    await operator.unplug()
    await reached(station, "the end of the transaction", lambda m: m.eventType.peek() == "Ended")
    events = events_of(station, transaction_of(started))
    with requirement("E01.FR.10"):
        named = [e for e in events if presents(e, token)]
        assert named, f"no event of the transaction names {token}"
        assert named[0].idToken.type == "ISO14443"
    with requirement("E01.FR.16"):
        placed = [e for e in events if e.evse.id.peek() is not None]
        assert placed, "no event of the transaction says where it is"
        assert placed[0].evse.id == 1
        assert placed[0].evse.connectorId == 1
    with requirement("E01.FR.07"):
        assert_numbered(events)


@case(
    "TC_E_03_CS",
    verifies="C01.FR.02 E02.FR.01 E02.FR.05 E02.FR.07 E02.FR.13 E01.FR.16",
    applies=f"not AQ-2 and ({_LOCAL})",
)
@pytest.mark.configured({}, optional=_ASKING)
async def test_cable_first(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """A driver who plugs in first and then presents a token is told of at every step."""
    await operator.plug_in()
    with requirement("E02.FR.05"):
        await station.expect_where(lambda m: connector_is(m, "Occupied"), "the connector Occupied")
    await station.calm()
    await operator.present_token(token)
    with requirement("C01.FR.02"):
        asked = await station.expect("Authorize")
        assert asked.idToken["idToken"] == token
    with requirement("E02.FR.01", hard=True):
        authorized = await station.expect("TransactionEvent")
        assert authorized.triggerReason == "Authorized"
        assert authorized.idToken["idToken"] == token
    with requirement("E02.FR.13"):
        if not is_charging(authorized):
            await expect_charging(station)
    events = events_of(station, transaction_of(authorized))
    with requirement("E01.FR.16"):
        assert events[0].evse.id == 1
        assert events[0].evse.connectorId == 1
    with requirement("E02.FR.07"):
        assert_numbered(events)


@case("TC_E_04_CS", verifies="C01.FR.02 E03.FR.01 E03.FR.06 E01.FR.16", applies=_LOCAL)
@pytest.mark.configured({}, optional=_ASKING)
async def test_token_first(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """A driver who presents a token first and then plugs in is told of at every step."""
    await operator.present_token(token)
    with requirement("C01.FR.02"):
        asked = await station.expect("Authorize")
        assert asked.idToken["idToken"] == token
    await station.calm()
    await operator.plug_in()
    charging = await expect_charging(station)
    events = events_of(station, transaction_of(charging))
    with requirement("E03.FR.01"):
        assert events[0].idToken["idToken"] == token
    with requirement("E01.FR.16"):
        placed = [e for e in events if e.evse.exists]
        assert placed, "no event of the transaction says where it is"
        assert placed[0].evse.connectorId == 1
    with requirement("E03.FR.06"):
        assert_numbered(events)


@case("TC_E_05_CS", verifies="E03.FR.05 E03.FR.12 E03.FR.06", applies=_LOCAL)
@pytest.mark.configured(
    {"TxCtrlr.EVConnectionTimeOut": "10", "TxCtrlr.TxStartPoint": "Authorized", "TxCtrlr.TxStopPoint": "Authorized"},
    optional={**_ASKING, **_NO_MEMORY},
)
async def test_nobody_plugs_in(authorized: str, station: StationUnderTest, operator: StationOperator) -> None:
    """A transaction for which nobody plugs in ends with the time-out, and the EVSE is free for the next."""
    with requirement("E03.FR.12", hard=True):
        ended = await station.expect("TransactionEvent", triggerReason="EVConnectTimeout", within=15)
    with requirement("E03.FR.05"):
        assert ended.eventType == "Ended"
        assert ended.transactionInfo.stoppedReason == "Timeout"
    with requirement("E03.FR.06"):
        assert_numbered(events_of(station, transaction_of(ended)))
    await start_session(station, operator, authorized)


@case("TC_E_52_CS", verifies="C01.FR.02", applies=f"C-58 and C-49 and ({_LOCAL})")
@pytest.mark.configured({"AuthCtrlr.DisableRemoteAuthorization": "true"}, optional={"AuthCtrlr.Enabled": "true"})
async def test_remote_authorization_off(
    station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, token: str
) -> None:
    """A station that must not ask the CSMS refuses a token that it does not know, until it may ask again."""
    await operator.plug_in()
    await operator.present_token(token)
    with requirement("C01.FR.02"):
        await station.stays_quiet("Authorize")
        assert not [m for m in station.sent("TransactionEvent") if is_charging(m)], "an unknown token was accepted"
        await set_variables(csms, {"AuthCtrlr.DisableRemoteAuthorization": "false"})
        await operator.present_token(token)
        await station.expect("Authorize")
        await expect_charging(station)
