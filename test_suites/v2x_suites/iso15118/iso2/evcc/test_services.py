"""Services and payment: ServiceDiscovery, ServiceDetail, PaymentServiceSelection."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.evcc_steps import comes, over, reach, released, unanswered
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest

_MODES = "ChargeService/SupportedEnergyTransferMode/EnergyTransferMode"


async def _refused(se: SeTester, driver: EvccOperator, evcc: UnderTest, code: str) -> None:
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put({"ResponseCode": code})
    with requirement("V2G2-486", "V2G2-025", "V2G2-735"):
        await over(se, evcc)


@case("TC_EVCC_CMN_VTB_ServiceDiscovery_002", verifies="V2G2-486 V2G2-735 V2G2-025")
async def test_failed(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is answered FAILED stops the session and ends the connection, however usable the rest of the response is."""
    await _refused(se, driver, evcc, "FAILED")


@case("TC_EVCC_CMN_VTB_ServiceDiscovery_003", verifies="V2G2-486 V2G2-735 V2G2-025")
async def test_sequence_error(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told of a sequence error stops the session and ends the connection."""
    await _refused(se, driver, evcc, "FAILED_SequenceError")


@case("TC_EVCC_CMN_VTB_ServiceDiscovery_004", verifies="V2G2-486 V2G2-735 V2G2-025")
async def test_signature_error(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is answered with a failure that has no place there stops the session all the same."""
    await _refused(se, driver, evcc, "FAILED_SignatureError")


@case("V2X_EVCC_CMN_VTB_ServiceDiscovery_001", verifies="V2G2-438 V2G2-728")
async def test_silence(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that gets no ServiceDiscoveryRes gives up after V2G_EVCC_Msg_Timeout, 2 s, and asks for nothing more."""
    await se.listens()
    await driver.plug_in()
    request = await reach(se, evcc, "ServiceDiscoveryRes")
    with requirement("V2G2-438", hard=True):
        await unanswered(evcc, request)
    with requirement("V2G2-728"):
        released(se)


@case("TC_EVCC_CMN_VTB_ServiceDiscovery_008", verifies="V2G2-482 V2G2-728")
async def test_other_response(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given the response to another request does not go on."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put_other("PaymentServiceSelectionRes")
    with requirement("V2G2-482", "V2G2-728"):
        await over(se, evcc)


@case("V2X_EVCC_CMN_VTB_ServiceDiscovery_002", verifies="15118-2#8.8.session-id.evcc V2G2-752")
async def test_other_session(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given a response of another session does not go on."""
    await se.listens()
    await driver.plug_in()
    request = await reach(se, evcc, "ServiceDiscoveryRes")
    with requirement("V2G2-752"):
        assert request.session_id == se.session_id
    other = se.session_id[:-2] + ("01" if se.session_id[-2:] != "01" else "02")
    se.put({"/Header/SessionID": other})
    with requirement("15118-2#8.8.session-id.evcc"):
        await over(se, evcc)


@case("V2X_EVCC_CMN_VTB_ServiceDiscovery_003", verifies="15118-2#7.9.1.EXI.undecodable.evcc")
async def test_cut_short(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that cannot read a response ends the session, at the latest when the time for the response is over."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put_octets(se.held.payload[:-6])
    with requirement("15118-2#7.9.1.EXI.undecodable.evcc"):
        await over(se, evcc, within=2 + evcc.termination)


@case("V2X_EVCC_CMN_VTB_ServiceDiscovery_004", verifies="V2G2-086 V2G2-752")
async def test_foreign_payload(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC drops a V2GTP message that is none of its edition, waits on for the response, and takes it when it comes."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    held = se.held
    se.put_octets(held.payload, payload_type=0x9001)
    with requirement("V2G2-086"):
        await evcc.stays_quiet(for_=0.5)
    se.say(held)
    with requirement("V2G2-086", hard=True):
        following = await evcc.next("ServiceDetailReq", "PaymentServiceSelectionReq")
    with requirement("V2G2-752"):
        assert following.session_id == se.session_id


@case("V2X_EVCC_CMN_VTB_ServiceDiscovery_005", verifies="15118-2#8.7.late.evcc 15118-2#8.5.2.optional.evcc")
async def test_late(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on with a response that comes at the end of the time that an SECC has for it, with nothing optional in it."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    with requirement("15118-2#8.7.late.evcc"):
        await evcc.stays_quiet(for_=1.4)
    se.put(without=["ChargeService/ServiceName", "ChargeService/ServiceScope", "ServiceList"])
    with requirement("15118-2#8.7.late.evcc", "15118-2#8.5.2.optional.evcc"):
        following = await evcc.next("ServiceDetailReq", "PaymentServiceSelectionReq")
        assert following.session_id == se.session_id


@case("V2X_EVCC_CMN_VTB_ServiceDiscovery_006", verifies="15118-2#8.4.mode.evcc 15118-2#8.8.session-id.evcc")
async def test_no_mode(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC takes no way of energy transfer that it cannot use: it ends the session when there is no other."""
    await se.listens()
    await driver.plug_in()
    request = await reach(se, evcc, "ServiceDiscoveryRes")
    with requirement("15118-2#8.8.session-id.evcc"):
        assert request.session_id == se.session_id
    se.put({_MODES: ["DC_unique"]})
    with requirement("15118-2#8.4.mode.evcc"):
        await over(se, evcc, "ServiceDetailReq")


@case("V2X_EVCC_CMN_VTB_ServiceDiscovery_007", verifies="15118-2#8.4.vas.evcc V2G2-752")
async def test_unknown_services(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on when the SECC has more services than it knows, and chooses none that was not offered."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    services: list[Json] = [
        {"ServiceID": 60000, "ServiceName": "Car wash", "ServiceCategory": "OtherCustom", "FreeService": True},
        {"ServiceID": 3, "ServiceName": "Internet", "ServiceCategory": "Internet", "FreeService": True},
    ]
    se.put({"ServiceList": {"Service": services}})
    with requirement("15118-2#8.4.vas.evcc", hard=True):
        following = await evcc.next("ServiceDetailReq", "PaymentServiceSelectionReq")
        if following.name == "ServiceDetailReq":
            assert following.ServiceID.is_in(1, 3, 60000)
        else:
            chosen = [each.ServiceID.number() for each in following.SelectedServiceList.SelectedService]
            assert 1 in chosen
            assert set(chosen) <= {1, 3, 60000}
    with requirement("V2G2-752"):
        assert following.session_id == se.session_id


@case("TC_EVCC_CMN_VTB_ServiceDetailAndPaymentSelection_003", verifies="V2G2-486 V2G2-025 V2G2-735")
async def test_payment_refused(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose choice of payment is refused stops the session."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "PaymentServiceSelectionRes")
    se.put({"ResponseCode": "FAILED_PaymentSelectionInvalid"})
    with requirement("V2G2-486", "V2G2-025", "V2G2-735"):
        await over(se, evcc)


@case("V2X_EVCC_CMN_VTB_PaymentServiceSelection_001", verifies="15118-2#8.4.3.5.payment.evcc", applies="Plain")
async def test_contract_only(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC on a connection without TLS does not choose to pay by contract, also when there is nothing else."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put({"PaymentOptionList/PaymentOption": ["Contract"]})
    with requirement("15118-2#8.4.3.5.payment.evcc"):
        await over(se, evcc, "ServiceDetailReq")


@case("V2X_EVCC_CMN_VTB_PaymentServiceSelection_002", verifies="15118-2#8.4.3.5.payment.evcc V2G2-752", applies="Plain")
async def test_both_payments(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC on a connection without TLS chooses to be authorized by external means when both ways are offered."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put({"PaymentOptionList/PaymentOption": ["Contract", "ExternalPayment"]})
    with requirement("15118-2#8.4.3.5.payment.evcc", hard=True):
        following = await evcc.next("ServiceDetailReq", "PaymentServiceSelectionReq")
        if following.name == "ServiceDetailReq":
            await comes(se, evcc, "ServiceDetailReq")
            se.put()
            following = await evcc.next("PaymentServiceSelectionReq")
        assert following.SelectedPaymentOption == "ExternalPayment"
        assert 1 in [each.ServiceID.number() for each in following.SelectedServiceList.SelectedService]
    with requirement("V2G2-752"):
        assert following.session_id == se.session_id
