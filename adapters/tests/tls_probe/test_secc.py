"""SECCs are seen to take what they take, and to refuse what they refuse, in each way that there is."""

import asyncio
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from v2x_adapters.tls_probe import ISO2, ISO20, RSA_SUITES, Outcome, ProbeFailed, Step, TlsOffer, probe_secc, send_octets
from v2x_adapters.tls_probe.names import Handshake
from v2x_adapters.tls_probe.wire import message, record, vector
from v2x_architecture.iso15118.pki import BAD_VEHICLE
from v2x_architecture.iso15118.tls import Profile, SeccTls
from v2x_architecture.iso15118.v2gtp import PayloadType, encode
from v2x_architecture.streams import TcpStream

pytestmark = pytest.mark.anyio
MESSAGE = encode(PayloadType.EXI, b"\x80\x00")
EVERYTHING = TlsOffer(
    versions=("TLSv1.3", "TLSv1.2"),
    suites=(*ISO20.suites, "TLS_AES_128_GCM_SHA256", *ISO2.suites),
    groups=("x25519", "secp256r1", "secp384r1", "secp521r1", "x448"),
    signatures=("ecdsa_secp256r1_sha256", "ecdsa_secp384r1_sha384", "ecdsa_secp521r1_sha512", "ed448"),
)


def der(certificates):
    return tuple(each.public_bytes(Encoding.DER) for each in certificates)


async def test_the_flight_of_tls_12_is_told(secc, pki):
    answer = await probe_secc("::1", secc.port, ISO2)
    assert answer.outcome is Outcome.ACCEPTED
    assert answer.step is Step.FLIGHT
    assert (answer.version, answer.suite) == ("TLSv1.2", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256")
    assert (answer.group, answer.signature) == ("secp256r1", "ecdsa_secp256r1_sha256")
    assert answer.chain == der((pki.secc.certificate, *pki.secc.chain))
    assert answer.stapled == (None, None, None)
    assert not answer.requested_client_certificate


async def test_the_flight_of_tls_13_is_told(secc20, pki20, kind20):
    answer = await probe_secc("::1", secc20.port, replace(ISO20, client=pki20.vehicle, say=MESSAGE))
    assert answer.outcome is Outcome.ACCEPTED
    assert answer.step is Step.DATA
    assert answer.heard == MESSAGE
    assert (answer.version, answer.suite) == ("TLSv1.3", "TLS_AES_256_GCM_SHA384")
    expected = {"p521": ("secp521r1", "ecdsa_secp521r1_sha512"), "ed448": ("x448", "ed448")}[kind20]
    assert (answer.group, answer.signature) == expected
    assert answer.chain == der((pki20.secc.certificate, *pki20.secc.chain))
    assert answer.requested_client_certificate
    assert expected[1] in answer.client_signatures


async def test_a_vehicle_that_is_taken_need_not_be_answered(secc20, pki20):
    answer = await probe_secc("::1", secc20.port, replace(ISO20, client=pki20.vehicle))
    assert (answer.outcome, answer.step) == (Outcome.ACCEPTED, Step.DONE)


@pytest.mark.parametrize("suite", [*ISO20.suites, "TLS_AES_128_GCM_SHA256"])
async def test_each_suite_of_tls_13_is_spoken(secc20, pki20, suite):
    offer = replace(ISO20, suites=(suite,), client=pki20.vehicle, say=MESSAGE)
    answer = await probe_secc("::1", secc20.port, offer)
    assert (answer.suite, answer.heard) == (suite, MESSAGE)


@pytest.mark.parametrize("bad", [None, *BAD_VEHICLE])
async def test_no_vehicle_certificate_and_a_bad_one_are_refused(secc20, pki20, bad):
    client = pki20.bad_vehicle[bad] if bad else None
    answer = await probe_secc("::1", secc20.port, replace(ISO20, client=client))
    assert answer.outcome is Outcome.REFUSED
    alerts = {
        None: "certificate_required",
        "expired": "certificate_expired",
        "unknown_root": "unknown_ca",
        "wrong_chain": "unknown_ca",
    }
    assert answer.alert == alerts.get(bad, answer.alert)


@pytest.mark.parametrize(
    "offer",
    [
        replace(ISO2, versions=("TLSv1.1",)),
        replace(ISO2, versions=("TLSv1",)),
        replace(ISO2, suites=RSA_SUITES),
        replace(ISO2, suites=("TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256",)),
        replace(ISO2, groups=("x448",)),
        ISO20,
    ],
    ids=["tls 1.1", "tls 1.0", "rsa", "static ecdh", "group", "tls 1.3"],
)
async def test_an_secc_of_15118_2_refuses_the_rest(secc, offer):
    answer = await probe_secc("::1", secc.port, offer)
    assert answer.outcome is Outcome.REFUSED
    assert answer.alert in ("protocol_version", "handshake_failure")
    assert (answer.version, answer.chain) == (None, ())


async def test_an_secc_of_15118_20_refuses_tls_12(secc20):
    assert (await probe_secc("::1", secc20.port, ISO2)).alert == "protocol_version"


async def test_an_secc_that_asks_for_a_certificate_in_tls_12_says_so(files, echoing):
    tls = SeccTls(files.secc.certificate, files.secc.key, (files.oem_root,))
    async with echoing(tls) as server:
        answer = await probe_secc("::1", server.port, ISO2)
    assert answer.requested_client_certificate
    assert "ecdsa_secp256r1_sha256" in answer.client_signatures


async def test_the_newest_version_of_both_is_chosen(files20, pki20, echoing):
    tls = SeccTls(files20.secc.certificate, files20.secc.key, (files20.oem_root,), Profile.BOTH)
    async with echoing(tls) as server:
        answer = await probe_secc("::1", server.port, replace(EVERYTHING, client=pki20.vehicle))
    assert answer.version == "TLSv1.3"
    assert answer.group == "x25519"


async def test_another_hello_that_is_asked_for_is_told(secc20, kind20):
    wanted = {"p521": "secp521r1", "ed448": "x448"}[kind20]
    answer = await probe_secc("::1", secc20.port, replace(ISO20, groups=("ffdhe2048", wanted)), settled=0.1)
    assert not answer.retry
    offer = replace(ISO20, groups=("ffdhe2048",))
    assert (await probe_secc("::1", secc20.port, offer)).outcome is Outcome.REFUSED


async def served(reply, close=True):
    """Serve a fixed reply to whatever comes."""
    gone = asyncio.Event()

    async def serve(reader, writer):
        await reader.read(1 << 16)
        if reply is None:
            TcpStream(reader, writer).abort()
            return
        writer.write(reply)
        if not close:
            await gone.wait()
        writer.close()

    server = await asyncio.start_server(serve, "::1", 0)
    return server, server.sockets[0].getsockname()[1], gone


OCSP_HELLO = message(Handshake.SERVER_HELLO, b"\x03\x03" + bytes(32) + b"\0" + b"\xc0\x23" + b"\0")
CERTIFICATES = message(Handshake.CERTIFICATE, vector(3, vector(3, b"leaf") + vector(3, b"sub2") + vector(3, b"sub1")))


@pytest.mark.parametrize(
    ("status", "stapled"),
    [
        (b"\1" + vector(3, b"ocsp"), (b"ocsp", None, None)),
        (b"\2" + vector(3, vector(3, b"one") + vector(3, b"") + vector(3, b"two")), (b"one", None, b"two")),
    ],
    ids=["of one", "of all"],
)
async def test_stapled_responses_stand_beside_their_certificates(status, stapled):
    flight = OCSP_HELLO + CERTIFICATES + message(Handshake.CERTIFICATE_STATUS, status) + message(Handshake.SERVER_HELLO_DONE, b"")
    server, port, _ = await served(record(22, flight[:50]) + record(22, flight[50:]))
    async with server:
        answer = await probe_secc("::1", port, replace(ISO2, status_request=True, status_request_v2=True))
    assert answer.outcome is Outcome.ACCEPTED
    assert answer.chain == (b"leaf", b"sub2", b"sub1")
    assert answer.stapled == stapled


@pytest.mark.parametrize(
    ("reply", "close", "outcome"),
    [
        (b"", True, Outcome.CLOSED),
        (b"", False, Outcome.SILENT),
        (None, True, Outcome.RESET),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", True, Outcome.NOT_TLS),
        (record(22, message(2, b"\x03")), True, Outcome.NOT_TLS),
        (record(21, b"\x02\x28"), True, Outcome.REFUSED),
        (record(21, b"\x01\x00"), False, Outcome.CLOSED),
        (record(21, b"\x01\x70"), False, Outcome.SILENT),
    ],
    ids=["closed", "silent", "reset", "http", "broken", "alert", "goodbye", "warning"],
)
async def test_every_end_has_its_name(reply, close, outcome):
    server, port, gone = await served(reply, close)
    async with server:
        started = asyncio.get_running_loop().time()
        answer = await probe_secc("::1", port, ISO2)
        assert asyncio.get_running_loop().time() - started <= 5.1
        gone.set()
    assert answer.outcome is outcome


async def test_what_is_no_tls_is_not_answered_in_kind(secc, secc20):
    for port in (secc.port, secc20.port):
        assert (await send_octets("::1", port, MESSAGE)).outcome.refused
        garbage = await send_octets("::1", port, record(22, message(Handshake.CLIENT_HELLO, b"\xff" * 40)))
        assert garbage.outcome is Outcome.REFUSED
        assert garbage.alert is not None


async def test_an_answer_in_plain_text_is_told():
    server, port, _ = await served(MESSAGE)
    async with server:
        assert (await send_octets("::1", port, MESSAGE)).outcome is Outcome.NOT_TLS


async def test_where_nobody_listens_nothing_is_probed(free_tcp_port):
    for probe in (probe_secc("::1", free_tcp_port, ISO2), send_octets("::1", free_tcp_port, b"")):
        with pytest.raises(ProbeFailed, match="cannot be reached"):
            await probe


async def test_names_that_tls_does_not_know_are_no_offer(secc):
    with pytest.raises(ValueError, match="no suite 'TLS_ROT13'"):
        await probe_secc("::1", secc.port, replace(ISO2, suites=("TLS_ROT13",)))
