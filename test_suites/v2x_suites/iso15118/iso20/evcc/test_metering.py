"""The meter's register, which the SECC wants to be confirmed beside the charge loop."""

from __future__ import annotations

from typing import Final

from v2x_architecture.iso15118.charging import Notification
from v2x_architecture.iso15118.v2gtp import PayloadType
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.evcc_steps import comes, reach
from v2x_suites.iso15118.iso20.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest

_CONFIRMS: Final = "15118-20#8.3.metering-confirmation.evcc"
_DELAY: Final = 10


async def _confirms(se: SeTester, driver: EvccOperator, evcc: UnderTest, energy: str) -> None:
    """Want the meter confirmed, and see that it is, and that the charge loop goes on."""
    loop = f"{energy}_ChargeLoop"
    await se.listens()
    await driver.plug_in()
    await reach(se, evcc, f"{loop}Res", 3)
    se.settings.notification = Notification("MeteringConfirmation", _DELAY)
    with requirement(_CONFIRMS, "V2G20-1084", hard=True):
        asked = await comes(se, evcc, "MeteringConfirmationReq", within=_DELAY + 2.0)
    told = [each for each in evcc.heard(f"{loop}Res") if each.EVSEStatus.exists]
    with requirement("V2G20-1084"):
        assert asked.v2gtp["payload_type"] == PayloadType.METERING_CONFIRMATION
    with requirement(_CONFIRMS):
        data = asked.SignedMeteringData
        assert data.SessionID == se.session_id
        assert any(data.MeterInfo == each.MeterInfo.value for each in told), "it confirms what it was not told"
    se.settings.notification = Notification()
    with requirement(_CONFIRMS):
        await comes(se, evcc, f"{loop}Req")
        await comes(se, evcc, f"{loop}Req")


@case("TC20_EVCC_DC_GoodCase_MeteringConfirmation_001", verifies=f"{_CONFIRMS} V2G20-1084", applies="DC and MeteringConfirmation")
async def test_dc_confirmation(dc_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is asked to confirms the DC meter as it was told, in a stream of its own, and charges on."""
    await _confirms(dc_se, driver, evcc, "DC")


@case("TC20_EVCC_AC_GoodCase_MeteringConfirmation_001", verifies=f"{_CONFIRMS} V2G20-1084", applies="AC and MeteringConfirmation")
async def test_ac_confirmation(ac_se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC that is asked to confirms the AC meter as it was told, in a stream of its own, and charges on."""
    await _confirms(ac_se, driver, evcc, "AC")
