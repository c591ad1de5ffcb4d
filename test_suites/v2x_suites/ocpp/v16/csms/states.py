"""What several cases with a Central System under test ask alike: sessions, times, charging profiles."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
from v2x_harness.blocks import CannotJudge, NotSeen, requirement
from v2x_harness.events import Json
from v2x_harness.field import Field
from v2x_harness.finding import Layer

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.stamps import CLOCK, seconds_off
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.watch import Message

# An idTag that no Central System knows.
STRANGER = "V2X-NOBODY"


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A transaction of our charge point with the Central System under test.

    Attributes:
        transaction_id: as the Central System chose it.
        id_tag: that it was started with.
    """

    transaction_id: int
    connector: int
    id_tag: str


def ago(message: Message, hours: float) -> str:
    """Return the time so long before the tap saw a message, as a charge point writes it."""
    then = datetime.fromisoformat(message.at).astimezone(UTC) - timedelta(hours=hours)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def sampled(energy_wh: int, timestamp: str) -> list[Json]:
    """Return a MeterValue with the reading of the energy register (Wh)."""
    return [{"timestamp": timestamp, "sampledValue": [{"value": str(energy_wh)}]}]


def confirmed(answer: Message) -> None:
    """Check that a CALL is answered with a CALLRESULT.

    Raises:
        NotSeen: it is answered with a CALLERROR.
    """
    if answer.is_error:
        words = f"{answer.action} is answered with CALLERROR {answer.code}"
        raise NotSeen(words, expected="CALLRESULT", seen=repr(answer), frame=answer.n, layer=Layer.SEMANTICS)


def numbered(answer: Message) -> None:
    """Check that an answer to StartTransaction names a transaction id.

    Raises:
        AssertionError: it does not.
    """
    assert isinstance(answer.transactionId.value, int), f"StartTransaction is answered without a transaction id: {answer!r}"


async def boots(station: StationActor, csms: CsmsUnderTest, **settings: Json) -> None:
    """Power the station on with settings of its own, and wait until the Central System has accepted it and is at rest.

    Raises:
        CannotJudge: it does not accept it.
    """
    await station.power_on(**settings)
    try:
        answer = await csms.answer(await station.sends("BootNotification"))
    except NotSeen as error:
        raise CannotJudge(str(error)) from error
    if answer.status.peek() != "Accepted":
        raise CannotJudge(f"the Central System does not accept the boot: {answer.payload.peek()}")
    await csms.calm()
    station.from_now()


async def begins(station: StationActor, csms: CsmsUnderTest, evse: int = 1) -> tuple[Message, Message]:
    """Wait until the station has begun a transaction at an EVSE; return StartTransaction and the answer to it.

    Raises:
        CannotJudge: our station does not begin one.
        NotSeen: there is no answer.
    """
    start = await station.sends("StartTransaction", connectorId=evse)
    return start, await csms.answer(start)


async def session_of(station: StationActor, csms: CsmsUnderTest, id_tag: str, *, id_first: bool = False) -> Field:
    """Have the station charge from beginning to end, each step judged; return the transaction's id.

    The case verifies ``OCPP-1.6#4.1.status``, ``#4.8.answer``, ``#4.9.answer`` and ``#4.10.answer``.
    """
    if id_first:
        await station.present_token(id_tag)
    else:
        await station.plug_in()
        await station.present_token(id_tag)
    with requirement("OCPP-1.6#4.1.status", hard=True):
        authorized = await csms.answer(await station.sends("Authorize", idTag=id_tag))
        assert authorized.idTagInfo.status == "Accepted"
    if id_first:
        await station.plug_in()
    with requirement("OCPP-1.6#4.8.answer", hard=True):
        _, started = await begins(station, csms)
        numbered(started)
        assert started.idTagInfo.status == "Accepted"
    with requirement("OCPP-1.6#4.9.answer"):
        confirmed(await csms.answer(await station.sends("StatusNotification", status="Charging")))
    await station.present_token(id_tag)
    stop = await station.sends("StopTransaction")
    with requirement("OCPP-1.6#4.10.answer"):
        stopped = await csms.answer(stop)
        confirmed(stopped)
        assert stop.transactionId == started.transactionId
        assert stopped.idTagInfo.status.is_in("Accepted", None)
    await station.unplug()
    with requirement("OCPP-1.6#4.9.answer"):
        confirmed(await csms.answer(await station.sends("StatusNotification", status="Available")))
    return started.transactionId


async def tells_time(station: StationActor) -> None:
    """Check that the Central System goes on telling the time.

    Raises:
        AssertionError: it does not.
    """
    beat = await station.call("Heartbeat")
    assert seconds_off(beat.currentTime, beat) < CLOCK


def profile(
    profile_id: int, purpose: str, *, limit: float = 10.0, kind: str = "Absolute", stack: int = 0, **more: Json
) -> dict[str, Json]:
    """Return a charging profile with a schedule of one period (A)."""
    schedule: dict[str, Json] = {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
    }
    if kind == "Absolute":
        schedule["startSchedule"] = "2024-01-01T00:00:00Z"
    return {
        "chargingProfileId": profile_id,
        "stackLevel": stack,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": schedule,
        **more,
    }


async def sends_profile(operator: CsmsOperator, connector: int, wanted: dict[str, Json]) -> Message:
    """Have the Central System set a charging profile; return its CALL."""
    return await operator.send("SetChargingProfile", connectorId=connector, csChargingProfiles=wanted)
