"""DC until current flows: cable check, pre-charge, power delivery."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.evcc_charging import ABSURD, CABLE_CHECK, CHECKING, PRE_CHARGE, stays_within_its_own
from v2x_suites.iso15118.evcc_steps import asks_on, comes, gives_up, is_over, over, put_off, reach, unanswered
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical


@case("V2X_EVCC_DC_VTB_CableCheck_001", verifies="V2G2-599 V2G2-525", applies="DC")
async def test_cable_check(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on with the cable check when it has the EVSE's parameters, and with pre-charging when that is passed."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "ChargeParameterDiscoveryRes")
    with requirement("V2G2-599", hard=True):
        dc_se.put()
        request = await evcc.next("CableCheckReq")
        assert request.session_id == dc_se.session_id
    with requirement("V2G2-525"):
        await comes(dc_se, evcc, "PreChargeReq")
        assert evcc.heard("CableCheckRes")[-1].EVSEProcessing == "Finished"
        assert evcc.said()[-1].name == "PreChargeReq"


@case("V2X_EVCC_DC_VTB_CableCheck_002", verifies="V2G2-524 V2G2-728", applies="DC")
async def test_cable_check_failed(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose cable check fails stops the session; its contactors stay open."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "CableCheckRes")
    dc_se.put({"ResponseCode": "FAILED", "EVSEProcessing": "Finished", "DC_EVSEStatus/EVSEIsolationStatus": "Valid"})
    with requirement("V2G2-524", "V2G2-728"):
        await over(dc_se, evcc)


@case("V2X_EVCC_DC_VTB_CableCheck_003", verifies="V2G2-524 V2G2-438", applies="DC")
async def test_cable_check_unanswered(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that gets no CableCheckRes gives up after 2 s."""
    await dc_se.listens()
    await driver.plug_in()
    request = await reach(dc_se, evcc, "CableCheckRes")
    with requirement("V2G2-524", "V2G2-438"):
        await unanswered(evcc, request)


@case("TC_EVCC_DC_VTB_CableCheck_006", verifies="V2G2-702 V2G2-617", applies="DC")
async def test_cable_check_for_ever(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose cable check is never finished asks again, and gives up 40 s after it asked first."""
    await dc_se.listens()
    await driver.plug_in()
    first = await reach(dc_se, evcc, "CableCheckRes")
    dc_se.put(CHECKING)
    requests, did = await put_off(dc_se, evcc, "CableCheckRes", CHECKING, CABLE_CHECK + evcc.termination)
    with requirement("V2G2-617"):
        asks_on(requests, first, 33.0)
        assert all(each.session_id == dc_se.session_id for each in requests)
    with requirement("V2G2-702"):
        gives_up(dc_se, evcc, did)


@case("V2X_EVCC_DC_VTB_CableCheck_004", verifies="15118-2#8.5.isolation.evcc", applies="DC")
async def test_isolation_fault(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC does not begin when the cable check finds an isolation fault, whatever the response code says."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "CableCheckRes")
    dc_se.put({"EVSEProcessing": "Finished", "DC_EVSEStatus/EVSEIsolationStatus": "Fault"})
    with requirement("15118-2#8.5.isolation.evcc"):
        await over(dc_se, evcc)


@case("V2X_EVCC_DC_VTB_CableCheck_005", verifies="V2G2-880 V2G2-525", applies="DC")
async def test_information_only(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on when the check is passed, though the EVSE says that it still monitors its isolation."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "CableCheckRes")
    dc_se.put(CHECKING | {"EVSEProcessing": "Finished", "DC_EVSEStatus/EVSEIsolationStatus": "Valid"})
    with requirement("V2G2-880", "V2G2-525"):
        following = await evcc.next("PreChargeReq")
        assert following.session_id == dc_se.session_id
        assert following.DC_EVStatus.EVErrorCode == "NO_ERROR"


@case("V2X_EVCC_DC_VTB_PreCharge_001", verifies="V2G2-618 V2G2-528", applies="DC")
async def test_slow_voltage(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC asks for pre-charge again until the voltage is what it asked for, and only then for power."""
    await dc_se.listens()
    await driver.plug_in()
    first = await reach(dc_se, evcc, "PreChargeRes")
    wanted = amount(first.EVTargetVoltage)
    below = {"EVSEPresentVoltage": physical(wanted - 60, "V")}
    dc_se.put(below)
    requests, did = await put_off(dc_se, evcc, "PreChargeRes", below, 3.0)
    with requirement("V2G2-618"):
        assert requests, "it does not ask again"
        assert did is None, f"it goes on without the voltage: {did!r}"
        assert all(each.session_id == dc_se.session_id for each in requests)
    with requirement("V2G2-528"):
        assert not (dc_se.measured and dc_se.plug.ev_contactor_closed), "the contactors are closed without the voltage"
        request = await evcc.next("PreChargeReq")
        dc_se.put_other("PreChargeRes", {"EVSEPresentVoltage": physical(amount(request.EVTargetVoltage), "V")})
        following = await evcc.next("PowerDeliveryReq")
        assert following.ChargeProgress == "Start"
        assert following.session_id == dc_se.session_id


@case("V2X_EVCC_DC_VTB_PreCharge_002", verifies="V2G2-526 V2G2-728", applies="DC")
async def test_pre_charge_failed(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose pre-charge fails stops the session, even when the voltage is there; its contactors stay open."""
    await dc_se.listens()
    await driver.plug_in()
    request = await reach(dc_se, evcc, "PreChargeRes")
    wanted = amount(request.EVTargetVoltage)
    dc_se.put({"ResponseCode": "FAILED", "EVSEPresentVoltage": physical(wanted, "V")})
    with requirement("V2G2-526", "V2G2-728"):
        await over(dc_se, evcc)


@case("V2X_EVCC_DC_VTB_PreCharge_003", verifies="V2G2-482 V2G2-526", applies="DC")
async def test_other_response(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given CableCheckRes once more when it pre-charges does not go on."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "PreChargeRes")
    dc_se.put_other("CableCheckRes", {"EVSEProcessing": "Finished"})
    with requirement("V2G2-482", "V2G2-526"):
        await over(dc_se, evcc)


@case("TC_EVCC_DC_VTB_PreCharge_006", verifies="V2G2-706 V2G2-528", applies="DC")
async def test_voltage_never_comes(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose voltage never comes gives up pre-charging, and never asks for power."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "PreChargeRes")
    none: dict[str, Json] = {"EVSEPresentVoltage": physical(20, "V")}
    dc_se.put(none)
    requests, did = await put_off(dc_se, evcc, "PreChargeRes", none, PRE_CHARGE)
    with requirement("V2G2-528"):
        assert requests, "it does not ask again"
        assert not (isinstance(did, Message) and did.name == "PowerDeliveryReq" and did.ChargeProgress == "Start")
    with requirement("V2G2-706"):
        gives_up(dc_se, evcc, did)


@case("V2X_EVCC_DC_VTB_PowerDelivery_001", verifies="V2G2-486 V2G2-728", applies="DC")
async def test_no_power(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given no power stops the session and opens its contactors."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "PowerDeliveryRes")
    dc_se.put({"ResponseCode": "FAILED_PowerDeliveryNotApplied"})
    with requirement("V2G2-486", "V2G2-728"):
        await over(dc_se, evcc)


@case("V2X_EVCC_DC_VTB_ChargeParameterDiscovery_001", verifies="15118-2#8.7.nonsense.evcc", applies="DC")
async def test_absurd_limits(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told of a million volts and a negative current asks for no more than its own limits, and for none."""
    await dc_se.listens()
    await driver.plug_in()
    own = await reach(dc_se, evcc, "ChargeParameterDiscoveryRes")
    dc_se.put(ABSURD)
    with requirement("15118-2#8.7.nonsense.evcc"):
        did = await evcc.then(2 + evcc.termination)
        if not is_over(did, evcc):
            assert isinstance(did, Message)
            assert did.name == "CableCheckReq"
            assert did.session_id == dc_se.session_id
            await stays_within_its_own(dc_se, evcc, own)
