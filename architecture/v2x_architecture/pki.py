"""A public key infrastructure made on the fly: for reference actors, taps and tests that speak TLS.

An :class:`Authority` issues certificates. The sets that a protocol needs, good ones and bad ones by name, are made by
`v2x_architecture.ocpp.pki` and `v2x_architecture.iso15118.pki`.

    >>> root = Authority.root("Root")
    >>> leaf = root.subordinate("Sub").issue("charger.example", hosts=["charger.example"])
    >>> len(leaf.chain)
    1

OpenSSL judges validity by the machine's clock, so the times here are real ones even in virtual time.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

type PrivateKey = ec.EllipticCurvePrivateKey | ed448.Ed448PrivateKey | rsa.RSAPrivateKey

type Algorithm = Literal["p256", "p521", "ed448", "rsa2048", "p192", "rsa1024"]
"""The last two are weak: keys that a peer must refuse."""
type Usage = Literal["server", "client", "signature"]
"""What a certificate is for: one side of TLS, or signing messages."""

DAY: Final = timedelta(days=1)
YEAR: Final = 365 * DAY


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate with its chain and private key.

    Attributes:
        certificate: the certificate itself.
        chain: the certificates above it, the root left out.
        key: its private key.
    """

    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]
    key: PrivateKey

    def certificate_pem(self) -> bytes:
        """Return the certificate and its chain as PEM, the order that TLS sends them in."""
        return b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (self.certificate, *self.chain))

    def key_pem(self) -> bytes:
        """Return the private key as PEM, not encrypted."""
        return self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())

    def write(self, folder: Path, name: str) -> CredentialFiles:
        """Write ``NAME.pem`` and ``NAME.key`` (readable by the owner only)."""
        files = CredentialFiles(folder / f"{name}.pem", folder / f"{name}.key")
        files.certificate.write_bytes(self.certificate_pem())
        files.key.touch(mode=0o600)
        files.key.write_bytes(self.key_pem())
        return files


@dataclass(frozen=True, slots=True)
class CredentialFiles:
    """Where a credential lies on disk."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class Authority:
    """A certificate authority.

    Attributes:
        credential: its own certificate; self-signed for a root. Any will do: an authority that may not sign is a way to make a
            certificate that must be refused.
    """

    credential: Credential

    @classmethod
    def root(
        cls,
        name: str,
        *,
        domain: str = "",
        algorithm: Algorithm = "p256",
        validity: timedelta = 10 * YEAR,
        now: datetime | None = None,
    ) -> Self:
        """Make a root.

        Args:
            name: its CN.
            domain: its DC.
            algorithm: kind of key.
            validity: how long it is valid.
            now: start of its validity; a day ago when None.
        """
        key = _new_key(algorithm)
        subject = _name(name, domain=domain)
        builder = _as_authority(_builder(subject, subject, key, now, validity), None)
        return cls(Credential(_signed(builder, key), (), key))

    def subordinate(
        self,
        name: str,
        *,
        domain: str = "",
        algorithm: Algorithm = "p256",
        path_length: int | None = None,
        validity: timedelta = 5 * YEAR,
        now: datetime | None = None,
    ) -> Authority:
        """Make an authority below this one.

        Args:
            name: its CN.
            domain: its DC.
            algorithm: kind of key.
            path_length: how many authorities may stand below it; None for any number.
            validity: how long it is valid.
            now: start of its validity; a day ago when None.
        """
        key = _new_key(algorithm)
        above = self.credential
        builder = _builder(_name(name, domain=domain), above.certificate.subject, key, now, validity, above.key)
        return Authority(Credential(_signed(_as_authority(builder, path_length), above.key), self._chain(), key))

    def issue(
        self,
        common_name: str,
        *,
        organisation: str = "",
        domain: str = "",
        hosts: Sequence[str] = (),
        usage: Usage = "server",
        algorithm: Algorithm = "p256",
        not_before: datetime | None = None,
        validity: timedelta = YEAR,
        critical_usage: bool = True,
    ) -> Credential:
        """Issue a certificate.

        Args:
            common_name: CN of the subject: the FQDN of a CSMS, the serial number of a station (A00.FR.405), a SECC's id.
            organisation: O of the subject: the operator (A00.FR.404).
            domain: DC of the subject: whose kind of certificate it is (15118-2: annex F).
            hosts: DNS names and IP addresses it is for.
            usage: what it may be used for.
            algorithm: kind of key.
            not_before: start of its validity; a day ago when None, so that clocks that differ a little do no harm.
            validity: how long it is valid.
            critical_usage: whether its key usage is marked as critical.
        """
        key = _new_key(algorithm)
        above = self.credential
        subject = _name(common_name, organisation, domain)
        builder = _builder(subject, above.certificate.subject, key, not_before, validity, above.key)
        return Credential(_signed(_as_leaf(builder, key, hosts, usage, critical=critical_usage), above.key), self._chain(), key)

    def ocsp_response(
        self,
        certificate: x509.Certificate,
        *,
        revoked: bool = False,
        now: datetime | None = None,
        validity: timedelta = DAY,
        signer: Authority | None = None,
    ) -> bytes:
        """Tell whether a certificate that was issued here is still good: an OCSP response in DER, as it is stapled in TLS.

        Args:
            certificate: that it is about.
            revoked: whether it was revoked.
            now: when the response was made; an hour ago when None.
            validity: how long it may be used.
            signer: who signs it; this authority when None.
        """
        made, by = now if now is not None else datetime.now(UTC) - timedelta(hours=1), signer or self
        builder = ocsp.OCSPResponseBuilder().add_response(
            cert=certificate,
            issuer=self.credential.certificate,
            algorithm=hashes.SHA256(),
            cert_status=ocsp.OCSPCertStatus.REVOKED if revoked else ocsp.OCSPCertStatus.GOOD,
            this_update=made,
            next_update=made + validity,
            revocation_time=made if revoked else None,
            revocation_reason=x509.ReasonFlags.key_compromise if revoked else None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, by.credential.certificate)
        return builder.sign(by.credential.key, _digest(by.credential.key)).public_bytes(serialization.Encoding.DER)

    def pem(self) -> bytes:
        """Return the authority's certificate as PEM."""
        return self.credential.certificate.public_bytes(serialization.Encoding.PEM)

    def _chain(self) -> tuple[x509.Certificate, ...]:
        """Return what a certificate issued here is sent with: this authority unless it is a root, and those above."""
        own = self.credential
        if own.certificate.issuer == own.certificate.subject:
            return ()
        return (own.certificate, *own.chain)


def self_signed(common_name: str, hosts: Sequence[str] = ()) -> Credential:
    """Make a server certificate that is signed by its own key."""
    key = _new_key("p256")
    name = _name(common_name)
    builder = _as_leaf(_builder(name, name, key, None, YEAR), key, hosts, "server", critical=True)
    return Credential(_signed(builder, key), (), key)


def _new_key(algorithm: Algorithm) -> PrivateKey:
    match algorithm:
        case "p256":
            return ec.generate_private_key(ec.SECP256R1())
        case "p521":
            return ec.generate_private_key(ec.SECP521R1())
        case "ed448":
            return ed448.Ed448PrivateKey.generate()
        case "rsa2048":
            return rsa.generate_private_key(65537, 2048)
        case "rsa1024":
            return rsa.generate_private_key(65537, 1024)  # noqa: S505 - the weak key that a peer must refuse
        case "p192":
            return ec.generate_private_key(ec.SECP192R1())


def _signed(builder: x509.CertificateBuilder, key: PrivateKey) -> x509.Certificate:
    return builder.sign(key, _digest(key))


def _digest(key: PrivateKey) -> hashes.SHA256 | hashes.SHA512 | None:
    """Return the digest that goes with a key: SHA-512 with P-521, none of its own with Ed448, else SHA-256."""
    if isinstance(key, ed448.Ed448PrivateKey):
        return None
    large = isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP521R1)
    return hashes.SHA512() if large else hashes.SHA256()


def _name(common_name: str, organisation: str = "", domain: str = "") -> x509.Name:
    parts = [
        (NameOID.ORGANIZATION_NAME, organisation),
        (NameOID.COMMON_NAME, common_name),
        (NameOID.DOMAIN_COMPONENT, domain),
    ]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts if value])


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    start: datetime | None,
    validity: timedelta,
    issuer_key: PrivateKey | None = None,
) -> x509.CertificateBuilder:
    begin = start if start is not None else datetime.now(UTC) - DAY
    authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key((issuer_key or key).public_key())
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + validity)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(authority_key, critical=False)
    )


def _as_authority(builder: x509.CertificateBuilder, path_length: int | None) -> x509.CertificateBuilder:
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True).add_extension(
        _key_usage("authority"), critical=True
    )


_PURPOSES: Final = {"server": ExtendedKeyUsageOID.SERVER_AUTH, "client": ExtendedKeyUsageOID.CLIENT_AUTH}


def _as_leaf(
    builder: x509.CertificateBuilder, key: PrivateKey, hosts: Sequence[str], usage: Usage, *, critical: bool
) -> x509.CertificateBuilder:
    agrees = not isinstance(key, rsa.RSAPrivateKey)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True).add_extension(
        _key_usage(usage, agrees=agrees), critical=critical
    )
    if (purpose := _PURPOSES.get(usage)) is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
    return builder


def _key_usage(usage: Usage | Literal["authority"], *, agrees: bool = False) -> x509.KeyUsage:
    authority, tls = usage == "authority", usage in _PURPOSES
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=usage == "signature",
        key_encipherment=tls,
        data_encipherment=False,
        key_agreement=agrees,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
