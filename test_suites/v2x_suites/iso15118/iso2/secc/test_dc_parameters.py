"""ISO 15118-2, DC: what EV and EVSE tell each other of themselves, and the schedules."""

from __future__ import annotations

from v2x_harness.blocks import CannotJudge, requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.dc_charging import AC_PARAMETERS, offered, parameters
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.refusals import only_its_own, refused, unknown_session
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical

DAY = 86_400
DEPARTURE = 7_200
MODES = (
    *("AC_three_phase_core", "AC_single_phase_core", "DC_unique", "DC_combo_core", "DC_core", "DC_extended"),
    "AC_single_phase_three_phase_core",
)
TWO_SCHEDULES: Json = [
    {"id": 1, "entries": [{"start_s": 0, "max_power_w": 20_000, "duration_s": DAY}]},
    {"id": 2, "entries": [{"start_s": 0, "max_power_w": 10_000}, {"start_s": 3_600, "max_power_w": 30_000, "duration_s": DAY}]},
]


def lasts(answer: Message) -> list[int]:
    """Return until when each of the schedules lasts (s from now)."""
    ends = []
    for offer in answer.SAScheduleList.SAScheduleTuple:
        last = list(offer.PMaxSchedule.PMaxScheduleEntry)[-1].RelativeTimeInterval
        ends.append(last.start.number() + last.duration.number())
    return ends


@case("TC_SECC_DC_VTB_ChargeParameterDiscovery_001", verifies="V2G2-565 V2G2-304 V2G2-582", applies="DC")
async def test_parameters(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC tells the limits of its supply and, without a departure time, a schedule of 24 h, and then checks the cable."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G2-565", hard=True):
        answer = await parameters(dc_ev)
        told = answer.DC_EVSEChargeParameter
        assert told.exists
        assert amount(told.EVSEMaximumCurrentLimit) > 0
        assert amount(told.EVSEMaximumPowerLimit) > 0
        assert 0 < amount(told.EVSEMinimumVoltageLimit) < amount(told.EVSEMaximumVoltageLimit)
    with requirement("V2G2-304"):
        assert answer.SAScheduleList.SAScheduleTuple.exists
        assert all(until >= DAY for until in lasts(answer))
    await dc_ev.until("CableCheckReq")
    with requirement("V2G2-582", hard=True):
        answer = await granted(dc_ev)
    await dc_ev.until("CableCheckReq" if answer.EVSEProcessing == "Ongoing" else "PreChargeReq")
    await only_its_own(dc_ev, "V2G2-582")


@case("TC_SECC_DC_VTB_ChargeParameterDiscovery_002", verifies="V2G2-460 V2G2-034", applies="DC")
async def test_unknown_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses ChargeParameterDiscoveryReq of another session, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    await unknown_session(dc_ev, secc)


@case("TC_SECC_DC_VTB_ChargeParameterDiscovery_003", verifies="V2G2-476 V2G2-034", applies="DC")
async def test_wrong_mode(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses an energy transfer mode that it has not offered."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    told = secc.said("ServiceDiscoveryRes")[-1].ChargeService.SupportedEnergyTransferMode.EnergyTransferMode
    mode = next((mode for mode in MODES if mode not in told), None)
    if mode is None:
        raise CannotJudge("every mode is offered")
    change: dict[str, Json] = {"RequestedEnergyTransferMode": mode}
    if mode.startswith("AC"):
        answer = dc_ev.sends({**change, "AC_EVChargeParameter": AC_PARAMETERS}, without=["DC_EVChargeParameter"])
    else:
        answer = dc_ev.sends(change)
    await refused(secc, answer, "V2G2-476", "FAILED_WrongEnergyTransferMode")


@case("TC_SECC_DC_VTB_ChargeParameterDiscovery_004", verifies="V2G2-477 V2G2-034", applies="DC")
async def test_negative_limit(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses an EV whose current limit is below zero."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    answer = dc_ev.sends({"DC_EVChargeParameter/EVMaximumCurrentLimit": physical(-100, "A")})
    await refused(secc, answer, "V2G2-477", "FAILED_WrongChargeParameter")


@case("V2X_SECC_DC_VTB_ChargeParameterDiscovery_001", verifies="V2G2-477 V2G2-034", applies="DC")
async def test_voltages_that_never_meet(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses an EV that may have less voltage than the supply can be set to."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    answer = dc_ev.sends({"DC_EVChargeParameter/EVMaximumVoltageLimit": physical(20, "V")})
    await refused(secc, answer, "V2G2-477", "FAILED_WrongChargeParameter")


@case("V2X_SECC_DC_VTB_ChargeParameterDiscovery_002", verifies="V2G2-477 V2G2-034", applies="DC")
async def test_parameters_of_ac(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses the parameters of AC charging for a mode of DC charging."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    answer = dc_ev.sends({"AC_EVChargeParameter": AC_PARAMETERS}, without=["DC_EVChargeParameter"])
    await refused(secc, answer, "V2G2-477", "FAILED_WrongChargeParameter")


@case("TC_SECC_DC_VTB_ChargeParameterDiscovery_005", verifies="V2G2-813 V2G2-565 V2G2-304", applies="DC and Renegotiation")
async def test_parameters_again(dc_ev: EvTester, secc: UnderTest) -> None:
    """After PowerDeliveryRes to a renegotiation an SECC takes ChargeParameterDiscoveryReq, and offers schedules again."""
    await dc_ev.plug_in(wish="renegotiate")
    await dc_ev.until("ChargeParameterDiscoveryReq", 2)
    with requirement("V2G2-813", "V2G2-565", hard=True):
        answer = await parameters(dc_ev)
        assert answer.session_id == dc_ev.session_id
    with requirement("V2G2-304"):
        assert answer.SAScheduleList.SAScheduleTuple.exists
        assert all(until >= DAY for until in lasts(answer))


@case("TC_SECC_DC_VTB_ChargeParameterDiscovery_006", verifies="V2G2-565 V2G2-303", applies="DC")
async def test_departure(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that is told a departure time offers schedules that last until then."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G2-565", hard=True):
        answer = await parameters(dc_ev, {"DC_EVChargeParameter/DepartureTime": DEPARTURE})
    with requirement("V2G2-303"):
        assert answer.SAScheduleList.SAScheduleTuple.exists
        assert set(lasts(answer)) == {DEPARTURE}
    await dc_ev.until("CableCheckReq")
    await only_its_own(dc_ev, "V2G2-565")


@case("TC_SECC_DC_VTB_ChargeParameterDiscovery_014", verifies="V2G2-688 V2G2-565", applies="DC")
async def test_schedules_take_time(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC that has no schedule yet answers Ongoing and takes ChargeParameterDiscoveryReq again, until it has one."""
    await operator.set_schedules(None, seconds=2)
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G2-565", hard=True):
        first = await granted(dc_ev)
        assert first.EVSEProcessing == "Ongoing"
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G2-688"):
        last = await parameters(dc_ev)
        assert last.t - first.t <= 10, "it was to take 2 s"
        assert last.SAScheduleList.SAScheduleTuple.exists


@case("V2X_SECC_DC_VTB_ChargeParameterDiscovery_003", verifies="V2G2-300 V2G2-773", applies="DC")
async def test_two_schedules(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC that has two schedules to offer gives each an id of its own, from 1 to 255, and takes either of them."""
    await operator.set_schedules(TWO_SCHEDULES)
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G2-300", "V2G2-773", hard=True):
        answer = await parameters(dc_ev)
        ids = [offer.SAScheduleTupleID.number() for offer in answer.SAScheduleList.SAScheduleTuple]
        assert len(ids) == len(set(ids)) == 2
        assert all(1 <= each <= 255 for each in ids), f"the ids are {ids}"
    await dc_ev.until("PowerDeliveryReq")
    with requirement("V2G2-300"):
        entry: Json = {"ChargingProfileEntryStart": 0, "ChargingProfileEntryMaxPower": physical(5_000, "W")}
        await granted(dc_ev, {"SAScheduleTupleID": ids[1], "ChargingProfile": {"ProfileEntry": [entry]}})
    await dc_ev.until("CurrentDemandReq")
    with requirement("V2G2-300"):
        answer = await dc_ev.sends()
        assert answer.SAScheduleTupleID == ids[1]


@case("V2X_SECC_DC_VTB_ChargeParameterDiscovery_004", verifies="15118-2#8.5.2.optional.secc", applies="DC")
async def test_bare_parameters(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC takes the parameters of an EV that tells nothing but what it must."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    optional = (
        *("MaxEntriesSAScheduleTuple", "DC_EVChargeParameter/DepartureTime", "DC_EVChargeParameter/EVMaximumPowerLimit"),
        *("DC_EVChargeParameter/EVEnergyCapacity", "DC_EVChargeParameter/EVEnergyRequest", "DC_EVChargeParameter/FullSOC"),
        "DC_EVChargeParameter/BulkSOC",
    )
    with requirement("15118-2#8.5.2.optional.secc", hard=True):
        answer = await granted(dc_ev, without=optional)
        assert answer.session_id == dc_ev.session_id
    await dc_ev.until("ChargeParameterDiscoveryReq" if answer.EVSEProcessing == "Ongoing" else "CableCheckReq")
    with requirement("15118-2#8.5.2.optional.secc"):
        assert offered(secc).max_current_a > 0
    await only_its_own(dc_ev, "15118-2#8.5.2.optional.secc")
