"""Block C, authorization: the local authorization list, online and offline."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement
from v2x_harness.events import Json
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import offline, reached
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import (
    Tokens,
    connect_ev,
    end_of_authorization,
    expect_charging,
    is_charging,
    presents,
    send_local_list,
)

_LIST = "LA-1 and (C-30 or C-31 or C-32)"
_LISTING = {
    "LocalAuthListCtrlr.Enabled": "true",
    "AuthCtrlr.LocalPreAuthorize": "true",
    "AuthCtrlr.DisableRemoteAuthorization": "false",
    "LocalAuthListCtrlr.DisablePostAuthorize": "false",
}
_OFFLINE = {"AuthCtrlr.LocalAuthorizeOffline": "true"}
_KNOWN_ONLY = {**_LISTING, "AuthCtrlr.OfflineTxForUnknownIdEnabled": "false"}

# So long a station is offline with an EV and a token (s).
_WHILE = 5.0

pytestmark = pytest.mark.usefixtures("remembers_nothing")


@case("TC_C_27_CS", verifies="C14.FR.02 C14.FR.04", applies=_LIST)
@pytest.mark.configured({}, optional=_LISTING)
async def test_listed_token(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, tokens: Tokens) -> None:
    """A token that the list has as accepted starts without the CSMS being asked."""
    token = await tokens.known("id_token")
    await send_local_list(csms, {token: {"status": "Accepted"}})
    await operator.present_token(token)
    await operator.plug_in()
    with requirement("C14.FR.02", "C14.FR.04"):
        await expect_charging(station)
        asked = [m for m in station.sent("Authorize") if m.idToken["idToken"].peek() == token]
        assert not asked, f"{asked[0]} asks about a token that the list has as accepted"


@case("TC_C_31_CS", verifies="C14.FR.03", applies=_LIST)
@pytest.mark.configured({}, optional=_LISTING)
async def test_listed_as_invalid_now_accepted(
    station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, tokens: Tokens
) -> None:
    """A token that the list has as invalid is asked about, and starts if the CSMS accepts it."""
    token = await tokens.known("id_token")
    await send_local_list(csms, {token: {"status": "Invalid"}})
    await operator.present_token(token)
    with requirement("C14.FR.03"):
        asked = await station.expect("Authorize")
        assert asked.idToken["idToken"] == token
        await operator.plug_in()
        await expect_charging(station)


@case("TC_C_40_CS", verifies="C09.FR.03 C09.FR.07", applies=_LIST)
@pytest.mark.configured({}, optional={**_LISTING, "TxCtrlr.TxStopPoint": "Authorized"})
async def test_listed_group_stops(
    station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, tokens: Tokens
) -> None:
    """Another token of the group that is in the list stops without the CSMS being asked."""
    group: Json = {"idToken": "V2X-GROUP", "type": "ISO14443"}
    token, other = await tokens.known("id_token", group="V2X-GROUP"), await tokens.known("id_token_2", group="V2X-GROUP")
    await send_local_list(csms, {t: {"status": "Accepted", "groupIdToken": group} for t in (token, other)})
    await connect_ev(station, operator)
    await operator.present_token(token)
    await reached(station, "energy transfer", is_charging)
    await operator.present_token(other)
    with requirement("C09.FR.07", "C09.FR.03"):
        stopped = await end_of_authorization(station)
        assert stopped.action == "TransactionEvent", "the station asked the CSMS about a token of the group in its list"
        assert stopped.triggerReason == "StopAuthorized"


@case("TC_C_21_CS", verifies="C13.FR.02 C13.FR.05 E04.FR.03", applies=_LIST)
@pytest.mark.configured(_OFFLINE, optional=_KNOWN_ONLY)
async def test_listed_token_offline(
    station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, tokens: Tokens, link: Tap
) -> None:
    """A token that the list has as accepted starts while the station is offline."""
    token = await tokens.known("id_token")
    await send_local_list(csms, {token: {"status": "Accepted"}})
    async with offline(station, link):
        await operator.plug_in()
        await operator.present_token(token)
        await station.stays_quiet(for_=_WHILE)
    with requirement("C13.FR.02", "C13.FR.05", hard=True):
        told = await station.expect_where(lambda m: presents(m, token), f"a TransactionEvent with {token}")
    with requirement("E04.FR.03"):
        assert told.offline.is_in(True)


@case("TC_C_22_CS", verifies="C13.FR.02 C13.FR.05", applies=_LIST)
@pytest.mark.configured(_OFFLINE, optional=_KNOWN_ONLY)
async def test_listed_as_invalid_offline(
    station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, tokens: Tokens, link: Tap
) -> None:
    """A token that the list has as invalid starts nothing while the station is offline."""
    refused, token = await tokens.known("id_token_refused", "Invalid"), await tokens.known("id_token")
    await send_local_list(csms, {refused: {"status": "Invalid"}, token: {"status": "Accepted"}})
    await _starts_nothing_offline(station, operator, link, refused)
    with requirement("C13.FR.02", "C13.FR.05"):
        _assert_nothing_started(station, refused)
        await operator.present_token(token)
        await expect_charging(station)


@case("TC_C_25_CS", verifies="C13.FR.01 C14.FR.01", applies=f"C-49 and C-02 and {_LIST}")
@pytest.mark.configured(
    {**_OFFLINE, "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true"}, optional={**_LISTING, "AuthCacheCtrlr.Enabled": "true"}
)
async def test_list_before_cache(
    station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, tokens: Tokens, link: Tap
) -> None:
    """A token that the cache has as accepted and the list as invalid starts nothing while the station is offline."""
    token, other = await tokens.cached(operator, "id_token"), await tokens.known("id_token_2")
    await send_local_list(csms, {token: {"status": "Invalid"}, other: {"status": "Accepted"}})
    before = len(station.sent("TransactionEvent"))
    await _starts_nothing_offline(station, operator, link, token)
    with requirement("C13.FR.01", "C14.FR.01"):
        _assert_nothing_started(station, token, after=before)
        await operator.present_token(other)
        await expect_charging(station)


async def _starts_nothing_offline(station: StationUnderTest, operator: StationOperator, link: Tap, token: str) -> None:
    """Plug an EV in and present a token while the station is offline, and let it send what it kept."""
    async with offline(station, link):
        await operator.plug_in()
        await operator.present_token(token)
        await station.stays_quiet(for_=_WHILE)
    await station.calm()


def _assert_nothing_started(station: StationUnderTest, token: str, after: int = 0) -> None:
    """Assert that no TransactionEvent but the first `after` tells of a token, or of energy."""
    for event in station.sent("TransactionEvent")[after:]:
        assert not presents(event, token), f"a transaction was authorized with {token}"
        assert not is_charging(event), "energy was transferred without authorization"
