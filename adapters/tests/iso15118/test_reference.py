"""The reference SECC and EVCC as products: a session between them, made to go by their verbs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from v2x_adapters.iso15118.reference import ReferenceEvccProduct, ReferenceSeccProduct
from v2x_adapters.iso15118.sites import applications_of, plug
from v2x_adapters.process.skeleton import VERBS
from v2x_architecture.iso15118.pki import make_pki
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.errors import AdapterError, UnsupportedVerb
from v2x_harness.events import Json
from v2x_harness.operator import Placement

pytestmark = pytest.mark.anyio
type Start = Callable[..., Awaitable[tuple[ReferenceSeccProduct, ReferenceEvccProduct]]]


@pytest.fixture
def anyio_backend():
    return ("asyncio", {"loop_factory": VirtualTimeLoop})


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Both, at one plug."""
    started = []

    async def begin(version: str, energy: str, **settings: Json):
        given: dict[str, Json] = {"energy": energy, **settings}
        at = plug("AC" if energy == "AC" else "DC", given)
        secc, evcc = ReferenceSeccProduct(at=at), ReferenceEvccProduct(at=at)
        ready = await secc.start(Placement(role="secc", protocol="iso15118", version=version, settings=given))
        started.append(secc)
        placed = Placement(role="evcc", protocol="iso15118", version=version, connect_to=ready.endpoint, settings=given)
        await evcc.start(placed)
        started.append(evcc)
        return secc, evcc

    yield begin
    for product in reversed(started):
        await product.stop()


async def end(evcc: ReferenceEvccProduct, within: float = 3600.0) -> dict[str, Json]:
    for _ in range(int(within)):
        seen = dict(await evcc.do("observe", {}))
        if seen["over"]:
            return seen
        await asyncio.sleep(1)
    raise TimeoutError


@pytest.mark.parametrize(("version", "energy"), [("din", "DC"), ("2", "DC"), ("2", "AC"), ("20", "DC"), ("20", "AC")])
async def test_a_session_to_the_target(start: Start, version: str, energy: str) -> None:
    secc, evcc = await start(version, energy, target_soc=51.0, iso20_needs_tls=False)
    await evcc.do("plug_in", {})
    seen = await end(evcc)
    assert seen["session"] == "finished"
    assert seen["soc"] == pytest.approx(51.0, abs=0.5)
    there = await secc.do("observe", {})
    assert there["contactor_closed"] is False
    assert there["energy_wh"] > 0


async def test_with_both_certificates(start: Start, tmp_path) -> None:
    files = make_pki("20").write(tmp_path)
    paths: dict[str, Json] = {
        "certificate": str(files.secc.certificate),
        "key": str(files.secc.key),
        "oem_root": str(files.oem_root),
        "v2g_root": str(files.v2g_root),
        "vehicle_certificate": str(files.vehicle.certificate),
        "vehicle_key": str(files.vehicle.key),
    }
    _, evcc = await start("20", "DC", target_soc=50.1, **paths)
    await evcc.do("plug_in", {})
    assert (await end(evcc))["session"] == "finished"


async def test_a_refusal_by_the_operator(start: Start) -> None:
    secc, evcc = await start("2", "DC")
    await secc.do("set_authorization", {"status": "Rejected"})
    await evcc.do("plug_in", {})
    assert (await end(evcc))["session"] == "refused"
    await secc.do("reset", {})
    await evcc.do("set_driver", {"target_soc": 50.1})
    await evcc.do("plug_in", {})
    assert (await end(evcc))["session"] == "finished"


async def test_a_pause_and_the_session_after_it(start: Start) -> None:
    _, evcc = await start("2", "AC", target_soc=50.5)
    await evcc.do("plug_in", {})
    await asyncio.sleep(10)
    await evcc.do("pause", {})
    assert (await end(evcc))["session"] == "paused"
    await evcc.do("plug_in", {})
    assert (await end(evcc))["session"] == "finished"


async def test_notifications_limits_and_unplugging(start: Start) -> None:
    secc, evcc = await start("2", "DC", target_soc=90.0)
    await evcc.do("plug_in", {})
    await asyncio.sleep(20)
    before = (await secc.do("observe", {}))["current_a"]
    await secc.do("set_limits", {"max_current_a": 5.0})
    await asyncio.sleep(2)
    assert 0 < (await secc.do("observe", {}))["current_a"] <= 5.0 < before
    await secc.do("notify", {"notification": "StopCharging"})
    assert (await end(evcc, within=60))["session"] == "finished"
    await secc.do("reset", {})
    await evcc.do("plug_in", {})
    await asyncio.sleep(20)
    await evcc.do("unplug", {})
    assert (await secc.do("observe", {}))["cp"] == "A"


async def test_what_cannot_be_done_is_said(start: Start) -> None:
    secc, evcc = await start("2", "DC")
    with pytest.raises(UnsupportedVerb, match="cannot fly"):
        await secc.do("fly", {})
    with pytest.raises(UnsupportedVerb, match="no authorization 'maybe'"):
        await secc.do("set_authorization", {"status": "maybe"})
    with pytest.raises(UnsupportedVerb, match="cannot be set to"):
        await secc.do("set_status", {"status": "EVSE_Asleep"})
    with pytest.raises(AdapterError, match="with height"):
        await evcc.do("plug_in", {"height": 3})
    await evcc.do("plug_in", {})
    with pytest.raises(AdapterError, match="plugged in already"):
        await evcc.do("plug_in", {})


async def test_an_ev_without_an_secc_says_why_it_does_not_charge() -> None:
    evcc = ReferenceEvccProduct()
    await evcc.start(Placement(role="evcc", protocol="iso15118", version="2", connect_to="tcp://[::1]:1"))
    await evcc.do("plug_in", {})
    seen = await end(evcc)
    assert seen["session"] == "failed"
    assert "::1" in str(seen["reason"])
    await evcc.stop()


@pytest.mark.parametrize(
    ("settings", "words"),
    [({"energy": "steam"}, "energy is 'steam'"), ({"supply": 3}, "it is a table"), ({"vehicle": {"soc": "much"}}, "soc")],
)
async def test_wrong_settings_are_said(settings: dict[str, Json], words: str) -> None:
    product = ReferenceEvccProduct() if "vehicle" in settings else ReferenceSeccProduct()
    with pytest.raises(AdapterError, match=words):
        await product.start(
            Placement(role="secc", protocol="iso15118", version="2", connect_to="sdp://[::1]:1", settings=settings)
        )


def test_there_are_three_editions() -> None:
    assert [each.name for each in applications_of("20", "AC")] == ["iso20-ac"]
    with pytest.raises(AdapterError, match="no edition 3"):
        applications_of("3", "AC")


def test_the_verbs_of_adapters_are_ours() -> None:
    assert set(VERBS["secc"]) == set(ReferenceSeccProduct.verbs)
    assert set(VERBS["evcc"]) == set(ReferenceEvccProduct.verbs)
