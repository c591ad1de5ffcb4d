"""Block C, authorization."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v201.csms import case
from v2x_suites.ocpp.v201.csms.states import answer_to_token, id_token


@case("TC_C_02_CSMS", verifies="C01.FR.07")
async def test_unknown_token(csms: CsmsUnderTest, booted: StationActor, token: str) -> None:
    """A CSMS tells a token that it does not know from one that may charge."""
    with requirement("C01.FR.07"):
        known = await answer_to_token(csms, booted, token)
        assert known.idTokenInfo.status == "Accepted"
        stranger = await answer_to_token(csms, booted, "V2X-NOBODY")
        assert stranger.idTokenInfo.status.is_in("Invalid", "Unknown")


@case("TC_C_06_CSMS", verifies="C01.FR.07")
async def test_blocked_token(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS says of a blocked token that it is blocked."""
    await operator.set_token("V2X-BLOCKED", "Blocked", type="ISO14443")
    with requirement("C01.FR.07"):
        answer = await answer_to_token(csms, booted, "V2X-BLOCKED")
        assert answer.idTokenInfo.status == "Blocked"


@case("TC_C_07_CSMS", verifies="C01.FR.07")
async def test_expired_token(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS says of a token whose time is over that it is expired."""
    await operator.set_token("V2X-EXPIRED", "Expired", type="ISO14443")
    with requirement("C01.FR.07"):
        answer = await answer_to_token(csms, booted, "V2X-EXPIRED")
        assert answer.idTokenInfo.status == "Expired"


@case("TC_C_20_CSMS", verifies="C12.FR.03 E05.FR.01")
async def test_cached_token_that_was_blocked(
    csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor, token: str
) -> None:
    """A CSMS looks at a token again when a transaction starts with it, however the station came to trust it."""
    await operator.set_token("V2X-ONCE-GOOD", "Accepted", type="ISO14443")
    await booted.plug_in()
    await booted.present_token("V2X-ONCE-GOOD")
    await booted.sends("Authorize")
    await operator.set_token("V2X-ONCE-GOOD", "Blocked", type="ISO14443")
    started = await booted.call(
        "TransactionEvent",
        eventType="Started",
        timestamp="2024-01-01T00:00:00Z",
        triggerReason="Authorized",
        seqNo=0,
        transactionInfo={"transactionId": "V2X-TX-CACHED"},
        idToken=id_token("V2X-ONCE-GOOD"),
        evse={"id": 1, "connectorId": 1},
    )
    with requirement("C12.FR.03", "E05.FR.01"):
        assert started.idTokenInfo.status == "Blocked"


@case("TC_C_37_CSMS", verifies="OCPP-2.0.1#C11")
async def test_clear_cache(operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that is asked to clear the authorization cache of a station asks it to."""
    with requirement("OCPP-2.0.1#C11"):
        asked = await operator.send("ClearCache")
        assert asked.payload == {}


@case("TC_C_39_CSMS", verifies="C01.FR.06 C09.FR.12")
async def test_group(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS names the group of a token, when it authorizes it and when a transaction runs with it."""
    await operator.set_token("V2X-FAMILY-1", "Accepted", type="ISO14443", group="V2X-FAMILY")
    with requirement("C01.FR.06"):
        answer = await answer_to_token(csms, booted, "V2X-FAMILY-1")
        assert answer.idTokenInfo.groupIdToken.idToken == "V2X-FAMILY"
    await booted.plug_in()
    await booted.present_token("V2X-FAMILY-1")
    event = await booted.sends("TransactionEvent", where=lambda m: m.idToken.idToken.peek() == "V2X-FAMILY-1")
    with requirement("C09.FR.12"):
        told = await csms.answer(event)
        assert told.idTokenInfo.groupIdToken.idToken == "V2X-FAMILY"
