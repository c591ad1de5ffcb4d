"""Where a station stands with its CSMS."""

from __future__ import annotations


class Registration:
    """Where a station stands with its CSMS.

    Attributes:
        status: empty while nothing is known; ``booting`` while a BootNotification waits for its answer; ``refused`` when that was
            a CALLERROR; else the status of the last answer.
        since: when it became so (s of the journal).
        interval: of the last answer (s).
        n: number of the frame of the last BootNotification; -1 for none.
        session: its connection.
        asked: calls that the CSMS asked for, by a trigger or a command, since the last answer.
        triggered: whether the last BootNotification was asked for.
        before: the status before the last BootNotification.
        unsettled: whether the station is known not to be accepted.
    """

    __slots__ = ("asked", "before", "interval", "n", "session", "since", "status", "triggered", "unsettled")

    def __init__(self) -> None:
        self.status = self.before = ""
        self.since = 0.0
        self.interval = 0
        self.n = -1
        self.session: object = None
        self.asked: set[str] = set()
        self.triggered = self.unsettled = False

    def become(self, status: str, t: float) -> None:
        """Take a new status."""
        self.status, self.since = status, t
        if status == "booting":
            # A BootNotification that was asked for takes nothing back while it waits.
            self.unsettled = not (self.triggered and self.before in ("", "Accepted"))
        else:
            self.unsettled = status not in ("", "Accepted")
