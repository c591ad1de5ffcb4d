"""Robustness: what nobody should send, and what somebody will."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement

from v2x_suites.ocpp.hardiness import (
    bears_rubbish,
    bears_sequences,
    lives,
    refuses_unknown_actions,
    refuses_wrong_calls,
    takes_valid_calls,
)
from v2x_suites.ocpp.lane import StationLane
from v2x_suites.ocpp.peers import CsmsOperator, StationOperator
from v2x_suites.ocpp.robustness import Thrower, rubbish
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v201.station import case
from v2x_suites.ocpp.v201.station.states import Session, transaction_of


@pytest.fixture
async def thrower(lane: StationLane) -> Thrower:
    """Throws frames at the station, which is accepted and at rest."""
    return Thrower(lane)


@case("V2X_R_01_CS", verifies="FR.03 OCPP-J-2.0.1#4.1.7.refused OCPP-J-2.0.1#4.3 OCPP-J-2.0.1#4.1.4.answer")
async def test_invalid_payloads(thrower: Thrower) -> None:
    """A station refuses CALLs that break their schema, with codes that say so."""
    await refuses_wrong_calls(thrower)


@case("V2X_R_02_CS", verifies="OCPP-J-2.0.1#4.3.unknown OCPP-J-2.0.1#4.1.4.answer")
async def test_unknown_actions(thrower: Thrower) -> None:
    """A station says NotImplemented to actions that there are not."""
    await refuses_unknown_actions(thrower)


@case("V2X_R_03_CS", verifies="OCPP-J-2.0.1#4.1.4 OCPP-J-2.0.1#4.3 OCPP-J-2.0.1#4.1.4.answer")
async def test_rubbish(thrower: Thrower) -> None:
    """A station lives on after frames that are no messages, and answers no answer."""
    await bears_rubbish(thrower)


@case("V2X_R_04_CS", verifies="OCPP-J-2.0.1#4.1.7 OCPP-J-2.0.1#4.1.4.answer")
async def test_any_valid_call(thrower: Thrower) -> None:
    """A station answers whatever keeps to the schema, or refuses it for a reason that is not its form."""
    await takes_valid_calls(thrower)


@case("V2X_R_05_CS", verifies="OCPP-J-2.0.1#4.1.4.answer B07.FR.03 E01.FR.07 E07.FR.01")
async def test_session_survives(
    thrower: Thrower, charging: Session, station: StationUnderTest, operator: StationOperator, csms: CsmsOperator
) -> None:
    """A transaction goes on and ends as ever, whatever is thrown at the station, which then reports as it is asked to."""
    for thrown in rubbish("2.0.1"):
        await thrower.throw(thrown.data)
    await lives(thrower)
    with requirement("B07.FR.03"):
        await csms.call("GetBaseReport", requestId=205, reportBase="FullInventory")
        await station.expect("NotifyReport", requestId=205)
    await operator.present_token(charging.token)
    with requirement("E07.FR.01"):
        await station.expect("TransactionEvent", triggerReason="StopAuthorized")
    await operator.unplug()
    await station.calm()
    with requirement("E01.FR.07"):
        events = [m for m in station.sent("TransactionEvent") if transaction_of(m) == charging.transaction_id]
        assert events[-1].eventType == "Ended"
        numbers = [m.seqNo.number() for m in events]
        assert numbers == list(range(len(numbers))), f"the events are numbered {numbers}"


@case("V2X_R_06_CS", verifies="OCPP-J-2.0.1#4.1.4.answer OCPP-J-2.0.1#4.1.7 OCPP-J-2.0.1#4.3 F03.FR.08")
async def test_sequences(thrower: Thrower, station: StationUnderTest, csms: CsmsOperator) -> None:
    """A station answers whatever it is asked in whatever order, be it possible or not."""
    await csms.set_token(str(station.pixit.values.get("id_token", "V2X-VALID")), type="ISO14443")
    await bears_sequences(thrower)
