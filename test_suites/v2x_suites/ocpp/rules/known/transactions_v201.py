"""Transactions of 2.0.1, as their events were seen."""

from __future__ import annotations

from typing import Any


class Transaction:
    """A transaction, as far as its events were seen.

    Attributes:
        first: frame of the first event seen, and its sequence number.
        started: whether it was seen to start.
        last: highest sequence number so far, with the event's frame, time and connection.
        payload: of the last event, to know it when it is sent again.
        gaps: numbers that were left out and may still come.
        ended: sequence number of the Ended event; None while it goes on.
        evse: where it is; None until an event says so.
        connected: whether an event said that the EV is connected.
        token: the idToken that came with it first, and the frame it came with.
    """

    __slots__ = (
        "connected",
        "ended",
        "evse",
        "first",
        "first_number",
        "gaps",
        "last",
        "last_n",
        "last_session",
        "payload",
        "started",
        "time",
        "token",
        "token_n",
    )

    def __init__(self, n: int, number: int) -> None:
        self.first = self.last_n = self.token_n = n
        self.first_number = number
        self.started = False
        self.last = number - 1
        self.last_session = -1
        self.payload: dict[str, Any] = {}
        self.gaps: set[int] = set()
        self.ended: int | None = None
        self.evse: int | None = None
        self.connected = False
        self.time = ""
        self.token = ""


class Transactions:
    """The transactions of a station.

    Attributes:
        known: by id, the last 1024.
        at: by EVSE, the id of the transaction that was last seen to go on there.
        remote_starts: remoteStartIds that the CSMS used.
        asked: by token, frame and time of the last Authorize calls.
    """

    __slots__ = ("asked", "at", "known", "remote_starts")

    def __init__(self) -> None:
        self.known: dict[str, Transaction] = {}
        self.at: dict[int, str] = {}
        self.remote_starts: dict[int, float] = {}
        self.asked: dict[str, tuple[int, float]] = {}
