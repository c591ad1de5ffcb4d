"""AC: power delivery, the charging loop, renegotiation."""

from __future__ import annotations

from v2x_architecture.coupling import CpState
from v2x_architecture.iso15118.evcc import Wish
from v2x_harness.blocks import CannotJudge, requirement
from v2x_harness.events import Json
from v2x_harness.finding import Axis

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.iso2.secc.asking import parameters
from v2x_suites.iso15118.iso2.secc.serving import serves
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical

_PROFILE = "ChargingProfile/ProfileEntry"
_NEVER_OFFERED = 254


async def about_to_start(ev: EvTester, **settings: Json) -> Message:
    """Stop our EVCC before PowerDeliveryReq, and return the response that has the schedules.

    Raises:
        CannotJudge: there are none.
    """
    await ev.plug_in(**settings)
    await ev.until("PowerDeliveryReq")
    answers = [i for i in ev.watch.items if isinstance(i, Message) and i.name == "ChargeParameterDiscoveryRes"]
    if not answers or not answers[-1].SAScheduleList.SAScheduleTuple:
        raise CannotJudge("no schedules are offered")
    return answers[-1]


def profile(*entries: tuple[int, float]) -> Json:
    """Return the entries of a charging profile: starts (s) and powers (W)."""
    limits = [(start, physical(power, "W", exponent=1 if power > 30_000 else 0)) for start, power in entries]
    return [{"ChargingProfileEntryStart": start, "ChargingProfileEntryMaxPower": limit} for start, limit in limits]


def most_at_once(offered: Message) -> float:
    """Return the power that the first schedule begins with (W)."""
    return amount(offered.SAScheduleList.SAScheduleTuple[0].PMaxSchedule.PMaxScheduleEntry[0].PMax)


async def refused(ev: EvTester, secc: UnderTest, ids: tuple[str, ...], code: str, change: dict[str, Json]) -> None:
    """Ask for energy as the EV must not, and see that it is refused."""
    with requirement(*ids):
        answer = await ev.sends(change)
        assert answer.name == "PowerDeliveryRes"
        assert answer.code == code
        assert answer.AC_EVSEStatus.exists
    with requirement("V2G2-034", axis=Axis.COMPATIBILITY):
        await secc.closes()


async def loop(ev: EvTester, name: str = "ChargingStatusReq") -> Message:
    """Send the next request of the charging loop as it is."""
    await ev.until(name)
    return await ev.sends()


# Power delivery


@case("TC_SECC_AC_VTB_PowerDelivery_001", verifies="V2G2-589 V2G2-224 V2G2-576", applies="AC")
async def test_start(ac_ev: EvTester) -> None:
    """An SECC lets energy flow for an EV with a profile within its schedule, and goes on with the charging loop."""
    half = most_at_once(await about_to_start(ac_ev)) / 2
    with requirement("V2G2-589", "V2G2-224"):
        answer = await ac_ev.sends({_PROFILE: profile((0, half), (600, half / 2))})
        assert answer.name == "PowerDeliveryRes"
        assert answer.code == "OK"
        assert answer.AC_EVSEStatus.EVSENotification == "None"
    with requirement("V2G2-576"):
        status = await loop(ac_ev)
        assert status.name == "ChargingStatusRes"
        assert status.code == "OK"


@case("TC_SECC_AC_VTB_PowerDelivery_002", verifies="V2G2-589 V2G2-860", applies="AC and ControlPilot and Measured and StateD")
async def test_start_in_state_d(ac_ev: EvTester) -> None:
    """An SECC lets energy flow for an EV that wants ventilation, and closes its contactor."""
    await about_to_start(ac_ev)
    ac_ev.set_cp(CpState.D)
    with requirement("V2G2-589"):
        await granted(ac_ev)
    with requirement("V2G2-860"):
        assert ac_ev.output.voltage_v > 0
        await ac_ev.goes_on(10)
        assert ac_ev.output.power_w > 0


@case("V2X_SECC_AC_VTB_PowerDelivery_003", verifies="15118-2#8.5.2.optional.secc V2G2-576", applies="AC")
async def test_start_without_a_profile(ac_ev: EvTester) -> None:
    """An SECC lets energy flow for an EV that tells no charging profile, which is optional."""
    await about_to_start(ac_ev)
    with requirement("15118-2#8.5.2.optional.secc"):
        answer = await granted(ac_ev, without=["ChargingProfile"])
        assert answer.AC_EVSEStatus.exists
    with requirement("V2G2-576"):
        status = await loop(ac_ev)
        assert status.name == "ChargingStatusRes"
        assert status.code == "OK"


@case("TC_SECC_AC_VTB_PowerDelivery_010", verifies="V2G2-225 V2G2-478 V2G2-034", applies="AC")
async def test_profile_above_the_schedule(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a charging profile of twice the power that its schedule has."""
    most = most_at_once(await about_to_start(ac_ev))
    change = {_PROFILE: profile((0, 2 * most))}
    await refused(ac_ev, secc, ("V2G2-225", "V2G2-478"), "FAILED_ChargingProfileInvalid", change)


@case("V2X_SECC_AC_VTB_PowerDelivery_004", verifies="V2G2-225 V2G2-478 V2G2-034", applies="AC")
async def test_profile_above_a_later_part_of_the_schedule(ac_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC refuses a charging profile that keeps to the first part of its schedule, and not to the second."""
    entries: Json = [{"start_s": 0, "max_power_w": 11_000}, {"start_s": 1800, "max_power_w": 4000, "duration_s": 86_400}]
    await operator.set_schedules([{"id": 1, "entries": entries}])
    await about_to_start(ac_ev)
    change = {_PROFILE: profile((0, 11_000), (1801, 4000))}
    await refused(ac_ev, secc, ("V2G2-225", "V2G2-478"), "FAILED_ChargingProfileInvalid", change)


@case("TC_SECC_AC_VTB_PowerDelivery_011", verifies="V2G2-479 V2G2-034", applies="AC")
async def test_unknown_schedule(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a schedule that it has not offered."""
    await about_to_start(ac_ev)
    await refused(ac_ev, secc, ("V2G2-479",), "FAILED_TariffSelectionInvalid", {"SAScheduleTupleID": _NEVER_OFFERED})


@case("TC_SECC_AC_VTB_PowerDelivery_014", verifies="V2G2-812 V2G2-034", applies="AC")
async def test_renegotiation_before_a_start(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses to renegotiate before energy was asked for."""
    await about_to_start(ac_ev)
    with requirement("V2G2-812"):
        answer = await ac_ev.sends({"ChargeProgress": "Renegotiate"})
        assert answer.name == "PowerDeliveryRes"
        assert str(answer.code.value).startswith("FAILED")
        assert answer.AC_EVSEStatus.exists
    with requirement("V2G2-034", axis=Axis.COMPATIBILITY):
        await secc.closes()


@case(
    "V2X_SECC_AC_VTB_PowerDelivery_005",
    verifies="V2G2-480 15118-2#8.8.energy-off.secc",
    applies="AC and ControlPilot and Measured",
)
async def test_start_in_state_b(ac_ev: EvTester) -> None:
    """An SECC lets no energy flow for an EV whose control pilot stays in state B."""
    await about_to_start(ac_ev)
    ac_ev.set_cp(CpState.B)
    with requirement("V2G2-480"):
        answer = await ac_ev.sends(within=10.0)
        assert answer.name == "PowerDeliveryRes"
        assert str(answer.code.value).startswith("FAILED")
    with requirement("15118-2#8.8.energy-off.secc"):
        assert ac_ev.output.voltage_v == 0


@case("V2X_SECC_AC_VTB_PowerDelivery_006", verifies="V2G2-860", applies="AC and ControlPilot and Measured")
async def test_contactor_closes(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV goes to state C a little after its PowerDeliveryReq closes its contactor, and says OK then."""
    await about_to_start(ac_ev)
    ac_ev.set_cp(CpState.B)
    start = len(ac_ev.watch.items)
    secc.from_now()
    ac_ev.put()
    with requirement("V2G2-860"):
        await secc.stays_quiet(for_=0.1)
        assert ac_ev.output.voltage_v == 0
        ac_ev.set_cp(CpState.C)
        answer = await ac_ev.response(start, "PowerDeliveryReq", within=3.25)
        assert answer.code == "OK"
        assert ac_ev.output.voltage_v > 0


@case("TC_SECC_AC_VTB_PowerDelivery_005", verifies="V2G2-589 V2G2-568", applies="AC")
async def test_stop(ac_ev: EvTester) -> None:
    """An SECC lets no more energy flow when the EV says so, and goes on to the end of the session."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 3)
    ac_ev.driver.wish = Wish.STOP
    await ac_ev.until("PowerDeliveryReq")
    with requirement("V2G2-589"):
        answer = await granted(ac_ev)
        assert answer.AC_EVSEStatus.exists
    with requirement("V2G2-568"):
        stopped = await loop(ac_ev, "SessionStopReq")
        assert stopped.name == "SessionStopRes"
        assert stopped.code == "OK"


# The charging loop


@case("TC_SECC_AC_VTB_ChargingStatus_001", verifies="V2G2-575 V2G2-691 V2G2-844 15118-2#session.anew", applies="AC")
async def test_charging_loop(ac_ev: EvTester) -> None:
    """An SECC tells the schedule that was chosen and the current there is, and wants no receipt for external payment."""
    await about_to_start(ac_ev)
    started = await ac_ev.sends()
    chosen = next(i for i in ac_ev.watch.items if isinstance(i, Message) and i.name == "PowerDeliveryReq").SAScheduleTupleID
    if started.code != "OK":
        raise CannotJudge("no energy flows")
    for _ in range(3):
        with requirement("V2G2-575"):
            status = await loop(ac_ev)
            assert status.name == "ChargingStatusRes"
            assert status.code == "OK"
            assert status.SAScheduleTupleID == chosen.number()
            assert status.AC_EVSEStatus.RCD == False  # noqa: E712  (a field that equals it, not one that is false)
        with requirement("V2G2-691"):
            assert not status.ReceiptRequired
        with requirement("V2G2-844"):
            assert amount(status.EVSEMaxCurrent) > 0
    await serves(ac_ev)


@case("V2X_SECC_AC_VTB_ChargingStatus_001", verifies="V2G2-575 V2G2-844", applies="AC")
async def test_schedule_that_was_chosen(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC that offers several schedules tells in the charging loop which one the EV has chosen."""
    offered: list[Json] = [
        {"id": number, "entries": [{"start_s": 0, "max_power_w": power, "duration_s": 86_400}]}
        for number, power in ((9, 4000), (200, 9000), (17, 6000))
    ]
    await operator.set_schedules(offered)
    await ac_ev.plug_in()
    with requirement("V2G2-575"):
        status = await loop(ac_ev)
        assert status.code == "OK"
        assert status.SAScheduleTupleID == 200
    with requirement("V2G2-844"):
        assert amount(status.EVSEMaxCurrent) > 0


@case("TC_SECC_AC_VTB_ChargingStatus_008", verifies="15118-2#8.4.meter 15118-2#session.anew", applies="AC and MeterInfo")
async def test_meter(ac_ev: EvTester) -> None:
    """An SECC with a meter tells its reading while energy flows, which never falls."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 2)
    with requirement("15118-2#8.4.meter"):
        first = (await ac_ev.sends()).MeterInfo
        await ac_ev.until("ChargingStatusReq", 5)
        last = (await ac_ev.sends()).MeterInfo
        assert first.MeterReading.exists
        assert last.MeterID == first.MeterID.value
        assert last.MeterReading >= first.MeterReading.number()
        assert last.TMeter.number() >= first.TMeter.number()
    await serves(ac_ev)


@case("V2X_SECC_AC_VTB_ChargingStatus_002", verifies="15118-2#8.4.meter", applies="AC and MeterInfo and Measured")
async def test_meter_counts(ac_ev: EvTester) -> None:
    """An SECC's meter counts what flows, in Wh."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 3)
    first = await ac_ev.sends()
    await ac_ev.until("ChargingStatusReq", 30)
    power = ac_ev.output.power_w
    last = await ac_ev.sends()
    expected = power * (last.t - first.t) / 3600
    with requirement("15118-2#8.4.meter"):
        counted = last.MeterInfo.MeterReading.number() - first.MeterInfo.MeterReading.number()
        assert expected > 0
        # Whole Wh at both ends.
        assert abs(counted - expected) <= 2 + 0.05 * expected


@case("V2X_SECC_AC_VTB_ChargingStatus_003", verifies="V2G2-844", applies="AC")
async def test_current_becomes_less(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC whose operator lowers the current tells so in the charging loop, and when there is more again."""
    await ac_ev.plug_in()
    before = amount((await loop(ac_ev)).EVSEMaxCurrent)
    for limit, most in ((10.0, 10.0), (6.0, 6.0), (None, before)):
        await operator.set_limits(max_current_a=limit)
        await ac_ev.until("ChargingStatusReq", 2)
        with requirement("V2G2-844"):
            told = await ac_ev.sends()
            assert told.code == "OK"
            assert amount(told.EVSEMaxCurrent) == most


@case("V2X_SECC_AC_VTB_ChargingStatus_004", verifies="15118-2#8.4.notification V2G2-568", applies="AC")
async def test_evse_wants_to_stop(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC whose operator wants to stop says StopCharging, and lets the EV end the session in order."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 2)
    with requirement("15118-2#8.4.notification"):
        assert (await ac_ev.sends()).AC_EVSEStatus.EVSENotification == "None"
        await operator.notify("StopCharging", 5)
        asked = await loop(ac_ev)
        assert asked.code == "OK"
        assert asked.AC_EVSEStatus.EVSENotification == "StopCharging"
        assert asked.AC_EVSEStatus.NotificationMaxDelay <= 5
    await ac_ev.until("SessionStopReq")
    with requirement("V2G2-568"):
        stopped = await ac_ev.sends()
        assert stopped.code == "OK"


# Renegotiation


@case("TC_SECC_AC_VTB_PowerDelivery_003", verifies="V2G2-813 V2G2-565", applies="AC and Renegotiation")
async def test_ev_renegotiates(ac_ev: EvTester) -> None:
    """An SECC lets an EV go back to the parameters while energy flows."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 3)
    ac_ev.driver.wish = Wish.RENEGOTIATE
    await ac_ev.until("PowerDeliveryReq")
    with requirement("V2G2-813"):
        answer = await granted(ac_ev)
        assert answer.AC_EVSEStatus.exists
    with requirement("V2G2-813", "V2G2-565"):
        offered = await parameters(ac_ev)
        assert offered.name == "ChargeParameterDiscoveryRes"
        assert offered.code == "OK"
        assert offered.AC_EVSEChargeParameter.exists


@case("TC_SECC_AC_VTB_PowerDelivery_004", verifies="V2G2-589 V2G2-576 V2G2-303", applies="AC and Renegotiation")
async def test_start_after_renegotiation(ac_ev: EvTester) -> None:
    """An SECC makes a schedule for what the EV says anew, and lets energy flow on by it."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 3)
    ac_ev.driver.wish, ac_ev.driver.departure_s = Wish.RENEGOTIATE, 7200
    with requirement("V2G2-303"):
        offered = await parameters(ac_ev)
        last = offered.SAScheduleList.SAScheduleTuple[0].PMaxSchedule.PMaxScheduleEntry[-1].RelativeTimeInterval
        assert last.start.number() + last.duration.number() == 7200
    with requirement("V2G2-589"):
        started = await loop(ac_ev, "PowerDeliveryReq")
        assert started.name == "PowerDeliveryRes"
        assert started.code == "OK"
    with requirement("V2G2-576"):
        status = await loop(ac_ev)
        assert status.name == "ChargingStatusRes"
        assert status.code == "OK"


@case("V2X_SECC_AC_VTB_PowerDelivery_007", verifies="15118-2#8.4.notification V2G2-813", applies="AC and Renegotiation")
async def test_evse_wants_to_renegotiate(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC whose operator wants other schedules says ReNegotiation, and offers them when the EV has come back for them."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 2)
    await operator.set_schedules([{"id": 42, "entries": [{"start_s": 0, "max_power_w": 4000, "duration_s": 86_400}]}])
    await operator.notify("ReNegotiation", 10)
    with requirement("15118-2#8.4.notification"):
        asked = await ac_ev.sends()
        assert asked.code == "OK"
        assert asked.AC_EVSEStatus.EVSENotification == "ReNegotiation"
    await ac_ev.until("PowerDeliveryReq")
    await operator.notify("None")
    with requirement("V2G2-813"):
        offered = await parameters(ac_ev)
        assert offered.code == "OK"
        assert [each.SAScheduleTupleID.number() for each in offered.SAScheduleList.SAScheduleTuple] == [42]
    await ac_ev.until("ChargingStatusReq")
    with requirement("15118-2#8.4.notification"):
        status = await ac_ev.sends()
        assert status.AC_EVSEStatus.EVSENotification == "None"
        assert status.SAScheduleTupleID == 42
