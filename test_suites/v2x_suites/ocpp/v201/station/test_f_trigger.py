"""Block F, remote control: messages sent because the CSMS asks for them."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from v2x_harness.blocks import requirement
from v2x_harness.events import Json
from v2x_harness.field import Field

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.remote import trigger
from v2x_suites.ocpp.v201.station.states import Session, Tokens, reported_states, start_session, transaction_of
from v2x_suites.ocpp.watch import Message

_ENERGY = "Energy.Active.Import.Register"
_ALIGNED = pytest.mark.configured({"AlignedDataCtrlr.Measurands": _ENERGY})


def _assert_sampled(values: Field, measurand: str) -> None:
    """Assert that meter values were taken because of a trigger, and that a measurand is among them."""
    samples = [sample for value in values for sample in value.sampledValue]
    assert samples, "there are no meter values"
    for sample in samples:
        assert sample.context == "Trigger"
    assert any(sample.measurand.peek() in (measurand, None) for sample in samples), f"{measurand} is missing"


@case("TC_F_11_CS", verifies="F06.FR.04 F06.FR.05 F06.FR.06 F06.FR.10", applies="C-29.1")
@_ALIGNED
async def test_meter_values_of_one_evse(station: StationUnderTest, csms: CsmsOperator) -> None:
    """Meter values of an EVSE are sent when asked for, after the answer."""
    with requirement("F06.FR.05"):
        answer = await trigger(csms, "MeterValues", evse=1)
        assert answer.status == "Accepted"
    with requirement("F06.FR.10", hard=True):
        values = await station.expect("MeterValues", evseId=1)
    with requirement("F06.FR.04"):
        assert values.n > answer.n, "it was sent before the answer"
    with requirement("F06.FR.06"):
        _assert_sampled(values.meterValue, _ENERGY)


@case("TC_F_12_CS", verifies="F06.FR.05 F06.FR.06 F06.FR.11", applies="C-29.1")
@_ALIGNED
async def test_meter_values_of_every_evse(station: StationUnderTest, csms: CsmsOperator) -> None:
    """Meter values of every EVSE are sent when no EVSE is named."""
    with requirement("F06.FR.05"):
        answer = await trigger(csms, "MeterValues")
        assert answer.status == "Accepted"
    with requirement("F06.FR.11", hard=True):
        evses = sorted({evse for evse, _ in station.connectors})
        wanted: list[Mapping[str, Json]] = [{"action": "MeterValues", "evseId": evse} for evse in evses]
        reports = await station.expect_all(*wanted)
    with requirement("F06.FR.06"):
        for values in reports:
            _assert_sampled(values.meterValue, _ENERGY)


@case("TC_F_13_CS", verifies="F06.FR.04 F06.FR.05 F06.FR.07 F06.FR.10", applies="C-29.2")
@pytest.mark.configured({"SampledDataCtrlr.TxUpdatedMeasurands": _ENERGY})
async def test_transaction_event_of_one_evse(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """The state of a transaction, with meter values, is sent when asked for."""
    with requirement("F06.FR.05"):
        answer = await trigger(csms, "TransactionEvent", evse=charging.evse)
        assert answer.status == "Accepted"
    with requirement("F06.FR.10", hard=True):
        event = await station.expect("TransactionEvent", triggerReason="Trigger")
    with requirement("F06.FR.04"):
        assert event.n > answer.n, "it was sent before the answer"
    with requirement("F06.FR.07"):
        assert transaction_of(event) == charging.transaction_id
        assert event.evse.id.is_in(charging.evse, None)
        assert event.transactionInfo.chargingState == "Charging"
        _assert_sampled(event.meterValue, _ENERGY)


@case("TC_F_14_CS", verifies="F06.FR.05 F06.FR.07 F06.FR.11", applies="C-29.2 and HFS-8")
@pytest.mark.configured({"SampledDataCtrlr.TxUpdatedMeasurands": _ENERGY})
async def test_transaction_events_of_every_evse(
    charging: Session, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, tokens: Tokens
) -> None:
    """The state of every transaction is sent when no EVSE is named."""
    other = await start_session(station, operator, await tokens.known("id_token_2"), evse=2)
    with requirement("F06.FR.05"):
        answer = await trigger(csms, "TransactionEvent")
        assert answer.status == "Accepted"
    with requirement("F06.FR.11", hard=True):
        events = [await station.expect("TransactionEvent", triggerReason="Trigger") for _ in range(2)]
        assert {transaction_of(event) for event in events} == {charging.transaction_id, other.transaction_id}
    with requirement("F06.FR.07"):
        for event in events:
            assert event.transactionInfo.chargingState == "Charging"
            _assert_sampled(event.meterValue, _ENERGY)


@case("TC_F_20_CS", verifies="F06.FR.04 F06.FR.05 F06.FR.10")
async def test_heartbeat(station: StationUnderTest, csms: CsmsOperator) -> None:
    """A Heartbeat is sent when asked for, after the answer."""
    with requirement("F06.FR.05"):
        answer = await trigger(csms, "Heartbeat")
        assert answer.status == "Accepted"
    with requirement("F06.FR.10", hard=True):
        heartbeat = await station.expect("Heartbeat")
    with requirement("F06.FR.04"):
        assert heartbeat.n > answer.n, "it was sent before the answer"


@case("TC_F_23_CS", verifies="F06.FR.04 F06.FR.05 F06.FR.09 F06.FR.10", applies="C-29.5")
async def test_status_of_available_connector(station: StationUnderTest, csms: CsmsOperator) -> None:
    """The status of a connector that is free is sent when asked for."""
    await _status_is_told(station, csms, "Available")


@case("TC_F_24_CS", verifies="F06.FR.04 F06.FR.05 F06.FR.09 F06.FR.10", applies="C-29.5")
async def test_status_of_occupied_connector(ev_connected: None, station: StationUnderTest, csms: CsmsOperator) -> None:
    """The status of a connector with an EV is sent when asked for."""
    await _status_is_told(station, csms, "Occupied")


async def _status_is_told(station: StationUnderTest, csms: CsmsOperator, status: str) -> None:
    """Ask for the status of connector 1 of EVSE 1, and judge what comes."""

    def is_status(message: Message) -> bool:
        return (1, 1) in reported_states(message)

    with requirement("F06.FR.05"):
        answer = await trigger(csms, "StatusNotification", evse=1, connector=1)
        assert answer.status == "Accepted"
    with requirement("F06.FR.10", hard=True):
        told = await station.expect_where(is_status, "the status of connector 1 of EVSE 1")
    with requirement("F06.FR.04"):
        assert told.n > answer.n, "it was sent before the answer"
    with requirement("F06.FR.09"):
        assert reported_states(told)[1, 1] == status


@case("TC_F_26_CS", verifies="F06.FR.05 F06.FR.17", applies="C-29.6")
async def test_boot_again_refused(station: StationUnderTest, csms: CsmsOperator) -> None:
    """A station whose boot was accepted refuses to send another BootNotification, and sends none."""
    with requirement("F06.FR.17"):
        answer = await trigger(csms, "BootNotification")
        assert answer.status == "Rejected"
    with requirement("F06.FR.05"):
        await station.stays_quiet("BootNotification")


@case("TC_F_27_CS", verifies="F06.FR.08", applies="not ISO-3")
async def test_not_implemented(station: StationUnderTest, csms: CsmsOperator) -> None:
    """A message that the station never sends is not implemented, and does not come."""
    with requirement("F06.FR.08"):
        answer = await trigger(csms, "SignCombinedCertificate")
        assert answer.status == "NotImplemented"
        await station.stays_quiet("SignCertificate")
