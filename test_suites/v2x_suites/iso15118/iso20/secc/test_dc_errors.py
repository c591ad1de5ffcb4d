"""DC charging: what an SECC must refuse, and what it does then."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.iso20.secc.steps import (
    FAILED_ENDS,
    NO_SCHEDULE,
    TOO_MUCH,
    of_another_session,
    out_of_place,
    refuses,
    rounds,
)
from v2x_suites.iso15118.refusals import other_than
from v2x_suites.iso15118.under_test import UnderTest
from v2x_suites.iso15118.watch import physical

_SEQUENCE: Final = f"V2G20-459 {FAILED_ENDS}"
_ENERGY_OFF: Final = "15118-20#8.5.energy-off.secc"


@case("TC20_SECC_DC_Error_001", verifies=f"V2G20-2272 {FAILED_ENDS}", applies="DC")
async def test_negative_current(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses an EV whose greatest charging current is negative, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("DC_ChargeParameterDiscoveryReq")
    change = {"DC_CPDReqEnergyTransferMode/EVMaximumChargeCurrent": physical(-100)}
    await refuses(dc_ev, secc, ("V2G20-2272",), "FAILED_WrongChargeParameter", change)


@case("TC20_SECC_DC_Error_002", verifies=f"V2G20-2005 {_SEQUENCE}", applies="DC")
async def test_energy_before_pre_charge_is_finished(dc_ev: EvTester, secc: UnderTest) -> None:
    """After DC_PreChargeReq with Ongoing an SECC refuses PowerDeliveryReq, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("DC_PreChargeReq")
    with requirement("V2G20-2005", hard=True):
        answer = await dc_ev.sends({"EVProcessing": "Ongoing"})
        assert answer.code == "OK"
    await out_of_place(dc_ev, secc, "PowerDeliveryReq", "V2G20-2005")


@case("TC20_SECC_DC_Error_003", verifies=_SEQUENCE, applies="DC")
async def test_charge_loop_before_cable_check(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that waits for DC_CableCheckReq refuses DC_ChargeLoopReq, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("DC_CableCheckReq")
    await out_of_place(dc_ev, secc, "DC_ChargeLoopReq")


@case("TC20_SECC_DC_Error_004", verifies=f"V2G20-460 {FAILED_ENDS}", applies="DC")
async def test_another_session_in_the_loop(dc_ev: EvTester, secc: UnderTest) -> None:
    """In the charge loop an SECC refuses a request of another session, and ends its own."""
    await dc_ev.plug_in()
    await dc_ev.until("DC_ChargeLoopReq", 2)
    await of_another_session(dc_ev, secc, other_than(dc_ev.session_id))


@case("TC20_SECC_DC_Error_005", verifies=f"{_ENERGY_OFF} {_SEQUENCE}", applies="DC and Measured")
async def test_energy_off_after_a_refusal(dc_ev: EvTester, secc: UnderTest) -> None:
    """When a request is refused in the charge loop, nothing flows any more."""
    await dc_ev.plug_in()
    await dc_ev.until("DC_ChargeLoopReq")
    await rounds(dc_ev, 5)
    with requirement(_ENERGY_OFF, hard=True):
        assert dc_ev.output.current_a > 1
    await out_of_place(dc_ev, secc, "AuthorizationReq")
    with requirement(_ENERGY_OFF):
        assert dc_ev.output.current_a == 0


@case("TC20_SECC_DC_Error_006", verifies=_SEQUENCE, applies="DC")
async def test_welding_detection_while_energy_flows(dc_ev: EvTester, secc: UnderTest) -> None:
    """In the charge loop an SECC refuses DC_WeldingDetectionReq, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("DC_ChargeLoopReq", 2)
    await out_of_place(dc_ev, secc, "DC_WeldingDetectionReq")


@case("TC20_SECC_DC_Error_Scheduled_001", verifies=f"V2G20-479 {FAILED_ENDS}", applies="DC and Scheduled")
async def test_unknown_schedule(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a schedule that it does not offer, and ends the session."""
    await dc_ev.plug_in(control="Scheduled")
    await dc_ev.until("PowerDeliveryReq")
    await refuses(dc_ev, secc, ("V2G20-479",), "FAILED_ScheduleSelectionInvalid", NO_SCHEDULE)


@case("TC20_SECC_DC_Error_Scheduled_002", verifies=f"V2G20-478 {FAILED_ENDS}", applies="DC and Scheduled")
async def test_too_much_power(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a power profile that exceeds the schedule, and ends the session."""
    await dc_ev.plug_in(control="Scheduled")
    await dc_ev.until("PowerDeliveryReq")
    await refuses(dc_ev, secc, ("V2G20-478",), "FAILED_EVPowerProfileInvalid", TOO_MUCH)
