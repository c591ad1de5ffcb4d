"""Robustness: what nobody should send, and what somebody will."""

from __future__ import annotations

import pytest
from v2x_harness.blocks import requirement

from v2x_suites.ocpp.hardiness import (
    bears_rubbish,
    bears_sequences,
    refuses_unknown_actions,
    refuses_wrong_calls,
    takes_valid_calls,
)
from v2x_suites.ocpp.lane import CsmsLane
from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.robustness import Thrower, rubbish
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v16.csms import case


@pytest.fixture
async def thrower(lane: CsmsLane, booted: StationActor) -> Thrower:
    """Throws frames at the CSMS, which is accepted and at rest."""
    return Thrower(lane)


@case("V2X_R_001_CSMS", verifies="OCPP-J-1.6#4.2.3.invalid OCPP-J-1.6#4.2.3 OCPP-J-1.6#4.1.1 OCPP-1.6#4.6")
async def test_invalid_payloads(thrower: Thrower) -> None:
    """A CSMS refuses CALLs that break their schema, with codes that say so."""
    await refuses_wrong_calls(thrower)


@case("V2X_R_002_CSMS", verifies="OCPP-J-1.6#4.2.3.unknown OCPP-J-1.6#4.1.1 OCPP-1.6#4.6")
async def test_unknown_actions(thrower: Thrower) -> None:
    """A CSMS says NotImplemented to actions that there are not."""
    await refuses_unknown_actions(thrower)


@case("V2X_R_003_CSMS", verifies="OCPP-J-1.6#4.1.4 OCPP-J-1.6#4.2.3 OCPP-J-1.6#4.1.1 OCPP-1.6#4.6")
async def test_rubbish(thrower: Thrower) -> None:
    """A CSMS lives on after frames that are no messages, and answers no answer."""
    await bears_rubbish(thrower)


@case("V2X_R_004_CSMS", verifies="OCPP-1.6#6 OCPP-J-1.6#4.1.1 OCPP-1.6#4.6")
async def test_any_valid_call(thrower: Thrower) -> None:
    """A CSMS answers whatever keeps to the schema, or refuses it for a reason that is not its form."""
    await takes_valid_calls(thrower)


@case("V2X_R_005_CSMS", verifies="OCPP-1.6#6.46 OCPP-J-1.6#4.1.1")
async def test_session_survives(thrower: Thrower, csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS keeps a transaction through whatever is thrown at it, takes its values, stops it when asked and lets it end."""
    token = str(csms.pixit.values.get("id_token", "V2X-VALID"))
    await operator.set_token(token)
    await booted.plug_in()
    await booted.present_token(token)
    start = await booted.sends("StartTransaction")
    with requirement("OCPP-1.6#6.46", hard=True):
        started = await csms.answer(start)
        assert started.idTagInfo.status == "Accepted"
        assert started.transactionId > 0
    for thrown in rubbish("1.6"):
        await thrower.throw(thrown.data)
    transaction = started.transactionId.number()
    await operator.send("RemoteStopTransaction", transactionId=transaction)
    with requirement("OCPP-J-1.6#4.1.1"):
        stop = await booted.sends("StopTransaction")
        assert stop.transactionId == transaction
        stopped = await csms.answer(stop)
        assert not stopped.is_error


@case("V2X_R_006_CSMS", verifies="OCPP-J-1.6#4.1.1 OCPP-1.6#6 OCPP-J-1.6#4.2.3 OCPP-1.6#4.6 OCPP-1.6#4.10.answer")
async def test_sequences(thrower: Thrower) -> None:
    """A CSMS answers whatever it is told in whatever order, of transactions that it knows or never heard of."""
    await bears_sequences(thrower)
