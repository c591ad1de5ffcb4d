"""What an SECC offers, and what it takes of a choice."""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.services20 import Service
from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.iso20.secc.steps import FAILED_ENDS, refuses
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import UnderTest
from v2x_suites.iso15118.watch import Message

NO_SERVICE: Final = 60_999
"""A ServiceID that nothing has (those above 60000 are manufacturers' own)."""
NO_PARAMETER_SET: Final = 60_999
_OPTIONAL: Final = "15118-20#8.3.optional.secc"


def offered(discovery: Message) -> set[int]:
    """Return the energy transfer services that are offered."""
    return {each.ServiceID.number() for each in discovery.EnergyTransferServiceList.Service}


@case("TC20_SECC_CMN_GoodCase_ServiceDiscovery_001", verifies=f"V2G20-1248 V2G20-1931 {_OPTIONAL}")
async def test_all_services(ev: EvTester) -> None:
    """Asked without SupportedServiceIDs an SECC offers all that it has; asked with them, it does not change its mind."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    with requirement("V2G20-1248", _OPTIONAL, hard=True):
        everything = await granted(ev, without=["SupportedServiceIDs"])
        services = offered(everything)
        assert services & set(Service), "it offers no energy"
    with requirement("V2G20-1931", hard=True):
        told = everything.ServiceRenegotiationSupported.value
        assert isinstance(told, bool)
    await ev.unplug()
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    known = sorted(services)
    with requirement("V2G20-1248"):
        asked = await ev.sends({"SupportedServiceIDs": {"ServiceID": [*known, NO_SERVICE]}})
        assert asked.code == "OK"
        assert offered(asked) == services
        assert asked.session_id != everything.session_id
    with requirement("V2G20-1931"):
        assert asked.ServiceRenegotiationSupported == told


@case("TC20_SECC_DC_GoodCase_ServiceDiscovery_001", verifies="V2G20-1248", applies="DC_BPT")
async def test_dc_both_ways(dc_ev: EvTester) -> None:
    """Asked without SupportedServiceIDs an SECC of a DC supply for both ways offers DC, and DC both ways."""
    await dc_ev.plug_in()
    await dc_ev.until("ServiceDiscoveryReq")
    with requirement("V2G20-1248"):
        answer = await dc_ev.sends(without=["SupportedServiceIDs"])
        assert answer.code == "OK"
        assert offered(answer) >= {Service.DC, Service.DC_BPT}


@case("TC20_SECC_AC_GoodCase_ServiceDiscovery_001", verifies="V2G20-1248", applies="AC_BPT")
async def test_ac_both_ways(ac_ev: EvTester) -> None:
    """Asked without SupportedServiceIDs an SECC of an AC outlet for both ways offers AC, and AC both ways."""
    await ac_ev.plug_in()
    await ac_ev.until("ServiceDiscoveryReq")
    with requirement("V2G20-1248"):
        answer = await ac_ev.sends(without=["SupportedServiceIDs"])
        assert answer.code == "OK"
        assert offered(answer) >= {Service.AC, Service.AC_BPT}


async def tells_sets(ev: EvTester) -> None:
    """Ask for the parameter sets of each energy transfer service."""
    await ev.plug_in()
    await ev.until("ServiceDiscoveryReq")
    services = offered(await ev.sends(without=["SupportedServiceIDs"])) & set(Service)
    await ev.until("ServiceDetailReq")
    for service in sorted(services):
        with requirement("V2G20-2656", hard=True):
            detail = await ev.sends_other("ServiceDetailReq", {"ServiceID": service})
            assert detail.name == "ServiceDetailRes"
            assert detail.code == "OK"
            assert detail.ServiceID == service
            told = list(detail.ServiceParameterList.ParameterSet)
            sets = [{str(p.Name.value): p.intValue.number() for p in each.Parameter} for each in told]
            assert {each.get("ControlMode") for each in sets} >= {1, 2}, "scheduled and dynamic control"
        with requirement("V2G20-2663"):
            for each in sets:
                assert each.get("MobilityNeedsMode") != 2 or each.get("ControlMode") == 2


@case("TC20_SECC_DC_GoodCase_ServiceDetail_001", verifies="V2G20-2656 V2G20-2663", applies="DC and Scheduled and Dynamic")
async def test_dc_parameter_sets(dc_ev: EvTester) -> None:
    """Each DC service can be had with scheduled and with dynamic control; the EVSE plans for the EV with dynamic control only."""
    await tells_sets(dc_ev)


@case("TC20_SECC_AC_GoodCase_ServiceDetail_001", verifies="V2G20-2656 V2G20-2663", applies="AC and Scheduled and Dynamic")
async def test_ac_parameter_sets(ac_ev: EvTester) -> None:
    """Each AC service can be had with scheduled and with dynamic control; the EVSE plans for the EV with dynamic control only."""
    await tells_sets(ac_ev)


@case("TC20_SECC_CMN_Error_006", verifies=f"V2G20-425 V2G20-464 {FAILED_ENDS}")
async def test_unknown_service(ev: EvTester, secc: UnderTest) -> None:
    """An SECC has no parameter sets for a service that it does not offer, and ends the session."""
    await ev.plug_in()
    await ev.until("ServiceDetailReq")
    await refuses(ev, secc, ("V2G20-464", "V2G20-425"), "FAILED_ServiceIDInvalid", {"ServiceID": NO_SERVICE})


@case("TC20_SECC_CMN_Error_007", verifies=f"V2G20-433 {FAILED_ENDS}")
async def test_unknown_parameter_set(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a parameter set that it does not offer, and ends the session."""
    await ev.plug_in()
    await ev.until("ServiceSelectionReq")
    change = {"SelectedEnergyTransferService/ParameterSetID": NO_PARAMETER_SET}
    await refuses(ev, secc, ("V2G20-433",), "FAILED_ServiceSelectionInvalid", change)


@case("TC20_SECC_CMN_Error_VAS_001", verifies=f"V2G20-433 {FAILED_ENDS}")
async def test_unknown_value_added_service(ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a value added service that it does not offer, though the choice of energy is good, and ends the session."""
    await ev.plug_in()
    await ev.until("ServiceSelectionReq")
    change: dict[str, Json] = {"SelectedVASList": {"SelectedService": [{"ServiceID": NO_SERVICE, "ParameterSetID": 1}]}}
    await refuses(ev, secc, ("V2G20-433",), "FAILED_ServiceSelectionInvalid", change)


@case("TC20_SECC_CMN_Error_VAS_002", verifies=f"V2G20-464 {FAILED_ENDS}", applies="not VAS")
async def test_details_of_no_value_added_service(ev: EvTester, secc: UnderTest) -> None:
    """An SECC without value added services has no parameter sets for Internet access, and ends the session."""
    await ev.plug_in()
    await ev.until("ServiceSelectionReq")
    with requirement("V2G20-464", hard=True):
        answer = await ev.sends_other("ServiceDetailReq", {"ServiceID": 65})
        assert answer.name == "ServiceDetailRes"
        assert answer.code == "FAILED_ServiceIDInvalid"
    with requirement(FAILED_ENDS):
        await secc.closes()
