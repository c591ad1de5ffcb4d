"""Responses with all that an SECC may tell: prices with all their rules, the grid's wishes."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.evcc_steps import comes
from v2x_suites.iso15118.iso20.evcc import case
from v2x_suites.iso15118.iso20.evcc.states import with_control
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import physical

_GOES_ON: Final = "15118-20#8.3.all-optional.evcc"
_DAY: Final = 86_400
_PRICES: Final[dict[str, Json]] = {
    "TimeAnchor": 0,
    "PriceScheduleID": 1,
    "PriceScheduleDescription": "a price for every hour",
    "Currency": "EUR",
    "Language": "ENG",
    "PriceAlgorithm": "urn:iso:std:iso:15118:-20:PriceAlgorithm:1-Power",
    "MinimumCost": physical(1),
    "MaximumCost": physical(50),
    "TaxRules": {
        "TaxRule": [
            {
                "TaxRuleID": 1,
                "TaxRuleName": "value added tax",
                "TaxRate": physical(19),
                "TaxIncludedInPrice": True,
                "AppliesToEnergyFee": True,
                "AppliesToParkingFee": True,
                "AppliesToOverstayFee": True,
                "AppliesMinimumMaximumCost": False,
            }
        ]
    },
    "PriceRuleStacks": {
        "PriceRuleStack": [
            {
                "Duration": _DAY // 24,
                "PriceRule": [
                    {
                        "EnergyFee": physical(20 + hour, exponent=0),
                        "ParkingFee": physical(1),
                        "ParkingFeePeriod": 3600,
                        "CarbonDioxideEmission": 300,
                        "RenewableGenerationPercentage": 60,
                        "PowerRangeStart": physical(start),
                    }
                    for start in (0, 11_000)
                ],
            }
            for hour in range(24)
        ]
    },
    "OverstayRules": {
        "OverstayTimeThreshold": 1800,
        "OverstayPowerThreshold": physical(100),
        "OverstayRule": [
            {"OverstayRuleDescription": "leave", "StartTime": 0, "OverstayFee": physical(5), "OverstayFeePeriod": 600}
        ],
    },
    "AdditionalSelectedServices": {"AdditionalService": [{"ServiceName": "car wash", "ServiceFee": physical(12)}]},
}


async def _scheduled(se: SeTester, driver: EvccOperator) -> None:
    """Begin a session in scheduled control."""
    await se.listens()
    await driver.plug_in()
    await se.until("ServiceDetailRes")
    se.put({"ServiceParameterList/ParameterSet": with_control(se.plain, "Scheduled")})


@case("TC20_EVCC_CMN_GoodCase_ScheduleExchange_002", verifies=_GOES_ON, applies="Scheduled")
async def test_prices_with_all_rules(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC takes a schedule with prices for each hour: taxes, parking, overstaying, costs at least and at most."""
    await _scheduled(se, driver)
    await se.until("ScheduleExchangeRes")
    se.put({"Scheduled_SEResControlMode/ScheduleTuple/0/ChargingSchedule/AbsolutePriceSchedule": _PRICES})
    with requirement(_GOES_ON, hard=True):
        delivery = await comes(se, evcc, "PowerDeliveryReq")
        assert delivery.ChargeProgress == "Start"
        assert delivery.session_id == se.session_id
        await comes(se, evcc, f"{se.energy}_ChargeLoopReq")


@case("TC20_EVCC_AC_GoodCase_Scheduled_002", verifies=_GOES_ON, applies="AC and Scheduled")
async def test_wishes_of_the_grid(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC takes limits with asymmetry, ramp and present power, and targets of reactive power and frequency."""
    await _scheduled(ac_se, driver)
    await ac_se.until("AC_ChargeParameterDiscoveryRes")
    mode = next(name for name in ac_se.plain if name.endswith("AC_CPDResEnergyTransferMode"))
    told = {
        "MaximumPowerAsymmetry": physical(4600),
        "EVSEPowerRampLimitation": physical(10),
        "EVSEPresentActivePower": physical(0),
    }
    ac_se.put({f"{mode}/{name}": value for name, value in told.items()})
    with requirement(_GOES_ON, hard=True):
        for _ in range(5):
            asked = await comes(ac_se, evcc, "AC_ChargeLoopReq")
            assert asked.session_id == ac_se.session_id
            mode = next(name for name in ac_se.plain if name.endswith("CLResControlMode"))
            ac_se.put({"EVSETargetFrequency": physical(50), f"{mode}/EVSETargetReactivePower": physical(0)})
