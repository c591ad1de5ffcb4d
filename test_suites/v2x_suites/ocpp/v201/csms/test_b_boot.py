"""Block B, provisioning: boot, pending and rejected boots, reset."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.ocpp.peers import CsmsOperator, CsmsUnderTest, StationActor
from v2x_suites.ocpp.v201.csms import case


@case("TC_B_01_CSMS", verifies="B01.FR.02")
async def test_cold_boot_accepted(csms: CsmsUnderTest, station: StationActor) -> None:
    """A CSMS says to a station that boots whether it accepts it, and takes its reports."""
    await station.power_on()
    boot = await station.sends("BootNotification")
    with requirement("B01.FR.02", hard=True):
        answer = await csms.answer(boot)
        assert answer.status == "Accepted"
        assert answer.interval >= 0
        assert answer.currentTime.exists
    status = await station.sends("StatusNotification")
    with requirement("B01.FR.02"):
        reported = await csms.answer(status)
        assert not reported.is_error


@case("TC_B_20_CSMS", verifies="B11.FR.01")
async def test_reset_on_idle(csms: CsmsUnderTest, operator: CsmsOperator, booted: StationActor) -> None:
    """A CSMS that is asked to reset a station when idle sends that, and takes the station back after its reboot."""
    with requirement("B11.FR.01"):
        reset = await operator.send("Reset", type="OnIdle")
        assert reset.type == "OnIdle"
    boot = await booted.sends("BootNotification", within=csms.pixit.reboot)
    with requirement("B11.FR.01"):
        answer = await csms.answer(boot)
        assert answer.status == "Accepted"
