"""Subjects that are broken, absent or hostile: a clear message, the right verdict, a complete bundle, the right exit code.

Each test runs the command as a user does, in a process of its own, against a peer in this one.
"""

import asyncio
import json
import os
import signal
import ssl
import sys
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import pytest
from v2x_architecture.pki import Authority, self_signed
from v2x_harness.bundle import Bundle
from v2x_harness.cli import invoke
from websockets.asyncio.client import connect
from websockets.asyncio.server import serve
from websockets.exceptions import ConnectionClosed, InvalidHandshake

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


class Told:
    """What a run of the command said."""

    def __init__(self, code, out, err, bundle):
        self.code, self.out, self.err = code, out, err
        self.bundle = bundle

    @property
    def verdicts(self):
        return self.bundle.derive()

    @property
    def said(self):
        """All that stands on the console; no stack trace is among it."""
        assert "Traceback" not in self.out + self.err
        return self.out + self.err

    @property
    def outcomes(self):
        return {case.case: str(case.verdict) for case in self.verdicts.cases}


@pytest.fixture
def v2x(tmp_path):
    """Run ``v2x run`` on a subject file with this text."""

    async def run(subject, *arguments):
        (tmp_path / "subject.toml").write_text(subject)
        command = [sys.executable, "-m", "v2x_harness.cli", "run", "subject.toml", "--out", "out", *arguments]
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ | {"PYTHONWARNINGS": "default"},
        )
        try:
            async with asyncio.timeout(120):
                out, err = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        folder = tmp_path / "out" / "bundle"
        return Told(process.returncode, out.decode(), err.decode(), Bundle.open(folder) if folder.exists() else None)

    return run


def subject(role="csms", endpoint="", operator='kind = "none"', version="2.0.1"):
    return f"""
[subject]
name = "bad"
roles = [{{ role = "{role}", protocol = "ocpp", versions = ["{version}"] }}]
[endpoint]
identity = "CS001"
{endpoint}
[pixit]
answer = 1
settle = 1.5
reboot = 2
connect = 2
quiet = 0.5
[operator]
{operator}
"""


# Subject files.


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("", "'subject' is a required property"),
        ("name = ", "no valid TOML"),
        (subject(role="chargers", endpoint='url = "ws://h:1"'), "chargers"),
        (subject(endpoint='url = "http://h:1"'), "endpoint.url"),
        (subject(endpoint='listen = "somewhere"'), "endpoint.listen"),
        (subject(endpoint='url = "ws://h:1"\npassword = "hunter2"'), "must be a reference"),
        (subject(endpoint='url = "ws://h:1"\nfoo = 1'), "endpoint"),
        (subject(endpoint='url = "ws://h:1"', operator='kind = "magic"'), "operator.kind"),
        (subject(endpoint='url = "ws://h:1"', version="9"), "allowed: 1.6, 2.0.1"),
        (subject(endpoint='url = "wss://h:1"\nca = "missing.pem"'), "missing.pem"),
        (subject(), "how the product is reached"),
    ],
)
def test_a_broken_subject_file_is_the_users_mistake(tmp_path, capsys, text, word):
    file = tmp_path / "subject.toml"
    file.write_text(text)
    assert invoke(["run", str(file), "--out", str(tmp_path / "out")]) == 2
    said = "".join(capsys.readouterr())
    assert word in said
    assert "Traceback" not in said
    assert "hunter2" not in said
    assert not (tmp_path / "out").exists()


# Subjects that are not there.


async def test_a_csms_that_is_not_there_is_inconclusive_at_once(v2x):
    told = await v2x(subject(endpoint='url = "ws://127.0.0.1:9/ocpp"'), "-k", "test_b_boot")
    assert told.code == 1
    assert set(told.outcomes.values()) <= {"inconclusive", "skipped"}
    assert "ws://127.0.0.1:9/ocpp cannot be reached: Connection refused" in told.said
    assert sum(case.wall for case in told.verdicts.cases) < 3
    assert told.verdicts.complete


async def test_a_station_that_never_comes_is_waited_for_once(v2x):
    told = await v2x(subject("station", 'listen = "127.0.0.1:0"'), "-k", "test_b_boot")
    assert told.code == 1
    assert set(told.outcomes.values()) <= {"inconclusive", "skipped"}
    assert "waiting up to 2 s for the station at ws://127.0.0.1:" in told.err
    assert "the station was expected at ws://127.0.0.1:" in told.said
    assert max(case.wall for case in told.verdicts.cases[1:]) < 2
    assert told.verdicts.complete


async def test_a_port_that_is_taken_is_no_fault_of_the_station(v2x):
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        told = await v2x(subject("station", f'listen = "127.0.0.1:{port}"'), "-k", "test_b_boot")
    assert told.code == 3
    assert set(told.outcomes.values()) <= {"error", "skipped"}
    assert f"cannot listen on 127.0.0.1:{port}" in told.said


# TLS.


@pytest.fixture
def pki(tmp_path):
    root = Authority.root("Test CA")
    root.issue("localhost", hosts=["127.0.0.1"]).write(tmp_path, "server")
    self_signed("localhost", ["127.0.0.1"]).write(tmp_path, "self")
    (tmp_path / "ca.pem").write_bytes(root.pem())
    (tmp_path / "other.pem").write_bytes(Authority.root("Other CA").pem())
    return tmp_path


def context(pki, name):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(pki / f"{name}.pem", pki / f"{name}.key")
    return made


async def polite(socket):
    """A CSMS that accepts a boot and answers the rest with nothing."""
    with suppress(ConnectionClosed):
        async for message in socket:
            _, message_id, action, *_ = json.loads(message)
            now = {"currentTime": datetime.now(UTC).isoformat(timespec="milliseconds")}
            answers = {"BootNotification": now | {"status": "Accepted", "interval": 300}, "Heartbeat": now}
            await socket.send(json.dumps([3, message_id, answers.get(action, {})]))


@asynccontextmanager
async def csms(handler, **options):
    async with serve(handler, "127.0.0.1", 0, subprotocols=["ocpp2.0.1"], compression=None, **options) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_csms_over_tls_is_judged(v2x, pki):
    async with csms(polite, ssl=context(pki, "server")) as where:
        told = await v2x(subject(endpoint=f'url = "wss://{where}"\nca = "ca.pem"'), "--case", "TC_B_01_CSMS")
    assert told.code == 0, told.said
    assert told.outcomes == {"TC_B_01_CSMS": "pass"}


@pytest.mark.parametrize(
    ("certificate", "ca", "word"),
    [
        ("self", "", "is not trusted: self-signed certificate"),
        ("server", 'ca = "other.pem"', "is not trusted: unable to get local issuer certificate"),
        ("", "", "no TLS with wss://"),
    ],
)
async def test_tls_that_fails_is_said_and_judged_by_nobody(v2x, pki, certificate, ca, word):
    async with csms(polite, ssl=context(pki, certificate) if certificate else None) as where:
        told = await v2x(subject(endpoint=f'url = "wss://{where}"\n{ca}'), "--case", "TC_B_01_CSMS")
    assert told.code == 1
    assert told.outcomes == {"TC_B_01_CSMS": "inconclusive"}
    assert word in told.said


async def test_a_station_over_tls_finds_a_certificate_whose_ca_it_is_told(v2x, tmp_path, free_port):
    async def come():
        trusted = tmp_path / "subject-tls" / "ca.pem"
        while not trusted.exists():  # noqa: ASYNC110  (another process makes it)
            await asyncio.sleep(0.05)
        return await boot(f"wss://127.0.0.1:{free_port}/CS001", ssl=ssl.create_default_context(cafile=trusted))

    station = asyncio.create_task(come())
    told = await v2x(subject("station", f'listen = "wss://127.0.0.1:{free_port}"'), "--case", "TC_B_01_CS")
    assert "subject-tls/ca.pem" in told.said
    assert (await station)["status"] == "Accepted"


# Products that misbehave.


async def closes_at_once(socket):
    await socket.close(1011, "no")


async def never_answers(socket):
    await socket.wait_closed()


@pytest.mark.parametrize("handler", [closes_at_once, never_answers])
async def test_a_csms_that_misbehaves_is_judged_and_the_harness_lives(v2x, handler):
    async with csms(handler, max_size=None) as where:
        told = await v2x(subject(endpoint=f'url = "ws://{where}"'), "--case", "TC_B_01_CSMS", "--case", "TC_B_06_CSMS")
    assert told.code == 1, told.said
    assert set(told.outcomes.values()) <= {"fail", "inconclusive"}
    assert told.verdicts.complete


async def test_a_csms_that_is_no_websocket_server_is_named_as_that(v2x):
    async def answer(reader, writer):
        await reader.read(100)
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        told = await v2x(subject(endpoint=f'url = "ws://127.0.0.1:{port}"'), "--case", "TC_B_06_CSMS")
    assert told.code == 1
    assert told.outcomes == {"TC_B_06_CSMS": "inconclusive"}
    assert "refused by the csms" in told.said


@pytest.fixture
async def free_port():
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port


async def dial(url, **options):
    """Connect as soon as somebody listens."""
    async with asyncio.timeout(100):
        while True:
            try:
                return await connect(url, subprotocols=["ocpp2.0.1"], max_size=None, compression=None, **options)
            except (OSError, InvalidHandshake):
                await asyncio.sleep(0.05)


async def boot(url, **options):
    """Come, boot, and stay for a moment."""
    async with await dial(url, **options) as socket:
        request = {"reason": "PowerUp", "chargingStation": {"model": "M", "vendorName": "V"}}
        await socket.send(json.dumps([2, "b1", "BootNotification", request]))
        return json.loads(await socket.recv())[2]


# Runs that are cut off.


async def test_a_run_that_is_interrupted_leaves_a_bundle_that_can_be_read(tmp_path):
    command = [sys.executable, "-m", "v2x_harness.cli", "run", "reference:station@2.0.1", "--out", "out"]
    process = await asyncio.create_subprocess_exec(
        *command, cwd=tmp_path, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr
    async with asyncio.timeout(120):
        await process.stderr.readline()
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    bundle = Bundle.open(tmp_path / "out" / "bundle")
    verdicts = bundle.derive()
    assert verdicts.cases
    assert process.returncode == 3
    assert b"interrupted" in err
    assert b"Traceback" not in err
