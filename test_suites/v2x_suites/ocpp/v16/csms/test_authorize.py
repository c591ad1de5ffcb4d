"""Core profile: what a Central System says of an idTag."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.v16.csms import case
from v2x_suites.ocpp.v16.csms.states import STRANGER, ago, numbered


@case("TC_023_1_CSMS", verifies="OCPP-1.6#4.1.status")
async def test_unknown_id_tag(booted: StationActor, token: str) -> None:
    """A Central System says Accepted of an idTag that may charge, and Invalid of one that it does not know."""
    with requirement("OCPP-1.6#4.1.status"):
        known = await booted.call("Authorize", idTag=token)
        assert known.idTagInfo.status == "Accepted"
        stranger = await booted.call("Authorize", idTag=STRANGER)
        assert stranger.idTagInfo.status == "Invalid"


@case("TC_023_2_CSMS", verifies="OCPP-1.6#4.1.status")
async def test_expired_id_tag(booted: StationActor, refused: Callable[[str], Awaitable[str]]) -> None:
    """A Central System says Expired of an idTag whose time is over."""
    id_tag = await refused("Expired")
    with requirement("OCPP-1.6#4.1.status"):
        answer = await booted.call("Authorize", idTag=id_tag)
        assert answer.idTagInfo.status == "Expired"


@case("TC_023_3_CSMS", verifies="OCPP-1.6#4.1.status")
async def test_blocked_id_tag(booted: StationActor, refused: Callable[[str], Awaitable[str]]) -> None:
    """A Central System says Blocked of an idTag that is blocked."""
    id_tag = await refused("Blocked")
    with requirement("OCPP-1.6#4.1.status"):
        answer = await booted.call("Authorize", idTag=id_tag)
        assert answer.idTagInfo.status == "Blocked"


@case("V2X_16_CASE_CSMS", verifies="OCPP-1.6#7.28 OCPP-1.6#4.1.status")
async def test_id_tag_in_other_case(booted: StationActor, token: str) -> None:
    """A Central System takes an idTag as the same in upper and in lower case, and no other for it."""
    with requirement("OCPP-1.6#7.28"):
        for spelt in (token.lower(), token.upper()):
            answer = await booted.call("Authorize", idTag=spelt)
            assert answer.idTagInfo.status == "Accepted", f"{spelt} is {answer.idTagInfo.status.peek()}, {token} is known"
    with requirement("OCPP-1.6#4.1.status"):
        stranger = await booted.call("Authorize", idTag=STRANGER)
        assert stranger.idTagInfo.status.is_in("Invalid", "Blocked", "Expired")


@case("TC_007_CSMS", verifies="OCPP-1.6#4.8.answer OCPP-1.6#4.8.verify")
async def test_cached_id_tag(booted: StationActor, token: str) -> None:
    """A Central System looks at the idTag of a transaction that a charge point has started on its own authority."""
    beat = await booted.call("Heartbeat")
    with requirement("OCPP-1.6#4.8.answer"):
        started = await booted.call("StartTransaction", connectorId=1, idTag=token, meterStart=0, timestamp=ago(beat, 0))
        numbered(started)
        assert started.idTagInfo.status == "Accepted"
    await booted.call("StopTransaction", transactionId=started.transactionId.number(), meterStop=10, timestamp=ago(beat, 0))
    with requirement("OCPP-1.6#4.8.verify"):
        doubtful = await booted.call("StartTransaction", connectorId=1, idTag=STRANGER, meterStart=10, timestamp=ago(beat, 0))
        assert doubtful.idTagInfo.status == "Invalid"
    with requirement("OCPP-1.6#4.8.answer"):
        numbered(doubtful)


@case("V2X_16_CACHED_BLOCKED_CSMS", verifies="OCPP-1.6#4.8.verify OCPP-1.6#4.8.answer")
async def test_blocked_since_it_was_cached(operator: CsmsOperator, booted: StationActor) -> None:
    """A Central System refuses an idTag that was blocked since it authorized it, and numbers the transaction all the same."""
    await operator.set_token("V2X-ONCE-GOOD", "Accepted")
    beat = await booted.call("Authorize", idTag="V2X-ONCE-GOOD")
    await operator.set_token("V2X-ONCE-GOOD", "Blocked")
    started = await booted.call("StartTransaction", connectorId=1, idTag="V2X-ONCE-GOOD", meterStart=0, timestamp=ago(beat, 0))
    with requirement("OCPP-1.6#4.8.verify"):
        assert started.idTagInfo.status == "Blocked"
    with requirement("OCPP-1.6#4.8.answer"):
        numbered(started)
