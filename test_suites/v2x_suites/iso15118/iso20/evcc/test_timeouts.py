"""Responses that do not come, and states that do not end."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.evcc_steps import SLACK, gives_up, over, put_off, reach
from v2x_suites.iso15118.iso20.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest

_ONGOING: dict[str, Json] = {"EVSEProcessing": "Ongoing"}


async def never_finished(se: SeTester, evcc: UnderTest, response: str, seconds: float, cites: str) -> None:
    """Say Ongoing to every request of one kind, and judge that the EVCC asks again, and gives up when its timer has run out.

    Args:
        response: name of what is said.
        seconds: that the timer runs.
        cites: id of the requirement.
    """
    await reach(se, evcc, response)
    se.put(_ONGOING)
    requests, did = await put_off(se, evcc, response, _ONGOING, seconds + SLACK)
    with requirement(cites):
        assert len(requests) >= 2, f"it asks {len(requests)} times more"
        gives_up(se, evcc, did)


@case("TC20_EVCC_CMN_Timeouts_001", verifies="V2G20-710")
async def test_authorization_for_ever(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose authorization is never finished gives up after V2G_EVCC_Ongoing_Timeout, 60 s."""
    await se.listens()
    await driver.plug_in()
    await never_finished(se, evcc, "AuthorizationRes", 60, "V2G20-710")


@case("TC20_EVCC_CMN_Timeouts_002", verifies="15118-20#8.5.message-timeout.evcc")
async def test_no_response(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given no ServiceDiscoveryRes within V2G_EVCC_Msg_Timeout, 2 s, ends the session."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    with requirement("15118-20#8.5.message-timeout.evcc"):
        await over(se, evcc, within=2.0 + SLACK)


@case("TC20_EVCC_CMN_Timeouts_101", verifies="15118-20#8.5.message-timeout.evcc")
async def test_late_but_timely_response(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC waits for a response that takes its time, and goes on when it comes."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ServiceDiscoveryRes")
    with requirement("15118-20#8.5.message-timeout.evcc"):
        await evcc.stays_quiet(for_=1.5)
        se.put()
        following = await evcc.next("ServiceDetailReq", "ServiceSelectionReq")
        assert following.session_id == se.session_id


@case("TC20_EVCC_CMN_NoChargeParameterAvailable_001", verifies="V2G20-710")
async def test_schedules_for_ever(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given no schedule gives up after V2G_EVCC_Ongoing_Timeout, 60 s."""
    await se.listens()
    await driver.plug_in()
    await never_finished(se, evcc, "ScheduleExchangeRes", 60, "V2G20-710")


@case("TC20_EVCC_DC_Timeouts_001", verifies="15118-20#8.5.cable-check.evcc", applies="DC")
async def test_cable_check_for_ever(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose cable check is never finished gives up after V2G_EVCC_CableCheck_Timeout, 40 s."""
    await dc_se.listens()
    await driver.plug_in()
    await never_finished(dc_se, evcc, "DC_CableCheckRes", 40, "15118-20#8.5.cable-check.evcc")


@case("TC20_EVCC_DC_Timeouts_002", verifies="15118-20#8.5.pre-charge.evcc", applies="DC")
async def test_voltage_never_there(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose voltage is never reached gives up, and asks for no energy."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "DC_PreChargeRes")
    short: dict[str, Json] = {"EVSEPresentVoltage": {"Exponent": 0, "Value": 60}}
    dc_se.put(short)
    _, did = await put_off(dc_se, evcc, "DC_PreChargeRes", short, 10 + SLACK)
    with requirement("15118-20#8.5.pre-charge.evcc"):
        gives_up(dc_se, evcc, did)


@case("TC20_EVCC_DC_Timeouts_003", verifies="V2G20-1501", applies="DC")
async def test_no_response_in_the_loop(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given no DC_ChargeLoopRes within 0.5 s takes no more energy, and ends the session."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "DC_ChargeLoopRes", 3)
    with requirement("V2G20-1501"):
        await over(dc_se, evcc, within=2.0 + SLACK)
