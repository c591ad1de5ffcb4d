"""What is known of a station from what was seen of it so far, whatever connection it was seen on."""

from __future__ import annotations

from v2x_suites.ocpp.rules.registration import Registration
from v2x_suites.ocpp.rules.stream import Ids


class Station:
    """One station and its CSMS, as the wire shows them.

    Attributes:
        key: its identity, or what stands for it in the links' ids.
        timed: whether the times of the frames mean anything.
        ids: message ids used, by sender.
        registration: where it stands with its CSMS.
    """

    __slots__ = ("ids", "key", "registration", "timed")

    def __init__(self, key: str, *, timed: bool) -> None:
        self.key, self.timed = key, timed
        self.ids = {"station": Ids(), "csms": Ids(), "": Ids()}
        self.registration = Registration()

    def restarted(self) -> None:
        """Forget what a start of the station ends."""

    def accepted(self, t: float, interval: int) -> None:
        """Take note that the CSMS accepted the station."""
