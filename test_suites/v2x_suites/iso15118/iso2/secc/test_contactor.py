"""What an EVSE cannot do: a contactor that neither closes nor opens, a residual current device that has tripped."""

from __future__ import annotations

from typing import Final

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.contactors import is_welded, repaired, stays_open
from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.under_test import SeccOperator
from v2x_suites.iso15118.watch import Message

_ANEW: Final = "15118-2#session.anew"
_RCD: Final = "15118-2#8.4.rcd.secc"
_OPENS: Final = "15118-2#8.4.contactor-open.secc"


@case("V2X_SECC_AC_VTB_Contactor_001", verifies=f"V2G2-862 {_ANEW}", applies="AC and ContactorFault")
async def test_ac_contactor_stays_open(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC whose AC contactor does not close says so in time, and gives energy when it does again."""
    await stays_open(ac_ev, operator, ("V2G2-862",), "FAILED_ContactorError")
    await repaired(ac_ev, operator, _ANEW)


@case("V2X_SECC_AC_VTB_Contactor_002", verifies=_OPENS, applies="AC and ContactorFault")
async def test_ac_contactor_is_welded(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC whose AC contactor does not open any more does not say that it has."""
    await is_welded(ac_ev, operator, "ChargingStatusReq", _OPENS)


@case("V2X_SECC_DC_VTB_Contactor_001", verifies="V2G2-480 V2G2-736", applies="DC and ContactorFault")
async def test_dc_contactor_stays_open(dc_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC whose DC output cannot be connected refuses to deliver energy."""
    answer = await stays_open(dc_ev, operator, ("V2G2-480",), "FAILED_PowerDeliveryNotApplied", "FAILED_ContactorError")
    with requirement("V2G2-736"):
        assert answer.DC_EVSEStatus.EVSEStatusCode.exists
        assert answer.DC_EVSEStatus.NotificationMaxDelay.exists


async def _until_told(ev: EvTester, tripped: bool) -> Message:
    """Go round the charging loop until the SECC tells of its residual current device, or refuses; three times at most."""
    for _ in range(3):
        answer = await ev.sends()
        if tripped == answer.AC_EVSEStatus.RCD or answer.code != "OK":
            break
        await ev.until("ChargingStatusReq")
    return answer


@case("V2X_SECC_AC_VTB_Rcd_001", verifies=f"{_RCD} V2G2-575", applies="AC and RcdFault and Measured")
async def test_rcd_trips_while_energy_flows(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC whose residual current device trips while energy flows tells so in the charging loop; nothing flows."""
    await ac_ev.plug_in()
    await ac_ev.until("ChargingStatusReq", 3)
    with requirement("V2G2-575"):
        before = await ac_ev.sends()
        assert before.code == "OK"
        assert not before.AC_EVSEStatus.RCD
    await operator.set_rcd(tripped=True)
    await ac_ev.until("ChargingStatusReq")
    with requirement(_RCD):
        told = await _until_told(ac_ev, tripped=True)
        assert told.name == "ChargingStatusRes"
        assert told.AC_EVSEStatus.RCD
        assert ac_ev.output.power_w == 0


@case("V2X_SECC_AC_VTB_Rcd_002", verifies=f"{_RCD} V2G2-480", applies="AC and RcdFault and Measured")
async def test_rcd_has_tripped_before(ac_ev: EvTester, operator: SeccOperator) -> None:
    """An SECC whose residual current device has tripped refuses to deliver energy, and says why."""
    await ac_ev.plug_in()
    await ac_ev.until("PowerDeliveryReq")
    await operator.set_rcd(tripped=True)
    with requirement("V2G2-480", hard=True):
        answer = await ac_ev.sends()
        assert answer.name == "PowerDeliveryRes"
        assert str(answer.code.value).startswith("FAILED")
    with requirement(_RCD):
        assert answer.AC_EVSEStatus.RCD
        assert ac_ev.output.voltage_v == 0
