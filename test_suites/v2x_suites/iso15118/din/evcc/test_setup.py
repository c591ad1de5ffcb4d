"""From the connection to the parameters: SDP, supportedAppProtocol, SessionSetup, services, ContractAuthentication."""

from __future__ import annotations

import itertools

from v2x_harness.blocks import requirement
from v2x_harness.events import Json
from v2x_harness.steer import Steer

from v2x_suites.iso15118.din.evcc import case
from v2x_suites.iso15118.evcc_charging import ABSURD, stays_within_its_own
from v2x_suites.iso15118.evcc_steps import asks_on, comes, gives_up, is_over, once_more, over, put_off, reach, unanswered
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, physical

_ONGOING = 60.0


@case("TC_DIN_EVCC_SDP_001", verifies="V2G-DC-849 DIN70121#SDP.retry.evcc")
async def test_asks_again(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is not answered over SDP asks again after 250 ms or more, 50 times at most, and takes the answer."""
    await se.listens()
    se.link.install("steer", [Steer(do="drop", label="SECCDiscoveryRes")])
    await driver.plug_in()
    with requirement("DIN70121#SDP.retry.evcc", hard=True):
        for _ in range(10):
            request = await evcc.says("SECCDiscoveryReq")
            assert request.TransportProtocol == 0x00
        asked = [each.t for each in evcc.said("SECCDiscoveryReq")]
        least = min(later - sooner for sooner, later in itertools.pairwise(asked))
        assert least >= 0.23, f"it asks again after {least * 1000:.0f} ms"
    se.link.install("steer", ())
    with requirement("V2G-DC-849"):
        await evcc.says("supportedAppProtocolReq")
        assert len(evcc.said("SECCDiscoveryReq")) <= 50
    await reach(se, evcc, "ServiceDiscoveryRes")


@case("TC_DIN_EVCC_SupportedAppProtocol_001", verifies="DIN70121#failed.evcc DIN70121#sap.evcc")
async def test_no_negotiation(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that has no protocol in common with its SECC ends the connection; it begins anew when plugged in again."""
    await se.listens()
    await driver.plug_in()
    with requirement("DIN70121#sap.evcc", hard=True):
        request = await comes(se, evcc, "supportedAppProtocolReq", refused=True)
        offered = [entry for entry in request.AppProtocol if entry.ProtocolNamespace == "urn:din:70121:2012:MsgDef"]
        assert offered, "DIN SPEC 70121 is not offered"
        assert offered[0].VersionNumberMajor == 2
    se.put({"ResponseCode": "Failed_NoNegotiation"}, without=["SchemaID"])
    with requirement("DIN70121#failed.evcc"):
        await evcc.ends()
    await once_more(se, driver)
    await reach(se, evcc, "ServiceDiscoveryRes")


@case("TC_DIN_EVCC_SessionSetup_001", verifies="V2G-DC-241 V2G-DC-877 DIN70121#session-id.evcc")
async def test_new_session(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC begins with SessionID zero, takes the SECC's, and leaves an EVSEID of a single zero aside."""
    await se.listens()
    await driver.plug_in()
    request = await reach(se, evcc, "SessionSetupRes")
    with requirement("V2G-DC-241"):
        assert int(str(request.session_id.value) or "0", 16) == 0
    se.put({"EVSEID": "00"})
    with requirement("V2G-DC-877", hard=True):
        following = await evcc.next()
        assert following.name == "ServiceDiscoveryReq"
    with requirement("DIN70121#session-id.evcc"):
        assert following.session_id == se.session_id


@case("TC_DIN_EVCC_SessionSetup_002", verifies="DIN70121#failed.evcc")
async def test_refused(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose session is refused ends the connection; it begins anew when plugged in again."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "SessionSetupRes")
    se.put({"ResponseCode": "FAILED"})
    with requirement("DIN70121#failed.evcc"):
        await evcc.ends("SessionStopReq")
    await once_more(se, driver)
    await reach(se, evcc, "ServiceDiscoveryRes")


@case("TC_DIN_EVCC_SessionSetup_004", verifies="DIN70121#message-timeout.evcc")
async def test_silence(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that gets no SessionSetupRes ends the connection after 2 s."""
    await se.listens()
    await driver.plug_in()
    request = await reach(se, evcc, "SessionSetupRes")
    with requirement("DIN70121#message-timeout.evcc"):
        await unanswered(evcc, request)
    await once_more(se, driver)
    await reach(se, evcc, "ServiceDiscoveryRes")


@case("TC_DIN_EVCC_ServiceDiscovery_001", verifies="V2G-DC-934")
async def test_other_session(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given a response of another session does not go on."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    own = se.session_id
    se.put({"/Header/SessionID": f"{own[:-2]}{(int(own[-2:], 16) + 1) % 256:02X}"})
    with requirement("V2G-DC-934"):
        await over(se, evcc)


@case("TC_DIN_EVCC_ServiceDiscovery_002", verifies="V2G-DC-934")
async def test_shorter_session(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given a response with the beginning of its SessionID does not go on."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put({"/Header/SessionID": se.session_id[:-2]})
    with requirement("V2G-DC-934"):
        await over(se, evcc)


@case("TC_DIN_EVCC_ServiceDiscovery_003", verifies="DIN70121#failed.evcc")
async def test_services_refused(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told of a sequence error ends the session, however usable the rest of the response is."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put({"ResponseCode": "FAILED_SequenceError"})
    with requirement("DIN70121#failed.evcc"):
        await over(se, evcc)


@case("TC_DIN_EVCC_ServiceDiscovery_004", verifies="DIN70121#mode.evcc")
async def test_other_plug(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC ends the session at an EVSE that has AC only: DIN SPEC 70121 is for DC."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put({"ChargeService/EnergyTransferType": "AC_single_phase_core"})
    with requirement("DIN70121#mode.evcc"):
        await over(se, evcc)


@case("TC_DIN_EVCC_ServicePaymentSelection_001", verifies="V2G-DC-252 V2G-DC-635")
async def test_selection(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC selects external payment and one service, the charge service, by the ServiceID it was told."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put({"ChargeService/ServiceTag/ServiceID": 17}, without=["ServiceList", "ChargeService/ServiceTag/ServiceName"])
    with requirement("V2G-DC-252", hard=True):
        request = await evcc.next("ServicePaymentSelectionReq")
        assert request.SelectedPaymentOption == "ExternalPayment"
    with requirement("V2G-DC-635"):
        assert len(request.SelectedServiceList.SelectedService) == 1
        assert request.SelectedServiceList.SelectedService[0].ServiceID == 17


@case("TC_DIN_EVCC_ServicePaymentSelection_002", verifies="DIN70121#unexpected.evcc")
async def test_other_response(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given the response to another request does not go on."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServicePaymentSelectionRes")
    se.put_other("SessionSetupRes")
    with requirement("DIN70121#unexpected.evcc"):
        await over(se, evcc)


@case("TC_DIN_EVCC_ServicePaymentSelection_003", verifies="DIN70121#EXI.undecodable.evcc")
async def test_unreadable(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that cannot read a response ends the session, at the latest when the time for the response is over."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServicePaymentSelectionRes")
    se.put_octets(bytes.fromhex("809a02ffffffffffffff"))
    with requirement("DIN70121#EXI.undecodable.evcc"):
        await over(se, evcc, within=2 + evcc.termination)


@case("TC_DIN_EVCC_ServicePaymentSelection_004", verifies="DIN70121#late.evcc DIN70121#session-id.evcc")
async def test_late(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on with a response that comes at the end of the time that an SECC has for it."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServicePaymentSelectionRes")
    with requirement("DIN70121#late.evcc", hard=True):
        await evcc.stays_quiet(for_=1.4)
        se.put()
        following = await evcc.next("ContractAuthenticationReq")
    with requirement("DIN70121#session-id.evcc"):
        assert following.session_id == se.session_id


@case("TC_DIN_EVCC_ContractAuthentication_002", verifies="DIN70121#failed.evcc")
async def test_not_authorized(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is not authorized ends the session, even when the response says that all is finished."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ContractAuthenticationRes")
    se.put({"ResponseCode": "FAILED", "EVSEProcessing": "Finished"})
    with requirement("DIN70121#failed.evcc"):
        await over(se, evcc)


@case("TC_DIN_EVCC_ContractAuthentication_009", verifies="V2G-DC-864 DIN70121#ongoing.evcc")
async def test_authorization_for_ever(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose authorization is never finished asks again and again, and gives up after V2G_EVCC_Ongoing_Timeout."""
    await se.listens()
    await driver.plug_in()
    first = await reach(se, evcc, "ContractAuthenticationRes")
    ongoing: dict[str, Json] = {"EVSEProcessing": "Ongoing"}
    se.put(ongoing)
    requests, did = await put_off(se, evcc, "ContractAuthenticationRes", ongoing, _ONGOING + evcc.termination)
    with requirement("DIN70121#ongoing.evcc"):
        asks_on(requests, first, 8.0)
    with requirement("V2G-DC-864"):
        gives_up(se, evcc, did)


@case("TC_DIN_EVCC_ChargeParameterDiscovery_001", verifies="V2G-DC-493 V2G-DC-625")
async def test_ongoing_parameters(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC uses nothing of parameters that are Ongoing: it asks again, and takes those that are Finished."""
    await se.listens(schedule_s=30.0)
    await driver.plug_in()
    await reach(se, evcc, "ContractAuthenticationRes")
    with requirement("V2G-DC-625", hard=True):
        request = await comes(se, evcc, "ChargeParameterDiscoveryReq", refused=True)
        assert request.EVRequestedEnergyTransferType.is_in("DC_core", "DC_extended")
    none: dict[str, Json] = {
        "DC_EVSEChargeParameter/EVSEMaximumVoltageLimit": physical(0, "V"),
        "DC_EVSEChargeParameter/EVSEMaximumCurrentLimit": physical(0, "A"),
    }
    with requirement("V2G-DC-493", hard=True):
        for _ in range(3):
            se.put(none)
            assert (await evcc.next()).name == "ChargeParameterDiscoveryReq"
            await comes(se, evcc, "ChargeParameterDiscoveryReq")
    se.settings.schedule_s = 0.0
    se.put(none)
    with requirement("V2G-DC-493"):
        await comes(se, evcc, "CableCheckReq")


@case("TC_DIN_EVCC_ChargeParameterDiscovery_002", verifies="DIN70121#unexpected.evcc")
async def test_other_response_to_parameters(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given ServicePaymentSelectionRes instead of the EVSE's parameters does not go on."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ChargeParameterDiscoveryRes")
    se.put_other("ServicePaymentSelectionRes")
    with requirement("DIN70121#unexpected.evcc"):
        await over(se, evcc)


@case("TC_DIN_EVCC_ChargeParameterDiscovery_003", verifies="V2G-DC-882")
async def test_schedules_left_aside(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC leaves SASchedules aside, here one without power, and goes on to the cable check."""
    await se.listens(schedules=[{"id": 1, "entries": [{"start_s": 0, "max_power_w": 0, "duration_s": 86400}]}])
    await driver.plug_in()
    await reach(se, evcc, "ChargeParameterDiscoveryRes")
    se.put()
    with requirement("V2G-DC-882"):
        following = await evcc.next("CableCheckReq")
        assert following.session_id == se.session_id


@case("TC_DIN_EVCC_ChargeParameterDiscovery_004", verifies="DIN70121#nonsense.evcc")
async def test_absurd_limits(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told of a million volts and a current below zero demands no more than its own limits, and none back."""
    await se.listens()
    await driver.plug_in()
    own = await reach(se, evcc, "ChargeParameterDiscoveryRes")
    se.put(ABSURD)
    with requirement("DIN70121#nonsense.evcc"):
        did = await evcc.then(2 + evcc.termination)
        if not is_over(did, evcc):
            assert isinstance(did, Message)
            assert did.session_id == se.session_id
            await stays_within_its_own(se, evcc, own)


@case("TC_DIN_EVCC_ChargeParameterDiscovery_005", verifies="DIN70121#optional.evcc")
async def test_nothing_optional(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on to the cable check when the EVSE's parameters have nothing optional in them."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ChargeParameterDiscoveryRes")
    optional = ["EVSEMaximumPowerLimit", "EVSECurrentRegulationTolerance", "EVSEEnergyToBeDelivered"]
    se.put(without=[f"DC_EVSEChargeParameter/{name}" for name in optional])
    with requirement("DIN70121#optional.evcc"):
        following = await evcc.next("CableCheckReq")
        assert following.session_id == se.session_id
