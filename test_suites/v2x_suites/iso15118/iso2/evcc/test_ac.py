"""AC charging."""

from __future__ import annotations

from v2x_architecture.coupling import CpState
from v2x_architecture.iso15118.charging import Notification
from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.evcc_steps import comes, over, reach, released, unanswered, unplugged
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.iso2.evcc.steps import renegotiates, starts_within
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, physical

_SOON = 5.0
"""Within which an EV's charger follows a limit (s)."""


@case("V2X_EVCC_AC_VTB_PowerDelivery_001", verifies="V2G2-486 V2G2-728", applies="AC")
async def test_contactor_error(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose AC EVSE cannot close its contactor stops the session and draws nothing."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "PowerDeliveryRes")
    ac_se.put({"ResponseCode": "FAILED_ContactorError"})
    with requirement("V2G2-486", "V2G2-728"):
        await over(ac_se, evcc)


@case("V2X_EVCC_AC_VTB_PowerDelivery_002", verifies="V2G2-438 15118-2#8.7.late.evcc", applies="AC")
async def test_slow_power_delivery(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC waits 5 s for PowerDeliveryRes: it takes one after 4.4 s, and gives up when the next does not come."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "PowerDeliveryRes")
    with requirement("15118-2#8.7.late.evcc", hard=True):
        await evcc.stays_quiet(for_=4.4)
        ac_se.put()
        assert (await evcc.next()).name == "ChargingStatusReq"
    await driver.stop_charging()
    stopping = await reach(ac_se, evcc, "PowerDeliveryRes")
    with requirement("V2G2-438"):
        await unanswered(evcc, stopping, seconds=5, least=4.4)


@case("V2X_EVCC_AC_VTB_PowerDelivery_003", verifies="V2G2-847 15118-2#8.7.control-pilot.evcc", applies="AC and Measured")
async def test_control_pilot(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EV is in state B until it asks for power, and in state C or D 250 ms after that."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargeParameterDiscoveryRes")
    with requirement("15118-2#8.7.control-pilot.evcc"):
        assert ac_se.plug.cp_state is CpState.B
    with requirement("V2G2-847"):
        assert (await comes(ac_se, evcc, "PowerDeliveryReq")).ChargeProgress == "Start"
        await evcc.stays_quiet(for_=0.25)
        assert ac_se.plug.cp_state in (CpState.C, CpState.D), f"the control pilot is in state {ac_se.plug.cp_state.value}"


@case("V2X_EVCC_AC_VTB_PowerDelivery_004", verifies="15118-2#8.7.profile.evcc", applies="AC and Measured")
async def test_within_schedule(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EV draws no more than the schedule has that its EVCC has chosen, though the EVSE has more."""
    most = 4200.0
    schedule: Json = [{"id": 5, "entries": [{"start_s": 0, "max_power_w": most, "duration_s": 86400}]}]
    await ac_se.listens(schedules=schedule)
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargeParameterDiscoveryRes")
    await starts_within(ac_se, evcc, 5, most)
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    await ac_se.goes_on(_SOON)
    with requirement("15118-2#8.7.profile.evcc"):
        assert 500.0 < ac_se.flowing.power_w <= most * 1.01, f"{ac_se.flowing.power_w:.0f} W flow"


@case("V2X_EVCC_AC_VTB_ChargingStatus_001", verifies="V2G2-486 V2G2-728", applies="AC")
async def test_failed(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told FAILED while it charges stops to draw, and ends the session."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    ac_se.put({"ResponseCode": "FAILED"})
    with requirement("V2G2-486", "V2G2-728"):
        await over(ac_se, evcc)


@case("V2X_EVCC_AC_VTB_ChargingStatus_002", verifies="V2G2-482 V2G2-728", applies="AC")
async def test_other_response(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given the response to another request while it charges stops to draw, and ends the session."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    ac_se.put_other("AuthorizationRes")
    with requirement("V2G2-482", "V2G2-728"):
        await over(ac_se, evcc)


@case("V2X_EVCC_AC_VTB_ChargingStatus_003", verifies="V2G2-438 V2G2-728", applies="AC")
async def test_silence(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose SECC falls silent while it charges gives up after 2 s, and draws nothing any more."""
    await ac_se.listens()
    await driver.plug_in()
    request = await reach(ac_se, evcc, "ChargingStatusRes", 2)
    with requirement("V2G2-438", "V2G2-728"):
        await unanswered(evcc, request)
        released(ac_se)


@case("V2X_EVCC_AC_VTB_ChargingStatus_004", verifies="15118-2#8.7.4.limits.evcc V2G2-752", applies="AC and Measured")
async def test_limit_follows(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose EVSE lowers EVSEMaxCurrent has the EV draw no more than that, soon."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    await ac_se.goes_on(_SOON)
    with requirement("15118-2#8.7.4.limits.evcc"):
        assert ac_se.flowing.current_a > 0.5, "the EV draws nothing"
        for limit in (10.0, 6.0):
            ac_se.settings.max_current_a = limit
            await ac_se.goes_on(_SOON)
            flows = ac_se.flowing.current_a
            assert flows <= limit * 1.01, f"{flows:.1f} A flow on a phase when there are {limit:g} A"
    with requirement("V2G2-752"):
        assert evcc.said("ChargingStatusReq")[-1].session_id == ac_se.session_id


@case("V2X_EVCC_AC_VTB_ChargingStatus_005", verifies="V2G2-679 V2G2-508 15118-2#8.8.stop.evcc", applies="AC")
async def test_asked_to_stop(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is asked to stop charging does so within NotificationMaxDelay, ends the session, and the connection."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    asked = evcc.watch.now
    ac_se.settings.notification = Notification("StopCharging", 10)
    with requirement("V2G2-679", hard=True):
        stop = await comes(ac_se, evcc, "PowerDeliveryReq", within=25)
        assert stop.ChargeProgress == "Stop"
        assert stop.t - asked <= 12.0
    with requirement("15118-2#8.8.stop.evcc", hard=True):
        assert (await comes(ac_se, evcc, "SessionStopReq")).ChargingSession == "Terminate"
    with requirement("V2G2-508"):
        ac_se.put()
        await evcc.ends()
        released(ac_se)


@case("V2X_EVCC_AC_VTB_ChargingStatus_006", verifies="V2G2-680 V2G2-841 V2G2-842", applies="AC and Renegotiation")
async def test_renegotiation(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is asked to renegotiate does: Renegotiate, the parameters anew, Start, and it charges on."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    await renegotiates(ac_se, evcc, "ChargingStatusReq")


@case("V2X_EVCC_AC_VTB_ChargingStatus_007", verifies="V2G2-841", applies="AC")
async def test_renegotiation_elsewhere(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC leaves the wish for a renegotiation aside where no energy flows yet: it begins to charge."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargeParameterDiscoveryRes")
    ac_se.put({"AC_EVSEChargeParameter/AC_EVSEStatus/EVSENotification": "ReNegotiation"})
    with requirement("V2G2-841"):
        assert (await evcc.next("PowerDeliveryReq")).ChargeProgress == "Start"
        await comes(ac_se, evcc, "PowerDeliveryReq")
        ac_se.put()
        following = await evcc.next("ChargingStatusReq")
        assert following.session_id == ac_se.session_id


@case("V2X_EVCC_AC_VTB_ChargingStatus_008", verifies="15118-2#8.5.2.optional.evcc", applies="AC")
async def test_nothing_optional(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC charges on with responses that have nothing optional in them: no limit, no meter, no wish for a receipt."""
    await ac_se.listens(meter_info=False)
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes")
    with requirement("15118-2#8.5.2.optional.evcc"):
        for _ in range(3):
            ac_se.put(without=["EVSEMaxCurrent", "MeterInfo", "ReceiptRequired"])
            assert (await evcc.next()).session_id == ac_se.session_id
            assert evcc.said()[-1].name == "ChargingStatusReq"
            await comes(ac_se, evcc, "ChargingStatusReq")


@case("V2X_EVCC_AC_VTB_ChargingStatus_009", verifies="15118-2#8.7.nonsense.evcc", applies="AC and Measured")
async def test_limit_below_zero(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EV draws nothing, and gives nothing, when it is told a limit below zero."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    with requirement("15118-2#8.7.nonsense.evcc"):
        for _ in range(3):
            ac_se.put({"EVSEMaxCurrent": physical(-16, "A")})
            if isinstance(did := await evcc.then(10), Message) and did.name == "ChargingStatusReq":
                assert abs(ac_se.flowing.current_a) < 1.0, f"{ac_se.flowing.current_a:.1f} A flow"
                await comes(ac_se, evcc, "ChargingStatusReq")
                evcc.from_now()
            else:
                break
        assert abs(ac_se.flowing.current_a) < 1.0


@case("V2X_EVCC_AC_VTB_SessionStop_001", verifies="15118-2#8.8.stop.evcc V2G2-508 V2G2-025", applies="AC")
async def test_target_reached(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose driver wants no more ends in order: Stop, SessionStopReq, and the end of the connection."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    await driver.stop_charging()
    with requirement("15118-2#8.8.stop.evcc", hard=True):
        assert (await comes(ac_se, evcc, "PowerDeliveryReq")).ChargeProgress == "Stop"
        ac_se.put()
        assert (await evcc.next()).name == "SessionStopReq"
        await comes(ac_se, evcc, "SessionStopReq")
    with requirement("V2G2-508", "V2G2-025"):
        ac_se.put()
        await evcc.ends()


@case("V2X_EVCC_AC_VTB_SessionStop_002", verifies="V2G2-025 V2G2-486", applies="AC")
async def test_stop_refused(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose SessionStopReq is refused ends the connection all the same, and asks no more."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    await driver.stop_charging()
    await reach(ac_se, evcc, "SessionStopRes")
    ac_se.put({"ResponseCode": "FAILED"})
    with requirement("V2G2-025", "V2G2-486"):
        await evcc.ends()
        released(ac_se)


@case("V2X_EVCC_AC_VTB_Unplug_001", verifies="15118-2#unplugged.evcc", applies="AC")
async def test_unplugged(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose cable is pulled out holds its session no longer; when plugged in again it begins a new one."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "ChargingStatusRes", 2)
    await unplugged(ac_se, driver, evcc, "15118-2#unplugged.evcc")
