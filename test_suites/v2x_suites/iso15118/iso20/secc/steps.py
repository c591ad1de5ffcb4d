"""What cases of ISO 15118-20 do over and over: see that a request is refused, go round the charge loop, read what was told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from v2x_harness.blocks import requirement
from v2x_harness.events import Json
from v2x_harness.field import Field

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical

FAILED_ENDS: Final = "15118-20#8.6.failed-ends.secc"
POWER_TOLERANCE: Final = 500.0
"""By how much a power may miss a limit (W)."""


DC_LIMITS: Final = ("EVSEMaximumChargePower", "EVSEMaximumChargeCurrent", "EVSEMaximumVoltage")
_DAY: Final = 86_400
_PATIENCE: Final = 100
"""So many requests are sent at most, half a second apart, while the SECC is not ready."""


NO_SCHEDULE: Final[Mapping[str, Json]] = {"EVPowerProfile/Scheduled_EVPPTControlMode/SelectedScheduleTupleID": 60_999}
"""What a PowerDeliveryReq must not say: a schedule that is not offered."""
TOO_MUCH: Final[Mapping[str, Json]] = {
    "EVPowerProfile/EVPowerProfileEntries/EVPowerProfileEntry/0/Power": physical(30_000_000, exponent=3)
}
"""Nor that: 30 MW."""


async def refuses(
    ev: EvTester,
    secc: UnderTest,
    ids: Sequence[str],
    code: str,
    change: Mapping[str, Json] | None = None,
    without: Sequence[str] = (),
) -> None:
    """Send what our EVCC holds, changed; it gets its own response, which says no, and then the end.

    Args:
        ids: requirements by which it is refused.
        code: what the response must say.
        change: pointers to new values.
        without: pointers of what is left out.
    """
    name = ev.held.name.removesuffix("Req")
    secc.from_now()
    with requirement(*ids, hard=True):
        answer = await ev.sends(change, without)
        assert answer.name == f"{name}Res"
        assert answer.code == code
    with requirement(FAILED_ENDS):
        await secc.closes()


async def out_of_place(ev: EvTester, secc: UnderTest, name: str, *ids: str, session_id: str | None = None) -> None:
    """Send a request that has no place here; it gets its own response, which says so, and then the end.

    Args:
        name: of the request.
        ids: requirements that are judged besides V2G20-459.
        session_id: that it carries; the session's when None.
    """
    secc.from_now()
    with requirement("V2G20-459", *ids, hard=True):
        answer = await ev.sends_other(name, session_id=session_id)
        assert answer.name == f"{name.removesuffix('Req')}Res"
        assert answer.code == "FAILED_SequenceError"
    with requirement(FAILED_ENDS):
        await secc.closes()


async def of_another_session(ev: EvTester, secc: UnderTest, session_id: str) -> None:
    """Send what our EVCC holds as if it belonged to another session."""
    await refuses(ev, secc, ("V2G20-460",), "FAILED_UnknownSession", {"/Header/SessionID": session_id})


async def rounds(ev: EvTester, times: int, change: Mapping[str, Json] | None = None) -> list[Message]:
    """Go round the charge loop with what our EVCC holds, changed; return the responses.

    Args:
        times: how often; it holds the next request then.
        change: pointers to new values, in each of the requests.

    Raises:
        AssertionError: a response does not belong to its request, or does not say OK.
    """
    name = ev.held.name
    answers = []
    for _ in range(times):
        answers.append(await granted(ev, change))
        await ev.until(name)
    return answers


async def notified(ev: EvTester, loop: str, notification: str) -> Message:
    """Go round the charge loop until the SECC wants something of the EV; return the response that says so.

    Args:
        loop: name of the request, which our EVCC holds.
        notification: that the SECC is to want.

    Raises:
        AssertionError: it wants something else, or nothing after five rounds, or a response does not say OK.
    """
    for _ in range(5):
        answer = await ev.sends()
        assert answer.code == "OK"
        if answer.EVSEStatus.exists:
            break
        await ev.until(loop)
    assert answer.EVSEStatus.EVSENotification == notification
    return answer


async def charges(ev: EvTester, control: str, times: int = 10) -> list[Message]:
    """Go round the charge loop, and judge that each response is in a way of control; our EVCC holds a request of the loop.

    Args:
        control: that was chosen: ``Scheduled`` or ``Dynamic``.
        times: how often.

    Returns:
        The responses.
    """
    with requirement("V2G20-1600", hard=True):
        answers = await rounds(ev, times)
        for answer in answers:
            assert control_mode(answer, control).exists
    return answers


def control_mode(response: Message, kind: str, *, both_ways: bool = False) -> Field:
    """Return what a response of the charge loop tells in a control mode.

    Args:
        kind: ``Scheduled`` or ``Dynamic``.
        both_ways: whether the service is one with both ways.
    """
    energy = response.name[:2]
    return response.content[f"{'BPT_' if both_ways else ''}{kind}_{energy}_CLResControlMode"]


def within(told: Field, limits: Field, names: Iterable[str], tolerance: float = 0.0) -> None:
    """See that limits which are told are no higher than those that were told before.

    Args:
        told: holds them, as far as they are told.
        limits: holds those from before.
        names: of the limits.
        tolerance: by how much one may be higher.

    Raises:
        AssertionError: one is higher.
    """
    for name in names:
        if told[name].exists and limits[name].exists:
            most = amount(limits[name])
            assert amount(told[name]) <= most + tolerance, f"{name} is {amount(told[name]):g}, not above {most:g}"


async def planned(ev: EvTester) -> Message:
    """Ask for schedules until there are some; return the response. Our EVCC holds ScheduleExchangeReq.

    Raises:
        AssertionError: there are none, or a response does not say OK.
    """
    for _ in range(_PATIENCE):
        answer = await granted(ev)
        if answer.EVSEProcessing == "Finished":
            return answer
        await ev.until("ScheduleExchangeReq")
    raise AssertionError("there are no schedules")


async def plans(ev: EvTester, control: str) -> Message:
    """Ask for schedules until there are some, and judge that they are of a way of control; our EVCC holds ScheduleExchangeReq.

    Args:
        control: that was chosen: ``Scheduled`` or ``Dynamic``.

    Returns:
        The response that has them.
    """
    with requirement("V2G20-1600", hard=True):
        plan = await planned(ev)
        for each in ("Scheduled", "Dynamic"):
            assert plan.content[f"{each}_SEResControlMode"].exists == (each == control), f"{each} control is answered"
    return plan


def plan_of(response: Message) -> list[Field]:
    """Return the power schedules for charging in a ScheduleExchangeRes.

    Raises:
        AssertionError: there is none.
    """
    tuples = response.Scheduled_SEResControlMode.ScheduleTuple
    found = [each.ChargingSchedule.PowerSchedule for each in tuples]
    assert found, "no schedule is offered"
    return found


def lasting(schedule: Field) -> int:
    """Return how long a power schedule lasts (s)."""
    return sum(entry.Duration.number() for entry in schedule.PowerScheduleEntries.PowerScheduleEntry)


def for_a_day(response: Message) -> None:
    """See that each power schedule for charging in a ScheduleExchangeRes lasts for a day at least.

    Raises:
        AssertionError: one does not, or there is none.
    """
    for each in plan_of(response):
        assert lasting(each) >= _DAY


async def counts(ev: EvTester) -> None:
    """Ask for the meter's register six times; our EVCC holds a request of the charge loop.

    Raises:
        AssertionError: it is not told, or falls.
    """
    readings = []
    for answer in await rounds(ev, 6, {"MeterInfoRequested": True}):
        assert answer.MeterInfo.ChargedEnergyReadingWh.exists
        readings.append(answer.MeterInfo.ChargedEnergyReadingWh.number())
    assert readings == sorted(readings)


def sensible_soc(told: Field) -> None:
    """See that a state of charge which is to be reached at least is not above the one that is aimed at.

    Raises:
        AssertionError: it is.
    """
    if told.MinimumSOC.exists and told.TargetSOC.exists:
        assert told.MinimumSOC <= told.TargetSOC
