"""Hands, eyes and reusable states for cases with a Central System under test."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from v2x_harness.blocks import CannotJudge
from v2x_harness.errors import UnsupportedVerb

from v2x_suites.ocpp.hands import csms_forgets, csms_operator, csms_under_test, link
from v2x_suites.ocpp.lane import CsmsLane
from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v16.csms.states import Session, begins

__all__ = ["csms_forgets", "csms_operator", "csms_under_test", "link"]


@pytest.fixture
def station(lane: CsmsLane, forgotten: None) -> StationActor:
    """The charge point in front of the Central System, still without power."""
    return lane.station


@pytest.fixture
async def booted(lane: CsmsLane, forgotten: None) -> StationActor:
    """The charge point in front of the Central System: accepted, at rest."""
    await lane.booted()
    return lane.station


@pytest.fixture
async def token(csms: CsmsUnderTest, operator: CsmsOperator) -> str:
    """An idTag that is accepted: made known to the Central System where its operator can, else PIXIT ``id_token``."""
    id_tag = str(csms.pixit.values.get("id_token", "V2X-VALID"))
    with suppress(UnsupportedVerb):
        await operator.set_token(id_tag, "Accepted")
    return id_tag


@pytest.fixture
def refused(csms: CsmsUnderTest, operator: CsmsOperator) -> Callable[[str], Awaitable[str]]:
    """Make an idTag known that the Central System refuses with a status; or PIXIT ``id_token_blocked``, ``…_expired``.

    Returns:
        What takes the status and gives the idTag.
    """

    async def known(status: str) -> str:
        named = csms.pixit.values.get(f"id_token_{status.lower()}")
        id_tag = str(named or f"V2X-{status.upper()}")
        try:
            await operator.set_token(id_tag, status)
        except UnsupportedVerb:
            if named is None:
                raise
        return id_tag

    return known


@pytest.fixture
async def charging(booted: StationActor, csms: CsmsUnderTest, token: str) -> Session:
    """A running transaction at connector 1 of our charge point, with energy flowing."""
    await booted.plug_in()
    await booted.present_token(token)
    _, started = await begins(booted, csms)
    if started.idTagInfo.status.peek() != "Accepted":
        raise CannotJudge(f"the Central System does not let {token} charge: {started.idTagInfo.peek()}")
    await booted.sends("StatusNotification", status="Charging")
    await csms.calm()
    booted.from_now()
    return Session(transaction_id=started.transactionId.number(), connector=1, id_tag=token)
