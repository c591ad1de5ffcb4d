"""Security profiles 2 and 3 over real sockets, with good and bad certificates."""

import asyncio
import ssl
import warnings

import pytest
from cryptography.x509.oid import NameOID
from v2x_architecture.ocpp.client import OcppClient
from v2x_architecture.ocpp.errors import HandshakeRefused
from v2x_architecture.ocpp.pki import BAD_CSMS, write_pki
from v2x_architecture.ocpp.server import OcppServer
from v2x_architecture.ocpp.tls import ClientTls, ServerTls

from .conftest import NOW

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return write_pki(tmp_path_factory.mktemp("pki"), identity="CS001")


@pytest.fixture
def csms_tls(pki):
    return ServerTls(pki.csms.certificate, pki.csms.key)


@pytest.fixture
async def secured(anyio_backend):
    """Start a CSMS with these TLS settings: ``await secured(tls, **settings)``."""
    servers = []

    async def answer(action, payload):
        return {"currentTime": NOW}

    async def on_connect(_):
        return answer

    async def start(tls, **settings) -> OcppServer:
        servers.append(await OcppServer(on_connect=on_connect, versions=["2.0.1"], tls=tls, **settings).start())
        return servers[-1]

    yield start
    for server in servers:
        await server.stop()


async def heartbeat(server, tls, **settings) -> ssl.SSLObject:
    client = OcppClient(url=server.url, identity="CS001", versions=["2.0.1"], tls=tls, **settings)
    endpoint = (await client.connect()).start()
    assert await endpoint.call("Heartbeat") == {"currentTime": NOW}
    session = endpoint.ws.transport.get_extra_info("ssl_object")
    version, cipher = session.version(), session.cipher()[0]
    await endpoint.close()
    return version, cipher


async def refusal(server, tls) -> HandshakeRefused:
    with pytest.raises(HandshakeRefused) as caught:
        await OcppClient(url=server.url, identity="CS001", versions=["2.0.1"], tls=tls).connect()
    return caught.value


async def test_profile_2_is_tls_with_a_password(secured, csms_tls, pki):
    seen = []

    async def authenticate(identity, password, certificate):
        seen.append((identity, password, certificate))
        return True

    server = await secured(csms_tls, authenticate=authenticate)
    assert server.url.startswith("wss://127.0.0.1:")
    assert (await heartbeat(server, ClientTls(ca=pki.root), password=b"\x00:\xff"))[0] == "TLSv1.3"
    assert seen == [("CS001", b"\x00:\xff", None)]


async def test_profile_3_shows_the_station_certificate_to_the_csms(secured, pki):
    seen = []

    async def authenticate(identity, password, certificate):
        names = {
            certificate.subject.get_attributes_for_oid(oid)[0].value for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
        }
        seen.append((identity, password, names))
        return True

    server = await secured(ServerTls(pki.csms.certificate, pki.csms.key, client_ca=pki.root), authenticate=authenticate)
    await heartbeat(server, ClientTls(ca=pki.root, certificate=pki.station.certificate, key=pki.station.key))
    assert seen == [("CS001", None, {"CS001", "Test CSO"})]


@pytest.mark.parametrize("maximum", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("bad", [None, "expired", "unknown_ca"])
async def test_profile_3_refuses_a_station_without_a_good_certificate(secured, pki, bad, maximum):
    server = await secured(ServerTls(pki.csms.certificate, pki.csms.key, client_ca=pki.root, maximum=maximum))
    files = pki.bad_station[bad] if bad else None
    error = await refusal(server, ClientTls(ca=pki.root, certificate=files and files.certificate, key=files and files.key))
    assert error.tls, error


@pytest.mark.parametrize("bad", sorted(BAD_CSMS))
async def test_a_station_refuses_a_bad_csms_certificate(secured, pki, bad):
    files = pki.bad_csms[bad]
    server = await secured(ServerTls(files.certificate, files.key, ciphers="ALL:@SECLEVEL=0"))
    error = await refusal(server, ClientTls(ca=pki.root))
    assert error.tls, error
    assert "TLS failed: " in str(error)


@pytest.mark.parametrize(
    ("bad", "words"), [("expired", "expired"), ("wrong_host", "IP address mismatch"), ("self_signed", "self-signed certificate")]
)
async def test_the_refusal_of_a_certificate_says_why(secured, pki, bad, words):
    server = await secured(ServerTls(pki.bad_csms[bad].certificate, pki.bad_csms[bad].key))
    assert words in str(await refusal(server, ClientTls(ca=pki.root)))


async def test_a_ready_made_context_serves_many(secured, pki, csms_tls):
    server = await secured(csms_tls.context())
    shared = ClientTls(ca=pki.root).context()
    for _ in range(3):
        await heartbeat(server, shared)


async def test_a_server_that_is_only_looked_at_need_not_be_trusted(secured, pki):
    files = pki.bad_csms["self_signed"]
    server = await secured(ServerTls(files.certificate, files.key))
    await heartbeat(server, ClientTls(verify=False))


async def test_the_name_to_verify_can_be_given(secured, pki, csms_tls):
    server = await secured(csms_tls)
    await heartbeat(server, ClientTls(ca=pki.root, server_name="localhost"))
    assert (await refusal(server, ClientTls(ca=pki.root, server_name="csms.example.com"))).tls


async def test_nothing_below_tls_1_2_is_spoken(secured, pki, csms_tls):
    server = await secured(csms_tls)
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.load_verify_locations(pki.root)
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that is the point
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
    host, port = "127.0.0.1", int(server.url.rsplit(":", 1)[1])
    with pytest.raises((ssl.SSLError, ConnectionResetError)):
        await asyncio.open_connection(host, port, ssl=old)


@pytest.mark.parametrize(
    ("suite", "rsa"),
    [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", False),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", False),
        ("AES128-GCM-SHA256", True),
        ("AES256-GCM-SHA384", True),
    ],
)
async def test_a_csms_with_both_certificates_offers_the_four_suites_of_the_specification(secured, pki, suite, rsa):
    tls = ServerTls(pki.csms.certificate, pki.csms.key, more=((pki.csms_rsa.certificate, pki.csms_rsa.key),))
    server = await secured(tls)
    station = ClientTls(ca=pki.root, ciphers=suite, maximum=ssl.TLSVersion.TLSv1_2)
    assert await heartbeat(server, station) == ("TLSv1.2", suite)


async def test_a_weak_suite_is_not_spoken(secured, pki, csms_tls):
    server = await secured(csms_tls)
    station = ClientTls(ca=pki.root, ciphers="ECDHE-ECDSA-AES128-SHA", maximum=ssl.TLSVersion.TLSv1_2)
    assert (await refusal(server, station)).tls


async def test_plain_text_on_a_tls_port_and_the_other_way_round_are_refused(secured, pki, csms_tls):
    server = await secured(csms_tls)
    with pytest.raises(HandshakeRefused):
        await OcppClient(url=server.url.replace("wss:", "ws:"), identity="CS001", versions=["2.0.1"]).connect()
    plain = await secured(None)
    client = OcppClient(url=plain.url.replace("ws:", "wss:"), identity="CS001", versions=["2.0.1"], tls=ClientTls(ca=pki.root))
    with pytest.raises(HandshakeRefused) as caught:
        await client.connect()
    assert caught.value.tls


async def test_one_tls_connection_keeps_one_record_of_memory(secured, pki, csms_tls):
    server = await secured(csms_tls)
    client = OcppClient(url=server.url, identity="CS001", versions=["2.0.1"], tls=ClientTls(ca=pki.root))
    endpoint = (await client.connect()).start()
    assert endpoint.ws.transport._ssl_protocol.max_size == 16 * 1024
    await endpoint.close()


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="No such file"):
        ServerTls(tmp_path / "a.pem", tmp_path / "a.key").context()
    with pytest.raises(OSError, match="No such file"):
        ClientTls(ca=tmp_path / "a.pem").context()


def test_the_system_roots_are_trusted_when_no_others_are_given():
    context = ClientTls().context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
