"""Core profile: what a charge point does without a connection, and what it tells when it has one again."""

from __future__ import annotations

from itertools import pairwise

import pytest
from v2x_harness.blocks import requirement
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import Tokens, offline
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import Session, moment
from v2x_suites.ocpp.watch import Message

# How long the charge point is left alone at a time (s), and what may be between an act and its time stamp (s).
_AWAY, _TOLERANCE = 15.0, 4.0

_LOCALLY = {"LocalAuthorizeOffline": "true", "AuthorizationCacheEnabled": "true"}


@case("TC_036_CS", verifies="OCPP-1.6#3.7 OCPP-1.6#3.7.time OCPP-1.6#4.10.stop")
@pytest.mark.configured({"MeterValueSampleInterval": "10", "MeterValuesSampledData": "Energy.Active.Import.Register"})
async def test_connection_loss_while_charging(
    charging: Session, station: StationUnderTest, operator: StationOperator, link: Tap
) -> None:
    """A transaction goes on without a connection, and no sample of that time is lost."""
    async with offline(station, link):
        await station.stays_quiet(for_=3 * _AWAY)
    await station.stays_quiet("StopTransaction", "StartTransaction", for_=_AWAY)
    await operator.present_token(charging.id_tag)
    with requirement("OCPP-1.6#4.10.stop", hard=True):
        stop = await station.expect("StopTransaction")
        assert stop.transactionId == charging.transaction_id
    samples = station.sent("MeterValues", transactionId=charging.transaction_id)
    with requirement("OCPP-1.6#3.7.time"):
        times = [moment(value.timestamp) for message in samples for value in message.meterValue]
        assert len(times) > 3 * _AWAY / 10, f"{len(times)} samples of a transaction of {4 * _AWAY:g} s"
    with requirement("OCPP-1.6#3.7"):
        gaps = [(after - before).total_seconds() for before, after in pairwise(times)]
        assert min(gaps) >= 0, "samples are told in another order than they were taken in"
        assert max(gaps) < 10 + _TOLERANCE, f"no sample of {max(gaps):g} s without a connection"
        assert times[-1] <= moment(stop.timestamp)


@case("TC_037_1_CS", verifies="OCPP-1.6#3.5.offline OCPP-1.6#3.7.time", applies="AuthorizationCache")
@pytest.mark.configured(_LOCALLY)
async def test_offline_start(cached: str, station: StationUnderTest, operator: StationOperator, link: Tap) -> None:
    """Who is known from before charges without a connection; the central system learns later when it began."""
    async with offline(station, link):
        begun = await _charge(station, operator, cached)
        await station.stays_quiet(for_=_AWAY)
    with requirement("OCPP-1.6#3.5.offline", hard=True):
        start = await station.expect("StartTransaction")
        assert start.idTag == cached
    await operator.present_token(cached)
    stop = await station.expect("StopTransaction")
    with requirement("OCPP-1.6#3.7.time"):
        assert _seconds(start, stop) == pytest.approx(stop.t - begun, abs=_TOLERANCE), "the time of the start is not true"


@case("TC_037_3_CS", verifies="OCPP-1.6#3.5.4.start OCPP-1.6#3.5.4.deauthorized", applies="UnknownOfflineAuthorization")
@pytest.mark.configured(
    {"LocalAuthorizeOffline": "true", "AllowOfflineTxForUnknownId": "true", "StopTransactionOnInvalidId": "true"}
)
async def test_offline_start_of_invalid_id(
    station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, tokens: Tokens, link: Tap
) -> None:
    """Somebody unknown who began without a connection is stopped when the central system calls the idTag invalid."""
    refused = await tokens.known("id_token_refused", "Invalid")
    await csms.call("ClearCache")
    async with offline(station, link):
        await _charge(station, operator, refused)
    with requirement("OCPP-1.6#3.5.4.start", hard=True):
        start = await station.expect("StartTransaction")
        assert start.idTag == refused
    answer = await station.answered(start)
    with requirement("OCPP-1.6#3.5.4.deauthorized"):
        stop = await station.expect("StopTransaction")
        assert stop.transactionId == answer.transactionId.number()
        assert stop.reason == "DeAuthorized"


@case("TC_038_CS", verifies="OCPP-1.6#4.10.stop OCPP-1.6#3.7.time")
async def test_offline_stop(charging: Session, station: StationUnderTest, operator: StationOperator, link: Tap) -> None:
    """A transaction is stopped without a connection; the central system learns later when that was."""
    start = station.sent("StartTransaction")[-1]
    async with offline(station, link):
        await operator.present_token(charging.id_tag)
        stopped = station.watch.now
        await station.stays_quiet(for_=_AWAY)
    with requirement("OCPP-1.6#4.10.stop", hard=True):
        stop = await station.expect("StopTransaction")
        assert stop.transactionId == charging.transaction_id
    with requirement("OCPP-1.6#3.7.time"):
        assert _seconds(start, stop) == pytest.approx(stopped - start.t, abs=_TOLERANCE), "the time of the end is not true"


@case(
    "TC_039_CS",
    verifies="OCPP-1.6#3.5.offline OCPP-1.6#3.7 OCPP-1.6#3.7.time OCPP-1.6#4.10.stop",
    applies="AuthorizationCache",
)
@pytest.mark.configured(_LOCALLY)
async def test_offline_transaction(cached: str, station: StationUnderTest, operator: StationOperator, link: Tap) -> None:
    """A whole transaction without a connection is told of in its order, with the times of its start and end."""
    async with offline(station, link):
        begun = await _charge(station, operator, cached)
        await operator.present_token(cached)
        lasted = station.watch.now - begun
        await station.stays_quiet(for_=_AWAY)
    with requirement("OCPP-1.6#3.5.offline", "OCPP-1.6#3.7", hard=True):
        first = await station.expect_where(lambda m: m.action in ("StartTransaction", "StopTransaction"), "StartTransaction")
        assert first.action == "StartTransaction"
        assert first.idTag == cached
    answer = await station.answered(first)
    with requirement("OCPP-1.6#4.10.stop", hard=True):
        stop = await station.expect("StopTransaction")
        assert stop.transactionId == answer.transactionId.number()
        assert stop.meterStop >= first.meterStart.number()
    with requirement("OCPP-1.6#3.7.time"):
        assert _seconds(first, stop) == pytest.approx(lasted, abs=_TOLERANCE), "the times of start and end are not true"


async def _charge(station: StationUnderTest, operator: StationOperator, id_tag: str) -> float:
    """Charge for a while without a connection; return when it began on the journal's clock (s)."""
    await operator.plug_in()
    await operator.present_token(id_tag)
    begun = station.watch.now
    await station.stays_quiet(for_=_AWAY)
    return begun


def _seconds(start: Message, stop: Message) -> float:
    return (moment(stop.timestamp) - moment(start.timestamp)).total_seconds()
