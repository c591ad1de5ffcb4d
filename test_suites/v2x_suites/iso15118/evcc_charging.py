"""DC charging with an EVCC of the older editions under test, a step at a time, as cases want it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from v2x_harness.blocks import requirement
from v2x_harness.events import Json, LinkEvent
from v2x_harness.finding import Axis

from v2x_suites.iso15118.evcc_steps import comes, reach
from v2x_suites.iso15118.se_tester import SeTester
from v2x_suites.iso15118.under_test import EvccOperator, UnderTest
from v2x_suites.iso15118.watch import Message, amount, physical

CABLE_CHECK = 40.0
"""V2G_EVCC_CableCheck_Timeout (s)."""
PRE_CHARGE = 12.0
"""Until when pre-charging is given up: 7 s or 10 s, as the tables of timers are read, up to 12 s in the field (s)."""
CHECKING: Final[dict[str, Json]] = {
    "EVSEProcessing": "Ongoing",
    "DC_EVSEStatus/EVSEStatusCode": "EVSE_IsolationMonitoringActive",
}
"""A CableCheckRes that is not the last."""
ABSURD: Final[dict[str, Json]] = {
    "DC_EVSEChargeParameter/EVSEMaximumVoltageLimit": physical(1_000_000, "V", exponent=3),
    "DC_EVSEChargeParameter/EVSEMaximumCurrentLimit": physical(-200, "A"),
    "DC_EVSEChargeParameter/EVSEMaximumPowerLimit": physical(30_000_000, "W", exponent=3),
}
"""A ChargeParameterDiscoveryRes of an EVSE that there is not: a million volts, and a current below zero."""


async def charging(se: SeTester, driver: EvccOperator, evcc: UnderTest) -> Message:
    """Have current flow; return the last demand, whose response is held."""
    await se.listens()
    await driver.plug_in()
    return await reach(se, evcc, "CurrentDemandRes", 2)


def stops(did: Message | LinkEvent | None) -> bool:
    """Tell whether what an EVCC did is to stop the flow of energy."""
    if not isinstance(did, Message) or did.name != "PowerDeliveryReq":
        return False
    return did.ReadyToChargeState.peek() is False if did.schema == "din" else did.ChargeProgress == "Stop"


async def charges_on(
    se: SeTester, evcc: UnderTest, change: Mapping[str, Json] | None = None, without: Sequence[str] = ()
) -> None:
    """Give the CurrentDemandRes that is held, changed, and see that the EVCC goes on demanding current in the session.

    Args:
        change: pointers to new values.
        without: pointers of what is left out.

    Raises:
        AssertionError: it demands none, or in another session.
        NotSeen: it does something else.
    """
    se.put(change, without)
    following = await evcc.next("CurrentDemandReq")
    assert following.session_id == se.session_id
    assert amount(following.EVTargetCurrent) > 0
    await comes(se, evcc, "CurrentDemandReq")


async def lowered_current(se: SeTester, evcc: UnderTest, last: Message, *, goes_on: str, limit: str) -> None:
    """Have the EVSE offer a third of the current that flows, and judge what the EVCC demands then.

    Args:
        last: the last demand, whose response is held.
        goes_on: id of the requirement to charge on.
        limit: id of the requirement to demand no more than there is.
    """
    full = amount(last.EVTargetCurrent)
    se.settings.max_current_a = full / 3
    with requirement(goes_on, hard=True):
        for _ in range(4):
            se.put()
            demand = await comes(se, evcc, "CurrentDemandReq")
            assert demand.session_id == se.session_id
    # A target is no limit: that it is above what there is breaks no requirement, but is what EVSEs stumble over.
    with requirement(limit, axis=Axis.COMPATIBILITY):
        told = amount(evcc.heard("CurrentDemandRes")[-1].EVSEMaximumCurrentLimit)
        assert told <= full / 3
        assert 0 < amount(demand.EVTargetCurrent) <= told * 1.01, "the target is not what there is"


async def stays_within_its_own(se: SeTester, evcc: UnderTest, own: Message) -> None:
    """Let the session go on, and see that the EVCC asks for no more voltage and current than its own limits, and for none back.

    Args:
        own: its ChargeParameterDiscoveryReq.

    Raises:
        AssertionError: it asks for more, or for less than none.
    """
    limits = own.DC_EVChargeParameter
    most_v, most_a = amount(limits.EVMaximumVoltageLimit), amount(limits.EVMaximumCurrentLimit)
    await se.goes_on(8)
    for demand in evcc.said("PreChargeReq", "CurrentDemandReq"):
        assert 0 <= amount(demand.EVTargetVoltage) <= most_v
        assert 0 <= amount(demand.EVTargetCurrent) <= most_a
