"""DIN SPEC 70121: cable check and pre-charge."""

from __future__ import annotations

from v2x_architecture.coupling import CpState
from v2x_harness.blocks import DoesNotApply, NotSeen, requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.dc_charging import (
    LEAKING,
    checked,
    low_pre_charge,
    offered,
    pre_charge,
    pre_charge_beyond,
    two_voltages,
)
from v2x_suites.iso15118.din.secc import case
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.refusals import only_its_own, out_of_sequence, refused, silence, unknown_session
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest

CP_DETECTION = 1.5
"""V2G_SECC_CPState_Detection_Timeout (s)."""
POWER_DELIVERY = 20.0
"""V2G_SECC_PowerDelivery_Timeout (s)."""


@case("TC_DIN_SECC_CableCheck_001", verifies="V2G-DC-388 V2G-DC-638 V2G-DC-455")
async def test_cable_check(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC checks the cable, says Ongoing as long as it takes and then Finished, and takes PreChargeReq."""
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    with requirement("V2G-DC-388", hard=True):
        answer = await checked(dc_ev)
        assert answer.code == "OK"
        assert answer.session_id == dc_ev.session_id
    with requirement("V2G-DC-638"):
        assert answer.DC_EVSEStatus.EVSEIsolationStatus.is_in("Valid", "Warning")
        assert answer.DC_EVSEStatus.EVSEStatusCode.is_in("EVSE_Ready", "EVSE_IsolationMonitoringActive")
    await dc_ev.until("PreChargeReq")
    with requirement("V2G-DC-455"):
        await granted(dc_ev)
    # Whatever comes next: the voltage may be there at once.
    await dc_ev.until("")
    await only_its_own(dc_ev, "V2G-DC-455")


@case("TC_DIN_SECC_CableCheck_002", verifies="V2G-DC-890 V2G-DC-116")
async def test_insulation_fault(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC that finds the insulation bad answers FAILED and Finished with isolation Invalid or Fault, and ends the session."""
    await operator.set_insulation(LEAKING)
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    with requirement("V2G-DC-890", hard=True):
        answer = await checked(dc_ev)
        assert answer.code == "FAILED"
        assert answer.EVSEProcessing == "Finished"
        assert answer.DC_EVSEStatus.EVSEIsolationStatus.is_in("Invalid", "Fault")
    with requirement("V2G-DC-116"):
        await secc.closes()


@case("TC_DIN_SECC_CableCheck_003", verifies="V2G-DC-967 V2G-DC-116", applies="ControlPilot")
async def test_no_state_c(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not check the cable of an EV that stays in state B of the control pilot, and refuses after 1.5 s."""
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    dc_ev.set_cp(CpState.B)
    with requirement("V2G-DC-967", hard=True):
        answer = await checked(dc_ev, within=CP_DETECTION + 1)
        assert answer.code == "FAILED"
    with requirement("V2G-DC-116"):
        await secc.closes()


@case("TC_DIN_SECC_CableCheck_004", verifies="V2G-DC-891 V2G-DC-500")
async def test_stop_at_the_evse(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """Stopped while the cable is checked, an SECC answers OK and Finished with EVSE_Shutdown, without a notification."""
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    await operator.notify("StopCharging")
    with requirement("V2G-DC-891", hard=True):
        answer = await checked(dc_ev)
        assert answer.code == "OK"
        assert answer.DC_EVSEStatus.EVSEStatusCode == "EVSE_Shutdown"
    with requirement("V2G-DC-500"):
        assert answer.DC_EVSEStatus.EVSENotification == "None"


@case("TC_DIN_SECC_CableCheck_005", verifies="V2G-DC-455 V2G-DC-666 V2G-DC-390 V2G-DC-116")
async def test_pre_charge_while_ongoing(dc_ev: EvTester, secc: UnderTest) -> None:
    """While the cable is still being checked an SECC refuses PreChargeReq."""
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    if (await dc_ev.sends()).EVSEProcessing != "Ongoing":
        raise DoesNotApply("the cable check is over with its first response")
    await dc_ev.until("CableCheckReq")
    answer = await out_of_sequence(dc_ev, secc, "PreChargeReq")
    with requirement("V2G-DC-455"):
        assert answer.code == "FAILED_SequenceError"


@case("TC_DIN_SECC_CableCheck_006", verifies="V2G-DC-391 V2G-DC-116")
async def test_unknown_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses CableCheckReq of another session, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("CableCheckReq")
    await unknown_session(dc_ev, secc)


@case("TC_DIN_SECC_PreCharge_001", verifies="V2G-DC-388 DIN70121#PreCharge.output V2G-DC-638")
async def test_pre_charge(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC brings its output to the voltage that the EV asks for, within 5 s, and to another one when it is asked to."""
    await dc_ev.plug_in(pre_charge_tolerance_v=-1.0)
    await dc_ev.until("PreChargeReq")
    high, low = two_voltages(secc)
    for voltage in (high, low):
        with requirement("V2G-DC-388", "DIN70121#PreCharge.output", hard=True):
            answer = await pre_charge(dc_ev, voltage)
            assert answer.session_id == dc_ev.session_id
        with requirement("V2G-DC-638"):
            assert answer.DC_EVSEStatus.EVSEStatusCode == "EVSE_Ready"
        if voltage == high:
            await dc_ev.until("PreChargeReq")


@case("TC_DIN_SECC_PreCharge_002", verifies="V2G-DC-455 V2G-DC-666 V2G-DC-390 V2G-DC-116")
async def test_power_without_pre_charge(dc_ev: EvTester, secc: UnderTest) -> None:
    """After the cable check an SECC refuses PowerDeliveryReq that comes without any PreChargeReq."""
    await dc_ev.plug_in()
    await dc_ev.until("PreChargeReq")
    answer = await out_of_sequence(dc_ev, secc, "PowerDeliveryReq")
    with requirement("V2G-DC-455"):
        assert answer.name == "PowerDeliveryRes"
        assert answer.code == "FAILED_SequenceError"


@case("TC_DIN_SECC_PreCharge_003", verifies="V2G-DC-969")
async def test_pre_charge_for_ever(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that is asked to pre-charge for ever, and never for power, stops the session 20 s after it was asked first."""
    await dc_ev.plug_in()
    await dc_ev.until("PreChargeReq")
    last = first = await dc_ev.sends()
    with requirement("V2G-DC-969"):
        assert first.code == "OK"
        try:
            while last.code == "OK":
                assert last.t - first.t <= POWER_DELIVERY + secc.termination, "it goes on pre-charging"
                secc.from_now()
                await secc.stays_quiet(for_=1.0)
                last = await dc_ev.sends_other("PreChargeReq")
        except NotSeen:
            # It has ended the connection instead of an answer, or says what nobody has asked for.
            assert secc.said()[-1] is last, "it says what nobody has asked for"
        assert last.t - first.t >= POWER_DELIVERY - 3, "it gave up too early"
        await secc.closes()


@case("TC_DIN_SECC_PreCharge_004", verifies="DIN70121#PreCharge.limits")
async def test_voltage_beyond_limits(dc_ev: EvTester, secc: UnderTest) -> None:
    """Asked for more voltage than it has, an SECC refuses, or stays within its limit."""
    await dc_ev.plug_in(pre_charge_tolerance_v=-1.0)
    await dc_ev.until("PreChargeReq")
    most = offered(secc).max_voltage_v
    with requirement("DIN70121#PreCharge.limits"):
        assert most > 0
        await pre_charge_beyond(dc_ev, most)


@case("TC_DIN_SECC_PreCharge_005", verifies="V2G-DC-432")
async def test_silence(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s after CableCheckRes stops the session, and not before."""
    await dc_ev.plug_in()
    await dc_ev.until("PreChargeReq")
    await silence(dc_ev, secc)


@case("TC_DIN_SECC_PreCharge_006", verifies="V2G-DC-458 V2G-DC-388")
async def test_after_pre_charge(dc_ev: EvTester, secc: UnderTest) -> None:
    """After PreChargeRes an SECC takes PreChargeReq again, and PowerDeliveryReq."""
    await dc_ev.plug_in()
    await dc_ev.until("PreChargeReq")
    await low_pre_charge(dc_ev, secc)
    with requirement("V2G-DC-458"):
        await granted(dc_ev)
    await dc_ev.until("PowerDeliveryReq")
    with requirement("V2G-DC-458", "V2G-DC-388"):
        answer = await granted(dc_ev)
        assert answer.session_id == dc_ev.session_id


@case("TC_DIN_SECC_PreCharge_007", verifies="V2G-DC-400 V2G-DC-116")
async def test_schedule_of_nobody(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a charging profile of a schedule that it has not offered."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    entry: Json = {"ChargingProfileEntryStart": 0, "ChargingProfileEntryMaxPower": 1000}
    profile: Json = {"SAScheduleTupleID": 77, "ProfileEntry": [entry]}
    answer = dc_ev.sends({"ChargingProfile": profile})
    await refused(secc, answer, "V2G-DC-400", "FAILED_TariffSelectionInvalid")
