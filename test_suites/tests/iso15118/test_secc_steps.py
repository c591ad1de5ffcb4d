"""What cases with an SECC under test do again and again: what it grants, what it refuses, how long it waits, what it gives."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from v2x_harness.blocks import Ledger, NotSeen, judging
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.events import Json
from v2x_harness.fault import Fault
from v2x_harness.verdict import Verdict
from v2x_suites.iso15118 import PROTOCOL
from v2x_suites.iso15118.dc_charging import (
    checked,
    demand_beyond,
    demands_in_time,
    follows,
    measures_until_safe,
    offered,
    pre_charge_beyond,
    two_voltages,
)
from v2x_suites.iso15118.lane import EvccLane, SeccLane
from v2x_suites.iso15118.refusals import SEQUENCE_ERROR, SILENCE, UNKNOWN_SESSION, out_of_sequence, silence, unknown_session
from v2x_suites.iso15118.secc_steps import granted, if_answered, serves, unreadable, waits
from v2x_suites.iso15118.testers import NO_SESSION

pytestmark = pytest.mark.anyio
type Open = Callable[..., Awaitable[SeccLane | EvccLane]]
type Charging = Callable[..., Awaitable[SeccLane]]


@pytest.fixture
def anyio_backend():
    return ("asyncio", {"loop_factory": VirtualTimeLoop})


def bad(name: str) -> Fault:
    return next(each for each in PROTOCOL.faults() if (each.id, each.role, each.version) == (name, "secc", "2"))


@pytest.fixture
def plugged(lane: Open) -> Charging:
    """A lane whose EV is plugged in at a DC supply, and holds a request."""

    async def begin(request: str, fault: str = "", **settings: Json) -> SeccLane:
        made = await lane("secc", "2", bad(fault) if fault else None, "DC")
        assert isinstance(made, SeccLane)
        await made.ev.plug_in(**settings)
        await made.ev.until(request)
        return made

    return begin


@pytest.fixture
def ledger() -> Ledger:
    """What the blocks of requirements in a room write to."""
    ids = {*SEQUENCE_ERROR["2"], *UNKNOWN_SESSION["2"], SILENCE["2"], "15118-2#session.anew"}
    return Ledger("TC", tuple(sorted(ids)), "secc")


async def test_what_is_granted_is_the_response_to_what_was_held(plugged: Charging) -> None:
    lane = await plugged("ServiceDiscoveryReq")
    assert (await granted(lane.ev)).name == "ServiceDiscoveryRes"


async def test_what_is_refused_is_not_granted(plugged: Charging) -> None:
    lane = await plugged("PaymentServiceSelectionReq")
    with pytest.raises(AssertionError):
        await granted(lane.ev, {"SelectedServiceList/SelectedService/0/ServiceID": 60999})


async def test_silence_is_no_answer(plugged: Charging) -> None:
    lane = await plugged("ServiceDiscoveryReq")
    assert await if_answered(lane.ev, len(lane.ev.watch.items), "nothing") is None


async def test_what_cannot_be_read_is_not_granted_and_the_next_ev_is_served(plugged: Charging, ledger: Ledger) -> None:
    lane = await plugged("ServiceDiscoveryReq")
    with judging(ledger):
        await unreadable(lane.ev, bytes.fromhex("80ffffffffffffff"))
        await serves(lane.ev, "15118-2#session.anew")
    assert ledger.verdict is Verdict.PASS


async def test_an_secc_waits_for_as_long_as_it_must(plugged: Charging, ledger: Ledger) -> None:
    lane = await plugged("ServiceDiscoveryReq")
    with judging(ledger):
        await silence(lane.ev, lane.secc)
    assert ledger.results == {SILENCE["2"]: Verdict.PASS}


async def test_an_secc_that_waits_for_longer_is_seen(plugged: Charging) -> None:
    lane = await plugged("ServiceDiscoveryReq")
    with pytest.raises(NotSeen, match="to end the connection"):
        await waits(lane.secc, 20.0)


@pytest.mark.parametrize(("fault", "verdict"), [("", Verdict.PASS), ("iso15118-2.secc.any-order-taken", Verdict.FAIL)])
async def test_a_request_out_of_sequence_is_refused(plugged: Charging, ledger: Ledger, fault: str, verdict: Verdict) -> None:
    lane = await plugged("ServiceDiscoveryReq", fault)
    with judging(ledger):
        await out_of_sequence(lane.ev, lane.secc, "AuthorizationReq")
    assert ledger.results[SEQUENCE_ERROR["2"][1]] is verdict


async def test_a_session_within_a_session_is_refused_whatever_it_is_called(plugged: Charging, ledger: Ledger) -> None:
    lane = await plugged("ServiceDiscoveryReq")
    with judging(ledger):
        await out_of_sequence(lane.ev, lane.secc, "SessionSetupReq", session_id=NO_SESSION)
    assert ledger.verdict is Verdict.PASS


async def test_a_request_of_another_session_is_refused(plugged: Charging, ledger: Ledger) -> None:
    lane = await plugged("ServiceDiscoveryReq")
    with judging(ledger):
        await unknown_session(lane.ev, lane.secc)
    assert ledger.results == dict.fromkeys(UNKNOWN_SESSION["2"], Verdict.PASS)


async def test_a_request_of_another_session_that_is_taken_ends_the_case(plugged: Charging, ledger: Ledger) -> None:
    lane = await plugged("ServiceDiscoveryReq", "iso15118-2.secc.any-session-taken")
    with judging(ledger), pytest.raises(AssertionError):
        await unknown_session(lane.ev, lane.secc)
    assert ledger.results == {UNKNOWN_SESSION["2"][0]: Verdict.FAIL}


async def test_the_cable_is_checked_until_that_is_finished(plugged: Charging) -> None:
    lane = await plugged("CableCheckReq")
    assert (await checked(lane.ev)).EVSEProcessing == "Finished"


async def test_a_cable_check_that_takes_too_long_is_seen(plugged: Charging) -> None:
    lane = await plugged("CableCheckReq")
    with pytest.raises(AssertionError, match="longer than 0"):
        await checked(lane.ev, within=0)


async def test_the_voltages_to_pre_charge_to_are_within_the_limits(plugged: Charging) -> None:
    lane = await plugged("PreChargeReq")
    high, low = two_voltages(lane.secc)
    limits = offered(lane.secc)
    assert limits.min_voltage_v < low < high < limits.max_voltage_v


async def test_more_voltage_than_there_is_ends_at_the_limit(plugged: Charging) -> None:
    lane = await plugged("PreChargeReq", pre_charge_tolerance_v=-1.0)
    await pre_charge_beyond(lane.ev, offered(lane.secc).max_voltage_v)


async def test_current_follows_and_is_told_in_time(plugged: Charging) -> None:
    lane = await plugged("CurrentDemandReq", target_soc=100)
    await follows(lane.ev)
    await demands_in_time(lane.ev, lane.secc)


async def test_a_response_that_is_late_is_seen(plugged: Charging) -> None:
    lane = await plugged("PowerDeliveryReq", "iso15118-2.secc.dc.slow-loop", target_soc=100)
    with pytest.raises(AssertionError):
        await demands_in_time(lane.ev, lane.secc)


async def test_more_current_than_the_limit_is_seen(plugged: Charging) -> None:
    strong = {"max_charge_a": 900.0, "max_charge_w": 900_000.0}
    good = await plugged("CurrentDemandReq", ress=strong)
    await demand_beyond(good.ev, good.secc, offered(good.secc).max_current_a)
    lane = await plugged("CurrentDemandReq", "iso15118-2.secc.dc.no-limits", ress=strong)
    with pytest.raises(AssertionError):
        await demand_beyond(lane.ev, lane.secc, offered(lane.secc).max_current_a)


async def test_the_output_is_measured_until_it_is_safe(plugged: Charging) -> None:
    lane = await plugged("WeldingDetectionReq", target_soc=50.03)
    await measures_until_safe(lane.ev)


async def test_a_voltage_that_stays_is_seen(plugged: Charging) -> None:
    lane = await plugged("WeldingDetectionReq", "iso15118-2.secc.dc.voltage-stuck", target_soc=50.03)
    with pytest.raises(AssertionError):
        await measures_until_safe(lane.ev)
