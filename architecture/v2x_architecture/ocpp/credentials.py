"""Who connects: the identity in the URL and the credentials of HTTP Basic authentication (OCPP-J 3.1.1; A00.FR.203 to .205)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit, urlunsplit


def connection_url(endpoint_url: str, identity: str) -> str:
    """Return the URL that a station connects to: the endpoint URL, a slash, and the identity percent-encoded."""
    parts = urlsplit(endpoint_url)
    return urlunsplit(parts._replace(path=f"{parts.path.rstrip('/')}/{quote(identity, safe='')}"))


def identity_in(path: str, base: str = "/") -> str | None:
    """Return the identity that a request path ends in, decoded; None when the path is not below ``base`` or has none.

    Args:
        path: the request target; a query is left aside.
        base: path of the OCPP-J endpoint URL.
    """
    path = path.partition("?")[0]
    prefix = base.rstrip("/") + "/"
    if not path.startswith(prefix):
        return None
    encoded = path[len(prefix) :]
    if not encoded or "/" in encoded:
        return None
    try:
        return unquote(encoded, errors="strict")
    except UnicodeDecodeError:
        return None


@dataclass(frozen=True, slots=True)
class BasicCredentials:
    """What an Authorization header says.

    Attributes:
        username: the part before the first colon.
        password: the rest, as bytes: a 1.6 AuthorizationKey may be any, NUL and colon included.
    """

    username: str
    password: bytes

    def header(self) -> str:
        """Return the header's value."""
        return "Basic " + base64.b64encode(self.username.encode() + b":" + self.password).decode("ascii")

    @classmethod
    def parse(cls, header: str) -> BasicCredentials | None:
        """Read a header's value; None when it holds no Basic credentials."""
        scheme, _, encoded = header.strip().partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            username, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
            return cls(username.decode(), password) if colon else None
        except (binascii.Error, ValueError):
            return None
