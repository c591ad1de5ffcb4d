"""What there is to be had, and what an EV may choose of it."""

from __future__ import annotations

from v2x_harness.blocks import CannotJudge, requirement
from v2x_harness.events import Json
from v2x_harness.finding import Axis

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.iso2.secc.serving import serves
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import UnderTest
from v2x_suites.iso15118.watch import Message

CHARGING = 1
"""ServiceID of the charge service."""
_NEVER_OFFERED = 60999


def services(*ids: int) -> Json:
    """Return a SelectedServiceList."""
    return {"SelectedService": [{"ServiceID": each} for each in ids]}


async def ends(secc: UnderTest) -> None:
    """See that the connection ends after a refusal, which testers expect, though it can be read otherwise."""
    with requirement("V2G2-034", axis=Axis.COMPATIBILITY):
        await secc.closes()


@case("TC_SECC_CMN_VTB_ServiceDiscovery_001", verifies="V2G2-544 15118-2#session.anew")
async def test_service_discovery(ev: EvTester) -> None:
    """An SECC tells of payment by external means, and of charging with ways of energy transfer of what it has."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    with requirement("V2G2-544"):
        answer = await ev.sends()
        assert answer.code == "OK"
        assert answer.session_id == ev.session_id
        assert "ExternalPayment" in answer.PaymentOptionList.PaymentOption
        assert answer.ChargeService.ServiceID == CHARGING
        assert answer.ChargeService.ServiceCategory == "EVCharging"
        offered = answer.ChargeService.SupportedEnergyTransferMode.EnergyTransferMode
        assert any(mode in offered for mode in ev.driver.modes)
    await serves(ev)


@case("V2X_SECC_CMN_VTB_ServiceDiscovery_003", verifies="15118-2#8.4.3.3.category V2G2-544 15118-2#session.anew")
async def test_services_of_a_category(ev: EvTester) -> None:
    """An SECC that is asked for services of one category tells of none of another, and of charging all the same."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    with requirement("V2G2-544", hard=True):
        answer = await ev.sends({"ServiceScope": "urn:example", "ServiceCategory": "Internet"})
        assert answer.code == "OK"
        assert answer.ChargeService.ServiceID == CHARGING
    with requirement("15118-2#8.4.3.3.category"):
        assert all(each.ServiceCategory == "Internet" for each in answer.ServiceList.Service)
    await serves(ev)


@case("TC_SECC_CMN_VTB_ServiceDetail_007", verifies="V2G2-425 V2G2-464 V2G2-034")
async def test_detail_of_an_unknown_service(ev: EvTester, secc: UnderTest) -> None:
    """An SECC has no details of a service that it has not offered."""
    await ev.plug_in()
    await ev.until("PaymentServiceSelectionReq")
    with requirement("V2G2-425", "V2G2-464"):
        answer = await ev.sends_other("ServiceDetailReq", {"ServiceID": _NEVER_OFFERED})
        assert answer.name == "ServiceDetailRes"
        assert answer.code == "FAILED_ServiceIDInvalid"
    await ends(secc)


@case("TC_SECC_CMN_VTB_PaymentServiceSelection_002", verifies="V2G2-550 15118-2#session.anew")
async def test_payment_service_selection(ev: EvTester) -> None:
    """An SECC takes the choice of charging, paid for by external means, and lets the EV ask for authorization."""
    await ev.plug_in()
    await ev.until("PaymentServiceSelectionReq")
    with requirement("V2G2-550"):
        await granted(ev)
        await ev.until("AuthorizationReq")
        await granted(ev)
    await serves(ev)


@case("TC_SECC_CMN_VTB_PaymentServiceSelection_006", verifies="V2G2-467 V2G2-034")
async def test_unknown_service_selected(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses the choice of a service that it has not offered, beside charging."""
    await ev.plug_in()
    await ev.until("PaymentServiceSelectionReq")
    with requirement("V2G2-467"):
        answer = await ev.sends({"SelectedServiceList": services(CHARGING, _NEVER_OFFERED)})
        assert answer.name == "PaymentServiceSelectionRes"
        assert answer.code == "FAILED_ServiceSelectionInvalid"
    await ends(secc)


@case("TC_SECC_CMN_VTB_PaymentServiceSelection_007", verifies="V2G2-804 V2G2-034")
async def test_charging_not_selected(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a choice without charging."""
    await ev.plug_in()
    await ev.until("PaymentServiceSelectionReq")
    with requirement("V2G2-804"):
        answer = await ev.sends({"SelectedServiceList": services(_NEVER_OFFERED)})
        assert answer.name == "PaymentServiceSelectionRes"
        # What is chosen was not offered either.
        assert answer.code.is_in("FAILED_NoChargeServiceSelected", "FAILED_ServiceSelectionInvalid")
    await ends(secc)


@case("TC_SECC_CMN_VTB_PaymentServiceSelection_009", verifies="V2G2-465 V2G2-034", applies="not PnC")
async def test_contract_where_it_is_not_offered(ev: EvTester, secc: UnderTest) -> None:
    """An SECC that takes external payment only refuses the choice of a contract."""
    await ev.plug_in()
    await ev.until("PaymentServiceSelectionReq")
    with requirement("V2G2-465"):
        answer = await ev.sends({"SelectedPaymentOption": "Contract"})
        assert answer.name == "PaymentServiceSelectionRes"
        assert answer.code == "FAILED_PaymentSelectionInvalid"
    await ends(secc)


@case(
    "V2X_SECC_CMN_VTB_PaymentServiceSelection_001", verifies="15118-2#8.4.contract-needs-tls V2G2-465 V2G2-034", applies="Plain"
)
async def test_contract_without_tls(ev: EvTester, secc: UnderTest) -> None:
    """An SECC neither offers payment by contract without TLS, nor takes it."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    with requirement("15118-2#8.4.contract-needs-tls"):
        answer = await ev.sends()
        assert answer.code == "OK"
        assert "Contract" not in answer.PaymentOptionList.PaymentOption
    await ev.until("PaymentServiceSelectionReq")
    with requirement("V2G2-465"):
        chosen = await ev.sends({"SelectedPaymentOption": "Contract"})
        assert chosen.name == "PaymentServiceSelectionRes"
        assert chosen.code == "FAILED_PaymentSelectionInvalid"
    await ends(secc)


# Value added services


async def added(ev: EvTester) -> Message:
    """Stop our EVCC before PaymentServiceSelectionReq, and return the response that lists services.

    Raises:
        CannotJudge: it lists none.
    """
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    answer = await ev.sends()
    if not answer.ServiceList.Service:
        raise CannotJudge("no value added services are listed")
    await ev.until("PaymentServiceSelectionReq")
    return answer


@case("TC_SECC_CMN_VTB_ServiceDetail_001", verifies="V2G2-547 V2G2-549", applies="VAS")
async def test_details(ev: EvTester) -> None:
    """An SECC gives the parameters of every service that it has listed."""
    listed = await added(ev)
    for service in listed.ServiceList.Service:
        with requirement("V2G2-547"):
            answer = await ev.sends_other("ServiceDetailReq", {"ServiceID": service.ServiceID.number()})
            assert answer.name == "ServiceDetailRes"
            assert answer.code == "OK"
            assert answer.ServiceID == service.ServiceID.value
        with requirement("V2G2-549"):
            sets = [each.ParameterSetID.number() for each in answer.ServiceParameterList.ParameterSet]
            assert sets
            assert len(set(sets)) == len(sets)


@case("TC_SECC_CMN_VTB_ServiceDetail_005", verifies="V2G2-460 V2G2-034", applies="VAS")
async def test_details_for_another_session(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses ServiceDetailReq of another session, and ends the connection."""
    listed = await added(ev)
    service, foreign = listed.ServiceList.Service[0].ServiceID.number(), f"{int(ev.session_id, 16) ^ 1:016X}"
    with requirement("V2G2-460"):
        answer = await ev.sends_other("ServiceDetailReq", {"ServiceID": service}, session_id=foreign)
        assert answer.name == "ServiceDetailRes"
        assert answer.code == "FAILED_UnknownSession"
    with requirement("V2G2-034"):
        await secc.closes()


@case("V2X_SECC_CMN_VTB_ServiceDiscovery_004", verifies="15118-2#8.4.3.3.category", applies="VAS")
async def test_listed_by_category(ev: EvTester) -> None:
    """An SECC that is asked for a category lists all services that it has of that, and no other."""
    listed = (await added(ev)).ServiceList.Service
    for category in ("Internet", "ContractCertificate", "OtherCustom"):
        await ev.unplug()
        await ev.plug_in()
        await ev.until("ServiceDiscoveryReq")
        with requirement("15118-2#8.4.3.3.category"):
            answer = await ev.sends({"ServiceCategory": category})
            assert answer.code == "OK"
            wanted = {each.ServiceID.number() for each in listed if each.ServiceCategory == category}
            assert {each.ServiceID.number() for each in answer.ServiceList.Service} == wanted


@case("V2X_SECC_CMN_VTB_PaymentServiceSelection_002", verifies="V2G2-550", applies="VAS")
async def test_added_service_selected(ev: EvTester) -> None:
    """An SECC takes the choice of a service that it has listed, beside charging."""
    listed = (await added(ev)).ServiceList.Service
    with requirement("V2G2-550"):
        answer = await ev.sends({"SelectedServiceList": services(CHARGING, listed[0].ServiceID.number())})
        assert answer.name == "PaymentServiceSelectionRes"
        assert answer.code == "OK"
        await ev.until("AuthorizationReq")
        asked = await ev.sends()
        assert asked.code == "OK"
