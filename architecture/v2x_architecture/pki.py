"""A public key infrastructure made on the fly: for reference actors, taps and tests that speak TLS.

An :class:`Authority` issues certificates; :func:`write_pki` puts a whole set on disk, good ones and bad ones by name:

    >>> pki = write_pki(Path("pki"))
    >>> pki.csms, pki.bad_csms["expired"]

Keys are EC P-256, RSA only where a peer needs it. OpenSSL judges validity by the machine's clock, so the times here are real ones
even in virtual time.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

type PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

type Algorithm = Literal["p256", "rsa2048", "rsa1024"]

DAY: Final = timedelta(days=1)

BAD_CSMS: Final[Mapping[str, str]] = {
    "expired": "was valid until yesterday",
    "not_yet_valid": "becomes valid tomorrow",
    "wrong_host": "is for another host",
    "unknown_ca": "chains to a root that nobody trusts",
    "self_signed": "is signed by itself",
    "client_only": "may be used by TLS clients only",
    "weak": "has an RSA key of 1024 bits",
}
BAD_STATION: Final[Mapping[str, str]] = {
    "expired": "was valid until yesterday",
    "unknown_ca": "chains to a root that nobody trusts",
    "other_identity": "is another station's",
    "other_organisation": "is owned by another operator",
}


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
        credential: its own certificate; self-signed for a root.
    """

    credential: Credential

    @classmethod
    def root(cls, name: str, *, now: datetime | None = None) -> Self:
        """Make a root that is valid for ten years."""
        key = _new_key("p256")
        subject = _name(name, "")
        builder = _builder(subject, subject, key, now, timedelta(days=3650))
        builder = _as_authority(builder)
        return cls(Credential(builder.sign(key, hashes.SHA256()), (), key))

    def subordinate(self, name: str, *, now: datetime | None = None) -> Authority:
        """Make an authority below this one, valid for five years."""
        key = _new_key("p256")
        above = self.credential
        builder = _builder(_name(name, ""), above.certificate.subject, key, now, timedelta(days=1825), above.key)
        certificate = _as_authority(builder).sign(above.key, hashes.SHA256())
        return Authority(Credential(certificate, self._chain(), key))

    def issue(
        self,
        common_name: str,
        *,
        organisation: str = "",
        hosts: Sequence[str] = (),
        usage: Literal["server", "client"] = "server",
        algorithm: Algorithm = "p256",
        not_before: datetime | None = None,
        validity: timedelta = timedelta(days=365),
    ) -> Credential:
        """Issue a certificate.

        Args:
            common_name: CN of the subject: the FQDN of a CSMS, the serial number of a station (A00.FR.405).
            organisation: O of the subject: the operator (A00.FR.404).
            hosts: DNS names and IP addresses it is for.
            usage: which side of TLS it may be used by.
            algorithm: kind of key.
            not_before: start of its validity; a day ago when None, so that clocks that differ a little do no harm.
            validity: how long it is valid.
        """
        key = _new_key(algorithm)
        above = self.credential
        start = not_before if not_before is not None else datetime.now(UTC) - DAY
        builder = _builder(_name(common_name, organisation), above.certificate.subject, key, start, validity, above.key)
        builder = _as_leaf(builder, hosts, usage)
        return Credential(builder.sign(above.key, hashes.SHA256()), self._chain(), key)

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
    name = _name(common_name, "")
    builder = _as_leaf(_builder(name, name, key, datetime.now(UTC) - DAY, timedelta(days=365)), hosts, "server")
    return Credential(builder.sign(key, hashes.SHA256()), (), key)


@dataclass(frozen=True, slots=True)
class PkiFiles:
    """A set of certificates on disk.

    Attributes:
        root: PEM of the root that both sides trust.
        csms: the CSMS's, EC.
        csms_rsa: the CSMS's, RSA (A00.FR.318 wants both kinds of cipher suite).
        station: the station's.
        bad_csms: faulty ones of a CSMS, by the names in ``BAD_CSMS``.
        bad_station: faulty ones of a station, by the names in ``BAD_STATION``.
    """

    root: Path
    csms: CredentialFiles
    csms_rsa: CredentialFiles
    station: CredentialFiles
    bad_csms: Mapping[str, CredentialFiles]
    bad_station: Mapping[str, CredentialFiles]


def write_pki(
    folder: Path,
    *,
    identity: str = "CS001",
    organisation: str = "Test CSO",
    hosts: Sequence[str] = ("localhost", "127.0.0.1", "::1"),
) -> PkiFiles:
    """Make a root, a CSMS and a station with a subordinate authority between, and the faulty variants; takes some 0.3 s.

    Args:
        folder: where to; made when missing.
        identity: CN of the station's certificate.
        organisation: O of the certificates.
        hosts: what the CSMS's certificate is for; the first is its CN.
    """
    folder.mkdir(parents=True, exist_ok=True)
    root = Authority.root("Test Root CA")
    authority = root.subordinate("Test Sub CA")
    stranger = Authority.root("Unknown Root CA")
    now = datetime.now(UTC)
    host, past = hosts[0], now - 30 * DAY

    csms = authority.issue(host, organisation=organisation, hosts=hosts)
    csms_rsa = authority.issue(host, organisation=organisation, hosts=hosts, algorithm="rsa2048")
    station = authority.issue(identity, organisation=organisation, usage="client")
    bad_csms = {
        "expired": authority.issue(host, hosts=hosts, not_before=past, validity=29 * DAY),
        "not_yet_valid": authority.issue(host, hosts=hosts, not_before=now + DAY),
        "wrong_host": authority.issue("csms.invalid", hosts=["csms.invalid"]),
        "unknown_ca": stranger.issue(host, hosts=hosts),
        "self_signed": self_signed(host, hosts),
        "client_only": authority.issue(host, hosts=hosts, usage="client"),
        "weak": authority.issue(host, hosts=hosts, algorithm="rsa1024"),
    }
    bad_station = {
        "expired": authority.issue(identity, organisation=organisation, usage="client", not_before=past, validity=29 * DAY),
        "unknown_ca": stranger.issue(identity, organisation=organisation, usage="client"),
        "other_identity": authority.issue(f"NOT-{identity}", organisation=organisation, usage="client"),
        "other_organisation": authority.issue(identity, organisation="Another CSO", usage="client"),
    }
    (folder / "root.pem").write_bytes(root.pem())
    return PkiFiles(
        root=folder / "root.pem",
        csms=csms.write(folder, "csms"),
        csms_rsa=csms_rsa.write(folder, "csms-rsa"),
        station=station.write(folder, "station"),
        bad_csms={name: bad.write(folder, f"csms-{name}") for name, bad in bad_csms.items()},
        bad_station={name: bad.write(folder, f"station-{name}") for name, bad in bad_station.items()},
    )


def _new_key(algorithm: Algorithm) -> PrivateKey:
    match algorithm:
        case "p256":
            return ec.generate_private_key(ec.SECP256R1())
        case "rsa2048":
            return rsa.generate_private_key(65537, 2048)
        case "rsa1024":
            return rsa.generate_private_key(65537, 1024)  # noqa: S505 - the weak key that a station must refuse


def _name(common_name: str, organisation: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organisation:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


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


def _as_authority(builder: x509.CertificateBuilder) -> x509.CertificateBuilder:
    return builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).add_extension(
        _key_usage(signs_certificates=True), critical=True
    )


def _as_leaf(
    builder: x509.CertificateBuilder, hosts: Sequence[str], usage: Literal["server", "client"]
) -> x509.CertificateBuilder:
    purpose = ExtendedKeyUsageOID.SERVER_AUTH if usage == "server" else ExtendedKeyUsageOID.CLIENT_AUTH
    builder = (
        builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)
    )
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(host) for host in hosts]), critical=False)
    return builder


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=not signs_certificates,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
