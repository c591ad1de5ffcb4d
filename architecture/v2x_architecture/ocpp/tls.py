"""TLS as the security profiles want it (part 2, block A: A00.FR.3xx for profile 2, A00.FR.4xx for profile 3)."""

from __future__ import annotations

import asyncio.sslproto
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Final

# The four suites that a CSMS must offer for TLS 1.2 (A00.FR.318, A00.FR.421), and those of the same strength beside them.
CIPHERS: Final = ":".join(
    (
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
    )
)

# The largest TLS record; OCPP messages are far smaller.
_RECORD: Final = 16 * 1024


@dataclass(frozen=True, slots=True)
class ServerTls:
    """The CSMS's side.

    Attributes:
        certificate: PEM file: the certificate, then its chain.
        key: PEM file of the private key.
        more: further certificates of the same host with their keys: an RSA one beside the EC one, so that both kinds of cipher
            suite can be used (A00.FR.318).
        client_ca: PEM file of the roots that station certificates chain to. Given, every client must have one (profile 3).
        minimum: lowest TLS version; below 1.2 only to test that a station refuses it (A00.FR.313).
        maximum: highest TLS version.
        ciphers: cipher suites for TLS 1.2, in OpenSSL's notation.
    """

    certificate: Path
    key: Path
    more: tuple[tuple[Path, Path], ...] = ()
    client_ca: Path | None = None
    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
    ciphers: str = CIPHERS

    def context(self) -> ssl.SSLContext:
        """Build the ssl context.

        Raises:
            OSError: a file cannot be read.
            ssl.SSLError: a file does not hold what it should.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _set_up(context, self.minimum, self.maximum, self.ciphers)
        for certificate, key in ((self.certificate, self.key), *self.more):
            context.load_cert_chain(certificate, key)
        if self.client_ca is not None:
            context.load_verify_locations(self.client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


@dataclass(frozen=True, slots=True)
class ClientTls:
    """The station's side.

    Attributes:
        ca: PEM file of the roots that the CSMS certificate must chain to; the system's when None.
        certificate: PEM file of the station's certificate and chain (profile 3).
        key: PEM file of its private key.
        server_name: name that the CSMS certificate must be for; the host of the URL when empty.
        verify: check the certificate and its name; False only to look at a server that cannot be trusted.
        minimum: lowest TLS version (A00.FR.313: 1.2).
        maximum: highest TLS version.
        ciphers: cipher suites for TLS 1.2, in OpenSSL's notation.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    server_name: str = ""
    verify: bool = True
    minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2
    maximum: ssl.TLSVersion = ssl.TLSVersion.MAXIMUM_SUPPORTED
    ciphers: str = CIPHERS

    def context(self) -> ssl.SSLContext:
        """Build the ssl context.

        Raises:
            OSError: a file cannot be read.
            ssl.SSLError: a file does not hold what it should.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        _set_up(context, self.minimum, self.maximum, self.ciphers)
        if not self.verify:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        elif self.ca is not None:
            context.load_verify_locations(self.ca)
        else:
            context.load_default_certs(ssl.Purpose.SERVER_AUTH)
        if self.certificate is not None:
            context.load_cert_chain(self.certificate, self.key)
        return context


def _set_up(context: ssl.SSLContext, minimum: ssl.TLSVersion, maximum: ssl.TLSVersion, ciphers: str) -> None:
    context.minimum_version = minimum
    context.maximum_version = maximum
    context.set_ciphers(ciphers)
    # A00.FR.321: no TLS compression. Renegotiation has no use here either.
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION


def lean_asyncio_tls() -> None:
    """Let asyncio keep one TLS record a connection instead of 256 KiB (for the whole process; done before a TLS connection)."""
    asyncio.sslproto.SSLProtocol.max_size = _RECORD
