"""The versions of OCPP-J and the names that WebSocket and the error table give them."""

from __future__ import annotations

from typing import Final, Literal, get_args

Version = Literal["1.6", "2.0.1", "2.1"]

VERSIONS: Final[tuple[Version, ...]] = get_args(Version)

_SUBPROTOCOL: Final[dict[Version, str]] = {"1.6": "ocpp1.6", "2.0.1": "ocpp2.0.1", "2.1": "ocpp2.1"}
_VERSION: Final[dict[str, Version]] = {name: version for version, name in _SUBPROTOCOL.items()}


def subprotocol(version: Version) -> str:
    """Return the WebSocket subprotocol of a version, as registered with IANA (OCPP-J 3.1.2)."""
    return _SUBPROTOCOL[version]


def version_of(name: str | None) -> Version | None:
    """Return the version that a WebSocket subprotocol stands for, None for one we do not speak."""
    return _VERSION.get(name) if name is not None else None


def as_version(text: str) -> Version:
    """Return ``text`` as a version.

    Raises:
        ValueError: no OCPP-J version of that name is spoken here.
    """
    for version in VERSIONS:
        if text == version:
            return version
    raise ValueError(f"{text!r} is no OCPP version known here; one of {', '.join(VERSIONS)}")
