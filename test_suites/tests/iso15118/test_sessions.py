"""Whole sessions of our EVCC and SECC through the tap: neither its journal nor its capture has anything to be found in it."""

import asyncio

import pytest
from v2x_adapters.v2gtp import V2gtpTap
from v2x_architecture.clock import LoopClock
from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.editions import DIN, ISO2, ISO20_AC, ISO20_DC
from v2x_architecture.iso15118.evcc import Ending, EvccConfig, SimulatedEv
from v2x_architecture.iso15118.evcc.client import EvccClient, SeccAddress
from v2x_architecture.iso15118.pki import make_pki
from v2x_architecture.iso15118.secc import SimulatedEvse
from v2x_architecture.iso15118.secc.server import SeccListener, SeccServer
from v2x_architecture.iso15118.tls import EvccTls, Profile, SeccTls
from v2x_architecture.site import AcOutletModel, DcSupply, DcSupplyModel
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel
from v2x_harness.clock import VirtualTimeLoop
from v2x_harness.events import Header
from v2x_harness.journal import Recorder
from v2x_harness.steer import Steer
from v2x_suites.cli_check import check_file

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return ("asyncio", {"loop_factory": VirtualTimeLoop})


@pytest.fixture(scope="module")
def pki20(tmp_path_factory):
    return make_pki("20").write(tmp_path_factory.mktemp("pki20"))


def plug(energy):
    ev = ElectricVehicle(VehicleModel(soc=79.9, capacity_wh=60_000.0))
    if energy == "AC":
        return Coupling(outlet=AcOutletModel(), vehicle=ev, ress=Ress(RessModel(), ev))
    return Coupling(supply=DcSupply(DcSupplyModel()), vehicle=ev, ress=Ress(RessModel(), ev))


@pytest.fixture
def session(tmp_path):
    """Hold a session through the tap; give how it ended, the journal and the capture."""

    async def hold(application, energy, secc_tls=None, evcc_tls=None, *, subject="", disguise=()):
        files = tmp_path / "session.ndjson", tmp_path / "session.pcapng"
        clock, coupling = LoopClock(), plug(energy)
        listener = SeccListener(sdp_port=0, tls=secc_tls, plain=secc_tls is None)
        with Recorder(files[0], Header(run="r", started=""), asyncio.get_running_loop().time) as recorder:
            async with SeccServer(SimulatedEvse(coupling), clock, None, listener) as secc:
                tap = V2gtpTap(
                    recorder,
                    SeccAddress(sdp_port=secc.sdp_port, tls=evcc_tls),
                    listener,
                    subject=subject,
                    clock=clock,
                    capture=files[1],
                )
                tap.install("disguise", disguise)
                await tap.start()
                where = SeccAddress(sdp_port=tap.sdp_port, tls=evcc_tls)
                client = EvccClient(SimulatedEv(coupling), clock, EvccConfig(applications=(application,)), where)
                outcome = await client.run()
                await tap.disconnected()
                await tap.stop()
        return outcome.ending, *files

    return hold


@pytest.mark.parametrize(("application", "energy"), [(DIN, "DC"), (ISO2, "DC"), (ISO2, "AC")], ids=["DIN", "-2 DC", "-2 AC"])
async def test_a_good_session_has_no_findings(session, application, energy) -> None:
    ending, journal, capture = await session(application, energy)
    assert ending is Ending.FINISHED
    seen, wire = check_file(journal), check_file(capture)
    assert (seen.findings, wire.findings) == ((), ())
    assert seen.complete
    assert wire.complete
    # The capture has both sides of the tap.
    assert (wire.frames, wire.links) == (2 * seen.frames, 2)


@pytest.mark.parametrize(("application", "energy"), [(ISO20_DC, "DC"), (ISO20_AC, "AC")], ids=["DC", "AC"])
async def test_a_good_session_of_15118_20_over_tls_has_no_findings(session, pki20, application, energy) -> None:
    secc = SeccTls(pki20.secc.certificate, pki20.secc.key, (pki20.oem_root,), Profile.ISO20)
    evcc = EvccTls((pki20.v2g_root,), pki20.vehicle.certificate, pki20.vehicle.key, Profile.ISO20)
    ending, journal, capture = await session(application, energy, secc, evcc)
    assert ending is Ending.FINISHED
    assert (check_file(journal).findings, check_file(capture).findings) == ((), ())
    assert check_file(capture).versions == ("20",)


async def test_a_fault_of_the_subject_is_found_in_both(session) -> None:
    evccid = "/V2G_Message/Body/SessionSetupReq/EVCCID"
    fault = Steer(do="rewrite", label="SessionSetupReq", set={evccid: "02AF0001020304"})
    _, journal, capture = await session(ISO2, "DC", subject="evcc", disguise=[fault])
    (finding,) = check_file(journal).findings
    assert (finding.source, finding.party) == ("rule:iso15118.schema.facets", "evcc")
    assert evccid in finding.text
    assert {each.source for each in check_file(capture).findings} == {finding.source}
