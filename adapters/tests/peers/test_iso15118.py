"""Full sessions of our EVCC and SECC with those of `iso15118` (PyPI), where it is installed, over a cable of namespaces."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from itertools import groupby
from pathlib import Path

import pytest
from v2x_adapters import peers
from v2x_adapters.cable import Cable, CableBlocked, inside, lay_cable
from v2x_adapters.iso15118.sites import applications_of
from v2x_adapters.process import AdapterProduct
from v2x_architecture.clock import SystemClock
from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.evcc import DriverSettings, Ending, EvccConfig, Outcome, SimulatedEv, Wish
from v2x_architecture.iso15118.evcc.client import EvccClient, SeccAddress
from v2x_architecture.iso15118.pki import V2gPkiFiles, make_pki
from v2x_architecture.iso15118.secc import Close, CloseReason, SeccConfig, SimulatedEvse
from v2x_architecture.iso15118.secc.server import SeccListener, SeccServer
from v2x_architecture.iso15118.sending import Said
from v2x_architecture.iso15118.tls import EvccTls, SeccTls
from v2x_architecture.site import AcOutletModel, DcSupply, DcSupplyModel
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel
from v2x_harness.errors import UnsupportedVerb
from v2x_harness.events import Json
from v2x_harness.operator import Placement, Ready

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(120)]

# Its codec takes ten to hundreds of milliseconds, where CurrentDemandRes is waited for 250 ms.
PATIENCE = 8.0
BEGIN = {
    "din": ["SessionSetup", "ServiceDiscovery", "ServicePaymentSelection", "ContractAuthentication"],
    "2": ["SessionSetup", "ServiceDiscovery", "PaymentServiceSelection", "Authorization"],
}
ENERGY = {
    "AC": ["PowerDelivery", "ChargingStatus", "PowerDelivery"],
    "DC": ["CableCheck", "PreCharge", "PowerDelivery", "CurrentDemand", "PowerDelivery", "WeldingDetection"],
}
more = pytest.mark.nightly
SESSIONS = [
    pytest.param("din", "DC", False, id="DIN SPEC 70121 DC"),
    pytest.param("2", "AC", True, id="ISO 15118-2 AC TLS"),
    pytest.param("2", "AC", False, id="ISO 15118-2 AC", marks=more),
    pytest.param("2", "DC", False, id="ISO 15118-2 DC", marks=more),
    pytest.param("2", "DC", True, id="ISO 15118-2 DC TLS", marks=more),
    pytest.param("20", "AC", False, id="ISO 15118-20 AC", marks=more),
    pytest.param("20", "DC", False, id="ISO 15118-20 DC", marks=more),
]

type Start = Callable[..., Awaitable[tuple[AdapterProduct, Ready]]]


def sequence(version: str, energy: str) -> list[str]:
    """Return the message pairs of a session, repetitions left out."""
    if version == "20":
        prefix = energy + "_"
        before, after = (["DC_CableCheck", "DC_PreCharge"], ["DC_WeldingDetection"]) if energy == "DC" else ([], [])
        begin = ["SessionSetup", "AuthorizationSetup", "Authorization", "ServiceDiscovery", "ServiceDetail", "ServiceSelection"]
        agree = [f"{prefix}ChargeParameterDiscovery", "ScheduleExchange", *before]
        return [
            "supportedAppProtocol",
            *begin,
            *agree,
            "PowerDelivery",
            f"{prefix}ChargeLoop",
            "PowerDelivery",
            *after,
            "SessionStop",
        ]
    return ["supportedAppProtocol", *BEGIN[version], "ChargeParameterDiscovery", *ENERGY[energy], "SessionStop"]


def pairs(said: list[Said], end: str) -> list[str]:
    return [name for name, _ in groupby(each.name.removesuffix(end) for each in said if each.name.endswith(end))]


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def cable() -> Iterator[Cable]:
    if reason := peers.why_not_ready(peers.peer("iso15118-secc")):
        pytest.skip(f"blocked: iso15118: {reason}")
    try:
        with lay_cable() as it:
            yield it
    except CableBlocked as blocked:
        pytest.skip(f"blocked: {blocked}")


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> V2gPkiFiles:
    return make_pki("2").write(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def notes() -> asyncio.Queue[str]:
    """What the adapters log, and the events that they report."""
    return asyncio.Queue()


@pytest.fixture
async def start(cable: Cable, pki: V2gPkiFiles, tmp_path: Path, notes: asyncio.Queue[str]) -> AsyncIterator[Start]:
    started: list[AdapterProduct] = []

    async def started_as(role: str, version: str, energy: str, *, tls: bool = False) -> tuple[AdapterProduct, Ready]:
        settings: dict[str, Json] = {
            "interface": cable.interface,
            "namespace": cable.evse if role == "secc" else cable.ev,
            "energy": energy,
            "tls": tls,
            "tls_only": tls,
            "certificate": str(pki.secc.certificate),
            "key": str(pki.secc.key),
            "v2g_root": str(pki.v2g_root),
        }
        workdir = tmp_path / role
        workdir.mkdir()
        product = AdapterProduct({"adapter": f"iso15118-{role}"}, on_note=notes.put_nowait)
        started.append(product)
        placement = Placement(role=role, protocol="iso15118", version=version, settings=settings, workdir=str(workdir))
        return product, await product.start(placement)

    yield started_as
    for product in started:
        await product.stop()
        assert product.left_in_order


class Vehicle:
    """Our EVCC at the cable, and what both said."""

    def __init__(self, cable: Cable, version: str, energy: str, tls: EvccTls | None = None, *, loops: int = 4) -> None:
        battery = ElectricVehicle(VehicleModel(soc=50.0))
        self.plug = Coupling(vehicle=battery, ress=Ress(RessModel(), battery))
        modes = tuple(mode for mode in DriverSettings().modes if mode.startswith(energy))
        self.driver = DriverSettings(modes=modes, target_soc=90.0)
        self.said: list[Said] = []
        self._cable, self._tls, self._left = cable, tls, loops
        # Its TLS 1.3 has other curves than 15118-20.
        self._config = EvccConfig(
            applications=applications_of(version, energy), patience=PATIENCE, ongoing_s=0.1, status_s=0.1, iso20_needs_tls=False
        )

    async def charge(self) -> Outcome:
        async def charged() -> Outcome:
            where = SeccAddress(interface=self._cable.interface, tls=self._tls)
            ev = SimulatedEv(self.plug, self.driver)
            return await EvccClient(ev, SystemClock(), self._config, where, watcher=self._hear).run()

        return await asyncio.wait_for(inside(self._cable.ev, charged), 60)

    def _hear(self, said: Said) -> None:
        """Stop after so many responses of the charging loop."""
        self.said.append(said)
        if said.name in ("CurrentDemandRes", "ChargingStatusRes", "AC_ChargeLoopRes", "DC_ChargeLoopRes"):
            self._left -= 1
            if self._left == 0:
                self.driver.wish = Wish.STOP


@pytest.mark.parametrize(("version", "energy", "tls"), SESSIONS)
async def test_our_evcc_charges_at_its_secc(
    cable: Cable, start: Start, pki: V2gPkiFiles, version: str, energy: str, tls: bool
) -> None:
    product, ready = await start("secc", version, energy, tls=tls)
    assert ready.product_version == "0.31.2"
    vehicle = Vehicle(cable, version, energy, EvccTls((pki.v2g_root,)) if tls else None)
    outcome = await vehicle.charge()
    assert outcome.ending is Ending.FINISHED, outcome
    assert pairs(vehicle.said, "Req") == pairs(vehicle.said, "Res") == sequence(version, energy)
    if energy == "DC":
        assert vehicle.plug.meter.energy_wh > 0
    assert (await product.do("observe", {}))["state"] == "SessionStop"


@pytest.mark.parametrize(("version", "energy", "tls"), SESSIONS)
async def test_its_evcc_charges_at_our_secc(
    cable: Cable, start: Start, pki: V2gPkiFiles, version: str, energy: str, tls: bool
) -> None:
    said: list[Said] = []
    plug = Coupling(outlet=AcOutletModel()) if energy == "AC" else Coupling(supply=DcSupply(DcSupplyModel(check_seconds=1.0)))
    listener = SeccListener(interface=cable.interface, tls=SeccTls(pki.secc.certificate, pki.secc.key), plain=not tls)

    async def serve() -> Close:
        ended: asyncio.Future[Close] = asyncio.get_running_loop().create_future()
        # It keeps the connection for five seconds after the end, and refuses schedules of 15118-20 without prices.
        config = SeccConfig(
            applications=applications_of(version, energy), close_wait_s=0.2, iso20_needs_tls=False, price_levels=True
        )
        clock = SystemClock()
        async with SeccServer(SimulatedEvse(plug), clock, config, listener, watcher=said.append, ended=ended.set_result):
            return await ended

    product, _ = await start("evcc", version, energy, tls=tls)
    serving = asyncio.create_task(inside(cable.evse, serve))
    await product.do("plug_in", {"loops": 4})
    close = await asyncio.wait_for(serving, 60)
    assert close.reason is CloseReason.STOPPED, close
    assert pairs(said, "Req") == pairs(said, "Res") == sequence(version, energy)
    # It looks at the connection's end some moments after we do.
    for _ in range(100):
        if (seen := (await product.do("observe", {}))["session"]) != "connected":
            break
        await asyncio.sleep(0.05)
    assert seen == "finished"


async def test_an_ev_that_is_not_authorized_does_not_charge_and_verbs_are_checked(cable: Cable, start: Start) -> None:
    product, _ = await start("secc", "2", "AC")
    for verb, arguments in (("set_authorization", {"status": "Perhaps"}), ("notify", {"notification": "Hello"})):
        with pytest.raises(UnsupportedVerb, match="one of"):
            await product.do(verb, arguments)
    with pytest.raises(UnsupportedVerb):
        await product.do("plug_in", {})
    await product.do("set_authorization", {"status": "Rejected"})
    outcome = await Vehicle(cable, "2", "AC").charge()
    assert (outcome.ending, outcome.message, outcome.code) == (Ending.REFUSED, "Authorization", "FAILED")


@more
async def test_the_evse_stops_the_ev_at_a_limit_of_its_own(cable: Cable, start: Start) -> None:
    product, _ = await start("secc", "2", "DC")
    await product.do("set_limits", {"max_current_a": 20})
    vehicle = Vehicle(cable, "2", "DC", loops=1_000_000)
    charging = asyncio.create_task(vehicle.charge())
    async with asyncio.timeout(30):
        while (seen := await product.do("observe", {}))["state"] != "CurrentDemand":  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.05)
    await product.do("notify", {"notification": "StopCharging"})
    assert (await charging).ending is Ending.FINISHED
    assert isinstance(seen["current_a"], int | float)
    assert seen["current_a"] <= 20


@more
async def test_an_ev_that_finds_no_secc_says_so(start: Start, notes: asyncio.Queue[str]) -> None:
    product, _ = await start("evcc", "2", "AC")
    assert (await product.do("observe", {}))["session"] == "none"
    await product.do("plug_in", {})
    async with asyncio.timeout(40):
        while not (await notes.get()).startswith("event no session"):
            pass
    seen = await product.do("observe", {})
    assert seen["session"] == "failed"
    assert "SDPRequest was not successful" in str(seen["reason"])
    await product.do("unplug", {})
