"""Authorization and the exchange of parameters."""

from __future__ import annotations

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.evcc_steps import asks_on, comes, gives_up, over, put_off, reach
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount

_ONGOING = 60.0


@case("V2X_EVCC_CMN_VTB_Authorization_001", verifies="V2G2-486 V2G2-025 V2G2-735")
async def test_not_authorized(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is not authorized stops the session, even when the response says that all is finished."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "AuthorizationRes")
    se.put({"ResponseCode": "FAILED", "EVSEProcessing": "Finished"})
    with requirement("V2G2-486", "V2G2-025", "V2G2-735"):
        await over(se, evcc)


@case("V2X_EVCC_CMN_VTB_Authorization_002", verifies="V2G2-482 V2G2-728")
async def test_other_response(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given the response to another request while it waits to be authorized does not go on."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "AuthorizationRes")
    se.put_other("SessionSetupRes", {"ResponseCode": "OK_NewSessionEstablished"})
    with requirement("V2G2-482", "V2G2-728"):
        await over(se, evcc)


@case("TC_EVCC_CMN_VTB_Authorization_009", verifies="V2G2-711 V2G2-504")
async def test_authorization_for_ever(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose authorization is never finished asks again and again, and gives up after V2G_EVCC_Ongoing_Timeout, 60 s."""
    await se.listens()
    await driver.plug_in()
    first = await reach(se, evcc, "AuthorizationRes")
    se.put({"EVSEProcessing": "Ongoing"})
    requests, did = await put_off(se, evcc, "AuthorizationRes", {"EVSEProcessing": "Ongoing"}, _ONGOING + evcc.termination)
    with requirement("V2G2-504"):
        asks_on(requests, first, 50.0)
        assert all(each.session_id == se.session_id for each in requests)
    with requirement("V2G2-711"):
        gives_up(se, evcc, did)


@case("V2X_EVCC_CMN_VTB_Authorization_003", verifies="V2G2-845 V2G2-504")
async def test_waiting_for_the_customer(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC goes on asking while the customer is waited for, and goes on with the session when that is over."""
    await se.listens(authorization="waiting")
    await driver.plug_in()
    await reach(se, evcc, "AuthorizationRes")
    with requirement("V2G2-845"):
        begun = evcc.watch.now
        while evcc.watch.now - begun < 15.0:
            se.put()
            assert (await evcc.next(within=40)).name == "AuthorizationReq"
            await comes(se, evcc, "AuthorizationReq")
    se.put({"EVSEProcessing": "Finished"})
    with requirement("V2G2-504"):
        following = await evcc.next("ChargeParameterDiscoveryReq")
        assert following.session_id == se.session_id


@case("V2X_EVCC_CMN_VTB_ChargeParameterDiscovery_001", verifies="15118-2#8.4.mode.evcc V2G2-752")
async def test_chosen_mode(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC asks for a way of energy transfer that was offered, with the parameters that belong to it."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "AuthorizationRes")
    offered = evcc.heard("ServiceDiscoveryRes")[-1].ChargeService.SupportedEnergyTransferMode.EnergyTransferMode
    with requirement("15118-2#8.4.mode.evcc", hard=True):
        request = await comes(se, evcc, "ChargeParameterDiscoveryReq", refused=True)
        assert request.RequestedEnergyTransferMode in offered
        direct = str(request.RequestedEnergyTransferMode.value).startswith("DC")
        assert request.DC_EVChargeParameter.exists == direct
        assert request.AC_EVChargeParameter.exists != direct
    with requirement("V2G2-752"):
        assert request.session_id == se.session_id


@case("TC_EVCC_CMN_VTB_ChargeParameterDiscovery_002", verifies="V2G2-482 V2G2-025")
async def test_other_response_to_parameters(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is given the response to another request instead of the EVSE's parameters does not go on."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ChargeParameterDiscoveryRes")
    se.put_other("PaymentServiceSelectionRes")
    with requirement("V2G2-482", "V2G2-025"):
        await over(se, evcc)


@case("V2X_EVCC_CMN_VTB_ChargeParameterDiscovery_002", verifies="V2G2-486 V2G2-735 V2G2-025")
async def test_wrong_parameters(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose parameters are refused stops the session, and uses none of the EVSE's."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, "ChargeParameterDiscoveryRes")
    se.put({"ResponseCode": "FAILED_WrongChargeParameter"})
    with requirement("V2G2-486", "V2G2-735", "V2G2-025"):
        await over(se, evcc)


@case("V2X_EVCC_CMN_VTB_ChargeParameterDiscovery_003", verifies="V2G2-711 V2G2-506")
async def test_parameters_for_ever(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose schedules are never worked out asks again and again, and gives up after V2G_EVCC_Ongoing_Timeout, 60 s."""
    await se.listens()
    await driver.plug_in()
    first = await reach(se, evcc, "ChargeParameterDiscoveryRes")
    ongoing: dict[str, Json] = {"EVSEProcessing": "Ongoing"}
    se.put(ongoing, without=["SASchedules"])
    requests, did = await put_off(se, evcc, "ChargeParameterDiscoveryRes", ongoing, _ONGOING + evcc.termination)
    with requirement("V2G2-506"):
        asks_on(requests, first, 50.0)
        assert all(each.session_id == se.session_id for each in requests)
    with requirement("V2G2-711"):
        gives_up(se, evcc, did)


@case(
    "V2X_EVCC_CMN_VTB_ChargeParameterDiscovery_004",
    verifies="15118-2#8.5.2.optional.evcc 15118-2#8.5.schedules.evcc 15118-2#8.7.profile.evcc",
)
async def test_long_schedules(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC takes three schedules of 24 entries without prices, and plans within the one that it chooses."""
    await se.listens(schedules=[_schedule(1, 7000.0), _schedule(2, 9000.0), _schedule(3, 5000.0)])
    await driver.plug_in()
    await reach(se, evcc, "ChargeParameterDiscoveryRes")
    with requirement("15118-2#8.5.schedules.evcc", "15118-2#8.5.2.optional.evcc", hard=True):
        se.put(
            without=["DC_EVSEChargeParameter/EVSECurrentRegulationTolerance", "DC_EVSEChargeParameter/EVSEEnergyToBeDelivered"]
        )
        assert (await evcc.next()).name in ("PowerDeliveryReq", "CableCheckReq")
        evcc.from_now()
        start = await comes(se, evcc, "PowerDeliveryReq", within=120, refused=True)
        assert start.SAScheduleTupleID.is_in(1, 2, 3)
    with requirement("15118-2#8.7.profile.evcc"):
        assert exceeded(start, {1: _schedule(1, 7000.0), 2: _schedule(2, 9000.0), 3: _schedule(3, 5000.0)}) == ""


@case("V2X_EVCC_CMN_VTB_ChargeParameterDiscovery_005", verifies="15118-2#8.7.late.evcc V2G2-506")
async def test_late_parameters(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told three times to wait for the EVSE's parameters goes on when they come, at the last moment."""
    await se.listens(schedule_s=3.0)
    await driver.plug_in()
    with requirement("V2G2-506"):
        for _ in range(2):
            await comes(se, evcc, "ChargeParameterDiscoveryReq")
            se.put()
            assert (await evcc.next()).name == "ChargeParameterDiscoveryReq"
    se.settings.schedule_s = 0.0
    await se.until("ChargeParameterDiscoveryRes")
    evcc.from_now()
    with requirement("15118-2#8.7.late.evcc"):
        await evcc.stays_quiet(for_=1.4)
        se.put()
        following = await evcc.next("PowerDeliveryReq", "CableCheckReq")
        assert following.session_id == se.session_id


def _schedule(number: int, power_w: float) -> dict[str, Json]:
    """Return a schedule of 24 hours whose power falls and rises."""
    entries: list[Json] = [
        {"start_s": 3600 * hour, "max_power_w": power_w - 1000.0 * (hour % 3), "duration_s": 3600 if hour == 23 else None}
        for hour in range(24)
    ]
    return {"id": number, "entries": entries}


def exceeded(start: Message, schedules: dict[int, dict[str, Json]]) -> str:
    """Say where a charging profile exceeds the schedule that it chooses; nothing where it does not, or there is none."""
    entries: Json = schedules[start.SAScheduleTupleID.number()]["entries"]
    assert isinstance(entries, list)
    for wanted in start.ChargingProfile.ProfileEntry:
        at = wanted.ChargingProfileEntryStart.number()
        limit = [e["max_power_w"] for e in entries if isinstance(e, dict) and float(str(e["start_s"])) <= at][-1]
        if amount(wanted.ChargingProfileEntryMaxPower) > float(str(limit)):
            return f"{amount(wanted.ChargingProfileEntryMaxPower):g} W at {at} s, when there are {limit} W"
    return ""
