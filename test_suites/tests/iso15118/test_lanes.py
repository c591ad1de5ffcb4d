"""Our sides of a session as cases lead them: what is held, changed, left out, and what a subject's silence comes to."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from v2x_harness.blocks import CannotJudge, NotSeen
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.errors import RegistryError
from v2x_harness.events import LinkEvent, OperatorEvent
from v2x_harness.field import Field
from v2x_suites.iso15118 import PROTOCOL
from v2x_suites.iso15118.lane import EvccLane, SeccLane
from v2x_suites.iso15118.samples import samples
from v2x_suites.iso15118.watch import amount, physical

pytestmark = pytest.mark.anyio
type Open = Callable[..., Awaitable[SeccLane | EvccLane]]


@pytest.fixture
def anyio_backend():
    return ("asyncio", {"loop_factory": VirtualTimeLoop})


@pytest.mark.parametrize(("version", "energy"), [("din", "DC"), ("2", "DC"), ("2", "AC"), ("20", "DC"), ("20", "AC")])
async def test_whole_sessions_of_every_edition(lane: Open, version: str, energy: str) -> None:
    with_secc = await lane("secc", version, energy=energy)
    await with_secc.ev.plug_in(target_soc=50.1)
    await with_secc.ev.completes(within=600)
    assert "stopped in order" in with_secc.ev.ending
    assert with_secc.secc.said("SessionStopRes")
    assert await with_secc.alive() is None
    with_evcc = await lane("evcc", version, energy=energy)
    await with_evcc.se.listens()
    await with_evcc.operator.set_driver(target_soc=50.1)
    await with_evcc.operator.plug_in()
    await with_evcc.se.completes(within=600)
    assert "stopped the session" in with_evcc.se.ending
    assert with_evcc.evcc.said("SessionStopReq")
    assert await with_evcc.alive() is None


async def test_what_is_held_is_sent_changed_or_as_it_is(lane: Open, events: list) -> None:
    made = await lane("secc", "2")
    await made.ev.plug_in()
    held = await made.ev.until("SessionSetupReq")
    assert held.name == made.ev.held.name == "SessionSetupReq"
    answer = await made.ev.sends({"EVCCID": "0A0B0C0D0E0F"})
    (heard,) = made.secc.heard("SessionSetupReq")
    assert heard.EVCCID == "0A0B0C0D0E0F"
    assert answer.code == "OK_NewSessionEstablished"
    await made.ev.until("PaymentServiceSelectionReq")
    assert made.ev.session_id == answer.session_id.value
    await made.ev.until("AuthorizationReq")
    assert made.secc.heard("PaymentServiceSelectionReq"), "what was held went its way"
    assert [e.verb for e in events if isinstance(e, OperatorEvent)] == ["plug_in"]


async def test_links_of_one_tap_are_not_named_like_those_of_the_tap_before(lane: Open, events: list) -> None:
    made = await lane("secc", "2", energy="AC")
    await made.ev.plug_in()
    await made.ev.until("SessionSetupReq")
    await made.prepare()
    await made.begin("DC")
    await made.ev.plug_in()
    await made.ev.until("SessionSetupReq")
    links = [e.link for e in events if isinstance(e, LinkEvent) and e.event == "open"]
    assert len(links) == len(set(links)) == 2


async def test_another_message_and_octets_instead(lane: Open) -> None:
    made = await lane("secc", "2", energy="DC")
    await made.ev.plug_in()
    await made.ev.until("CableCheckReq")
    answer = await made.ev.sends_other("WeldingDetectionReq")
    assert (answer.name, answer.code.value) == ("WeldingDetectionRes", "FAILED_SequenceError")
    await made.secc.closes()
    await made.ev.connects()
    await made.ev.until("SessionSetupReq")
    start = len(made.watch.items)
    made.ev.put_octets(b"\x80\xff\xff")
    with pytest.raises(NotSeen, match=r"a response to it|the connection was closed by the secc"):
        await made.ev.response(start, "it")


async def test_a_case_that_does_not_come_far_enough_cannot_judge(lane: Open) -> None:
    made = await lane("secc", "2", energy="AC")
    await made.ev.plug_in(target_soc=50.1)
    with pytest.raises(CannotJudge, match=r"did not get as far as CableCheckReq: .*stopped in order"):
        await made.ev.until("CableCheckReq", within=600)
    with pytest.raises(CannotJudge, match="nothing to send"):
        _ = made.ev.held


async def test_what_exi_cannot_code_is_the_cases_mistake(lane: Open) -> None:
    made = await lane("secc", "2")
    await made.ev.plug_in()
    await made.ev.until("SessionSetupReq")
    with pytest.raises(RegistryError, match="SessionSetupReq cannot be made so"):
        made.ev.put({"EVCCID": {"no": "octets"}})
    with pytest.raises(RegistryError, match="no sample of WirelessReq"):
        made.ev.put_other("WirelessReq")


async def test_an_evcc_that_is_kept_waiting_gives_up(lane: Open) -> None:
    made = await lane("evcc", "2")
    await made.se.listens()
    await made.operator.plug_in()
    await made.se.until("ServiceDiscoveryRes")
    made.evcc.from_now()
    event = await made.evcc.closes(within=10)
    assert event.by == "evcc"
    with pytest.raises(NotSeen, match="from the evcc"):
        await made.evcc.next(within=5)


async def test_the_other_side_is_asked_to_come_again(lane: Open) -> None:
    made = await lane("evcc", "2")
    await made.se.listens()
    with pytest.raises(NotSeen, match="no connection of the EVCC within 3 s"):
        await made.se.next_session(within=3)
    await made.operator.plug_in()
    await made.se.until("SessionSetupRes")
    assert (await made.evcc.says("SessionSetupReq")).session_id == "0000000000000000"


@pytest.mark.parametrize("role", ["secc", "evcc"])
@pytest.mark.parametrize("version", ["din", "2", "20"])
async def test_every_control_behaves_as_it_says(lane: Open, role: str, version: str) -> None:
    controls = [each for each in PROTOCOL.controls() if (each.role, each.version) == (role, version)]
    assert len(controls) == 5
    for control in controls:
        made = await lane(role, version, bad=control)
        if role == "secc":
            await made.ev.plug_in()
            await made.ev.goes_on(30)
            said = [message.name for message in made.secc.said() if message.link != "sdp"]
        else:
            await made.se.listens()
            await made.operator.plug_in()
            await made.se.goes_on(30)
            said = [message.name for message in made.evcc.said() if message.link != "sdp"]
        begins = "supportedAppProtocolRes" if role == "secc" else "supportedAppProtocolReq"
        match control.id:
            case "mute":
                assert said == []
            case "malformed":
                assert "malformed" in said
            case "dies":
                assert said == [begins]
            case "repeats":
                assert set(said) == {begins}
            case "minimal":
                assert said[:2] == [begins, "SessionSetupRes" if role == "secc" else "SessionSetupReq"]
            case "failed":
                assert said[0] == begins
                assert made.secc.said("SessionSetupRes")[0].code == "FAILED"


@pytest.mark.parametrize("version", ["din", "2", "20"])
def test_every_sample_can_be_coded(version: str) -> None:
    from v2x_suites.iso15118.samples import sample

    for name in samples(version):
        assert sample(version, name, "0102030405060708").payload


def test_physical_values_of_both_kinds() -> None:
    assert amount(Field(physical(32.5, "A", exponent=-1), 1)) == pytest.approx(32.5)
    assert amount(Field(physical(-12_000, exponent=2), 1)) == -12_000
    assert physical(400, "V") == {"Multiplier": 0, "Unit": "V", "Value": 400}
    for nothing in ({}, {"Value": "much"}):
        with pytest.raises(AssertionError):
            amount(Field(nothing or None, 1))
