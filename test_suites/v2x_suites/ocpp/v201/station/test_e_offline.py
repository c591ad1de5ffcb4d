"""Block E, transactions: what happens offline, and what the station can tell of its queue."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from v2x_harness.blocks import requirement
from v2x_harness.steer import Steer
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import offline
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import Session, Tokens, assert_numbered, events_of, transaction_of
from v2x_suites.ocpp.watch import Message

_LOCAL = "C-30 or C-31 or C-32 or C-35"
_SAMPLED = {"SampledDataCtrlr.TxUpdatedMeasurands": "Energy.Active.Import.Register", "SampledDataCtrlr.TxUpdatedInterval": "3"}
_SAMPLING = {"SampledDataCtrlr.Enabled": "true"}

# So long the station is offline while it samples (s).
_AWAY = 10.0


@case("TC_E_40_CS", verifies="E11.FR.01 E11.FR.02 E11.FR.03")
@pytest.mark.configured(_SAMPLED, optional=_SAMPLING)
async def test_offline_while_charging(charging_now: Session, station: StationUnderTest, link: Tap) -> None:
    """What a station measures while it is offline is kept, and sent marked as such when it is connected again."""
    async with offline(station, link):
        gone = station.watch.now
        await station.stays_quiet(for_=_AWAY)
    kept = await _queued(station, charging_now, gone)
    with requirement("E11.FR.01"):
        assert len(kept) >= 2, "events that happened offline are missing"
        assert_numbered(events_of(station, charging_now.transaction_id))
    with requirement("E11.FR.02"):
        for event in kept[: _samples(_AWAY)]:
            assert event.offline.is_in(True)
    with requirement("E11.FR.03"):
        assert [e for e in kept if e.meterValue], "the events that were kept have no meter values"


@case("TC_E_43_CS", verifies="E12.FR.01 E12.FR.02", applies=f"C-01 and ({_LOCAL})")
@pytest.mark.configured(
    {"AuthCtrlr.LocalAuthorizeOffline": "true"},
    optional={"AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true"},
)
async def test_whole_transaction_offline(station: StationUnderTest, operator: StationOperator, tokens: Tokens, link: Tap) -> None:
    """A transaction that starts and ends while the station is offline is told from start to end, marked as such."""
    token = await tokens.cached(operator, "id_token")
    async with offline(station, link):
        await operator.plug_in()
        await operator.present_token(token)
        await station.stays_quiet(for_=5)
        await operator.present_token(token)
        await operator.unplug()
        await station.stays_quiet(for_=5)
    with requirement("E12.FR.01", hard=True):
        started = await station.expect("TransactionEvent", eventType="Started")
        await station.expect("TransactionEvent", eventType="Ended")
        events = events_of(station, transaction_of(started))
        assert events[-1].eventType == "Ended"
        assert_numbered(events)
    with requirement("E12.FR.02"):
        for event in events:
            assert event.offline.is_in(True)


@case("TC_E_44_CS", verifies="E08.FR.04 E08.FR.05 E08.FR.06 E08.FR.07 E08.FR.08", applies=_LOCAL)
async def test_stopped_offline(charging: Session, station: StationUnderTest, operator: StationOperator, link: Tap) -> None:
    """A transaction that is stopped while the station is offline is told to have ended, marked as such."""
    known = len(events_of(station, charging.transaction_id))
    async with offline(station, link):
        await operator.present_token(charging.token)
        await operator.unplug()
        await station.stays_quiet(for_=5)
    with requirement("E08.FR.04", "E08.FR.05", "E08.FR.06", hard=True):
        ended = await station.expect("TransactionEvent", eventType="Ended")
        assert transaction_of(ended) == charging.transaction_id
    events = events_of(station, charging.transaction_id)
    with requirement("E08.FR.07"):
        for event in events[known:]:
            assert event.offline.is_in(True)
    with requirement("E08.FR.08"):
        assert_numbered(events)


@case("TC_E_28_CS", verifies="E14.FR.01")
async def test_status_of_unknown_transaction(csms: CsmsOperator) -> None:
    """A transaction that the station never had does not go on, and nothing waits."""
    with requirement("E14.FR.01"):
        answer = await csms.call("GetTransactionStatus", transactionId="7e0d5f9c-0b1f-4a7e-never-was")
        assert answer.ongoingIndicator.is_in(False)
        assert answer.messagesInQueue.is_in(False)


@case("TC_E_30_CS", verifies="E14.FR.02 E14.FR.05")
async def test_status_of_running_transaction(charging: Session, csms: CsmsOperator) -> None:
    """A transaction that runs goes on, and nothing waits while the station is online."""
    answer = await csms.call("GetTransactionStatus", transactionId=charging.transaction_id)
    with requirement("E14.FR.02"):
        assert answer.ongoingIndicator.is_in(True)
    with requirement("E14.FR.05"):
        assert answer.messagesInQueue.is_in(False)


@case("TC_E_32_CS", verifies="E14.FR.03 E14.FR.05")
async def test_status_of_ended_transaction(
    charging: Session, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator
) -> None:
    """A transaction that has ended does not go on, and nothing waits while the station is online."""
    await operator.present_token(charging.token)
    await operator.unplug()
    await station.calm()
    answer = await csms.call("GetTransactionStatus", transactionId=charging.transaction_id)
    with requirement("E14.FR.03"):
        assert answer.ongoingIndicator.is_in(False)
    with requirement("E14.FR.05"):
        assert answer.messagesInQueue.is_in(False)


@case("TC_E_34_CS", verifies="E14.FR.06 E14.FR.08")
async def test_status_of_empty_queue(csms: CsmsOperator) -> None:
    """Asked about no transaction, the station tells of its queue alone."""
    answer = await csms.call("GetTransactionStatus")
    with requirement("E14.FR.06"):
        assert not answer.is_error
        assert not answer.ongoingIndicator.exists
    with requirement("E14.FR.08"):
        assert answer.messagesInQueue.is_in(False)


@case("TC_E_29_CS", verifies="E14.FR.02 E14.FR.04 E11.FR.02")
@pytest.mark.configured(_SAMPLED, optional=_SAMPLING)
async def test_status_of_running_transaction_with_queue(
    charging_now: Session, station: StationUnderTest, csms: CsmsOperator, link: Tap
) -> None:
    """A transaction of which messages wait goes on, and something waits."""
    gone = await _away_with_slow_answers(station, link)
    answer = await csms.call("GetTransactionStatus", transactionId=charging_now.transaction_id)
    with requirement("E14.FR.02"):
        assert answer.ongoingIndicator.is_in(True)
    with requirement("E14.FR.04"):
        assert answer.messagesInQueue.is_in(True)
    link.install("steer", ())
    kept = await _queued(station, charging_now, gone)
    with requirement("E11.FR.02"):
        assert kept, "nothing of what waited was sent"
        assert kept[0].offline.is_in(True)


@case("TC_E_33_CS", verifies="E14.FR.06 E14.FR.07")
@pytest.mark.configured(_SAMPLED, optional=_SAMPLING)
async def test_status_of_queue(charging_now: Session, station: StationUnderTest, csms: CsmsOperator, link: Tap) -> None:
    """Asked about no transaction, a station where messages wait says so."""
    await _away_with_slow_answers(station, link)
    answer = await csms.call("GetTransactionStatus")
    link.install("steer", ())
    with requirement("E14.FR.06"):
        assert not answer.is_error
        assert not answer.ongoingIndicator.exists
    with requirement("E14.FR.07"):
        assert answer.messagesInQueue.is_in(True)


@pytest.fixture
async def charging_now(configured: None, charging: Session) -> Session:
    """Reusable state EnergyTransferStarted, with samples as the case's configuration state wants them."""
    return charging


async def _away_with_slow_answers(station: StationUnderTest, link: Tap) -> float:
    """Take the station offline for a while; what it kept is answered slowly then. Return when it went (s)."""
    async with offline(station, link):
        gone = station.watch.now
        await station.stays_quiet(for_=_AWAY)
        link.install("steer", [Steer(do="delay", sender="csms", label="CALLRESULT TransactionEvent", seconds=15)])
    await station.expect("TransactionEvent")
    return gone


async def _queued(station: StationUnderTest, session: Session, since: float) -> Sequence[Message]:
    """Return the events of a transaction that came after a time, once the station has sent what it kept."""
    await station.stays_quiet("BootNotification", for_=_AWAY)
    return [e for e in events_of(station, session.transaction_id) if e.t >= since]


def _samples(seconds: float) -> int:
    """Return how many samples are taken at least in that time."""
    return int(seconds // 3)
