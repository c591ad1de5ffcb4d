"""What the SECC wants of an EV that charges, and what it tells besides."""

from __future__ import annotations

from typing import Final

import msgspec
from v2x_architecture.iso15118.charging import Notification, NotificationKind, Schedule, ScheduleEntry
from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.evcc_steps import comes, reach
from v2x_suites.iso15118.iso20.evcc import case
from v2x_suites.iso15118.iso20.evcc.states import SERVICES, at_loop, with_control
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import amount

_DELAY: Final = 10
_PLANS_ANEW: Final = "15118-20#8.3.schedule-renegotiation.evcc"
_PAUSES: Final = "15118-20#8.3.pause.evcc"
_GOES_ON: Final = "15118-20#8.3.all-optional.evcc"
_VAS: Final = "15118-20#8.3.vas.evcc"
_PROFILE: Final = "15118-20#8.3.profile.evcc"


async def _wants(se: SeTester, evcc: UnderTest, what: NotificationKind, progress: str) -> None:
    """Want something of an EV that charges, and see it act on it in time by a PowerDeliveryReq.

    Raises:
        NotSeen: it does not.
        AssertionError: it does something else.
    """
    se.settings.notification = Notification(what, _DELAY)
    asked = await comes(se, evcc, "PowerDeliveryReq", within=_DELAY + 2.0)
    assert asked.ChargeProgress == progress
    assert asked.session_id == se.session_id
    se.settings.notification = Notification()


@case(
    "TC20_EVCC_DC_GoodCase_ServiceRenegotiation_001",
    verifies="V2G20-1964 V2G20-1476",
    applies="DC and ServiceRenegotiation",
)
async def test_another_service(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is to choose its service anew stops, keeps the session, and chooses; energy flows again."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "DC_ChargeLoopRes", 3)
    with requirement("V2G20-1964", hard=True):
        await _wants(dc_se, evcc, "ServiceRenegotiation", "Stop")
    with requirement("V2G20-1476", hard=True):
        stopped = await comes(dc_se, evcc, "SessionStopReq")
        assert stopped.ChargingSession == "ServiceRenegotiation"
        dc_se.put()
        found = await evcc.next()
        assert found.name == "ServiceDiscoveryReq"
        assert found.session_id == dc_se.session_id
        await comes(dc_se, evcc, "DC_ChargeLoopReq")


@case(
    "TC20_EVCC_DC_GoodCase_ServiceRenegotiation_002",
    verifies="15118-20#8.3.no-service-renegotiation.evcc",
    applies="DC",
)
async def test_another_service_is_not_to_be_had(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC does not ask for another service where the SECC has said that there is none to be chosen anew."""
    await dc_se.listens(service_renegotiation=False)
    await driver.plug_in()
    await reach(dc_se, evcc, "DC_ChargeLoopRes", 3)
    dc_se.settings.notification = Notification("ServiceRenegotiation", _DELAY)
    with requirement("15118-20#8.3.no-service-renegotiation.evcc"):
        await dc_se.goes_on(_DELAY + 2.0)
        stops = evcc.said("SessionStopReq")
        assert not any(each.ChargingSession == "ServiceRenegotiation" for each in stops)
        # It goes on, or ends in order.
        assert stops or evcc.said("DC_ChargeLoopReq")[-1].t > evcc.watch.now - 2.0, "it neither goes on nor ends"


@case("TC20_EVCC_DC_GoodCase_ScheduleRenegotiation_001", verifies=_PLANS_ANEW, applies="DC and Scheduled and Renegotiation")
async def test_dc_another_schedule(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is to plan anew asks for schedules while DC flows, chooses one that is new, and charges on by it."""
    await at_loop(dc_se, driver, evcc, "DC", "Scheduled")
    dc_se.settings.schedules = (Schedule(id=77, entries=(ScheduleEntry(start_s=0, max_power_w=9000.0, duration_s=86_400),)),)
    with requirement(_PLANS_ANEW, hard=True):
        await _wants(dc_se, evcc, "ReNegotiation", "ScheduleRenegotiation")
        await comes(dc_se, evcc, "ScheduleExchangeReq")
        begun = await comes(dc_se, evcc, "PowerDeliveryReq")
        assert begun.ChargeProgress == "Start"
        assert begun.EVPowerProfile.Scheduled_EVPPTControlMode.SelectedScheduleTupleID == 77
    with requirement(_PLANS_ANEW):
        await dc_se.goes_on(5.0)
        last = evcc.said("DC_ChargeLoopReq")[-1].Scheduled_DC_CLReqControlMode
        power = amount(last.EVTargetCurrent) * amount(last.EVTargetVoltage)
        assert 0 < power <= 9000.0 * 1.25, f"it demands {power:g} W, and the schedule has 9000 W"


@case("TC20_EVCC_CMN_GoodCase_Pause_003", verifies=_PAUSES, applies="Pause")
async def test_pause_is_wanted(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is asked for a pause stops the flow of energy in time, and pauses the session."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, f"{se.energy}_ChargeLoopRes", 3)
    with requirement(_PAUSES, hard=True):
        se.settings.notification = Notification("Pause", _DELAY)
        asked = await comes(se, evcc, "PowerDeliveryReq", within=_DELAY + 2.0)
        assert asked.ChargeProgress == "Stop"
        stopped = await comes(se, evcc, "SessionStopReq")
        assert stopped.ChargingSession == "Pause"
        assert stopped.session_id == se.session_id


type _Sets = dict[str, list[dict[str, Json]]]

_SOC: Final[dict[str, Json]] = {"DepartureTime": 7200, "MinimumSOC": 30, "TargetSOC": 90, "AckMaxDelay": 30}


@case("TC20_EVCC_DC_GoodCase_Dynamic_002", verifies=_GOES_ON, applies="DC and Dynamic")
async def test_dc_secc_that_tells_all(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC in dynamic control takes all that an SECC may tell: departure, states of charge, times."""
    await dc_se.listens()
    await driver.plug_in()
    await dc_se.until("ServiceDiscoveryRes")
    dc_se.put({"EnergyTransferServiceList/Service": [{"ServiceID": SERVICES["DC"], "FreeService": False}]})
    await dc_se.until("ServiceDetailRes")
    dc_se.put({"ServiceParameterList/ParameterSet": with_control(dc_se.plain, "Dynamic")})
    await dc_se.until("ScheduleExchangeRes")
    dc_se.put({"Dynamic_SEResControlMode": {name: value for name, value in _SOC.items() if name != "AckMaxDelay"}})
    with requirement(_GOES_ON, hard=True):
        for _ in range(5):
            asked = await comes(dc_se, evcc, "DC_ChargeLoopReq")
            assert asked.Dynamic_DC_CLReqControlMode.exists
            assert asked.session_id == dc_se.session_id
            mode = msgspec.convert(dc_se.plain["Dynamic_DC_CLResControlMode"], dict[str, Json])
            dc_se.put({"Dynamic_DC_CLResControlMode": {**_SOC, **mode}})


@case("TC20_EVCC_CMN_GoodCase_ServiceDiscovery_001", verifies=f"{_VAS} V2G20-1216")
async def test_other_services_and_parameters(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on where there are value added services, and parameters of its service, that it does not know."""
    await se.listens()
    await driver.plug_in()
    await se.until("ServiceDiscoveryRes")
    se.put({"VASList": {"Service": [{"ServiceID": 65, "FreeService": True}, {"ServiceID": 60_100, "FreeService": False}]}})
    with requirement(_VAS, hard=True):
        await comes(se, evcc, "ServiceDetailReq")
        # It may look at a value added service, too.
        while evcc.said("ServiceDetailReq")[-1].ServiceID.is_in(65, 60_100):
            se.put(
                {
                    "ServiceParameterList": {
                        "ParameterSet": [{"ParameterSetID": 1, "Parameter": [{"Name": "Port", "intValue": 80}]}]
                    }
                }
            )
            await comes(se, evcc, "ServiceDetailReq")
    told = msgspec.convert(se.plain["ServiceParameterList"], _Sets)["ParameterSet"]
    extra: list[Json] = [
        {"Name": "X-Ramp", "rationalNumber": {"Exponent": 0, "Value": 7}},
        {"Name": "X-Name", "finiteString": "x"},
    ]
    sets: list[Json] = [{**each, "Parameter": [*msgspec.convert(each["Parameter"], list[Json]), *extra]} for each in told]
    offered = [each["ParameterSetID"] for each in told]
    se.put({"ServiceParameterList/ParameterSet": sets})
    with requirement(_VAS, hard=True):
        chosen = await comes(se, evcc, "ServiceSelectionReq")
        assert chosen.session_id == se.session_id
    with requirement("V2G20-1216"):
        assert chosen.SelectedEnergyTransferService.ParameterSetID.is_in(*offered)
        added = chosen.SelectedVASList.SelectedService
        assert all(each.ServiceID.is_in(65, 60_100) for each in added) if added.exists else True
    with requirement(_VAS):
        await comes(se, evcc, f"{se.energy}_ChargeParameterDiscoveryReq")


@case("TC20_EVCC_AC_GoodCase_Scheduled_001", verifies=_PROFILE, applies="AC and Scheduled")
async def test_schedule_has_less_later(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose schedule has less power from some time on draws no more than that from then on."""
    entries = (
        ScheduleEntry(start_s=0, max_power_w=9000.0),
        ScheduleEntry(start_s=30, max_power_w=3500.0, duration_s=86_370),
    )
    await at_loop(ac_se, driver, evcc, "AC", "Scheduled", schedules=[{"id": 4, "entries": [_plain(each) for each in entries]}])
    with requirement(_PROFILE):
        await ac_se.goes_on(8.0)
        before = amount(evcc.said("AC_ChargeLoopReq")[-1].Scheduled_AC_CLReqControlMode.EVPresentActivePower)
        assert 0 < before <= 9000.0 * 1.1, f"it draws {before:g} W of 9000 W"
    with requirement(_PROFILE):
        await ac_se.goes_on(30.0)
        after = amount(evcc.said("AC_ChargeLoopReq")[-1].Scheduled_AC_CLReqControlMode.EVPresentActivePower)
        assert 0 < after <= 3500.0 * 1.1, f"it draws {after:g} W, and the schedule has 3500 W by now"


def _plain(entry: ScheduleEntry) -> Json:
    duration: dict[str, Json] = {} if entry.duration_s is None else {"duration_s": entry.duration_s}
    return {"start_s": entry.start_s, "max_power_w": entry.max_power_w, **duration}
