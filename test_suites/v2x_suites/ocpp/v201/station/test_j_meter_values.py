"""Block J, meter values: clock-aligned, sampled, of the beginning and the end of transactions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from v2x_harness.blocks import requirement
from v2x_harness.field import Field

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.remote import stop_session
from v2x_suites.ocpp.v201.station.states import Session, events_of, set_variables, transaction_of
from v2x_suites.ocpp.watch import Message

_ENERGY = "Energy.Active.Import.Register"
# Seconds between values, and by how much a timestamp may be off.
_INTERVAL = 10
_TOLERANCE = 1.0
_ALIGNED = {"AlignedDataCtrlr.Measurands": _ENERGY, "AlignedDataCtrlr.Interval": str(_INTERVAL)}


def _samples(values: Iterable[Field]) -> list[Field]:
    """Return the samples of meter values."""
    return [sample for value in values for sample in value.sampledValue]


def _assert_samples(values: Iterable[Field], context: str) -> None:
    """Assert that the energy register is among meter values, and why each of them was taken."""
    samples = _samples(values)
    assert samples, "there are no meter values"
    for sample in samples:
        assert sample.context == context
    assert any(sample.measurand.peek() in (_ENERGY, None) for sample in samples), f"{_ENERGY} is missing"


def _times(values: Iterable[Field]) -> list[datetime]:
    """Return the different times of meter values, in order."""
    texts = {str(value.timestamp.peek()) for value in values}
    return sorted(datetime.fromisoformat(text).astimezone(UTC) for text in texts)


def _assert_spaced(times: list[datetime], interval: float) -> None:
    """Assert that one interval lies between each time and the next."""
    for before, after in pairwise(times):
        seconds = (after - before).total_seconds()
        assert abs(seconds - interval) <= _TOLERANCE, f"{seconds:g} s instead of {interval:g} s between values"


def _assert_aligned(times: list[datetime], interval: float) -> None:
    """Assert that times are multiples of an interval since midnight UTC."""
    for time in times:
        since = (time - time.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds()
        off = min(since % interval, -since % interval)
        assert off <= _TOLERANCE, f"{time:%H:%M:%S} is no multiple of {interval:g} s"


def _aligned_of(message: Message, evse: int, transaction: str = "") -> list[Field]:
    """Return the clock-aligned meter values of an EVSE in a message, told by either of the two messages that may."""
    told = message.action == "MeterValues" and message.evseId.peek() == evse
    told = told or (bool(transaction) and transaction_of(message) == transaction)
    return [v for v in message.meterValue if told and any(s.context.peek() == "Sample.Clock" for s in v.sampledValue)]


async def _three_aligned(station: StationUnderTest, evse: int, transaction: str = "") -> list[Field]:
    """Wait for three clock-aligned values of an EVSE."""
    values: list[Field] = []
    while len(_times(values)) < 3:
        message = await station.expect_where(
            lambda m: bool(_aligned_of(m, evse, transaction)),
            f"clock-aligned values of EVSE {evse}",
            within=_INTERVAL + station.pixit.settle,
        )
        values += _aligned_of(message, evse, transaction)
    return values


@case("TC_J_01_CS", verifies="J01.FR.14", applies="C-40")
@pytest.mark.configured(_ALIGNED)
async def test_clock_aligned_at_rest(station: StationUnderTest) -> None:
    """Every EVSE is metered at each multiple of the interval."""
    with requirement("J01.FR.14"):
        values = await _three_aligned(station, 1)
        _assert_samples(values, "Sample.Clock")
        _assert_spaced(_times(values), _INTERVAL)
        _assert_aligned(_times(values), _INTERVAL)
        metered = {m.evseId.peek() for m in station.sent("MeterValues")}
        missing = {evse for evse, _ in station.connectors} - metered
        assert not missing, f"EVSE {min(missing)} is not metered"


@case("TC_J_02_CS", verifies="J01.FR.22", applies="C-40")
@pytest.mark.configured({"AlignedDataCtrlr.Measurands": _ENERGY}, optional={"AlignedDataCtrlr.SendDuringIdle": "false"})
async def test_clock_aligned_while_charging(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """An EVSE at which somebody charges is metered at each multiple of the interval, and its register grows."""
    await set_variables(csms, {"AlignedDataCtrlr.Interval": str(_INTERVAL)})
    with requirement("J01.FR.22"):
        values = await _three_aligned(station, charging.evse, charging.transaction_id)
        _assert_samples(values, "Sample.Clock")
        _assert_spaced(_times(values), _INTERVAL)
        _assert_aligned(_times(values), _INTERVAL)
        for event in events_of(station, charging.transaction_id):
            if _aligned_of(event, charging.evse, charging.transaction_id):
                assert event.triggerReason == "MeterValueClock"


@case("TC_J_06_CS", verifies="J01.FR.20", applies="C-28")
@pytest.mark.configured(_ALIGNED | {"AlignedDataCtrlr.SendDuringIdle": "true"})
async def test_clock_aligned_at_rest_only(charging: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """A station that is to send clock-aligned values when idle sends none of an EVSE at which somebody charges."""

    def aligned(message: Message) -> bool:
        return bool(_aligned_of(message, charging.evse, charging.transaction_id))

    with requirement("J01.FR.20"):
        seen = len(station.sent())
        await station.stays_quiet("BootNotification", for_=2.5 * _INTERVAL)
        assert not any(aligned(m) for m in station.sent()[seen:]), "the EVSE was metered while the transaction went on"
        await stop_session(station, operator, charging)
        await station.expect_where(aligned, "clock-aligned values after the transaction", within=2 * _INTERVAL)


@case("TC_J_07_CS", verifies="J02.FR.04 E02.FR.09", applies="C-40")
@pytest.mark.configured({"SampledDataCtrlr.TxStartedMeasurands": _ENERGY, "TxCtrlr.TxStartPoint": "EVConnected"})
async def test_values_of_the_beginning(station: StationUnderTest, operator: StationOperator) -> None:
    """A transaction begins with the values that are configured for its beginning."""
    await operator.plug_in()
    with requirement("E02.FR.09", hard=True):
        started = await station.expect("TransactionEvent", eventType="Started")
        assert _samples(started.meterValue), "the first event has no meter values"
    with requirement("J02.FR.04"):
        _assert_samples(started.meterValue, "Transaction.Begin")


@case("TC_J_09_CS", verifies="J02.FR.04 J02.FR.10 J02.FR.11 J02.FR.16", applies="C-40")
@pytest.mark.configured({"SampledDataCtrlr.TxUpdatedMeasurands": _ENERGY, "SampledDataCtrlr.TxUpdatedInterval": str(_INTERVAL)})
async def test_periodic_values(charging: Session, station: StationUnderTest) -> None:
    """While somebody charges, the configured values are sent once an interval, and the register grows."""
    with requirement("J02.FR.11", hard=True):
        events = [
            await station.expect("TransactionEvent", within=_INTERVAL + station.pixit.settle, triggerReason="MeterValuePeriodic")
            for _ in range(3)
        ]
        values = [value for event in events for value in event.meterValue]
        _assert_spaced(_times(values), _INTERVAL)
        for event in events:
            assert transaction_of(event) == charging.transaction_id
            assert event.eventType == "Updated"
    with requirement("J02.FR.04"):
        _assert_samples(values, "Sample.Periodic")
    with requirement("J02.FR.10"):
        for event in events:
            for value in event.meterValue:
                ahead = datetime.fromisoformat(str(event.timestamp.peek())) - datetime.fromisoformat(str(value.timestamp.peek()))
                assert -_TOLERANCE <= ahead.total_seconds() < _INTERVAL, "a value is of another interval"
    with requirement("J02.FR.16"):
        registers = [s["value"] for s in _samples(values) if s.measurand.peek() in (_ENERGY, None) and not s.phase.exists]
        for before, after in pairwise(registers):
            assert after > before


@case("TC_J_10_CS", verifies="J02.FR.04 E06.FR.11", applies="C-40")
@pytest.mark.configured(
    {
        "SampledDataCtrlr.TxEndedMeasurands": _ENERGY,
        "SampledDataCtrlr.TxEndedInterval": str(_INTERVAL),
    },
    optional={"AlignedDataCtrlr.TxEndedMeasurands": ""},
)
async def test_values_of_the_end(charging: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """A transaction ends with the values of its course, one an interval, and those of its end."""
    await station.stays_quiet("BootNotification", for_=3.5 * _INTERVAL)
    stopped = await stop_session(station, operator, charging)
    ended = stopped if stopped.eventType == "Ended" else await station.expect("TransactionEvent", eventType="Ended")
    with requirement("E06.FR.11"):
        contexts = {sample.context.peek() for sample in _samples(ended.meterValue)}
        assert "Transaction.End" in contexts, f"the last event has the contexts {sorted(map(str, contexts))}"
    with requirement("J02.FR.04"):
        for sample in _samples(ended.meterValue):
            assert sample.context.is_in("Transaction.Begin", "Sample.Periodic", "Transaction.End")
        periodic = [v for v in ended.meterValue if any(s.context.peek() == "Sample.Periodic" for s in v.sampledValue)]
        assert len(periodic) >= 2, f"the last event has {len(periodic)} values of the transaction's course"
        _assert_spaced(_times(periodic), _INTERVAL)
