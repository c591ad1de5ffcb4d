"""Core profile: who may charge; the authorization cache."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import Tokens
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case

_CACHING = {"AuthorizationCacheEnabled": "true", "LocalPreAuthorize": "true"}


@case("TC_007_1_CS", verifies="OCPP-1.6#3.5.1.cache OCPP-1.6#4.8.start", applies="AuthorizationCache")
@pytest.mark.configured(_CACHING)
async def test_cached_id(station: StationUnderTest, operator: StationOperator, cached: str) -> None:
    """With LocalPreAuthorize, who is known from before charges without the central system being asked."""
    await operator.plug_in()
    await operator.present_token(cached)
    with requirement("OCPP-1.6#3.5.1.cache", hard=True):
        first = await station.expect_where(lambda m: m.action in ("Authorize", "StartTransaction"), "StartTransaction")
        assert first.action == "StartTransaction", "the central system is asked about an idTag that is known"
    with requirement("OCPP-1.6#4.8.start"):
        assert first.idTag == cached
        assert first.connectorId == 1


@case("TC_061_1_CS", verifies="OCPP-1.6#5.4.clear OCPP-1.6#4.1.authorize", applies="AuthorizationCache")
@pytest.mark.configured(_CACHING)
async def test_clear_cache(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, cached: str) -> None:
    """When its cache has been cleared, a charge point knows nobody from before."""
    with requirement("OCPP-1.6#5.4.clear"):
        answer = await csms.call("ClearCache")
        assert answer.status == "Accepted"
    await operator.plug_in()
    await operator.present_token(cached)
    with requirement("OCPP-1.6#4.1.authorize"):
        first = await station.expect_where(lambda m: m.action in ("Authorize", "StartTransaction"), "Authorize")
        assert first.action == "Authorize", "an idTag that was cleared from the cache charges"
        assert first.idTag == cached


@case("TC_023_4_CS", verifies="OCPP-1.6#4.1.authorize OCPP-1.6#4.1.refused")
@pytest.mark.configured({"LocalPreAuthorize": "false"})
async def test_refused_ids(station: StationUnderTest, operator: StationOperator, tokens: Tokens) -> None:
    """Who is invalid, blocked or expired does not charge."""
    await operator.plug_in()
    for status in ("Invalid", "Blocked", "Expired"):
        refused = await tokens.known("id_token_refused", status)
        await operator.present_token(refused)
        with requirement("OCPP-1.6#4.1.authorize", hard=True):
            asked = await station.expect("Authorize", idTag=refused)
            await station.answered(asked)
        with requirement("OCPP-1.6#4.1.refused"):
            await station.stays_quiet("StartTransaction")


@case("TC_023_5_CS", verifies="OCPP-1.6#5.11.answer OCPP-1.6#5.11.authorize OCPP-1.6#4.1.refused")
@pytest.mark.configured({"AuthorizeRemoteTxRequests": "true", "LocalPreAuthorize": "false"})
async def test_remote_start_of_refused_id(
    ev_connected: None, station: StationUnderTest, csms: CsmsOperator, tokens: Tokens
) -> None:
    """With AuthorizeRemoteTxRequests, a remote start for somebody invalid is authorized first, and comes to nothing."""
    refused = await tokens.known("id_token_refused", "Invalid")
    with requirement("OCPP-1.6#5.11.answer"):
        answer = await csms.call("RemoteStartTransaction", idTag=refused, connectorId=1)
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#5.11.authorize"):
        await station.expect("Authorize", idTag=refused)
    with requirement("OCPP-1.6#4.1.refused"):
        await station.stays_quiet("StartTransaction")
