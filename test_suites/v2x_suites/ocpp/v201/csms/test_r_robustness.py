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
from v2x_suites.ocpp.v201.csms import case


@pytest.fixture
async def thrower(lane: CsmsLane, booted: StationActor) -> Thrower:
    """Throws frames at the CSMS, which is accepted and at rest."""
    return Thrower(lane)


@case("V2X_R_01_CSMS", verifies="FR.03 OCPP-J-2.0.1#4.1.7.refused OCPP-J-2.0.1#4.3 OCPP-J-2.0.1#4.1.4.answer G02.FR.03")
async def test_invalid_payloads(thrower: Thrower) -> None:
    """A CSMS refuses CALLs that break their schema, with codes that say so."""
    await refuses_wrong_calls(thrower)


@case("V2X_R_02_CSMS", verifies="OCPP-J-2.0.1#4.3.unknown OCPP-J-2.0.1#4.1.4.answer G02.FR.03")
async def test_unknown_actions(thrower: Thrower) -> None:
    """A CSMS says NotImplemented to actions that there are not."""
    await refuses_unknown_actions(thrower)


@case("V2X_R_03_CSMS", verifies="OCPP-J-2.0.1#4.1.4 OCPP-J-2.0.1#4.3 OCPP-J-2.0.1#4.1.4.answer G02.FR.03")
async def test_rubbish(thrower: Thrower) -> None:
    """A CSMS lives on after frames that are no messages, and answers no answer."""
    await bears_rubbish(thrower)


@case("V2X_R_04_CSMS", verifies="OCPP-J-2.0.1#4.1.7 OCPP-J-2.0.1#4.1.4.answer G02.FR.03")
async def test_any_valid_call(thrower: Thrower) -> None:
    """A CSMS answers whatever keeps to the schema, or refuses it for a reason that is not its form."""
    await takes_valid_calls(thrower)


@case("V2X_R_05_CSMS", verifies="E01.FR.12 OCPP-J-2.0.1#4.1.4.answer")
async def test_session_survives(thrower: Thrower, csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS keeps a transaction through whatever is thrown at it, stops it when asked and lets it end."""
    token = str(csms.pixit.values.get("id_token", "V2X-VALID"))
    await operator.set_token(token, type="ISO14443")
    await booted.plug_in()
    await booted.present_token(token)
    event = await booted.sends("TransactionEvent", idToken={"idToken": token, "type": "ISO14443"})
    with requirement("E01.FR.12", hard=True):
        told = await csms.answer(event)
        assert told.idTokenInfo.status == "Accepted"
    for thrown in rubbish("2.0.1"):
        await thrower.throw(thrown.data)
    await operator.send("RequestStopTransaction", transactionId=event.transactionInfo.transactionId.peek())
    with requirement("OCPP-J-2.0.1#4.1.4.answer"):
        ended = await csms.answer(await booted.sends("TransactionEvent", eventType="Ended"))
        assert not ended.is_error


@case("V2X_R_06_CSMS", verifies="OCPP-J-2.0.1#4.1.4.answer OCPP-J-2.0.1#4.1.7 OCPP-J-2.0.1#4.3 G02.FR.03")
async def test_sequences(thrower: Thrower) -> None:
    """A CSMS answers whatever it is told in whatever order, of transactions that it knows or never heard of."""
    await bears_sequences(thrower)
