"""What sessions of AC and DC have in common: protocols, authorization, services, schedules, and responses that say no."""

from __future__ import annotations

from itertools import pairwise

import msgspec
from v2x_architecture.iso15118.secc.evse import Authorization
from v2x_harness.blocks import requirement
from v2x_harness.events import Json
from v2x_harness.pointer import resolve

from v2x_suites.iso15118.evcc_steps import over, reach
from v2x_suites.iso15118.iso20.evcc import case
from v2x_suites.iso15118.iso20.evcc.states import at_authorization, with_control
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.testers import NO_SESSION
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message

_ISO20 = "urn:iso:std:iso:15118:-20:"


def _without_header(message: Message) -> dict[str, Json]:
    """Return what is in a message, which is not the header: that has the time in it."""
    return {name: value for name, value in msgspec.convert(message.content.peek(), dict[str, Json]).items() if name != "Header"}


_WARNING: dict[str, Json] = {"ResponseCode": "WARNING_EIMAuthorizationFailure", "EVSEProcessing": "Finished"}


@case("TC20_EVCC_CMN_GoodCase_SAP_001", verifies="V2G20-167")
async def test_offer(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC offers at most 20 protocols, each with a priority of its own and an id of its own, and AC or DC of 15118-20."""
    await se.listens()
    await driver.plug_in()
    offer = await reach(se, evcc, "supportedAppProtocolRes")
    with requirement("V2G20-167"):
        entries = list(offer.AppProtocol)
        assert 1 <= len(entries) <= 20
        assert len({each.Priority.number() for each in entries}) == len(entries), "two have the same priority"
        assert all(1 <= each.Priority.number() <= 20 for each in entries)
        assert len({each.SchemaID.number() for each in entries}) == len(entries), "two have the same SchemaID"
        names = [str(each.ProtocolNamespace.peek()) for each in entries]
        assert f"{_ISO20}{'DC' if se.energy == 'DC' else 'AC'}" in names
    with requirement("V2G20-167"):
        se.put()
        following = await evcc.next("SessionSetupReq")
        assert following.session_id == NO_SESSION


@case("TC20_EVCC_CMN_GoodCase_CommonMessageFlow_001", verifies="V2G20-2566")
async def test_two_ways_of_payment(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is offered EIM beside PnC goes on with one that it has."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "AuthorizationSetupRes")
    challenge: Json = {"GenChallenge": "AAECAwQFBgcICQoLDA0ODw=="}
    se.put({"AuthorizationServices": ["PnC", "EIM"], "PnC_ASResAuthorizationMode": challenge}, ["EIM_ASResAuthorizationMode"])
    with requirement("V2G20-2566"):
        request = await evcc.next("AuthorizationReq", "CertificateInstallationReq")
        assert request.session_id == se.session_id
        if request.name == "AuthorizationReq":
            assert request.SelectedAuthorizationService.is_in("EIM", "PnC")
            assert request.content[f"{request.SelectedAuthorizationService.value}_AReqAuthorizationMode"].exists


@case("TC20_EVCC_CMN_GoodCase_AuthorizationSuspended_001", verifies="V2G20-1582 15118-20#8.6.warning.evcc")
async def test_authorization_takes_its_time(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on asking while it is not authorized yet, and does not give up at the first warning."""
    await se.listens(authorization="ongoing")
    await driver.plug_in()
    requests = [await at_authorization(se, evcc)]
    with requirement("V2G20-1582"):
        for _ in range(3):
            se.put()
            requests.append(await evcc.next("AuthorizationReq"))
            await se.until("AuthorizationRes")
        asked = [_without_header(each) for each in requests]
        assert all(one == other for one, other in pairwise(asked)), "it asks for something else"
        assert all(each.session_id == se.session_id for each in requests)
    with requirement("15118-20#8.6.warning.evcc"):
        se.put(_WARNING)
        again = await evcc.next("AuthorizationReq")
        assert again.session_id == se.session_id
        se.settings.authorization = Authorization.ACCEPTED
        await se.until("AuthorizationRes")
        se.put()
        await evcc.next("ServiceDiscoveryReq")


@case("TC20_EVCC_CMN_Error_001", verifies="15118-20#8.6.failed-ends.evcc")
async def test_failed(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told FAILED_SequenceError ends the session."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put({"ResponseCode": "FAILED_SequenceError"})
    with requirement("15118-20#8.6.failed-ends.evcc"):
        await over(se, evcc)


@case("TC20_EVCC_CMN_Error_101", verifies="15118-20#8.6.failed-ends.evcc")
async def test_failed_service_selection(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose choice of a service is refused ends the session, or chooses anew; it does not go on with that service."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceSelectionRes")
    se.put({"ResponseCode": "FAILED_ServiceSelectionInvalid"})
    with requirement("15118-20#8.6.failed-ends.evcc"):
        await over(se, evcc)


@case("TC20_EVCC_CMN_Error_002", verifies="15118-20#8.6.unexpected.evcc")
async def test_other_response(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given the response to another request ends the session."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put_other("ServiceSelectionRes")
    with requirement("15118-20#8.6.unexpected.evcc"):
        await over(se, evcc)


@case("TC20_EVCC_CMN_Error_003", verifies="15118-20#8.6.session-id.evcc")
async def test_other_session(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given a response of another session ends its own."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put({"/Header/SessionID": "00000000000000A2"})
    with requirement("15118-20#8.6.session-id.evcc"):
        await over(se, evcc)


@case("TC20_EVCC_CMN_Error_004", verifies="15118-20#7.9.EXI.undecodable.evcc")
async def test_unreadable_response(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that cannot read a response ends the session, when the time for the response is over at the latest."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put_octets(se.held.payload[:12])
    with requirement("15118-20#7.9.EXI.undecodable.evcc"):
        await over(se, evcc, within=2.0 + evcc.termination)


@case("TC20_EVCC_CMN_Error_102", verifies="15118-20#8.6.failed-ends.evcc")
async def test_failed_session_setup(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose session is refused does not begin one."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "SessionSetupRes")
    se.put({"ResponseCode": "FAILED"})
    with requirement("15118-20#8.6.failed-ends.evcc"):
        await over(se, evcc)


@case("TC20_EVCC_CMN_GoodCase_ServiceSelection_001", verifies="V2G20-1216")
async def test_unusual_parameter_sets(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC asks for a service that was offered, and chooses one of its parameter sets by the id that it was given."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    se.put()
    with requirement("V2G20-1216", hard=True):
        detail = await evcc.next("ServiceDetailReq")
        offered = evcc.heard("ServiceDiscoveryRes")[-1].EnergyTransferServiceList.Service
        assert detail.ServiceID.is_in(*(each.ServiceID.peek() for each in offered))
    await reach(se, evcc, "ServiceDetailRes")
    sets = msgspec.convert(resolve(se.plain, "/ServiceParameterList/ParameterSet"), list[dict[str, Json]])
    ids: list[Json] = list(range(700, 700 + len(sets)))
    se.put({"ServiceParameterList/ParameterSet": [{**each, "ParameterSetID": i} for i, each in zip(ids, sets, strict=True)]})
    with requirement("V2G20-1216"):
        selection = await evcc.next("ServiceSelectionReq")
        chosen = selection.SelectedEnergyTransferService
        assert chosen.ServiceID == detail.ServiceID
        assert chosen.ParameterSetID.is_in(*ids)


@case("TC20_EVCC_CMN_GoodCase_ScheduleExchange_001", verifies="15118-20#8.3.optional.evcc", applies="Scheduled")
async def test_schedule_without_prices(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC takes a schedule that has no prices and nothing else that is optional."""
    entries: Json = [{"start_s": 0, "max_power_w": 10_000.0, "duration_s": 86_400}]
    await se.listens(schedules=[{"id": 7, "entries": entries}], price_levels=False, meter_info=False)
    await driver.plug_in()
    await se.until("ServiceDetailRes")
    se.put({"ServiceParameterList/ParameterSet": with_control(se.plain, "Scheduled")})
    await reach(se, evcc, "ScheduleExchangeRes")
    se.put(without=["GoToPause"])
    with requirement("15118-20#8.3.optional.evcc"):
        following = await evcc.next("PowerDeliveryReq", "DC_CableCheckReq")
        assert following.session_id == se.session_id
    await se.until("PowerDeliveryRes")
    with requirement("15118-20#8.3.optional.evcc"):
        delivery = evcc.said("PowerDeliveryReq")[-1]
        assert delivery.EVPowerProfile.Scheduled_EVPPTControlMode.SelectedScheduleTupleID == 7
