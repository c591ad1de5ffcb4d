"""Subject files and endpoints that are broken, absent or in the way: a clear message, and nobody is judged for it."""

from __future__ import annotations

import asyncio
import ssl

import pytest
from hostile import boot, csms, is_polite
from subjects import subject
from v2x_architecture.pki import Authority, self_signed
from v2x_harness.cli import invoke

pytestmark = pytest.mark.anyio


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
    assert sum(case.wall for case in told.bundle.verdicts.cases) < 3
    assert told.bundle.verdicts.complete


async def test_a_station_that_never_comes_is_waited_for_once(v2x):
    told = await v2x(subject("station", 'listen = "127.0.0.1:0"'), "-k", "test_b_boot")
    assert told.code == 1
    assert set(told.outcomes.values()) <= {"inconclusive", "skipped"}
    assert "waiting up to 2 s for the station at ws://127.0.0.1:" in told.err
    assert "the station was expected at ws://127.0.0.1:" in told.said
    assert max(case.wall for case in told.bundle.verdicts.cases[1:]) < 2
    assert told.bundle.verdicts.complete


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


async def test_a_csms_over_tls_is_judged(v2x, pki):
    async with csms(is_polite, tls=context(pki, "server")) as where:
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
    async with csms(is_polite, tls=context(pki, certificate) if certificate else None) as where:
        told = await v2x(subject(endpoint=f'url = "wss://{where}"\n{ca}'), "--case", "TC_B_01_CSMS")
    assert told.code == 1
    assert told.outcomes == {"TC_B_01_CSMS": "inconclusive"}
    assert word in told.said


async def test_a_station_over_tls_finds_a_certificate_whose_ca_it_is_told(v2x, tmp_path, free_port):
    async def come():
        trusted = tmp_path / "subject-tls" / "ca.pem"
        while not trusted.exists():  # noqa: ASYNC110  (another process makes it)
            await asyncio.sleep(0.05)
        return await boot(f"wss://127.0.0.1:{free_port}/CS001", tls=ssl.create_default_context(cafile=trusted))

    station = asyncio.create_task(come())
    told = await v2x(subject("station", f'listen = "wss://127.0.0.1:{free_port}"'), "--case", "TC_B_01_CS")
    assert "subject-tls/ca.pem" in told.said
    assert (await station)["status"] == "Accepted"


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
