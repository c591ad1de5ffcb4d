"""A charging station as the CSMS knows it between two looks into the store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from v2x_architecture.ocpp.endpoint import Endpoint
from v2x_architecture.ocpp.versions import Version


@dataclass(slots=True)
class Report:
    """A report of the device model, under way.

    Attributes:
        seen: sequence numbers of the parts that have come.
        done: set when the last part has come.
    """

    seen: set[int] = field(default_factory=set)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def complete(self) -> bool:
        """Whether the last part and all before it have come."""
        return self.done.is_set() and self.seen == set(range(len(self.seen)))


@dataclass(slots=True)
class StationSession:
    """What is kept in memory for a station.

    Attributes:
        identity: as in its connection URL, decoded.
        version: spoken on the present or last connection.
        registration: status of the last BootNotification response, None when it never booted here.
        common_name: CN of its client certificate (security profile 3), None otherwise.
        endpoint: its open connection, None when there is none.
        triggered: actions that the CSMS asked for with TriggerMessage, GetBaseReport or GetReport since the last boot: those a
            pending station may send (B02.FR.02).
        seen_at: when it last sent anything.
        reports: what has come of the reports asked for, by requestId.
        turn: its CALLs are processed one after another.
    """

    identity: str
    version: Version
    registration: str | None = None
    common_name: str | None = None
    endpoint: Endpoint | None = None
    triggered: set[str] = field(default_factory=set)
    seen_at: datetime | None = None
    reports: dict[int, Report] = field(default_factory=dict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
