"""Where an SECC is, as a URL: ``sdp://[fe80::1%25eth0]:15118``, ``tcp://[::1]:61341``, ``tls://[::1]:61342``, ``sdp://eth0``."""

from __future__ import annotations

import re
from typing import Final, Literal, cast

import msgspec
from v2x_architecture.iso15118.sdp import PORT
from v2x_harness.errors import SubjectError

type Scheme = Literal["sdp", "tcp", "tls"]

_URL: Final = re.compile(
    r"(?P<scheme>sdp|tcp|tls)://"
    r"(?:\[(?P<address>[0-9a-fA-F:.]+)(?:%25(?P<zone>[\w.-]+))?\]|(?P<name>[\w.-]+))"
    r"(?::(?P<port>\d{1,5}))?/?"
)


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where an SECC is to be found, or is to listen.

    Attributes:
        scheme: ``sdp`` to ask for the port; else whether it has TLS.
        host: IPv6 address; empty where only the interface is known.
        interface: network interface of the charging cable; None on loopback and for addresses with a global scope.
        port: of UDP for ``sdp``, else of TCP; 0 for any.
    """

    scheme: Scheme = "sdp"
    host: str = "::1"
    interface: str | None = None
    port: int = 0

    @classmethod
    def of(cls, url: str) -> Place:
        """Read a URL.

        Raises:
            SubjectError: it is none of these.
        """
        match = _URL.fullmatch(url)
        if match is None or int(match["port"] or 0) > 0xFFFF:
            raise SubjectError(
                f"{url!r} says not where an SECC is", "sdp://eth0, sdp://[::1]:15118, tcp://[fe80::1%25eth0]:61341, tls://…"
            )
        scheme = cast("Scheme", match["scheme"])
        if match["name"] and scheme != "sdp":
            raise SubjectError(f"{url!r} has no address", "in brackets, with the interface: tcp://[fe80::1%25eth0]:61341")
        if scheme != "sdp" and not match["port"]:
            raise SubjectError(f"{url!r} has no port", "only sdp:// can do without one")
        port = int(match["port"]) if match["port"] else PORT
        return cls(scheme=scheme, host=match["address"] or "", interface=match["zone"] or match["name"], port=port)

    @property
    def url(self) -> str:
        """The URL of this place."""
        zone = f"%25{self.interface}" if self.interface is not None else ""
        where = f"[{self.host}{zone}]" if self.host else str(self.interface)
        return f"{self.scheme}://{where}:{self.port}"
