"""TLS of the harness's own sides of a link: contexts made of PEM files that a user names, and what was negotiated."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import cast

from v2x_harness.errors import HarnessError
from v2x_harness.events import Json


def client_context(
    *, ca: Path | None = None, certificate: Path | None = None, key: Path | None = None, insecure: bool = False
) -> ssl.SSLContext:
    """Return a context to connect to a server with.

    Args:
        ca: PEM of who signs the server's certificate; the system's authorities count too.
        certificate: PEM chain to show to the server, with its `key`.
        insecure: do not check the server's certificate.

    Raises:
        HarnessError: a file cannot be used.
    """
    context = ssl.create_default_context()
    _load(context, certificate, key, ca)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def server_context(certificate: Path, key: Path, *, client_ca: Path | None = None) -> ssl.SSLContext:
    """Return a context to listen with.

    Args:
        certificate: PEM chain, with its `key`.
        client_ca: ask clients for a certificate signed by this PEM.

    Raises:
        HarnessError: a file cannot be used.
    """
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    _load(context, certificate, key, client_ca)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def described(tls: ssl.SSLObject) -> dict[str, Json]:
    """Return what was negotiated on a TLS connection, for the journal."""
    cipher, peer = tls.cipher(), tls.getpeercert()
    detail: dict[str, Json] = {"version": tls.version(), "cipher": cipher[0] if cipher else None}
    if peer:
        # So ssl documents it; its types know less.
        names = cast("tuple[tuple[tuple[str, str], ...], ...]", peer.get("subject", ()))
        subject: dict[str, Json] = {key: value for name in names for key, value in name}
        detail["peer"] = {"subject": subject, "serial": str(peer.get("serialNumber", ""))}
    return detail


def _load(context: ssl.SSLContext, certificate: Path | None, key: Path | None, ca: Path | None) -> None:
    try:
        if certificate:
            context.load_cert_chain(certificate, key)
        if ca:
            context.load_verify_locations(ca)
    except OSError as error:
        names = ", ".join(str(name) for name in (certificate, key, ca) if name)
        raise HarnessError(f"TLS files cannot be used ({names}): {error.strerror or error}", "they must be PEM") from error
