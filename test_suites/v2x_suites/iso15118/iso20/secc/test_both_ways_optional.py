"""An EV with both ways that tells how much of its energy it may give."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement
from v2x_harness.events import Json

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso20.secc import case
from v2x_suites.iso15118.iso20.secc.steps import rounds
from v2x_suites.iso15118.watch import physical

_OPTIONAL: Final = "15118-20#8.3.all-optional.secc"
_MODE: Final = "BPT_Dynamic_DC_CLReqControlMode"


@case("TC20_SECC_DC_BPT_GoodCase_003", verifies=f"{_OPTIONAL} V2G20-1600", applies="DC_BPT and Dynamic")
async def test_energy_for_others(dc_ev: EvTester) -> None:
    """An SECC takes requests that tell how much energy there is for others, and answers in the mode for both ways."""
    await dc_ev.plug_in(control="Dynamic", bidirectional=True)
    await dc_ev.until("DC_ChargeLoopReq")
    told: dict[str, Json] = {
        f"{_MODE}/EVMaximumV2XEnergyRequest": physical(20_000),
        f"{_MODE}/EVMinimumV2XEnergyRequest": physical(-5000),
        f"{_MODE}/DepartureTime": 7200,
    }
    with requirement(_OPTIONAL, hard=True):
        answers = await rounds(dc_ev, 5, told)
    with requirement("V2G20-1600"):
        assert all(each.content["BPT_Dynamic_DC_CLResControlMode"].exists for each in answers)
        assert all(each.session_id == dc_ev.session_id for each in answers)
