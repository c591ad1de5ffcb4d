"""A charging profile that tells how many phases the EV uses."""

from __future__ import annotations

from v2x_harness.blocks import requirement

from v2x_suites.iso15118.ev_tester import EvTester
from v2x_suites.iso15118.iso2.secc import case


@case("V2X_SECC_AC_VTB_PowerDelivery_008", verifies="V2G2-224 V2G2-589 V2G2-576", applies="AC")
async def test_one_phase_of_three(ac_ev: EvTester) -> None:
    """An SECC takes a charging profile that tells how many phases are in use, and lets energy flow."""
    await ac_ev.plug_in()
    await ac_ev.until("PowerDeliveryReq")
    with requirement("V2G2-224", "V2G2-589", hard=True):
        answer = await ac_ev.sends({"ChargingProfile/ProfileEntry/0/ChargingProfileEntryMaxNumberOfPhasesInUse": 1})
        assert answer.name == "PowerDeliveryRes"
        assert answer.code == "OK"
    await ac_ev.until("ChargingStatusReq")
    with requirement("V2G2-576"):
        answer = await ac_ev.sends()
        assert answer.name == "ChargingStatusRes"
        assert answer.code == "OK"
        assert answer.session_id == ac_ev.session_id
