"""Secrets of TLS 1.3: shares of the groups, the key schedule, and the protection of records (RFC 8446: 5.2 and 7)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Mapping
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec, x448, x25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from v2x_adapters.tls_probe.names import Content
from v2x_adapters.tls_probe.wire import Malformed, Record, vector

_CURVES: Final[Mapping[str, ec.EllipticCurve]] = {
    "secp256r1": ec.SECP256R1(),
    "secp384r1": ec.SECP384R1(),
    "secp521r1": ec.SECP521R1(),
}
GROUPS: Final = frozenset((*_CURVES, "x25519", "x448"))
"""Groups that a share can be computed of."""
SUITES: Final[Mapping[str, tuple[str, int]]] = {
    "TLS_AES_128_GCM_SHA256": ("sha256", 16),
    "TLS_AES_256_GCM_SHA384": ("sha384", 32),
    "TLS_CHACHA20_POLY1305_SHA256": ("sha256", 32),
}
"""Digest and length of the key, by suite of TLS 1.3."""


class Secret:
    """One side's part of a secret.

    Args:
        group: one of `GROUPS`.
    """

    def __init__(self, group: str) -> None:
        self.share: bytes
        self._agree: Callable[[bytes], bytes]
        if group == "x25519":
            one = x25519.X25519PrivateKey.generate()
            self.share = one.public_key().public_bytes_raw()
            self._agree = lambda peer: one.exchange(x25519.X25519PublicKey.from_public_bytes(peer))
        elif group == "x448":
            other = x448.X448PrivateKey.generate()
            self.share = other.public_key().public_bytes_raw()
            self._agree = lambda peer: other.exchange(x448.X448PublicKey.from_public_bytes(peer))
        else:
            curve = _CURVES[group]
            key = ec.generate_private_key(curve)
            self.share = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            point = ec.EllipticCurvePublicKey.from_encoded_point
            self._agree = lambda peer: key.exchange(ec.ECDH(), point(curve, peer))

    def agreed(self, share: bytes) -> bytes:
        """Return the secret, by the peer's share.

        Raises:
            Malformed: it is no element of the group.
        """
        try:
            return self._agree(share)
        except ValueError as error:
            raise Malformed(f"the share is no element of the group: {error}") from error


class Schedule:
    """The key schedule, without a shared key from before.

    Args:
        suite: cipher suite of TLS 1.3.
        shared: the secret that was agreed on.

    Raises:
        Malformed: there is no such suite in TLS 1.3.
    """

    def __init__(self, suite: str, shared: bytes) -> None:
        if suite not in SUITES:
            raise Malformed(f"{suite} is no suite of TLS 1.3")
        self.suite = suite
        self.digest, self._key_length = SUITES[suite]
        self.length = hashlib.new(self.digest).digest_size
        early = self._extract(bytes(self.length), bytes(self.length))
        self._handshake = self._extract(self._derived(early), shared)
        self._master = self._extract(self._derived(self._handshake), bytes(self.length))

    def handshake(self, transcript: bytes) -> tuple[bytes, bytes]:
        """Return the client's and the server's secret for the handshake; the transcript ends with the ServerHello."""
        return self._pair(self._handshake, "hs", transcript)

    def application(self, transcript: bytes) -> tuple[bytes, bytes]:
        """Return the client's and the server's secret for what comes after; the transcript ends with the server's Finished."""
        return self._pair(self._master, "ap", transcript)

    def finished(self, secret: bytes, transcript: bytes) -> bytes:
        """Return what a side's Finished holds."""
        key = self.expand(secret, "finished", b"", self.length)
        return hmac.digest(key, self.hash(transcript), self.digest)

    def protection(self, secret: bytes) -> Protection:
        """Return the protection of one side's records."""
        key = self.expand(secret, "key", b"", self._key_length)
        return Protection(self.suite, key, self.expand(secret, "iv", b"", 12))

    def hash(self, data: bytes) -> bytes:
        """Return the digest of octets."""
        return hashlib.new(self.digest, data).digest()

    def expand(self, secret: bytes, label: str, context: bytes, length: int) -> bytes:
        """Return HKDF-Expand-Label (RFC 8446: 7.1)."""
        info = length.to_bytes(2) + vector(1, b"tls13 " + label.encode()) + vector(1, context)
        block, made = b"", b""
        for counter in range(1, -(-length // self.length) + 1):
            block = hmac.digest(secret, block + info + bytes((counter,)), self.digest)
            made += block
        return made[:length]

    def _pair(self, secret: bytes, kind: str, transcript: bytes) -> tuple[bytes, bytes]:
        digest = self.hash(transcript)
        client, server = (self.expand(secret, f"{side} {kind} traffic", digest, self.length) for side in "cs")
        return client, server

    def _derived(self, secret: bytes) -> bytes:
        return self.expand(secret, "derived", self.hash(b""), self.length)

    def _extract(self, salt: bytes, material: bytes) -> bytes:
        return hmac.digest(salt, material, self.digest)


class _Aead(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...
    def decrypt(self, nonce: bytes, data: bytes, associated_data: bytes, /) -> bytes: ...


class Protection:
    """Protects the records of one side, in order.

    Args:
        suite: cipher suite of TLS 1.3.
        key, iv: of that side.
    """

    def __init__(self, suite: str, key: bytes, iv: bytes) -> None:
        self._aead: _Aead = ChaCha20Poly1305(key) if "CHACHA20" in suite else AESGCM(key)
        self._iv, self._count = int.from_bytes(iv), 0

    def seal(self, kind: int, data: bytes) -> bytes:
        """Return a record with octets in it."""
        inner = data + kind.to_bytes(1)
        header = Content.APPLICATION_DATA.to_bytes(1) + b"\3\3" + (len(inner) + 16).to_bytes(2)
        return header + self._aead.encrypt(self._nonce(), inner, header)

    def open(self, record: Record) -> tuple[int, bytes]:
        """Return what a record holds, and the octets of it.

        Raises:
            Malformed: it was not protected with this key, or holds nothing.
        """
        try:
            inner = self._aead.decrypt(self._nonce(), record.body, record.header).rstrip(b"\0")
        except InvalidTag as error:
            raise Malformed("a record cannot be decrypted with the keys that were agreed on") from error
        if not inner:
            raise Malformed("a protected record has no content")
        return inner[-1], inner[:-1]

    def _nonce(self) -> bytes:
        nonce = (self._iv ^ self._count).to_bytes(12)
        self._count += 1
        return nonce


def secrets(groups: Iterable[str]) -> dict[str, Secret]:
    """Return one's part of the secret in each group that it can be computed of."""
    return {group: Secret(group) for group in groups if group in GROUPS}
