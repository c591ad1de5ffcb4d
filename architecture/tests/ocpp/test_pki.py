"""The certificates of the security profiles: the good ones are good, the bad ones bad in the way they say."""

import ssl
import stat
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from v2x_architecture.ocpp.pki import BAD_CSMS, BAD_STATION, write_pki


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return write_pki(tmp_path_factory.mktemp("pki"), identity="CS001", organisation="ACME")


def load(path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def common_name(certificate) -> str:
    return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def test_every_bad_variant_that_is_named_is_made(pki):
    assert pki.bad_csms.keys() == BAD_CSMS.keys()
    assert pki.bad_station.keys() == BAD_STATION.keys()


def test_keys_are_p256_and_readable_by_their_owner_only(pki):
    assert isinstance(load(pki.csms.certificate).public_key().curve, ec.SECP256R1)
    assert isinstance(load(pki.csms_rsa.certificate).public_key(), rsa.RSAPublicKey)
    assert stat.S_IMODE(pki.station.key.stat().st_mode) == 0o600


def test_the_station_certificate_says_who_and_whose_it_is(pki):
    subject = load(pki.station.certificate).subject
    assert subject.rfc4514_string() == "CN=CS001,O=ACME"


def test_the_bad_ones_are_bad_in_the_way_they_say(pki):
    now = datetime.now(UTC)
    bad = {name: load(files.certificate) for name, files in pki.bad_csms.items()}
    assert bad["expired"].not_valid_after_utc < now
    assert bad["not_yet_valid"].not_valid_before_utc > now
    assert common_name(bad["wrong_host"]) == "csms.invalid"
    assert bad["self_signed"].issuer == bad["self_signed"].subject
    assert bad["weak"].public_key().key_size == 1024
    assert common_name(load(pki.bad_station["other_identity"].certificate)) == "NOT-CS001"


def test_a_certificate_is_sent_with_the_authorities_between(pki):
    chain = x509.load_pem_x509_certificates(pki.csms.certificate.read_bytes())
    assert [common_name(one) for one in chain] == ["localhost", "Test Sub CA"]
    assert chain[0].issuer == chain[1].subject


def test_the_strictest_context_of_the_standard_library_takes_the_good_one(pki, tmp_path):
    strict = ssl.create_default_context(cafile=pki.root)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(pki.csms.certificate, pki.csms.key)
    assert shake_hands(strict, server) == "TLSv1.3"


def shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> str | None:
    """Let two contexts shake hands in memory."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname="localhost"),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(6):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return sides[0].version()
