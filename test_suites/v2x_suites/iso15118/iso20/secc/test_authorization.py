"""From SessionSetupReq until the customer is known."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.iso20.secc.steps import FAILED_ENDS, of_another_session, out_of_place
from v2x_suites.iso15118.refusals import other_than
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.testers import NO_SESSION
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import Message

_SEQUENCE: Final = f"V2G20-459 {FAILED_ENDS}"
_SESSION: Final = f"V2G20-460 {FAILED_ENDS}"
_PATIENCE: Final = 20
"""So many AuthorizationReq are sent at most, half a second apart, until the customer is known."""
_CONTRACT: Final[dict[str, Json]] = {
    "SelectedAuthorizationService": "PnC",
    "PnC_AReqAuthorizationMode": {
        "GenChallenge": "AAECAwQFBgcICQoLDA0ODw==",
        "ContractCertificateChain": {"Certificate": "MAA=", "SubCertificates": {"Certificate": ["MAA="]}},
        "Id": "id1",
    },
}
"""AuthorizationReq by contract, with a certificate that is none."""


async def until_known(ev: EvTester) -> Message:
    """Ask until the SECC has found out whether energy may flow; return its last response."""
    for _ in range(_PATIENCE):
        await ev.until("AuthorizationReq")
        answer = await ev.sends()
        assert answer.name == "AuthorizationRes"
        if not str(answer.EVSEProcessing.value).startswith("Ongoing"):
            break
    return answer


@case("TC20_SECC_CMN_GoodCase_CommonMessageFlow_001", verifies="V2G20-2106 V2G20-2567 V2G20-1200")
async def test_common_message_flow(ev: EvTester) -> None:
    """An SECC begins a session with an id of its own, offers EIM with its parameters, and lets a customer in who is known."""
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    first = await ev.sends()
    await ev.unplug()
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    with requirement("V2G20-2106", hard=True):
        answer = await ev.sends()
        assert answer.name == "SessionSetupRes"
        assert answer.code == "OK_NewSessionEstablished"
        assert not answer.session_id.is_in(NO_SESSION, first.session_id.value)
    await ev.until("AuthorizationSetupReq")
    with requirement("V2G20-2567", hard=True):
        setup = await granted(ev)
        services = setup.AuthorizationServices
        assert "EIM" in services
        # With both on offer, which of the parameters are told depends on the SECC.
        assert setup.EIM_ASResAuthorizationMode.exists or "PnC" in services
        assert "PnC" in services or not setup.PnC_ASResAuthorizationMode.exists
    with requirement("V2G20-1200"):
        known = await until_known(ev)
        assert known.code == "OK"
        assert known.EVSEProcessing == "Finished"
        assert known.session_id == answer.session_id


@case("TC20_SECC_CMN_GoodCase_CommonMessageFlow_002", verifies="V2G20-1977 V2G20-1200", applies="EIMInSession")
async def test_customer_takes_time(ev: EvTester, operator: SeccOperator) -> None:
    """As long as it is not known whether energy may flow an SECC answers OK and Ongoing, then Finished."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    await operator.set_authorization("Ongoing")
    with requirement("V2G20-1977", hard=True):
        for _ in range(3):
            answer = await granted(ev)
            assert answer.EVSEProcessing.is_in("Ongoing", "Ongoing_WaitingForCustomerInteraction")
            await ev.until("AuthorizationReq")
    await operator.set_authorization("Accepted")
    with requirement("V2G20-1200"):
        known = await ev.sends()
        known = known if known.EVSEProcessing == "Finished" else await until_known(ev)
        assert known.code == "OK"
        assert known.EVSEProcessing == "Finished"


@case("TC20_SECC_CMN_GoodCase_EIM_AuthorizationSuspended_001", verifies="V2G20-2219 V2G20-2230", applies="EIMReject")
async def test_customer_is_refused(ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """A customer who is refused is told so with a warning and Finished; the session stays, and another try may succeed."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    await operator.set_authorization("Rejected")
    with requirement("V2G20-2219", hard=True):
        answer = await ev.sends()
        assert answer.name == "AuthorizationRes"
        assert answer.code == "WARNING_EIMAuthorizationFailure"
    with requirement("V2G20-2230", hard=True):
        assert answer.EVSEProcessing == "Finished"
        answer = await ev.sends_other("AuthorizationReq")
        assert answer.code == "WARNING_EIMAuthorizationFailure"
    await operator.set_authorization("Accepted")
    with requirement("V2G20-2230"):
        for _ in range(_PATIENCE):
            secc.from_now()
            await secc.stays_quiet(for_=0.5)
            answer = await ev.sends_other("AuthorizationReq")
            if not str(answer.EVSEProcessing.value).startswith("Ongoing"):
                break
        assert answer.code == "OK"
        assert answer.EVSEProcessing == "Finished"


@case("TC20_SECC_CMN_Error_EIM_AuthorizationSuspended_001", verifies=f"V2G20-2219 {_SEQUENCE}", applies="EIMReject")
async def test_no_way_past_a_refusal(ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """A customer who was refused cannot go on to the services."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    await operator.set_authorization("Rejected")
    with requirement("V2G20-2219", hard=True):
        answer = await ev.sends()
        assert answer.code == "WARNING_EIMAuthorizationFailure"
    await out_of_place(ev, secc, "ServiceDiscoveryReq")


@case("TC20_SECC_CMN_Error_EIM_AuthorizationPending_001", verifies=f"V2G20-1977 {_SEQUENCE}", applies="EIMInSession")
async def test_no_way_around_authorization(ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """As long as it is not known whether energy may flow an SECC refuses ServiceDiscoveryReq."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    await operator.set_authorization("Ongoing")
    with requirement("V2G20-1977", hard=True):
        answer = await ev.sends()
        assert answer.code == "OK"
        assert answer.EVSEProcessing.is_in("Ongoing", "Ongoing_WaitingForCustomerInteraction")
    await out_of_place(ev, secc, "ServiceDiscoveryReq")


@case("TC20_SECC_CMN_Error_002", verifies="V2G20-2209", applies="not PnC")
async def test_contract_is_not_offered(ev: EvTester) -> None:
    """Asked for a contract that it does not offer, an SECC answers with a warning, and takes EIM in the same session."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    with requirement("V2G20-2209", hard=True):
        answer = await ev.sends(_CONTRACT, ["EIM_AReqAuthorizationMode"])
        assert answer.name == "AuthorizationRes"
        assert answer.code == "WARNING_AuthorizationSelectionInvalid"
    with requirement("V2G20-2209"):
        answer = await ev.sends_other("AuthorizationReq")
        assert answer.name == "AuthorizationRes"
        assert answer.code == "OK"


@case("TC20_SECC_CMN_Error_003", verifies=_SEQUENCE)
async def test_services_before_authorization(ev: EvTester, secc: UnderTest) -> None:
    """An SECC that waits for AuthorizationSetupReq refuses ServiceDiscoveryReq, and ends the session."""
    await ev.plug_in()
    await ev.until("AuthorizationSetupReq")
    await out_of_place(ev, secc, "ServiceDiscoveryReq")


@case("TC20_SECC_CMN_Error_004", verifies=_SESSION)
async def test_session_id_zero(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses AuthorizationReq whose SessionID is zero, and ends the session."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    await of_another_session(ev, secc, NO_SESSION)


@case("TC20_SECC_CMN_Error_005", verifies=_SESSION)
async def test_another_session_id(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses AuthorizationReq whose SessionID differs in one octet, and ends the session."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    await of_another_session(ev, secc, other_than(ev.session_id))


@case("TC20_SECC_CMN_Error_008", verifies=_SEQUENCE)
async def test_session_within_a_session(ev: EvTester, secc: UnderTest) -> None:
    """Within a session an SECC refuses SessionSetupReq, though it may carry any SessionID, and ends the session."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    await out_of_place(ev, secc, "SessionSetupReq", session_id=NO_SESSION)


@case("TC20_SECC_CMN_Error_009", verifies=_SEQUENCE)
async def test_no_session(ev: EvTester, secc: UnderTest) -> None:
    """Before SessionSetupReq an SECC refuses anything else as out of sequence: there is no session to be unknown."""
    await ev.plug_in()
    await ev.until("SessionSetupReq")
    await out_of_place(ev, secc, "AuthorizationSetupReq")
