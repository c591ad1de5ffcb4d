"""Core profile: meter values of transactions."""

from __future__ import annotations

from datetime import UTC
from itertools import pairwise

import pytest
from v2x_harness.blocks import requirement
from v2x_harness.field import Field

from v2x_suites.ocpp.peers import StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import Session, moment
from v2x_suites.ocpp.watch import Message

_ENERGY = "Energy.Active.Import.Register"
_SAMPLED, _ALIGNED, _TOLERANCE = 10, 60, 2.0


@case(
    "TC_070_CS",
    verifies="OCPP-1.6#4.7 OCPP-1.6#3.16.1.interval OCPP-1.6#3.16.1.measurands OCPP-1.6#7.31 OCPP-1.6#4.10.stop",
)
@pytest.mark.configured(
    {"MeterValueSampleInterval": str(_SAMPLED), "MeterValuesSampledData": _ENERGY, "ClockAlignedDataInterval": "0"}
)
async def test_sampled_meter_values(charging: Session, station: StationUnderTest, operator: StationOperator) -> None:
    """During a transaction its energy is reported at every interval; what the meter shows at the end agrees."""
    with requirement("OCPP-1.6#3.16.1.interval", hard=True):
        samples = [await station.expect("MeterValues", within=_SAMPLED + station.pixit.settle) for _ in range(3)]
        for before, after in pairwise(samples):
            apart = (moment(after.meterValue[0].timestamp) - moment(before.meterValue[0].timestamp)).total_seconds()
            assert apart == pytest.approx(_SAMPLED, abs=_TOLERANCE), f"samples are {apart:g} s apart"
    with requirement("OCPP-1.6#4.7"):
        for sample in samples:
            assert sample.transactionId == charging.transaction_id
            assert sample.connectorId == charging.connector
    with requirement("OCPP-1.6#3.16.1.measurands"):
        for value in (value for sample in samples for each in sample.meterValue for value in each.sampledValue):
            assert value.measurand.is_in(_ENERGY, None)
    readings = [charging.meter_start, *(_energy_wh(sample) for sample in samples)]
    with requirement("OCPP-1.6#7.31"):
        assert readings == sorted(readings), "the energy register decreases"
        assert readings[-1] > readings[0], "the energy register stands still while the EV charges"
    await operator.present_token(charging.id_tag)
    with requirement("OCPP-1.6#4.10.stop"):
        stop = await station.expect("StopTransaction")
        assert stop.transactionId == charging.transaction_id
        assert stop.meterStop >= int(readings[-1])


@case("TC_071_CS", verifies="OCPP-1.6#3.16.2.interval OCPP-1.6#3.16.2.context OCPP-1.6#4.7")
@pytest.mark.configured(
    {"ClockAlignedDataInterval": str(_ALIGNED), "MeterValuesAlignedData": _ENERGY, "MeterValueSampleInterval": "0"}
)
async def test_clock_aligned_meter_values(charging: Session, station: StationUnderTest) -> None:
    """At every multiple of the interval since midnight the energy is reported, as a value of the clock."""
    with requirement("OCPP-1.6#3.16.2.interval", hard=True):
        aligned = [await _of(station, charging.connector, within=_ALIGNED + station.pixit.settle) for _ in range(2)]
        for message in aligned:
            at = moment(message.meterValue[0].timestamp).astimezone(UTC)
            beside = (at.second + at.microsecond / 1e6 + _ALIGNED / 2) % _ALIGNED - _ALIGNED / 2
            assert abs(beside) <= _TOLERANCE, f"a value is {beside:g} s beside its interval"
    with requirement("OCPP-1.6#3.16.2.context"):
        for value in (value for message in aligned for value in message.meterValue[0].sampledValue):
            assert value.context == "Sample.Clock"
    with requirement("OCPP-1.6#4.7"):
        for message in aligned:
            assert message.transactionId == charging.transaction_id


async def _of(station: StationUnderTest, connector: int, within: float) -> Message:
    return await station.expect("MeterValues", within=within, connectorId=connector)


def _energy_wh(message: Message) -> float:
    """Return the energy register that a message tells (Wh).

    Raises:
        AssertionError: it tells none.
    """
    values = [value for each in message.meterValue for value in each.sampledValue if value.measurand.is_in(_ENERGY, None)]
    assert values, f"{message!r} tells no energy"
    return _number(values[-1]["value"]) * (1000 if values[-1].unit == "kWh" else 1)


def _number(field: Field) -> float:
    try:
        return float(str(field.value))
    except ValueError:
        raise AssertionError(f"{field!r} is no number") from None
