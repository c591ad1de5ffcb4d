"""Ed25519 keys, DSSE envelopes, and the in-toto statement that says what a run came to.

DSSE: https://github.com/secure-systems-lab/dsse; statement: https://in-toto.io/Statement/v1 with the predicate
https://in-toto.io/attestation/test-result/v0.1.
"""

from __future__ import annotations

import base64
import hashlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from v2x_harness.errors import SignatureError

PAYLOAD_TYPE = "application/vnd.in-toto+json"
STATEMENT_TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE_TYPE: Final = "https://in-toto.io/attestation/test-result/v0.1"


class ResourceDescriptor(msgspec.Struct, frozen=True, kw_only=True):
    """A thing by its name and digest, as in-toto has it."""

    name: str
    digest: dict[str, str]


class TestResult(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The predicate: the outcome of one run, and the names of its cases and rules.

    Attributes:
        configuration: what decided how the run went: the suite's sources, the subject with its PICS, the manifest.
    """

    __test__ = False  # pytest: this is in-toto's name, not a test class

    result: Literal["PASSED", "WARNED", "FAILED"]
    configuration: tuple[ResourceDescriptor, ...]
    passed_tests: tuple[str, ...] = ()
    warned_tests: tuple[str, ...] = ()
    failed_tests: tuple[str, ...] = ()


class Statement(msgspec.Struct, frozen=True, kw_only=True, rename={"type_": "_type", "predicate_type": "predicateType"}):
    """An in-toto statement about the files of a bundle."""

    subject: tuple[ResourceDescriptor, ...]
    predicate: TestResult
    type_: Literal["https://in-toto.io/Statement/v1"] = STATEMENT_TYPE
    predicate_type: Literal["https://in-toto.io/attestation/test-result/v0.1"] = PREDICATE_TYPE


class Signature(msgspec.Struct, frozen=True):
    """One signature of an envelope, base64, and the id of the key that made it."""

    keyid: str
    sig: str


class Envelope(msgspec.Struct, frozen=True, kw_only=True, rename={"payload_type": "payloadType"}):
    """A DSSE envelope; without signatures the statement in it is nobody's word."""

    payload: str
    signatures: tuple[Signature, ...] = ()
    payload_type: str = PAYLOAD_TYPE

    @property
    def body(self) -> bytes:
        """The payload's bytes.

        Raises:
            SignatureError: the payload is no base64.
        """
        try:
            return base64.b64decode(self.payload, validate=True)
        except ValueError as error:
            raise SignatureError(f"the envelope's payload is no base64: {error}") from error

    @property
    def statement(self) -> Statement:
        """The statement inside.

        Raises:
            SignatureError: the payload is no in-toto test-result statement.
        """
        if self.payload_type != PAYLOAD_TYPE:
            raise SignatureError(f"the envelope holds {self.payload_type!r}, not {PAYLOAD_TYPE}")
        try:
            return msgspec.json.decode(self.body, type=Statement)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise SignatureError(f"the envelope holds no in-toto test-result statement: {error}") from error


class PublicKey:
    """A key that verifies."""

    def __init__(self, key: Ed25519PublicKey) -> None:
        self._key = key

    @property
    def id(self) -> str:
        """SHA-256 of the key's SubjectPublicKeyInfo, hex."""
        der = self._key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return hashlib.sha256(der).hexdigest()

    @property
    def pem(self) -> bytes:
        """The key as PEM."""
        return self._key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)

    def verify(self, envelope: Envelope) -> bool:
        """Whether one of the envelope's signatures is this key's and fits; the key id is a hint only (DSSE)."""
        message = _pae(envelope.payload_type, envelope.body)
        for signature in envelope.signatures:
            try:
                self._key.verify(base64.b64decode(signature.sig, validate=True), message)
            except (InvalidSignature, ValueError):
                continue
            return True
        return False

    @classmethod
    def load(cls, path: Path) -> PublicKey:
        """Read a public key, PEM.

        Raises:
            SignatureError: the file cannot be read or holds no Ed25519 public key.
        """
        try:
            key = serialization.load_pem_public_key(_read(path))
        except (ValueError, UnsupportedAlgorithm) as error:
            raise SignatureError(f"{path} holds no public key in PEM", "v2x key new writes FILE and FILE.pub") from error
        if not isinstance(key, Ed25519PublicKey):
            raise SignatureError(f"{path} holds a key that is not Ed25519", "v2x key new writes one")
        return cls(key)


class SigningKey:
    """A private key that signs."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @classmethod
    def new(cls) -> SigningKey:
        """Make a new key."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def public(self) -> PublicKey:
        """The key that verifies what this one signs."""
        return PublicKey(self._key.public_key())

    def sign(self, envelope: Envelope) -> Envelope:
        """Return the envelope with this key's signature added."""
        sig = base64.b64encode(self._key.sign(_pae(envelope.payload_type, envelope.body))).decode()
        return msgspec.structs.replace(envelope, signatures=(*envelope.signatures, Signature(self.public.id, sig)))

    def save(self, path: Path) -> Path:
        """Write the private key (PEM, PKCS #8, readable by its owner only) and the public one beside it (``.pub``).

        Returns:
            The public key's path.

        Raises:
            SignatureError: one of the files exists already, or cannot be written.
        """
        public = path.with_name(path.name + ".pub")
        pem = self._key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        for taken in (path, public):
            if taken.exists():
                raise SignatureError(f"{taken} exists already; a key is never overwritten", "choose another name")
        try:
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(pem)
            public.write_bytes(self.public.pem)
        except OSError as error:
            raise SignatureError(f"cannot write {path}: {error.strerror}") from error
        return public

    @classmethod
    def load(cls, path: Path) -> SigningKey:
        """Read a private key, PEM without a passphrase.

        Raises:
            SignatureError: the file cannot be read, is open to others, or holds no Ed25519 private key.
        """
        pem = _read(path)
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise SignatureError(f"{path} can be read by others", f"chmod 600 {path}")
        try:
            key = serialization.load_pem_private_key(pem, None)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SignatureError(f"{path} holds no private key in PEM", "v2x key new writes one") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise SignatureError(f"{path} holds a key that is not Ed25519", "v2x key new writes one")
        return cls(key)


def envelope(statement: Statement, keys: Sequence[SigningKey] = ()) -> Envelope:
    """Put a statement into an envelope and sign it; without keys it stays unsigned."""
    made = Envelope(payload=base64.b64encode(msgspec.json.encode(statement)).decode())
    for key in keys:
        made = key.sign(made)
    return made


def _pae(payload_type: str, body: bytes) -> bytes:
    """DSSE's pre-authentication encoding, which is what is signed."""
    kind = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(body), body)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise SignatureError(f"cannot read the key {path}: {error.strerror}") from error
