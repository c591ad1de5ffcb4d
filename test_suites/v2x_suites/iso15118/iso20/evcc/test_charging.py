"""Energy that flows, either way, by the EV's plan or by the SECC's will; and how that ends."""

from __future__ import annotations

import msgspec
from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.evcc_steps import over, reach
from v2x_suites.iso15118.iso20.evcc import case
from v2x_suites.iso15118.iso20.evcc.states import at_loop
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount

# Within which an EV must have done what the SECC wants (s), and how far it may be off: a share of it, and so many watts.
_FOLLOWS, _OFF, _AT_LEAST = 5.0, 0.10, 250.0
# For how long what it does then is looked at further (s).
_STAYS = 12.0


async def _present(se: SeTester, evcc: UnderTest, seconds: float) -> Message:
    """Let the session go on, and return the last request of the AC charge loop."""
    await se.goes_on(seconds)
    return evcc.said("AC_ChargeLoopReq")[-1]


def _power(request: Message) -> float:
    """Return what the EV says that it draws (W), negative when it gives."""
    mode = next(name for name in msgspec.convert(request.content.peek(), dict[str, Json]) if name.endswith("CLReqControlMode"))
    return amount(request.content[mode].EVPresentActivePower)


def _near(power: float, target: float) -> bool:
    return abs(power - target) <= max(_OFF * abs(target), _AT_LEAST)


@case("TC20_EVCC_AC_GoodCase_Dynamic_001", verifies="V2G20-1825", applies="AC and Dynamic")
async def test_ac_target(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC in dynamic control draws what the SECC says, and follows when it says something else."""
    await at_loop(ac_se, driver, evcc, "AC", "Dynamic", target_power_w=8000.0)
    with requirement("V2G20-1825"):
        before = _power(await _present(ac_se, evcc, _FOLLOWS))
        assert _near(before, 8000.0), f"it draws {before:g} W of 8000 W"
    ac_se.settings.target_power_w = 4200.0
    with requirement("V2G20-1825"):
        after = _power(await _present(ac_se, evcc, _FOLLOWS))
        assert _near(after, 4200.0), f"it draws {after:g} W of 4200 W"


@case("TC20_EVCC_AC_BPT_GoodCase_001", verifies="15118-20#8.3.bpt.evcc", applies="AC_BPT and Dynamic")
async def test_ac_gives_back(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC in a service with both ways gives what the SECC says, within what it has said that it can."""
    await at_loop(ac_se, driver, evcc, "AC_BPT", "Dynamic", target_power_w=-5000.0)
    with requirement("15118-20#8.3.bpt.evcc"):
        told = evcc.said("AC_ChargeParameterDiscoveryReq")[-1].BPT_AC_CPDReqEnergyTransferMode
        most = amount(told.EVMaximumDischargePower)
        given = _power(await _present(ac_se, evcc, _FOLLOWS))
        assert _near(given, -min(5000.0, abs(most))), f"it draws {given:g} W, and -5000 W was wanted"
    with requirement("15118-20#8.3.bpt.evcc"):
        later = _power(await _present(ac_se, evcc, _STAYS))
        assert _near(later, -min(5000.0, abs(most))), f"it draws {later:g} W in the end, and -5000 W was wanted"


@case("TC20_EVCC_DC_BPT_GoodCase_001", verifies="15118-20#8.3.bpt.evcc", applies="DC_BPT and Dynamic")
async def test_dc_takes_what_the_secc_gives(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC in a service with both ways tells in each request what it takes and gives at most, and goes on while it gives."""
    await at_loop(dc_se, driver, evcc, "DC_BPT", "Dynamic", target_power_w=-4000.0)
    with requirement("15118-20#8.3.bpt.evcc"):
        asked = (await _dc(dc_se, evcc, _FOLLOWS)).BPT_Dynamic_DC_CLReqControlMode
        assert asked.exists
        assert amount(asked.EVMaximumDischargePower) != 0
        assert amount(asked.EVMaximumDischargeCurrent) != 0
        assert amount(asked.EVMaximumChargePower) > 0


async def _dc(se: SeTester, evcc: UnderTest, seconds: float) -> Message:
    await se.goes_on(seconds)
    return evcc.said("DC_ChargeLoopReq")[-1]


@case("TC20_EVCC_DC_GoodCase_Scheduled_001", verifies="15118-20#8.3.limits.evcc", applies="DC and Scheduled")
async def test_dc_limits_lowered(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC in scheduled control that is told a lower limit of current asks for no more than that."""
    await at_loop(dc_se, driver, evcc, "DC", "Scheduled")
    dc_se.settings.max_current_a = 20.0
    with requirement("15118-20#8.3.limits.evcc"):
        request = await _dc(dc_se, evcc, _FOLLOWS)
        target = amount(request.Scheduled_DC_CLReqControlMode.EVTargetCurrent)
        assert 0 < target <= 20.0 + 1.0, f"it asks for {target:g} A, and 20 A is the limit"


@case("TC20_EVCC_DC_GoodCase_Dynamic_001", verifies="15118-20#8.3.dynamic.evcc", applies="DC and Dynamic")
async def test_dc_dynamic(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC in dynamic control tells its limits, asks for no current of its own, and goes on when it is given less."""
    first = await at_loop(dc_se, driver, evcc, "DC", "Dynamic")
    dc_se.settings.target_power_w = 5000.0
    with requirement("15118-20#8.3.dynamic.evcc"):
        last = await _dc(dc_se, evcc, _FOLLOWS)
        assert last.t - first.t > _FOLLOWS / 2, "it does not go on"
        asked = last.Dynamic_DC_CLReqControlMode
        assert asked.exists
        assert amount(asked.EVMaximumChargeCurrent) > 0
        assert amount(asked.EVMaximumVoltage) > 0
        assert not last.Scheduled_DC_CLReqControlMode.exists


@case("TC20_EVCC_CMN_GoodCase_Terminate_001", verifies="V2G20-1416")
async def test_terminate(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told to terminate stops the flow of energy within NotificationMaxDelay, and the session in order."""
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, f"{se.energy}_ChargeLoopRes", 3)
    status: dict[str, Json] = {"EVSEStatus": {"NotificationMaxDelay": 10, "EVSENotification": "Terminate"}}
    se.put(status)
    with requirement("V2G20-1416"):
        seconds, loop = 10.0 + 1.0, f"{se.energy}_ChargeLoopRes"
        end = evcc.watch.now + seconds
        while (did := await evcc.next(within=max(end - evcc.watch.now, 0.1))).name == f"{se.energy}_ChargeLoopReq":
            await se.until(loop)
            se.put(status)
        assert did.name == "PowerDeliveryReq"
        assert did.ChargeProgress == "Stop"
    with requirement("V2G20-1416"):
        await se.until("SessionStopRes")
        assert evcc.said("SessionStopReq")[-1].ChargingSession == "Terminate"


@case("TC20_EVCC_DC_Error_001", verifies="15118-20#8.6.failed-ends.evcc", applies="DC")
async def test_failed_in_the_loop(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is told FAILED while energy flows takes no more of it and ends the session."""
    await dc_se.listens()
    await driver.plug_in()
    await reach(dc_se, evcc, "DC_ChargeLoopRes", 3)
    dc_se.put({"ResponseCode": "FAILED"})
    with requirement("15118-20#8.6.failed-ends.evcc"):
        await over(dc_se, evcc, "PowerDeliveryReq", "DC_WeldingDetectionReq")


@case("TC20_EVCC_AC_Error_001", verifies="15118-20#8.6.failed-ends.evcc", applies="AC")
async def test_contactor_does_not_close(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC whose EVSE could not close its contactor draws nothing and ends the session."""
    await ac_se.listens()
    await driver.plug_in()
    await reach(ac_se, evcc, "PowerDeliveryRes")
    ac_se.put({"ResponseCode": "FAILED_ContactorError"})
    with requirement("15118-20#8.6.failed-ends.evcc"):
        await over(ac_se, evcc)
