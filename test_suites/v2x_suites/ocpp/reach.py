"""Whether somebody listens at an endpoint, and the harness's own side of TLS, as the subject file describes them."""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from v2x_adapters.tls import client_context, server_context
from v2x_architecture.pki import Authority
from v2x_harness.blocks import CannotJudge
from v2x_harness.errors import HarnessError, SubjectError
from v2x_harness.subject import Endpoint, Subject


async def reach(url: str, tls: ssl.SSLContext | None, timeout: float) -> None:
    """Connect to a server and leave again; nothing is sent but a TLS handshake for ``wss``.

    Args:
        url: of the server.
        tls: for ``wss``.
        timeout: seconds.

    Raises:
        CannotJudge: nobody is there, or TLS does not come about; it says why, and what to do.
    """
    parts = urlsplit(url)
    port = parts.port or (443 if tls else 80)
    try:
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(parts.hostname, port, ssl=tls)
    except TimeoutError as error:
        raise CannotJudge(f"{url} cannot be reached: no answer within {timeout:g} s") from error
    except ssl.SSLCertVerificationError as error:
        raise CannotJudge(
            f"the certificate of {url} is not trusted: {error.verify_message}; name who signs it in endpoint.ca"
        ) from error
    except ssl.SSLError as error:
        raise CannotJudge(f"no TLS with {url}: {error.reason or error}; does it speak TLS at that port?") from error
    except ConnectionError as error:
        if tls and not isinstance(error, ConnectionRefusedError):
            # A server without TLS answers a handshake as it pleases, or hangs up.
            raise CannotJudge(f"no TLS with {url}: it hung up in the handshake; does it speak TLS at that port?") from error
        raise CannotJudge(f"{url} cannot be reached: {_why(error)}; is it running, and is the port right?") from error
    except OSError as error:
        raise CannotJudge(f"{url} cannot be reached: {_why(error)}; is it running, and is the port right?") from error
    writer.transport.abort()


def _why(error: OSError) -> str:
    if error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return error.strerror or str(error) or type(error).__name__


def tls_towards(endpoint: Endpoint) -> ssl.SSLContext | None:
    """Return what the harness connects to a ``wss`` CSMS with, or None for ``ws``.

    Raises:
        SubjectError: a file of the endpoint cannot be used.
    """
    if not endpoint.url.startswith("wss://"):
        return None
    try:
        return client_context(ca=_path(endpoint.ca), certificate=_path(endpoint.certificate), key=_path(endpoint.key))
    except HarnessError as error:
        raise SubjectError(f"endpoint: {error}", error.hint) from error


def tls_for(subject: Subject, host: str) -> tuple[ssl.SSLContext | None, Path | None]:
    """Return what the harness listens with for a station that is to come over ``wss``, and the CA that it must trust.

    Without a certificate in the subject file one is made, in a folder beside that file, and used again by later runs, so that a
    station needs to be told of its CA only once.

    Args:
        host: where the harness listens.

    Returns:
        The context, or None for ``ws``; the PEM of the CA, where the harness made it.

    Raises:
        SubjectError: a file of the endpoint cannot be used.
    """
    endpoint = subject.endpoint
    if not endpoint.listen.startswith("wss://"):
        return None, None
    certificate, key, authority = _path(endpoint.certificate), _path(endpoint.key), None
    if certificate is None or key is None:
        folder = Path(subject.path).resolve().parent / f"{Path(subject.path).stem}-tls"
        certificate, key, authority = folder / "csms.pem", folder / "csms.key", folder / "ca.pem"
        if not all(file.exists() for file in (certificate, key, authority)):
            _make(folder, host)
    try:
        return server_context(certificate, key, client_ca=_path(endpoint.ca)), authority
    except HarnessError as error:
        raise SubjectError(f"endpoint: {error}", error.hint) from error


def _make(folder: Path, host: str) -> None:
    """Write a CA and a server certificate of it, for a host."""
    folder.mkdir(exist_ok=True)
    root = Authority.root("v2x-conformance test CA")
    hosts = dict.fromkeys((host, "localhost", "127.0.0.1"))
    root.issue(host, hosts=[h for h in hosts if h not in ("0.0.0.0", "::")]).write(folder, "csms")  # noqa: S104  (compared)
    (folder / "ca.pem").write_bytes(root.pem())


def _path(name: str) -> Path | None:
    return Path(name) if name else None
