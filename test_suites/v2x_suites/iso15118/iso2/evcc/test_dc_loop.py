"""DC while current flows, and how it ends."""

from __future__ import annotations

from v2x_architecture.iso15118.charging import Notification
from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.evcc_charging import charges_on, charging, lowered_current, stops
from v2x_suites.iso15118.evcc_steps import NO_CURRENT, comes, is_over, over, put_off, reach, released, unplugged
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.iso2.evcc.steps import renegotiates, starts_within
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical

_OPTIONAL = ["EVSEMaximumVoltageLimit", "EVSEMaximumCurrentLimit", "EVSEMaximumPowerLimit", "MeterInfo", "ReceiptRequired"]


_NOTHING: dict[str, Json] = {"EVSEPresentCurrent": physical(0, "A")}
_EMERGENCY: dict[str, Json] = {"DC_EVSEStatus/EVSEStatusCode": "EVSE_EmergencyShutdown", **_NOTHING}
_ISOLATION: dict[str, Json] = {"DC_EVSEStatus/EVSEIsolationStatus": "Fault", **_NOTHING}


@case("TC_EVCC_DC_VTB_CurrentDemand_002", verifies="V2G2-486 V2G2-728", applies="DC")
async def test_failed(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told FAILED while current flows demands no more, opens its contactors and ends the session."""
    await charging(dc_se, driver, evcc)
    dc_se.put({"ResponseCode": "FAILED"})
    with requirement("V2G2-486", "V2G2-728"):
        await over(dc_se, evcc)


@case("V2X_EVCC_DC_VTB_CurrentDemand_001", verifies="V2G2-482 V2G2-728", applies="DC")
async def test_other_response(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given PreChargeRes while current flows demands no more, and ends the session."""
    await charging(dc_se, driver, evcc)
    dc_se.put_other("PreChargeRes")
    with requirement("V2G2-482", "V2G2-728"):
        await over(dc_se, evcc)


@case("V2X_EVCC_DC_VTB_CurrentDemand_002", verifies="15118-2#8.8.session-id.evcc V2G2-728", applies="DC")
async def test_other_session(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given a response of no session while current flows demands no more, and ends the session."""
    await charging(dc_se, driver, evcc)
    dc_se.put({"/Header/SessionID": "0000000000000000"})
    with requirement("15118-2#8.8.session-id.evcc", "V2G2-728"):
        await over(dc_se, evcc)


@case("TC_EVCC_DC_VTB_CurrentDemand_005", verifies="V2G2-438 V2G2-728", applies="DC")
async def test_silence(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose SECC falls silent while current flows gives up after 0.25 s and opens its contactors."""
    await charging(dc_se, driver, evcc)
    with requirement("V2G2-438", "V2G2-728"):
        await over(dc_se, evcc, within=2 + evcc.termination)


@case("V2X_EVCC_DC_VTB_CurrentDemand_003", verifies="15118-2#7.9.1.EXI.undecodable.evcc V2G2-728", applies="DC")
async def test_unreadable(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that cannot read a response while current flows demands no more, and ends the session."""
    await charging(dc_se, driver, evcc)
    dc_se.put_octets(bytes.fromhex("80ffffffffffffff"))
    with requirement("15118-2#7.9.1.EXI.undecodable.evcc", "V2G2-728"):
        await over(dc_se, evcc, within=2 + evcc.termination)


@case("V2X_EVCC_DC_VTB_CurrentDemand_004", verifies="V2G2-531 15118-2#8.7.4.limits.evcc", applies="DC")
async def test_lowered_current(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose EVSE lowers its current limit, and keeps to it, charges on with that."""
    last = await charging(dc_se, driver, evcc)
    await lowered_current(dc_se, evcc, last, goes_on="V2G2-531", limit="15118-2#8.7.4.limits.evcc")


@case("V2X_EVCC_DC_VTB_CurrentDemand_005", verifies="15118-2#8.5.emergency.evcc V2G2-527", applies="DC")
async def test_emergency(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told of an emergency demands no current from then on, and ends the session."""
    await charging(dc_se, driver, evcc)
    dc_se.put(_EMERGENCY)
    demands, did = await put_off(dc_se, evcc, "CurrentDemandRes", _EMERGENCY, 5)
    with requirement("15118-2#8.5.emergency.evcc"):
        for each in demands:
            assert amount(each.EVTargetCurrent) <= NO_CURRENT, "it still demands current"
        assert stops(did) or is_over(did, evcc), f"charging is not stopped, but {did!r}"
    with requirement("V2G2-527"):
        if stops(did):
            dc_se.put_other("PowerDeliveryRes")
            following = await evcc.then()
            assert is_over(following, evcc) or getattr(following, "name", "") == "WeldingDetectionReq"
        else:
            assert is_over(did, evcc)


@case("V2X_EVCC_DC_VTB_CurrentDemand_006", verifies="V2G2-679 V2G2-527 15118-2#8.8.stop.evcc", applies="DC")
async def test_asked_to_stop(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is asked to stop charging does so within NotificationMaxDelay, and without current."""
    await charging(dc_se, driver, evcc)
    asked = evcc.watch.now
    dc_se.settings.notification = Notification("StopCharging", 10)
    with requirement("V2G2-679", "V2G2-527", hard=True):
        stop = await comes(dc_se, evcc, "PowerDeliveryReq", within=12)
        assert stop.ChargeProgress == "Stop"
        assert stop.t - asked <= 12.0
    with requirement("15118-2#8.8.stop.evcc"):
        await comes(dc_se, evcc, "SessionStopReq")
        assert amount(evcc.heard("CurrentDemandRes")[-1].EVSEPresentCurrent) <= 5.0, "current flows when it stops"
        dc_se.put()
        await evcc.ends()
        released(dc_se)


@case("V2X_EVCC_DC_VTB_CurrentDemand_007", verifies="15118-2#8.5.2.optional.evcc V2G2-531", applies="DC")
async def test_nothing_optional(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC charges on with responses that have nothing optional in them: no limits, no isolation status, no meter."""
    await charging(dc_se, driver, evcc)
    with requirement("15118-2#8.5.2.optional.evcc", "V2G2-531"):
        for _ in range(4):
            await charges_on(dc_se, evcc, without=[*_OPTIONAL, "DC_EVSEStatus/EVSEIsolationStatus"])


@case("V2X_EVCC_DC_VTB_CurrentDemand_008", verifies="V2G2-880 V2G2-531", applies="DC")
async def test_information_only(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC charges on when the EVSE tells a status that is for information only."""
    await charging(dc_se, driver, evcc)
    with requirement("V2G2-880", "V2G2-531"):
        for code in ("EVSE_IsolationMonitoringActive", "Reserved_8", "EVSE_IsolationMonitoringActive"):
            await charges_on(dc_se, evcc, {"DC_EVSEStatus/EVSEStatusCode": code})


@case("V2X_EVCC_DC_VTB_CurrentDemand_009", verifies="15118-2#8.5.isolation.evcc", applies="DC")
async def test_isolation_fault(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told of an isolation fault while current flows stops charging and ends the session."""
    await charging(dc_se, driver, evcc)
    dc_se.put(_ISOLATION)
    demands, did = await put_off(dc_se, evcc, "CurrentDemandRes", _ISOLATION, 10)
    with requirement("15118-2#8.5.isolation.evcc"):
        assert stops(did) or is_over(did, evcc), f"charging goes on: {len(demands)} demands more"


@case("V2X_EVCC_DC_VTB_CurrentDemand_010", verifies="15118-2#8.7.nonsense.evcc V2G2-531", applies="DC")
async def test_limits_below_zero(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told limits below zero demands no current, and none back, or ends the session."""
    await charging(dc_se, driver, evcc)
    limits: dict[str, Json] = {
        "EVSEMaximumCurrentLimit": physical(-100, "A"),
        "EVSEMaximumPowerLimit": physical(-50_000, "W", exponent=1),
        "EVSEMaximumVoltageLimit": physical(-400, "V"),
    }
    with requirement("15118-2#8.7.nonsense.evcc", "V2G2-531"):
        for nth in range(4):
            dc_se.put(limits)
            did = await evcc.then(2)
            if not (isinstance(did, Message) and did.name == "CurrentDemandReq"):
                assert is_over(did, evcc) or isinstance(did, Message)
                break
            assert amount(did.EVTargetCurrent) >= 0
            assert amount(did.EVTargetVoltage) >= 0
            assert nth == 0 or amount(did.EVTargetCurrent) <= NO_CURRENT, "it demands current of an EVSE that has none"
            assert did.session_id == dc_se.session_id
            await comes(dc_se, evcc, "CurrentDemandReq")


@case("V2X_EVCC_DC_VTB_CurrentDemand_011", verifies="V2G2-680 V2G2-841 V2G2-842", applies="DC and Renegotiation")
async def test_renegotiation(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is asked to renegotiate does, and charges on by the new schedule, after cable check and pre-charge."""
    await charging(dc_se, driver, evcc)
    await renegotiates(dc_se, evcc, "CurrentDemandReq")


@case("V2X_EVCC_DC_VTB_CurrentDemand_012", verifies="15118-2#8.7.profile.evcc V2G2-531", applies="DC")
async def test_within_schedule(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose schedule has less power than the EVSE demands no more than the schedule has."""
    most = 8000.0
    schedule: Json = [{"id": 7, "entries": [{"start_s": 0, "max_power_w": most, "duration_s": 86400}]}]
    await dc_se.listens(schedules=schedule)
    await driver.plug_in()
    await reach(dc_se, evcc, "PreChargeRes")
    await starts_within(dc_se, evcc, 7, most)
    demand = await reach(dc_se, evcc, "CurrentDemandRes", 4)
    with requirement("V2G2-531"):
        assert amount(demand.EVTargetCurrent) > 0
    with requirement("15118-2#8.7.profile.evcc"):
        present = evcc.heard("CurrentDemandRes")[-1]
        assert amount(present.EVSEPresentVoltage) * amount(demand.EVTargetCurrent) <= most * 1.02


@case("TC_EVCC_DC_VTB_WeldingDetectionOrSessionStop_001", verifies="V2G2-533 V2G2-535 V2G2-619 V2G2-508 V2G2-025", applies="DC")
async def test_target_reached(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose driver wants no more stops, looks for welded contactors or not, stops the session and closes."""
    await charging(dc_se, driver, evcc)
    await driver.stop_charging()
    await dc_se.until("PowerDeliveryRes")
    evcc.from_now()
    dc_se.put()
    with requirement("V2G2-533", "V2G2-535", "V2G2-619", hard=True):
        following = await evcc.next("WeldingDetectionReq", "SessionStopReq")
        assert following.session_id == dc_se.session_id
        await comes(dc_se, evcc, "SessionStopReq")
        between = {each.name for each in evcc.said() if each.t > following.t} - {"SessionStopReq"}
        assert between <= {"WeldingDetectionReq"}
        evcc.from_now()
    with requirement("V2G2-508", "V2G2-025"):
        dc_se.put()
        await evcc.ends()
        released(dc_se)


@case("V2X_EVCC_DC_VTB_WeldingDetectionOrSessionStop_001", verifies="V2G2-486 V2G2-025", applies="DC")
async def test_stop_refused(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose wish to stop is refused ends the connection all the same, with open contactors."""
    await charging(dc_se, driver, evcc)
    await driver.stop_charging()
    await reach(dc_se, evcc, "PowerDeliveryRes")
    dc_se.put({"ResponseCode": "FAILED_ContactorError"})
    with requirement("V2G2-486", "V2G2-025"):
        await over(dc_se, evcc)


@case("V2X_EVCC_DC_VTB_Unplug_001", verifies="15118-2#unplugged.evcc", applies="DC")
async def test_unplugged(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose cable is pulled out holds its session no longer; when plugged in again it begins a new one."""
    await charging(dc_se, driver, evcc)
    await unplugged(dc_se, driver, evcc, "15118-2#unplugged.evcc")
