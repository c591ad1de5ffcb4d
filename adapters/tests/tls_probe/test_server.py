"""What OpenSSL would not show is shown: weak keys, other curves, suites, OCSP responses; and clients react as they do."""

import asyncio
import ssl
from dataclasses import replace

import pytest
from v2x_adapters.tls_probe import ISO2, ISO20, EvccProbe, Outcome, Shown, Step, probe_secc
from v2x_architecture.iso15118.tcp import ConnectFailed, connect
from v2x_architecture.iso15118.tls import EvccTls, Profile
from v2x_architecture.iso15118.v2gtp import PayloadType, encode

pytestmark = pytest.mark.anyio
HELLO = encode(PayloadType.EXI, b"\x80\x00")


@pytest.fixture
def shown20(pki20, kind20):
    def show(credential=None, **rest):
        group = {"p521": "secp521r1", "ed448": "x448"}[kind20]
        return Shown(credential=credential or pki20.secc, suite="TLS_AES_256_GCM_SHA384", group=group, **rest)

    return show


@pytest.fixture
def evcc20(files20, kind20):
    group = {"p521": "secp521r1", "ed448": "X448"}[kind20]
    vehicle = files20.vehicle
    return EvccTls((files20.v2g_root,), vehicle.certificate, vehicle.key, Profile.ISO20, group)


async def openssl(port, tls):
    """OpenSSL as the EVCC."""
    try:
        link = await connect("::1", port, tls)
    except ConnectFailed:
        return
    link.send_raw(HELLO)
    await link.receive()
    await link.close()


async def probed(shown, evcc):
    async with EvccProbe(shown) as probe:
        answer, _ = await asyncio.gather(probe.answer(), openssl(probe.port, evcc))
    assert answer is not None
    return answer


async def test_openssl_takes_what_is_good_in_tls_12(pki, files):
    answer = await probed(Shown(credential=pki.secc), EvccTls((files.v2g_root,)))
    assert (answer.outcome, answer.step) == (Outcome.ACCEPTED, Step.FLIGHT)
    assert answer.version == "TLSv1.2"


async def test_openssl_takes_what_is_good_in_tls_13(pki20, shown20, evcc20):
    shown = shown20(authorities=(pki20.oem_root.credential.certificate,))
    answer = await probed(shown, evcc20)
    assert (answer.outcome, answer.step, answer.heard) == (Outcome.ACCEPTED, Step.DATA, HELLO)
    assert answer.certificate is not None


@pytest.mark.parametrize(
    ("bad", "alert"),
    [
        ("expired", "certificate_expired"),
        ("twin_root", "unknown_ca"),
        ("wrong_usage", "unsupported_certificate"),
        ("weak_key", None),
        ("wrong_curve", None),
    ],
)
async def test_openssl_refuses_what_is_bad_in_tls_12(pki, files, bad, alert):
    answer = await probed(Shown(credential=pki.bad_secc[bad]), EvccTls((files.v2g_root,)))
    assert answer.outcome is Outcome.REFUSED
    assert answer.alert == (alert or answer.alert)


@pytest.mark.parametrize("bad", ["expired", "unknown_root", "wrong_usage", "weak_key"])
async def test_openssl_refuses_what_is_bad_in_tls_13(pki20, shown20, evcc20, bad):
    assert (await probed(shown20(pki20.bad_secc[bad]), evcc20)).outcome is Outcome.REFUSED


async def test_a_suite_that_was_not_offered_is_refused(pki, files):
    shown = Shown(credential=pki.secc, suite="TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256")
    assert (await probed(shown, EvccTls((files.v2g_root,)))).outcome is Outcome.REFUSED


async def test_what_the_evcc_does_not_offer_cannot_be_shown(pki, files, shown20):
    answer = await probed(shown20(), EvccTls((files.v2g_root,)))
    assert (answer.outcome, answer.text) == (Outcome.DISAGREED, "the EVCC offers no TLSv1.3")
    answer = await probed(
        Shown(credential=pki.secc, suite="TLS_AES_256_GCM_SHA384", group="x25519"),
        EvccTls((files.v2g_root,), profile=Profile.ISO20),
    )
    assert answer.text == "the EVCC offers no share of x25519"


@pytest.mark.parametrize(
    ("asked", "stapled"),
    [
        ({"status_request": True}, (b"one", None, None)),
        ({"status_request_v2": True}, (b"one", None, b"three")),
        ({}, (None, None, None)),
    ],
    ids=["of one", "of all", "not asked for"],
)
async def test_both_probes_understand_each_other_in_tls_12(pki, asked, stapled):
    roots = (pki.v2g_root.credential.certificate,)
    async with EvccProbe(Shown(credential=pki.secc, stapled=(b"one", None, b"three"))) as probe:
        answer = await probe_secc("::1", probe.port, replace(ISO2, **asked, trusted_ca_keys=roots))
        seen = await probe.answer()
    assert answer.outcome is Outcome.ACCEPTED
    assert answer.stapled == stapled
    assert seen is not None
    assert seen.outcome is Outcome.CLOSED
    assert seen.hello is not None
    assert seen.hello.trusted_ca_keys is not None


async def test_static_ecdh_is_told(pki):
    suite = "TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256"
    async with EvccProbe(Shown(credential=pki.secc, suite=suite)) as probe:
        answer = await probe_secc("::1", probe.port, ISO2)
    assert (answer.outcome, answer.suite, answer.group, answer.signature) == (Outcome.ACCEPTED, suite, None, None)


async def test_both_probes_understand_each_other_in_tls_13(pki20, shown20):
    roots = (pki20.oem_root.credential.certificate, pki20.v2g_root.credential.certificate)
    async with EvccProbe(shown20(stapled=(b"one", b"two"), authorities=roots)) as probe:
        answer = await probe_secc("::1", probe.port, replace(ISO20, client=pki20.vehicle, certificate_authorities=roots))
        seen = await probe.answer()
    assert answer.outcome is Outcome.ACCEPTED
    assert answer.stapled == (b"one", b"two", None)
    assert answer.certificate_authorities == ("DC=OEM,CN=OEM Root CA", "DC=V2G,CN=V2G Root CA")
    assert answer.request_extensions == (13, 47)
    assert answer.client_signatures == ("ecdsa_secp521r1_sha512", "ed448")
    assert seen is not None
    assert (seen.outcome, seen.step) == (Outcome.CLOSED, Step.DONE)
    assert seen.hello is not None
    assert seen.hello.certificate_authorities == answer.certificate_authorities
    assert ssl.DER_cert_to_PEM_cert(seen.certificate or b"").encode() in pki20.vehicle.certificate_pem()


async def test_a_client_that_is_asked_for_nothing_shows_nothing(shown20):
    async with EvccProbe(shown20(request=False)) as probe:
        answer = await probe_secc("::1", probe.port, replace(ISO20, say=HELLO))
        seen = await probe.answer()
    assert not answer.requested_client_certificate
    assert seen is not None
    assert (seen.outcome, seen.certificate, seen.heard) == (Outcome.ACCEPTED, None, HELLO)
