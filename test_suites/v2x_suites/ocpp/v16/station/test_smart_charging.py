"""Smart Charging profile: charging profiles set and cleared, and the composite schedules that come of them."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import Session, stop_session
from v2x_suites.ocpp.watch import Message

_PROFILE, _SECONDS = 1601, 300


@case("TC_056_CS", verifies="OCPP-1.6#5.16.answer OCPP-1.6#3.13.1.default", applies="SmartCharging")
async def test_default_profile(charging: Session, csms: CsmsOperator) -> None:
    """A TxDefaultProfile limits the transaction of its connector."""
    with requirement("OCPP-1.6#5.16.answer", hard=True):
        answer = await _set(csms, "TxDefaultProfile", 10.0)
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#3.13.1.default"):
        await _assert_limited(csms, charging.connector, 10.0)
    await csms.call("ClearChargingProfile", id=_PROFILE)


@case("TC_057_CS", verifies="OCPP-1.6#5.16.answer OCPP-1.6#3.13.1.tx OCPP-1.6#3.13.1.tx-ends", applies="SmartCharging")
async def test_transaction_profile(
    charging: Session, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator
) -> None:
    """A TxProfile limits its transaction, and ends with it."""
    with requirement("OCPP-1.6#5.16.answer", hard=True):
        answer = await _set(csms, "TxProfile", 8.0, transactionId=charging.transaction_id)
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#3.13.1.tx"):
        await _assert_limited(csms, charging.connector, 8.0)
    await stop_session(station, operator, charging)
    with requirement("OCPP-1.6#3.13.1.tx-ends"):
        cleared = await csms.call("ClearChargingProfile", id=_PROFILE)
        assert cleared.status == "Unknown"


@case("TC_058_1_CS", verifies="OCPP-1.6#5.16.4.no-transaction", applies="SmartCharging")
async def test_transaction_profile_without_transaction(csms: CsmsOperator) -> None:
    """A TxProfile is rejected where no transaction is running."""
    with requirement("OCPP-1.6#5.16.4.no-transaction"):
        answer = await _set(csms, "TxProfile", 8.0)
        assert answer.status == "Rejected"


@case("TC_058_2_CS", verifies="OCPP-1.6#5.16.3.transaction", applies="SmartCharging")
async def test_transaction_profile_of_another_transaction(charging: Session, csms: CsmsOperator) -> None:
    """A TxProfile for a transaction that is not running on its connector is rejected."""
    with requirement("OCPP-1.6#5.16.3.transaction"):
        answer = await _set(csms, "TxProfile", 8.0, transactionId=charging.transaction_id + 90_000)
        assert answer.status == "Rejected"


@case("TC_066_CS", verifies="OCPP-1.6#5.7 OCPP-1.6#5.7.duration OCPP-1.6#5.7.unknown", applies="SmartCharging")
async def test_composite_schedule(charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """The composite schedule of a connector begins now, lasts as long as asked for, and has the limits in force."""
    await _set(csms, "TxDefaultProfile", 10.0)
    with requirement("OCPP-1.6#5.7"):
        await _assert_limited(csms, charging.connector, 10.0)
    with requirement("OCPP-1.6#5.7.duration"):
        composite = await _composite(csms, charging.connector)
        assert composite.connectorId == charging.connector
        assert composite.chargingSchedule.duration == _SECONDS
        assert composite.chargingSchedule.chargingRateUnit == "A"
        assert composite.chargingSchedule.chargingSchedulePeriod[0].startPeriod == 0
    with requirement("OCPP-1.6#5.7.unknown"):
        unknown = await _composite(csms, len(station.connectors) + 1)
        assert unknown.status == "Rejected"
    await csms.call("ClearChargingProfile", id=_PROFILE)


@case("TC_067_CS", verifies="OCPP-1.6#5.5.answer OCPP-1.6#5.5.unknown OCPP-1.6#5.5.cleared", applies="SmartCharging")
async def test_clear_profile(charging: Session, csms: CsmsOperator) -> None:
    """A profile that is cleared limits nothing any more, and cannot be cleared again."""
    await _set(csms, "TxDefaultProfile", 6.0)
    with requirement("OCPP-1.6#5.5.answer"):
        answer = await csms.call("ClearChargingProfile", id=_PROFILE)
        assert answer.status == "Accepted"
    with requirement("OCPP-1.6#5.5.cleared"):
        composite = await _composite(csms, charging.connector)
        assert composite.status == "Accepted"
        assert composite.chargingSchedule.chargingSchedulePeriod[0].limit > 6.0
    with requirement("OCPP-1.6#5.5.unknown"):
        again = await csms.call("ClearChargingProfile", id=_PROFILE)
        assert again.status == "Unknown"


async def _set(csms: CsmsOperator, purpose: str, limit_a: float, **more: Json) -> Message:
    """Set a profile for connector 1 with one limit (A) for as long as it is there."""
    profile: dict[str, Json] = {
        "chargingProfileId": _PROFILE,
        "stackLevel": 0,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": "Relative",
        "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit_a}]},
        **more,
    }
    return await csms.call("SetChargingProfile", connectorId=1, csChargingProfiles=profile)


async def _composite(csms: CsmsOperator, connector: int) -> Message:
    return await csms.call("GetCompositeSchedule", connectorId=connector, duration=_SECONDS, chargingRateUnit="A")


async def _assert_limited(csms: CsmsOperator, connector: int, limit_a: float) -> None:
    """Assert that a connector's composite schedule has one limit (A) all the time."""
    composite = await _composite(csms, connector)
    assert composite.status == "Accepted"
    periods = composite.chargingSchedule.chargingSchedulePeriod
    assert periods, "the composite schedule has no period"
    for period in periods:
        assert period.limit == pytest.approx(limit_a, abs=0.1)
