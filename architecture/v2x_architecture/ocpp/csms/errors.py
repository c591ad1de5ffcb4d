"""What can go wrong when a reference CSMS is operated. What goes wrong on the wire is in `v2x_architecture.ocpp.errors`."""

from __future__ import annotations


class CsmsError(Exception):
    """Base: an operator asked for what cannot be done."""


class StoreUnusable(CsmsError):
    """The database cannot be used: its URL, its driver, the server, the file."""


class UnknownStation(CsmsError):
    """No station of that identity is known."""

    def __init__(self, identity: str) -> None:
        super().__init__(f"no station {identity!r} is known here")
        self.identity = identity


class StationNotConnected(CsmsError):
    """The station is not connected."""

    def __init__(self, identity: str) -> None:
        super().__init__(f"station {identity!r} is not connected")
        self.identity = identity


class CallNotAllowed(CsmsError):
    """The CALL may not be sent now (before the station's boot is accepted: B02, B03, 1.6 4.2); testers can override that."""


class NotPossible(CsmsError):
    """What an operator wants of a station cannot be done, or a CSMS may not do it."""


class InvalidPolicy(CsmsError):
    """A policy that does not exist, or a value that does not fit it."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"policy {name!r}: {why}")
        self.name = name
