"""Charge parameters and schedules at an AC outlet."""

from __future__ import annotations

from v2x_harness.blocks import CannotJudge, DoesNotApply, requirement
from v2x_harness.events import Json
from v2x_harness.field import Field
from v2x_harness.finding import Axis

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.iso2.secc.asking import parameters
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical

_DAY = 86_400
_EV = "AC_EVChargeParameter"
_MODES = ("DC_extended", "DC_core", "DC_unique", "DC_combo_core", "AC_single_phase_core", "AC_three_phase_core")
_LATEST = 255
"""The last SAScheduleTupleID that there may be."""


def durations(answer: Message) -> list[int]:
    """Return how long each schedule lasts (s): until the end of its last entry.

    Raises:
        AssertionError: a schedule has no end.
    """
    lasting = []
    for each in answer.SAScheduleList.SAScheduleTuple:
        last = each.PMaxSchedule.PMaxScheduleEntry[-1].RelativeTimeInterval
        assert last.duration.exists, "the last entry of a schedule has no duration"
        lasting.append(last.start.number() + last.duration.number())
    return lasting


def tuples(answer: Message) -> Field:
    """Return the schedules that are offered."""
    return answer.SAScheduleList.SAScheduleTuple


async def refused(ev: EvTester, secc: UnderTest, id: str, code: str, change: dict[str, Json]) -> None:  # noqa: A002  (a requirement's)
    """Ask with parameters that cannot be, and see that they are refused."""
    with requirement(id):
        answer = await ev.sends(change)
        assert answer.name == "ChargeParameterDiscoveryRes"
        assert answer.code == code
    with requirement("V2G2-034", axis=Axis.COMPATIBILITY):
        await secc.closes()


@case(
    "TC_SECC_AC_VTB_ChargeParameterDiscovery_001",
    verifies="V2G2-565 V2G2-304 V2G2-773 V2G2-300 V2G2-573",
    applies="AC",
)
async def test_parameters(ac_ev: EvTester) -> None:
    """An SECC tells its limits, and offers an EV that does not say when it leaves schedules for a day at least."""
    await ac_ev.plug_in()
    with requirement("V2G2-565", hard=True):
        answer = await parameters(ac_ev)
        assert answer.name == "ChargeParameterDiscoveryRes"
        assert answer.code == "OK"
        assert answer.EVSEProcessing == "Finished"
        told = answer.AC_EVSEChargeParameter
        assert told.AC_EVSEStatus.EVSENotification == "None"
        assert amount(told.EVSENominalVoltage) > 0
        assert amount(told.EVSEMaxCurrent) > 0
    with requirement("V2G2-304"):
        lasting = durations(answer)
        assert lasting
        assert min(lasting) >= _DAY
    with requirement("V2G2-773"):
        ids = [each.SAScheduleTupleID.number() for each in tuples(answer)]
        assert all(1 <= number <= _LATEST for number in ids)
    with requirement("V2G2-300"):
        assert len(set(ids)) == len(ids)
    with requirement("V2G2-573"):
        await ac_ev.until("PowerDeliveryReq")
        await granted(ac_ev)


@case("TC_SECC_AC_VTB_ChargeParameterDiscovery_006", verifies="V2G2-303", applies="AC")
async def test_departure(ac_ev: EvTester) -> None:
    """An SECC offers an EV that says when it leaves schedules until then."""
    await ac_ev.plug_in(departure_s=3600)
    with requirement("V2G2-303"):
        answer = await parameters(ac_ev)
        assert answer.code == "OK"
        lasting = durations(answer)
        assert lasting
        assert set(lasting) == {3600}


@case("TC_SECC_AC_VTB_ChargeParameterDiscovery_012", verifies="15118-2#8.5.2.max-entries V2G2-300", applies="AC")
async def test_few_entries(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC offers an EV that can keep only so many entries schedules with no more of them."""
    hours: list[Json] = [{"start_s": 3600 * hour, "max_power_w": 11_000 - 100 * hour} for hour in range(6)]
    hours[-1] = {"start_s": 3600 * 5, "max_power_w": 6000, "duration_s": _DAY - 5 * 3600}
    await operator.set_schedules([{"id": 7, "entries": hours}])
    await ac_ev.plug_in()
    with requirement("15118-2#8.5.2.max-entries"):
        answer = await parameters(ac_ev, {"MaxEntriesSAScheduleTuple": 3})
        assert answer.code == "OK"
        assert len(tuples(answer)) > 0
        assert all(len(each.PMaxSchedule.PMaxScheduleEntry) <= 3 for each in tuples(answer))
    with requirement("V2G2-300"):
        ids = [each.SAScheduleTupleID.number() for each in tuples(answer)]
        assert ids
        assert len(set(ids)) == len(ids)


@case("TC_SECC_AC_VTB_ChargeParameterDiscovery_014", verifies="V2G2-688 V2G2-565", applies="AC")
async def test_schedules_take_their_time(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC that works its schedules out says that this goes on, is asked again, and offers them in the end."""
    await operator.set_schedules(seconds=2.0)
    await ac_ev.plug_in()
    await ac_ev.until("ChargeParameterDiscoveryReq")
    first = await ac_ev.sends()
    if first.EVSEProcessing == "Finished":
        raise DoesNotApply("the SECC has schedules at once")
    with requirement("V2G2-688"):
        assert first.code == "OK"
        assert first.EVSEProcessing == "Ongoing"
        await ac_ev.until("ChargeParameterDiscoveryReq")
        await granted(ac_ev)
    with requirement("V2G2-565"):
        answer = await parameters(ac_ev)
        assert answer.code == "OK"
        assert answer.EVSEProcessing == "Finished"
        assert len(tuples(answer)) > 0
        assert answer.AC_EVSEChargeParameter.exists


@case("TC_SECC_AC_VTB_ChargeParameterDiscovery_004", verifies="V2G2-476 V2G2-034", applies="AC")
async def test_mode_that_is_not_offered(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses an EV that wants a way of energy transfer which it has not offered: DC, where there is none."""
    await ac_ev.plug_in()
    await ac_ev.until("ServiceDiscoveryReq")
    offered = (await ac_ev.sends()).ChargeService.SupportedEnergyTransferMode.EnergyTransferMode
    other = next((mode for mode in _MODES if mode not in offered), None)
    if other is None:
        raise CannotJudge("the SECC has every mode that there is")
    await ac_ev.until("ChargeParameterDiscoveryReq")
    await refused(ac_ev, secc, "V2G2-476", "FAILED_WrongEnergyTransferMode", {"RequestedEnergyTransferMode": other})


@case("TC_SECC_AC_VTB_ChargeParameterDiscovery_005", verifies="V2G2-477 V2G2-034", applies="AC")
async def test_current_below_zero(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses an EV that takes -100 A at most."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargeParameterDiscoveryReq")
    await refused(ac_ev, secc, "V2G2-477", "FAILED_WrongChargeParameter", {f"{_EV}/EVMaxCurrent": physical(-100, "A")})


@case("V2X_SECC_AC_VTB_ChargeParameterDiscovery_001", verifies="V2G2-477 V2G2-034", applies="AC")
async def test_dc_parameters_with_an_ac_mode(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses parameters of DC with a mode of AC."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargeParameterDiscoveryReq")
    parameters_of_dc: dict[str, Json] = {
        "DC_EVStatus": {"EVReady": True, "EVErrorCode": "NO_ERROR", "EVRESSSOC": 50},
        "EVMaximumCurrentLimit": physical(125, "A"),
        "EVMaximumVoltageLimit": physical(400, "V"),
    }
    with requirement("V2G2-477"):
        answer = await ac_ev.sends({"DC_EVChargeParameter": parameters_of_dc}, without=[_EV])
        assert answer.name == "ChargeParameterDiscoveryRes"
        assert answer.code == "FAILED_WrongChargeParameter"
    with requirement("V2G2-034", axis=Axis.COMPATIBILITY):
        await secc.closes()
