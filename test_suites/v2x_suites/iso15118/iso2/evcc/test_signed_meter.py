"""A meter that signs what it shows."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.evcc_steps import comes, reach
from v2x_suites.iso15118.iso2.evcc import case
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest

_ALL: Final = "15118-2#8.5.2.all-optional.evcc"
_METER: Final[dict[str, Json]] = {
    "MeterID": "M" * 32,
    "MeterReading": 2**63,
    "SigMeterReading": "A" * 84 + "AA==",
    "MeterStatus": -1,
    "TMeter": 2**40,
}


@case("V2X_EVCC_CMN_VTB_MeterInfo_001", verifies=f"{_ALL} V2G2-752")
async def test_meter_that_tells_all(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> None:
    """An EVCC charges on where the meter tells all that it may, as long as it may be: id, reading, signature, status, time."""
    await se.listens()
    await driver.plug_in()
    loop = "ChargingStatus" if se.energy == "AC" else "CurrentDemand"
    await reach(se, evcc, f"{loop}Res", 2)
    with requirement(_ALL, hard=True):
        for _ in range(5):
            se.put({"MeterInfo": _METER})
            asked = await comes(se, evcc, f"{loop}Req")
    with requirement("V2G2-752"):
        assert asked.session_id == se.session_id
