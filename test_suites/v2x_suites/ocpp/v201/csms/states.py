"""What several cases with a CSMS under test ask alike."""

from __future__ import annotations

import msgspec
from v2x_harness.events import Json

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.watch import Message


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A session of our station with the CSMS under test."""

    transaction_id: str
    evse: int
    token: str


def id_token(token: str, type: str = "ISO14443") -> dict[str, Json]:  # noqa: A002  (the field's name)
    """Return an IdToken."""
    return {"idToken": token, "type": type}


async def answer_to_token(csms: CsmsUnderTest, station: StationActor, token: str) -> Message:
    """Have the station ask whether a token may charge; return the answer."""
    return await station.call("Authorize", idToken=id_token(token))


def period(limit: float, start: int = 0, phases: int = 3) -> dict[str, Json]:
    """Return a period of a charging schedule (A)."""
    return {"startPeriod": start, "limit": limit, "numberPhases": phases}


def profile(
    profile_id: int, purpose: str, *, limit: float = 10.0, kind: str = "Absolute", stack: int = 0, **more: Json
) -> dict[str, Json]:
    """Return a charging profile with one schedule of one period (A)."""
    schedule: dict[str, Json] = {"id": profile_id, "chargingRateUnit": "A", "chargingSchedulePeriod": [period(limit)]}
    if kind == "Absolute":
        schedule["startSchedule"] = "2024-01-01T00:00:00Z"
    return {
        "id": profile_id,
        "stackLevel": stack,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": [schedule],
        **more,
    }


async def sends_profile(operator: CsmsOperator, evse: int, wanted: dict[str, Json]) -> Message:
    """Have the CSMS set a charging profile; return its CALL."""
    return await operator.send("SetChargingProfile", evseId=evse, chargingProfile=wanted)
