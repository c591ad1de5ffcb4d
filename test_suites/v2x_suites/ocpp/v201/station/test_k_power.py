"""Block K, smart charging: what limits do to the power that EVs are given."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import CannotJudge, NotSeen, requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.charging_profiles import Plan, Profiles, power_of
from v2x_suites.ocpp.v201.station.states import Session, Tokens, start_session, transaction_of
from v2x_suites.ocpp.v201.station.test_k_smart_charging import SMART, profiles

__all__ = ["profiles"]

_INTERVAL = 10
_METERED = pytest.mark.configured(
    {"SampledDataCtrlr.TxUpdatedMeasurands": "Power.Active.Import", "SampledDataCtrlr.TxUpdatedInterval": str(_INTERVAL)}
)


async def _power(station: StationUnderTest, session: Session) -> float:
    """Wait for the second periodic value of a session from now on, taken when the limit has long been in force (W)."""
    for _ in range(2):
        event = await station.expect_where(
            lambda m: transaction_of(m) == session.transaction_id and power_of(m.meterValue) is not None,
            "the power of the transaction",
            within=_INTERVAL + station.pixit.settle,
        )
    return power_of(event.meterValue) or 0.0


async def _unlimited_power(station: StationUnderTest, session: Session, above: float) -> float:
    """Return the power of a session before a limit.

    Raises:
        CannotJudge: the EV takes no more than the limit anyway.
    """
    try:
        power = await _power(station, session)
    except NotSeen as error:
        raise CannotJudge(str(error)) from error
    if power <= above:
        raise CannotJudge(f"the EV takes {power:g} W, which is no more than the limit of {above:g} W")
    return power


@case("TC_K_28_CS", verifies="K01.FR.32 K01.FR.07", applies=SMART)
@_METERED
async def test_default_profile_limits_power(charging: Session, profiles: Profiles, station: StationUnderTest) -> None:
    """A TxDefaultProfile limits the power of a transaction that goes on, and does not end it."""
    await _unlimited_power(station, charging, profiles.watts(6.0))
    with requirement("K01.FR.07"):
        answer = await profiles.set(Plan(id=28, evse=charging.evse))
        assert answer.status == "Accepted"
    with requirement("K01.FR.32"):
        power = await _power(station, charging)
        assert 0 < power <= profiles.watts(6.0), f"{power:g} W flow under a limit of {profiles.watts(6.0):g} W"
        assert not station.sent("TransactionEvent", eventType="Ended"), "the transaction was ended"


@case("TC_K_09_CS", verifies="K10.FR.05 K10.FR.07", applies=SMART)
@_METERED
async def test_power_without_default_profile(charging: Session, profiles: Profiles, station: StationUnderTest) -> None:
    """When a TxDefaultProfile is cleared, the transaction goes on without its limit."""
    before = await _unlimited_power(station, charging, profiles.watts(6.0))
    await profiles.installed(Plan(id=9, evse=charging.evse))
    if (limited := await _power(station, charging)) > profiles.watts(6.0):
        raise CannotJudge(f"{limited:g} W flow under a limit of {profiles.watts(6.0):g} W")
    await profiles.clear(9)
    with requirement("K10.FR.05", "K10.FR.07"):
        power = await _power(station, charging)
        assert power > profiles.watts(6.0), f"{power:g} W flow, {before:g} W before there was a limit"
        assert not station.sent("TransactionEvent", eventType="Ended"), "the transaction was ended"


@case("V2X_K02_POWER_CS", verifies="K01.FR.04 K01.FR.12", applies=SMART)
@_METERED
async def test_transaction_profile_limits_power(charging: Session, profiles: Profiles, station: StationUnderTest) -> None:
    """A TxProfile limits the power of its transaction, each of its periods in its time."""
    await _unlimited_power(station, charging, profiles.watts(10.0))
    begins = await profiles.station_time()
    own = Plan(
        id=62,
        purpose="TxProfile",
        evse=charging.evse,
        transaction_id=charging.transaction_id,
        start=begins,
        periods=((0, 6.0), (60, 10.0)),
    )
    await profiles.installed(own)
    with requirement("K01.FR.04"):
        first = await _power(station, charging)
        assert 0 < first <= profiles.watts(6.0), f"{first:g} W flow under a limit of {profiles.watts(6.0):g} W"
    while (await profiles.station_time() - begins).total_seconds() < 60:
        await _power(station, charging)
    with requirement("K01.FR.12"):
        power = await _power(station, charging)
        assert first < power <= profiles.watts(10.0), f"{power:g} W flow in the second period, {first:g} W in the first"


@case("V2X_K04_POWER_CS", verifies="K04.FR.05", applies=f"({SMART}) and HFS-8")
@_METERED
async def test_station_profile_limits_all(
    charging: Session,
    profiles: Profiles,
    station: StationUnderTest,
    operator: StationOperator,
    csms: CsmsOperator,
    tokens: Tokens,
) -> None:
    """What all EVSEs give together stays below the station's limit."""
    other = await start_session(station, operator, await tokens.known("id_token_2"), evse=2)
    await _unlimited_power(station, charging, profiles.watts(10.0))
    await profiles.installed(
        Plan(id=63, purpose="ChargingStationMaxProfile", evse=0, start=await profiles.station_time(), periods=((0, 10.0),))
    )
    with requirement("K04.FR.05"):
        together = await _power(station, charging) + await _power(station, other)
        assert 0 < together <= profiles.watts(10.0), f"{together:g} W flow under a limit of {profiles.watts(10.0):g} W"
