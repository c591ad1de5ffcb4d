"""``v2x proxy`` as a process between the reference EVCC and SECC, and its answers to what a user gets wrong."""

import asyncio
import json
import signal
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner
from v2x_adapters.capture.files import Capture
from v2x_adapters.cli_proxy import proxy
from v2x_architecture.clock import SystemClock
from v2x_architecture.coupling import Coupling
from v2x_architecture.iso15118.editions import ISO2
from v2x_architecture.iso15118.evcc import Ending, EvccConfig, SimulatedEv
from v2x_architecture.iso15118.evcc.client import EvccClient, SeccAddress
from v2x_architecture.iso15118.secc import SimulatedEvse
from v2x_architecture.iso15118.secc.server import SeccListener, SeccServer
from v2x_architecture.iso15118.tls import EvccTls, SeccTls
from v2x_architecture.site import AcOutletModel
from v2x_architecture.vehicle import ElectricVehicle, Ress, RessModel, VehicleModel
from v2x_harness.bundle import Bundle
from v2x_harness.errors import HarnessError
from v2x_harness.events import Frame, LinkEvent
from v2x_harness.journal import Journal
from v2x_harness.schemas import validate

PROGRAM = """
import sys, typer
from v2x_adapters.cli_proxy import proxy
app = typer.Typer()
app.command()(proxy)
sys.exit(app(standalone_mode=False))
"""

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


class Cable:
    """An AC charging station with its EV, which is full at once; both in real time."""

    def __init__(self):
        ev = ElectricVehicle(VehicleModel(soc=79.9999, capacity_wh=60_000.0))
        self.plug = Coupling(outlet=AcOutletModel(), vehicle=ev, ress=Ress(RessModel(), ev))
        self.running = []

    async def secc(self, tls=None):
        listener = SeccListener(sdp_port=0, tls=tls, plain=tls is None)
        server = SeccServer(SimulatedEvse(self.plug), SystemClock(), None, listener)
        await server.start()
        self.running.append(server)
        return server

    async def charge(self, sdp_port, tls=None):
        address = SeccAddress(sdp_port=sdp_port, tls=tls)
        client = EvccClient(SimulatedEv(self.plug), SystemClock(), EvccConfig(applications=(ISO2,)), address)
        async with asyncio.timeout(30):
            return (await client.run()).ending


@pytest.fixture
async def cable():
    made = Cable()
    yield made
    for server in made.running:
        await server.stop()


class Process:
    """The command, running."""

    def __init__(self, process, url):
        self.process, self.url = process, url
        self.port = int(url.rpartition(":")[2])

    async def stop(self):
        """Interrupt it; return its exit code and the summary."""
        self.process.send_signal(signal.SIGINT)
        out, _ = await asyncio.wait_for(self.process.communicate(), 30)
        return self.process.returncode, json.loads(out)


@pytest.fixture
async def start():
    started = []

    async def begin(*arguments):
        command = [sys.executable, "-c", PROGRAM, "--listen", "sdp://[::1]:0", "--json", *map(str, arguments)]
        process = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        started.append(process)
        line = (await asyncio.wait_for(process.stderr.readline(), 30)).decode()
        return Process(process, line.split()[0])

    yield begin
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_a_session_leaves_a_bundle_a_capture_and_a_report(start, cable, tmp_path):
    secc = await cable.secc()
    capture = tmp_path / "session.pcapng"
    running = await start("--forward", f"sdp://[::1]:{secc.sdp_port}", "--out", tmp_path / "out", "--pcapng", capture)
    assert running.url.startswith("sdp://[::1]:")
    assert await cable.charge(running.port) is Ending.FINISHED
    code, summary = await running.stop()
    validate("proxy", summary)
    assert code == 0
    assert summary["links"] == 1
    assert summary["frames"]["evcc"] == summary["frames"]["secc"]
    assert summary["inspected"]["iso15118.exi.decode"] > 10
    bundle = Bundle.open(tmp_path / "out")
    assert bundle.manifest.complete
    labels = [event.label for event in bundle.events("lane-0") if isinstance(event, Frame)]
    assert labels[:3] == ["SECCDiscoveryReq", "SECCDiscoveryRes", "supportedAppProtocolReq"]
    assert labels[-1] == "SessionStopRes"
    report = (tmp_path / "out" / "report.html").read_text()
    assert "EVCC" in report
    assert "ChargingStatusReq" in report
    assert sum(1 for _ in Capture(capture).packets()) > len(labels)


async def test_tls_has_two_sessions_and_their_keys_are_kept(start, cable, pki, tmp_path):
    secc = await cable.secc(SeccTls(pki.secc.certificate, pki.secc.key))
    shown = ("--certificate", pki.secc.certificate, "--key", pki.secc.key, "--tls-only", "--ca", pki.v2g_root)
    keys, journal = tmp_path / "keys", tmp_path / "j.ndjson"
    running = await start("--forward", f"sdp://[::1]:{secc.sdp_port}", *shown, "--keylog", keys, "--journal", journal)
    assert await cable.charge(running.port, EvccTls((pki.v2g_root,))) is Ending.FINISHED
    await running.stop()
    events = list(Journal(journal).events(strict=True))
    opened = next(event for event in events if isinstance(event, LinkEvent))
    assert opened.detail["tls"]["version"] == opened.detail["secc_tls"]["version"] == "TLSv1.2"
    assert "SessionStopRes" in {event.label for event in events if isinstance(event, Frame)}
    randoms = {line.split()[1] for line in keys.read_text().splitlines() if line.startswith("CLIENT_RANDOM")}
    assert len(randoms) == 2


async def test_tls_can_pass_unseen(start, cable, pki, tmp_path):
    secc = await cable.secc(SeccTls(pki.secc.certificate, pki.secc.key))
    journal = tmp_path / "j.ndjson"
    running = await start("--forward", f"sdp://[::1]:{secc.sdp_port}", "--untouched", "--tls-only", "--journal", journal)
    assert await cable.charge(running.port, EvccTls((pki.v2g_root,))) is Ending.FINISHED
    await running.stop()
    labels = {event.label for event in Journal(journal).events() if isinstance(event, Frame)}
    assert labels == {"SECCDiscoveryReq", "SECCDiscoveryRes"}


async def test_a_steering_program_is_carried_out(start, cable, tmp_path):
    secc = await cable.secc()
    program, journal = tmp_path / "s.toml", tmp_path / "j.ndjson"
    code = "/V2G_Message/Body/SessionSetupRes/ResponseCode"
    program.write_text(f'[[steer]]\ndo = "rewrite"\nlabel = "SessionSetupRes"\nset = {{ "{code}" = "FAILED" }}\n')
    running = await start("--forward", f"tcp://[::1]:{secc.plain_port}", "--journal", journal, "--steer", program)
    assert await cable.charge(running.port) is Ending.REFUSED
    await running.stop()
    fates = [event.fate for event in Journal(journal).events() if isinstance(event, Frame) and event.label == "SessionSetupRes"]
    assert fates == ["rewritten", "injected"]


def call(*arguments):
    app = typer.Typer()
    app.command()(proxy)
    return CliRunner().invoke(app, arguments)


def test_the_help_shows_an_example():
    assert "v2x proxy --listen sdp://eth0 --forward sdp://eth1" in " ".join(call("--help").output.split())


SDP = ("--listen", "sdp://[::1]:0")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--listen", "sdp:/eth0", "--protocol", "iso15118", "--forward", "sdp://eth1"], "it looks like sdp://eth0"),
        ([*SDP, "--forward", "tcp://eth1:1"], "it looks like"),
        (["--listen", "tls://[::1]:0", "--forward", "sdp://eth1"], "needs --certificate and --key of the SECC"),
        ([*SDP, "--tls-only", "--forward", "sdp://eth1"], "needs --certificate and --key of the SECC"),
        ([*SDP, "--certificate", "x.pem", "--forward", "sdp://eth1"], "--certificate and --key belong together"),
        ([*SDP, "--client-key", "x.pem", "--forward", "sdp://eth1"], "--client-certificate and --client-key belong together"),
        ([*SDP, "--forward", "tls://[::1]:1"], "TLS needs --ca with the V2G root"),
        (["--listen", "ws://127.0.0.1:0", "--forward", "ws://y", "--keylog", "k"], "are for ISO 15118"),
    ],
)
def test_what_is_wrong_with_the_arguments_is_said(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.replace("│", " ").split())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--forward", "tls://[::1]:1", "--ca", "missing.pem"], "cannot read missing.pem"),
        (["--forward", "sdp://[::1]:1", "--pcapng", "missing/x.pcapng"], "missing/x.pcapng"),
        (["--forward", "sdp://no-such-interface"], "no-such-interface"),
    ],
)
def test_files_and_interfaces_that_cannot_be_used_are_named(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call(*SDP, *arguments, "--out", "out")
    assert isinstance(result.exception, HarnessError)
    assert message in str(result.exception)
    assert not (tmp_path / "out").exists()
