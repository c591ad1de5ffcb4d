"""TLS as the editions want it: 1.2 with the SECC's certificate for 15118-2, 1.3 with both sides' for 15118-20.

What Python's ssl cannot do is said in the requirement registries, with the reason: the static ECDH suite of 15118-2 (OpenSSL has
dropped it), ``trusted_ca_keys``, OCSP stapling, and the choice of suites and signature algorithms of TLS 1.3.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

CIPHERS: Final = "ECDHE-ECDSA-AES128-SHA256"
"""TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, the one of 15118-2's two suites that OpenSSL still has ([V2G2-602])."""


class Profile(StrEnum):
    """Which edition's TLS a side has."""

    ISO2 = "2"
    ISO20 = "20"
    BOTH = "both"
    """Of an SECC that speaks both: an EVCC of 15118-20 may not use 15118-20 below TLS 1.3 ([V2G20-2356])."""


@dataclass(frozen=True, slots=True)
class SeccTls:
    """The SECC's side.

    Attributes:
        certificate: PEM file: the SECC's certificate, then its chain.
        key: PEM file of the private key.
        client_roots: PEM files of the roots that vehicle certificates chain to. Given, every EVCC must have one ([V2G20-1264]).
        profile: whose TLS it is.
        group: the one elliptic curve to agree on secrets by; None for the profile's.
        keylog: file that the session keys are added to, for dissectors.
        ciphers: cipher suites for TLS 1.2, in OpenSSL's notation; with ``@SECLEVEL=0`` a weak key can be shown.
    """

    certificate: Path
    key: Path
    client_roots: tuple[Path, ...] = ()
    profile: Profile = Profile.ISO2
    group: str | None = None
    ciphers: str = CIPHERS
    keylog: Path | None = None

    def context(self) -> ssl.SSLContext:
        """Build the ssl context.

        Raises:
            OSError: a file cannot be read.
            ssl.SSLError: a file does not hold what it should.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _set_up(context, self.profile, self.group, self.keylog)
        context.set_ciphers(self.ciphers)
        context.load_cert_chain(self.certificate, self.key)
        if self.client_roots:
            context.verify_mode = ssl.CERT_REQUIRED
            for root in self.client_roots:
                context.load_verify_locations(root)
        return context


@dataclass(frozen=True, slots=True)
class EvccTls:
    """The EVCC's side.

    Attributes:
        roots: PEM files of the V2G roots that the SECC's certificate must chain to. An SECC has no name that an EV knows
            beforehand: only the chain is checked here; the rest is looked at by `EvccClient`, with `pki.objection`.
        certificate: PEM file of the vehicle certificate and its chain (15118-20).
        key: PEM file of its private key.
        profile: whose TLS it is.
        group: the one elliptic curve to agree on secrets by; None for the profile's.
        keylog: file that the session keys are added to, for dissectors.
        verify: check the certificate; False only to look at an SECC that cannot be trusted.
        strict: refuse a certificate that chains to a root but is not of the edition's profile: of a CPO, with a key that the
            edition has. There are test certificates in the field, of 15118-20 above all, that are not.
    """

    roots: tuple[Path, ...] = ()
    certificate: Path | None = None
    key: Path | None = None
    profile: Profile = Profile.ISO2
    group: str | None = None
    keylog: Path | None = None
    verify: bool = True
    strict: bool = True

    @property
    def common_name(self) -> str:
        """Common name of the vehicle certificate, which is the EVCCID in 15118-20 ([V2G20-2598]); empty without one.

        Raises:
            OSError: the file cannot be read.
            ValueError: it holds no certificate.
        """
        if self.certificate is None:
            return ""
        subject = x509.load_pem_x509_certificate(self.certificate.read_bytes()).subject
        return next((str(each.value) for each in subject.get_attributes_for_oid(NameOID.COMMON_NAME)), "")

    def context(self) -> ssl.SSLContext:
        """Build the ssl context.

        Raises:
            OSError: a file cannot be read.
            ssl.SSLError: a file does not hold what it should.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        _set_up(context, self.profile, self.group, self.keylog)
        if not self.verify:
            context.verify_mode = ssl.CERT_NONE
        for root in self.roots:
            context.load_verify_locations(root)
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context


def context_of(side: SeccTls | EvccTls) -> ssl.SSLContext:
    """Return the ssl context of a side, built once for as long as its files stay as they are: reading a key of P-521 is slow.

    Raises:
        OSError: a file cannot be read.
        ssl.SSLError: a file does not hold what it should.
    """
    roots = side.client_roots if isinstance(side, SeccTls) else side.roots
    files = [path for path in (side.certificate, side.key, *roots) if path is not None]
    return _context(side, tuple((each.st_ino, each.st_mtime_ns, each.st_size) for each in map(Path.stat, files)))


@lru_cache(maxsize=32)
def _context(side: SeccTls | EvccTls, stamps: tuple[tuple[int, int, int], ...]) -> ssl.SSLContext:
    return side.context()


def _set_up(context: ssl.SSLContext, profile: Profile, group: str | None, keylog: Path | None) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_3 if profile is Profile.ISO20 else ssl.TLSVersion.TLSv1_2
    context.maximum_version = ssl.TLSVersion.TLSv1_2 if profile is Profile.ISO2 else ssl.TLSVersion.TLSv1_3
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_TICKET
    chosen = group or {Profile.ISO2: "prime256v1", Profile.ISO20: "secp521r1"}.get(profile)
    if chosen is not None:
        context.set_ecdh_curve(chosen)
    if keylog is not None:
        context.keylog_filename = str(keylog)
