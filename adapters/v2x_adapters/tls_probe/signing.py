"""Signatures of both sides: in TLS 1.2 over the parameters, in TLS 1.3 over the transcript."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448
from v2x_architecture.pki import PrivateKey

from v2x_adapters.tls_probe.names import Scheme
from v2x_adapters.tls_probe.wire import vector

_BY_CURVE: Final[dict[str, tuple[Scheme, hashes.HashAlgorithm]]] = {
    "secp256r1": (Scheme.ecdsa_secp256r1_sha256, hashes.SHA256()),
    "secp384r1": (Scheme.ecdsa_secp384r1_sha384, hashes.SHA384()),
    "secp521r1": (Scheme.ecdsa_secp521r1_sha512, hashes.SHA512()),
}


def signed(key: PrivateKey, content: bytes) -> bytes:
    """Return scheme and signature as TLS 1.2 and 1.3 write them; a key that no scheme has signs as if it were one of P-256.

    Raises:
        TypeError: the key is of a kind that ISO 15118 has not.
    """
    if isinstance(key, ed448.Ed448PrivateKey):
        return Scheme.ed448.to_bytes(2) + vector(2, key.sign(content))
    if isinstance(key, ec.EllipticCurvePrivateKey):
        scheme, digest = _BY_CURVE.get(key.curve.name, _BY_CURVE["secp256r1"])
        return scheme.to_bytes(2) + vector(2, key.sign(content, ec.ECDSA(digest)))
    raise TypeError(f"a key of kind {type(key).__name__} cannot sign here; ISO 15118 has ECDSA and Ed448")


def to_verify(side: str, digest: bytes) -> bytes:
    """Return what a side signs in TLS 1.3 (RFC 8446: 4.4.3).

    Args:
        side: ``client`` or ``server``.
        digest: of the transcript.
    """
    return b" " * 64 + f"TLS 1.3, {side} CertificateVerify".encode() + b"\0" + digest
