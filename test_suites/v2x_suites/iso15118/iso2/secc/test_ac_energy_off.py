"""AC is off once a session is over, however it ended."""

from __future__ import annotations

from v2x_architecture.iso15118.evcc import Wish
from v2x_harness.blocks import CannotJudge, requirement
from v2x_harness.steer import Toxic
from v2x_harness.tap import Tap

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case
from v2x_suites.iso15118.refusals import SEQUENCE_TIMEOUT
from v2x_suites.iso15118.secc_steps import granted
from v2x_suites.iso15118.under_test import UnderTest

_OFF = "15118-2#8.8.energy-off.secc"
_AC = "AC and Measured"


async def ac_flows(ev: EvTester) -> None:
    """Charge for a while.

    Raises:
        CannotJudge: nothing flows.
    """
    await ev.plug_in()
    await ev.until("ChargingStatusReq", 3)
    if not (ev.output.voltage_v > 0 and ev.output.power_w > 0):
        raise CannotJudge("no AC flows")


@case("V2X_SECC_AC_VTB_EnergyOff_001", verifies=f"{_OFF} V2G2-539", applies=_AC)
async def test_after_a_request_out_of_place(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC switches AC off when it has refused a request that is out of place."""
    await ac_flows(ac_ev)
    await ac_ev.sends_other("ServiceDiscoveryReq")
    with requirement("V2G2-539"):
        await secc.closes()
    with requirement(_OFF):
        assert ac_ev.output.voltage_v == 0


@case("V2X_SECC_AC_VTB_EnergyOff_002", verifies=f"{_OFF} V2G2-034", applies=_AC)
async def test_after_a_request_of_another_session(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC switches AC off when it has refused a request of another session."""
    await ac_flows(ac_ev)
    await ac_ev.sends({"/Header/SessionID": "0000000000000001"})
    with requirement("V2G2-034"):
        await secc.closes()
    with requirement(_OFF):
        assert ac_ev.output.voltage_v == 0


@case("V2X_SECC_AC_VTB_EnergyOff_003", verifies=f"{_OFF} V2G2-443", applies=_AC)
async def test_after_silence(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC switches AC off when its EV has fallen silent."""
    await ac_flows(ac_ev)
    secc.from_now()
    with requirement("V2G2-443"):
        await secc.closes(within=SEQUENCE_TIMEOUT + secc.termination)
    with requirement(_OFF):
        assert ac_ev.output.voltage_v == 0


@case("V2X_SECC_AC_VTB_EnergyOff_004", verifies=_OFF, applies=_AC)
async def test_after_the_connection_is_lost(ac_ev: EvTester, secc: UnderTest, link: Tap) -> None:
    """An SECC switches AC off when the connection has broken, the EV being plugged in still and ready for energy."""
    await ac_flows(ac_ev)
    secc.from_now()
    link.poison([Toxic(kind="reset")])
    with requirement(_OFF):
        await secc.stays_quiet("ChargingStatusRes", for_=2.0)
        assert ac_ev.output.voltage_v == 0


@case("V2X_SECC_AC_VTB_EnergyOff_005", verifies=_OFF, applies=_AC)
async def test_after_what_cannot_be_read(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC that has been sent what cannot be read switches AC off when it ends the session, at the latest after silence."""
    await ac_flows(ac_ev)
    secc.from_now()
    ac_ev.put_octets(bytes.fromhex("809a" + "ff" * 24))
    with requirement(_OFF):
        await secc.closes(within=SEQUENCE_TIMEOUT + secc.termination)
        assert ac_ev.output.voltage_v == 0


@case("V2X_SECC_AC_VTB_EnergyOff_006", verifies=f"{_OFF} V2G2-589", applies=_AC)
async def test_after_a_stop(ac_ev: EvTester) -> None:
    """An SECC whose EV stops charging switches AC off before it says OK."""
    await ac_flows(ac_ev)
    ac_ev.driver.wish = Wish.STOP
    await ac_ev.until("PowerDeliveryReq")
    with requirement("V2G2-589"):
        await granted(ac_ev)
    with requirement(_OFF):
        assert ac_ev.output.voltage_v == 0


@case("V2X_SECC_AC_VTB_EnergyOff_007", verifies=f"{_OFF} V2G2-570", applies=_AC)
async def test_after_a_session_stop_while_ac_flows(ac_ev: EvTester, secc: UnderTest) -> None:
    """An SECC whose EV stops the session while AC flows answers it, OK or out of sequence, and switches AC off."""
    await ac_flows(ac_ev)
    with requirement("V2G2-570"):
        answer = await ac_ev.sends_other("SessionStopReq")
        assert answer.name == "SessionStopRes"
    with requirement(_OFF):
        await secc.closes()
        assert ac_ev.output.voltage_v == 0
