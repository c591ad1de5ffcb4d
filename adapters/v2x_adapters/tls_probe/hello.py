"""What both sides say first: the ClientHello, written and read, and the ServerHello, read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.serialization import Encoding

from v2x_adapters.tls_probe.distinguished import names, written
from v2x_adapters.tls_probe.names import Extension, Group, Scheme, Suite, Version
from v2x_adapters.tls_probe.offer import TlsOffer
from v2x_adapters.tls_probe.wire import Malformed, Reader, listed, numbers, vector

RETRY: Final = hashlib.sha256(b"HelloRetryRequest").digest()
"""Random of a ServerHello that is a HelloRetryRequest (RFC 8446: 4.1.3)."""
_CA_KINDS: Final = ("pre_agreed", "key_sha1_hash", "x509_name", "cert_sha1_hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientHello:
    """What an EVCC offers.

    Attributes:
        versions: of TLS, the dearest first; the one in the header where there is no list.
        suites, groups, signatures: offered, by their names, in order.
        status_request, status_request_v2: whether it asks for OCSP responses, to one certificate or all (RFC 6066, RFC 6961).
        responders: octets of the list of OCSP responders that it names in the former; 0 for any.
        trusted_ca_keys: the roots it names, each as its kind and name or digest (hexadecimal); None without the extension.
        certificate_authorities: distinguished names of the roots it names (TLS 1.3), as RFC 4514 writes them; None without it.
        server_name: host name that is asked for; None for none.
        extensions: numbers of all extensions, in order.
        random, session: 32 octets, and the id of a session; what a server has to repeat.
        shares: parts of the secret by group (TLS 1.3).
    """

    versions: tuple[str, ...]
    suites: tuple[str, ...]
    groups: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    status_request: bool = False
    status_request_v2: bool = False
    responders: int = 0
    trusted_ca_keys: tuple[str, ...] | None = None
    certificate_authorities: tuple[str, ...] | None = None
    server_name: str | None = None
    extensions: tuple[int, ...] = ()
    random: bytes = field(default=b"", repr=False)
    session: bytes = field(default=b"", repr=False)
    shares: Mapping[str, bytes] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerHello:
    """What an SECC chose.

    Attributes:
        version, suite: by their names.
        group: to agree on the secret by; None below TLS 1.3, where it is told later.
        share: the SECC's part of the secret; empty where there is none.
        retry: whether it asks for another ClientHello instead.
    """

    version: str
    suite: str
    group: str | None = None
    share: bytes = b""
    retry: bool = False


def extensions(reader: Reader) -> dict[int, bytes]:
    """Read extensions, where there are any; their order is kept."""
    found: dict[int, bytes] = {}
    inner = Reader(reader.vector(2) if reader else b"")
    while inner:
        number = inner.number(2)
        found[number] = inner.vector(2)
    return found


def write_client_hello(offer: TlsOffer, random: bytes, session: bytes, shares: Mapping[str, bytes]) -> bytes:
    """Return the body of a ClientHello.

    Args:
        offer: what is in it.
        random: 32 octets.
        session: id of a session, empty or 32 octets.
        shares: parts of the secret, by group; for TLS 1.3.
    """
    versions = sorted((Version.named(name) for name in offer.versions), reverse=True)
    parts = [(each, data) for each, data in _offered(offer, versions, shares) if data is not None]
    body = min(versions[0], Version.TLSv1_2).to_bytes(2) + random + vector(1, session)
    body += vector(2, listed(Suite.named(name) for name in offer.suites)) + vector(1, b"\0")
    return body + vector(2, b"".join(each.to_bytes(2) + vector(2, data) for each, data in parts))


def _offered(offer: TlsOffer, versions: Sequence[int], shares: Mapping[str, bytes]) -> list[tuple[int, bytes | None]]:
    modern = Version.TLSv1_3 in versions
    roots = b"".join(
        b"\3" + hashlib.sha1(each.public_bytes(Encoding.DER), usedforsecurity=False).digest() for each in offer.trusted_ca_keys
    )
    authorities = b"".join(vector(2, each.subject.public_bytes()) for each in offer.certificate_authorities)
    keys = b"".join(Group.named(group).to_bytes(2) + vector(2, share) for group, share in shares.items())
    return [
        (Extension.SUPPORTED_GROUPS, vector(2, listed(map(Group.named, offer.groups))) if offer.groups else None),
        (Extension.EC_POINT_FORMATS, b"\1\0" if offer.groups else None),
        (Extension.SIGNATURE_ALGORITHMS, vector(2, listed(map(Scheme.named, offer.signatures))) if offer.signatures else None),
        # Of any responder, with no extensions (RFC 6066: 8); all certificates of the chain (RFC 6961: 2.2).
        (Extension.STATUS_REQUEST, b"\1\0\0\0\0" if offer.status_request else None),
        (Extension.STATUS_REQUEST_V2, vector(2, b"\2" + vector(2, bytes(4))) if offer.status_request_v2 else None),
        (Extension.TRUSTED_CA_KEYS, vector(2, roots) if roots else None),
        (Extension.CERTIFICATE_AUTHORITIES, vector(2, authorities) if authorities else None),
        (Extension.SUPPORTED_VERSIONS, vector(1, listed(versions)) if modern else None),
        (Extension.KEY_SHARE, vector(2, keys) if modern else None),
    ]


def read_client_hello(body: bytes) -> ClientHello:
    """Read the body of a ClientHello.

    Raises:
        Malformed: it is none.
    """
    reader = Reader(body)
    legacy = reader.number(2)
    random, session = reader.take(32), reader.vector(1)
    suites = numbers(reader.vector(2))
    reader.vector(1)
    found = extensions(reader)

    def inner(number: Extension, width: int) -> Reader:
        return Reader(Reader(found[number]).vector(width)) if number in found else Reader(b"")

    versions = numbers(inner(Extension.SUPPORTED_VERSIONS, 1).rest()) or (legacy,)
    host = inner(Extension.SERVER_NAME, 2)
    return ClientHello(
        versions=tuple(map(Version.name_of, versions)),
        suites=tuple(map(Suite.name_of, suites)),
        groups=tuple(map(Group.name_of, numbers(inner(Extension.SUPPORTED_GROUPS, 2).rest()))),
        signatures=tuple(map(Scheme.name_of, numbers(inner(Extension.SIGNATURE_ALGORITHMS, 2).rest()))),
        status_request=Extension.STATUS_REQUEST in found,
        status_request_v2=Extension.STATUS_REQUEST_V2 in found,
        responders=len(Reader(found[Extension.STATUS_REQUEST][1:]).vector(2)) if Extension.STATUS_REQUEST in found else 0,
        trusted_ca_keys=_roots(inner(Extension.TRUSTED_CA_KEYS, 2)) if Extension.TRUSTED_CA_KEYS in found else None,
        certificate_authorities=names(found[number]) if (number := Extension.CERTIFICATE_AUTHORITIES) in found else None,
        server_name=host.vector(2).decode("ascii", "replace") if host and host.number(1) == 0 else None,
        extensions=tuple(found),
        random=random,
        session=session,
        shares=_shares(inner(Extension.KEY_SHARE, 2)),
    )


def _shares(reader: Reader) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    while reader:
        group = Group.name_of(reader.number(2))
        found[group] = reader.vector(2)
    return found


def _roots(reader: Reader) -> tuple[str, ...]:
    """Read what ``trusted_ca_keys`` names (RFC 6066: 6)."""
    found: list[str] = []
    while reader:
        kind = reader.number(1)
        if kind >= len(_CA_KINDS):
            raise Malformed(f"trusted_ca_keys has no identifiers of kind {kind}")
        name = _CA_KINDS[kind]
        if name.endswith("hash"):
            name += f" {reader.take(20).hex()}"
        elif name == "x509_name":
            name += f" {written(reader.vector(2))}"
        found.append(name)
    return tuple(found)


def read_server_hello(body: bytes) -> ServerHello:
    """Read the body of a ServerHello, which may be a HelloRetryRequest.

    Raises:
        Malformed: it is none.
    """
    reader = Reader(body)
    version = reader.number(2)
    random = reader.take(32)
    reader.vector(1)
    suite = reader.number(2)
    reader.take(1)
    found = extensions(reader)
    if Extension.SUPPORTED_VERSIONS in found:
        version = Reader(found[Extension.SUPPORTED_VERSIONS]).number(2)
    group, share, retry = None, b"", random == RETRY
    if Extension.KEY_SHARE in found:
        key = Reader(found[Extension.KEY_SHARE])
        group = Group.name_of(key.number(2))
        share = key.vector(2) if not retry else b""
    return ServerHello(version=Version.name_of(version), suite=Suite.name_of(suite), group=group, share=share, retry=retry)
