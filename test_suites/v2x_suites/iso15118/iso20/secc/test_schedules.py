"""Plans of the SECC, limits of the EV, and all that an EV may tell besides."""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.evcc import Wish
from v2x_harness.blocks import CannotJudge, requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.dc_charging import CURRENT_TOLERANCE
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.iso20.secc.steps import FAILED_ENDS, lasting, out_of_place, plan_of, planned, rounds
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical

_POINTS: Final = "15118-20#8.3.supporting-points.secc"
_DEPARTURE: Final = "15118-20#8.3.departure.secc"
_CONTROL: Final = "15118-20#8.3.control-mode.secc"
_READY: Final = "15118-20#8.3.ev-processing.secc"
_EV_LIMITS: Final = "15118-20#8.3.ev-limits.secc"
_OPTIONAL: Final = "15118-20#8.3.all-optional.secc"
_FEWEST: Final = 12
"""MaximumSupportingPoints at its least."""


def _steps(count: int, power_w: float) -> Json:
    """Return a schedule for the operator to offer, of entries that differ in power."""
    entries: list[Json] = [{"start_s": 600 * n, "max_power_w": power_w + 100 * n} for n in range(count - 1)]
    last: Json = {"start_s": 600 * (count - 1), "max_power_w": power_w, "duration_s": 86_400}
    return {"id": 3, "entries": [*entries, last]}


def _refused(answer: Message) -> bool:
    return str(answer.code.value).startswith("FAILED")


# Schedules


@case("TC20_SECC_DC_GoodCase_ScheduleExchange_001", verifies=f"{_POINTS} V2G20-1600", applies="DC and Scheduled")
async def test_schedule_of_many_entries(dc_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC that plans in twenty steps offers an EV that can keep twelve no more than those, and no more power by that."""
    await operator.set_schedules([_steps(20, 20_000)])
    await dc_ev.plug_in(control="Scheduled")
    await dc_ev.until("ScheduleExchangeReq")
    with requirement(_POINTS, "V2G20-1600", hard=True):
        answer = await dc_ev.sends({"MaximumSupportingPoints": _FEWEST})
        for _ in range(10):
            if answer.EVSEProcessing != "Ongoing":
                break
            await dc_ev.until("ScheduleExchangeReq")
            answer = await dc_ev.sends({"MaximumSupportingPoints": _FEWEST})
        assert answer.code == "OK"
        plans = plan_of(answer)
    with requirement(_POINTS):
        for each in plans:
            entries = list(each.PowerScheduleEntries.PowerScheduleEntry)
            assert 1 < len(entries) <= _FEWEST, f"it has {len(entries)} entries"
            # What is merged may have no more power than the least of it.
            assert amount(entries[-1].Power) <= 20_000


@case("TC20_SECC_DC_GoodCase_ScheduleExchange_002", verifies=_DEPARTURE, applies="DC and Scheduled")
async def test_schedule_until_departure(dc_ev: EvTester) -> None:
    """An SECC plans until the EV leaves, whether that is soon or late."""
    for leaves_s in (5400, 100_000):
        await dc_ev.unplug()
        await dc_ev.plug_in(control="Scheduled", departure_s=leaves_s)
        await dc_ev.until("ScheduleExchangeReq")
        if dc_ev.plain.get("Scheduled_SEReqControlMode") is None:
            raise CannotJudge("there is no scheduled control")
        with requirement(_DEPARTURE):
            answer = await planned(dc_ev)
            for each in plan_of(answer):
                assert lasting(each) >= leaves_s, f"it lasts {lasting(each)} s"
                assert leaves_s > 86_400 or lasting(each) < 86_400, "it does not end when the EV leaves"


@case("TC20_SECC_DC_Error_Scheduled_003", verifies=f"V2G20-478 {FAILED_ENDS}", applies="DC and Scheduled")
async def test_profile_above_a_later_entry(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC refuses a power profile that keeps to the first entry of its schedule, and not to the second."""
    entries: Json = [{"start_s": 0, "max_power_w": 20_000}, {"start_s": 1800, "max_power_w": 5000, "duration_s": 84_600}]
    await operator.set_schedules([{"id": 1, "entries": entries}])
    await dc_ev.plug_in(control="Scheduled")
    await dc_ev.until("PowerDeliveryReq")
    secc.from_now()
    with requirement("V2G20-478", hard=True):
        asked: Json = [{"Duration": 2400, "Power": physical(20_000)}, {"Duration": 84_000, "Power": physical(5000)}]
        answer = await dc_ev.sends({"EVPowerProfile/EVPowerProfileEntries/EVPowerProfileEntry": asked})
        assert answer.name == "PowerDeliveryRes"
        assert answer.code == "FAILED_EVPowerProfileInvalid"
    with requirement(FAILED_ENDS):
        await secc.closes()


# Control modes


@case("TC20_SECC_DC_Error_ControlMode_001", verifies=f"{_CONTROL} {FAILED_ENDS}", applies="DC and Scheduled")
async def test_schedules_of_the_other_control_mode(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV has chosen scheduled control does not take a request for dynamic control for the one it waits for."""
    await dc_ev.plug_in(control="Scheduled")
    await dc_ev.until("ScheduleExchangeReq")
    energy = physical(10_000)
    wish: Json = {
        "DepartureTime": 7200,
        **dict.fromkeys(("EVTargetEnergyRequest", "EVMaximumEnergyRequest", "EVMinimumEnergyRequest"), energy),
    }
    secc.from_now()
    with requirement(_CONTROL, hard=True):
        answer = await dc_ev.sends({"Dynamic_SEReqControlMode": wish}, ["Scheduled_SEReqControlMode"])
        assert answer.name == "ScheduleExchangeRes"
        assert _refused(answer)
    with requirement(FAILED_ENDS):
        await secc.closes()


@case("TC20_SECC_DC_Error_ControlMode_002", verifies=f"{_CONTROL} {FAILED_ENDS}", applies="DC and Scheduled")
async def test_loop_of_the_other_control_mode(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC in scheduled control refuses a demand as in dynamic control, and ends the session."""
    await dc_ev.plug_in(control="Scheduled")
    await dc_ev.until("DC_ChargeLoopReq", 3)
    limits: Json = {
        "EVMaximumChargePower": physical(50_000, exponent=3),
        "EVMinimumChargePower": physical(0),
        "EVMaximumChargeCurrent": physical(100),
        "EVMaximumVoltage": physical(450),
        "EVMinimumVoltage": physical(250),
        "EVTargetEnergyRequest": physical(10_000),
        "EVMaximumEnergyRequest": physical(10_000),
        "EVMinimumEnergyRequest": physical(0),
    }
    secc.from_now()
    with requirement(_CONTROL, hard=True):
        answer = await dc_ev.sends({"Dynamic_DC_CLReqControlMode": limits}, ["Scheduled_DC_CLReqControlMode"])
        assert answer.name == "DC_ChargeLoopRes"
        assert _refused(answer)
    with requirement(FAILED_ENDS):
        await secc.closes()


@case("TC20_SECC_DC_GoodCase_Dynamic_003", verifies=_EV_LIMITS, applies="DC and Dynamic")
async def test_dc_ev_takes_less(dc_ev: EvTester) -> None:
    """An SECC that decides on the power gives no more current than the EV says, in each request anew, that it takes."""
    await dc_ev.plug_in(control="Dynamic", target_soc=100)
    await dc_ev.until("DC_ChargeLoopReq")
    for most in (60, 20):
        with requirement(_EV_LIMITS, hard=True):
            change: dict[str, Json] = {"Dynamic_DC_CLReqControlMode/EVMaximumChargeCurrent": physical(most)}
            answers = await rounds(dc_ev, 12, change)
            present = amount(answers[-1].EVSEPresentCurrent)
            assert 0 < present <= most + CURRENT_TOLERANCE, f"{present:g} A flow, and the EV takes {most} A"


@case("TC20_SECC_AC_GoodCase_Dynamic_002", verifies=_EV_LIMITS, applies="AC and Dynamic")
async def test_ac_ev_takes_less(ac_ev: EvTester) -> None:
    """An SECC that decides on the power wants no more of the EV than it says, in each request anew, that it takes."""
    await ac_ev.plug_in(control="Dynamic")
    await ac_ev.until("AC_ChargeLoopReq")
    for most in (3000, 1500):
        with requirement(_EV_LIMITS, hard=True):
            change: dict[str, Json] = {"Dynamic_AC_CLReqControlMode/EVMaximumChargePower": physical(most)}
            answers = await rounds(ac_ev, 3, change)
            target = amount(answers[-1].Dynamic_AC_CLResControlMode.EVSETargetActivePower)
            assert 0 < target <= most, f"{target:g} W are wanted, and the EV takes {most} W"


# An EV that is not ready yet


@case("TC20_SECC_AC_GoodCase_PowerDelivery_001", verifies=_READY, applies="AC and Measured")
async def test_ac_ev_is_not_ready(ac_ev: EvTester) -> None:
    """An SECC whose EV wants AC and says that it is not ready answers OK and closes no contactor before it is."""
    await ac_ev.plug_in()
    await ac_ev.until("PowerDeliveryReq")
    wanted: dict[str, Json] = {"ChargeProgress": "Start", "EVPowerProfile": ac_ev.plain["EVPowerProfile"]}
    with requirement(_READY, hard=True):
        answer = await ac_ev.sends({"EVProcessing": "Ongoing"})
        assert answer.name == "PowerDeliveryRes"
        assert answer.code == "OK"
        assert ac_ev.output.voltage_v == 0
    await ac_ev.until("AC_ChargeLoopReq")
    with requirement(_READY, hard=True):
        answer = await ac_ev.sends_other("PowerDeliveryReq", {**wanted, "EVProcessing": "Finished"})
        assert answer.name == "PowerDeliveryRes"
        assert answer.code == "OK"
        assert ac_ev.output.voltage_v > 0


# What belongs to other services


@case("TC20_SECC_CMN_Error_010", verifies=f"V2G20-459 {FAILED_ENDS}")
async def test_vehicle_checks_in(ev: EvTester, secc: UnderTest) -> None:
    """An SECC of a cable refuses VehicleCheckInReq, which belongs to pads and pantographs, and ends the session."""
    await ev.plug_in()
    await ev.until("AuthorizationSetupReq")
    await out_of_place(ev, secc, "VehicleCheckInReq")


@case("TC20_SECC_CMN_Error_011", verifies=f"V2G20-459 {FAILED_ENDS}")
async def test_vehicle_checks_out(ev: EvTester, secc: UnderTest) -> None:
    """An SECC of a cable refuses VehicleCheckOutReq in the place of the exchange of limits, and ends the session."""
    await ev.plug_in()
    await ev.until("ServiceSelectionReq")
    await out_of_place(ev, secc, "VehicleCheckOutReq")


@case("TC20_SECC_CMN_Error_012", verifies=f"15118-20#8.3.no-installation.secc {FAILED_ENDS}", applies="not PnC")
async def test_certificate_is_not_installed(ev: EvTester, secc: UnderTest) -> None:
    """An SECC that installs no certificates says so, and refuses CertificateInstallationReq with its own response."""
    await ev.plug_in()
    await ev.until("AuthorizationReq")
    secc.from_now()
    with requirement("15118-20#8.3.no-installation.secc", hard=True):
        assert secc.said("AuthorizationSetupRes")[-1].CertificateInstallationService == False  # noqa: E712  (a field)
        answer = await ev.sends_other("CertificateInstallationReq")
        assert answer.name == "CertificateInstallationRes"
        assert _refused(answer)
        assert answer.session_id == ev.session_id
    with requirement(FAILED_ENDS):
        await secc.closes()


# All that is optional


@case("TC20_SECC_DC_GoodCase_Optional_001", verifies=f"{_OPTIONAL} V2G20-1632", applies="DC")
async def test_ev_that_tells_all(dc_ev: EvTester) -> None:
    """An SECC takes an EV that tells everything it may: what it shows its driver, why it ends."""
    await dc_ev.plug_in()
    await dc_ev.until("DC_ChargeLoopReq")
    shown: Json = {
        "PresentSOC": 79,
        "MinimumSOC": 20,
        "TargetSOC": 80,
        "MaximumSOC": 100,
        "RemainingTimeToMinimumSOC": 0,
        "RemainingTimeToTargetSOC": 600,
        "RemainingTimeToMaximumSOC": 4_294_967_295,
        "ChargingComplete": False,
        "BatteryEnergyCapacity": physical(75_000, exponent=1),
        "InletHot": True,
    }
    with requirement(_OPTIONAL, hard=True):
        await rounds(dc_ev, 3, {"DisplayParameters": shown})
    dc_ev.driver.wish = Wish.STOP
    await dc_ev.until("SessionStopReq")
    with requirement(_OPTIONAL, "V2G20-1632"):
        why: dict[str, Json] = {"EVTerminationCode": "DRV-1", "EVTerminationExplanation": "the driver has come back"}
        answer = await dc_ev.sends(why)
        assert answer.name == "SessionStopRes"
        assert answer.code == "OK"
        assert answer.session_id == dc_ev.session_id
