"""ISO 15118-2, DC: welding detection, how sessions end, and that no energy is left when they do."""

from __future__ import annotations

from v2x_architecture.coupling import CpState
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.dc_charging import (
    BRIEF,
    CURRENT_TOLERANCE,
    HIGH,
    SAFE_VOLTAGE,
    demand,
    measures_until_safe,
    near,
    output_off,
    refused_without_current,
)
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.refusals import SEQUENCE_TIMEOUT, out_of_sequence, refused, silence, unknown_session
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import UnderTest

_OUT_OF_PLACE = "V2G2-538 V2G2-459 V2G2-539"
_OF_ANOTHER_SESSION = "V2G2-460 V2G2-034"
_SILENCE = "V2G2-443"
_OFF = "15118-2#8.8.energy-off.secc"


@case("TC_SECC_DC_VTB_WeldingDetection_001", verifies="V2G2-596 V2G2-601", applies="DC")
async def test_welding_detection(dc_ev: EvTester, secc: UnderTest) -> None:
    """After the end of charging an SECC measures for the EV until the output is safe, then takes SessionStopReq."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("WeldingDetectionReq")
    with requirement("V2G2-596", "V2G2-601", hard=True):
        await measures_until_safe(dc_ev)
    await dc_ev.until("SessionStopReq")
    with requirement("V2G2-601"):
        await granted(dc_ev)


@case("TC_SECC_DC_VTB_WeldingDetection_002", verifies=_OUT_OF_PLACE, applies="DC")
async def test_sequence_error_after_stop(dc_ev: EvTester, secc: UnderTest) -> None:
    """After the end of charging an SECC refuses ServiceDiscoveryReq, and ends the session."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("WeldingDetectionReq")
    await out_of_sequence(dc_ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_DC_VTB_WeldingDetection_003", verifies=_OF_ANOTHER_SESSION, applies="DC")
async def test_welding_detection_of_another_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses WeldingDetectionReq of another session, and ends the session."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("WeldingDetectionReq")
    await unknown_session(dc_ev, secc)


@case("TC_SECC_DC_VTB_WeldingDetection_004", verifies=_SILENCE, applies="DC")
async def test_silence_after_stop(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s after the end of charging stops the session, and not before."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("WeldingDetectionReq")
    await silence(dc_ev, secc)


@case("TC_SECC_DC_VTB_WeldingDetection_005", verifies="V2G2-921 V2G2-034", applies="DC and ControlPilot")
async def test_welding_detection_in_state_c(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses WeldingDetectionReq of an EV that has not gone back to state B of the control pilot, in 1.5 s."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("WeldingDetectionReq")
    dc_ev.set_cp(CpState.C)
    await refused(secc, dc_ev.sends(), "V2G2-921", "FAILED")


@case("V2X_SECC_DC_VTB_SessionStop_001", verifies="V2G2-921 V2G2-034", applies="DC and ControlPilot")
async def test_session_stop_in_state_c(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses SessionStopReq of an EV that has not gone back to state B of the control pilot, in 1.5 s."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("WeldingDetectionReq")
    dc_ev.set_cp(CpState.C)
    await refused(secc, dc_ev.sends_other("SessionStopReq"), "V2G2-921", "FAILED")


@case("TC_SECC_DC_VTB_SessionStop_002", verifies="V2G2-570 V2G2-571", applies="DC")
async def test_session_stop(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC answers SessionStopReq with OK, and the session is over: it answers nothing more in it."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("SessionStopReq")
    with requirement("V2G2-570", hard=True):
        answer = await granted(dc_ev)
        assert answer.session_id == dc_ev.session_id
    with requirement("V2G2-571"):
        await secc.closes()


@case("TC_SECC_DC_VTB_SessionStop_007", verifies=_OUT_OF_PLACE, applies="DC")
async def test_sequence_error_after_welding_detection(dc_ev: EvTester, secc: UnderTest) -> None:
    """After welding detection an SECC refuses ServiceDiscoveryReq, and ends the session."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("SessionStopReq")
    await out_of_sequence(dc_ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_DC_VTB_SessionStop_008", verifies=_OF_ANOTHER_SESSION, applies="DC")
async def test_session_stop_of_another_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses SessionStopReq of another session, and ends the session."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("SessionStopReq")
    await unknown_session(dc_ev, secc)


@case("TC_SECC_DC_VTB_SessionStop_009", verifies=_SILENCE, applies="DC")
async def test_silence_after_welding_detection(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s after welding detection stops the session, and not before."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("SessionStopReq")
    await silence(dc_ev, secc)


async def _charging(ev: EvTester) -> None:
    await ev.plug_in(target_soc=100)
    await ev.until("CurrentDemandReq")
    await demand(ev, HIGH, reached=near(HIGH))
    with requirement(_OFF, hard=True):
        assert ev.output.current_a > CURRENT_TOLERANCE


@case("V2X_SECC_DC_VTB_EnergyOff_001", verifies=_OFF, applies="DC and Measured")
async def test_energy_off_after_a_break(dc_ev: EvTester, secc: UnderTest) -> None:
    """When the connection breaks while energy flows, the supply is switched off."""
    await _charging(dc_ev)
    await dc_ev.disconnect(abort=True)
    with requirement(_OFF):
        await output_off(dc_ev, secc)


@case("V2X_SECC_DC_VTB_EnergyOff_002", verifies=_OFF, applies="DC and Measured")
async def test_energy_off_after_a_refusal(dc_ev: EvTester, secc: UnderTest) -> None:
    """When a request is refused while energy flows, nothing flows any more."""
    await _charging(dc_ev)
    with requirement(_OFF):
        await refused_without_current(dc_ev, secc)


@case("V2X_SECC_DC_VTB_EnergyOff_003", verifies=_OFF, applies="DC and Measured")
async def test_energy_off_after_silence(dc_ev: EvTester, secc: UnderTest) -> None:
    """When the EV falls silent while energy flows, nothing flows any more once the session has ended for it."""
    await _charging(dc_ev)
    with requirement(_OFF):
        await secc.closes(within=SEQUENCE_TIMEOUT + secc.termination)
        assert dc_ev.output.current_a == 0


@case("V2X_SECC_DC_VTB_EnergyOff_004", verifies=_OFF, applies="DC and Measured")
async def test_energy_off_after_pre_charge(dc_ev: EvTester, secc: UnderTest) -> None:
    """When the EV ends the session after pre-charge, the output is without voltage."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    with requirement(_OFF):
        assert dc_ev.output.voltage_v > SAFE_VOLTAGE
        # Whether SessionStopReq has its place here is read in two ways; the session ends in both.
        answer = await dc_ev.sends_other("SessionStopReq")
        assert answer.code.is_in("OK", "FAILED_SequenceError")
        dc_ev.ev.set_contactor(closed=False, now=dc_ev.watch.now)
        await dc_ev.disconnect()
        secc.from_now()
        await secc.stays_quiet(for_=5.0)
        assert dc_ev.output.voltage_v < SAFE_VOLTAGE
