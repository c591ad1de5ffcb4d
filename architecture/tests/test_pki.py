"""Authorities issue certificates of every kind of key, and chains grow with each of them."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import NameOID
from v2x_architecture.pki import DAY, Algorithm, Authority


def common_name(certificate: x509.Certificate) -> str | bytes:
    return certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value


def test_a_chain_of_authorities_grows_with_each():
    root = Authority.root("Root")
    leaf = root.subordinate("Sub 1").subordinate("Sub 2").issue("leaf")
    assert [common_name(one) for one in leaf.chain] == ["Sub 2", "Sub 1"]
    assert root.issue("leaf").chain == ()


@pytest.mark.parametrize("algorithm", ["p256", "p521", "ed448"])
def test_every_kind_of_key_signs_and_is_signed(algorithm: Algorithm) -> None:
    root = Authority.root("Root", algorithm=algorithm)
    leaf = root.issue("leaf", algorithm=algorithm)
    leaf.certificate.verify_directly_issued_by(root.credential.certificate)
    kinds = {"p256": ec.SECP256R1, "p521": ec.SECP521R1}
    key = leaf.certificate.public_key()
    assert isinstance(key, ed448.Ed448PublicKey) if algorithm == "ed448" else isinstance(key.curve, kinds[algorithm])


def test_the_domain_component_says_whose_kind_it_is() -> None:
    leaf = Authority.root("V2G", domain="V2G").issue("SECC", domain="CPO")
    assert leaf.certificate.subject.rfc4514_string() == "DC=CPO,CN=SECC"
    assert leaf.certificate.issuer.rfc4514_string() == "DC=V2G,CN=V2G"


def test_a_key_agrees_on_secrets_only_where_it_can() -> None:
    root = Authority.root("Root")
    for algorithm, agrees in (("p256", True), ("rsa2048", False)):
        usage = root.issue("leaf", algorithm=algorithm).certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        assert usage.key_agreement is agrees
    assert isinstance(root.issue("leaf", algorithm="rsa1024").certificate.public_key(), rsa.RSAPublicKey)


def test_a_path_length_is_written_down() -> None:
    below = Authority.root("Root").subordinate("Sub", path_length=0).credential.certificate
    constraints = below.extensions.get_extension_for_class(x509.BasicConstraints)
    assert constraints.critical
    assert constraints.value == x509.BasicConstraints(ca=True, path_length=0)


@pytest.mark.parametrize("algorithm", ["p256", "p521", "ed448"])
@pytest.mark.parametrize("revoked", [False, True])
def test_an_authority_tells_whether_what_it_issued_is_still_good(algorithm: Algorithm, revoked: bool) -> None:
    root = Authority.root("Root", algorithm=algorithm)
    leaf = root.issue("leaf", algorithm=algorithm).certificate
    response = ocsp.load_der_ocsp_response(root.ocsp_response(leaf, revoked=revoked, validity=7 * DAY))
    expected = ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD
    assert response.certificate_status is expected
    assert response.serial_number == leaf.serial_number
    assert response.next_update_utc is not None
    assert response.next_update_utc - response.this_update_utc == 7 * DAY


def test_another_may_sign_the_response() -> None:
    root, other = Authority.root("Root"), Authority.root("Other")
    response = ocsp.load_der_ocsp_response(root.ocsp_response(root.issue("leaf").certificate, signer=other))
    key = other.credential.key.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(response.signature, response.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))
