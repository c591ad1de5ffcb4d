"""Block K, smart charging with EVs that speak ISO 15118: their needs, schedules for them, and renegotiation (K15 to K17)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest
from v2x_harness.blocks import CannotJudge, DoesNotApply, NotSeen, requirement
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import offline
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.charging_profiles import Plan, Profiles, power_of
from v2x_suites.ocpp.v201.station.speaking import (
    Speaking,
    answer_needs,
    assert_one_kind,
    assert_within,
    charging_begins,
    connected_ev,
    needs_told,
    plug_in_speaking,
    schedule_told,
    transaction_at,
)
from v2x_suites.ocpp.v201.station.states import Tokens, events_of, expect_charging
from v2x_suites.ocpp.v201.station.test_k_smart_charging import SMART, profiles

__all__ = ["profiles"]

_SPEAKS = f"ISO15118 and ({SMART})"
_LOCAL = "C-30 or C-31 or C-32 or C-35"
_INTERVAL = 10
_SAMPLED = {
    "SampledDataCtrlr.TxUpdatedMeasurands": "Power.Active.Import",
    "SampledDataCtrlr.TxUpdatedInterval": str(_INTERVAL),
}
_METERED = pytest.mark.configured(_SAMPLED)
# How long an EV may take until it keeps to a new limit: some requests of its, and the time of its charger (s).
_REACTION = 20.0
# How long the station is offline, and the EV charges meanwhile (s).
_AWAY = 45.0
_SOC = 40.0
# When an EV departs that says so (s), and how far off what is told of it may be.
_DEPARTURE = 7200
_DEPARTURE_OFF = 60.0


@pytest.fixture
async def ev_speaks(profiles: Profiles, station: StationUnderTest, operator: StationOperator) -> None:
    """Reusable state EVConnectedPreSession on EVSE 1, with an EV that speaks ISO 15118."""
    await plug_in_speaking(station, operator, soc=_SOC)


@pytest.fixture
async def negotiated(
    ev_speaks: None, profiles: Profiles, station: StationUnderTest, operator: StationOperator, token: str, link: Tap
) -> Speaking:
    """Reusable state RenegotiateChargingLimits: an EV charges, under the schedule that the CSMS has given for its needs."""
    answer_needs(link, "Accepted")
    await operator.present_token(token)
    try:
        await needs_told(station)
        session = Speaking(transaction_id=transaction_at(station), evse=1, profiles=profiles)
        answer = await profiles.set(session.plan(150, 10.0))
        await expect_charging(station)
    except (NotSeen, AssertionError) as error:
        raise CannotJudge(f"the EV has not come to charge under a schedule of the CSMS: {error}") from error
    if answer.status.peek() != "Accepted":
        raise CannotJudge(f"the station does not take a schedule for the EV: {answer.status.peek()}")
    await station.calm()
    return session


async def _power_after(station: StationUnderTest, session: Speaking, seconds: float) -> float:
    """Wait for the first periodic value of the power that was taken so long from now or later (W).

    Raises:
        NotSeen: none comes.
    """
    begun = station.watch.now
    event = await station.expect_where(
        lambda m: (
            m.t - begun > seconds and m in events_of(station, session.transaction_id) and power_of(m.meterValue) is not None
        ),
        "the power of the transaction",
        within=seconds + _INTERVAL + station.pixit.settle,
    )
    return power_of(event.meterValue) or 0.0


@case("TC_K_53_CS", verifies="K15.FR.01 K15.FR.06 K15.FR.09 K15.FR.10 K01.FR.04 OCPP-2.0.1#K15", applies=_SPEAKS)
async def test_schedule_for_an_ev(
    ev_speaks: None, profiles: Profiles, station: StationUnderTest, operator: StationOperator, token: str, link: Tap
) -> None:
    """The CSMS is told what an EV needs; the EV is offered the schedule that comes back, and what it has chosen is told."""
    answer_needs(link, "Accepted")
    await operator.present_token(token)
    with requirement("K15.FR.01", hard=True):
        needs = await needs_told(station)
    with requirement("K15.FR.06"):
        assert_one_kind(needs)
    session = Speaking(transaction_id=transaction_at(station), evse=1, profiles=profiles)
    with requirement("K01.FR.04", hard=True):
        answer = await profiles.set(session.plan(53, 6.0))
        assert answer.status == "Accepted"
    with requirement("K15.FR.10", hard=True):
        told = await schedule_told(station)
    with requirement("K15.FR.09"):
        assert_within(told, profiles, 6.0)
    with requirement("OCPP-2.0.1#K15"):
        await _charges(station)


@case("TC_K_54_CS", verifies="K15.FR.01 OCPP-2.0.1#K15", applies=_SPEAKS)
async def test_no_schedule_for_an_ev(
    ev_speaks: None, station: StationUnderTest, operator: StationOperator, token: str, link: Tap
) -> None:
    """An EV charges without a schedule of the CSMS, where that has none."""
    answer_needs(link, "Rejected")
    await operator.present_token(token)
    with requirement("K15.FR.01", hard=True):
        await needs_told(station)
    with requirement("OCPP-2.0.1#K15"):
        await _charges(station)
        for told in station.sent("NotifyEVChargingSchedule"):
            assert told.evseId == 1


async def _charges(station: StationUnderTest) -> None:
    """Assert that energy transfer is told, before or after what the EV has chosen."""
    begun = [m for m in station.sent("TransactionEvent") if m.transactionInfo.chargingState.peek() == "Charging"]
    event = begun[-1] if begun else await charging_begins(station)
    assert event.triggerReason == "ChargingStateChanged"


@case("TC_K_56_CS", verifies="K15.FR.15 OCPP-2.0.1#K15", applies=f"{_SPEAKS} and C-01 and ({_LOCAL})")
@pytest.mark.configured(
    {**_SAMPLED, "AuthCtrlr.LocalAuthorizeOffline": "true"},
    optional={"AuthCacheCtrlr.Enabled": "true", "AuthCtrlr.OfflineTxForUnknownIdEnabled": "true"},
)
async def test_schedule_offline(
    profiles: Profiles, station: StationUnderTest, operator: StationOperator, tokens: Tokens, link: Tap
) -> None:
    """Offline, an EV is offered no more than the TxDefaultProfile has, and charges."""
    token = await tokens.cached(operator, "id_token")
    await profiles.installed(Plan(id=56, start=await profiles.station_time() - timedelta(seconds=10)))
    await plug_in_speaking(station, operator, soc=_SOC)
    async with offline(station, link):
        await operator.present_token(token)
        await station.stays_quiet(for_=_AWAY)
    with requirement("OCPP-2.0.1#K15", hard=True):
        event = await charging_begins(station)
        assert event.offline.is_in(True)
    await station.calm()
    kept = [event for event in station.sent("TransactionEvent") if event.offline.peek() is True]
    powers = [power for event in kept if (power := power_of(event.meterValue)) is not None]
    with requirement("K15.FR.15"):
        assert powers, "no meter values of the time offline came"
        assert 0 < max(powers) <= profiles.watts(6.0), f"{max(powers):g} W flowed under a limit of {profiles.watts(6.0):g} W"
        for told in station.sent("NotifyEVChargingSchedule"):
            assert_within(told, profiles, 6.0)


@case("TC_K_57_CS", verifies="K17.FR.01 K17.FR.06 K17.FR.09 K17.FR.10 K01.FR.04", applies=f"{_SPEAKS} and Renegotiation")
async def test_ev_renegotiates(
    negotiated: Speaking, profiles: Profiles, station: StationUnderTest, operator: StationOperator
) -> None:
    """New needs of an EV that charges are told, and it is offered the schedule that comes for them."""
    await operator.ev_renegotiate(target_soc=70.0)
    with requirement("K17.FR.01", hard=True):
        needs = await needs_told(station)
    with requirement("K17.FR.06"):
        assert_one_kind(needs)
    with requirement("K01.FR.04", hard=True):
        answer = await profiles.set(negotiated.plan(150, 15.0))
        assert answer.status == "Accepted"
    with requirement("K17.FR.10", hard=True):
        told = await schedule_told(station)
    with requirement("K17.FR.09"):
        assert_within(told, profiles, 15.0)
        assert not station.sent("TransactionEvent", eventType="Ended"), "the transaction was ended"


@case("TC_K_58_CS", verifies="K16.FR.01 K16.FR.02 K16.FR.03 K16.FR.04 K16.FR.05", applies=f"{_SPEAKS} and Renegotiation")
async def test_csms_renegotiates(negotiated: Speaking, profiles: Profiles, station: StationUnderTest) -> None:
    """A new schedule for an EV that charges is renegotiated with it, and what it makes of it is told."""
    with requirement("K16.FR.01", hard=True):
        answer = await profiles.set(negotiated.plan(150, 8.0))
        assert answer.status == "Accepted"
    with requirement("K16.FR.02", "K16.FR.05", hard=True):
        told = await schedule_told(station)
    with requirement("K16.FR.03", "K16.FR.04"):
        assert_within(told, profiles, 8.0)
        assert not station.sent("TransactionEvent", eventType="Ended"), "the transaction was ended"


@case("V2X_K15_NEEDS_CS", verifies="OCPP-2.0.1#ChargingNeedsType K15.FR.01", applies=_SPEAKS)
async def test_needs_are_those_of_the_ev(
    profiles: Profiles, station: StationUnderTest, operator: StationOperator, token: str, link: Tap
) -> None:
    """The needs that are told are the EV's: when it departs, how much energy it wants, what it can take."""
    answer_needs(link, "Rejected")
    departs = await profiles.station_time() + timedelta(seconds=_DEPARTURE)
    await plug_in_speaking(
        station, operator, evcc={"departure_s": _DEPARTURE, "target_soc": 80.0}, soc=_SOC, capacity_wh=50_000.0
    )
    await operator.present_token(token)
    with requirement("K15.FR.01", hard=True):
        needs = (await needs_told(station)).chargingNeeds
    with requirement("OCPP-2.0.1#ChargingNeedsType"):
        assert needs.departureTime.exists
        told = datetime.fromisoformat(str(needs.departureTime.peek()))
        assert told.tzinfo is not None, "the departure has no time zone"
        assert abs((told - departs).total_seconds()) <= _DEPARTURE_OFF, f"{told} is not within {_DEPARTURE} s"
        limits = needs.dcChargingParameters if needs.dcChargingParameters.exists else needs.acChargingParameters
        wanted = 50_000.0 * (80.0 - _SOC) / 100
        assert wanted * 0.9 <= limits.energyAmount.number() <= wanted * 1.3
        assert limits.evMaxCurrent.number() > 0
        assert limits.evMaxVoltage.number() > 0


@case("V2X_K16_POWER_CS", verifies="K16.FR.11 K04.FR.05", applies=f"{_SPEAKS} and Renegotiation")
@_METERED
async def test_power_follows_the_schedule(negotiated: Speaking, profiles: Profiles, station: StationUnderTest) -> None:
    """An EV that charges draws no more than a new schedule, or a new limit of the station, has for it."""
    try:
        before = await _power_after(station, negotiated, _REACTION)
    except NotSeen as error:
        raise CannotJudge(str(error)) from error
    if before <= profiles.watts(8.0):
        raise CannotJudge(f"the EV takes {before:g} W, which is no more than the limit to come")
    await profiles.set(negotiated.plan(150, 8.0))
    with requirement("K16.FR.11"):
        power = await _power_after(station, negotiated, _REACTION)
        assert 0 < power <= profiles.watts(8.0), f"{power:g} W flow under a limit of {profiles.watts(8.0):g} W"
    start = await profiles.station_time()
    await profiles.set(Plan(id=151, purpose="ChargingStationMaxProfile", evse=0, start=start, periods=((0, 7.0),)))
    with requirement("K04.FR.05"):
        power = await _power_after(station, negotiated, _REACTION)
        assert 0 < power <= profiles.watts(7.0), f"{power:g} W flow under a limit of {profiles.watts(7.0):g} W"


@case("V2X_CONNECTED_EV_CS", verifies="OCPP-2.0.1#ConnectedEV", applies="ISO15118")
async def test_what_is_known_of_an_ev(
    station: StationUnderTest, operator: StationOperator, csms: CsmsOperator, token: str
) -> None:
    """The variables of ConnectedEV, where the station has them, are about the EV that is there, and about none that has gone."""
    await plug_in_speaking(station, operator, soc=_SOC)
    await operator.present_token(token)
    try:
        await expect_charging(station)
    except NotSeen as error:
        raise CannotJudge(str(error)) from error
    known = await connected_ev(csms, "Available", "ProtocolAgreed", "VehicleID")
    if "ProtocolAgreed" not in known:
        raise DoesNotApply("the station does not tell what it has agreed on with the EV")
    await operator.unplug()
    await station.calm()
    left = await connected_ev(csms, "Available", "ProtocolAgreed", "VehicleID")
    with requirement("OCPP-2.0.1#ConnectedEV"):
        assert known["ProtocolAgreed"].replace(" ", "").startswith("urn:iso:15118:2:2013:MsgDef,2,")
        assert known.get("Available", "true") == "true", "no EV is said to be there"
        assert re.fullmatch(r"[0-9A-Fa-f]{12}", known.get("VehicleID", "0" * 12)), f"{known['VehicleID']} is no EVCCID"
        assert left.get("Available", "false") == "false", "an EV is said to be there that has gone"
        for name in ("ProtocolAgreed", "VehicleID"):
            assert not left.get(name), f"{name} of an EV that has gone is {left[name]}"
