"""The tap with TLS on either leg, or both."""

import asyncio
import ssl

import pytest
from v2x_adapters.ocpp.labels import OcppDialect
from v2x_adapters.websocket import WebSocketTap
from v2x_architecture.pki import Authority
from v2x_harness.errors import AdapterError
from websockets.asyncio.server import serve
from websockets.exceptions import InvalidStatus

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pki")
    root = Authority.root("Root")
    (folder / "root.pem").write_bytes(root.pem())
    root.issue("localhost", hosts=["localhost", "127.0.0.1"]).write(folder, "csms")
    root.issue("CS001", organisation="Org", usage="client").write(folder, "station")
    return folder


def context(files, purpose, name="", *, verify=True):
    made = ssl.create_default_context(purpose, cafile=files / "root.pem")
    if name:
        made.load_cert_chain(files / f"{name}.pem", files / f"{name}.key")
    if purpose is ssl.Purpose.CLIENT_AUTH and verify:
        made.verify_mode = ssl.CERT_REQUIRED
    return made


@pytest.fixture
async def secure(csms, recorder, files):
    """A wss server, and a tap that asks the station for its certificate and shows it to the server in its stead."""
    server = context(files, ssl.Purpose.CLIENT_AUTH, "csms")
    async with serve(csms.handle, "127.0.0.1", 0, subprotocols=["ocpp2.0.1"], ping_interval=None, ssl=server) as listening:
        url = f"wss://127.0.0.1:{listening.sockets[0].getsockname()[1]}/ocpp"
        tap = WebSocketTap(
            recorder,
            url,
            OcppDialect(),
            tls=context(files, ssl.Purpose.CLIENT_AUTH, "csms"),
            target_tls=context(files, ssl.Purpose.SERVER_AUTH, "station"),
        )
        await tap.start()
        yield tap
        await tap.stop()


async def test_frames_pass_over_tls_on_both_legs(secure, station, files, journal):
    async with station(secure, ssl=context(files, ssl.Purpose.SERVER_AUTH, "station")) as socket:
        await socket.send('[2,"1","Heartbeat",{}]')
        assert await socket.recv() == '[3, "1", {}]'
    await secure.disconnected()
    opened = journal.links("open")[0]
    assert opened.detail["tls"]["version"] == "TLSv1.3"
    assert opened.detail["tls"]["peer"]["subject"] == {"organizationName": "Org", "commonName": "CS001"}
    assert opened.detail["server_tls"]["peer"]["subject"]["commonName"] == "localhost"
    assert [(e.by, e.detail["code"]) for e in journal.links("close")] == [("station", 1000)]


async def test_a_client_that_leaves_in_the_handshake_is_in_the_journal(secure, station, journal, until):
    with pytest.raises(ssl.SSLError):
        await station(secure, ssl=ssl.create_default_context())
    await until(journal.links)
    assert [(e.event, e.detail["with"]) for e in journal.links()] == [("tls", "station")]


async def test_an_alert_is_the_clients_doing(secure, journal, until):
    reader, writer = await asyncio.open_connection(*secure.url.split("/")[2].split(":"))
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    distrustful = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    for _ in range(10):
        try:
            distrustful.do_handshake()
        except ssl.SSLWantReadError:
            writer.write(outgoing.read())
            incoming.write(await reader.read(65536))
        except ssl.SSLCertVerificationError:
            break
    writer.write(outgoing.read())
    await until(journal.links)
    writer.close()
    event = journal.links()[0]
    assert (event.event, event.by) == ("tls", "station")
    assert "UNKNOWN_CA" in event.detail["reason"]


async def test_a_client_without_tls_leaves_a_trace_and_no_more(secure, journal, until):
    reader, writer = await asyncio.open_connection(*secure.url.split("/")[2].split(":"))
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
    await until(journal.links)
    assert [(e.event, e.by) for e in journal.links()] == [("tls", "")]


async def test_a_client_that_stops_in_the_handshake_does_not_keep_the_tap_from_stopping(secure, journal):
    _, writer = await asyncio.open_connection(*secure.url.split("/")[2].split(":"))
    writer.write(b"\x16\x03\x01")
    await asyncio.sleep(0.02)
    await secure.stop()
    writer.close()


async def test_a_server_that_is_not_trusted_is_answered_for_with_502(csms, recorder, files, station, journal):
    server = context(files, ssl.Purpose.CLIENT_AUTH, "csms", verify=False)
    async with serve(csms.handle, "127.0.0.1", 0, ssl=server) as listening:
        url = f"wss://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        tap = WebSocketTap(recorder, url, OcppDialect(), target_tls=ssl.create_default_context())
        await tap.start()
        with pytest.raises(InvalidStatus, match="502"):
            await station(tap)
        await tap.stop()
    events = [(e.event, e.by) for e in journal.links()]
    assert events == [("tls", ""), ("refused", "tap")]
    assert "CERTIFICATE_VERIFY_FAILED" in journal.links("tls")[0].detail["reason"]


async def test_a_wss_target_needs_something_to_check_its_certificate_with(recorder):
    with pytest.raises(AdapterError, match="TLS"):
        WebSocketTap(recorder, "wss://127.0.0.1:1", OcppDialect())


async def test_a_reset_passes_over_tls_too(secure, station, files, csms, journal):
    socket = await station(secure, ssl=context(files, ssl.Purpose.SERVER_AUTH, "station"))
    await secure.connected()
    await secure.cut()
    await socket.wait_closed()
    assert socket.close_code == 1006
    await secure.disconnected()
