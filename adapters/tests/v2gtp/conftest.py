"""An SECC behind a tap, and EVCCs before it, over loopback in virtual time."""

import pytest
from v2x_adapters.v2gtp import V2gtpTap
from v2x_architecture.clock import LoopClock
from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.editions import ISO2
from v2x_architecture.iso15118.evcc import EvccConfig, SimulatedEv
from v2x_architecture.iso15118.evcc.client import EvccClient, SeccAddress
from v2x_architecture.iso15118.pki import make_pki
from v2x_architecture.iso15118.secc import SimulatedEvse
from v2x_architecture.iso15118.secc.server import SeccListener, SeccServer
from v2x_architecture.site import DcSupply, DcSupplyModel
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.events import Frame, LinkEvent


@pytest.fixture
def anyio_backend():
    return ("asyncio", {"loop_factory": VirtualTimeLoop})


class Seen(list):
    """The journal's events, as they were recorded."""

    def frames(self, link=""):
        return [e for e in self if isinstance(e, Frame) and link in ("", e.link)]

    def labels(self, *labels):
        return [(e.sender, e.label, e.fate) for e in self.frames() if not labels or e.label in labels]

    def links(self, *kinds):
        return [e for e in self if isinstance(e, LinkEvent) and (not kinds or e.event in kinds)]


@pytest.fixture
def journal():
    return Seen()


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    return make_pki("2").write(tmp_path_factory.mktemp("pki"))


@pytest.fixture(scope="session")
def pki20(tmp_path_factory):
    return make_pki("20").write(tmp_path_factory.mktemp("pki20"))


class Site:
    """A DC charging station with its EV, and the tap between them."""

    def __init__(self, recorder):
        ev = ElectricVehicle(VehicleModel(soc=79.9, capacity_wh=60_000.0))
        self.plug = Coupling(supply=DcSupply(DcSupplyModel()), vehicle=ev, ress=Ress(RessModel(), ev))
        self.clock, self.recorder, self.ended = LoopClock(), recorder, []
        self.running = []

    async def secc(self, tls=None):
        listener = SeccListener(sdp_port=0, tls=tls, plain=tls is None)
        server = SeccServer(SimulatedEvse(self.plug), self.clock, None, listener, ended=self.ended.append)
        await server.start()
        self.running.append(server)
        return server

    async def tap(self, target, listener=None, **options):
        tap = V2gtpTap(self.recorder, target, listener or SeccListener(sdp_port=0), clock=self.clock, **options)
        await tap.start()
        self.running.insert(0, tap)
        return tap

    def ev(self, tap, *applications, tls=None):
        where = SeccAddress(sdp_port=tap.sdp_port, tls=tls)
        return EvccClient(SimulatedEv(self.plug), self.clock, EvccConfig(applications=applications or (ISO2,)), where)


@pytest.fixture
async def site(recorder):
    made = Site(recorder)
    yield made
    for each in made.running:
        await each.stop()


@pytest.fixture
async def plain(site):
    """A tap before an SECC without TLS, which it finds over SDP."""
    secc = await site.secc()
    return await site.tap(SeccAddress(sdp_port=secc.sdp_port))
