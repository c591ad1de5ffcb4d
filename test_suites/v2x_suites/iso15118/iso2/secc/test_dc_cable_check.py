"""ISO 15118-2, DC: cable check and pre-charge."""

from __future__ import annotations

from v2x_architecture.coupling import CpState
from v2x_harness.blocks import DoesNotApply, requirement

from v2x_suites.iso15118.dc_charging import (
    LEAKING,
    SAFE_VOLTAGE,
    checked,
    low_pre_charge,
    offered,
    pre_charge,
    pre_charge_beyond,
    two_voltages,
)
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.refusals import only_its_own, out_of_sequence, silence, unknown_session
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import amount

_OUT_OF_PLACE = "V2G2-538 V2G2-459 V2G2-539"
_OF_ANOTHER_SESSION = "V2G2-460 V2G2-034"
_SILENCE = "V2G2-443"


async def _good_check(ev: EvTester) -> None:
    with requirement("V2G2-583", hard=True):
        answer = await checked(ev)
        assert answer.code == "OK"
        assert answer.DC_EVSEStatus.EVSEIsolationStatus.is_in("Valid", "Warning")
        assert answer.session_id == ev.session_id
    await ev.until("PreChargeReq")
    with requirement("V2G2-584"):
        await granted(ev)
    # Whatever comes next: the voltage may be there at once.
    await ev.until("")
    await only_its_own(ev, "V2G2-584")


@case("TC_SECC_DC_VTB_CableCheck_001", verifies="V2G2-583 V2G2-584", applies="DC")
async def test_cable_check(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC checks the cable of an EV in state C, says Ongoing as long as it takes and then Finished, and pre-charges."""
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    await _good_check(dc_ev)


@case("TC_SECC_DC_VTB_CableCheck_002", verifies="V2G2-583 V2G2-584", applies="DC and ControlPilot and StateD")
async def test_cable_check_in_state_d(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC checks the cable of an EV in state D, too."""
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    dc_ev.set_cp(CpState.D)
    await _good_check(dc_ev)


@case("TC_SECC_DC_VTB_CableCheck_003", verifies=_OUT_OF_PLACE, applies="DC")
async def test_sequence_error_in_cable_check(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that is to check the cable refuses ServiceDiscoveryReq, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    await out_of_sequence(dc_ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_DC_VTB_CableCheck_004", verifies=_OF_ANOTHER_SESSION, applies="DC")
async def test_cable_check_of_another_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses CableCheckReq of another session, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    await unknown_session(dc_ev, secc)


@case("TC_SECC_DC_VTB_CableCheck_005", verifies=_SILENCE, applies="DC")
async def test_silence_before_cable_check(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s after ChargeParameterDiscoveryRes stops the session, and not before."""
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    await silence(dc_ev, secc)


@case("TC_SECC_DC_VTB_CableCheck_008", verifies="V2G2-917 V2G2-918", applies="DC and ControlPilot")
async def test_no_state_c(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not finish the cable check of an EV that stays in state B, and refuses it."""
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    dc_ev.set_cp(CpState.B)
    with requirement("V2G2-917", "V2G2-918", hard=True):
        answer = await checked(dc_ev)
        assert answer.code == "FAILED"
    with requirement("V2G2-918"):
        await secc.closes()


@case("V2X_SECC_DC_VTB_CableCheck_001", verifies="15118-2#8.5.isolation.secc", applies="DC")
async def test_insulation_fault(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC that finds the insulation bad says no, or at least that the isolation is at fault, and gives no energy."""
    await operator.set_insulation(LEAKING)
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    with requirement("15118-2#8.5.isolation.secc"):
        answer = await checked(dc_ev)
        assert answer.session_id == dc_ev.session_id
        assert answer.DC_EVSEStatus.EVSEIsolationStatus.is_in("Invalid", "Fault")
        if answer.code == "OK":
            # Then it is the EV's to end the session; one that does not must not be given energy.
            answer = await dc_ev.sends_other("PreChargeReq")
            assert answer.code.value in ("FAILED", "FAILED_SequenceError") or amount(answer.EVSEPresentVoltage) <= SAFE_VOLTAGE


async def _before_the_check_is_over(ev: EvTester, secc: UnderTest, name: str) -> None:
    await ev.plug_in()
    await ev.until("CableCheckReq")
    if (await ev.sends()).EVSEProcessing != "Ongoing":
        raise DoesNotApply("the cable check is over with its first response")
    await ev.until("CableCheckReq")
    answer = await out_of_sequence(ev, secc, name)
    with requirement("V2G2-584"):
        assert answer.code == "FAILED_SequenceError"


@case("V2X_SECC_DC_VTB_CableCheck_002", verifies=f"V2G2-584 {_OUT_OF_PLACE}", applies="DC")
async def test_pre_charge_while_ongoing(dc_ev: EvTester, secc: UnderTest) -> None:
    """While the cable is still being checked an SECC refuses PreChargeReq."""
    await _before_the_check_is_over(dc_ev, secc, "PreChargeReq")


@case("V2X_SECC_DC_VTB_CableCheck_003", verifies=f"V2G2-584 {_OUT_OF_PLACE}", applies="DC")
async def test_power_while_ongoing(dc_ev: EvTester, secc: UnderTest) -> None:
    """While the cable is still being checked an SECC refuses PowerDeliveryReq."""
    await _before_the_check_is_over(dc_ev, secc, "PowerDeliveryReq")


@case("TC_SECC_DC_VTB_PreCharge_001", verifies="V2G2-586 15118-2#8.5.precharge.secc", applies="DC")
async def test_pre_charge(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC brings its output to the voltage that the EV asks for, within 5 s, and to another one when it is asked to."""
    await dc_ev.plug_in(pre_charge_tolerance_v=-1.0)
    await dc_ev.until("PreChargeReq")
    high, low = two_voltages(secc)
    for voltage in (high, low):
        with requirement("V2G2-586", "15118-2#8.5.precharge.secc", hard=True):
            answer = await pre_charge(dc_ev, voltage)
            assert answer.session_id == dc_ev.session_id
            assert answer.DC_EVSEStatus.EVSEStatusCode == "EVSE_Ready"
        if voltage == high:
            await dc_ev.until("PreChargeReq")


@case("TC_SECC_DC_VTB_PreCharge_002", verifies=_OUT_OF_PLACE, applies="DC")
async def test_sequence_error_in_pre_charge(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that is to pre-charge refuses ServiceDiscoveryReq, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("PreChargeReq")
    await out_of_sequence(dc_ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_DC_VTB_PreCharge_003", verifies=_OF_ANOTHER_SESSION, applies="DC")
async def test_pre_charge_of_another_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses PreChargeReq of another session, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("PreChargeReq")
    await unknown_session(dc_ev, secc)


@case("TC_SECC_DC_VTB_PreCharge_004", verifies=_SILENCE, applies="DC")
async def test_silence_before_pre_charge(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s after CableCheckRes stops the session, and not before."""
    await dc_ev.plug_in()
    await dc_ev.until("PreChargeReq")
    await silence(dc_ev, secc)


@case("V2X_SECC_DC_VTB_PreCharge_001", verifies=f"V2G2-584 V2G2-587 {_OUT_OF_PLACE}", applies="DC")
async def test_power_without_pre_charge(dc_ev: EvTester, secc: UnderTest) -> None:
    """After the cable check an SECC refuses PowerDeliveryReq that comes without any PreChargeReq."""
    await dc_ev.plug_in()
    await dc_ev.until("PreChargeReq")
    answer = await out_of_sequence(dc_ev, secc, "PowerDeliveryReq")
    with requirement("V2G2-584", "V2G2-587"):
        assert answer.name == "PowerDeliveryRes"
        assert answer.code == "FAILED_SequenceError"


@case("V2X_SECC_DC_VTB_PreCharge_002", verifies="15118-2#8.5.precharge-limits.secc", applies="DC")
async def test_voltage_beyond_limits(dc_ev: EvTester, secc: UnderTest) -> None:
    """Asked for more voltage than it has, an SECC refuses, or stays within its limit."""
    await dc_ev.plug_in(pre_charge_tolerance_v=-1.0)
    await dc_ev.until("PreChargeReq")
    most = offered(secc).max_voltage_v
    with requirement("15118-2#8.5.precharge-limits.secc"):
        await pre_charge_beyond(dc_ev, most)


@case("V2X_SECC_DC_VTB_PreCharge_003", verifies="V2G2-586 V2G2-587", applies="DC")
async def test_pre_charge_again(dc_ev: EvTester, secc: UnderTest) -> None:
    """After PreChargeRes an SECC takes PreChargeReq again, and then PowerDeliveryReq."""
    await dc_ev.plug_in()
    await dc_ev.until("PreChargeReq")
    await low_pre_charge(dc_ev, secc)
    with requirement("V2G2-586", "V2G2-587", hard=True):
        await granted(dc_ev)
    await dc_ev.until("PowerDeliveryReq")
    with requirement("V2G2-587"):
        answer = await granted(dc_ev)
        assert answer.session_id == dc_ev.session_id
    await dc_ev.until("CurrentDemandReq")
    await only_its_own(dc_ev, "V2G2-587")
