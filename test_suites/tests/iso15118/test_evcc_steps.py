"""What cases with an EVCC under test do again and again: how far it has come, what it does next, how it ends."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.events import LinkEvent
from v2x_harness.fault import Control, Fault
from v2x_suites.iso15118 import PROTOCOL
from v2x_suites.iso15118.evcc_charging import charges_on, stays_within_its_own, stops
from v2x_suites.iso15118.evcc_steps import (
    asks_on,
    comes,
    gives_up,
    is_over,
    once_more,
    over,
    put_off,
    reach,
    released,
    unanswered,
)
from v2x_suites.iso15118.lane import EvccLane, SeccLane
from v2x_suites.iso15118.watch import Message

pytestmark = pytest.mark.anyio
type Open = Callable[..., Awaitable[SeccLane | EvccLane]]
type Charging = Callable[..., Awaitable[EvccLane]]


@pytest.fixture
def anyio_backend():
    return ("asyncio", {"loop_factory": VirtualTimeLoop})


def bad(name: str) -> Fault | Control:
    known = (*PROTOCOL.faults(), *PROTOCOL.controls())
    return next(each for each in known if (each.id, each.role, each.version) == (name, "evcc", "2"))


@pytest.fixture
def plugged(lane: Open) -> Charging:
    """A lane whose EV is plugged in and has come so far."""

    async def begin(response: str, what: Fault | Control | None = None) -> EvccLane:
        made = await lane("evcc", "2", what, "DC")
        assert isinstance(made, EvccLane)
        await made.se.listens()
        await made.operator.plug_in()
        await reach(made.se, made.evcc, response)
        return made

    return begin


async def test_who_is_refused_ends_and_lets_go(plugged: Charging) -> None:
    lane = await plugged("CurrentDemandRes")
    lane.se.put({"ResponseCode": "FAILED"})
    await over(lane.se, lane.evcc)


async def test_what_is_held_on_to_is_seen(plugged: Charging) -> None:
    lane = await plugged("CurrentDemandRes", bad("iso15118-2.evcc.holds-on"))
    lane.se.put({"ResponseCode": "FAILED"})
    await lane.evcc.ends()
    with pytest.raises(AssertionError, match="control pilot"):
        released(lane.se)


async def test_going_on_is_no_end(plugged: Charging) -> None:
    lane = await plugged("ServiceDiscoveryRes")
    lane.se.put()
    with pytest.raises(NotSeen, match="PaymentServiceSelectionReq came instead of the end"):
        await lane.evcc.ends()


async def test_an_end_of_ours_is_not_the_evccs(plugged: Charging) -> None:
    lane = await plugged("ServiceDiscoveryRes")
    await lane.se.disconnect()
    with pytest.raises(NotSeen, match="ended by the secc"):
        await lane.evcc.ends()


async def test_what_it_does_next_is_a_message_or_the_end(plugged: Charging) -> None:
    lane = await plugged("ServiceDiscoveryRes")
    lane.se.put()
    did = await lane.evcc.then()
    assert isinstance(did, Message)
    assert not is_over(did, lane.evcc)
    did = await lane.evcc.then()
    assert isinstance(did, LinkEvent)
    assert is_over(did, lane.evcc)


async def test_putting_off_tells_how_often_it_asked_and_what_it_did_then(plugged: Charging) -> None:
    lane = await plugged("AuthorizationRes")
    lane.se.put({"EVSEProcessing": "Ongoing"})
    requests, did = await put_off(lane.se, lane.evcc, "AuthorizationRes", {"EVSEProcessing": "Ongoing"}, 5)
    assert did is None
    assert {each.name for each in requests} == {"AuthorizationReq"}
    requests, did = await put_off(lane.se, lane.evcc, "AuthorizationRes", {"EVSEProcessing": "Ongoing"}, 70)
    assert len(requests) > 50
    assert is_over(did, lane.evcc)
    gives_up(lane.se, lane.evcc, did)
    asks_on(requests, requests[0], 50.0)
    with pytest.raises(AssertionError, match="s only"):
        asks_on(requests, requests[0], 70.0)
    with pytest.raises(AssertionError, match="it asks 1 times more"):
        asks_on(requests[:1], requests[0], 0.0)


async def test_who_goes_on_does_not_give_up(plugged: Charging) -> None:
    lane = await plugged("ServiceDiscoveryRes")
    lane.se.put()
    did = await lane.evcc.then()
    with pytest.raises(AssertionError, match="does not end the session"):
        gives_up(lane.se, lane.evcc, did)


async def test_who_is_not_answered_gives_up_neither_late_nor_soon(plugged: Charging) -> None:
    lane = await plugged("ServiceDiscoveryRes")
    await unanswered(lane.evcc, lane.evcc.said("ServiceDiscoveryReq")[-1])
    lane = await plugged("ServiceDiscoveryRes")
    with pytest.raises(AssertionError, match="before an SECC has to have answered"):
        await unanswered(lane.evcc, lane.evcc.said("ServiceDiscoveryReq")[-1], least=10.0)


async def test_who_charges_on_demands_current_in_the_session(plugged: Charging) -> None:
    lane = await plugged("CurrentDemandRes")
    await charges_on(lane.se, lane.evcc, {"DC_EVSEStatus/EVSEStatusCode": "EVSE_IsolationMonitoringActive"})
    with pytest.raises(NotSeen, match="a message from the evcc"):
        await charges_on(lane.se, lane.evcc, {"ResponseCode": "FAILED"})


async def test_to_stop_is_a_power_delivery_that_says_so(plugged: Charging) -> None:
    lane = await plugged("CurrentDemandRes")
    assert not stops(lane.evcc.said("PowerDeliveryReq")[-1])
    await lane.operator.stop_charging()
    assert stops(await comes(lane.se, lane.evcc, "PowerDeliveryReq"))
    assert not stops(None)


async def test_who_stays_within_its_own_limits_passes(plugged: Charging) -> None:
    lane = await plugged("PreChargeRes")
    await stays_within_its_own(lane.se, lane.evcc, lane.evcc.said("ChargeParameterDiscoveryReq")[-1])
    assert lane.evcc.said("CurrentDemandReq")


async def test_who_does_not_speak_in_our_session_has_not_come_far(plugged: Charging) -> None:
    with pytest.raises(CannotJudge, match="FAILED_UnknownSession"):
        await plugged("ServiceDiscoveryRes", bad("minimal"))


async def test_what_does_not_come_is_a_finding(plugged: Charging) -> None:
    lane = await plugged("ServiceDiscoveryRes")
    lane.se.put({"ResponseCode": "FAILED"})
    with pytest.raises(NotSeen, match="PaymentServiceSelectionReq does not come"):
        await comes(lane.se, lane.evcc, "PaymentServiceSelectionReq")


async def test_once_more_is_another_session(plugged: Charging) -> None:
    lane = await plugged("ServiceDiscoveryRes")
    before = lane.se.session_id
    await once_more(lane.se, lane.operator)
    await reach(lane.se, lane.evcc, "ServiceDiscoveryRes")
    assert lane.se.session_id != before
