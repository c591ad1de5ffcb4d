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
from v2x_suites.ocpp.peers import CsmsOperator
from v2x_suites.ocpp.robustness import Thrower, rubbish
from v2x_suites.ocpp.under_test import StationUnderTest
from v2x_suites.ocpp.v16.station import case
from v2x_suites.ocpp.v16.station.states import Session


@pytest.fixture
async def thrower(lane: StationLane) -> Thrower:
    """Throws frames at the charge point, which is accepted and at rest."""
    return Thrower(lane)


@case("V2X_R_001_CS", verifies="OCPP-J-1.6#4.2.3.invalid OCPP-J-1.6#4.2.3 OCPP-J-1.6#4.1.1")
async def test_invalid_payloads(thrower: Thrower) -> None:
    """A charge point refuses CALLs that break their schema, with codes that say so."""
    await refuses_wrong_calls(thrower)


@case("V2X_R_002_CS", verifies="OCPP-J-1.6#4.2.3.unknown OCPP-J-1.6#4.1.1")
async def test_unknown_actions(thrower: Thrower) -> None:
    """A charge point says NotImplemented to actions that there are not."""
    await refuses_unknown_actions(thrower)


@case("V2X_R_003_CS", verifies="OCPP-J-1.6#4.1.4 OCPP-J-1.6#4.2.3 OCPP-J-1.6#4.1.1")
async def test_rubbish(thrower: Thrower) -> None:
    """A charge point lives on after frames that are no messages, and answers no answer."""
    await bears_rubbish(thrower)


@case("V2X_R_004_CS", verifies="OCPP-1.6#6 OCPP-J-1.6#4.1.1")
async def test_any_valid_call(thrower: Thrower) -> None:
    """A charge point answers whatever keeps to the schema, or refuses it for a reason that is not its form."""
    await takes_valid_calls(thrower)


@case("V2X_R_005_CS", verifies="OCPP-J-1.6#4.1.1 OCPP-1.6#6.49 OCPP-1.6#3.7 OCPP-1.6#5.2 OCPP-1.6#5.17", applies="RemoteTrigger")
@pytest.mark.configured({"HeartbeatInterval": "10"})
async def test_session_survives(thrower: Thrower, charging: Session, station: StationUnderTest, csms: CsmsOperator) -> None:
    """A transaction goes on whatever is thrown at the charge point, and what may be asked of it then works."""
    for thrown in rubbish("1.6"):
        await thrower.throw(thrown.data)
    await lives(thrower)
    await station.calm()
    with requirement("OCPP-1.6#3.7"):
        assert not station.sent("StopTransaction"), "the transaction was stopped"
    with requirement("OCPP-1.6#5.2"):
        change = await csms.call("ChangeAvailability", connectorId=charging.connector, type="Inoperative")
        assert change.status == "Scheduled"
    with requirement("OCPP-1.6#5.17"):
        asked = await csms.call("TriggerMessage", requestedMessage="Heartbeat")
        assert asked.status == "Accepted"
        await station.expect("Heartbeat")
    with requirement("OCPP-1.6#6.49"):
        await csms.call("RemoteStopTransaction", transactionId=charging.transaction_id)
        stop = await station.expect("StopTransaction", reason="Remote")
        assert stop.transactionId == charging.transaction_id
        assert stop.meterStop >= charging.meter_start


@case("V2X_R_006_CS", verifies="OCPP-J-1.6#4.1.1 OCPP-1.6#6 OCPP-J-1.6#4.2.3 OCPP-1.6#5.12.answer")
async def test_sequences(thrower: Thrower, station: StationUnderTest, csms: CsmsOperator) -> None:
    """A charge point answers whatever it is asked in whatever order, be it possible or not."""
    await csms.set_token(str(station.pixit.values.get("id_token", "V2X-VALID")))
    await bears_sequences(thrower)
