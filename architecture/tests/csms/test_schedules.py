"""Load levelling for EVs that speak ISO 15118: a CSMS's schedule, and what it thinks of the EV's own (K15 to K17)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from v2x_architecture.ocpp.csms import CsmsConfig
from v2x_architecture.ocpp.csms.schedules import keeps_to, power_for, profile_for
from v2x_architecture.ocpp.csms.wire import stamp
from v2x_architecture.ocpp.endpoint import Endpoint

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TOKEN = {"idToken": "RFID", "type": "ISO14443"}


def ac_needs(*, hours: float | None = None, energy: int = 20_000, current: int = 32) -> dict[str, Any]:
    needs: dict[str, Any] = {
        "requestedEnergyTransfer": "AC_three_phase",
        "acChargingParameters": {"energyAmount": energy, "evMinCurrent": 6, "evMaxCurrent": current, "evMaxVoltage": 400},
    }
    return needs if hours is None else needs | {"departureTime": stamp(NOW + timedelta(hours=hours))}


def told(*limits: float, unit: str = "W", number: int = 1) -> dict[str, Any]:
    """Return a schedule with a period a minute."""
    periods = [{"startPeriod": at * 60, "limit": limit} for at, limit in enumerate(limits)]
    return {"id": number, "chargingRateUnit": unit, "chargingSchedulePeriod": periods}


@pytest.mark.parametrize(
    ("needs", "watts"),
    [
        (ac_needs(), 22_080.0),
        (ac_needs(hours=4), 5_500.0),
        (ac_needs(hours=100), 4_140.0),
        (ac_needs(hours=0.5), 22_080.0),
        (ac_needs(hours=-1), 22_080.0),
        ({"requestedEnergyTransfer": "DC", "dcChargingParameters": {"evMaxCurrent": 100, "evMaxVoltage": 400}}, 40_000.0),
        (
            {
                "requestedEnergyTransfer": "DC",
                "departureTime": stamp(NOW + timedelta(hours=2)),
                "dcChargingParameters": {"evMaxCurrent": 100, "evMaxVoltage": 400, "evMaxPower": 30_000, "energyAmount": 20_000},
            },
            11_000.0,
        ),
    ],
)
def test_the_power_is_levelled_over_the_time_there_is(needs: dict[str, Any], watts: float) -> None:
    assert power_for(needs, NOW) == pytest.approx(watts)


def test_a_profile_that_exceeds_the_schedule_anywhere_does_not_keep_to_it() -> None:
    profile = profile_for("T", 8_000.0, NOW, number=300)
    assert profile["chargingSchedule"][0]["id"] == 45
    assert keeps_to(told(8_000.0, 6_000.0), NOW, profile)
    assert not keeps_to(told(6_000.0, 8_000.5), NOW, profile)
    assert keeps_to(told(11.0, unit="A"), NOW, profile)
    assert not keeps_to(told(12.0, unit="A"), NOW, profile)


def test_a_profile_is_compared_at_the_time_that_it_is_for() -> None:
    steps = told(9_000.0, 5_000.0) | {"startSchedule": stamp(NOW)}
    profile = profile_for("T", 0.0, NOW, number=1) | {"chargingSchedule": [steps]}
    assert keeps_to(told(9_000.0, 5_000.0), NOW, profile)
    assert not keeps_to(told(9_000.0, 5_000.0), NOW + timedelta(seconds=30), profile)
    assert keeps_to(told(9_000.0) | {"duration": 30}, NOW + timedelta(seconds=30), profile)


def test_the_schedule_that_the_ev_names_counts() -> None:
    two = [told(5_000.0, number=1), told(9_000.0, number=2)]
    profile = profile_for("T", 0.0, NOW, number=1) | {"chargingSchedule": two}
    assert not keeps_to(told(9_000.0, number=1), NOW, profile)
    assert keeps_to(told(9_000.0, number=2), NOW, profile)
    assert keeps_to(told(9_000.0, number=7), NOW, profile)


@given(st.lists(st.floats(0, 1e5), min_size=1, max_size=8), st.integers(0, 600))
def test_an_ev_that_takes_what_it_is_offered_keeps_to_it(limits: list[float], late: int) -> None:
    offered = told(*limits) | {"startSchedule": stamp(NOW)}
    profile = profile_for("T", 0.0, NOW, number=1) | {"chargingSchedule": [offered]}
    at = NOW + timedelta(seconds=late)
    left = [(max(0, 60 * n - late), limit) for n, limit in enumerate(limits) if n + 1 == len(limits) or 60 * (n + 1) > late]
    periods = [{"startPeriod": start, "limit": limit} for start, limit in left]
    assert keeps_to({"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": periods}, at, profile)


@dataclass
class At:
    """A connected station, and the SetChargingProfile requests that it gets."""

    endpoint: Endpoint
    profiles: list[dict[str, Any]]


class TestNegotiation:
    """The CSMS with a station that tells an EV's needs."""

    pytestmark = pytest.mark.anyio

    @pytest.fixture
    def config(self, request: pytest.FixtureRequest) -> CsmsConfig:
        return CsmsConfig(
            ping_interval=None,
            compression=False,
            unknown_identifier="Accepted",
            charging_needs=getattr(request, "param", "Accepted"),
        )

    @pytest.fixture
    async def at(self, connect: Any) -> At:
        """A station with a transaction at EVSE 1."""
        profiles: list[dict[str, Any]] = []

        async def handler(action: str, payload: dict[str, Any]) -> dict[str, Any]:
            assert action == "SetChargingProfile"
            profiles.append(payload)
            return {"status": "Accepted"}

        endpoint = await connect("2.0.1", handler)
        await endpoint.call(
            "TransactionEvent",
            {
                "eventType": "Started",
                "timestamp": stamp(NOW),
                "triggerReason": "Authorized",
                "seqNo": 0,
                "transactionInfo": {"transactionId": "T-1"},
                "evse": {"id": 1, "connectorId": 1},
                "idToken": TOKEN,
            },
        )
        return At(endpoint, profiles)

    async def needs(self, at: At, evse: int = 1) -> str:
        answer = await at.endpoint.call("NotifyEVChargingNeeds", {"evseId": evse, "chargingNeeds": ac_needs()})
        await asyncio.sleep(1)
        status: str = answer["status"]
        return status

    async def tells(self, at: At, limit: float) -> str:
        schedule = (
            told(limit, number=at.profiles[-1]["chargingProfile"]["chargingSchedule"][0]["id"]) if at.profiles else told(limit)
        )
        payload = {"timeBase": stamp(NOW + timedelta(minutes=1)), "evseId": 1, "chargingSchedule": schedule}
        answer = await at.endpoint.call("NotifyEVChargingSchedule", payload)
        await asyncio.sleep(1)
        status: str = answer["status"]
        return status

    async def test_needs_are_answered_with_a_schedule(self, at: At) -> None:
        assert await self.needs(at) == "Accepted"
        (sent,) = at.profiles
        profile = sent["chargingProfile"]
        assert (sent["evseId"], profile["chargingProfilePurpose"], profile["transactionId"]) == (1, "TxProfile", "T-1")
        assert profile["chargingSchedule"][0]["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 22_080.0}]
        assert await self.tells(at, 22_080.0) == "Accepted"
        assert len(at.profiles) == 1

    async def test_needs_that_come_again_replace_the_profile(self, at: At) -> None:
        await self.needs(at)
        await self.needs(at)
        first, second = (each["chargingProfile"] for each in at.profiles)
        assert (first["id"], first["stackLevel"]) == (second["id"], second["stackLevel"])

    async def test_an_ev_that_wants_more_is_renegotiated_with(self, at: At) -> None:
        await self.needs(at)
        assert await self.tells(at, 25_000.0) == "Rejected"
        first, second = at.profiles
        assert first == second

    async def test_without_a_transaction_there_is_no_schedule(self, at: At) -> None:
        assert await self.needs(at, evse=2) == "Rejected"
        assert at.profiles == []

    @pytest.mark.parametrize("config", ["Processing"], indirect=True)
    async def test_a_schedule_may_take_a_while(self, at: At) -> None:
        assert await self.needs(at) == "Processing"
        assert at.profiles == []
        await asyncio.sleep(10)
        assert len(at.profiles) == 1

    @pytest.mark.parametrize("config", ["Rejected"], indirect=True)
    async def test_who_does_not_negotiate_rejects(self, at: At) -> None:
        assert await self.needs(at) == "Rejected"
        assert await self.tells(at, 90_000.0) == "Accepted"
        assert at.profiles == []
