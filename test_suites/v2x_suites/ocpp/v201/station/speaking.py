"""EVs that speak ISO 15118 at a station under test: plugged in, and what the station tells of their needs and schedules."""

from __future__ import annotations

import msgspec
from v2x_harness.blocks import CannotJudge
from v2x_harness.events import Json
from v2x_harness.steer import Steer
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import reached
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station.charging_profiles import Plan, Profiles, Purpose
from v2x_suites.ocpp.v201.station.states import connector_is, expect_charging, transaction_of
from v2x_suites.ocpp.watch import Message

# How an EV behaves that the cases are about: it answers a schedule with a charging profile of its own.
_EVCC: dict[str, Json] = {"protocols": ["iso2"], "with_profile": True}
# How long an EV waits for its schedule (s; K15, error handling).
PATIENCE = 60.0
# A station that has taken a limit in A may tell what an EV makes of it in W, by its own idea of the voltage.
_CONVERSION = 1.02


class Speaking(msgspec.Struct, frozen=True, kw_only=True):
    """A session of an EV that speaks ISO 15118.

    Attributes:
        transaction_id: as the station chose it.
        profiles: charging profiles at the station.
    """

    transaction_id: str
    evse: int
    profiles: Profiles

    def plan(self, number: int, limit: float) -> Plan:
        """Return a TxProfile for it, with one limit (A, or kW where the station takes no A)."""
        purpose: Purpose = "TxProfile"
        return Plan(id=number, purpose=purpose, evse=self.evse, transaction_id=self.transaction_id, periods=((0, limit),))


def answer_needs(link: Tap, status: str) -> None:
    """Have the CSMS answer charging needs so, whatever it thinks of them."""
    label = "CALLRESULT NotifyEVChargingNeeds"
    link.install("steer", (Steer(do="rewrite", sender="csms", label=label, set={"/2/status": status}),))


async def plug_in_speaking(
    station: StationUnderTest, operator: StationOperator, evse: int = 1, evcc: dict[str, Json] | None = None, **vehicle: Json
) -> None:
    """Bring an EVSE to EVConnectedPreSession, with an EV that speaks ISO 15118.

    Raises:
        CannotJudge: the station does not notice the EV.
    """
    await operator.plug_in_speaking(_EVCC | (evcc or {}), vehicle, evse)
    await reached(station, "an EV connected", lambda m: m.action == "TransactionEvent" or connector_is(m, "Occupied"))


def transaction_at(station: StationUnderTest, evse: int = 1) -> str:
    """Return the transaction at an EVSE that the station has told of last.

    Raises:
        CannotJudge: there is none, so that no profile can be set for it (K15, prerequisites).
    """
    told = [m for m in station.sent("TransactionEvent") if m.evse.id.peek() in (evse, None)]
    if not told or told[-1].eventType.peek() == "Ended":
        raise CannotJudge("there is no transaction yet; TxStartPoint has to have it started before the EV tells its needs")
    return transaction_of(told[-1])


async def needs_told(station: StationUnderTest, evse: int = 1) -> Message:
    """Wait for the charging needs of an EV; for another EVSE's or none is a failure.

    Raises:
        NotSeen: they do not come.
    """
    needs = await station.expect("NotifyEVChargingNeeds", within=PATIENCE)
    assert needs.evseId == evse
    return needs


def assert_one_kind(needs: Message) -> None:
    """Assert that charging needs have the parameters of AC, or those of DC, as the energy transfer that is asked for."""
    direct = needs.chargingNeeds.requestedEnergyTransfer.is_in("DC")
    assert needs.chargingNeeds.dcChargingParameters.exists == direct
    assert needs.chargingNeeds.acChargingParameters.exists != direct


async def schedule_told(station: StationUnderTest, evse: int = 1) -> Message:
    """Wait for what the EV has chosen.

    Raises:
        NotSeen: it does not come.
    """
    told = await station.expect("NotifyEVChargingSchedule", within=PATIENCE)
    assert told.evseId == evse
    return told


def assert_within(told: Message, profiles: Profiles, limit: float) -> None:
    """Assert that the schedule of an EV is nowhere above a limit of a `Plan`, and that it says anything at all."""
    schedule = told.chargingSchedule
    unit = str(schedule.chargingRateUnit.peek())
    periods = list(schedule.chargingSchedulePeriod)
    assert periods, "the schedule has no periods"
    assert periods[0].startPeriod == 0
    highest = profiles.in_unit(limit, unit) * (1.0 if unit == profiles.unit else _CONVERSION)
    for period in periods:
        assert period.limit.number() <= highest
    assert max(period.limit.number() for period in periods) > 0, "the EV was left nothing"


async def charging_begins(station: StationUnderTest) -> Message:
    """Wait for the TransactionEvent that tells that energy flows; it is for that reason that it comes.

    Raises:
        NotSeen: it does not come.
    """
    event = await expect_charging(station)
    assert event.triggerReason == "ChargingStateChanged"
    return event


async def connected_ev(csms: CsmsOperator, *names: str, evse: int = 1) -> dict[str, str]:
    """Return the values of variables of the component ConnectedEV at an EVSE; those that the station tells."""
    component: Json = {"name": "ConnectedEV", "evse": {"id": evse}}
    data: list[Json] = [{"component": component, "variable": {"name": name}} for name in names]
    answer = await csms.call("GetVariables", getVariableData=data)
    told = {str(result.variable["name"].peek()): result.attributeValue.peek() for result in answer.getVariableResult}
    return {name: str(value) for name, value in told.items() if value is not None}
