"""``v2x proxy`` as a process between a `websockets` client and server, and its answers to what a user gets wrong."""

import asyncio
import json
import signal
import ssl
import subprocess
import sys

import pytest
import typer
from typer.testing import CliRunner
from v2x_adapters.cli_proxy import proxy
from v2x_architecture.pki import Authority
from v2x_harness.bundle import Bundle
from v2x_harness.errors import HarnessError, JournalError
from v2x_harness.events import FindingEvent, Frame, RuleEvent
from v2x_harness.journal import Journal
from v2x_harness.schemas import validate
from v2x_harness.verification import verify
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve

PROGRAM = """
import sys, typer
from v2x_adapters.cli_proxy import proxy
app = typer.Typer()
app.command()(proxy)
sys.exit(app(standalone_mode=False))
"""
BOOT = '[2,"1","BootNotification",{"chargePointModel":"M","chargePointVendor":"V"}]'
ANSWER = '[3,"1",{"status":"Accepted","currentTime":"2026-01-01T00:00:00Z","interval":300}]'

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


class Process:
    """The command, running."""

    def __init__(self, process, url):
        self.process, self.url = process, url

    async def stop(self, number=signal.SIGINT):
        """Interrupt it; return its exit code and what it printed on standard output."""
        self.process.send_signal(number)
        out, self.err = await asyncio.wait_for(self.process.communicate(), 20)
        return self.process.returncode, out.decode()


@pytest.fixture
async def start():
    started = []

    async def begin(*arguments):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            PROGRAM,
            "--listen",
            "ws://127.0.0.1:0",
            *arguments,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        started.append(process)
        line = (await asyncio.wait_for(process.stderr.readline(), 20)).decode()
        return Process(process, line.split()[0])

    yield begin
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.communicate()


@pytest.fixture
async def csms():
    async def handle(socket):
        async for _ in socket:
            await socket.send(ANSWER)

    async with serve(handle, "127.0.0.1", 0, subprotocols=["ocpp1.6"]) as server:
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interrupted_proxy_leaves_a_whole_journal_and_a_summary_by_its_schema(start, csms, tmp_path, number):
    running = await start("--forward", csms, "--journal", str(tmp_path / "j.ndjson"), "--json")
    async with connect(f"{running.url}/CS001", subprotocols=["ocpp1.6"]) as socket:
        await socket.send(BOOT)
        assert await socket.recv() == ANSWER
        await socket.send('[2,"2","BootNotification",{}]')
        await socket.recv()
    code, out = await running.stop(number)
    summary = json.loads(out)
    validate("proxy", summary)
    assert code == 1
    assert (summary["links"], summary["frames"]) == (1, {"station": 2, "csms": 2})
    assert "station" in {each["first"]["party"] for each in summary["findings"]}
    journal = Journal(tmp_path / "j.ndjson")
    events = list(journal.events(strict=True))
    assert [e.label for e in events if isinstance(e, Frame)][:2] == ["CALL BootNotification", "CALLRESULT BootNotification"]
    assert any(isinstance(e, FindingEvent) for e in events)
    assert any(isinstance(e, RuleEvent) and e.inspected for e in events)


async def test_a_proxy_ends_by_itself_when_asked_to(start, csms, tmp_path):
    running = await start("--forward", csms, "--journal", str(tmp_path / "j.ndjson"), "--for", "0.1")
    out, _ = await asyncio.wait_for(running.process.communicate(), 20)
    assert running.process.returncode == 0
    assert b"no findings" in out


async def test_a_steering_program_is_carried_out(start, csms, tmp_path):
    (tmp_path / "s.toml").write_text(
        '[[steer]]\ndo = "rewrite"\nsender = "csms"\nset = { "/2/interval" = 7 }\n[[toxic]]\nkind = "latency"\nseconds = 0.01\n'
    )
    running = await start("--forward", csms, "--journal", str(tmp_path / "j.ndjson"), "--steer", str(tmp_path / "s.toml"))
    async with connect(f"{running.url}/CS001", subprotocols=["ocpp1.6"]) as socket:
        await socket.send(BOOT)
        assert json.loads(await socket.recv())[2]["interval"] == 7
    await running.stop()
    fates = [e.fate for e in Journal(tmp_path / "j.ndjson").events() if isinstance(e, Frame)]
    assert fates == ["delayed", "rewritten", "injected"]


async def test_a_session_leaves_a_bundle_that_can_be_verified_and_a_report_that_tells_it(start, csms, tmp_path):
    running = await start("--forward", csms, "--out", str(tmp_path / "out"), "--name", "box against cloud", "--json")
    async with connect(f"{running.url}/CS001", subprotocols=["ocpp1.6"]) as socket:
        await socket.send(BOOT)
        await socket.recv()
        await socket.send('[2,"2","BootNotification",{}]')
        await socket.recv()
    code, out = await running.stop()
    summary = json.loads(out)
    validate("proxy", summary)
    bundle = Bundle.open(tmp_path / "out")
    assert code == 1
    assert verify(bundle, [], unsigned=True).ok
    assert [(case.case, str(case.verdict)) for case in bundle.verdicts.cases] == [("SESSION", "fail")]
    assert summary["bundle"] == str(bundle.path)
    assert "box against cloud" in (tmp_path / "out" / "report.html").read_text()
    assert summary["report"] == str(tmp_path / "out" / "report.html")


def test_a_session_that_cannot_begin_leaves_its_folder_as_it_was(tmp_path):
    result = call("--listen", "ws://127.0.0.1:0", "--forward", "http://y", "--out", str(tmp_path / "out"))
    assert isinstance(result.exception, HarnessError)
    assert not (tmp_path / "out").exists()


def call(*arguments):
    app = typer.Typer()
    app.command()(proxy)
    return CliRunner().invoke(app, arguments)


def test_the_help_shows_an_example():
    assert "v2x proxy --listen" in call("--help").output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--listen", "ws://x", "--forward", "ws://y"], "it looks like"),
        (["--listen", "127.0.0.1:no", "--forward", "ws://y"], "it looks like"),
        (["--listen", "wss://127.0.0.1:0", "--forward", "ws://y"], "needs --certificate"),
        (["--listen", "ws://127.0.0.1:0", "--forward", "ws://y", "--protocol", "mqtt"], "no tap for mqtt"),
        (["--listen", "ws://127.0.0.1:0", "--forward", "ws://y", "--journal", "j", "--out", "o"], "without a bundle"),
    ],
)
def test_what_is_wrong_with_the_arguments_is_said(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call(*arguments)
    assert result.exit_code == 2
    assert message in " ".join(result.output.replace("│", " ").split())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--forward", "http://y"], "no WebSocket URL"),
        (["--forward", "ws://y", "--steer", "missing.toml"], "cannot read missing.toml"),
        (["--forward", "ws://y", "--steer", "bad.toml"], "no steering program"),
        (["--forward", "ws://y", "--steer", "stray.toml"], "stray"),
        (["--forward", "wss://y", "--ca", "bad.toml"], "TLS files"),
    ],
)
def test_files_and_urls_that_cannot_be_used_are_named(arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.toml").write_text("[[steer]]\ndo = 'nothing'\n")
    (tmp_path / "stray.toml").write_text("[[steer]]\ndo = 'replace'\nraw = '{'\n")
    result = call("--listen", "ws://127.0.0.1:0", *arguments)
    assert isinstance(result.exception, HarnessError)
    assert message in str(result.exception)


def test_a_journal_that_exists_is_not_written_over(tmp_path):
    (tmp_path / "j").touch()
    result = call("--listen", "ws://127.0.0.1:0", "--forward", "ws://y", "--journal", str(tmp_path / "j"))
    assert isinstance(result.exception, JournalError)


async def test_a_proxy_listens_with_tls(start, csms, tmp_path):
    root = Authority.root("Root")
    files = root.issue("localhost", hosts=["127.0.0.1"]).write(tmp_path, "tap")
    (tmp_path / "root.pem").write_bytes(root.pem())
    tls = ["--listen", "wss://127.0.0.1:0", "--certificate", str(files.certificate), "--key", str(files.key)]
    running = await start("--forward", csms, "--journal", str(tmp_path / "j.ndjson"), *tls)
    assert running.url.startswith("wss://")
    trusting = ssl.create_default_context(cafile=tmp_path / "root.pem")
    async with connect(f"{running.url}/CS001", subprotocols=["ocpp1.6"], ssl=trusting) as socket:
        await socket.send(BOOT)
        await socket.recv()
    code, _ = await running.stop()
    assert code in (0, 1)
