"""Block E, transactions."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.tap import Tap

from v2x_suites.ocpp.peers import CsmsOperator, StationActor
from v2x_suites.ocpp.under_test import CsmsUnderTest
from v2x_suites.ocpp.v201.csms import case
from v2x_suites.ocpp.v201.csms.states import Session


@case("TC_E_03_CSMS", verifies="E02.FR.02 E02.FR.04")
async def test_cable_first(csms: CsmsUnderTest, booted: StationActor, token: str) -> None:
    """Cable first: a CSMS looks at the token of the running transaction, and says what it is worth."""
    await booted.plug_in()
    await booted.present_token(token)
    event = await booted.sends("TransactionEvent", where=lambda m: m.idToken.idToken.peek() == token)
    with requirement("E02.FR.02", "E02.FR.04"):
        answer = await csms.answer(event)
        assert answer.idTokenInfo.status == "Accepted"


@case("TC_E_04_CSMS", verifies="E03.FR.02")
async def test_id_first(csms: CsmsUnderTest, booted: StationActor, token: str) -> None:
    """Token first: a CSMS says what the token is worth, before and after the cable."""
    await booted.present_token(token)
    asked = await booted.sends("Authorize")
    with requirement("E03.FR.02", hard=True):
        answer = await csms.answer(asked)
        assert answer.idTokenInfo.status == "Accepted"
    await booted.plug_in()
    event = await booted.sends("TransactionEvent", where=lambda m: m.idToken.idToken.peek() == token)
    with requirement("E03.FR.02"):
        told = await csms.answer(event)
        assert told.idTokenInfo.status == "Accepted"


@case("TC_E_16_CSMS", verifies="E01.FR.11 E01.FR.12 E05.FR.01")
async def test_deauthorized(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS says in its answer to a TransactionEvent that the token may no longer charge."""
    await operator.set_token("V2X-GOES-BAD", "Accepted", type="ISO14443")
    await booted.present_token("V2X-GOES-BAD")
    await csms.answer(await booted.sends("Authorize"))
    await operator.set_token("V2X-GOES-BAD", "Invalid", type="ISO14443")
    await booted.plug_in()
    event = await booted.sends("TransactionEvent", where=lambda m: m.idToken.idToken.peek() == "V2X-GOES-BAD")
    with requirement("E01.FR.11", "E01.FR.12", "E05.FR.01"):
        answer = await csms.answer(event)
        assert answer.idTokenInfo.status.is_in("Invalid", "Unknown")


@case("TC_E_15_CSMS", verifies="J02.FR.19 E01.FR.12")
async def test_stop_by_token(csms: CsmsUnderTest, booted: StationActor, charging: Session) -> None:
    """A CSMS takes every event of a transaction, to the one that ends it, and says what the token is worth that ends it."""
    await booted.present_token(charging.token)
    stopping = await booted.sends("TransactionEvent", where=lambda m: m.idToken.exists)
    with requirement("E01.FR.12"):
        answer = await csms.answer(stopping)
        assert answer.idTokenInfo.status == "Accepted"
    await booted.unplug()
    ended = await booted.sends("TransactionEvent", eventType="Ended", again=True)
    with requirement("J02.FR.19"):
        answer = await csms.answer(ended)
        assert not answer.is_error
        for each in csms.heard("TransactionEvent"):
            assert not (await csms.answer(each)).is_error


@case("TC_E_30_CSMS", verifies="OCPP-2.0.1#E14")
async def test_transaction_status(operator: CsmsOperator, charging: Session) -> None:
    """A CSMS that is asked for the state of a transaction asks the station for that transaction."""
    with requirement("OCPP-2.0.1#E14"):
        asked = await operator.send("GetTransactionStatus", transactionId=charging.transaction_id)
        assert asked.transactionId == charging.transaction_id


@case("TC_E_31_CSMS", verifies="OCPP-2.0.1#E12 J02.FR.19 E01.FR.12")
async def test_offline_transaction(csms: CsmsUnderTest, booted: StationActor, charging: Session, link: Tap) -> None:
    """A CSMS takes the events that a station could not deliver while it was offline, and looks at the token in them."""
    await link.cut()
    await booted.ev_suspend()
    await booted.present_token(charging.token)
    await csms.stays_quiet(for_=csms.pixit.quiet)
    await booted.unplug()
    await csms.stays_quiet(for_=csms.pixit.quiet)
    await link.mend()
    stopping = await booted.sends("TransactionEvent", within=csms.pixit.reboot, where=lambda m: m.idToken.exists)
    with requirement("E01.FR.12"):
        answer = await csms.answer(stopping)
        assert answer.idTokenInfo.status == "Accepted"
    ended = await booted.sends("TransactionEvent", within=csms.pixit.reboot, eventType="Ended", again=True)
    with requirement("OCPP-2.0.1#E12", "J02.FR.19"):
        assert ended.offline.value is True
        for each in csms.heard("TransactionEvent"):
            assert not (await csms.answer(each)).is_error


@case("TC_E_53_CSMS", verifies="OCPP-2.0.1#E01 E02.FR.02")
async def test_sequence_numbers_begin_anew(csms: CsmsUnderTest, booted: StationActor, charging: Session) -> None:
    """A CSMS takes a second transaction whose sequence numbers begin at 0 again, and looks at its token anew."""
    await booted.present_token(charging.token)
    await booted.unplug()
    await booted.sends("TransactionEvent", eventType="Ended")
    await booted.plug_in()
    started = await booted.sends("TransactionEvent", eventType="Started")
    with requirement("OCPP-2.0.1#E01"):
        assert started.seqNo == 0
        assert not (await csms.answer(started)).is_error
    await booted.present_token(charging.token)
    authorized = await booted.sends("TransactionEvent", where=lambda m: m.idToken.exists)
    with requirement("E02.FR.02"):
        answer = await csms.answer(authorized)
        assert answer.idTokenInfo.status == "Accepted"
