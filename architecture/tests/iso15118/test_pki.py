"""The certificates of ISO 15118: names, lifetimes, keys and chains are the profiles', and faulty ones are faulty as they say."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from cryptography.hazmat.primitives.serialization import Encoding
from v2x_architecture.iso15118.pki import ALGORITHMS, BAD_SECC, BAD_VEHICLE, Edition, V2gPki, V2gPkiFiles, make_pki, objection
from v2x_architecture.pki import Algorithm, Authority, Credential

KINDS = [(edition, algorithm) for edition, algorithms in ALGORITHMS.items() for algorithm in algorithms]


@pytest.fixture(scope="module")
def pki() -> V2gPki:
    return make_pki()


@pytest.fixture(scope="module")
def files(pki: V2gPki, tmp_path_factory: pytest.TempPathFactory) -> V2gPkiFiles:
    return pki.write(tmp_path_factory.mktemp("v2g"))


@pytest.fixture(scope="module", params=KINDS, ids=lambda kind: f"{kind[0]}-{kind[1]}")
def each(request: pytest.FixtureRequest) -> V2gPki:
    edition, algorithm = request.param
    return make_pki(edition, algorithm)


def days(certificate: x509.Certificate) -> int:
    return (certificate.not_valid_after_utc - certificate.not_valid_before_utc).days


def assert_chained(leaf: Credential, root: Authority) -> None:
    path = [leaf.certificate, *leaf.chain, root.credential.certificate]
    for below, above in pairwise(path):
        below.verify_directly_issued_by(above)


def test_leaves_hang_on_their_roots_by_two_authorities(each: V2gPki) -> None:
    for leaf, root in (
        (each.secc, each.v2g_root),
        (each.cps, each.v2g_root),
        (each.oem, each.oem_root),
        (each.vehicle, each.oem_root),
        (each.contract, each.mo_root),
    ):
        assert len(leaf.chain) == 2
        assert_chained(leaf, root)


def test_names_say_who_and_whose_kind(pki: V2gPki) -> None:
    subjects = {
        name: getattr(pki, name).certificate.subject.rfc4514_string() for name in ("secc", "cps", "oem", "vehicle", "contract")
    }
    assert subjects == {
        "secc": "DC=CPO,CN=DEV2XE000001",
        "cps": "DC=CPS,CN=CPS",
        "oem": "DC=OEM,CN=WV2XE0000000000A1",
        "vehicle": "DC=OEM,CN=WV2XE0000000000A1",
        "contract": "DC=MO,CN=DEV2XC0000001A",
    }


def test_lifetimes_are_the_profiles(pki: V2gPki) -> None:
    lives = {name: days(authority.credential.certificate) for name, authority in pki.authorities.items()}
    assert lives == {
        "cpo-sub1": 1460, "cpo-sub2": 365, "cps-sub1": 1460, "cps-sub2": 730,
        "oem-sub1": 1460, "oem-sub2": 1460, "mo-sub1": 1460, "mo-sub2": 1460,
    }  # fmt: skip
    assert [days(getattr(pki, name).certificate) for name in ("secc", "cps", "oem", "contract")] == [60, 90, 1460, 730]


@pytest.mark.parametrize(("edition", "algorithm"), KINDS)
def test_keys_are_the_editions(edition: Edition, algorithm: Algorithm) -> None:
    key = make_pki(edition, algorithm).secc.certificate.public_key()
    if algorithm == "ed448":
        assert isinstance(key, ed448.Ed448PublicKey)
    else:
        assert isinstance(key, ec.EllipticCurvePublicKey)
        assert key.curve.name == {"p256": "secp256r1", "p521": "secp521r1"}[algorithm]


def test_keys_that_an_edition_does_not_have_are_refused() -> None:
    with pytest.raises(ValueError, match=r"15118-2 has no keys of kind p521; it has p256"):
        make_pki("2", "p521")


def test_every_faulty_one_that_is_named_is_made_and_written(pki: V2gPki, files: V2gPkiFiles) -> None:
    assert pki.bad_secc.keys() == files.bad_secc.keys() == BAD_SECC.keys()
    assert pki.bad_vehicle.keys() == files.bad_vehicle.keys() == BAD_VEHICLE.keys()
    for written in (*files.bad_secc.values(), *files.bad_vehicle.values(), files.secc, files.contract):
        assert x509.load_pem_x509_certificates(written.certificate.read_bytes())
        assert b"PRIVATE KEY" in written.key.read_bytes()


def refusal(credential: Credential, root: Authority, usage: str) -> str:
    """Validate a chain by the rules of the V2G profile; return why it is refused, empty when it is not."""
    try:
        assert_chained(credential, root)
    except Exception as error:  # every kind of bad signature or wrong issuer is one answer here
        return f"chain: {type(error).__name__}"
    now = datetime.now(UTC)
    leaf = credential.certificate
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        return "time"
    for depth, above in enumerate(credential.chain):
        constraints = above.extensions.get_extension_for_class(x509.BasicConstraints).value
        if not constraints.ca or (constraints.path_length is not None and constraints.path_length < depth):
            return "constraints"
    purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if usage not in [purpose._name for purpose in purposes]:
        return "usage"
    return objection(leaf.public_bytes(Encoding.DER), "CPO" if usage == "serverAuth" else "OEM", "2") or ""


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("expired", "time"),
        ("not_yet_valid", "time"),
        ("wrong_usage", "usage"),
        ("wrong_chain", "chain"),
        ("wrong_domain", "its domain component is CPS, not CPO"),
        ("unknown_root", "chain"),
        ("twin_root", "chain: InvalidSignature"),
        ("path_length", "constraints"),
        ("leaf_by_leaf", "constraints"),
        ("weak_key", "its key is secp192r1; ISO 15118-2 has p256"),
        ("other_algorithm", "its key is ed448"),
        ("usage_not_critical", "its key usage is not marked"),
    ],
)
def test_a_faulty_secc_certificate_is_faulty_as_it_says(pki: V2gPki, bad: str, why: str) -> None:
    assert refusal(pki.bad_secc[bad], pki.v2g_root, "serverAuth").startswith(why)
    assert refusal(pki.secc, pki.v2g_root, "serverAuth") == ""


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ("expired", "time"),
        ("not_yet_valid", "time"),
        ("wrong_usage", "usage"),
        ("wrong_chain", "chain"),
        ("unknown_root", "chain"),
        ("weak_key", "its key is secp192r1; ISO 15118-2 has p256"),
    ],
)
def test_a_faulty_vehicle_certificate_is_faulty_as_it_says(pki: V2gPki, bad: str, why: str) -> None:
    assert refusal(pki.bad_vehicle[bad], pki.oem_root, "clientAuth").startswith(why)
    assert refusal(pki.vehicle, pki.oem_root, "clientAuth") == ""


def test_openssl_takes_the_good_ones(files: V2gPkiFiles) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(files.secc.certificate, files.secc.key)
    server.load_verify_locations(files.oem_root)
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.load_verify_locations(files.v2g_root)
    client.load_cert_chain(files.vehicle.certificate, files.vehicle.key)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [client.wrap_bio(to_client, to_server), server.wrap_bio(to_server, to_client, server_side=True)]
    for _ in range(6):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
    assert sides[1].getpeercert() is not None
