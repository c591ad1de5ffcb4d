"""Limits that change while energy flows, schedules that have less later, and what else an EVCC is told."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import CannotJudge, requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.evcc_steps import comes, reach
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import amount

_NOTHING: Final = "15118-2#8.7.nothing.evcc"
_LIMITS: Final = "15118-2#8.7.4.limits.evcc"
_PROFILE: Final = "15118-2#8.7.profile.evcc"
_TARIFF: Final = "15118-2#8.5.2.tariff.evcc"
_DEPARTURE: Final = "15118-2#8.4.departure.evcc"
_SETTLES: Final = 5.0


@case("V2X_EVCC_AC_VTB_ChargingStatus_010", verifies=f"{_NOTHING} {_LIMITS}", applies="AC and Measured")
async def test_ac_nothing_for_a_while(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose EVSE has no current for a while stays in the session without drawing, and charges on when there is some."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 3)
    ac_se.settings.max_current_a = 0.0
    await ac_se.goes_on(30.0)
    with requirement(_LIMITS):
        assert ac_se.flowing.power_w < 1.0, f"it draws {ac_se.flowing.power_w:g} W"
    ac_se.settings.max_current_a = 12.0
    with requirement(_NOTHING, hard=True):
        await comes(ac_se, evcc, "ChargingStatusReq")
        await ac_se.goes_on(_SETTLES)
        assert evcc.said("ChargingStatusReq")[-1].session_id == ac_se.session_id
        assert ac_se.flowing.power_w > 0, "it does not charge on"


@case("V2X_EVCC_DC_VTB_CurrentDemand_013", verifies=f"{_NOTHING} V2G2-531", applies="DC")
async def test_dc_nothing_for_a_while(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose EVSE has no current for a while goes on asking, and demands some again when there is some."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "CurrentDemandRes", 3)
    dc_se.settings.max_current_a = 0.0
    with requirement("V2G2-531", hard=True):
        await dc_se.goes_on(10.0)
        await comes(dc_se, evcc, "CurrentDemandReq")
    dc_se.settings.max_current_a = 30.0
    with requirement(_NOTHING):
        await dc_se.goes_on(_SETTLES)
        asked = await comes(dc_se, evcc, "CurrentDemandReq")
        assert asked.session_id == dc_se.session_id
        assert amount(asked.EVTargetCurrent) > 1.0, "it demands nothing any more"


@case("V2X_EVCC_AC_VTB_ChargingStatus_011", verifies=_PROFILE, applies="AC and Measured")
async def test_ac_schedule_has_less_later(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EV whose schedule has less power from some time on draws no more than that from then on."""
    entries: Json = [{"start_s": 0, "max_power_w": 9000.0}, {"start_s": 30, "max_power_w": 3500.0, "duration_s": 86_370}]
    await ac_se.listens(schedules=[{"id": 4, "entries": entries}])
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    with requirement(_PROFILE):
        await ac_se.goes_on(8.0)
        assert 0 < ac_se.flowing.power_w <= 9000.0 * 1.1, f"it draws {ac_se.flowing.power_w:g} W of 9000 W"
    with requirement(_PROFILE):
        await ac_se.goes_on(30.0)
        assert ac_se.flowing.power_w <= 3500.0 * 1.1, f"it draws {ac_se.flowing.power_w:g} W, and the schedule has 3500 W by now"


@case("V2X_EVCC_CMN_VTB_ChargeParameterDiscovery_006", verifies=f"{_TARIFF} V2G2-752")
async def test_tariff_without_a_contract(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that pays by external means takes schedules with a tariff that nobody has signed, and charges."""
    await se.listens()
    await driver.plug_in()
    await se.until("ChargeParameterDiscoveryRes")
    entry: Json = {"RelativeTimeInterval": {"start": 0}, "EPriceLevel": 1}
    tariff: Json = {"SalesTariffID": 1, "NumEPriceLevels": 1, "SalesTariffEntry": [entry]}
    se.put({"SAScheduleList/SAScheduleTuple/0/SalesTariff": tariff})
    loop = "ChargingStatusReq" if se.energy == "AC" else "CurrentDemandReq"
    with requirement(_TARIFF, hard=True):
        asked = await comes(se, evcc, loop)
    with requirement("V2G2-752"):
        assert asked.session_id == se.session_id


@case("V2X_EVCC_AC_VTB_SessionSetup_001", verifies="V2G2-743 V2G2-740", applies="AC and Pause")
async def test_less_energy_after_a_pause(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that comes back from a pause asks for less energy than before, by what it has been given."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    first = amount(evcc.said("ChargeParameterDiscoveryReq")[-1].AC_EVChargeParameter.EAmount)
    await ac_se.goes_on(120.0)
    await driver.pause()
    await ac_se.completes()
    if evcc.said("SessionStopReq")[-1].ChargingSession != "Pause":
        raise CannotJudge("the EVCC does not pause")
    before = evcc.said("SessionStopReq")[-1].session_id.peek()
    evcc.from_now()
    await driver.plug_in()
    await ac_se.next_session()
    with requirement("V2G2-740"):
        assert (await comes(ac_se, evcc, "SessionSetupReq")).session_id == before
    with requirement("V2G2-743"):
        asked = await comes(ac_se, evcc, "ChargeParameterDiscoveryReq")
        now = amount(asked.AC_EVChargeParameter.EAmount)
        assert now < first, f"it asks for {now:g} Wh, and for {first:g} Wh before"


@case("V2X_EVCC_CMN_VTB_ChargeParameterDiscovery_007", verifies=f"{_DEPARTURE} V2G2-752", applies="DepartureTime")
async def test_departure(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose driver says when he leaves tells so, in seconds from then."""
    await se.listens()
    await driver.set_driver(departure_s=5400)
    await driver.plug_in()
    asked = await reach(se, evcc, "ChargeParameterDiscoveryRes")
    told = asked.content[f"{se.energy}_EVChargeParameter"]
    with requirement(_DEPARTURE):
        assert 5400 - 120 <= told.DepartureTime.number() <= 5400 + 120
    with requirement("V2G2-752"):
        assert asked.session_id == se.session_id
