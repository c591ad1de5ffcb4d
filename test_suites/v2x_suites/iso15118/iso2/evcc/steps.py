"""What cases of ISO 15118-2 judge of an EVCC alike, whether AC or DC flows."""

from __future__ import annotations

from v2x_architecture.iso15118.charging import Notification
from v2x_harness.blocks import requirement

from v2x_suites.iso15118.evcc_steps import comes
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import UnderTest
from v2x_suites.iso15118.watch import amount


async def starts_within(se: SeTester, evcc: UnderTest, schedule: int, most_w: float) -> None:
    """Let our side go on until the EVCC asks for power, and judge that it chooses the schedule, and plans within it.

    Args:
        schedule: SAScheduleTupleID of the only one that is offered.
        most_w: that it has (W).
    """
    with requirement("15118-2#8.7.profile.evcc", hard=True):
        start = await comes(se, evcc, "PowerDeliveryReq", refused=True)
        assert start.SAScheduleTupleID == schedule
        for entry in start.ChargingProfile.ProfileEntry:
            assert amount(entry.ChargingProfileEntryMaxPower) <= most_w


async def renegotiates(se: SeTester, evcc: UnderTest, loop: str) -> None:
    """Have the EVSE ask for a renegotiation while energy flows, and judge each step of the EVCC until energy flows again.

    Args:
        loop: name of the request that it sends again and again while energy flows.
    """
    se.settings.notification = Notification("ReNegotiation", 10)
    with requirement("V2G2-680", hard=True):
        assert (await comes(se, evcc, "PowerDeliveryReq", within=12)).ChargeProgress == "Renegotiate"
    se.settings.notification = Notification()
    with requirement("V2G2-841", hard=True):
        se.put()
        assert (await evcc.next()).name == "ChargeParameterDiscoveryReq"
    with requirement("V2G2-842", hard=True):
        assert (await comes(se, evcc, "PowerDeliveryReq")).ChargeProgress == "Start"
        se.put()
        assert (await evcc.next()).name == loop
    with requirement("V2G2-841"):
        # Nothing asks for it any more.
        changes = len(evcc.said("PowerDeliveryReq"))
        for _ in range(3):
            await comes(se, evcc, loop)
        assert len(evcc.said("PowerDeliveryReq")) == changes, "it does not charge on, but changes the flow of energy once more"
