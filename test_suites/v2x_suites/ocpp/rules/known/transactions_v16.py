"""Transactions of 1.6, as they were seen."""

from __future__ import annotations

from typing import Any


class Transaction:
    """A transaction that was seen to start.

    Attributes:
        id: as the CSMS gave it.
        start: payload of its StartTransaction; ``n`` the frame's number.
        stop: payload of its StopTransaction, None while it goes on; with frame number, connection, and whether it was answered.
        remote_stop: when a RemoteStopTransaction for it was accepted.
    """

    __slots__ = ("id", "n", "remote_stop", "start", "stop", "stop_answered", "stop_n", "stop_session")

    def __init__(self, transaction: int, start: dict[str, Any], n: int) -> None:
        self.id, self.start, self.n = transaction, start, n
        self.stop: dict[str, Any] | None = None
        self.stop_n = -1
        self.stop_session: object = None
        self.stop_answered = False
        self.remote_stop: float | None = None


class Transactions:
    """The transactions of a station.

    Attributes:
        known: by id, the last 1024 that were seen to start.
        active: by connector, the one that goes on there.
        free: connectors that were seen to be free at some time.
        unanswered: number of StartTransactions whose answer was not seen.
        asked: the tokens of the last Authorize calls, with frame number and time.
    """

    __slots__ = ("active", "asked", "free", "known", "unanswered")

    def __init__(self) -> None:
        self.known: dict[int, Transaction] = {}
        self.active: dict[int, Transaction] = {}
        self.free: set[int] = set()
        self.unanswered = 0
        self.asked: dict[str, tuple[int, float]] = {}
