"""ISO 15118-2, DC: the beginning of energy, its end, and renegotiation."""

from __future__ import annotations

from v2x_architecture.iso15118.evcc import Wish
from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.dc_charging import BRIEF, CURRENT_TOLERANCE, HIGH, SAFE_VOLTAGE, broken_supply, demand, near
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.refusals import only_its_own, out_of_sequence, refused, silence, unknown_session
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import physical

ERRORS = ("FAILED_RESSTemperatureInhibit", "FAILED_EVRESSMalfunction", "FAILED_ChargingVoltageOutOfRange", "NoData")
EVSEID = range(7, 38)
"""Characters of an EVSEID."""
_OUT_OF_PLACE = "V2G2-538 V2G2-459 V2G2-539"
_OF_ANOTHER_SESSION = "V2G2-460 V2G2-034"
_SILENCE = "V2G2-443"


@case("TC_SECC_DC_VTB_PowerDelivery_001", verifies="V2G2-589 V2G2-224", applies="DC")
async def test_start(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC takes a charging profile within the schedule, and lets energy flow."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    with requirement("V2G2-589", "V2G2-224", hard=True):
        answer = await granted(dc_ev)
        assert answer.session_id == dc_ev.session_id
    await dc_ev.until("CurrentDemandReq")
    with requirement("V2G2-589"):
        await demand(dc_ev, HIGH, reached=near(HIGH))


@case("TC_SECC_DC_VTB_PowerDelivery_002", verifies="V2G2-589 V2G2-601 V2G2-736", applies="DC")
async def test_stop(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC takes PowerDeliveryReq to stop, and then what belongs to the end, and nothing else."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("PowerDeliveryReq", 2)
    with requirement("V2G2-589", hard=True):
        await granted(dc_ev)
    await dc_ev.until("WeldingDetectionReq")
    with requirement("V2G2-601"):
        await granted(dc_ev)
    with requirement("V2G2-601", hard=True):
        answer = await dc_ev.sends_other("CurrentDemandReq")
        assert answer.code == "FAILED_SequenceError"
    with requirement("V2G2-736"):
        # What must be in a response is in one that says no, too, with values that may be.
        assert answer.name == "CurrentDemandRes"
        assert len(answer.EVSEID) in EVSEID
        assert 1 <= answer.SAScheduleTupleID.number() <= 255
        assert answer.EVSEPresentVoltage.Unit == "V"
        assert answer.EVSEPresentCurrent.Unit == "A"


@case("TC_SECC_DC_VTB_PowerDelivery_003", verifies=_OUT_OF_PLACE, applies="DC")
async def test_sequence_error_before_start(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that has pre-charged refuses ServiceDiscoveryReq, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    await out_of_sequence(dc_ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_DC_VTB_PowerDelivery_004", verifies=_OUT_OF_PLACE, applies="DC")
async def test_sequence_error_before_stop(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that is to be told to stop refuses ServiceDiscoveryReq, and ends the session."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("PowerDeliveryReq", 2)
    await out_of_sequence(dc_ev, secc, "ServiceDiscoveryReq")


@case("TC_SECC_DC_VTB_PowerDelivery_005", verifies=_OF_ANOTHER_SESSION, applies="DC")
async def test_start_of_another_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses to start for another session, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    await unknown_session(dc_ev, secc)


@case("TC_SECC_DC_VTB_PowerDelivery_006", verifies=_OF_ANOTHER_SESSION, applies="DC")
async def test_stop_of_another_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses to stop for another session, and ends the session."""
    await dc_ev.plug_in(target_soc=BRIEF)
    await dc_ev.until("PowerDeliveryReq", 2)
    await unknown_session(dc_ev, secc)


@case("TC_SECC_DC_VTB_PowerDelivery_007", verifies="V2G2-225 V2G2-478 V2G2-034", applies="DC")
async def test_profile_above_schedule(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a charging profile with more power than the schedule has."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    entry: Json = {"ChargingProfileEntryStart": 0, "ChargingProfileEntryMaxPower": physical(20_000_000, "W", exponent=3)}
    with requirement("V2G2-225", "V2G2-478", hard=True):
        answer = await dc_ev.sends({"ChargingProfile": {"ProfileEntry": [entry]}})
        assert answer.name == "PowerDeliveryRes"
        assert answer.code == "FAILED_ChargingProfileInvalid"
    with requirement("V2G2-034"):
        await secc.closes()


@case("TC_SECC_DC_VTB_PowerDelivery_008", verifies="V2G2-479 V2G2-034", applies="DC")
async def test_schedule_of_nobody(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a schedule that it has not offered."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    answer = dc_ev.sends({"SAScheduleTupleID": 77})
    await refused(secc, answer, "V2G2-479", "FAILED_TariffSelectionInvalid")


@case("TC_SECC_DC_VTB_PowerDelivery_009", verifies=_SILENCE, applies="DC")
async def test_silence_after_pre_charge(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s after PreChargeRes stops the session, and not before."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    await silence(dc_ev, secc)


@case("TC_SECC_DC_VTB_PowerDelivery_010", verifies=_SILENCE, applies="DC")
async def test_silence_while_energy_flows(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that hears nothing for 60 s after CurrentDemandRes stops the session, and not before."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq", 3)
    await silence(dc_ev, secc)


@case("TC_SECC_DC_VTB_PowerDelivery_011", verifies="V2G2-589 V2G2-813", applies="DC and Renegotiation")
async def test_renegotiation(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC takes PowerDeliveryReq to renegotiate while energy flows, and then ChargeParameterDiscoveryReq, nothing else."""
    await dc_ev.plug_in(wish="renegotiate")
    await dc_ev.until("PowerDeliveryReq", 2)
    with requirement("V2G2-589", hard=True):
        await granted(dc_ev)
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G2-813"):
        answer = await dc_ev.sends_other("CurrentDemandReq")
        assert answer.code == "FAILED_SequenceError"


@case("TC_SECC_DC_VTB_PowerDelivery_012", verifies="V2G2-589 V2G2-582 V2G2-813", applies="DC and Renegotiation")
async def test_start_again(dc_ev: EvTester, secc: UnderTest) -> None:
    """After a renegotiation an SECC checks the cable and pre-charges again, and lets energy flow again."""
    await dc_ev.plug_in(wish="renegotiate")
    await dc_ev.until("CableCheckReq")
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G2-813", "V2G2-582", hard=True):
        answer = await dc_ev.sends()
        assert answer.code == "OK"
        await dc_ev.until("CableCheckReq")
        await granted(dc_ev)
    await dc_ev.until("PowerDeliveryReq")
    with requirement("V2G2-589", hard=True):
        await granted(dc_ev)
    await dc_ev.until("CurrentDemandReq")
    with requirement("V2G2-589"):
        await demand(dc_ev, HIGH, reached=near(HIGH))


@case("TC_SECC_DC_VTB_PowerDelivery_013", verifies="V2G2-812 V2G2-034", applies="DC")
async def test_renegotiation_of_nothing(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses to renegotiate before energy has flowed."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    answer = dc_ev.sends({"ChargeProgress": "Renegotiate"}, without=["ChargingProfile"])
    await refused(secc, answer, "V2G2-812", "FAILED", "FAILED_SequenceError", "FAILED_PowerDeliveryNotApplied")


@case("TC_SECC_DC_VTB_PowerDelivery_017", verifies="V2G2-589", applies="DC")
async def test_stop_with_an_error(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC takes PowerDeliveryReq to stop with OK, whatever error the EV tells."""
    for error in ERRORS:
        await dc_ev.plug_in()
        await dc_ev.until("CurrentDemandReq", 2)
        dc_ev.driver.wish = Wish.STOP
        await dc_ev.until("PowerDeliveryReq")
        with requirement("V2G2-589", hard=True):
            answer = await dc_ev.sends({"DC_EVPowerDeliveryParameter/DC_EVStatus/EVErrorCode": error})
            assert answer.name == "PowerDeliveryRes"
            assert answer.code == "OK", f"with {error}"
            assert answer.session_id == dc_ev.session_id
        await dc_ev.unplug()


@case("V2X_SECC_DC_VTB_PowerDelivery_001", verifies="V2G2-480 V2G2-366", applies="DC")
async def test_broken_supply(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC whose supply has a malfunction tells so, and refuses to let energy flow."""
    await dc_ev.plug_in()
    await dc_ev.until("PowerDeliveryReq")
    await broken_supply(dc_ev, operator, "FAILED_PowerDeliveryNotApplied", refuses="V2G2-480", status="V2G2-366")


@case("V2X_SECC_DC_VTB_PowerDelivery_002", verifies="15118-2#8.8.energy-off.secc", applies="DC and Renegotiation and Measured")
async def test_energy_off_in_renegotiation(dc_ev: EvTester, secc: UnderTest) -> None:
    """While a renegotiation goes on, the supply is switched off until the cable is checked again."""
    await dc_ev.plug_in()
    await dc_ev.until("CurrentDemandReq")
    await demand(dc_ev, HIGH, reached=near(HIGH))
    dc_ev.driver.wish = Wish.RENEGOTIATE
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("15118-2#8.8.energy-off.secc"):
        renegotiated = secc.said("PowerDeliveryRes")
        assert len(renegotiated) == 2
        assert renegotiated[-1].code == "OK"
        secc.from_now()
        await secc.stays_quiet(for_=5.0)
        # Our EV has opened its contactors: what is measured now is the output by itself.
        assert dc_ev.output.current_a <= CURRENT_TOLERANCE
        assert dc_ev.output.voltage_v < SAFE_VOLTAGE


@case("V2X_SECC_DC_VTB_PowerDelivery_003", verifies="15118-2#8.5.2.optional.secc", applies="DC")
async def test_start_without_profile(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC lets energy flow for an EV that tells no charging profile."""
    await dc_ev.plug_in(with_profile=False)
    await dc_ev.until("PowerDeliveryReq")
    with requirement("15118-2#8.5.2.optional.secc"):
        await granted(dc_ev, without=["ChargingProfile"])
    await dc_ev.until("CurrentDemandReq")
    await only_its_own(dc_ev, "15118-2#8.5.2.optional.secc")
