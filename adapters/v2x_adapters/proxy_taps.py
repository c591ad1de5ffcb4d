"""The taps that ``v2x proxy`` puts between two products: what its options mean to each protocol's."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import typer
from v2x_architecture.iso15118.evcc.client import SeccAddress
from v2x_architecture.iso15118.secc.server import SeccListener
from v2x_architecture.iso15118.tls import EvccTls, Profile, SeccTls
from v2x_harness.errors import HarnessError, SubjectError
from v2x_harness.journal import Recorder
from v2x_harness.tap import Tap

from v2x_adapters.iso15118.places import Place
from v2x_adapters.ocpp.labels import OcppDialect
from v2x_adapters.tls import client_context, server_context
from v2x_adapters.v2gtp import V2gtpTap
from v2x_adapters.websocket import WebSocketTap
from v2x_adapters.websocket.dialect import Dialect

type Make = Callable[[Recorder], Tap]
"""Makes a tap that records; it does not listen yet."""

# Protocols that are spoken over WebSocket.
_DIALECTS: dict[str, Dialect] = {"ocpp": OcppDialect()}
_V2GTP = "iso15118"
_SCHEMES = {"sdp": _V2GTP, "tcp": _V2GTP, "tls": _V2GTP}

TAPPED = (*_DIALECTS, _V2GTP)
"""The protocols that there is a tap for."""


class Tls(msgspec.Struct, frozen=True, kw_only=True):
    """Files for the two TLS legs, all PEM; None where there is none.

    Attributes:
        certificate, key: what the tap shows to the client.
        client_ca: who must have signed the client's certificate, if it must have one.
        ca: who must have signed the server's certificate; where there is WebSocket, the machine's own roots when None.
        client_certificate, client_key: what the tap shows to the server.
        insecure: whether the server's certificate is not checked.
        keylog: file that session keys of both legs are added to.
        only: no port without TLS.
        untouched: TLS passes as it is, unseen.
    """

    certificate: Path | None = None
    key: Path | None = None
    client_ca: Path | None = None
    ca: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    insecure: bool = False
    keylog: Path | None = None
    only: bool = False
    untouched: bool = False


def protocol_of(listen: str) -> str:
    """Return the protocol that a ``--listen`` URL is of."""
    return _SCHEMES.get(listen.partition("://")[0], "ocpp")


def tap_for(protocol: str, listen: str, forward: str, tls: Tls, pcapng: Path | None) -> Make:
    """Return what makes the tap of a protocol.

    Args:
        protocol: one of `TAPPED`.
        listen: URL where the client connects.
        forward: URL of the server.
        tls: files of both legs.
        pcapng: capture file to write.

    Raises:
        typer.BadParameter: the URLs or options do not fit the protocol.
        HarnessError: a TLS file cannot be used.
    """
    if protocol == _V2GTP:
        return _v2gtp(listen, forward, tls, pcapng)
    if tls.keylog or pcapng or tls.only or tls.untouched:
        raise typer.BadParameter("--keylog, --pcapng, --tls-only and --untouched are for ISO 15118")
    return _websocket(_DIALECTS[protocol], listen, forward, tls)


def _websocket(dialect: Dialect, listen: str, forward: str, tls: Tls) -> Make:
    host, port, context = _listening(listen, tls)
    towards = (
        client_context(ca=tls.ca, certificate=tls.client_certificate, key=tls.client_key, insecure=tls.insecure)
        if forward.startswith("wss:")
        else None
    )
    return lambda recorder: WebSocketTap(recorder, forward, dialect, host=host, port=port, tls=context, target_tls=towards)


def _listening(url: str, files: Tls) -> tuple[str, int, ssl.SSLContext | None]:
    """Return host, port and TLS context of a WebSocket URL to listen at."""
    parts = urlsplit(url if "://" in url else f"ws://{url}")
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port = "", None
    if parts.scheme not in ("ws", "wss") or not host or port is None or parts.path not in ("", "/"):
        raise typer.BadParameter(f"--listen {url}: it looks like ws://0.0.0.0:8887; the path is that of --forward")
    if parts.scheme == "ws":
        return host, port, None
    if not (files.certificate and files.key):
        raise typer.BadParameter("--listen wss://… needs --certificate and --key")
    return host, port, server_context(files.certificate, files.key, client_ca=files.client_ca)


def _v2gtp(listen: str, forward: str, tls: Tls, pcapng: Path | None) -> Make:
    if bool(tls.certificate) != bool(tls.key):
        raise typer.BadParameter("--certificate and --key belong together")
    if bool(tls.client_certificate) != bool(tls.client_key):
        raise typer.BadParameter("--client-certificate and --client-key belong together")
    listener, target = _listener(listen, tls), _target(forward, tls)
    return lambda recorder: V2gtpTap(recorder, target, listener, untouched=tls.untouched, capture=pcapng)


def _listener(url: str, tls: Tls) -> SeccListener:
    """Return where the EV finds the tap, and what the tap shows it."""
    place = _place("--listen", url)
    near = None
    if tls.certificate and tls.key:
        roots = (_readable(tls.client_ca),) if tls.client_ca else ()
        profile = Profile.ISO20 if roots else Profile.ISO2
        near = SeccTls(_readable(tls.certificate), _readable(tls.key), roots, profile, keylog=tls.keylog)
    elif tls.client_ca or ((place.scheme == "tls" or tls.only) and not tls.untouched):
        raise typer.BadParameter(f"--listen {url}: TLS needs --certificate and --key of the SECC, or --untouched")
    host, interface = place.host or "::1", place.interface
    match place.scheme:
        case "sdp":
            plain = not tls.only
            return SeccListener(host=host, interface=interface, plain=plain, tls=near, sdp_port=place.port)
        case "tls":
            return SeccListener(host=host, interface=interface, plain=False, tls=near, tls_port=place.port, sdp=False)
        case "tcp":
            return SeccListener(host=host, interface=interface, plain_port=place.port, sdp=False)


def _target(url: str, tls: Tls) -> SeccAddress:
    """Return where the SECC is, and what the tap shows it."""
    place = _place("--forward", url)
    far = None
    if tls.ca or tls.insecure:
        profile = Profile.ISO20 if tls.client_certificate else Profile.ISO2
        certificate, key = (_readable(each) if each else None for each in (tls.client_certificate, tls.client_key))
        roots = (_readable(tls.ca),) if tls.ca else ()
        far = EvccTls(roots, certificate, key, profile, keylog=tls.keylog, verify=not tls.insecure)
    elif tls.client_certificate or (place.scheme == "tls" and not tls.untouched):
        raise typer.BadParameter(f"--forward {url}: TLS needs --ca with the V2G root, or --insecure, or --untouched")
    host, interface = place.host or "::1", place.interface
    if place.scheme == "sdp":
        return SeccAddress(host=host, interface=interface, sdp_port=place.port, tls=far)
    return SeccAddress(host=host, interface=interface, port=place.port, tls=far if place.scheme == "tls" else None)


def _place(option: str, url: str) -> Place:
    try:
        return Place.of(url)
    except SubjectError as error:
        raise typer.BadParameter(f"{option} {url}: it looks like {error.hint}") from error


def _readable(path: Path) -> Path:
    try:
        path.open("rb").close()
    except OSError as error:
        raise HarnessError(f"cannot read {path}: {error.strerror}", "v2x pki make makes test certificates") from error
    return path
