"""Charging profiles as cases set them, ask for them and expect them to work: built, installed, reported, composed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

import msgspec
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.events import Json
from v2x_harness.field import Field

from v2x_suites.ocpp.peers import CsmsOperator
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station.states import get_variables
from v2x_suites.ocpp.watch import Message

type Unit = Literal["A", "W"]
type Purpose = Literal["TxDefaultProfile", "TxProfile", "ChargingStationMaxProfile"]

# What a limit in A a phase is in W, as the official cases have it.
_WATTS = 1000.0
# Line voltage (V), and how far beyond a limit a meter may show the power to be.
_LINE_VOLTAGE = 230.0
_SLACK = 1.05
# Seconds by which a composite schedule may change its limit early or late.
_TOLERANCE = 2.0


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """A charging profile, its limits in A a phase; in kW for a station that takes no A.

    Attributes:
        periods: seconds since the start to the limit from then on.
        start: of the schedule; None makes the profile relative.
        duration: of the schedule (s); None for ever.
        transaction_id: of a TxProfile.
    """

    id: int
    purpose: Purpose = "TxDefaultProfile"
    stack_level: int = 0
    evse: int = 1
    periods: tuple[tuple[int, float], ...] = ((0, 6.0),)
    start: datetime | None = None
    duration: int | None = None
    transaction_id: str = ""

    def payload(self, unit: Unit) -> dict[str, Json]:
        """Return it as a ChargingProfileType."""
        scale = _WATTS if unit == "W" else 1.0
        periods: list[Json] = [{"startPeriod": at, "limit": limit * scale} for at, limit in self.periods]
        schedule: dict[str, Json] = {"id": self.id, "chargingRateUnit": unit, "chargingSchedulePeriod": periods}
        if self.duration is not None:
            schedule["duration"] = self.duration
        if self.start is not None:
            schedule["startSchedule"] = _text(self.start)
        profile: dict[str, Json] = {
            "id": self.id,
            "stackLevel": self.stack_level,
            "chargingProfilePurpose": self.purpose,
            "chargingProfileKind": "Relative" if self.start is None else "Absolute",
            "chargingSchedule": [schedule],
        }
        return profile | ({"transactionId": self.transaction_id} if self.transaction_id else {})

    def limit(self, at: datetime) -> float | None:
        """Return the limit of an absolute profile at a time (A), None where it has none."""
        assert self.start is not None
        since = (at - self.start).total_seconds()
        if since < 0 or (self.duration is not None and since >= self.duration):
            return None
        return next(limit for begins, limit in reversed(self.periods) if begins <= since)


class Profiles:
    """Sets, asks for and compares charging profiles at a station.

    Args:
        unit: in which the station is given limits.
        phases: of the EVSE.
    """

    def __init__(self, station: StationUnderTest, csms: CsmsOperator, unit: Unit, phases: int = 3) -> None:
        self._station, self._csms, self.unit, self._phases = station, csms, unit, phases
        self._request_id = 5100

    async def set(self, plan: Plan, *, override: bool = False) -> Message:
        """Have the CSMS set a profile; return the station's answer.

        Args:
            override: have it send what a good CSMS would not.
        """
        profile: Json = plan.payload(self.unit)
        return await self._csms.call("SetChargingProfile", override=override, evseId=plan.evse, chargingProfile=profile)

    async def installed(self, *plans: Plan) -> None:
        """Memory state: the station has these profiles, and reports them.

        Raises:
            CannotJudge: it has not.
        """
        for plan in plans:
            try:
                answer = await self.set(plan)
                reported = await self.reported(chargingProfileId=[plan.id])
            except NotSeen as error:
                raise CannotJudge(f"the charging profile {plan.id} is not installed: {error}") from error
            if answer.status.peek() != "Accepted" or [profile.id.peek() for _, profile in reported] != [plan.id]:
                raise CannotJudge(f"the charging profile {plan.id} is not installed: {answer.status.peek()}")
        await self._station.calm()

    async def asked(self, evse: int | None = None, **criteria: Json) -> tuple[int, Message]:
        """Have the CSMS ask for profiles; return the request id, and the station's answer."""
        self._request_id += 1
        payload: dict[str, Json] = {"requestId": self._request_id, "chargingProfile": criteria}
        answer = await self._csms.call("GetChargingProfiles", payload | ({} if evse is None else {"evseId": evse}))
        return self._request_id, answer

    async def parts(self) -> list[Message]:
        """Wait for all parts of a report, and return them in the order of the wire.

        Raises:
            NotSeen: a part does not come.
        """
        parts = [await self._station.expect("ReportChargingProfiles")]
        while parts[-1].tbc.peek() is True:
            parts.append(await self._station.expect("ReportChargingProfiles"))
        return parts

    async def reported(self, evse: int | None = None, **criteria: Json) -> list[tuple[int, Field]]:
        """Ask for profiles, and return those that are reported, each with its EVSE; none if there are none.

        Raises:
            NotSeen: there is no report.
        """
        _, answer = await self.asked(evse, **criteria)
        return [] if answer.status.peek() == "NoProfiles" else profiles_in(await self.parts())

    async def clear(self, profile_id: int | None = None, **criteria: Json) -> Message:
        """Have the CSMS clear profiles; return the station's answer."""
        payload: dict[str, Json] = {} if profile_id is None else {"chargingProfileId": profile_id}
        return await self._csms.call(
            "ClearChargingProfile", payload | ({"chargingProfileCriteria": criteria} if criteria else {})
        )

    async def composite(self, evse: int, duration: int) -> Message:
        """Have the CSMS ask for a composite schedule; return the station's answer."""
        return await self._csms.call("GetCompositeSchedule", evseId=evse, duration=duration, chargingRateUnit=self.unit)

    async def station_time(self) -> datetime:
        """Return what time it is at the station, by its variable ClockCtrlr.DateTime.

        Raises:
            CannotJudge: it does not tell.
        """
        values = await get_variables(self._csms, "ClockCtrlr.DateTime")
        try:
            return datetime.fromisoformat(values["ClockCtrlr.DateTime"]).astimezone(UTC)
        except (KeyError, ValueError) as error:
            raise CannotJudge("the station does not tell the time") from error

    def watts(self, limit: float) -> float:
        """Return what a limit of a `Plan` comes to on all phases (W), with what meters and EVs are allowed to be off."""
        return (limit * _WATTS if self.unit == "W" else limit * self._phases * _LINE_VOLTAGE) * _SLACK

    def in_unit(self, limit: float, unit: str) -> float:
        """Return what a limit of a `Plan` is in A a phase or in W; infinite for DC in A, for want of a voltage."""
        if unit == self.unit:
            return limit * _WATTS if unit == "W" else limit
        if unit == "W":
            return limit * self._phases * _LINE_VOLTAGE
        return limit * _WATTS / self._phases / _LINE_VOLTAGE if self._phases else math.inf

    def assert_same(self, profile: Field, plan: Plan) -> None:
        """Assert that a reported profile is the one that was set."""
        sent = plan.payload(self.unit)
        for name in ("id", "stackLevel", "chargingProfilePurpose", "chargingProfileKind", "transactionId"):
            assert profile[name] == sent.get(name)
        schedule = profile.chargingSchedule[0]
        assert schedule.chargingRateUnit == self.unit
        assert schedule.duration == plan.duration
        periods = [(p.startPeriod.peek(), p.limit.peek()) for p in schedule.chargingSchedulePeriod]
        scale = _WATTS if self.unit == "W" else 1.0
        assert periods == [(at, limit * scale) for at, limit in plan.periods]

    def assert_follows(self, answer: Message, duration: int, expected: Callable[[datetime], float | None]) -> None:
        """Assert that a composite schedule covers its duration with the limits that are expected, second by second.

        Args:
            expected: time to limit (A); None where any limit will do.
        """
        schedule = answer.schedule
        assert schedule.duration == duration
        assert schedule.chargingRateUnit == self.unit
        periods = schedule.chargingSchedulePeriod
        assert periods[0].startPeriod == 0
        start = datetime.fromisoformat(str(schedule.scheduleStart.peek())).astimezone(UTC)
        scale = _WATTS if self.unit == "W" else 1.0
        for second in range(duration):
            at = start + timedelta(seconds=second + 0.5)
            wanted = {expected(at + timedelta(seconds=off)) for off in (-_TOLERANCE, 0.0, _TOLERANCE)}
            if len(wanted) == 1 and (limit := wanted.pop()) is not None:
                period = _period_at(list(periods), second)
                assert period.limit == limit * scale


async def phases_of(csms: CsmsOperator, evse: int = 1) -> int:
    """Return how many phases an EVSE is said to have (EVSE.SupplyPhases): 0 for direct current, 3 where it is not said."""
    data: Json = [{"component": {"name": "EVSE", "evse": {"id": evse}}, "variable": {"name": "SupplyPhases"}}]
    answer = await csms.call("GetVariables", getVariableData=data)
    told = answer.getVariableResult[0].attributeValue.peek()
    return int(told) if told in ("0", "1", "2", "3") else 3


def lowest_while(leading: Plan, *others: Plan) -> Callable[[datetime], float | None]:
    """Return, over time, the lowest limit of several profiles as long as one of them has one."""

    def expected(at: datetime) -> float | None:
        own = leading.limit(at)
        limits = [limit for plan in others if (limit := plan.limit(at)) is not None]
        return None if own is None else min(own, *limits)

    return expected


def highest_level(*plans: Plan) -> Callable[[datetime], float | None]:
    """Return, over time, the limit of the profile with the highest stack level that has one."""
    ordered = sorted(plans, key=lambda plan: plan.stack_level, reverse=True)

    def expected(at: datetime) -> float | None:
        return next((limit for plan in ordered if (limit := plan.limit(at)) is not None), None)

    return expected


def profiles_in(parts: Sequence[Message]) -> list[tuple[int, Field]]:
    """Return the profiles of a report, each with its EVSE."""
    return [(part.evseId.number(), profile) for part in parts for profile in part.chargingProfile]


def power_of(values: Field) -> float | None:
    """Return the active power (W) in the last of some meter values, over all phases; None where it is not among them."""
    last = [sample for value in list(values)[-1:] for sample in value.sampledValue]
    powers = [sample for sample in last if sample.measurand.peek() == "Power.Active.Import"]
    total = [sample for sample in powers if not sample.phase.exists] or powers
    watts = [_number(sample["value"]) * _factor(sample.unitOfMeasure) for sample in total]
    return sum(watts) if watts else None


def _factor(unit: Field) -> float:
    """Return what a value is to be multiplied with to be in W."""
    return (1000.0 if unit.unit.peek() == "kW" else 1.0) * 10.0 ** unit.multiplier.number()


def _number(value: Field) -> float:
    plain = value.peek()
    return float(plain) if isinstance(plain, int | float) else 0.0


def _period_at(periods: Sequence[Field], second: int) -> Field:
    begun = [period for period in periods if period.startPeriod.number() <= second]
    return max(begun, key=lambda period: period.startPeriod.number())


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
