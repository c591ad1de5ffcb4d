"""From the cable check to the end: CableCheck, PreCharge, PowerDelivery, CurrentDemand, WeldingDetection, SessionStop."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.din.evcc import case
from v2x_suites.iso15118.evcc_charging import (
    CABLE_CHECK,
    CHECKING,
    PRE_CHARGE,
    charges_on,
    charging,
    lowered_current,
    stops,
)
from v2x_suites.iso15118.evcc_steps import NO_CURRENT, asks_on, comes, gives_up, is_over, over, put_off, reach, released
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical

_READY: dict[str, Json] = {"DC_EVSEStatus/EVSEStatusCode": "EVSE_Ready"}


@case("TC_DIN_EVCC_CableCheck_001", verifies="V2G-DC-894")
async def test_isolation_left_aside(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on to pre-charging when the cable check is passed, whatever the isolation status says."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "CableCheckRes")
    se.put({"EVSEProcessing": "Finished", "DC_EVSEStatus/EVSEIsolationStatus": "Invalid", **_READY})
    with requirement("V2G-DC-894"):
        following = await evcc.next("PreChargeReq")
        assert following.session_id == se.session_id


@case("TC_DIN_EVCC_CableCheck_002", verifies="V2G-DC-894")
async def test_isolation_warning(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on to pre-charging when the cable check is passed with a warning."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "CableCheckRes")
    se.put({"EVSEProcessing": "Finished", "DC_EVSEStatus/EVSEIsolationStatus": "Warning", **_READY})
    with requirement("V2G-DC-894"):
        following = await evcc.next("PreChargeReq")
        assert following.session_id == se.session_id


@case("TC_DIN_EVCC_CableCheck_003", verifies="V2G-DC-893")
async def test_shutdown_in_cable_check(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose EVSE shuts down at the end of the cable check does not begin."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "CableCheckRes")
    se.put({"EVSEProcessing": "Finished", "DC_EVSEStatus/EVSEStatusCode": "EVSE_Shutdown"})
    with requirement("V2G-DC-893"):
        await over(se, evcc)


@case("TC_DIN_EVCC_CableCheck_004", verifies="V2G-DC-901 DIN70121#failed.evcc")
async def test_cable_check_failed(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose cable check fails ends the session; its contactors stay open."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "CableCheckRes")
    se.put({"ResponseCode": "FAILED", "EVSEProcessing": "Finished", "DC_EVSEStatus/EVSEIsolationStatus": "Fault"})
    with requirement("V2G-DC-901", "DIN70121#failed.evcc"):
        await over(se, evcc)


@case("TC_DIN_EVCC_CableCheck_006", verifies="V2G-DC-377 V2G-DC-418")
async def test_cable_check_for_ever(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose cable check is never finished asks again, and gives up 40 s after it asked first."""
    await se.listens()
    await driver.plug_in()
    first = await reach(se, evcc, "CableCheckRes")
    se.put(CHECKING)
    requests, did = await put_off(se, evcc, "CableCheckRes", CHECKING, CABLE_CHECK + evcc.termination)
    with requirement("V2G-DC-418"):
        asks_on(requests, first, 33.0)
    with requirement("V2G-DC-377"):
        gives_up(se, evcc, did)


@case("TC_DIN_EVCC_PreCharge_001", verifies="V2G-DC-909")
async def test_slow_voltage(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC asks for power only when its voltage is there: not while it is 60 V below for three seconds."""
    await se.listens()
    await driver.plug_in()
    first = await reach(se, evcc, "PreChargeRes")
    below: dict[str, Json] = {"EVSEPresentVoltage": physical(amount(first.EVTargetVoltage) - 60, "V")}
    se.put(below)
    requests, did = await put_off(se, evcc, "PreChargeRes", below, 3.0)
    with requirement("V2G-DC-909"):
        assert requests, "it does not ask again"
        assert did is None, f"it goes on without the voltage: {did!r}"
        request = await evcc.next("PreChargeReq")
        se.put_other("PreChargeRes", {"EVSEPresentVoltage": physical(amount(request.EVTargetVoltage), "V")})
        following = await evcc.next("PowerDeliveryReq")
        assert following.ReadyToChargeState.value is True


@case("TC_DIN_EVCC_PreCharge_006", verifies="V2G-DC-909 DIN70121#pre-charge.evcc")
async def test_voltage_never_comes(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose voltage never comes gives up pre-charging, and never asks for power."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "PreChargeRes")
    none: dict[str, Json] = {"EVSEPresentVoltage": physical(20, "V")}
    se.put(none)
    requests, did = await put_off(se, evcc, "PreChargeRes", none, PRE_CHARGE)
    with requirement("V2G-DC-909"):
        assert requests, "it does not ask again"
        assert not (isinstance(did, Message) and did.name == "PowerDeliveryReq" and not stops(did))
    with requirement("DIN70121#pre-charge.evcc"):
        gives_up(se, evcc, did)


@case("TC_DIN_EVCC_PowerDelivery_002", verifies="DIN70121#failed.evcc")
async def test_no_power(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given no power ends the session and opens its contactors."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "PowerDeliveryRes")
    se.put({"ResponseCode": "FAILED_PowerDeliveryNotApplied"})
    with requirement("DIN70121#failed.evcc"):
        await over(se, evcc)


@case("TC_DIN_EVCC_CurrentDemand_002", verifies="DIN70121#failed.evcc")
async def test_failed(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told FAILED while current flows demands no more, opens its contactors and ends the session."""
    await charging(se, driver, evcc)
    se.put({"ResponseCode": "FAILED"})
    with requirement("DIN70121#failed.evcc"):
        await over(se, evcc)


@case("TC_DIN_EVCC_CurrentDemand_005", verifies="DIN70121#message-timeout.evcc")
async def test_silence(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose SECC falls silent while current flows gives up soon, and opens its contactors."""
    await charging(se, driver, evcc)
    with requirement("DIN70121#message-timeout.evcc"):
        await over(se, evcc, within=2 + evcc.termination)


@case("TC_DIN_EVCC_CurrentDemand_006", verifies="V2G-DC-934")
async def test_other_session(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given a response of no session while current flows demands no more, and ends the session."""
    await charging(se, driver, evcc)
    se.put({"/Header/SessionID": "0000000000000000"})
    with requirement("V2G-DC-934"):
        await over(se, evcc)


@case("TC_DIN_EVCC_CurrentDemand_007", verifies="V2G-DC-637")
async def test_information_only(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC charges on when the EVSE tells a status that is for information only, a malfunction among them."""
    await charging(se, driver, evcc)
    with requirement("V2G-DC-637"):
        for code in ("EVSE_Malfunction", "EVSE_Malfunction", "EVSE_IsolationMonitoringActive", "EVSE_UtilityInterruptEvent"):
            await charges_on(se, evcc, {"DC_EVSEStatus/EVSEStatusCode": code})


async def _shut_down(se: SeTester, driver: EvccOperator, evcc: UnderTest, code: str, patience: float) -> None:
    await charging(se, driver, evcc)
    change: dict[str, Json] = {"DC_EVSEStatus/EVSEStatusCode": code, "EVSEPresentCurrent": physical(0, "A")}
    told = evcc.watch.now
    se.put(change)
    demands, did = await put_off(se, evcc, "CurrentDemandRes", change, 10.0)
    with requirement("V2G-DC-896"):
        late = [each for each in demands if each.t - told > patience and amount(each.EVTargetCurrent) > NO_CURRENT]
        assert not late, f"current is still demanded after {patience:g} s"
        assert stops(did) or is_over(did, evcc), f"charging is not stopped, but {did!r}"


@case("TC_DIN_EVCC_CurrentDemand_008", verifies="V2G-DC-896")
async def test_emergency(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told of an emergency demands no current within a second, and ends charging."""
    await _shut_down(se, driver, evcc, "EVSE_EmergencyShutdown", 1.0)


@case("TC_DIN_EVCC_CurrentDemand_009", verifies="V2G-DC-896")
async def test_shutdown(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose EVSE shuts down demands no current soon, and ends charging."""
    await _shut_down(se, driver, evcc, "EVSE_Shutdown", 5.0)


@case("TC_DIN_EVCC_CurrentDemand_010", verifies="DIN70121#less.evcc DIN70121#limits.evcc")
async def test_lowered_current(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose EVSE lowers its current limit charges on, and demands no more than that."""
    last = await charging(se, driver, evcc)
    await lowered_current(se, evcc, last, goes_on="DIN70121#less.evcc", limit="DIN70121#limits.evcc")


@case("TC_DIN_EVCC_CurrentDemand_011", verifies="DIN70121#optional.evcc")
async def test_nothing_optional(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC charges on with responses that have nothing optional in them: no limits, no isolation status."""
    await charging(se, driver, evcc)
    optional = ["EVSEMaximumVoltageLimit", "EVSEMaximumCurrentLimit", "EVSEMaximumPowerLimit"]
    with requirement("DIN70121#optional.evcc"):
        for _ in range(4):
            await charges_on(se, evcc, without=[*optional, "DC_EVSEStatus/EVSEIsolationStatus"])


@case("TC_DIN_EVCC_SessionStop_001", verifies="V2G-DC-937 DIN70121#stop.evcc")
async def test_target_reached(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose driver wants no more ends in order, and closes the connection itself when the session is stopped."""
    await charging(se, driver, evcc)
    await driver.stop_charging()
    with requirement("DIN70121#stop.evcc", hard=True):
        assert stops(await comes(se, evcc, "PowerDeliveryReq"))
        assert (await comes(se, evcc, "SessionStopReq")).session_id == se.session_id
    with requirement("V2G-DC-937"):
        se.put()
        await evcc.ends()
        released(se)
