"""What is known of a station from what was seen of it so far, whatever connection it was seen on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from v2x_suites.ocpp.rules.known import transactions_v16, transactions_v201
from v2x_suites.ocpp.rules.known.ids import Ids
from v2x_suites.ocpp.rules.known.profiles import Profiles
from v2x_suites.ocpp.rules.known.promises import Promise
from v2x_suites.ocpp.rules.known.refusals import Refusals
from v2x_suites.ocpp.rules.known.registers import Registers
from v2x_suites.ocpp.rules.known.registration import Registration
from v2x_suites.ocpp.rules.problem import Problem

if TYPE_CHECKING:
    from v2x_harness.rule import RuleInfo

    from v2x_suites.ocpp.rules.stream import Session

type Looked = tuple[Sequence[Problem] | None, float | None]
type Schedule = Callable[[float, Watch], None]


class Watch(Protocol):
    """Something that is looked at when its time has come.

    Attributes:
        session: the connection it is about; nothing is looked at once that is closed.
    """

    session: Session

    @property
    def rule(self) -> RuleInfo:
        """The rule that looks."""
        ...

    @property
    def party(self) -> str:
        """Whose fault it is."""
        ...

    def look(self, t: float) -> Looked:
        """Return the problems (None when there was nothing to judge) and when to look again, if ever."""
        ...


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
        statuses: by connector, the last status of this connection, empty when it was told on an earlier one (1.6).
        registers: the last meter readings.
        transactions_v16: its transactions, as 1.6 tells them.
        transactions_v201: its transactions, as 2.0.1 tells them.
        profiles: the charging profiles it was given (2.0.1).
        tokens: by token in lower case: as it was written, whether it was accepted, in which frame.
        clock: the last time that the CSMS told: the moment, when it was told (s of the journal), in which frame.
        csms_clock: the same, of the last time that the CSMS sent, whether or not it arrived.
        reports: by kind and request, the number of the next part, and whether there is one.
        offline: the last times without a connection, from and to (s of the journal).
        closed: when its last connection ended.
        refusals: when it was refused of late.
    """

    __slots__ = (
        "clock",
        "closed",
        "csms_clock",
        "heartbeat",
        "ids",
        "key",
        "offline",
        "profiles",
        "promised",
        "refusals",
        "registers",
        "registration",
        "reported",
        "reports",
        "statuses",
        "timed",
        "tokens",
        "transactions_v16",
        "transactions_v201",
        "watch",
    )

    def __init__(self, key: str, schedule: Schedule, *, timed: bool) -> None:
        self.key, self.watch, self.timed = key, schedule, timed
        self.ids = {"station": Ids(), "csms": Ids(), "": Ids()}
        self.registration = Registration()
        self.heartbeat = 0
        self.reported = False
        self.promised: dict[str, Promise] = {}
        self.statuses: dict[int, str] = {}
        self.registers = Registers()
        self.transactions_v16 = transactions_v16.Transactions()
        self.transactions_v201 = transactions_v201.Transactions()
        self.profiles = Profiles()
        self.tokens: dict[str, tuple[str, bool, int]] = {}
        self.clock: tuple[datetime, float, int] | None = None
        self.csms_clock: tuple[datetime, float, int] | None = None
        self.reports: dict[tuple[str, int], tuple[int, bool]] = {}
        self.offline: list[tuple[float, float]] = []
        self.closed: float | None = None
        self.refusals = Refusals()
