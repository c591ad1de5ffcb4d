"""What an EV may tell or leave out, and what belongs to AC."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.din.secc import case
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.refusals import SEQUENCE_ERROR, only_its_own, out_of_sequence
from v2x_suites.iso15118.under_test import UnderTest
from v2x_suites.iso15118.watch import amount, physical

_OUT_OF_PLACE: Final = " ".join(SEQUENCE_ERROR["din"])
_OPTIONAL: Final = "DIN70121#ChargeParameterDiscovery.optional"
_COMPLETE: Final = "DIN70121#CurrentDemand.complete"
_TELLS_LITTLE: Final = (
    *("EVMaximumPowerLimit", "EVEnergyCapacity", "EVEnergyRequest", "FullSOC", "BulkSOC"),
    *("DC_EVStatus/EVCabinConditioning", "DC_EVStatus/EVRESSConditioning"),
)


@case("TC_DIN_SECC_ChargeParameterDiscovery_009", verifies=f"{_OPTIONAL} V2G-DC-391")
async def test_parameters_with_little_and_much(dc_ev: EvTester) -> None:
    """An SECC takes the parameters of an EV that tells what it must, and of one that tells all, and checks the cable."""
    much: dict[str, Json] = {
        "FullSOC": 100,
        "BulkSOC": 100,
        "EVEnergyCapacity": physical(32_000, "Wh"),
        "EVEnergyRequest": physical(0, "Wh"),
        "EVMaximumPowerLimit": physical(32_000, "W"),
        "DC_EVStatus/EVCabinConditioning": True,
        "DC_EVStatus/EVRESSConditioning": True,
        "DC_EVStatus/EVRESSSOC": 0,
    }
    for change, without in ((much, ()), ({}, _TELLS_LITTLE)):
        await dc_ev.unplug()
        await dc_ev.plug_in()
        await dc_ev.until("ChargeParameterDiscoveryReq")
        told = {f"DC_EVChargeParameter/{name}": value for name, value in change.items()}
        with requirement(_OPTIONAL, hard=True):
            answer = await dc_ev.sends(told, [f"DC_EVChargeParameter/{name}" for name in without])
            assert answer.name == "ChargeParameterDiscoveryRes"
            assert answer.code == "OK"
            assert answer.session_id == dc_ev.session_id
        await dc_ev.until("CableCheckReq")
        with requirement(_OPTIONAL, hard=True):
            assert (await dc_ev.sends()).code == "OK"
    await dc_ev.until("")
    await only_its_own(dc_ev, "V2G-DC-391")


@case("TC_DIN_SECC_CurrentDemand_011", verifies=f"{_COMPLETE} V2G-DC-465")
async def test_bulk_is_complete(dc_ev: EvTester) -> None:
    """An SECC goes on giving current when fast charging is complete: it is for the EV to say when to stop."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 5)
    change: dict[str, Json] = {"BulkChargingComplete": True, "ChargingComplete": False, "EVTargetCurrent": physical(10, "A")}
    with requirement(_COMPLETE, "V2G-DC-465", hard=True):
        for _ in range(20):
            answer = await dc_ev.sends(change)
            assert answer.name == "CurrentDemandRes"
            assert answer.code == "OK"
            assert answer.DC_EVSEStatus.EVSEStatusCode.is_in("EVSE_Ready", "EVSE_IsolationMonitoringActive")
            await dc_ev.until("CurrentDemandReq")
        assert 5 <= amount(answer.EVSEPresentCurrent) <= 15
    with requirement("V2G-DC-465"):
        answer = await dc_ev.sends({"EVTargetCurrent": physical(0, "A"), "ChargingComplete": True})
        assert answer.code == "OK"


@case("TC_DIN_SECC_CurrentDemand_012", verifies=_OUT_OF_PLACE)
async def test_message_of_ac(dc_ev: EvTester, secc: UnderTest) -> None:
    """While DC flows an SECC refuses ChargingStatusReq, which belongs to AC, by its own response."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 3)
    await out_of_sequence(dc_ev, secc, "ChargingStatusReq")


@case("TC_DIN_SECC_ServiceDetail_001", verifies=_OUT_OF_PLACE)
async def test_details_that_there_are_none_of(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses ServiceDetailReq, which this edition has no use for, by its own response."""
    await dc_ev.plug_in()
    await dc_ev.until("ContractAuthenticationReq")
    await out_of_sequence(dc_ev, secc, "ServiceDetailReq")
