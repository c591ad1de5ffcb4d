"""Block K, smart charging of EVs that speak ISO 15118: schedules for what they need, and renegotiation (K15 to K17)."""

from __future__ import annotations

import msgspec
import pytest
from v2x_harness.blocks import CannotJudge, NotSeen, requirement
from v2x_harness.events import Json

from v2x_suites.ocpp.lane import CsmsLane
from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v201.csms import case
from v2x_suites.ocpp.v201.csms.states import profile, sends_profile
from v2x_suites.ocpp.watch import Message

_SPEAKS = "ISO15118"
# How long a CSMS may take for a schedule (s; K15, error handling: an EV waits 60 s for it).
_PATIENCE = 60.0
# How long a CSMS is watched that has no cause to renegotiate (s).
_CALM = 30.0
_STATION: dict[str, Json] = {"evses": [{"secc": {"sdp": False}}]}
_EVCC: dict[str, Json] = {"protocols": ["iso2"], "departure_s": 36_000}
_EV: dict[str, Json] = {"soc": 30.0, "max_power_w": 22_000.0}


class Negotiated(msgspec.Struct, frozen=True):
    """An EV that charges under a schedule of the CSMS.

    Attributes:
        transaction_id: as our station chose it.
        needs: what the CSMS was told of the EV.
        sent: the SetChargingProfile that it sent for that.
        told: what the EV made of it.
    """

    transaction_id: str
    needs: Message
    sent: Message
    told: Message


@pytest.fixture
async def waiting(lane: CsmsLane, csms: CsmsUnderTest, token: str, forgotten: None) -> StationActor:
    """Reusable states EVConnectedPreSession and Authorized: an EV that speaks ISO 15118 is about to tell its needs."""
    await lane.booted(**_STATION)
    await lane.station.plug_in_speaking(_EVCC, _EV)
    await csms.calm()
    lane.station.from_now()
    await lane.station.present_token(token)
    return lane.station


@pytest.fixture
async def negotiated(waiting: StationActor, csms: CsmsUnderTest) -> Negotiated:
    """Reusable state ISO15118SmartCharging."""
    needs = await waiting.sends("NotifyEVChargingNeeds")
    try:
        sent = await csms.expect("SetChargingProfile", within=_PATIENCE)
    except NotSeen as error:
        raise CannotJudge(f"the CSMS has no schedule for the EV: {error}") from error
    told = await _chosen(waiting, sent)
    await csms.calm()
    waiting.from_now()
    return Negotiated(str(sent.chargingProfile.transactionId.peek()), needs, sent, told)


async def _chosen(station: StationActor, sent: Message) -> Message:
    """Wait for what the EV makes of a schedule; whether energy flows before or after it is told is the station's affair."""
    return await station.sends("NotifyEVChargingSchedule", within=_PATIENCE, where=lambda m: m.n > sent.n)


def _assert_for(sent: Message, transaction_id: Json, needs: Message) -> None:
    """Assert that a profile is for the transaction of an EV, with no more than EV and station take."""
    assert sent.evseId == 1
    plan = sent.chargingProfile
    assert plan.chargingProfilePurpose == "TxProfile"
    assert plan.transactionId == transaction_id
    schedules = list(plan.chargingSchedule)
    assert 1 <= len(schedules) <= 3, f"{len(schedules)} schedules"
    most = needs.maxScheduleTuples.peek()
    for schedule in schedules:
        periods = len(schedule.chargingSchedulePeriod)
        assert periods >= 1, "a schedule has no period"
        assert not isinstance(most, int) or periods <= most, f"{periods} periods, and the EV takes {most}"


def _beyond(told: Message, sent: Message) -> dict[str, Json]:
    """Return what an EV would tell that wants more than its schedule has."""
    schedule = sent.chargingProfile.chargingSchedule[0]
    limit = max(period.limit.number() for period in schedule.chargingSchedulePeriod)
    beyond: dict[str, Json] = {
        "id": schedule.id.peek(),
        "chargingRateUnit": schedule.chargingRateUnit.peek(),
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": round(limit * 1.5 + 10, 1)}],
    }
    return {"timeBase": told.timeBase.peek(), "evseId": 1, "chargingSchedule": beyond}


@case(
    "TC_K_53_CSMS",
    verifies="K15.FR.02 K15.FR.03 K15.FR.05 K15.FR.07 K15.FR.11 OCPP-2.0.1#K15.once",
    applies=_SPEAKS,
)
async def test_schedule_for_an_ev(csms: CsmsUnderTest, waiting: StationActor) -> None:
    """A CSMS gives an EV a schedule for what it needs, accepts what the EV makes of it, and leaves it at that."""
    event = await waiting.sends("TransactionEvent")
    needs = await waiting.sends("NotifyEVChargingNeeds", again=True)
    with requirement("K15.FR.02", hard=True):
        answer = await csms.answer(needs)
    with requirement("K15.FR.03", "K15.FR.05"):
        assert answer.status.is_in("Accepted", "Processing")
    with requirement("K15.FR.07", hard=True):
        sent = await csms.expect("SetChargingProfile", within=_PATIENCE)
        _assert_for(sent, event.transactionInfo.transactionId.peek(), needs)
    told = await _chosen(waiting, sent)
    with requirement("K15.FR.11"):
        assert (await csms.answer(told)).status == "Accepted"
    with requirement("OCPP-2.0.1#K15.once"):
        await csms.stays_quiet("SetChargingProfile", for_=_CALM)


@case(
    "TC_K_55_CSMS",
    verifies="K15.FR.12 K15.FR.13 K16.FR.06 K16.FR.07 K16.FR.08",
    applies=_SPEAKS,
)
async def test_ev_wants_more(csms: CsmsUnderTest, waiting: StationActor, negotiated: Negotiated) -> None:
    """A CSMS rejects what goes beyond its schedule, and renegotiates, as often as it takes."""
    with requirement("K15.FR.12", hard=True):
        answer = await waiting.call("NotifyEVChargingSchedule", _beyond(negotiated.told, negotiated.sent))
        assert answer.status == "Rejected"
    with requirement("K15.FR.13", hard=True):
        sent = await csms.expect("SetChargingProfile", within=_PATIENCE)
        _assert_for(sent, negotiated.transaction_id, negotiated.needs)
    told = await _chosen(waiting, sent)
    with requirement("K16.FR.06"):
        assert (await csms.answer(told)).status == "Accepted"
    with requirement("K16.FR.07", hard=True):
        answer = await waiting.call("NotifyEVChargingSchedule", _beyond(told, sent))
        assert answer.status == "Rejected"
    with requirement("K16.FR.08"):
        again = await csms.expect("SetChargingProfile", within=_PATIENCE)
        _assert_for(again, negotiated.transaction_id, negotiated.needs)


@case("TC_K_57_CSMS", verifies="K17.FR.02 K17.FR.03 K17.FR.07 K17.FR.11", applies=_SPEAKS)
async def test_ev_renegotiates(csms: CsmsUnderTest, waiting: StationActor, negotiated: Negotiated) -> None:
    """A CSMS gives an EV that has new needs a new schedule."""
    await waiting.ev_renegotiate(target_soc=60.0, departure_s=18_000)
    needs = await waiting.sends("NotifyEVChargingNeeds")
    with requirement("K17.FR.02", hard=True):
        answer = await csms.answer(needs)
    with requirement("K17.FR.03"):
        assert answer.status.is_in("Accepted", "Processing")
    with requirement("K17.FR.07", hard=True):
        sent = await csms.expect("SetChargingProfile", within=_PATIENCE)
        _assert_for(sent, negotiated.transaction_id, needs)
    told = await _chosen(waiting, sent)
    with requirement("K17.FR.11"):
        assert (await csms.answer(told)).status == "Accepted"


@case("TC_K_58_CSMS", verifies="K01.FR.03 K16.FR.06", applies=_SPEAKS)
async def test_csms_renegotiates(
    csms: CsmsUnderTest, operator: CsmsOperator, waiting: StationActor, negotiated: Negotiated
) -> None:
    """A CSMS that limits an EV anew accepts what the EV makes of it."""
    with requirement("K01.FR.03", hard=True):
        sent = await sends_profile(operator, 1, _new_limit(negotiated))
        _assert_for(sent, negotiated.transaction_id, negotiated.needs)
    told = await _chosen(waiting, sent)
    with requirement("K16.FR.06"):
        assert (await csms.answer(told)).status == "Accepted"


@case("TC_K_59_CSMS", verifies="K16.FR.12", applies=_SPEAKS)
async def test_needs_come_again(
    csms: CsmsUnderTest, operator: CsmsOperator, waiting: StationActor, negotiated: Negotiated
) -> None:
    """A CSMS that renegotiates, and is told an EV's needs once more, sets a profile for them."""
    await sends_profile(operator, 1, _new_limit(negotiated))
    await csms.calm()
    needs = negotiated.needs.payload.peek()
    with requirement("K16.FR.12"):
        assert isinstance(needs, dict)
        answer = await waiting.call("NotifyEVChargingNeeds", needs)
        assert answer.status.is_in("Accepted", "Processing")
        sent = await csms.expect("SetChargingProfile", within=_PATIENCE)
        _assert_for(sent, negotiated.transaction_id, negotiated.needs)


def _new_limit(negotiated: Negotiated) -> dict[str, Json]:
    """Return a profile with another limit than the CSMS has given, above it on the stack."""
    level = negotiated.sent.chargingProfile.stackLevel.number()
    return profile(158, "TxProfile", limit=8.0, kind="Relative", stack=int(level) + 1, transactionId=negotiated.transaction_id)
