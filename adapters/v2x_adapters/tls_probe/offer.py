"""What a probe offers to an SECC: presets of the editions, to be varied with `dataclasses.replace`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from v2x_architecture.pki import Credential, CredentialFiles


@dataclass(frozen=True, slots=True, kw_only=True)
class TlsOffer:
    """What a ClientHello offers, and what the client shows and says after it.

    Attributes:
        versions: of TLS, as Python's ssl names them: ``TLSv1.2``.
        suites: cipher suites by their IANA names, the dearest first; so are groups and signature schemes.
        groups: to agree on secrets by; in TLS 1.3 with a share of each that can be computed (`keys.GROUPS`).
        signatures: schemes that the SECC may sign with.
        status_request: ask for the OCSP response of the SECC's certificate; in TLS 1.3 of all its chain.
        status_request_v2: ask for those of all the chain (TLS 1.2).
        trusted_ca_keys: roots to name by the digests of their certificates (TLS 1.2).
        certificate_authorities: roots to name by their subjects (TLS 1.3).
        client: certificate, chain and key to show where one is asked for (TLS 1.3); None to show none.
        say: octets to send when the handshake is done (TLS 1.3), so that the SECC has something to answer.
    """

    versions: tuple[str, ...]
    suites: tuple[str, ...]
    groups: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    status_request: bool = False
    status_request_v2: bool = False
    trusted_ca_keys: tuple[x509.Certificate, ...] = ()
    certificate_authorities: tuple[x509.Certificate, ...] = ()
    client: Credential | None = None
    say: bytes = b""


ISO2: Final = TlsOffer(
    versions=("TLSv1.2",),
    suites=("TLS_ECDH_ECDSA_WITH_AES_128_CBC_SHA256", "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256"),
    groups=("secp256r1",),
    signatures=("ecdsa_secp256r1_sha256",),
)
"""As an EVCC of 15118-2 offers it, but for its roots and OCSP."""

ISO20: Final = TlsOffer(
    versions=("TLSv1.3",),
    suites=("TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"),
    groups=("secp521r1", "x448"),
    signatures=("ecdsa_secp521r1_sha512", "ed448"),
    status_request=True,
)
"""As an EVCC of 15118-20 offers it (tables 6 to 8, [V2G20-2372]), but for its roots and its certificate."""

RSA_SUITES: Final = (
    "TLS_RSA_WITH_AES_128_CBC_SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA",
    "TLS_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_RSA_WITH_AES_256_CBC_SHA256",
    "TLS_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_RSA_WITH_AES_256_GCM_SHA384",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
)
"""Suites with RSA, none of which any edition has."""


def read_credential(files: CredentialFiles) -> Credential:
    """Read a certificate, its chain and its key from PEM.

    Raises:
        OSError: a file cannot be read.
        ValueError: a file does not hold what it should.
    """
    leaf, *chain = x509.load_pem_x509_certificates(files.certificate.read_bytes())
    key = serialization.load_pem_private_key(files.key.read_bytes(), None)
    if isinstance(key, ec.EllipticCurvePrivateKey | ed448.Ed448PrivateKey):
        return Credential(leaf, tuple(chain), key)
    raise ValueError(f"{files.key} holds a key of kind {type(key).__name__}; ISO 15118 has ECDSA and Ed448")


def read_certificate(path: Path) -> x509.Certificate:
    """Read a certificate, such as a root, from PEM.

    Raises:
        OSError: the file cannot be read.
        ValueError: it holds no certificate.
    """
    return x509.load_pem_x509_certificate(path.read_bytes())
