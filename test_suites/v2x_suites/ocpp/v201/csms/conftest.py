"""Hands, eyes and reusable states for cases with a CSMS under test."""

from __future__ import annotations

from contextlib import suppress

import pytest
from v2x_harness.errors import UnsupportedVerb

from v2x_suites.ocpp.hands import csms_forgets, csms_operator, csms_under_test, link
from v2x_suites.ocpp.lane import CsmsLane
from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v201.csms.states import Session

__all__ = ["csms_forgets", "csms_operator", "csms_under_test", "link"]


@pytest.fixture
def station(lane: CsmsLane, forgotten: None) -> StationActor:
    """The station in front of the CSMS, still without power."""
    return lane.station


@pytest.fixture
async def booted(lane: CsmsLane, forgotten: None) -> StationActor:
    """The station in front of the CSMS: accepted, at rest."""
    await lane.booted()
    return lane.station


@pytest.fixture
async def token(csms: CsmsUnderTest, operator: CsmsOperator) -> str:
    """A token that the CSMS accepts: made known to it where its operator can, else one it knows (PIXIT ``id_token``)."""
    id_token = str(csms.pixit.values.get("id_token", "V2X-VALID"))
    with suppress(UnsupportedVerb):
        await operator.set_token(id_token, "Accepted", type="ISO14443")
    return id_token


@pytest.fixture
async def charging(booted: StationActor, csms: CsmsUnderTest, token: str) -> Session:
    """Reusable state EnergyTransferStarted: our station charges on EVSE 1, authorized by `token`."""
    await booted.plug_in()
    await booted.present_token(token)
    event = await booted.sends("TransactionEvent", where=lambda m: m.transactionInfo.chargingState.peek() == "Charging")
    await csms.calm()
    booted.from_now()
    return Session(transaction_id=str(event.transactionInfo.transactionId.peek()), evse=1, token=token)
