"""DIN SPEC 70121 until the customer is known: session, services, payment and authorization."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.din.secc import case
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.refusals import only_its_own, out_of_sequence, refused, unknown_session
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.testers import NO_SESSION
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest

LONG_EVCCID = "0011223344556677"
"""Eight octets, as there are cars that send them."""
NOBODYS_SESSION = "A5A5A5A5A5A5A5A5"
AGAIN = 3
"""So often a session is begun, to see whether SessionIDs differ."""


@case("TC_DIN_SECC_SupportedAppProtocol_001", verifies="V2G-DC-436")
async def test_negotiation(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC agrees on DIN SPEC 70121 with the SchemaID of the offer, and then takes SessionSetupReq."""
    await dc_ev.plug_in(first_schema_id=37)
    await dc_ev.until("supportedAppProtocolReq")
    with requirement("V2G-DC-436", hard=True):
        answer = await dc_ev.sends()
        assert answer.name == "supportedAppProtocolRes"
        assert answer.ResponseCode == "OK_SuccessfulNegotiation"
        assert answer.SchemaID == 37
    await dc_ev.until("SessionSetupReq")
    with requirement("V2G-DC-436"):
        # That it has said so is not all: the session must be one of DIN SPEC 70121.
        answer = await dc_ev.sends()
        assert answer.schema == "din"
        assert answer.code == "OK_NewSessionEstablished"
        assert answer.session_id != NO_SESSION


@case("TC_DIN_SECC_SessionSetup_001", verifies="V2G-DC-393 V2G-DC-872")
async def test_new_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC begins a new session each time, with a SessionID of 8 octets that is not zero and was not there before."""
    given = []
    for _ in range(AGAIN):
        await dc_ev.plug_in()
        await dc_ev.until("SessionSetupReq")
        with requirement("V2G-DC-393", hard=True):
            answer = await dc_ev.sends()
            assert answer.name == "SessionSetupRes"
            assert answer.code == "OK_NewSessionEstablished"
        with requirement("V2G-DC-872", hard=True):
            assert len(answer.session_id) == len(NO_SESSION)
            assert answer.session_id != NO_SESSION
            assert answer.session_id not in given
        given.append(answer.session_id.value)
        await dc_ev.unplug()


@case("TC_DIN_SECC_SessionSetup_002", verifies="V2G-DC-437 V2G-DC-666 V2G-DC-390 V2G-DC-116")
async def test_no_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """Before SessionSetupReq an SECC takes nothing else, and says so as a sequence error: there is no session to be unknown."""
    await dc_ev.plug_in()
    await dc_ev.until("SessionSetupReq")
    answer = await out_of_sequence(dc_ev, secc, "ServiceDiscoveryReq")
    with requirement("V2G-DC-437"):
        assert answer.code == "FAILED_SequenceError"


@case("TC_DIN_SECC_SessionSetup_003", verifies="DIN70121#EVCCID.length V2G-DC-388")
async def test_long_evccid(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC takes an EVCCID of 8 octets, and the session goes on."""
    await dc_ev.plug_in()
    await dc_ev.until("SessionSetupReq")
    with requirement("DIN70121#EVCCID.length", hard=True):
        answer = await dc_ev.sends({"EVCCID": LONG_EVCCID})
        assert answer.name == "SessionSetupRes"
        assert answer.code == "OK_NewSessionEstablished"
    session_id = answer.session_id.value
    await dc_ev.until("ServiceDiscoveryReq")
    with requirement("V2G-DC-388", "DIN70121#EVCCID.length"):
        answer = await granted(dc_ev)
        assert answer.session_id == session_id
    await dc_ev.until("ServicePaymentSelectionReq")
    await only_its_own(dc_ev, "V2G-DC-388")


@case("TC_DIN_SECC_SessionSetup_004", verifies="V2G-DC-872")
async def test_session_of_nobody(dc_ev: EvTester, secc: UnderTest) -> None:
    """Asked for a session that it has not given, an SECC begins a new one: there is no pause to come back from."""
    await dc_ev.plug_in()
    await dc_ev.until("SessionSetupReq")
    with requirement("V2G-DC-872", hard=True):
        answer = await dc_ev.sends({"/Header/SessionID": NOBODYS_SESSION})
        assert answer.code == "OK_NewSessionEstablished"
        assert not answer.session_id.is_in(NOBODYS_SESSION, NO_SESSION)
    first = answer.session_id.value
    await dc_ev.unplug()
    await dc_ev.plug_in()
    await dc_ev.until("SessionSetupReq")
    with requirement("V2G-DC-872"):
        # Nor is there a way back to the session before.
        answer = await dc_ev.sends({"/Header/SessionID": NOBODYS_SESSION})
        assert answer.code == "OK_NewSessionEstablished"
        assert not answer.session_id.is_in(NOBODYS_SESSION, NO_SESSION, first)


@case("TC_DIN_SECC_SessionSetup_005", verifies="V2G-DC-666 V2G-DC-390 V2G-DC-116")
async def test_session_within_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """Within a session an SECC refuses SessionSetupReq as a sequence error."""
    await dc_ev.plug_in()
    await dc_ev.until("ServicePaymentSelectionReq")
    await out_of_sequence(dc_ev, secc, "SessionSetupReq")


@case("TC_DIN_SECC_SessionSetup_006", verifies="V2G-DC-876")
async def test_evse_id(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC tells its EVSEID, the same in each session; one that has none tells a single zero octet."""
    told = []
    for _ in range(2):
        await dc_ev.plug_in()
        await dc_ev.until("SessionSetupReq")
        with requirement("V2G-DC-876", hard=True):
            answer = await dc_ev.sends()
            evse_id = answer.EVSEID.value
            assert isinstance(evse_id, str)
            assert 2 <= len(evse_id) <= 64, "EVSEID has 1 to 32 octets"
            assert evse_id == "00" or evse_id.strip("0"), "a zero is told as a single octet"
        told.append((evse_id, answer.session_id.value))
        await dc_ev.unplug()
    with requirement("V2G-DC-876"):
        assert told[0][0] == told[1][0]
        assert told[0][1] != told[1][1], "it has not looked at who asks: both sessions are the same"


@case("TC_DIN_SECC_ServiceDiscovery_001", verifies="V2G-DC-388 V2G-DC-549")
async def test_services(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC offers DC charging, paid for by external means, and no other service."""
    await dc_ev.plug_in()
    await dc_ev.until("ServiceDiscoveryReq")
    with requirement("V2G-DC-388", hard=True):
        answer = await granted(dc_ev)
        assert "ExternalPayment" in answer.PaymentOptions.PaymentOption
        assert answer.ChargeService.ServiceTag.ServiceCategory == "EVCharging"
        assert "DC" in answer.ChargeService.EnergyTransferType
    with requirement("V2G-DC-549"):
        assert not answer.ServiceList.exists
    await dc_ev.until("ServicePaymentSelectionReq")
    with requirement("V2G-DC-388"):
        # What it has offered it must take, and nothing else.
        answer = await dc_ev.sends({"SelectedServiceList/SelectedService/0/ServiceID": 60999})
        assert answer.code == "FAILED_ServiceSelectionInvalid"


@case("TC_DIN_SECC_ServiceDiscovery_003", verifies="V2G-DC-391 V2G-DC-116")
async def test_unknown_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses ServiceDiscoveryReq of another session, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("ServiceDiscoveryReq")
    await unknown_session(dc_ev, secc)


@case("TC_DIN_SECC_ServicePaymentSelection_001", verifies="V2G-DC-395 V2G-DC-116")
async def test_contract(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses payment by contract, which this edition does not have."""
    await dc_ev.plug_in()
    await dc_ev.until("ServicePaymentSelectionReq")
    answer = dc_ev.sends({"SelectedPaymentOption": "Contract"})
    await refused(secc, answer, "V2G-DC-395", "FAILED_PaymentSelectionInvalid")


@case("TC_DIN_SECC_ServicePaymentSelection_002", verifies="V2G-DC-396 V2G-DC-116")
async def test_another_service(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a service that it does not offer."""
    await dc_ev.plug_in()
    await dc_ev.until("ServicePaymentSelectionReq")
    answer = dc_ev.sends({"SelectedServiceList/SelectedService/0/ServiceID": 60999})
    await refused(secc, answer, "V2G-DC-396", "FAILED_ServiceSelectionInvalid")


@case("TC_DIN_SECC_ServicePaymentSelection_003", verifies="V2G-DC-441 V2G-DC-666 V2G-DC-390 V2G-DC-116")
async def test_cable_check_without_payment(dc_ev: EvTester, secc: UnderTest) -> None:
    """After ServiceDiscoveryRes an SECC refuses CableCheckReq with CableCheckRes, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("ServicePaymentSelectionReq")
    answer = await out_of_sequence(dc_ev, secc, "CableCheckReq")
    with requirement("V2G-DC-441"):
        assert answer.name == "CableCheckRes"
        assert answer.code == "FAILED_SequenceError"


@case("TC_DIN_SECC_ContractAuthentication_001", verifies="V2G-DC-444 V2G-DC-497")
async def test_authorization_takes_time(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """As long as the customer is not known an SECC answers Ongoing and takes ContractAuthenticationReq again, then Finished."""
    await operator.set_authorization("Ongoing")
    await dc_ev.plug_in()
    await dc_ev.until("ContractAuthenticationReq")
    with requirement("V2G-DC-444", hard=True):
        answer = await granted(dc_ev)
        assert answer.EVSEProcessing == "Ongoing"
    await dc_ev.until("ContractAuthenticationReq")
    with requirement("V2G-DC-497", hard=True):
        answer = await dc_ev.sends()
        assert answer.code == "OK"
        assert answer.EVSEProcessing == "Ongoing"
    await operator.set_authorization("Accepted")
    with requirement("V2G-DC-497"):
        for _ in range(10):
            await dc_ev.until("ContractAuthenticationReq")
            answer = await dc_ev.sends()
            assert answer.code == "OK"
            if answer.EVSEProcessing == "Finished":
                break
        assert answer.EVSEProcessing == "Finished"


@case("TC_DIN_SECC_ContractAuthentication_002", verifies="V2G-DC-444 V2G-DC-666 V2G-DC-390 V2G-DC-116")
async def test_no_way_around_authorization(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """As long as the customer is not known an SECC refuses ChargeParameterDiscoveryReq."""
    await operator.set_authorization("Ongoing")
    await dc_ev.plug_in()
    await dc_ev.until("ContractAuthenticationReq", 2)
    answer = await out_of_sequence(dc_ev, secc, "ChargeParameterDiscoveryReq")
    with requirement("V2G-DC-444"):
        assert answer.code == "FAILED_SequenceError"
