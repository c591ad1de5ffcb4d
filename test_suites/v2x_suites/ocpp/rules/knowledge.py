"""What is known of a station from what was seen of it so far, whatever connection it was seen on."""

from __future__ import annotations

from collections.abc import Callable

from v2x_suites.ocpp.rules.registration import Registration
from v2x_suites.ocpp.rules.stream import Ids
from v2x_suites.ocpp.rules.timing import Promised, Watch

type Schedule = Callable[[float, Watch], None]


class Station:
    """One station and its CSMS, as the wire shows them.

    Attributes:
        key: its identity, or what stands for it in the links' ids.
        timed: whether the times of the frames mean anything.
        watch: have something looked at when its time has come.
        ids: message ids used, by sender.
        registration: where it stands with its CSMS.
        heartbeat: the interval it was told (s); 0 for unknown.
        reported: whether it has reported a status since its last BootNotification.
        promised: by action, what the station was asked to send.
    """

    __slots__ = ("heartbeat", "ids", "key", "promised", "registration", "reported", "timed", "watch")

    def __init__(self, key: str, schedule: Schedule, *, timed: bool) -> None:
        self.key, self.watch, self.timed = key, schedule, timed
        self.ids = {"station": Ids(), "csms": Ids(), "": Ids()}
        self.registration = Registration()
        self.heartbeat = 0
        self.reported = False
        self.promised: dict[str, Promised] = {}
