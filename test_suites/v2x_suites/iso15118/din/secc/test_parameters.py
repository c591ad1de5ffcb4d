"""DIN SPEC 70121: what EV and EVSE tell each other of themselves."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.dc_charging import AC_PARAMETERS, parameters
from v2x_suites.iso15118.din.secc import case
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.refusals import only_its_own, out_of_sequence, refused, unknown_session
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import SeccOperator, UnderTest
from v2x_suites.iso15118.watch import amount, physical

DAY = 86_400


@case("TC_DIN_SECC_ChargeParameterDiscovery_001", verifies="V2G-DC-388 V2G-DC-559 V2G-DC-554 V2G-DC-500 V2G-DC-638 V2G-DC-453")
async def test_parameters(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC tells the limits of its supply and a schedule of a day at least, without a tariff, and then checks the cable."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G-DC-388", hard=True):
        answer = await parameters(dc_ev)
        told = answer.DC_EVSEChargeParameter
        assert told.exists
        assert amount(told.EVSEMaximumCurrentLimit) > 0
        assert 0 < amount(told.EVSEMinimumVoltageLimit) < amount(told.EVSEMaximumVoltageLimit)
    with requirement("V2G-DC-559"):
        for offered in answer.SAScheduleList.SAScheduleTuple:
            entries = list(offered.PMaxSchedule.PMaxScheduleEntry)
            assert entries
            last = entries[-1].RelativeTimeInterval
            assert entries[0].RelativeTimeInterval.start == 0
            assert last.start.number() + last.duration.number() >= DAY or not last.duration.exists
        assert len(answer.SAScheduleList.SAScheduleTuple) >= 1
    with requirement("V2G-DC-554"):
        assert not any(each.SalesTariff.exists for each in answer.SAScheduleList.SAScheduleTuple)
    with requirement("V2G-DC-500"):
        assert told.DC_EVSEStatus.EVSENotification == "None"
    with requirement("V2G-DC-638"):
        assert told.DC_EVSEStatus.EVSEStatusCode.is_in("EVSE_Ready", "EVSE_NotReady", "EVSE_IsolationMonitoringActive")
    await dc_ev.until("CableCheckReq")
    with requirement("V2G-DC-453", hard=True):
        answer = await granted(dc_ev)
        assert answer.session_id == dc_ev.session_id
    await dc_ev.until("CableCheckReq" if answer.EVSEProcessing == "Ongoing" else "PreChargeReq")
    await only_its_own(dc_ev, "V2G-DC-453")


@case("TC_DIN_SECC_ChargeParameterDiscovery_002", verifies="V2G-DC-397 V2G-DC-116")
async def test_wrong_energy(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses a way of energy transfer that it has not offered."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    answer = dc_ev.sends({"EVRequestedEnergyTransferType": "AC_three_phase_core"})
    await refused(secc, answer, "V2G-DC-397", "FAILED_WrongEnergyTransferType")


@case("TC_DIN_SECC_ChargeParameterDiscovery_003", verifies="V2G-DC-398 V2G-DC-116")
async def test_wrong_parameters(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses the parameters of AC charging for a way of DC charging."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    answer = dc_ev.sends({"AC_EVChargeParameter": {"DepartureTime": 0, **AC_PARAMETERS}}, without=["DC_EVChargeParameter"])
    await refused(secc, answer, "V2G-DC-398", "FAILED_WrongChargeParameter")


@case("TC_DIN_SECC_ChargeParameterDiscovery_004", verifies="DIN70121#ChargeParameterDiscovery.limits")
async def test_negative_limit(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not go on with an EV whose current limit is below zero."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("DIN70121#ChargeParameterDiscovery.limits"):
        answer = await dc_ev.sends({"DC_EVChargeParameter/EVMaximumCurrentLimit": physical(-100, "A")})
        assert answer.name == "ChargeParameterDiscoveryRes"
        assert answer.code.is_in("FAILED", "FAILED_WrongChargeParameter")
        assert answer.session_id == dc_ev.session_id


@case("TC_DIN_SECC_ChargeParameterDiscovery_005", verifies="DIN70121#ChargeParameterDiscovery.limits")
async def test_voltages_that_never_meet(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC does not go on with an EV that may have less voltage than the supply can be set to."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("DIN70121#ChargeParameterDiscovery.limits"):
        answer = await dc_ev.sends({"DC_EVChargeParameter/EVMaximumVoltageLimit": physical(20, "V")})
        assert answer.name == "ChargeParameterDiscoveryRes"
        assert answer.code.is_in("FAILED", "FAILED_WrongChargeParameter")
        assert answer.session_id == dc_ev.session_id


@case("TC_DIN_SECC_ChargeParameterDiscovery_006", verifies="V2G-DC-495 V2G-DC-498")
async def test_parameters_take_time(dc_ev: EvTester, secc: UnderTest, operator: SeccOperator) -> None:
    """An SECC that has no schedule yet answers Ongoing and takes ChargeParameterDiscoveryReq again, until it has one."""
    await operator.set_schedules(None, seconds=2)
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G-DC-495", hard=True):
        answer = await granted(dc_ev)
        assert answer.EVSEProcessing == "Ongoing"
    await dc_ev.until("ChargeParameterDiscoveryReq")
    with requirement("V2G-DC-498"):
        later = await parameters(dc_ev)
        assert later.t - answer.t <= 10, "it was to take 2 s"
        assert later.session_id == dc_ev.session_id


@case("TC_DIN_SECC_ChargeParameterDiscovery_007", verifies="V2G-DC-391 V2G-DC-116")
async def test_unknown_session(dc_ev: EvTester, secc: UnderTest) -> None:
    """An SECC refuses ChargeParameterDiscoveryReq of another session, and ends the session."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    await unknown_session(dc_ev, secc)


@case("TC_DIN_SECC_ChargeParameterDiscovery_008", verifies="V2G-DC-666 V2G-DC-390 V2G-DC-116")
async def test_power_without_parameters(dc_ev: EvTester, secc: UnderTest) -> None:
    """Before parameters are known an SECC refuses PowerDeliveryReq."""
    await dc_ev.plug_in()
    await dc_ev.until("ChargeParameterDiscoveryReq")
    await out_of_sequence(dc_ev, secc, "PowerDeliveryReq")
