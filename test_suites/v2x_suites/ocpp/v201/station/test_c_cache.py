"""Block C, authorization: the authorization cache."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import reached
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import (
    Tokens,
    assert_starts_nothing,
    connect_ev,
    end_of_authorization,
    expect_charging,
    presents,
)

_CACHE = "C-49 and (C-30 or C-31 or C-32)"
_CACHING = {
    "AuthCacheCtrlr.Enabled": "true",
    "AuthCtrlr.LocalPreAuthorize": "true",
    "AuthCtrlr.DisableRemoteAuthorization": "false",
    "AuthCacheCtrlr.DisablePostAuthorize": "false",
}

pytestmark = pytest.mark.usefixtures("remembers_nothing")


@case("TC_C_08_CS", verifies="C12.FR.02 C12.FR.04", applies=_CACHE)
@pytest.mark.configured({}, optional=_CACHING)
async def test_cached_token(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """A token that is in the cache as accepted starts, and the CSMS is told of it."""
    token = await tokens.cached(operator, "id_token")
    await connect_ev(station, operator)
    await operator.present_token(token)
    with requirement("C12.FR.02", hard=True):
        told = await station.expect_where(lambda m: presents(m, token), f"a TransactionEvent with {token}")
        assert told.idToken.type == "ISO14443"
    with requirement("C12.FR.04"):
        if told.transactionInfo.chargingState.peek() != "Charging":
            await expect_charging(station)


@case("TC_C_09_CS", verifies="C12.FR.05 C10.FR.03 C01.FR.01", applies=_CACHE)
@pytest.mark.configured({}, optional=_CACHING)
async def test_cached_as_invalid(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """A token that is in the cache as invalid is asked about again, and starts nothing if it still is."""
    token = await tokens.cached(operator, "id_token_refused", "Invalid")
    await connect_ev(station, operator)
    await operator.present_token(token)
    with requirement("C12.FR.05", "C10.FR.03", hard=True):
        asked = await station.expect("Authorize")
        assert asked.idToken["idToken"] == token
    with requirement("C01.FR.01"):
        await assert_starts_nothing(station, token, asked)


@case("TC_C_12_CS", verifies="C12.FR.05 C10.FR.03 C12.FR.06", applies=_CACHE)
@pytest.mark.configured({}, optional=_CACHING)
async def test_cached_as_invalid_now_accepted(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """A token that is in the cache as invalid is asked about again, and starts if it is accepted by now."""
    token = await tokens.cached(operator, "id_token", "Invalid")
    await connect_ev(station, operator)
    await tokens.known("id_token", "Accepted")
    await operator.present_token(token)
    with requirement("C12.FR.05", "C10.FR.03"):
        asked = await station.expect("Authorize")
        assert asked.idToken["idToken"] == token
    with requirement("C12.FR.06"):
        await expect_charging(station)


@case("TC_C_32_CS", verifies="C10.FR.02", applies=_CACHE)
@pytest.mark.configured({}, optional=_CACHING)
async def test_cache_survives_power_cycle(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """The cache is still there after a power cycle."""
    token = await tokens.cached(operator, "id_token")
    await operator.power_cycle()
    await reached(station, "a boot", lambda m: m.action == "BootNotification")
    await connect_ev(station, operator)
    await operator.present_token(token)
    with requirement("C10.FR.02"):
        await _starts_unasked(station, token)


@case("TC_C_33_CS", verifies="C10.FR.04 C12.FR.06", applies=_CACHE)
@pytest.mark.configured({}, optional=_CACHING)
async def test_cache_learns_from_authorize(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """What the CSMS answers to Authorize is in the cache for the next time."""
    token = await tokens.known("id_token", "Invalid")
    await operator.present_token(token)
    await reached(station, "an Authorize", lambda m: m.action == "Authorize")
    await tokens.cached(operator, "id_token")
    await connect_ev(station, operator)
    await operator.present_token(token)
    with requirement("C10.FR.04", "C12.FR.06"):
        await _starts_unasked(station, token)


@case("TC_C_37_CS", verifies="C11.FR.01 C11.FR.02 C11.FR.03", applies=_CACHE)
@pytest.mark.configured({}, optional=_CACHING)
async def test_clear_cache(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, tokens: Tokens) -> None:
    """A cache that was cleared knows no token: the station asks again."""
    token = await tokens.cached(operator, "id_token")
    with requirement("C11.FR.02", "C11.FR.03"):
        answer = await csms.call("ClearCache")
        assert answer.status == "Accepted"
    with requirement("C11.FR.01"):
        await operator.plug_in()
        await operator.present_token(token)
        asked = await station.expect("Authorize")
        assert asked.idToken["idToken"] == token


@case("TC_C_38_CS", verifies="C11.FR.02 C11.FR.04", applies=_CACHE)
@pytest.mark.configured({"AuthCacheCtrlr.Enabled": "false"})
async def test_clear_cache_that_is_off(csms: CsmsOperator) -> None:
    """A cache that is switched off cannot be cleared."""
    with requirement("C11.FR.02", "C11.FR.04"):
        answer = await csms.call("ClearCache")
        assert answer.status == "Rejected"


@case("TC_C_41_CS", verifies="C09.FR.03 C09.FR.07 C01.FR.03", applies=_CACHE)
@pytest.mark.configured({}, optional={**_CACHING, "TxCtrlr.TxStopPoint": "Authorized"})
async def test_cached_group_stops(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """Another token of the group that is in the cache stops without the CSMS being asked."""
    token = await tokens.cached(operator, "id_token", group="V2X-GROUP")
    other = await tokens.cached(operator, "id_token_2", group="V2X-GROUP")
    await connect_ev(station, operator)
    await operator.present_token(token)
    await reached(station, "energy transfer", lambda m: m.transactionInfo.chargingState.peek() == "Charging")
    await operator.present_token(other)
    with requirement("C09.FR.07", "C01.FR.03", "C09.FR.03"):
        stopped = await end_of_authorization(station)
        assert stopped.action == "TransactionEvent", "the station asked the CSMS about a token of the group in its cache"
        assert stopped.triggerReason == "StopAuthorized"


async def _starts_unasked(station: StationUnderTest, token: str) -> None:
    """Assert that a token starts energy transfer without an Authorize."""
    first = await station.expect_where(
        lambda m: m.action == "Authorize" or presents(m, token), f"a TransactionEvent with {token}"
    )
    assert first.action == "TransactionEvent", "the station asked about a token that was in its cache"
    if first.transactionInfo.chargingState.peek() != "Charging":
        await expect_charging(station)
