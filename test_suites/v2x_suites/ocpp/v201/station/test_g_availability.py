"""Block G, availability: connectors reported, put out of operation and back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection

import pytest
from v2x_harness.blocks import CannotJudge, NotSeen, requirement

from v2x_suites.ocpp.lane import StationLane
from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.states import trying
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.remote import change_availability, connectors_become, request_start, stop_session
from v2x_suites.ocpp.v201.station.states import Session, connectors_reported, reported_states
from v2x_suites.ocpp.watch import Message


@pytest.fixture(autouse=True)
async def back_in_operation(
    lane: StationLane, station: StationUnderTest, csms: CsmsOperator, at_rest: None
) -> AsyncIterator[None]:
    """Put a station that other cases will use back into operation, all of it."""
    yield
    if not lane.fresh:
        with trying(lane.recorder, "the station could not be put back into operation"):
            await change_availability(csms, "Operative")
            for evse, connector in station.connectors:
                await change_availability(csms, "Operative", evse)
                await change_availability(csms, "Operative", evse, connector)


async def _out_of_operation(
    station: StationUnderTest, csms: CsmsOperator, places: Collection[tuple[int, int]], *place: int
) -> None:
    """Reusable state Unavailable.

    Raises:
        CannotJudge: it is not reached.
    """
    try:
        answer = await change_availability(csms, "Inoperative", *place)
        await connectors_become(station, "Unavailable", places)
    except NotSeen as error:
        raise CannotJudge(f"the station is not out of operation: {error}") from error
    if answer.status.peek() != "Accepted":
        raise CannotJudge(f"the station is not out of operation: {answer.status.peek()}")
    await station.calm()


def _of_evse(station: StationUnderTest, evse: int) -> list[tuple[int, int]]:
    return [place for place in station.connectors if place[0] == evse]


@case("TC_G_01_CS", verifies="G01.FR.03")
async def test_available_to_occupied(station: StationUnderTest, operator: StationOperator) -> None:
    """A connector is reported Occupied when an EV is connected."""
    await operator.plug_in()
    with requirement("G01.FR.03"):
        await connectors_become(station, "Occupied", [(1, 1)])


@case("TC_G_02_CS", verifies="G01.FR.04")
async def test_occupied_to_available(ev_connected: None, station: StationUnderTest, operator: StationOperator) -> None:
    """A connector is reported Available when the EV has gone."""
    await operator.unplug()
    with requirement("G01.FR.04"):
        await connectors_become(station, "Available", [(1, 1)])


@case("TC_G_03_CS", verifies="G03.FR.02 G03.FR.04 G03.FR.06 F02.FR.25")
async def test_evse_to_inoperative(station: StationUnderTest, csms: CsmsOperator, token: str) -> None:
    """An EVSE is put out of operation with all its connectors and no others, and starts nothing."""
    with requirement("G03.FR.02"):
        answer = await change_availability(csms, "Inoperative", 1)
        assert answer.status == "Accepted"
    with requirement("G03.FR.04", "G03.FR.06"):
        await connectors_become(station, "Unavailable", _of_evse(station, 1))
        await station.calm()
        for message in station.sent():
            for place, state in reported_states(message).items():
                assert place[0] == 1 or state == "Available"
    with requirement("F02.FR.25"):
        start = await request_start(csms, token, 4701)
        assert start.status == "Rejected"


@case("TC_G_04_CS", verifies="G03.FR.02 G03.FR.04 G03.FR.07")
async def test_evse_to_operative(station: StationUnderTest, csms: CsmsOperator) -> None:
    """An EVSE is put back into operation with all its connectors."""
    await _out_of_operation(station, csms, _of_evse(station, 1), 1)
    with requirement("G03.FR.02"):
        answer = await change_availability(csms, "Operative", 1)
        assert answer.status == "Accepted"
    with requirement("G03.FR.04", "G03.FR.07"):
        await connectors_become(station, "Available", _of_evse(station, 1))


@case("TC_G_05_CS", verifies="G04.FR.01 G04.FR.03 G04.FR.05 G04.FR.07")
async def test_station_to_inoperative(station: StationUnderTest, csms: CsmsOperator) -> None:
    """The station is put out of operation with all its connectors."""
    with requirement("G04.FR.03"):
        answer = await change_availability(csms, "Inoperative")
        assert answer.status == "Accepted"
    with requirement("G04.FR.01", "G04.FR.05", "G04.FR.07"):
        await connectors_become(station, "Unavailable", station.connectors)


@case("TC_G_06_CS", verifies="G04.FR.01 G04.FR.03 G04.FR.05 G04.FR.08")
async def test_station_to_operative(station: StationUnderTest, csms: CsmsOperator) -> None:
    """The station is put back into operation with all its connectors."""
    await _out_of_operation(station, csms, station.connectors)
    with requirement("G04.FR.03"):
        answer = await change_availability(csms, "Operative")
        assert answer.status == "Accepted"
    with requirement("G04.FR.01", "G04.FR.05", "G04.FR.08"):
        await connectors_become(station, "Available", station.connectors)


@case("TC_G_07_CS", verifies="G03.FR.02 G03.FR.04 G01.FR.07")
async def test_connector_to_inoperative(station: StationUnderTest, csms: CsmsOperator) -> None:
    """One connector is put out of operation, and no other."""
    with requirement("G03.FR.02"):
        answer = await change_availability(csms, "Inoperative", 1, 1)
        assert answer.status == "Accepted"
    with requirement("G03.FR.04", "G01.FR.07"):
        await connectors_become(station, "Unavailable", [(1, 1)])
        await station.calm()
        for message in station.sent():
            for place, state in reported_states(message).items():
                assert place == (1, 1) or state == "Available"


@case("TC_G_08_CS", verifies="G03.FR.02 G03.FR.04 G01.FR.07")
async def test_connector_to_operative(station: StationUnderTest, csms: CsmsOperator) -> None:
    """One connector is put back into operation."""
    await _out_of_operation(station, csms, [(1, 1)], 1, 1)
    with requirement("G03.FR.02"):
        answer = await change_availability(csms, "Operative", 1, 1)
        assert answer.status == "Accepted"
    with requirement("G03.FR.04", "G01.FR.07"):
        await connectors_become(station, "Available", [(1, 1)])


@case("TC_G_10_CS", verifies="G03.FR.02 G03.FR.03")
async def test_evse_inoperative_already(station: StationUnderTest, csms: CsmsOperator) -> None:
    """An EVSE that is out of operation already may be put out of it again."""
    await _out_of_operation(station, csms, _of_evse(station, 1), 1)
    with requirement("G03.FR.02", "G03.FR.03"):
        answer = await change_availability(csms, "Inoperative", 1)
        assert answer.status == "Accepted"


@case("TC_G_11_CS", verifies="G03.FR.02 G03.FR.05 G01.FR.05")
async def test_evse_to_inoperative_while_charging(
    charging: Session, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator
) -> None:
    """An EVSE at which somebody charges goes out of operation when the transaction has ended, and not before."""
    with requirement("G03.FR.02", "G03.FR.05"):
        answer = await change_availability(csms, "Inoperative", 1)
        assert answer.status == "Scheduled"
        await station.stays_quiet("TransactionEvent", eventType="Ended")
        for message in station.sent():
            for state in reported_states(message).values():
                assert state != "Unavailable"
    await stop_session(station, operator, charging)
    with requirement("G01.FR.05"):
        await connectors_become(station, "Unavailable", _of_evse(station, 1))


@case("TC_G_14_CS", verifies="G04.FR.03 G04.FR.05 G04.FR.06 G04.FR.07")
async def test_station_to_inoperative_while_charging(
    charging: Session, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator
) -> None:
    """The station goes out of operation where nobody charges at once, and elsewhere when the transaction has ended."""
    others = [place for place in station.connectors if place[0] != charging.evse]
    with requirement("G04.FR.03", "G04.FR.06"):
        answer = await change_availability(csms, "Inoperative")
        assert answer.status == "Scheduled"
        await connectors_become(station, "Unavailable", others)
        await station.stays_quiet("TransactionEvent", eventType="Ended")
        assert not station.sent("TransactionEvent", eventType="Ended"), "the transaction was ended"
    await stop_session(station, operator, charging)
    with requirement("G04.FR.05", "G04.FR.07"):
        await connectors_become(station, "Unavailable", _of_evse(station, charging.evse))


@case("TC_G_18_CS", verifies="G03.FR.08")
async def test_evse_stays_inoperative(station: StationUnderTest, csms: CsmsOperator) -> None:
    """An EVSE that was put out of operation is so after a reboot, and the others are not."""
    places = _of_evse(station, 1)
    await _out_of_operation(station, csms, places, 1)
    await csms.call("Reset", type="Immediate")
    with requirement("G03.FR.08"):
        await station.expect("BootNotification", within=station.pixit.reboot)
        await connectors_reported(station, but=dict.fromkeys(places, "Unavailable"))


@case("TC_G_19_CS", verifies="G03.FR.08")
async def test_connector_stays_inoperative(station: StationUnderTest, operator: StationOperator, csms: CsmsOperator) -> None:
    """A connector that was put out of operation is so after a power cut, and the others are not."""
    await _out_of_operation(station, csms, [(1, 1)], 1, 1)
    await operator.power_cycle()
    with requirement("G03.FR.08"):
        await station.expect("BootNotification", within=station.pixit.reboot)
        await connectors_reported(station, but={(1, 1): "Unavailable"})


@case("TC_G_21_CS", verifies="G04.FR.09")
async def test_station_stays_inoperative(station: StationUnderTest, csms: CsmsOperator) -> None:
    """A station that was put out of operation is so after a reboot."""
    await _out_of_operation(station, csms, station.connectors)
    await csms.call("Reset", type="Immediate")
    with requirement("G04.FR.09"):
        await station.expect("BootNotification", within=station.pixit.reboot)
        await connectors_reported(station, "Unavailable")


@case("TC_G_20_CS", verifies="G05.FR.01 G05.FR.02", applies="HFS-1")
async def test_lock_failure(station: StationUnderTest, operator: StationOperator, token: str) -> None:
    """A connector that cannot be locked is reported, and no energy flows."""
    await operator.do("jam_lock", evse=1, connector=1, jammed=True)
    await operator.plug_in()
    await operator.present_token(token)
    with requirement("G05.FR.02"):
        await station.expect_where(_is_lock_problem, "a problem of ConnectorPlugRetentionLock")
    with requirement("G05.FR.01"):
        # Time enough for energy to flow, were it let.
        await station.stays_quiet("BootNotification")
        for event in station.sent("TransactionEvent"):
            assert event.transactionInfo.chargingState != "Charging"


def _is_lock_problem(message: Message) -> bool:
    """Whether a message reports that a connector cannot be locked now."""
    return message.action == "NotifyEvent" and any(
        (data.component["name"].peek(), data.variable["name"].peek()) == ("ConnectorPlugRetentionLock", "Problem")
        and (data.trigger.peek(), data.actualValue.peek()) == ("Delta", "true")
        for data in message.eventData
    )
