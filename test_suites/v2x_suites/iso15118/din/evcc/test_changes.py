"""Limits that change while energy flows, time that runs out before that, and services that this edition does not know."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.din.evcc import case
from v2x_suites.iso15118.evcc_steps import comes, reach, released
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import amount

_READY: Final = "DIN70121#ready-to-charge.evcc"
_NOTHING: Final = "DIN70121#nothing.evcc"
_SERVICES: Final = "DIN70121#services.evcc"
_BEFORE_ENERGY: Final = (
    *("ServicePaymentSelectionReq", "ContractAuthenticationReq", "ChargeParameterDiscoveryReq", "CableCheckReq", "PreChargeReq"),
    "SessionStopReq",
)


@case("TC_DIN_EVCC_PowerDelivery_003", verifies=_READY)
async def test_it_takes_too_long(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that waits for each step for less than it has to, and for more than 150 s in all, gives up before energy flows."""
    await se.listens(authorization_s=58.0, schedule_s=58.0, supply={"check_seconds": 37.0})
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    with requirement(_READY):
        await se.goes_on(170.0)
        assert not evcc.said("PowerDeliveryReq"), "it asks for power all the same"
        assert evcc.said("ChargeParameterDiscoveryReq"), "it has not waited for its authorization"
        await evcc.ends(*_BEFORE_ENERGY)
        released(se)


@case("TC_DIN_EVCC_CurrentDemand_012", verifies=_NOTHING)
async def test_nothing_for_a_while(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose EVSE has no current for a while goes on asking, and demands some again when there is some."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "CurrentDemandRes", 3)
    dc_se.settings.max_current_a = 0.0
    with requirement(_NOTHING, hard=True):
        await dc_se.goes_on(10.0)
        await comes(dc_se, evcc, "CurrentDemandReq")
    dc_se.settings.max_current_a = 30.0
    with requirement(_NOTHING):
        await dc_se.goes_on(5.0)
        asked = await comes(dc_se, evcc, "CurrentDemandReq")
        assert asked.session_id == dc_se.session_id
        assert amount(asked.EVTargetCurrent) > 1.0, "it demands nothing any more"


@case("TC_DIN_EVCC_ServiceDiscovery_005", verifies=_SERVICES)
async def test_services_beside_charging(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on where the SECC lists services, which it must not do: it selects charging only."""
    await se.listens()
    await driver.plug_in()
    await se.until("ServiceDiscoveryRes")
    tag: Json = {"ServiceID": 7, "ServiceName": "Internet", "ServiceCategory": "Internet"}
    se.put({"ServiceList": {"Service": [{"ServiceTag": tag, "FreeService": True}]}})
    with requirement(_SERVICES):
        chosen = await comes(se, evcc, "ServicePaymentSelectionReq")
        assert [each.ServiceID.number() for each in chosen.SelectedServiceList.SelectedService] == [1]
        assert chosen.session_id == se.session_id
    with requirement(_SERVICES):
        await comes(se, evcc, "ContractAuthenticationReq")
