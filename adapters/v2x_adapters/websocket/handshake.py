"""The upgrade (RFC 6455 §4) as a bystander reads it: heads pass as they are, and are described without secrets."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from v2x_harness.events import Json

from v2x_adapters.websocket.wire import Inflater

MAX_HEAD = 65536

_SECRET = re.compile(r"auth|cookie|token|secret|passw|credential|api-?key|access-?key|signature", re.IGNORECASE)
_REQUEST = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.[01]")
_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3})(?: (.*))?")


class BadHead(ValueError):
    """What came is no HTTP/1.1 head."""


@dataclass(frozen=True, slots=True)
class Head:
    """A request or response head.

    Attributes:
        start: method and target, or status and reason phrase.
        headers: name and value of each field, in order, names as sent.
        raw: the octets, with the empty line at the end.
    """

    start: tuple[str, str]
    headers: tuple[tuple[str, str], ...]
    raw: bytes

    def all(self, name: str) -> list[str]:
        """Return the comma-separated elements of every field of a name."""
        values = (value for key, value in self.headers if key.lower() == name)
        return [element.strip() for value in values for element in value.split(",") if element.strip()]

    def first(self, name: str) -> str:
        """Return the value of the first field of a name, or nothing."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def status(self) -> int:
        """The status code of a response."""
        return int(self.start[0])

    def redacted(self) -> dict[str, Json]:
        """Return the fields with secrets left out: of those it says how long they are."""
        return {key: f"({len(value)} characters)" if _SECRET.search(key) else value for key, value in self.headers}

    def to(self, host: str, suffix: str = "") -> bytes:
        """Return the octets of a request with the value of the Host field replaced, and with `suffix` behind its path."""
        raw = re.sub(rb"(?im)^(host:[ \t]*)[^\r\n]*", lambda match: match[1] + host.encode(), self.raw, count=1)
        return re.sub(rb"^(\S+ [^\s?]*)", lambda match: match[1] + suffix.encode(), raw, count=1) if suffix else raw


def request_head(raw: bytes) -> Head:
    """Read a request head.

    Raises:
        BadHead: it is none.
    """
    return _head(raw, _REQUEST, "no HTTP request")


def response_head(raw: bytes) -> Head:
    """Read a response head.

    Raises:
        BadHead: it is none.
    """
    return _head(raw, _STATUS, "no HTTP response")


def _head(raw: bytes, start: re.Pattern[bytes], problem: str) -> Head:
    first, *lines = raw.rstrip(b"\r\n").split(b"\r\n")
    match = start.fullmatch(first)
    if not match:
        raise BadHead(f"{problem}: it begins with {first[:60].decode('ascii', 'backslashreplace')!r}")
    fields = []
    for line in lines:
        name, colon, value = line.decode("iso-8859-1").partition(":")
        if not colon:
            raise BadHead(f"{problem}: the line {line[:60].decode('ascii', 'backslashreplace')!r} is no header field")
        fields.append((name, value.strip(" \t")))
    return Head((match[1].decode("ascii"), (match[2] or b"").decode("iso-8859-1")), tuple(fields), raw)


def identity_of(target: str) -> str:
    """Return the last segment of a request target, decoded: an OCPP station's identity."""
    return unquote(urlsplit(target).path.rstrip("/").rpartition("/")[2])


def described(request: Head, response: Head | None) -> dict[str, Json]:
    """Return what the journal says of an upgrade, without secrets."""
    detail: dict[str, Json] = {
        "path": _without_secrets(request.start[1]),
        "identity": identity_of(request.start[1]),
        "subprotocols_offered": list(request.all("sec-websocket-protocol")),
        "subprotocol": "",
        "headers": request.redacted(),
    }
    if request.start[0] != "GET":
        detail["method"] = request.start[0]
    if basic := _basic(request.first("authorization")):
        detail["basic_auth"] = basic
    if response:
        detail["status"] = response.status
        detail["subprotocol"] = response.first("sec-websocket-protocol")
        detail["response_headers"] = response.redacted()
    return detail


def _without_secrets(target: str) -> str:
    parts = urlsplit(target)
    if not _SECRET.search(parts.query):
        return target
    query = parse_qsl(parts.query, keep_blank_values=True)
    hidden = [(key, f"({len(value)} characters)" if _SECRET.search(key) else value) for key, value in query]
    return parts._replace(query=urlencode(hidden)).geturl()


def _basic(value: str) -> dict[str, Json]:
    """Return user and length of the password of an Authorization field, never the password (RFC 7617)."""
    scheme, _, encoded = value.partition(" ")
    if scheme.lower() != "basic":
        return {}
    try:
        user, colon, password = base64.b64decode(encoded.strip(), validate=True).partition(b":")
    except (binascii.Error, ValueError):
        return {"problem": "the credentials are no Base64"}
    if not colon:
        return {"problem": "there is no colon between user and password"}
    return {"user": user.decode("utf-8", "backslashreplace"), "password_octets": len(password)}


def inflaters(response: Head) -> tuple[Inflater | None, Inflater | None]:
    """Return what reads the client's and the server's messages, as far as permessage-deflate was agreed on (RFC 7692 §7.1)."""
    for element in response.all("sec-websocket-extensions"):
        name, *parameters = (part.strip() for part in element.split(";"))
        if name != "permessage-deflate":
            continue
        agreed = dict(parameter.partition("=")[::2] for parameter in parameters)
        return (_inflater(agreed, "client"), _inflater(agreed, "server"))
    return None, None


def _inflater(agreed: dict[str, str], side: str) -> Inflater:
    bits = agreed.get(f"{side}_max_window_bits", "").strip('"')
    window = int(bits) if bits.isdecimal() and 8 <= int(bits) <= 15 else 15
    # zlib cannot open a raw window of 8 bits; one of 9 reads the same stream.
    return Inflater(max(window, 9), takeover=f"{side}_no_context_takeover" not in agreed)
