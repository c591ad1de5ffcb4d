"""Block K, smart charging: profiles set, replaced, reported and cleared, and what composite schedules make of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from v2x_harness.blocks import requirement

from v2x_suites.ocpp.lane import StationLane
from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.charging_profiles import (
    Plan,
    Profiles,
    highest_level,
    lowest_while,
    phases_of,
    profiles_in,
)
from v2x_suites.ocpp.v201.station.remote import request_start
from v2x_suites.ocpp.v201.station.states import Session, transaction_of

SMART = "SC-2.1 or SC-2.2"

UNKNOWN_EVSE = 999


@pytest.fixture
async def profiles(lane: StationLane, station: StationUnderTest, csms: CsmsOperator, configured: None) -> AsyncIterator[Profiles]:
    """Charging profiles at the station, in a unit that it takes; none of the CSMS's are installed before and after."""
    takes_amperes = lane.cast.subject.pics.get("SC-2.1") is not False
    phases = await phases_of(csms)
    profiles = Profiles(station, csms, "A" if takes_amperes and phases else "W", phases)
    for yielded in (False, True):
        if not lane.fresh:
            for purpose in ("TxProfile", "TxDefaultProfile", "ChargingStationMaxProfile"):
                await profiles.clear(chargingProfilePurpose=purpose)
        if not yielded:
            yield profiles


async def _assert_reported(profiles: Profiles, plan: Plan) -> None:
    """Assert that the station reports a profile at its EVSE, as it was set."""
    reported = await profiles.reported(chargingProfileId=[plan.id])
    assert [evse for evse, _ in reported] == [plan.evse], f"profile {plan.id} is reported {len(reported)} times"
    profiles.assert_same(reported[0][1], plan)


@case("TC_K_01_CS", verifies="K01.FR.07 K01.FR.15", applies=SMART)
async def test_default_profile_of_evse(profiles: Profiles) -> None:
    """A TxDefaultProfile is installed at its EVSE, and not for the others."""
    plan = Plan(id=1, duration=300)
    with requirement("K01.FR.07", "K01.FR.15"):
        answer = await profiles.set(plan)
        assert answer.status == "Accepted"
        await _assert_reported(profiles, plan)


@case("TC_K_10_CS", verifies="K01.FR.07 K01.FR.14", applies=SMART)
async def test_default_profile_of_all(profiles: Profiles, station: StationUnderTest) -> None:
    """A TxDefaultProfile of EVSE 0 stays there, and limits every EVSE."""
    plan = Plan(id=10, evse=0, start=await profiles.station_time() - timedelta(seconds=10), duration=900)
    with requirement("K01.FR.07"):
        answer = await profiles.set(plan)
        assert answer.status == "Accepted"
        await _assert_reported(profiles, plan)
    with requirement("K01.FR.14"):
        for evse in sorted({evse for evse, _ in station.connectors}):
            composite = await profiles.composite(evse, 120)
            assert composite.status == "Accepted"
            profiles.assert_follows(composite, 120, plan.limit)


@case("TC_K_02_CS", verifies="K01.FR.09", applies=SMART)
async def test_transaction_profile_without_transaction(profiles: Profiles) -> None:
    """A TxProfile for an EVSE at which nobody charges is rejected, and not kept."""
    with requirement("K01.FR.09"):
        answer = await profiles.set(Plan(id=2, purpose="TxProfile", transaction_id="V2X-NO-SUCH-TRANSACTION"), override=True)
        assert answer.status == "Rejected"
        assert not await profiles.reported(chargingProfileId=[2]), "the profile is installed"


@case("TC_K_03_CS", verifies="K01.FR.07 K04.FR.05", applies=SMART)
async def test_station_profile(profiles: Profiles) -> None:
    """A ChargingStationMaxProfile is installed, and limits the station as a whole."""
    start = await profiles.station_time() - timedelta(seconds=10)
    plan = Plan(id=3, purpose="ChargingStationMaxProfile", evse=0, start=start, duration=900)
    with requirement("K01.FR.07"):
        answer = await profiles.set(plan)
        assert answer.status == "Accepted"
        await _assert_reported(profiles, plan)
    with requirement("K04.FR.05"):
        composite = await profiles.composite(0, 120)
        assert composite.status == "Accepted"
        profiles.assert_follows(composite, 120, plan.limit)


@case("TC_K_04_CS", verifies="K01.FR.05", applies=SMART)
async def test_profile_replaced(profiles: Profiles) -> None:
    """A profile with a known id takes the place of the one that had it."""
    await profiles.installed(Plan(id=4))
    plan = Plan(id=4, periods=((0, 10.0),))
    with requirement("K01.FR.05"):
        answer = await profiles.set(plan)
        assert answer.status == "Accepted"
        await _assert_reported(profiles, plan)


@case("TC_K_05_CS", verifies="K10.FR.03", applies=SMART)
async def test_profile_cleared(profiles: Profiles) -> None:
    """A profile is cleared by its id, and no other."""
    other = Plan(id=51, stack_level=1)
    await profiles.installed(Plan(id=5), other)
    with requirement("K10.FR.03"):
        answer = await profiles.clear(5)
        assert answer.status == "Accepted"
        assert not await profiles.reported(chargingProfileId=[5]), "the profile is still there"
        await _assert_reported(profiles, other)


@case("TC_K_06_CS", verifies="K10.FR.04", applies=SMART)
async def test_profile_cleared_by_criteria(profiles: Profiles) -> None:
    """Profiles are cleared by purpose and stack level, both of which must fit."""
    other = Plan(id=61, stack_level=1)
    await profiles.installed(Plan(id=6), other)
    with requirement("K10.FR.04"):
        answer = await profiles.clear(chargingProfilePurpose="TxDefaultProfile", stackLevel=0)
        assert answer.status == "Accepted"
        assert not await profiles.reported(chargingProfilePurpose="TxDefaultProfile", stackLevel=0), "it is still there"
        await _assert_reported(profiles, other)


@case("TC_K_07_CS", verifies="K10.FR.01", applies=SMART)
async def test_nothing_to_clear_by_criteria(profiles: Profiles) -> None:
    """Criteria that no profile meets clear none."""
    plan = Plan(id=7, stack_level=1)
    await profiles.installed(plan)
    with requirement("K10.FR.01"):
        answer = await profiles.clear(chargingProfilePurpose="ChargingStationMaxProfile", stackLevel=0)
        assert answer.status == "Unknown"
        await _assert_reported(profiles, plan)


@case("TC_K_08_CS", verifies="K10.FR.01", applies=SMART)
async def test_nothing_to_clear(profiles: Profiles) -> None:
    """A profile that is not installed cannot be cleared."""
    with requirement("K10.FR.01"):
        answer = await profiles.clear(8)
        assert answer.status == "Unknown"


@case("TC_K_13_CS", verifies="K01.FR.27", applies=SMART)
async def test_profile_outlives_power(profiles: Profiles, station: StationUnderTest, operator: StationOperator) -> None:
    """A profile is still installed after a power cut."""
    plan = Plan(id=13)
    await profiles.installed(plan)
    await operator.power_cycle()
    with requirement("K01.FR.27"):
        await station.expect("BootNotification", within=station.pixit.reboot)
        await station.calm()
        await _assert_reported(profiles, plan)


@case("TC_K_14_CS", verifies="K01.FR.28", applies=SMART)
async def test_profile_of_unknown_evse(profiles: Profiles) -> None:
    """A profile for an EVSE that there is not is rejected."""
    with requirement("K01.FR.28"):
        answer = await profiles.set(Plan(id=14, evse=UNKNOWN_EVSE), override=True)
        assert answer.status == "Rejected"


@case("TC_K_16_CS", verifies="K01.FR.33", applies=SMART)
async def test_profile_of_unknown_transaction(charging: Session, profiles: Profiles) -> None:
    """A TxProfile for a transaction that is not is rejected, though another one goes on at the EVSE."""
    with requirement("K01.FR.33"):
        answer = await profiles.set(
            Plan(id=16, purpose="TxProfile", evse=charging.evse, transaction_id="V2X-NO-SUCH-TRANSACTION"), override=True
        )
        assert answer.status == "Rejected"


@case("TC_K_60_CS", verifies="K01.FR.04 K01.FR.07", applies=SMART)
async def test_transaction_profile(charging: Session, profiles: Profiles) -> None:
    """A TxProfile is installed for the transaction that goes on."""
    plan = Plan(id=60, purpose="TxProfile", evse=charging.evse, transaction_id=charging.transaction_id)
    with requirement("K01.FR.07"):
        answer = await profiles.set(plan)
        assert answer.status == "Accepted"
    with requirement("K01.FR.04"):
        await _assert_reported(profiles, plan)


@case("TC_K_29_CS", verifies="K09.FR.02 K09.FR.05", applies=SMART)
async def test_profiles_of_station_reported(profiles: Profiles) -> None:
    """Of EVSE 0 those profiles are reported that are installed there, and no others."""
    wanted = Plan(id=29, purpose="ChargingStationMaxProfile", evse=0, start=await profiles.station_time())
    await profiles.installed(wanted, Plan(id=291))
    with requirement("K09.FR.05", "K09.FR.02"):
        reported = await profiles.reported(evse=0, chargingLimitSource=["CSO"])
        assert [(evse, profile.id.peek()) for evse, profile in reported] == [(0, 29)]


@case("TC_K_30_CS", verifies="K09.FR.02 K09.FR.04", applies=SMART)
async def test_profiles_of_evse_reported(profiles: Profiles) -> None:
    """Of an EVSE those profiles are reported that are installed there, and no others."""
    station_wide = Plan(id=301, purpose="ChargingStationMaxProfile", evse=0, start=await profiles.station_time())
    await profiles.installed(Plan(id=30), station_wide)
    with requirement("K09.FR.04", "K09.FR.02"):
        reported = await profiles.reported(evse=1, chargingLimitSource=["CSO"])
        assert [(evse, profile.id.peek()) for evse, profile in reported] == [(1, 30)]


@case("TC_K_31_CS", verifies="K09.FR.01 K09.FR.02 K09.FR.06", applies=SMART)
async def test_all_profiles_reported(profiles: Profiles) -> None:
    """Without an EVSE all profiles are reported, in parts of which each but the last says that there are more."""
    station_wide = Plan(id=311, purpose="ChargingStationMaxProfile", evse=0, start=await profiles.station_time())
    await profiles.installed(Plan(id=31), station_wide)
    request_id, answer = await profiles.asked(chargingLimitSource=["CSO"])
    with requirement("K09.FR.06", "K09.FR.02"):
        assert answer.status == "Accepted"
        parts = await profiles.parts()
        assert sorted((evse, profile.id.number()) for evse, profile in profiles_in(parts)) == [(0, 311), (1, 31)]
    with requirement("K09.FR.01"):
        for part in parts:
            assert part.requestId == request_id


@case("TC_K_37_CS", verifies="F01.FR.10 K05.FR.03", applies=SMART)
async def test_profile_of_remote_start(
    ev_connected: None, profiles: Profiles, station: StationUnderTest, csms: CsmsOperator, token: str
) -> None:
    """The profile that comes with a remote start is that of the transaction."""
    plan = Plan(id=37, purpose="TxProfile")
    start = await request_start(csms, token, 5137, profile=plan.payload(profiles.unit))
    with requirement("F01.FR.10", "K05.FR.03"):
        assert start.status == "Accepted"
        event = await station.expect_where(lambda m: m.transactionInfo.chargingState.peek() == "Charging", "energy transfer")
        await station.calm()
        reported = await profiles.reported(chargingProfileId=[37])
        assert [evse for evse, _ in reported] == [1], "the profile is not installed"
        assert reported[0][1].chargingProfilePurpose == "TxProfile"
        assert reported[0][1].transactionId.is_in(transaction_of(event), None)


@case("TC_K_40_CS", verifies="K08.FR.02 K08.FR.06 K01.FR.17", applies=SMART)
async def test_composite_of_stack_levels(profiles: Profiles) -> None:
    """Where several profiles hold, the highest stack level decides, and the next lower one when it has run out."""
    start = await profiles.station_time() - timedelta(seconds=10)
    low = Plan(id=40, start=start, duration=410, periods=((0, 6.0), (100, 8.0), (200, 10.0)))
    high = Plan(id=401, stack_level=1, start=start, duration=160, periods=((0, 7.0), (100, 9.0)))
    await profiles.installed(low, high)
    with requirement("K08.FR.02", "K08.FR.06", "K01.FR.17"):
        answer = await profiles.composite(1, 350)
        assert answer.status == "Accepted"
        profiles.assert_follows(answer, 350, highest_level(low, high))


@case("TC_K_41_CS", verifies="K08.FR.02 K08.FR.04", applies=SMART)
async def test_composite_of_purposes(charging: Session, profiles: Profiles) -> None:
    """A composite schedule has the lowest limit of the station's profile and the transaction's, which replaces the default."""
    start = await profiles.station_time() - timedelta(seconds=10)
    station_wide = Plan(id=41, purpose="ChargingStationMaxProfile", evse=0, start=start, duration=86400, periods=((0, 10.0),))
    default = Plan(id=411, start=start, duration=300, periods=((0, 6.0), (60, 10.0), (120, 8.0), (180, 15.0), (260, 8.0)))
    own = Plan(
        id=412,
        purpose="TxProfile",
        transaction_id=charging.transaction_id,
        start=start,
        duration=260,
        periods=((0, 8.0), (50, 11.0), (140, 16.0), (200, 6.0), (240, 12.0)),
    )
    await profiles.installed(station_wide, default, own)
    with requirement("K08.FR.02", "K08.FR.04"):
        answer = await profiles.composite(charging.evse, 240)
        assert answer.status == "Accepted"
        profiles.assert_follows(answer, 240, lowest_while(own, station_wide))


@case("TC_K_47_CS", verifies="K08.FR.05", applies=SMART)
async def test_composite_of_unknown_evse(profiles: Profiles) -> None:
    """There is no composite schedule of an EVSE that there is not."""
    with requirement("K08.FR.05"):
        answer = await profiles.composite(UNKNOWN_EVSE, 300)
        assert answer.status == "Rejected"
        assert not answer.schedule.exists
