"""Whatever drivers, vehicles that speak ISO 15118 and the CSMS do: OCPP and ISO 15118 agree, and energy flows within both."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from v2x_architecture.clock import LoopClock
from v2x_architecture.ocpp.errors import CallRefused
from v2x_architecture.ocpp.station import CannotDo, ReferenceStation, StationConfig
from v2x_architecture.ocpp.station.coupled import CoupledEvse
from v2x_harness.clock import VirtualTimeLoop

from .conftest import EPOCH, Peer
from .site import AC, DC
from .test_any_life import ask, calls, change_link, check_boots, check_transactions, evses, profiles, tokens

SETTLED_S = 8

cars = st.fixed_dictionaries(
    {},
    optional={
        "protocols": st.sampled_from([["iso2"], ["din"], ["iso20-ac", "iso20-dc"], ["iso2", "din"], []]),
        "control": st.sampled_from(["Scheduled", "Dynamic"]),
        "bidirectional": st.booleans(),
        "give_w": st.sampled_from([0.0, 5_000.0]),
        "with_profile": st.booleans(),
        "target_soc": st.sampled_from([50.5, 80.0]),
        "departure_s": st.sampled_from([None, 600]),
    },
)
happenings = st.one_of(
    st.tuples(st.just("arrive"), st.sampled_from([1, 2]), tokens, cars),
    st.tuples(st.just("plug_in"), st.sampled_from([1, 2]), st.none() | cars),
    st.tuples(st.just("present_token"), st.sampled_from([1, 2]), tokens),
    st.tuples(
        st.sampled_from(["unplug", "press_stop", "ev_suspend", "ev_resume", "set_fault", "clear_fault", "target_power"]),
        st.sampled_from([1, 2]),
    ),
    st.tuples(st.just("power_cycle")),
    st.tuples(st.just("needs"), st.sampled_from(["Accepted", "Rejected", "Processing", "none"])),
    st.builds(
        lambda place, chosen: ("call", "SetChargingProfile", {"evseId": place, "chargingProfile": chosen}), evses, profiles
    ),
    calls.map(lambda call: ("call", *call)),
    st.tuples(st.just("link"), st.sampled_from(["lose", "find", "find", "block everybody"])),
)
lives = st.lists(st.tuples(happenings, st.sampled_from([0, 0.3, 2, SETTLED_S])), min_size=3, max_size=9)


async def happen(peer: Peer, station: ReferenceStation, kind: str, *what: Any) -> None:
    match kind:
        case "arrive":
            evse, token, car = what
            with suppress(CannotDo):
                await station.plug_in(evse, vehicle={"soc": 50.0}, evcc=car)
            with suppress(CannotDo):
                await station.present_token(token, evse=evse)
        case "plug_in":
            with suppress(CannotDo):
                await station.plug_in(what[0], vehicle={"soc": 50.0}, evcc=what[1])
        case "present_token":
            with suppress(CannotDo):
                await station.present_token(what[1], evse=what[0])
        case "target_power":
            with suppress(CannotDo):
                await station.target_power(power_w=-4_000.0, evse=what[0])
        case "needs":
            peer.script["NotifyEVChargingNeeds"] = refuse if what[0] == "none" else lambda _: {"status": what[0]}
        case "call":
            await ask(peer, *what)
        case "link":
            change_link(peer, what[0])
        case _:
            with suppress(CannotDo):
                await getattr(station, kind)(*what)


def refuse(_: object) -> dict[str, Any]:
    raise CallRefused("NotSupported")


async def check_agreement(station: ReferenceStation) -> None:
    """Check that what flows is allowed, and is what is told on both sides."""
    with suppress(CannotDo):
        firmware = station.firmware
        for number, hardware in station.hardware.evses.items():
            assert isinstance(hardware, CoupledEvse)
            seen = (await station.observe())["evses"][str(number)]
            rate = firmware.profiles.limits(firmware.smart_sessions(), firmware.now()).rate(number, firmware.now())
            allowed = float(firmware.site.supply(number).watts(rate))
            assert seen["power_w"] <= allowed * 1.001 + 1, seen
            if abs(seen["power_w"]) > 1:
                assert seen["token"] is not None
                assert seen["state"] == "Charging"
            if hardware.connected:
                assert hardware.plugged is not None
                assert firmware.may_have_energy(firmware.sessions[number])
                assert firmware.seccs[number].evse.present_ev
            assert hardware.plug.meter is hardware.meter


async def one_life(life: list[Any], variables: dict[str, Any]) -> None:
    failures: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: failures.append(context))
    peer = Peer("2.0.1")
    peer.clock = LoopClock(EPOCH)
    peer.failed = False  # type: ignore[attr-defined]  # what the checks of any life look at
    peer.tokens = {name: {"status": "Accepted"} for name in ("A", "B", "MEMBER")} | {"BLOCKED": {"status": "Blocked"}}
    peer.script = {
        "NotifyEVChargingNeeds": lambda _: {"status": "Rejected"},
        "NotifyEVChargingSchedule": lambda _: {"status": "Accepted"},
    }
    config = StationConfig(evses=(AC, msgspec.structs.replace(DC, tethered=False)), variables=variables)
    station = ReferenceStation(config, LoopClock(EPOCH), connect=peer.connect)
    await station.start()
    await asyncio.sleep(1)
    for happening, seconds in life:
        await happen(peer, station, *happening)
        await asyncio.sleep(seconds)
        if seconds >= SETTLED_S:
            await check_agreement(station)
    peer.reachable = True
    await asyncio.sleep(5)
    for evse in (1, 2):
        with suppress(CannotDo):
            await station.unplug(evse)
    await asyncio.sleep(200)
    await check_agreement(station)
    assert (await station.observe())["online"] is True
    assert (await station.observe())["queued"] <= 2, "only what has just happened still waits"
    await station.stop()
    assert failures == []
    check_transactions(peer)
    check_boots(peer)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    life=lives,
    stop=st.sampled_from(["EVConnected,Authorized", "EVConnected", "Authorized", "PowerPathClosed"]),
)
def test_both_sides_agree_in_any_life(life: list[Any], stop: str) -> None:
    variables = {"TxCtrlr.TxStopPoint": stop, "SampledDataCtrlr.TxUpdatedInterval": 45}
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(one_life(life, variables))


@pytest.mark.nightly
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(life=lives, stop=st.sampled_from(["EVConnected,Authorized", "EVConnected", "Authorized", "PowerPathClosed"]))
def test_both_sides_agree_in_any_of_many_lives(life: list[Any], stop: str) -> None:
    test_both_sides_agree_in_any_life.hypothesis.inner_test(life, stop)  # type: ignore[attr-defined]  # Hypothesis' own
